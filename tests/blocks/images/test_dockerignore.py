"""A build context leaves out what .dockerignore says, as Docker reads it."""

import pytest

from blocks.images.dockerignore import is_ignored, read_ignore_rules


@pytest.mark.parametrize(
    ("rules", "path", "ignored"),
    [
        ("node_modules", "node_modules/a/b.js", True),
        ("node_modules", "src/node_modules/a.js", False),
        ("**/node_modules", "src/node_modules/a.js", True),
        ("*.md", "README.md", True),
        ("*.md", "docs/README.md", False),
        ("**/*.md", "docs/deep/README.md", True),
        ("*.md\n!README.md", "README.md", False),
        ("*\n!src", "src/a.py", False),
        ("*\n!src", "Makefile", True),
        ("/dist/", "dist/a", True),
        ("./dist", "dist/a", True),
        ("# dist", "dist/a", False),
        ("file?.txt", "file1.txt", True),
        ("file[0-3].txt", "file7.txt", False),
        ("logs/**", "logs/a/b", True),
        ("", "anything", False),
    ],
)
def test_last_rule_that_names_a_path_decides(rules: str, path: str, ignored: bool) -> None:
    """Patterns name paths from the root, folders take all below with them, `!` takes back in."""
    assert is_ignored(path, read_ignore_rules(rules)) is ignored
