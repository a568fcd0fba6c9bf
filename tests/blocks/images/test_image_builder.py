"""Images are the same bytes for the same files, and hold what they should."""

import gzip
import io
import json
import subprocess
import tarfile
from pathlib import Path

import pytest

from blocks.images import container_engine as engines
from blocks.images.builder import ImageBuilder, unpack_layout
from blocks.images.container_engine import ENGINES, ImageSource, build_argv, engine_environment
from blocks.images.files_image import context_files
from blocks.images.oci import BuiltImage, Layout, config_of, packaging_of
from delightful.errors import BuildFailed, ConfigError, ExternalError, Refused
from delightful.manifest import Build, Manifest

COMMIT = "a" * 40
MANIFEST = Manifest(service="hello")
FILES = ImageBuilder(packaging="files")


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """Return the folder of a small service."""
    folder = tmp_path / "service"
    files = {
        "Dockerfile": 'FROM x\nENV MODE=fast\nCMD ["python3", "server.py"]',
        ".dockerignore": "*.log",
        ".git/HEAD": "ref",
        "server.py": "print('hello')",
        "debug.log": "secret",
        "src/a.py": "",
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (folder / "run.sh").write_text("#!/bin/sh")
    (folder / "run.sh").chmod(0o700)
    (folder / "link").symlink_to("src/a.py")
    return folder


def config_in(built: BuiltImage) -> dict[str, object]:
    layout = Layout(built.layout)
    config = config_of(layout.blob(built.digest).read_bytes())
    assert config is not None
    found: dict[str, object] = json.loads(layout.blob(config.digest).read_bytes())
    return found


def entries_in(built: BuiltImage) -> dict[str, tarfile.TarInfo]:
    layout = Layout(built.layout)
    layer = next(iter(layout.contents(layout.image())))
    content = gzip.decompress(layout.blob(layer.digest).read_bytes())
    return {entry.name: entry for entry in tarfile.open(fileobj=io.BytesIO(content))}


def test_files_image_holds_the_context_below_app(context: Path) -> None:
    """Ignored files and the repository itself stay out; modes are plain and links stay links."""
    built = FILES.build(context, MANIFEST, COMMIT)
    entries = entries_in(built)
    built.discard()
    assert list(entries) == [
        "app/.dockerignore",
        "app/Dockerfile",
        "app/link",
        "app/run.sh",
        "app/server.py",
        "app/src/a.py",
    ]
    assert (entries["app/run.sh"].mode, entries["app/server.py"].mode) == (0o755, 0o644)
    assert entries["app/link"].linkname == "src/a.py"
    assert {(entry.mtime, entry.uid, entry.uname) for entry in entries.values()} == {(0, 0, "")}


def test_files_image_says_what_it_is_and_how_it_starts(context: Path) -> None:
    """Command, environment, folder, label and commit stand in its config."""
    built = FILES.build(context, MANIFEST, COMMIT)
    assert config_in(built)["config"] == {
        "Cmd": ["python3", "server.py"],
        "Env": ["MODE=fast"],
        "WorkingDir": "/app",
        "Labels": {
            "delightful.packaging": "files",
            "org.opencontainers.image.revision": COMMIT,
        },
    }
    layout = Layout(built.layout)
    config = config_of(layout.blob(built.digest).read_bytes())
    assert config is not None
    assert packaging_of(layout.blob(config.digest).read_bytes()) == "files"
    built.discard()
    assert not built.layout.exists()


def test_files_image_is_the_same_for_the_same_files(context: Path) -> None:
    """Times of the files do not count; their content and the commit do."""
    first = FILES.build(context, MANIFEST, COMMIT)
    (context / "server.py").touch()
    second = FILES.build(context, MANIFEST, COMMIT)
    third = FILES.build(context, MANIFEST, "b" * 40)
    for built in (first, second, third):
        built.discard()
    assert first.digest == second.digest != third.digest


def test_manifests_start_command_wins(context: Path) -> None:
    """What the service says of itself goes before its Dockerfile."""
    manifest = MANIFEST.model_copy(update={"start_command": ("node", "a.js")})
    built = FILES.build(context, manifest, COMMIT)
    config = config_in(built)["config"]
    built.discard()
    assert isinstance(config, dict)
    assert config["Cmd"] == ["node", "a.js"]


def test_service_without_a_start_command_is_told(context: Path) -> None:
    """Where neither manifest nor Dockerfile says how to start, nothing is guessed."""
    (context / "Dockerfile").unlink()
    with pytest.raises(ConfigError, match="E_START_COMMAND"):
        FILES.build(context, MANIFEST, COMMIT)


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside"])
def test_link_out_of_the_context_is_refused(context: Path, target: str) -> None:
    """No file of the machine gets into an image by a link."""
    (context / "evil").symlink_to(target)
    with pytest.raises(ConfigError, match="E_CONTEXT evil is a link"):
        FILES.build(context, MANIFEST, COMMIT)


def test_link_to_a_folder_is_packed_as_a_link(context: Path) -> None:
    """A linked folder is neither followed nor lost."""
    (context / "linked").symlink_to("src")
    assert "linked" in list(context_files(context))


def test_context_that_is_a_link_out_of_the_repository_is_refused(context: Path) -> None:
    """A folder's name may be fine and still lead elsewhere."""
    (context / "elsewhere").symlink_to("..")
    manifest = MANIFEST.model_copy(update={"build": Build(context="elsewhere")})
    with pytest.raises(ConfigError, match="E_CONTEXT"):
        FILES.build(context, manifest, COMMIT)


def test_too_many_files_are_refused(context: Path) -> None:
    """The size of an image of files is bounded."""
    (context / "large").write_bytes(b"0" * 1024 * 1024)
    with pytest.raises(ConfigError, match="E_CONTEXT the service's files are larger than 1 MiB"):
        ImageBuilder(packaging="files", max_context_mib=1).build(context, MANIFEST, COMMIT)


def test_adopting_never_builds(context: Path) -> None:
    """Where nothing can be built, a missing image is a refusal that says where to push it."""
    with pytest.raises(Refused, match="E_IMAGE_MISSING"):
        ImageBuilder(packaging="adopt").build(context, MANIFEST, COMMIT)


def test_buildah_builds_reproducibly_without_privileges() -> None:
    """Chroot isolation needs no container to run, timestamp zero gives the same digest again."""
    source = ImageSource(
        context=Path("c"), dockerfile=Path("c/Dockerfile"), commit=COMMIT, name="localhost/x:1"
    )
    assert build_argv("buildah", source) == (
        *("buildah", "build", "--isolation", "chroot", "--layers", "--timestamp", "0"),
        *("--format", "oci"),
        *("--label", "delightful.packaging=container"),
        *("--label", f"org.opencontainers.image.revision={COMMIT}"),
        *("--file", "c/Dockerfile", "--tag", "localhost/x:1", "c"),
    )


def test_engine_learns_of_mirrors_and_of_no_secret() -> None:
    """Registry mirrors are handed on, tokens are not."""
    ours = {"PATH": "/bin", "CONTAINERS_REGISTRIES_CONF": "mirrors", "GITHUB_TOKEN": "x"}
    assert engine_environment(ours) == {"PATH": "/bin", "CONTAINERS_REGISTRIES_CONF": "mirrors"}


def test_machine_without_an_engine_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """No engine on PATH is an error that names the ways out."""
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ConfigError, match=r"E_ENGINE .*buildah, podman, docker"):
        engines.working_engine("auto")


def test_archive_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    """A name with `..` in a saved image is written nowhere."""
    archive = tmp_path / "image.tar"
    with tarfile.open(archive, "w") as packed:
        packed.addfile(tarfile.TarInfo("../evil"))
    with pytest.raises(ExternalError, match="E_IMAGE_FORMAT"):
        unpack_layout(archive, tmp_path / "layout")


def images_of(engine: str) -> set[str]:
    """Return name and tag of this service's images that an engine keeps."""
    listed = subprocess.run([engine, "images"], capture_output=True, text=True, check=True)
    lines = [line.split() for line in listed.stdout.splitlines() if "delightful/hello" in line]
    return {":".join(words[:2]) for words in lines}


@pytest.mark.sandbox
def test_container_image_is_built_the_same_twice(tmp_path: Path) -> None:
    """Every engine that works here builds, labels and exports; none here is told as that."""
    (tmp_path / "Dockerfile").write_text('FROM scratch\nCOPY server.py /app/\nCMD ["/app/server"]')
    (tmp_path / "server.py").write_text("print('hello')")
    working = [engine for engine in ENGINES if engines.answers(engine)]
    if not working:
        with pytest.raises(ConfigError, match="E_ENGINE"):
            ImageBuilder().build(tmp_path, MANIFEST, COMMIT)
    for engine in working:
        before = images_of(engine)
        built = [ImageBuilder(engine=engine).build(tmp_path, MANIFEST, COMMIT) for _ in range(2)]
        config = config_in(built[0])["config"]
        for image in built:
            image.discard()
        assert isinstance(config, dict)
        assert config["Labels"]["org.opencontainers.image.revision"] == COMMIT
        assert engine == "docker" or built[0].digest == built[1].digest
        assert images_of(engine) == before


@pytest.mark.sandbox
def test_failed_build_is_told_in_one_line(tmp_path: Path) -> None:
    """The error is the engine's last word, each line was told as it came, the tail is kept."""
    if not any(engines.answers(engine) for engine in ENGINES):
        pytest.skip("no container engine works here")
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY nothing-there /\n")
    told: list[str] = []
    with pytest.raises(BuildFailed, match="nothing-there") as failed:
        ImageBuilder().build(tmp_path, MANIFEST, COMMIT, say=told.append)
    assert "\n" not in str(failed.value)
    assert failed.value.log_tail[-1] in failed.value.message
    assert list(failed.value.log_tail) == told[-len(failed.value.log_tail) :]


@pytest.mark.sandbox
def test_lines_of_a_build_are_harmless_on_a_terminal(tmp_path: Path) -> None:
    """What a Dockerfile makes its build say steers no terminal."""
    if not any(engines.answers(engine) for engine in ENGINES):
        pytest.skip("no container engine works here")
    (tmp_path / "Dockerfile").write_text("FROM scratch\nENV A=\x1b[2Jx\nCOPY nothing-there /\n")
    told: list[str] = []
    with pytest.raises(BuildFailed):
        ImageBuilder().build(tmp_path, MANIFEST, COMMIT, say=told.append)
    assert told
    assert all(line.isprintable() for line in told)
