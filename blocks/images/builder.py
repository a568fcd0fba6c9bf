"""Makes an image of a service's files."""

import contextlib
import logging
import os
import shutil
import tarfile
import tempfile
from pathlib import Path
from typing import Literal

from prefect.blocks.core import Block
from pydantic import Field, HttpUrl

from blocks.child_process import ChildCommand, Say, run_child
from blocks.images import container_engine as engines
from blocks.images.container_engine import Engine, ImageSource
from blocks.images.dockerfile import RunInstructions, run_instructions
from blocks.images.files_image import FilesImage, write_files_image
from blocks.images.oci import BuiltImage, Layout, image_format_error
from delightful.errors import BuildFailed, ConfigError, Refused
from delightful.manifest import Manifest
from delightful.text import escaped

_LAST_LINES = 15
_LINE_CHARACTERS = 500
_LOGGER = logging.getLogger("delightful.build")


class ImageBuilder(Block):
    """
    Builds with a container engine, or packs the files alone.

    Example:
        Build a commit's files:
        ```python
        from blocks.images.builder import ImageBuilder

        builder = ImageBuilder.load("BLOCK_NAME")
        built = builder.build(folder, manifest, commit)
        ```
    """

    _block_type_name = "Image Builder"
    _block_type_slug = "image-builder"
    _documentation_url = HttpUrl("https://github.com/opencontainers/image-spec")

    packaging: Literal["container", "files", "adopt"] = Field(
        default="container",
        description="Build with a container engine, pack the files alone, or never build.",
    )
    engine: Engine | Literal["auto"] = Field(
        default="auto", description="Container engine, or the first that works."
    )
    max_context_mib: int = Field(
        default=256, ge=1, le=4096, description="How large packed files may be, in MiB."
    )
    deadline_seconds: int = Field(
        default=1800, ge=30, le=14400, description="How long one build may take."
    )

    def build(
        self, context: Path, manifest: Manifest, commit: str, *, say: Say | None = None
    ) -> BuiltImage:
        """Build; `context` is the folder that `manifest.build.context` is relative to.

        The caller pushes the image and then calls `.discard()`. `say` gets each line of progress.

        Raises:
            Refused: E_IMAGE_MISSING, packaging is `adopt`, which never builds.
            BuildFailed: E_BUILD, the service's own Dockerfile failed; with its last lines.
        """
        if self.packaging == "adopt":
            raise Refused(
                "E_IMAGE_MISSING",
                f"no image of {manifest.service} has the tag {commit}, and none is built here",
                hint="push it from where containers can be built, then run the same again",
            )
        layout = Path(tempfile.mkdtemp(prefix="delightful-image-"))
        try:
            if self.packaging == "files":
                return self._packed(context, manifest, commit, layout)
            return self._built(context, manifest, commit, layout, say or _LOGGER.info)
        except BaseException:
            shutil.rmtree(layout, ignore_errors=True)
            raise

    def _packed(self, context: Path, manifest: Manifest, commit: str, layout: Path) -> BuiltImage:
        found = _run_instructions(_inside(context, manifest.build.dockerfile))
        command = manifest.start_command or found.command
        if command is None:
            raise ConfigError(
                "E_START_COMMAND",
                f"{manifest.service} has no start command",
                hint="set start_command in .delightful.yaml, or CMD in the Dockerfile",
            )
        image = FilesImage(command=command, environment=found.environment, commit=commit)
        folder = _inside(context, manifest.build.context)
        return write_files_image(folder, image, layout, self.max_context_mib * 1024**2)

    def _built(
        self, context: Path, manifest: Manifest, commit: str, layout: Path, say: Say
    ) -> BuiltImage:
        engine = engines.working_engine(self.engine)
        source = ImageSource(
            context=_inside(context, manifest.build.context),
            dockerfile=_dockerfile(context, manifest),
            commit=commit,
            name=f"localhost/delightful/{manifest.service}:{commit[:12]}-{os.getpid()}",
        )
        try:
            self._run(engines.build_argv(engine, source), say)
            self._export(engine, source.name, layout)
        finally:
            self._forget(engine, source.name)
        return BuiltImage(
            layout=layout, digest=Layout(layout).image().digest, packaging="container"
        )

    def _export(self, engine: Engine, name: str, layout: Path) -> None:
        if engine != "docker":
            self._run(engines.export_argv(engine, name, layout))
            return
        with tempfile.TemporaryDirectory() as folder:
            archive = Path(folder) / "image.tar"
            self._run(engines.export_argv(engine, name, archive))
            unpack_layout(archive, layout)

    def _forget(self, engine: Engine, name: str) -> None:
        with contextlib.suppress(ConfigError):
            self._run(engines.remove_argv(engine, name))

    def _run(self, argv: tuple[str, ...], say: Say = _LOGGER.debug) -> None:
        last: list[str] = []

        def on_line(line: str) -> None:
            # Of a progress bar that is drawn over itself, the last.
            shown = escaped(line.rstrip().rpartition("\r")[2], limit=_LINE_CHARACTERS)
            if shown:
                say(shown)
                last[:] = [*last[1 - _LAST_LINES :], shown]

        command = ChildCommand(
            argv=argv,
            directory=Path.cwd(),
            environment=engines.engine_environment(os.environ),
            deadline_seconds=self.deadline_seconds,
        )
        if run_child(command, on_line) != 0:
            raise _build_failed(argv, last)


def unpack_layout(archive: Path, layout: Path) -> None:
    """Unpack the OCI layout that `docker save` writes; names that lead elsewhere are refused."""
    with tarfile.open(archive) as packed:
        for member in packed:
            target = (layout / member.name).resolve()
            if not target.is_relative_to(layout.resolve()):
                raise image_format_error(f"{member.name[:100]!r} leads out of the archive")
            content = packed.extractfile(member) if member.isfile() else None
            if content is not None:
                target.parent.mkdir(parents=True, exist_ok=True)
                with content, target.open("wb") as file:
                    shutil.copyfileobj(content, file)
    if not (layout / "index.json").is_file():
        raise image_format_error("docker is older than 25 and saves no OCI layout")


def _inside(context: Path, name: str) -> Path:
    path = (context / name).resolve()
    if path.is_relative_to(context.resolve()):
        return path
    raise ConfigError(
        "E_CONTEXT",
        f"build: {name!r} leads out of the repository",
        hint="give a path below the folder of .delightful.yaml",
    )


def _dockerfile(context: Path, manifest: Manifest) -> Path:
    path = _inside(context, manifest.build.dockerfile)
    if path.is_file():
        return path
    raise ConfigError(
        "E_DOCKERFILE",
        f"build.dockerfile: there is no {manifest.build.dockerfile}",
        hint="add a Dockerfile, or name it in build.dockerfile of .delightful.yaml",
    )


def _run_instructions(dockerfile: Path) -> RunInstructions:
    if not dockerfile.is_file():
        return RunInstructions()
    return run_instructions(dockerfile.read_text("utf-8", errors="replace"))


def _build_failed(argv: tuple[str, ...], last: list[str]) -> BuildFailed:
    # Engines name the step that failed in their last line.
    return BuildFailed(
        "E_BUILD",
        f"{argv[0]} {argv[1]} failed: {last[-1] if last else 'it said nothing'}",
        hint="put right what it names, in the Dockerfile or in the service; "
        "`delightful show` has its last lines",
        log_tail=tuple(last),
    )
