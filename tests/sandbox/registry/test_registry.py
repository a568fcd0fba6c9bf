"""The registry speaks the OCI protocol, and what is pushed is what ECR knows."""

import base64
import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from botocore.exceptions import ClientError

from sandbox.description import SandboxDescription

pytestmark = pytest.mark.sandbox

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip"


def sha256(content: bytes) -> str:
    """Return the digest of some bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.fixture(scope="module")
def ecr(client: Callable[[str], Any]) -> Any:
    """Return ECR's client."""
    return client("ecr")


@pytest.fixture(scope="module")
def registry(ecr: Any) -> Iterator[httpx.Client]:
    """Return a plain HTTP client that logs in with ECR's own token."""
    (data,) = ecr.get_authorization_token()["authorizationData"]
    headers = {"Authorization": f"Basic {data['authorizationToken']}"}
    with httpx.Client(base_url=data["proxyEndpoint"], headers=headers) as client:
        yield client


@dataclass(frozen=True)
class Repository:
    """A repository and the few steps of pushing to it."""

    name: str
    registry: httpx.Client

    def push_blob(self, content: bytes) -> str:
        """Push a blob in two chunks and return its digest."""
        begun = self.registry.post(f"/v2/{self.name}/blobs/uploads/")
        assert begun.status_code == 202
        half, location = len(content) // 2, begun.headers["Location"]
        for part in (content[:half], content[half:]):
            sent = self.registry.patch(location, content=iter([part]))
            assert sent.status_code == 202
        done = self.registry.put(location, params={"digest": sha256(content)})
        assert done.status_code == 201
        return sha256(content)

    def manifest(self, layer: bytes) -> bytes:
        """Push the parts of a small image and return its manifest."""
        config = json.dumps({"architecture": "amd64", "os": "linux"}).encode()
        document = {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": {
                "mediaType": CONFIG_TYPE,
                "digest": self.push_blob(config),
                "size": len(config),
            },
            "layers": [
                {"mediaType": LAYER_TYPE, "digest": self.push_blob(layer), "size": len(layer)}
            ],
        }
        return json.dumps(document, indent=3).encode()

    def put(self, reference: str, manifest: bytes) -> httpx.Response:
        """Put a manifest under a tag or digest."""
        return self.registry.put(
            f"/v2/{self.name}/manifests/{reference}",
            content=manifest,
            headers={"Content-Type": MANIFEST_TYPE},
        )


@pytest.fixture
def create(ecr: Any, registry: httpx.Client) -> Callable[[str], Repository]:
    """Return what creates a fresh repository with the mutability given."""

    def made(mutability: str) -> Repository:
        name = f"service-{uuid4().hex[:8]}"
        ecr.create_repository(repositoryName=name, imageTagMutability=mutability)
        return Repository(name, registry)

    return made


def test_a_pushed_image_is_the_one_that_ecr_describes_and_a_pull_returns(
    ecr: Any, create: Callable[[str], Repository], sandbox: SandboxDescription
) -> None:
    """Digest and bytes are the same to the pusher, to ECR's API and to whoever pulls."""
    repository = create("IMMUTABLE")
    manifest = repository.manifest(b"a layer")
    pushed = repository.put("a" * 40, manifest)
    assert pushed.status_code == 201
    assert pushed.headers["Docker-Content-Digest"] == sha256(manifest)
    (image,) = ecr.describe_images(repositoryName=repository.name)["imageDetails"]
    assert image["imageDigest"] == sha256(manifest)
    assert image["imageTags"] == ["a" * 40]
    got = ecr.batch_get_image(
        repositoryName=repository.name, imageIds=[{"imageDigest": sha256(manifest)}]
    )
    assert got["images"][0]["imageManifest"].encode() == manifest
    for reference in ("a" * 40, sha256(manifest)):
        pulled = repository.registry.get(f"/v2/{repository.name}/manifests/{reference}")
        assert pulled.content == manifest
        assert pulled.headers["Content-Type"] == MANIFEST_TYPE
    layer = repository.registry.get(f"/v2/{repository.name}/blobs/{sha256(b'a layer')}")
    assert layer.content == b"a layer"
    (described,) = ecr.describe_repositories(repositoryNames=[repository.name])["repositories"]
    assert described["repositoryUri"] == f"{sandbox.registry}/{repository.name}"


def test_an_immutable_tag_refuses_another_image_and_accepts_its_own_again(
    ecr: Any, create: Callable[[str], Repository]
) -> None:
    """A tag once given stays with its digest; pushing the same twice is pushing it once."""
    repository = create("IMMUTABLE")
    first, second = repository.manifest(b"first"), repository.manifest(b"second")
    assert repository.put("v1", first).status_code == 201
    assert repository.put("v1", first).status_code == 201
    refused = repository.put("v1", second)
    assert refused.status_code == 400
    (error,) = refused.json()["errors"]
    assert error["code"] == "TAG_INVALID"
    assert "cannot be overwritten because the repository is immutable" in error["message"]
    with pytest.raises(ClientError, match="ImageTagAlreadyExistsException"):
        ecr.put_image(repositoryName=repository.name, imageManifest=second.decode(), imageTag="v1")
    with pytest.raises(ClientError, match="ImageAlreadyExistsException"):
        ecr.put_image(repositoryName=repository.name, imageManifest=first.decode(), imageTag="v1")
    assert len(ecr.list_images(repositoryName=repository.name)["imageIds"]) == 1


def test_a_mutable_tag_moves_and_the_earlier_image_stays_untagged(
    ecr: Any, create: Callable[[str], Repository]
) -> None:
    """What a tag pointed to before can still be pulled by its digest."""
    repository = create("MUTABLE")
    first, second = repository.manifest(b"first"), repository.manifest(b"second")
    repository.put("latest", first)
    repository.put("latest", second)
    by_tag = {
        image["imageDigest"]: image.get("imageTags", [])
        for image in ecr.describe_images(repositoryName=repository.name)["imageDetails"]
    }
    assert by_tag == {sha256(first): [], sha256(second): ["latest"]}


def test_nobody_is_admitted_without_a_token(sandbox: SandboxDescription) -> None:
    """Like ECR, the registry refuses pulls and pushes without a token that it handed out."""
    wrong = base64.b64encode(b"AWS:guess").decode()
    for headers in ({}, {"Authorization": f"Basic {wrong}"}, {"Authorization": "Bearer x"}):
        answer = httpx.get(f"http://{sandbox.registry}/v2/", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_a_push_makes_no_repository_and_needs_every_layer(
    registry: httpx.Client, create: Callable[[str], Repository]
) -> None:
    """An unknown repository, a missing layer and a false digest are each refused by name."""
    unknown = registry.post("/v2/nobody-made-this/blobs/uploads/")
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (404, "NAME_UNKNOWN")
    one, other = create("IMMUTABLE"), create("IMMUTABLE")
    manifest = one.manifest(b"only here")
    missing = other.put("v1", manifest)
    assert (missing.status_code, missing.json()["errors"][0]["code"]) == (
        404,
        "MANIFEST_BLOB_UNKNOWN",
    )
    assert one.put(sha256(b"other bytes"), manifest).status_code == 400
    upload = registry.post(f"/v2/{one.name}/blobs/uploads/").headers["Location"]
    false = registry.put(upload, content=b"abc", params={"digest": sha256(b"abd")})
    assert (false.status_code, false.json()["errors"][0]["code"]) == (400, "DIGEST_INVALID")


def test_a_scan_that_nobody_can_make_is_a_failed_scan(
    ecr: Any, create: Callable[[str], Repository]
) -> None:
    """The sandbox has no scanner, and says so instead of finding nothing."""
    repository = create("IMMUTABLE")
    repository.put("v1", repository.manifest(b"layer"))
    answer = ecr.describe_image_scan_findings(
        repositoryName=repository.name, imageId={"imageTag": "v1"}
    )
    assert answer["imageScanStatus"]["status"] == "FAILED"


def write_layout(directory: Path) -> str:
    """Write an OCI layout with one small image and return the image's digest."""
    blobs = directory / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def keep(content: bytes, media_type: str) -> dict[str, object]:
        digest = sha256(content)
        (blobs / digest.removeprefix("sha256:")).write_bytes(content)
        return {"mediaType": media_type, "digest": digest, "size": len(content)}

    layer = keep(bytes(10240), "application/vnd.oci.image.layer.v1.tar")
    rootfs = {"type": "layers", "diff_ids": [layer["digest"]]}
    config = {"architecture": "amd64", "os": "linux", "rootfs": rootfs, "config": {}}
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": keep(json.dumps(config).encode(), CONFIG_TYPE),
        "layers": [layer],
    }
    manifest = keep(json.dumps(document).encode(), MANIFEST_TYPE)
    named = {**manifest, "annotations": {"org.opencontainers.image.ref.name": "v1"}}
    (directory / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [named]}))
    (directory / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return str(manifest["digest"])


# A bonus where it is installed; the plain client above is what the registry is held to.
if shutil.which("skopeo"):

    def test_skopeo_copies_an_image_in_and_out_unchanged(
        ecr: Any, create: Callable[[str], Repository], sandbox: SandboxDescription, tmp_path: Path
    ) -> None:
        """A client that nobody here wrote pushes and pulls with the digest kept."""
        repository = create("IMMUTABLE")
        digest = write_layout(tmp_path / "in")
        (data,) = ecr.get_authorization_token()["authorizationData"]
        credentials = base64.b64decode(data["authorizationToken"]).decode()
        address = f"docker://{sandbox.registry}/{repository.name}"
        for arguments in (
            ["--dest-tls-verify=false", f"--dest-creds={credentials}", f"oci:{tmp_path}/in:v1"],
            ["--src-tls-verify=false", f"--src-creds={credentials}"],
        ):
            pushing = len(arguments) == 3
            target = f"{address}:v1" if pushing else f"{address}@{digest}"
            ends = [arguments.pop(), target] if pushing else [target, f"oci:{tmp_path}/out:v1"]
            command = [
                "skopeo",
                "copy",
                "--insecure-policy",
                "--preserve-digests",
                *arguments,
                *ends,
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
        (image,) = ecr.describe_images(repositoryName=repository.name)["imageDetails"]
        assert image["imageDigest"] == digest
        index = json.loads((tmp_path / "out" / "index.json").read_text())
        assert index["manifests"][0]["digest"] == digest
