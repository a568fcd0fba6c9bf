"""Archives of commits in the sandbox's S3: written once, given back whole."""

from pathlib import Path

import pytest

from blocks.aws import aws_client
from blocks.delivery_environment import DeliveryEnvironment
from blocks.source_archives import SourceArchives
from delightful.errors import ConfigError, DelightfulError, Refused
from tests.delightful.samples import commit

pytestmark = pytest.mark.sandbox


@pytest.fixture
def archives(delivery: DeliveryEnvironment) -> SourceArchives:
    """Return the archives of a service."""
    return delivery.sources("api")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return some archive; nobody here looks into it."""
    file = tmp_path / "archive.tar.gz"
    file.write_bytes(b"first")
    return file


def test_gives_back_what_was_kept(archives: SourceArchives, archive: Path, tmp_path: Path) -> None:
    """Bytes and folder come back, whatever letters the folder is written in."""
    place = archives.place("api", commit(1))
    assert archives.keep(place, archive, "services/grüße an alle")
    assert archives.fetch(place, tmp_path / "back") == "services/grüße an alle"
    assert (tmp_path / "back").read_bytes() == b"first"


def test_is_written_once(archives: SourceArchives, archive: Path, tmp_path: Path) -> None:
    """Whoever comes second changes nothing; another folder is no second time but a mistake."""
    place = archives.place("api", commit(2))
    assert archives.keep(place, archive, "")
    archive.write_bytes(b"second")
    assert not archives.keep(place, archive, "")
    archives.fetch(place, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"first"
    with pytest.raises(Refused, match="E_SOURCE_TAKEN"):
        archives.keep(place, archive, "elsewhere")


def test_what_is_not_there_or_was_changed_is_told(
    archives: SourceArchives, archive: Path, tmp_path: Path
) -> None:
    """A missing object says how to make it; one that somebody wrote over is not read."""
    place = archives.place("api", commit(3))
    with pytest.raises(ConfigError, match="E_SOURCE") as missing:
        archives.fetch(place, tmp_path / "back")
    assert "delightful build" in missing.value.hint
    archives.keep(place, archive, "")
    s3 = aws_client(archives.credentials, "s3")
    said = s3.head_object(Bucket=place.bucket, Key=place.key)["Metadata"]
    s3.put_object(Bucket=place.bucket, Key=place.key, Body=b"other", Metadata=said)
    with pytest.raises(Refused, match="E_CHANGED"):
        archives.fetch(place, tmp_path / "back")


def test_keeps_and_reads_no_more_than_anybody_would_unpack(
    archives: SourceArchives, archive: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The limit holds on both sides, by what is really there."""
    place = archives.place("api", commit(4))
    archives.keep(place, archive, "")
    monkeypatch.setattr("blocks.source_archives._MAX_BYTES", 4)
    with pytest.raises(ConfigError, match="E_ARCH_LIMIT"):
        archives.fetch(place, tmp_path / "back")
    with pytest.raises(DelightfulError, match="E_ARCH_LIMIT"):
        archives.keep(archives.place("api", commit(5)), archive, "")
