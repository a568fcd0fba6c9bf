"""The packages that Lambda's own Python runtime brings along, as a folder of links."""

import importlib.util
from pathlib import Path

# https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html: boto3 and what it stands on.
_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six")


def link_packages(folder: Path) -> Path:
    """Make the folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue
        origin = Path(spec.origin)
        source = origin.parent if spec.submodule_search_locations else origin
        link = folder / source.name
        if not link.exists():
            link.symlink_to(source)
    return folder
