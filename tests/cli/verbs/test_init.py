"""`delightful init` writes a manifest and the workflows once, and nothing over what differs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.verbs.init import command
from delightful.errors import ConfigError, Refused
from delightful.reading.manifest import read_manifest

WORKFLOWS = f"acme/delightful@{'a' * 40}"
EXAMPLE = Path(__file__).parents[3] / "examples" / "hello-python"
PROJECT = Path(__file__).parents[3]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with a service in it that has no manifest yet."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    folder = tmp_path / "services" / "hello"
    folder.mkdir(parents=True)
    for name in ("server.py", "tracing.py", "Dockerfile"):
        shutil.copy(EXAMPLE / name, folder)
    return tmp_path


def initialized(folder: Path, *options: str) -> Result:
    """Run the command; an error of ours comes out as it is."""
    return CliRunner().invoke(
        command,
        [str(folder), "--workflows", WORKFLOWS, *options],
        catch_exceptions=False,
        standalone_mode=False,
    )


def files(top: Path) -> dict[str, bytes]:
    """Return what lies in a repository, without git's own."""
    found = (path for path in top.rglob("*") if path.is_file() and ".git/" not in f"{path}")
    return {str(path.relative_to(top)): path.read_bytes() for path in found}


def test_writes_a_manifest_with_reasons_and_the_callers(repository: Path) -> None:
    """The manifest can be read and says why; each workflow lies at the top and names the folder."""
    said = initialized(repository / "services/hello")
    written = files(repository)
    manifest = written["services/hello/.delightful.yaml"]
    assert read_manifest(manifest, "m").service == "hello"
    assert b"# high confidence: Dockerfile:" in manifest
    for verb in ("analyze", "comment", "deploy", "drift", "rollback"):
        text = written[f".github/workflows/hello-{verb}.yml"].decode()
        assert f"acme/delightful/.github/workflows/{verb}.yml@{'a' * 40}\n" in text
        assert text.count("\n") < 45
    assert b'paths: ["services/hello/**"]' in written[".github/workflows/hello-deploy.yml"]
    last = said.output.splitlines()[-5:]
    names = ("AWS_REGION", "AWS_ACCOUNT_ID", "PREFECT_API_URL")
    for word in (*names, "production", "registry"):
        assert any(word in line for line in last), word


def test_asked_again_it_changes_nothing(repository: Path) -> None:
    """The second run finds everything as it would write it."""
    initialized(repository / "services/hello")
    before = files(repository)
    said = initialized(repository / "services/hello")
    assert files(repository) == before
    assert "wrote" not in said.output


def test_what_people_changed_is_never_written_over(repository: Path) -> None:
    """One workflow that differs keeps all of them from being written, and is named."""
    mine = repository / ".github/workflows/hello-rollback.yml"
    mine.parent.mkdir(parents=True)
    mine.write_text("name: mine\n")
    before = files(repository)
    with pytest.raises(Refused, match=r"E_EXISTS .*hello-rollback\.yml"):
        initialized(repository / "services/hello")
    assert files(repository) == before


def test_a_manifest_that_is_there_stays_and_names_the_service(repository: Path) -> None:
    """What the service says of itself is its own; another name is refused."""
    manifest = repository / "services/hello/.delightful.yaml"
    manifest.write_text("service: shop\n")
    initialized(repository / "services/hello")
    assert manifest.read_text() == "service: shop\n"
    assert (repository / ".github/workflows/shop-deploy.yml").is_file()
    with pytest.raises(ConfigError, match="E_SERVICE"):
        initialized(repository / "services/hello", "--service", "other")


def test_environments_follow_one_another(repository: Path) -> None:
    """Each environment waits for the one before it, and only the first one builds."""
    initialized(repository / "services/hello", "--environment", "qa", "--environment", "live")
    text = (repository / ".github/workflows/hello-deploy.yml").read_text()
    assert "    needs: qa\n" in text
    assert text.count("build: false") == 1


def test_drift_is_looked_for_once_a_day_in_each_environment(repository: Path) -> None:
    """Services look at minutes of their own, and always at the same one."""
    initialized(repository / "services/hello")
    text = (repository / ".github/workflows/hello-drift.yml").read_text()
    assert text.count("/drift.yml@") == 2
    assert "  workflow_dispatch:\n" in text
    (cron,) = re.findall(r'- cron: "(.+)"', text)
    minute, *rest = cron.split()
    assert 1 <= int(minute) <= 58
    assert rest == ["3", "*", "*", "*"]


def test_in_delightfuls_own_repository_the_workflows_are_next_door(repository: Path) -> None:
    """Where the called workflows lie in the same repository they are called at the same commit."""
    action = repository / ".github/actions/delightful/action.yml"
    action.parent.mkdir(parents=True)
    action.write_text("name: Set up Delightful\n")
    arguments = [str(repository / "services/hello")]
    CliRunner().invoke(command, arguments, catch_exceptions=False, standalone_mode=False)
    text = (repository / ".github/workflows/hello-analyze.yml").read_text()
    assert "uses: $/.github/workflows/analyze.yml\n" in text


@pytest.mark.parametrize("given", ["acme/delightful", "acme/delightful@main", "x/y@" + "A" * 40])
def test_workflows_are_named_by_a_whole_commit(repository: Path, given: str) -> None:
    """A branch or a tag can be moved; it is not taken."""
    with pytest.raises(ConfigError, match="E_WORKFLOWS"):
        initialized(repository / "services/hello", "--workflows", given)


@pytest.mark.parametrize("name", ["a b", 'x"y', "${{ github.token }}", "a\nb", "it's"])
def test_a_folder_that_yaml_or_a_pattern_would_read_otherwise_is_refused(
    repository: Path, name: str
) -> None:
    """A folder's name never becomes a key, an expression or a pattern of a workflow."""
    (repository / "services/hello").rename(repository / "services" / name)
    with pytest.raises(ConfigError, match="E_PATH"):
        initialized(repository / "services" / name, "--service", "hello")
    assert not (repository / ".github").exists()


def test_linters_find_nothing_in_what_is_written(repository: Path) -> None:
    """zizmor's pedantic persona is content, and so is what actionlint checks."""
    initialized(repository / "services/hello")
    looked = [
        ["zizmor", "--quiet", "--pedantic", "--offline", ".github"],
        ["jactionlint", "--profile", "correctness"],
    ]
    for argv in looked:
        done = subprocess.run(argv, cwd=repository, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
