"""The worker image, built from the real Dockerfile twice, and what runs in it without a network.

Where no image registry answers, this machine's interpreter stands in for the base images, and
Terraform and its provider come from this machine too.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.base_images.stand_in import base_images, ensure_base_images
from sandbox.container_storage import write_storage_configuration
from sandbox.ecs.container_runtime import Engine
from sandbox.ecs.engines import working_engine
from sandbox.terraform_config import PROVIDER, find_mirror, mirror_candidates

PROJECT = Path(__file__).parents[2]
BUILD_SECONDS = 840.0
RUN_SECONDS = 300.0
REVISION = "0123456789abcdef0123456789abcdef01234567"

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(1800)]


@dataclass(frozen=True)
class Workshop:
    """An engine whose storage is gone afterwards, and what the build is given."""

    engine: Engine
    options: tuple[str, ...]

    def build(self, name: str) -> None:
        """Build the image by `make image`, from nothing."""
        options = " ".join(("--no-cache", *self.options))
        named = (f"IMAGE={name}", f"REVISION={REVISION}")
        built = subprocess.run(
            ["make", "image", "ENGINE=buildah", *named, f"IMAGE_OPTIONS={options}"],
            cwd=PROJECT,
            env=os.environ | dict(self.engine.environment),
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
        assert built.returncode == 0, (built.stdout + built.stderr)[-5000:]

    def inspect(self, name: str, what: str) -> str:
        """Return what the engine knows of an image, by a Go template."""
        found = self.engine.run("image", "inspect", "--format", what, name)
        assert found.returncode == 0, found.stderr
        return found.stdout.strip()

    def run(self, script: str, *options: str) -> str:
        """Run a shell script in a container without a network and return what it said."""
        command = ("run", "--rm", "--network", "none", *options, IMAGE, "sh", "-euc", script)
        ran = self.engine.run(*command, timeout_seconds=RUN_SECONDS)
        assert ran.returncode == 0, f"{ran.stdout[-3000:]}{ran.stderr[-3000:]}"
        return ran.stdout


IMAGE = "localhost/delightful-worker:first"


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """Return an engine with base images, in which the image was built once."""
    folder = tmp_path_factory.mktemp("worker-image")
    with pytest.MonkeyPatch.context() as patch:
        storage = write_storage_configuration(folder / "storage")
        patch.setenv("CONTAINERS_STORAGE_CONF", str(storage))
        engine = working_engine(folder)
        if engine is None or engine.kind != "podman" or shutil.which("buildah") is None:
            pytest.skip("buildah and podman do not work here")
        made = Workshop(engine, (*bases(folder), *tools(folder / "tools")))
        try:
            made.build(IMAGE)
            yield made
        finally:
            engine.run("rmi", "--all", "--force")
            shutil.rmtree(folder, ignore_errors=True)


def bases(folder: Path) -> tuple[str, ...]:
    """Return the options that name base images which are here; a digest cannot be stood in for."""
    pinned = base_images((PROJECT / "Dockerfile").read_text())
    assert all("@sha256:" in image for image in pinned)
    build, runtime = (image.partition("@")[0] for image in pinned)
    wanted = folder / "Dockerfile"
    wanted.write_text(f"FROM {build}\nFROM {runtime}\n")
    ensure_base_images(wanted, os.environ)
    return "--build-arg", f"BUILD_IMAGE={build}", "--build-arg", f"RUNTIME_IMAGE={runtime}"


def tools(folder: Path) -> tuple[str, ...]:
    """Return the option that gives Terraform and its provider, where this machine mirrors it."""
    mirror = find_mirror(mirror_candidates(dict(os.environ), Path.home()))
    terraform = shutil.which("terraform")
    if mirror is None or terraform is None:
        return ()
    shutil.copytree(mirror / PROVIDER, folder / "providers" / PROVIDER, copy_function=linked)
    linked(str(Path(terraform).resolve()), str(folder / "terraform"))
    return "--build-context", f"tools={folder}"


def linked(source: str, target: str) -> None:
    """Have a large file twice without copying it, where both are on one file system."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy(source, target)


def test_two_builds_give_the_same_digest(workshop: Workshop) -> None:
    """The same files give the same layers and configuration, whenever they are built."""
    workshop.build("localhost/delightful-worker:second")
    first, second = (
        workshop.inspect(f"localhost/delightful-worker:{name}", "{{.Id}} {{.Digest}}")
        for name in ("first", "second")
    )
    assert first == second != ""


def test_says_what_it_was_built_from(workshop: Workshop) -> None:
    """Its labels name the commit, and it starts as the user whose number Kubernetes can check."""
    revision = '{{index .Labels "org.opencontainers.image.revision"}}'
    assert workshop.inspect(IMAGE, revision) == REVISION
    assert workshop.inspect(IMAGE, "{{.User}}") == "10001:10001"
    assert workshop.inspect(IMAGE, "{{.Config.Entrypoint}}") == "[]"


def test_flows_and_prefect_start_as_a_user_without_rights(workshop: Workshop) -> None:
    """What an ECS worker's command needs is there; nothing of the project can be written."""
    said = workshop.run(
        "id -u; python -c 'import flows.deploy; print(\"flows\")'; prefect version | head -1;"
        "python -c 'import importlib.util as i; print(i.find_spec(\"moto\"))';"
        "touch flows/x 2>/dev/null || echo read-only; ls -A"
    )
    lines = said.splitlines()
    assert lines[:2] == ["10001", "flows"]
    assert lines[2].split() == ["Version:", "3.9.1"]
    assert lines[3:5] == ["None", "read-only"]
    assert set(lines[5:]) == {
        *("analyzer", "blocks", "delightful", "deployments.yaml", "flows", "infrastructure"),
    }


def test_terraform_starts_without_a_network(workshop: Workshop) -> None:
    """A root is initialised and read with the image's own provider."""
    said = workshop.run(
        "cp -r infrastructure /tmp/infrastructure; cd /tmp/infrastructure/service;"
        "terraform init -backend=false -input=false -no-color; terraform validate -no-color"
    )
    assert "Installed hashicorp/aws v5.100.0" in said
    assert "The configuration is valid." in said


def test_reads_a_repository_of_another_user(workshop: Workshop, tmp_path: Path) -> None:
    """A mounted repository belongs to whoever cloned it; its history is read all the same."""
    repository = tmp_path / "repository"
    git = ("git", "-C", str(repository), "-c", "user.name=a", "-c", "user.email=a@example.com")
    repository.mkdir()
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "--message=first"], check=True)
    (repository.parent).chmod(0o755)
    said = workshop.run(
        "python -c 'from flows.materials.source import first_parents as f; "
        'print(len(f("/r", "HEAD")))\'',
        *("--volume", f"{repository}:/r:ro"),
    )
    assert said.strip() == "1"
