"""Builds the Lambda's zip: `python -m analyzer.packaging dist/analyzer.zip`.

The same sources and packages give the same bytes: names sorted, times fixed, modes fixed.
"""

import argparse
import sys
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, PackagePath, distribution
from pathlib import Path
from typing import Final

from analyzer.bytecode import bytecode_of
from analyzer.patterns import Pattern

# boto3 is part of the Lambda runtime; Prefect and the rest have no part in analyzing.
# anthropic and what it stands on are loaded only where a model is asked, PyGithub only where a
# comment is kept. botocore finds this urllib3 before the runtime's own, and takes either.
DISTRIBUTIONS: Final = (
    "ahocorasick-rs",
    "annotated-types",
    "anthropic",
    "anyio",
    "certifi",
    "cffi",
    "charset-normalizer",
    "cryptography",
    "docstring-parser",
    "h11",
    "httpcore2",
    "httpx2",
    "idna",
    "jiter",
    "opentelemetry-api",
    "pydantic",
    "pydantic-core",
    "PyGithub",
    "PyJWT",
    "PyNaCl",
    "PyYAML",
    "requests",
    "sniffio",
    "truststore",
    "typing-extensions",
    "typing-inspection",
    "urllib3",
)
PACKAGES: Final = ("analyzer", "delightful")

# Some packages ask for their own version and entry points when they are loaded.
_LEFT_OUT: Final = Pattern(
    r"(^|/)(__pycache__|tests?)/|\.pyc$|\.pyi$|\.dist-info/(?!METADATA$|entry_points\.txt$)"
)
# A zip holds no time before this one.
_FIXED_TIME: Final = (1980, 1, 1, 0, 0, 0)
_FILE_MODE: Final = 0o100644
_EXECUTABLE_MODE: Final = 0o100755
_ROOT: Final = Path(__file__).parents[1]


def write_zip(target: Path) -> None:
    """Write the zip to a path; what it holds is complete only once it is there."""
    sources = _contents()
    contents = {name: source.read_bytes() for name, source in sources.items()}
    contents |= bytecode_of({n: path for n, path in sources.items() if n.endswith(".py")})
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in sorted(contents.items()):
            archive.writestr(_entry(name), data)
    unfinished.replace(target)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _FIXED_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix, so that the modes hold
    mode = _EXECUTABLE_MODE if ".so" in Path(name).suffixes else _FILE_MODE
    entry.external_attr = mode << 16
    return entry


def _contents() -> Mapping[str, Path]:
    ours = ((path.relative_to(_ROOT).as_posix(), path) for path in _own_files())
    theirs = (
        (str(file), Path(str(file.locate())))
        for name in DISTRIBUTIONS
        for file in _installed_files(distribution(name))
    )
    return dict([*theirs, *ours])


def _own_files() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (_ROOT / package).rglob("*.py")


def _installed_files(installed: Distribution) -> Iterator[PackagePath]:
    if installed.files is None:
        sys.exit(f"{installed.name} has no RECORD: install it with pip again")
    for file in installed.files:
        if not _LEFT_OUT.search(str(file)) and ".." not in file.parts:
            yield file


def main() -> None:
    """Write the zip to the path that is given."""
    parser = argparse.ArgumentParser(prog="python -m analyzer.packaging", description=__doc__)
    parser.add_argument("target", type=Path, help="where the zip is written")
    target: Path = parser.parse_args().target
    write_zip(target)
    sys.stdout.write(f"{target}: {target.stat().st_size // 1024} KiB\n")


if __name__ == "__main__":
    main()
