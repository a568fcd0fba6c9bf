"""Writes the pages of definitions anew: `python -m tests.definitions.page`."""

from tests.definitions import test_deployments, workflow_page

if __name__ == "__main__":
    test_deployments.PAGE.write_text(test_deployments.page())
    workflow_page.PAGE.write_text(workflow_page.page())
