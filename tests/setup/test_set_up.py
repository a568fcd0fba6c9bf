"""The set-up says in one line when it cannot go on."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

SET_UP = Path(__file__).parents[2] / "setup" / "set_up.py"


def test_tells_a_python_that_is_too_old_in_one_line() -> None:
    """An old interpreter gets one line with the next step, not a traceback."""
    pretend = (
        "import runpy, sys; sys.version_info = (3, 9, 2, 'final', 0);"
        f"runpy.run_path({str(SET_UP)!r}, run_name='__main__')"
    )
    answer = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True)
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert "needs Python 3.11 or newer, this is 3.9" in answer.stderr
    assert "PYTHON=" in answer.stderr


def test_compiles_every_package_of_the_project() -> None:
    """A package that starts uncompiled would be compiled again at each start."""
    project = tomllib.loads((SET_UP.parents[1] / "pyproject.toml").read_text())
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    listed = re.search(r"^PACKAGES = \((.*)\)$", SET_UP.read_text(), re.MULTILINE)
    assert listed is not None
    assert sorted(re.findall(r"\w+", listed[1])) == sorted(packages)
