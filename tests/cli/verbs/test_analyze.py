"""`delightful analyze` reads folders, archives and commits on GitHub, and writes a draft once."""

import io
import json
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.verbs.analyze import command
from delightful.errors import ConfigError, Refused, TransientError
from delightful.reading.manifest import read_manifest
from tests.analyzer.model.messages_api import claims, serving

COMMIT = "a" * 40
FILES = {
    "shop/requirements.txt": "flask\ngunicorn\n",
    "shop/app.py": (
        "import os\nfrom flask import Flask\n\napp = Flask(__name__)\nKEY = os.environ['API_KEY']\n"
        "MODE = os.environ['MODE']\n\n\n@app.get('/healthz')\ndef health(): ...\n\n\n"
        "app.run(port=8123)\n"
    ),
    "README.md": "# shops\n",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with one service in a subfolder."""
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


@pytest.fixture(autouse=True)
def _nobody_has_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)


def analyzed(*arguments: str) -> Result:
    """Run the command; an error of ours comes out as it is."""
    return CliRunner().invoke(command, arguments, catch_exceptions=False, standalone_mode=False)


def archive() -> bytes:
    """Return the files as GitHub packs them: everything in one folder."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for path, text in FILES.items():
            header = tarfile.TarInfo(f"shops-{COMMIT}/{path}")
            header.size = len(text)
            tar.addfile(header, io.BytesIO(text.encode()))
    return packed.getvalue()


@contextmanager
def github(status: int = 200) -> Iterator[str]:
    """Serve the archive as GitHub's API does: by a redirect to another address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == f"/repos/acme/shops/tarball/{COMMIT}" and status == 200:
                self.send_response(302)
                self.send_header("Location", f"http://{self.headers['Host']}/archive")
                self.end_headers()
                return
            self.send_response(status)
            self.end_headers()
            self.wfile.write(archive() if status == 200 else b"{}")

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_predictions_are_one_bare_object(repository: Path) -> None:
    """The fields by which analyzers are compared, and nothing else."""
    said = json.loads(analyzed(str(repository / "shop"), "--format", "predictions").output)
    assert (said["language"], said["framework"], said["port"]) == ("python", "flask", 8123)
    assert said["health_path"] == "/healthz"
    assert set(said) == {
        *("kind", "language", "runtime_version", "framework", "port", "health_path"),
        *("database", "cache", "worker", "start_command", "env_vars"),
    }


def test_folder_archive_and_github_say_the_same(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One commit gives one recommendation, wherever its files come from."""
    (repository / "shops.tar.gz").write_bytes(archive())
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    with github() as address:
        monkeypatch.setenv("GITHUB_API_URL", address)
        said = [
            analyzed(source, "--folder", "shop", "--json").output
            for source in (
                str(repository),
                str(repository / "shops.tar.gz"),
                f"github:acme/shops@{COMMIT}",
            )
        ]
    folder, archived, from_github = map(json.loads, said)
    assert folder["folder"] == "shop"
    assert archived == folder
    assert from_github == {**folder, "commit": COMMIT}


def test_github_that_does_not_give_the_archive_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The repository, the status and what to do are in the one line."""
    with github(404) as address:
        monkeypatch.setenv("GITHUB_API_URL", address)
        with pytest.raises(TransientError, match=r"acme/shops.*HTTP 404"):
            analyzed(f"github:acme/shops@{COMMIT}")


def test_a_source_that_is_nothing_is_told() -> None:
    """A path that does not exist is bad input, and the line says what could be given."""
    with pytest.raises(ConfigError, match=r"E_SOURCE.*github:OWNER"):
        analyzed("no/such/place")


def test_a_draft_is_a_manifest_and_written_once(repository: Path) -> None:
    """What is written is read by the strict reader, and an existing one is left alone."""
    folder = repository / "shop"
    assert "wrote" in analyzed(str(folder), "--write").output
    draft = (folder / ".delightful.yaml").read_text()
    manifest = read_manifest(draft.encode(), ".delightful.yaml")
    assert (manifest.service, manifest.port) == ("shop", 8123)
    assert manifest.health_check is not None
    assert "medium confidence: app.py:9:" in draft
    assert "#   API_KEY: arn:..." in draft
    assert "#   MODE: ..." in draft
    with pytest.raises(Refused, match="E_EXISTS"):
        analyzed(str(folder), "--write")
    assert (folder / ".delightful.yaml").read_text() == draft


def test_the_services_of_a_repository_are_listed(repository: Path) -> None:
    """Pointed at a whole repository, the command says which folders hold services, and why."""
    said = analyzed(str(repository)).output
    assert "services in this repository, each analyzed with --folder" in said
    assert "  shop " in said
    assert "services in this repository" not in analyzed(str(repository / "shop")).output


def test_a_draft_leaves_the_images_own_command_to_it(repository: Path) -> None:
    """A command that the Dockerfile has is not written again; one that only the source shows is."""
    folder = repository / "shop"
    analyzed(str(folder), "--write")
    assert "start_command:" in (folder / ".delightful.yaml").read_text()
    (folder / ".delightful.yaml").unlink()
    (folder / "Dockerfile").write_text('FROM python:3.12\nCMD ["python3", "app.py"]\n')
    analyzed(str(folder), "--write")
    assert "start_command:" not in (folder / ".delightful.yaml").read_text()


def test_a_field_explains_itself(repository: Path) -> None:
    """The value comes with its confidence, its rule and the line that says so."""
    said = analyzed(str(repository / "shop"), "--explain", "port").output
    assert "port = 8123  (medium, rule python/run-port)" in said
    assert "app.py:13: " in said


def test_changed_migrations_are_judged(repository: Path) -> None:
    """What changed since a commit is compared by git; a commit that is none is bad input."""
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "One"]):
        author = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        subprocess.run(["git", "-C", str(repository), *author, *words], check=True)
    step = repository / "shop" / "migrations" / "2.sql"
    step.parent.mkdir()
    step.write_text("ALTER TABLE a DROP COLUMN b;\n")
    subprocess.run(["git", "-C", str(repository), "add", "."], check=True)
    said = json.loads(analyzed(str(repository / "shop"), "--since", "HEAD", "--json").output)
    assert [one["risk"] for one in said["migrations"]] == ["irreversible"]
    with pytest.raises(ConfigError, match="E_COMMIT"):
        analyzed(str(repository / "shop"), "--since", "--output=x")


def test_a_model_is_asked_where_there_is_a_key(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key alone decides; `--no-model` turns it off, and each way the notes say which."""
    with serving([claims()]) as api:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url)
        folder = str(repository / "shop")
        assert "no model: no API key" in analyzed(folder).output
        monkeypatch.setenv("ANTHROPIC_API_KEY", "key-of-nobody")
        assert "no model: turned off" in analyzed(folder, "--no-model").output
        assert not api.bodies
        said = analyzed(folder, "--model", "claude-haiku-5-5").output
    assert "model claude-haiku-5-5 was asked for" in said
    assert len(api.bodies) == 1
    assert "key-of-nobody" not in said


def test_a_model_without_a_price_is_bad_input(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that no budget could be kept for is refused, and the line lists those that can."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "key-of-nobody")
    with pytest.raises(ConfigError, match=r"E_MODEL model: .*claude-sonnet-5-5"):
        analyzed(str(repository / "shop"), "--model", "other")
