"""Writes the page of Prefect deployments anew: `python -m tests.definitions.page`."""

from tests.definitions.test_deployments import PAGE, page

if __name__ == "__main__":
    PAGE.write_text(page())
