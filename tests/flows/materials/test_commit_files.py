"""A run without the caller's folder reads what the build left in S3, and nothing else."""

from pathlib import Path

import pytest

from delightful.errors import ConfigError
from delightful.release import ReleaseState
from flows.analyze import analyze
from flows.build import build
from flows.deploy import deploy
from flows.materials.commit_files import changed_since, commit_files, leave_source, refuse_source
from tests.flows.conftest import MANIFEST
from tests.flows.fakes.cloud import FakeCloud
from tests.flows.materials.test_source import git

pytestmark = pytest.mark.usefixtures("told_plainly")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository whose service lies in a folder of it."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / ".delightful.yaml").write_text(MANIFEST)
    (tmp_path / "api" / "server.py").write_text("print('hello')\n")
    (tmp_path / "beside.txt").write_text("beside\n")
    return tmp_path


def committed(repository: Path) -> str:
    """Commit what lies there; return the commit."""
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "a commit")
    return git(repository, "rev-parse", "HEAD")


def left(repository: Path, commit: str, kind: str = "sources") -> str:
    """Leave a commit's files as its build does; return their address."""
    return leave_source(str(repository / "api"), "api", "sandbox", commit, kind)  # type: ignore[arg-type]


def test_reads_the_repository_that_was_left(cloud: FakeCloud, repository: Path) -> None:
    """The whole repository is there, and the service's folder is known."""
    commit = committed(repository)
    (repository / "api" / "server.py").write_text("changed since\n")
    with commit_files(left(repository, commit), "api", "sandbox", commit) as files:
        assert (files.folder / "server.py").read_text() == "print('hello')\n"
        assert (files.repository / "beside.txt").is_file()
        assert files.archive is not None
    assert not files.repository.exists()


def test_deploys_from_what_was_left(cloud: FakeCloud, repository: Path) -> None:
    """A run on another machine takes a commit live without its repository at hand."""
    commit = committed(repository)
    release = deploy("api", "sandbox", commit, left(repository, commit), [commit])
    assert release.state is ReleaseState.GOOD
    assert release.commit == commit


def test_deploy_refuses_every_other_source_before_an_attempt(
    cloud: FakeCloud, repository: Path
) -> None:
    """What a pull request left, another commit's or another service's archive is not deployed."""
    first = committed(repository)
    (repository / "api" / "server.py").write_text("print('more')\n")
    second = committed(repository)
    proposed = left(repository, second, "proposed")
    for source in (proposed, left(repository, first), proposed.replace("/api/", "/other/")):
        with pytest.raises(ConfigError, match="E_SOURCE"):
            deploy("api", "sandbox", second, source, [second, first])
        with pytest.raises(ConfigError, match="E_SOURCE"):
            build("api", "sandbox", second, source)
    assert cloud.effects == []
    assert cloud.ledger("api").head("api", "sandbox").in_progress is None


def test_where_steps_take_on_roles_no_folder_is_released(
    cloud: FakeCloud, repository: Path
) -> None:
    """There a path is one of the worker's own; it may be planned, and is never released."""
    commit = committed(repository)
    cloud.roles_arn = "arn:aws:iam::123456789012:role/delightful"
    with pytest.raises(ConfigError, match="E_SOURCE"):
        deploy("api", "sandbox", commit, str(repository / "api"), [commit])
    for source in (str(repository), left(repository, commit, "proposed")):
        refuse_source(source, "api", "sandbox", commit, may_be_proposed=True)


def test_an_analysis_reads_what_a_pull_request_left(cloud: FakeCloud, repository: Path) -> None:
    """A proposed commit is analyzed and planned, and its image is not pushed."""
    commit = committed(repository)
    source = left(repository, commit, "proposed")
    said = analyze("api", "sandbox", commit, source)
    assert said.recommendation.service == "api"
    deploy("api", "sandbox", commit, source, [commit], dry_run=True)
    assert "push" not in cloud.effects


def test_what_was_never_left_is_told(cloud: FakeCloud, repository: Path) -> None:
    """A commit that was not built yet says so, and opens no attempt."""
    commit = committed(repository)
    source = f"s3://artifacts/sources/api/{commit}.tar.gz"
    with pytest.raises(ConfigError, match="E_SOURCE"):
        deploy("api", "sandbox", commit, source, [commit])
    assert not cloud.ledger("api").history("api", "sandbox", 1)
    with (
        pytest.raises(ConfigError, match="E_SOURCE"),
        commit_files(source, "api", "sandbox", commit),
    ):
        pass


def test_tells_what_changed_between_two_archives(cloud: FakeCloud, repository: Path) -> None:
    """By content, in the service's folder; without the earlier archive nothing is claimed."""
    first = committed(repository)
    (repository / "api" / "server.py").write_text("print('more')\n")
    (repository / "beside.txt").write_text("changed too\n")
    second = committed(repository)
    source = left(repository, second, "proposed")
    assert changed_since(source, "api", "sandbox", first, second) is None
    left(repository, first)
    assert changed_since(source, "api", "sandbox", first, second) == ("server.py",)


def test_what_nobody_could_read_is_not_left(cloud: FakeCloud, repository: Path) -> None:
    """A name that the reader refuses is refused by the build already, not by a later deploy."""
    (repository / "api" / "con").write_text("x")
    commit = committed(repository)
    with pytest.raises(ConfigError, match="E_ARCH_PATH"):
        left(repository, commit)
    assert cloud.archives == {}


def test_leaves_nothing_of_a_folder_that_git_does_not_know(
    cloud: FakeCloud, tmp_path: Path
) -> None:
    """Only what is committed has a name that it can be left under."""
    with pytest.raises(ConfigError, match="E_SOURCE"):
        leave_source(str(tmp_path), "api", "sandbox", "a" * 40, "sources")
