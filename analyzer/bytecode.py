"""Bytecode for the Lambda's zip: where it runs nothing can be written, so each start would compile.

The same sources give the same bytes: one fresh interpreter compiles them in one order, without
their times, and says of each where it will lie.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.util import cache_from_source
from pathlib import Path
from typing import Final

# Unchecked: the zip's sources never change beside it, and to look costs what this saves.
_PROGRAM: Final = """
import json, py_compile, sys
for source, target, name in json.load(sys.stdin):
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(source, target, dfile=name, doraise=True, invalidation_mode=mode)
"""


def bytecode_of(sources: Mapping[str, Path]) -> dict[str, bytes]:
    """Return the bytecode of sources, both by their names in the zip.

    Raises:
        subprocess.CalledProcessError: a source is no Python.
    """
    with tempfile.TemporaryDirectory() as folder:
        targets = {name: f"{folder}/{number}" for number, name in enumerate(sorted(sources))}
        work = [(str(sources[name]), target, name) for name, target in targets.items()]
        subprocess.run(
            [sys.executable, "-S", "-s", "-c", _PROGRAM],
            input=json.dumps(work),
            text=True,
            env={"PYTHONHASHSEED": "0"},
            check=True,
        )
        return {
            cache_from_source(name): Path(target).read_bytes() for name, target in targets.items()
        }
