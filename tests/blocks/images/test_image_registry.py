"""The registry through its block: found by tag, pushed once, never over."""

from pathlib import Path

import httpx
import pytest

from blocks.aws import aws_client
from blocks.delivery_environment import DeliveryEnvironment
from blocks.images.oci import BuiltImage, Descriptor
from blocks.images.oci_client import OciClient
from delightful.errors import ConfigError, ExternalError, Refused, TransientError
from delightful.manifest import Manifest
from tests.stand_ins.local_server import Answer, Asked, local_server

COMMIT = "c" * 40


def built(delivery: DeliveryEnvironment, folder: Path, content: str) -> BuiltImage:
    (folder / "server.py").write_text(content)
    manifest = Manifest(service="hello", start_command=("python3", "server.py"))
    return delivery.builder().build(folder, manifest, COMMIT)


@pytest.mark.sandbox
def test_image_is_pushed_once_found_and_never_pushed_over(
    delivery: DeliveryEnvironment, tmp_path: Path
) -> None:
    """The digest is read back; the same image is adopted, another one under the tag refused."""
    aws_client(delivery.credentials, "ecr").create_repository(
        repositoryName="pushed", imageTagMutability="IMMUTABLE"
    )
    registry, image = delivery.registry("pushed"), built(delivery, tmp_path, "one")
    assert registry.find(COMMIT) is None
    pushed = registry.push(image, COMMIT)
    assert (pushed.digest, pushed.adopted, pushed.packaging) == (image.digest, False, "files")
    assert registry.find(COMMIT) == pushed.model_copy(update={"adopted": True})
    assert registry.push(image, COMMIT).adopted
    other = built(delivery, tmp_path, "two")
    with pytest.raises(Refused, match="E_TAG_TAKEN"):
        registry.push(other, COMMIT)
    assert registry.find(COMMIT) == pushed.model_copy(update={"adopted": True})
    described = aws_client(delivery.credentials, "ecr").describe_images(repositoryName="pushed")
    assert [found["imageDigest"] for found in described["imageDetails"]] == [image.digest]
    for layout in (image, other):
        layout.discard()


@pytest.mark.sandbox
def test_images_are_listed_and_removed_by_digest(
    delivery: DeliveryEnvironment, tmp_path: Path
) -> None:
    """One that is gone already is no failure, and the others stay."""
    ecr = aws_client(delivery.credentials, "ecr")
    ecr.create_repository(repositoryName="swept", imageTagMutability="IMMUTABLE")
    registry, tags = delivery.registry("swept"), ["a" * 40, "b" * 40]
    assert registry.images() == ()
    for tag in tags:
        image = built(delivery, tmp_path, tag)
        registry.push(image, tag)
        image.discard()
    found = {one.tags: one for one in registry.images()}
    assert set(found) == {(tag,) for tag in tags}
    gone = found[tags[0],]
    registry.remove([gone])
    registry.remove([gone])
    assert registry.images() == (found[tags[1],],)
    assert registry.find(tags[0]) is None


@pytest.mark.sandbox
def test_missing_repository_is_told(delivery: DeliveryEnvironment) -> None:
    """Before the registry root was applied there is nothing to push to, and the error says so."""
    with pytest.raises(ConfigError, match=r"E_REPOSITORY .*infrastructure/registry"):
        delivery.registry("nowhere").find(COMMIT)


def test_password_is_not_sent_in_the_clear() -> None:
    """Plain http is for this machine alone."""
    with pytest.raises(ConfigError, match="E_REGISTRY_INSECURE"):
        OciClient("http://registry.example", "hello", "AWS", "password")


def test_redirected_blob_is_fetched_without_the_password() -> None:
    """The store behind a registry gets the request, never the credentials."""
    blob = b"{}"
    digest = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    with local_server(lambda _: Answer(body=blob)) as store:
        moved = Answer(307, headers={"Location": f"{store.url}/blob"})
        with local_server(lambda _: moved) as registry:
            client = OciClient(registry.url, "hello", "AWS", "password")
            assert client.blob(digest) == blob
            client.close()
    assert "Authorization" in registry.asked[0].headers
    assert "Authorization" not in store.asked[0].headers


def test_blob_of_other_bytes_is_refused() -> None:
    """What a registry gives is what its digest says, or an error."""
    with local_server(lambda _: Answer(body=b"other")) as server:
        client = OciClient(server.url, "hello", "AWS", "password")
        with pytest.raises(ExternalError, match="E_IMAGE_FORMAT"):
            client.blob(f"sha256:{'0' * 64}")
        client.close()


@pytest.mark.parametrize(
    ("answer", "taken"),
    [
        (Answer(201), False),
        (Answer(400, {"errors": [{"code": "TAG_INVALID", "message": "immutable"}]}), True),
        (Answer(409, {"errors": [{"message": "the repository is immutable"}]}), True),
    ],
)
def test_tag_that_the_registry_keeps_is_told_apart(answer: Answer, taken: bool) -> None:
    """A refused tag is an answer; every other refusal is an error."""
    with local_server(lambda _: answer) as server:
        client = OciClient(server.url, "hello", "AWS", "password")
        assert client.put_manifest("tag", b"{}", "type") is not taken
        client.close()


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (Answer(401), ExternalError, "E_REGISTRY "),
        (Answer(503), TransientError, "E_REGISTRY_BUSY"),
        (Answer(429), TransientError, "E_REGISTRY_BUSY"),
        (Answer(drop=True), TransientError, "E_REGISTRY_UNREACHABLE"),
    ],
)
def test_failures_are_told_apart(answer: Answer, kind: type[Exception], code: str) -> None:
    """A busy or silent registry may be asked again, one that refuses may not."""
    with local_server(lambda _: answer) as server:
        client = OciClient(server.url, "hello", "AWS", "password")
        with pytest.raises(kind, match=code):
            client.manifest("tag")
        client.close()


def test_blob_is_uploaded_where_the_registry_says(tmp_path: Path) -> None:
    """The upload's address may hold parameters of its own, which are kept."""
    path = tmp_path / "blob"
    path.write_bytes(b"content")

    def answer(asked: Asked) -> Answer:
        if asked.method == "POST":
            return Answer(202, headers={"Location": "/upload?state=1"})
        return Answer(201)

    with local_server(answer) as server:
        client = OciClient(server.url, "hello", "AWS", "password")
        client.upload(Descriptor(digest="sha256:1", size=7, media_type="layer"), path)
        client.close()
    put = server.asked[1]
    assert httpx.URL(put.path).params.multi_items() == [("state", "1"), ("digest", "sha256:1")]
    assert put.body == b"content"
