"""The source tree: what it reads, what it leaves alone, and that it is always the same."""

import io
import os
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from analyzer import SourceTree, analyze, read_manifest_of, tree
from analyzer.paths import is_aside
from delightful.errors import ConfigError

MANIFEST = "service: shop\nport: 9000\n"


def archive_of(files: dict[str, bytes]) -> io.BytesIO:
    """Return a tar archive of the files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, data in files.items():
            header = tarfile.TarInfo(path)
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))
    packed.seek(0)
    return packed


def folder_of(folder: Path, files: dict[str, bytes]) -> Path:
    """Write the files under a folder."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def test_folder_and_archive_give_the_same_tree(tmp_path: Path) -> None:
    """One commit is one tree and one recommendation, however it came."""
    files = {
        "server.py": b"import os\nPORT = int(os.environ.get('PORT', '8123'))\n",
        ".delightful.yaml": MANIFEST.encode(),
        "node_modules/left/index.js": b"process.env.NOT_OURS\n",
        "logo.png": b"\x89PNG\0\0",
        "sub/large.py": b"x" * (1024 * 1024 + 1),
        "café/ü.txt": "ü".encode(),
    }
    trees = [
        SourceTree.of_folder(folder_of(tmp_path, files)),
        SourceTree.of_archive(archive_of(files)),
        SourceTree.of_archive(archive_of(dict(reversed(files.items())))),
    ]
    assert len({tree.paths for tree in trees}) == 1
    assert "node_modules/left/index.js" not in trees[0]
    said = {
        analyze(tree, read_manifest_of(tree), service="shop", commit="a" * 40).model_dump_json()
        for tree in trees
    }
    assert len(said) == 1
    assert "1 files above 1 MiB were not read" in said.pop()


@pytest.mark.parametrize(
    "name",
    ["Cargo.toml", "pom.xml", "build.gradle.kts", "server.csproj", "package.json", "mix.exs", ""],
)
def test_modules_beside_a_service_of_one_belong_to_its_tree(tmp_path: Path, name: str) -> None:
    """What a build's modules are made of is seen from one of them, however the files came."""
    kinds = ("Cargo.toml", "pom.xml", "{}.csproj", "package.json", "mix.exs")
    files = {
        "README.md": b"# Shop\n",
        "gradle/libs.versions.toml": b"[versions]\n",
        "prisma/schema.prisma": b"datasource db {}\n",
        "libs/store/src/models/schema.prisma": b"datasource db {}\n",
        "parts/store/prisma/schema.prisma": b"datasource db {}\n",
    }
    for kind in kinds:
        files |= {
            kind.format("all"): b"all\n",
            f"crates/{kind.format('crates')}": b"crates\n",
            f"crates/server/macros/{kind.format('macros')}": b"macros\n",
            f"crates/store/{kind.format('store')}": b"store\n",
            f"crates/store/tests/{kind.format('tests')}": b"tests\n",
            f"deploy/tool/{kind.format('tool')}": b"tool\n",
            f"a/b/c/d/{kind.format('deep')}": b"deep\n",
        }
    files |= {"crates/server/main.rs": b"fn main() {}\n", "crates/store/src/lib.rs": b"\n"}
    if name:
        files[f"crates/server/{name}"] = b"server\n"
    root = folder_of(tmp_path, files)
    trees = [
        SourceTree.of_folder(root / "crates/server", root),
        SourceTree.of_archive(archive_of(files), "crates/server"),
    ]
    assert trees[0].outer == trees[1].outer
    # Maven's and Gradle's are told apart by none of what is asked here.
    beside = {"server.csproj": "store.csproj", "build.gradle.kts": "pom.xml"}.get(name, name)
    shared = ("README.md", "gradle/libs.versions.toml", "prisma/schema.prisma")
    wanted = {f"../../{path}" for path in (*shared, "libs/store/src/models/schema.prisma")}
    wanted |= {f"../../{kind.format('all')}" for kind in kinds}
    wanted |= {f"../{kind.format('crates')}" for kind in kinds}
    wanted |= {f"../../deploy/tool/{kind.format('tool')}" for kind in kinds}
    wanted |= {f"../../crates/store/{beside}"} if name else set()
    assert set(trees[0].outer) == wanted


@pytest.mark.parametrize(
    "folder", ["packages/group/shop", "packages/db/service", "gradle/plug", "prisma/seed"]
)
def test_what_is_shared_right_above_a_service_has_one_path(tmp_path: Path, folder: str) -> None:
    """The shortest, however the files came."""
    files = {
        f"{folder}/package.json": b"{}\n",
        "packages/group/schema.prisma": b"group\n",
        "packages/db/schema.prisma": b"db\n",
        "packages/db/tests/schema.prisma": b"tests\n",
        "packages/helm/chart/schema.prisma": b"chart\n",
        "gradle/libs.versions.toml": b"[versions]\n",
        "prisma/schema.prisma": b"root\n",
    }
    root = folder_of(tmp_path, files)
    seen = SourceTree.of_folder(root / folder, root)
    assert seen.outer == SourceTree.of_archive(archive_of(files), folder).outer
    assert len({seen.text(path) for path in seen.outer}) == len(seen.outer) == 5


def test_a_folder_beside_that_may_not_be_looked_into_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a database keeps beside a service is nobody's to read."""
    names = ("package.json", "apps/web/package.json", "packages/db/package.json", "data/pg/x.json")
    root = folder_of(tmp_path, dict.fromkeys(names, b"{}\n"))
    look = os.scandir

    def refused(path: str) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        if str(path).rstrip("/").endswith("data/pg"):
            raise PermissionError(path)
        return look(path)

    monkeypatch.setattr(os, "scandir", refused)
    outer = SourceTree.of_folder(root / "apps/web", root).outer
    assert outer == ("../../package.json", "../../packages/db/package.json")


def test_a_schema_of_the_service_is_not_beside_it(tmp_path: Path) -> None:
    """A package that is looked at by itself has its schema inside, and sees those of others."""
    schemas = [f"packages/{name}/prisma/schema.prisma" for name in ("mail", "shop")]
    files = dict.fromkeys(schemas, b"datasource db {}\n")
    root = folder_of(tmp_path, files)
    for seen in (
        SourceTree.of_folder(root / "packages/shop", root),
        SourceTree.of_archive(archive_of(files), "packages/shop"),
    ):
        assert (seen.paths, seen.outer) == (("prisma/schema.prisma",), (f"../../{schemas[0]}",))


def test_nothing_leads_out_of_the_folder(tmp_path: Path) -> None:
    """Links to files and folders are listed as links, never read, and loops end."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_text("KEY = 1\n")
    service = folder_of(tmp_path / "service", {"app.py": b"pass\n"})
    (service / "loop").symlink_to(service)
    (service / "away").symlink_to(outside)
    (service / "secret.py").symlink_to(outside / "secret.py")
    os.mkfifo(service / "pipe.py")
    seen = SourceTree.of_folder(service)
    assert seen.paths == ("app.py",)
    assert seen.text("secret.py") is None
    assert seen.notes == ("4 links and special files were not followed",)


def test_a_file_swapped_for_a_link_is_not_followed(tmp_path: Path) -> None:
    """What became a link or a pipe after the look is read as missing, at once."""
    service = folder_of(tmp_path / "service", {"a.py": b"pass\n", "b.py": b"pass\n"})
    seen = SourceTree.of_folder(service)
    (service / "a.py").unlink()
    (service / "a.py").symlink_to("/etc/passwd")
    (service / "b.py").unlink()
    os.mkfifo(service / "b.py")
    assert (seen.text("a.py"), seen.text("b.py")) == (None, None)


@pytest.mark.parametrize("kind", ["link", "folder", "two"])
def test_a_manifest_that_is_no_plain_file_is_refused(tmp_path: Path, kind: str) -> None:
    """A linked manifest, a folder of that name or two spellings are told, not guessed at."""
    path = tmp_path / ".delightful.yaml"
    if kind == "link":
        path.symlink_to("/proc/self/environ")
    elif kind == "folder":
        folder_of(tmp_path, {".delightful.yaml/a": b""})
    else:
        folder_of(tmp_path, {".delightful.yaml": b"", ".delightful.yml": b""})
    with pytest.raises(ConfigError, match="E_FILE"):
        read_manifest_of(SourceTree.of_folder(tmp_path))


def test_a_huge_manifest_is_refused() -> None:
    """A manifest too large to be read is told as such, not taken for a missing one."""
    huge = SourceTree.of_files({".delightful.yaml": "#" * (2 * 1024 * 1024)})
    with pytest.raises(ConfigError, match="E_YAML_SIZE"):
        read_manifest_of(huge)


def test_too_many_files_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """More files than the limit end the reading, in archives as in folders."""
    assert tree.MAX_FILES == 20_000
    monkeypatch.setattr(tree, "MAX_FILES", 3)
    files = {f"{number}.py": b"" for number in range(4)}
    with pytest.raises(ConfigError, match="E_ARCH_LIMIT"):
        SourceTree.of_archive(archive_of(files))
    with pytest.raises(ConfigError, match="E_ARCH_LIMIT"):
        SourceTree.of_folder(folder_of(tmp_path, files))


def test_files_beside_the_service_are_not_counted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A service of a large repository is read, out of an archive as from a folder."""
    monkeypatch.setattr(tree, "MAX_FILES", 3)
    files = {f"lib/{number}.go": b"package lib\n" for number in range(4)}
    files |= {"go.mod": b"module shop\n", "cmd/shop/main.go": b"package main\n"}
    archived = SourceTree.of_archive(archive_of(files), "cmd/shop")
    root = folder_of(tmp_path, files)
    read = SourceTree.of_folder(root / "cmd/shop", root)
    assert archived.outer == read.outer
    assert [path for path in read.outer if path.endswith(".go")] == [
        f"../../lib/{number}.go" for number in range(4)
    ]


def test_a_deep_folder_is_refused(tmp_path: Path) -> None:
    """Folders nested beyond the limit end the walk."""
    (tmp_path / "/".join(["d"] * 100)).mkdir(parents=True)
    with pytest.raises(ConfigError, match="E_DEPTH"):
        SourceTree.of_folder(tmp_path)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    """A path that is no folder is bad input, not an empty service."""
    with pytest.raises(ConfigError, match="E_FILE"):
        SourceTree.of_folder(tmp_path / "nothing")


def test_git_archives_are_read(tmp_path: Path) -> None:
    """What `git archive` writes, header with the commit included, is read as it comes."""
    folder_of(tmp_path, {"app.py": b"pass\n"})
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "One"]):
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *words],
            cwd=tmp_path,
            check=True,
        )
    packed = subprocess.run(
        ["git", "archive", "--format=tar.gz", "HEAD"], cwd=tmp_path, check=True, capture_output=True
    )
    assert SourceTree.of_archive(io.BytesIO(packed.stdout)).text("app.py") == "pass\n"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/app.py", False),
        ("tests/app.py", True),
        ("src/__tests__/app.ts", True),
        ("src/app.spec.ts", True),
        ("test_app.py", True),
        ("latest.py", False),
        ("docs/conf.py", True),
        ("src/main/java/com/example/shop/App.java", False),
        ("samples/shop/src/main/java/com/acme/App.java", True),
    ],
)
def test_tests_and_documents_stand_aside(path: str, expected: bool) -> None:
    """What a test reads or a sample listens on is not what the service needs."""
    assert is_aside(path) is expected


def test_files_are_found_by_name_suffix_and_folder() -> None:
    """In the tree's order; a folder is no other whose name only begins so."""
    tree = SourceTree.of_files(
        dict.fromkeys(("api/go.mod", "api-docs/a.yml", "api/v1/b.yml", "go.mod", "api.yaml"), "x")
    )
    assert tree.named("go.mod", "b.yml") == ["api/go.mod", "api/v1/b.yml", "go.mod"]
    assert tree.ending(".yml", ".yaml") == ["api-docs/a.yml", "api.yaml", "api/v1/b.yml"]
    assert tree.below("api") == ("api/go.mod", "api/v1/b.yml")
    assert tree.below("web") == ()
