"""A source in S3 is that of the very service and commit, or it is none."""

import pytest

from delightful.errors import ConfigError
from delightful.source_place import SourcePlace, is_in_s3, source_place
from tests.delightful.samples import commit

HERE = SourcePlace(bucket="artifacts", kind="sources", service="api", commit=commit(1))
PROPOSED = HERE.model_copy(update={"kind": "proposed"})


def test_says_where_a_commit_lies() -> None:
    """Key and address are made of the names alone."""
    assert HERE.key == f"sources/api/{commit(1)}.tar.gz"
    assert HERE.url == f"s3://artifacts/sources/api/{commit(1)}.tar.gz"
    assert is_in_s3(HERE.url)
    assert not is_in_s3("/s3://artifacts")


def test_takes_its_own_and_a_proposed_one_where_that_is_allowed() -> None:
    """What a pull request left is read by an analysis and a plan, never by a deploy."""
    assert source_place(HERE.url, HERE, may_be_proposed=False) == HERE
    assert source_place(PROPOSED.url, HERE, may_be_proposed=True) == PROPOSED
    with pytest.raises(ConfigError, match="E_SOURCE"):
        source_place(PROPOSED.url, HERE, may_be_proposed=False)


@pytest.mark.parametrize(
    "source",
    [
        f"s3://other/sources/api/{commit(1)}.tar.gz",
        f"s3://artifacts/sources/other/{commit(1)}.tar.gz",
        f"s3://artifacts/sources/api/{commit(2)}.tar.gz",
        f"s3://artifacts/generated/api/{commit(1)}.tar.gz",
        f"s3://artifacts/sources/api/../api/{commit(1)}.tar.gz",
        f"s3://artifacts/sources/api/{commit(1)}.tar.gz\n",
        f"s3://artifacts/sources/api/{commit(1)}.tar.gz?versionId=1",
        f"S3://artifacts/sources/api/{commit(1)}.tar.gz",
        "s3://artifacts/",
        "s3://",
    ],
)
def test_refuses_every_other_address(source: str) -> None:
    """Another bucket, service, commit or prefix is refused by its text, before anything is read."""
    with pytest.raises(ConfigError, match="E_SOURCE"):
        source_place(source, HERE, may_be_proposed=True)
