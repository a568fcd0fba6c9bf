"""The files of a commit are those that git has, whatever lies in the folder now."""

import subprocess
from pathlib import Path

import pytest

from delightful.errors import ConfigError
from flows.materials.source import changed_paths, common_ancestor, source_tree


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder with an author of its own."""
    author = ("-c", "user.name=test", "-c", "user.email=test@example.com")
    done = subprocess.run(
        ["git", "-C", str(folder), *author, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with one commit, and a file that was changed since."""
    git(tmp_path, "init", "--quiet")
    (tmp_path / "service").mkdir()
    (tmp_path / "service" / "run.sh").write_text("committed\n")
    (tmp_path / "service" / "run.sh").chmod(0o755)
    (tmp_path / "service" / "link").symlink_to("run.sh")
    (tmp_path / "service" / "outside").symlink_to("/etc/hostname")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "one")
    (tmp_path / "service" / "run.sh").write_text("changed since\n")
    return tmp_path


def test_reads_what_was_committed(repository: Path) -> None:
    """What lies in the working tree does not count, nor what is not in the commit."""
    head = git(repository, "rev-parse", "HEAD")
    (repository / "new").write_text("never committed\n")
    with source_tree(str(repository), head) as files:
        assert (files.folder / "service" / "run.sh").read_text() == "committed\n"
        assert (files.folder / "service" / "run.sh").stat().st_mode & 0o100
        assert not (files.folder / "new").exists()
    assert not files.repository.exists()


def test_reads_a_folder_inside_a_repository(repository: Path) -> None:
    """A service that is one folder of many lies in it, and the rest of the repository around."""
    head = git(repository, "rev-parse", "HEAD")
    with source_tree(str(repository / "service"), head) as files:
        assert sorted(path.name for path in files.folder.iterdir()) == ["link", "run.sh"]
        assert files.folder == files.repository / "service"


def test_a_folder_that_the_commit_lacks_is_told(repository: Path) -> None:
    """A service that was added later is not in an earlier commit."""
    head = git(repository, "rev-parse", "HEAD")
    (repository / "later").mkdir()
    with (
        pytest.raises(ConfigError, match="E_SOURCE"),
        source_tree(str(repository / "later"), head),
    ):
        pass


def test_tells_what_changed_in_the_folder(repository: Path) -> None:
    """Only the service's own paths, as seen from its folder; an unknown commit is told."""
    before = git(repository, "rev-parse", "HEAD")
    (repository / "beside").write_text("")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "two")
    after = git(repository, "rev-parse", "HEAD")
    assert changed_paths(str(repository / "service"), before, after) == ["run.sh"]
    with pytest.raises(ConfigError, match="E_COMMIT"):
        changed_paths(str(repository), "f" * 40, after)


def test_tells_where_two_commits_part(repository: Path) -> None:
    """A descendant parts at its ancestor; what git does not know parts nowhere."""
    before = git(repository, "rev-parse", "HEAD")
    git(repository, "commit", "--quiet", "--all", "--message", "two")
    after = git(repository, "rev-parse", "HEAD")
    git(repository, "checkout", "--quiet", "-b", "beside", before)
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "three")
    beside = git(repository, "rev-parse", "HEAD")
    source = str(repository / "service")
    assert common_ancestor(source, before, after) == before
    assert common_ancestor(source, after, beside) == before
    assert common_ancestor(source, "f" * 40, after) is None
    assert common_ancestor(source, "--all", after) is None


def test_leaves_out_links_that_point_outside(repository: Path) -> None:
    """A link to a file of this machine is not one of the service's files."""
    head = git(repository, "rev-parse", "HEAD")
    with source_tree(str(repository), head) as files:
        assert not (files.folder / "service" / "outside").is_symlink()


def test_a_link_may_not_lead_outside_by_way_of_another(repository: Path) -> None:
    """Read as text it stays inside; the folder that it climbs out of is a link to the top."""
    (repository / "deep" / "a").mkdir(parents=True)
    (repository / "deep" / "a" / "top").symlink_to("../..")
    (repository / "climbs").symlink_to("deep/a/top/..")
    (repository / "enters").symlink_to("deep/a/top/service/run.sh")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "two")
    with source_tree(str(repository), git(repository, "rev-parse", "HEAD")) as files:
        assert not (files.folder / "climbs").is_symlink()
        assert (files.folder / "enters").read_text() == "changed since\n"


def test_files_are_as_old_as_their_commit(repository: Path) -> None:
    """The same commit is the same tree, however often it is laid out."""
    head = git(repository, "rev-parse", "HEAD")
    committed = int(git(repository, "show", "--no-patch", "--format=%ct", head))
    with source_tree(str(repository), head) as files:
        assert (files.folder / "service" / "run.sh").stat().st_mtime == committed


def test_takes_a_plain_folder_as_it_is(tmp_path: Path) -> None:
    """Where there is no git, the files that are there are the commit's."""
    (tmp_path / "server.py").write_text("")
    with source_tree(str(tmp_path), "0" * 40) as files:
        assert (files.folder / "server.py").exists()


@pytest.mark.parametrize(("commit", "code"), [("f" * 40, "E_COMMIT")])
def test_names_a_commit_that_git_does_not_know(repository: Path, commit: str, code: str) -> None:
    """A commit that was never fetched is told apart from one that is wrong."""
    with pytest.raises(ConfigError) as refused, source_tree(str(repository), commit):
        pass
    assert refused.value.code == code


def test_names_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A path that leads nowhere is a bad input, not a crash."""
    with pytest.raises(ConfigError) as refused, source_tree(str(tmp_path / "no"), "f" * 40):
        pass
    assert refused.value.code == "E_SOURCE"
