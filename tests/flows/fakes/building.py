"""What stands before a rollout: sources, analyzer, builder and registry in memory."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from analyzer.commenting.recommendation_comment import CommentRequest
from analyzer.lambda_functions import AnalyzedCommit, AnalyzeResponse, analyzed
from analyzer.output import WrittenVariables, variables_key
from analyzer.tree import SourceTree
from blocks.child_process import Say
from blocks.images.oci import BuiltImage
from delightful.composition.model import ScanReport
from delightful.errors import ConfigError
from delightful.image_retention import StoredImage
from delightful.manifest import Manifest
from delightful.release import Image
from delightful.source_place import SourcePlace
from tests.flows.fake_evidence import empty_layout

if TYPE_CHECKING:
    from tests.flows.fakes.cloud import FakeCloud


class FakeArchives:
    """A bucket that keeps what it was given first."""

    def __init__(self, cloud: "FakeCloud") -> None:
        self._kept = cloud.archives

    def place(self, service: str, commit: str) -> SourcePlace:
        return SourcePlace(bucket="artifacts", kind="sources", service=service, commit=commit)

    def keep(self, place: SourcePlace, archive: Path, folder: str) -> bool:
        is_new = place.key not in self._kept
        self._kept.setdefault(place.key, (archive.read_bytes(), folder))
        return is_new

    def folder(self, place: SourcePlace) -> str:
        if place.key not in self._kept:
            raise ConfigError("E_SOURCE", f"source: {place.url} is not there", hint="build it")
        return self._kept[place.key][1]

    def fetch(self, place: SourcePlace, file: Path) -> str:
        folder = self.folder(place)
        file.write_bytes(self._kept[place.key][0])
        return folder


class FakeAnalyzer:
    """The analyzer itself, which writes into the cloud's memory."""

    def __init__(self, cloud: "FakeCloud") -> None:
        self._cloud = cloud

    def analyze(
        self,
        subject: AnalyzedCommit,
        repository: Path,
        folder: Path,
        archive: SourcePlace | None = None,
    ) -> AnalyzeResponse:
        recommendation = analyzed(SourceTree.of_folder(folder, repository), subject)
        key = variables_key(subject.service, subject.commit)
        written = WrittenVariables(bucket="artifacts", key=key, version_id=None, sha256="0" * 64)
        self._cloud.recommended[key] = recommendation.variables
        return AnalyzeResponse(recommendation=recommendation, written=written)

    def variables(self, written: WrittenVariables) -> dict[str, JsonValue]:
        return self._cloud.recommended[written.key]


class FakeCommenter:
    """A pull request that remembers what it was told."""

    def __init__(self, cloud: "FakeCloud") -> None:
        self._cloud = cloud

    def comment(self, request: CommentRequest) -> str:
        self._cloud.do("comment")
        self._cloud.comments.append(request)
        return f"https://github.example/pull/{request.pull_request}"


class FakeBuilder:
    def __init__(self, cloud: "FakeCloud") -> None:
        self._cloud = cloud

    def build(self, context: Path, manifest: Manifest, commit: str, *, say: Say) -> BuiltImage:
        self._cloud.do("build")
        return BuiltImage(layout=empty_layout(), digest=f"sha256:{commit:0>64}", packaging="files")


class FakeRegistry:
    """The images of the cloud, of which one was pushed under each tag."""

    def __init__(self, cloud: "FakeCloud") -> None:
        self._cloud = cloud

    def find(self, tag: str) -> Image | None:
        found = self._cloud.images.get(tag)
        return found and found.model_copy(update={"adopted": True})

    def push(self, built: BuiltImage, tag: str) -> Image:
        self._cloud.do("push")
        self._cloud.images[tag] = Image(
            repository_url="registry/api", tag=tag, digest=built.digest, packaging="files"
        )
        return self._cloud.images[tag]

    def scan_report(self, digest: str) -> tuple[ScanReport, bool]:
        return self._cloud.registry_report, False

    def images(self) -> tuple[StoredImage, ...]:
        self._cloud.look("look at images")
        return self._cloud.stored_images()

    def remove(self, images: Sequence[StoredImage]) -> None:
        for image in images:
            self._cloud.do(f"remove {image.tags[0]}")
            for tag in image.tags:
                del self._cloud.images[tag]
