"""Which files of this machine make a root filesystem in which Python or Node runs.

The result stands in for an official base image where none can be pulled. It holds this machine's
own interpreter, its libraries, a shell and the usual small tools; nothing else.
"""

import io
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

Family = Literal["python", "node"]

TOOLS = (
    *("sh", "bash", "env", "cat", "cp", "mv", "rm", "mkdir", "rmdir", "ln", "ls", "touch", "chmod"),
    *("chown", "id", "true", "false", "echo", "sleep", "sed", "grep", "awk", "tar", "gzip", "head"),
    *("tail", "tr", "cut", "sort", "uniq", "wc", "find", "xargs", "uname", "dirname", "basename"),
    *("date", "mktemp", "install", "test", "expr", "tee", "which", "groupadd", "useradd", "stat"),
    *("readlink", "realpath", "hostname", "whoami", "printf", "seq", "kill", "git"),
)
# What binary wheels and addons may count on without bringing it (PEP 599, PEP 600).
SYSTEM_LIBRARIES = (
    *("libdl.so.2", "libexpat.so.1", "libgcc_s.so.1", "libm.so.6", "libnsl.so.1"),
    *("libpthread.so.0", "libresolv.so.2", "librt.so.1", "libstdc++.so.6", "libutil.so.1"),
    "libz.so.1",
)
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "SSL_CERT_FILE": str(CERTIFICATES),
    "PIP_CERT": str(CERTIFICATES),
    "NODE_EXTRA_CA_CERTS": str(CERTIFICATES),
}
PIP = '#!/bin/sh\nexec python3 -m pip "$@"\n'
_ACCOUNTS = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n"
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    "etc/group": "root:x:0:\nnode:x:1000:\nnogroup:x:65534:\n",
    "etc/shadow": "root:*:19000:0:99999:7:::\n",
    "etc/gshadow": "root:*::\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}
_LEFT_OUT = {"__pycache__", "test", "tests", "idlelib", "site-packages", "turtledemo"}


def write_root_filesystem(family: Family, target: Path) -> None:
    """Write an uncompressed tar archive of a root filesystem for one family of images.

    Raises:
        FileNotFoundError: the family's interpreter is not installed here.
    """
    binaries = [Path(found) for tool in TOOLS if (found := shutil.which(tool))]
    interpreter = _python_files() if family == "python" else _node_files()
    wanted = dict(interpreter)
    wanted |= {f"usr/bin/{binary.name}": binary for binary in binaries}
    wanted[str(CERTIFICATES)[1:]] = CERTIFICATES
    loaded = _libraries(path for path in wanted.values() if _is_elf(path))
    system = _system_libraries(loaded)
    for library in loaded | system | _libraries(system):
        wanted[_merged(str(library)[1:])] = library
    with tarfile.open(target, "w", format=tarfile.GNU_FORMAT) as archive:
        for member in _skeleton():
            archive.addfile(member)
        for name, content in _ACCOUNTS.items():
            _add_text(archive, name, content)
        for name in sorted(wanted):
            _add_file(archive, name, wanted[name].resolve())
        for name, points_at in _links(family).items():
            archive.addfile(_link(name, points_at))
        if family == "python":
            _add_text(archive, "usr/local/bin/pip", PIP, mode=0o755)
            archive.addfile(_link("usr/local/bin/pip3", "pip"))


def interpreter_version(family: Family) -> str:
    """Return the version of this machine's interpreter, for saying aloud what stands in."""
    if family == "python":
        return sys.version.split()[0]
    answer = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    return answer.stdout.strip().removeprefix("v")


def _python_files() -> dict[str, Path]:
    prefix, version = Path(sys.base_prefix), f"python{sysconfig.get_python_version()}"
    library, packages = prefix / "lib" / version, prefix / "lib" / version / "site-packages"
    files = {f"usr/local/bin/{version}": prefix / "bin" / version}
    trees = [
        library,
        *(packages / name for name in ("pip", "setuptools", "wheel", "pkg_resources")),
    ]
    trees += [*packages.glob("pip-*"), *packages.glob("setuptools-*"), *packages.glob("wheel-*")]
    for tree in filter(Path.is_dir, trees):
        for path in _files_below(tree):
            files[f"usr/local/lib/{version}/{path.relative_to(library)}"] = path
    return files


def _node_files() -> dict[str, Path]:
    found = shutil.which("node")
    if found is None:
        raise FileNotFoundError("node is not installed here")
    files = {"usr/local/bin/node": Path(found).resolve()}
    npm = Path(found).parent.parent / "lib" / "node_modules" / "npm"
    for path in npm.rglob("*") if npm.is_dir() else ():
        if path.is_file():
            files[f"usr/local/lib/node_modules/npm/{path.relative_to(npm)}"] = path
    return files


def _links(family: Family) -> dict[str, str]:
    if family == "node":
        npm = "../lib/node_modules/npm/bin"
        return {"usr/local/bin/npm": f"{npm}/npm-cli.js", "usr/local/bin/npx": f"{npm}/npx-cli.js"}
    version = f"python{sysconfig.get_python_version()}"
    return {"usr/local/bin/python3": version, "usr/local/bin/python": version}


def _files_below(tree: Path) -> Iterator[Path]:
    for path in sorted(tree.iterdir()):
        if path.name in _LEFT_OUT or path.name.startswith("config-"):
            continue
        if path.is_dir():
            yield from _files_below(path)
        elif path.is_file():
            yield path


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _libraries(binaries: Iterable[Path]) -> set[Path]:
    """Return every shared library that the binaries load, as the dynamic linker names them."""
    found: set[Path] = set()
    for binary in binaries:
        answer = subprocess.run(["ldd", str(binary)], capture_output=True, text=True, check=False)
        found |= {Path(path) for path in re.findall(r"(?:=> )?(/\S+) \(0x", answer.stdout)}
    return found


def _system_libraries(loaded: Iterable[Path]) -> set[Path]:
    """Return those of SYSTEM_LIBRARIES that stand beside the C library here."""
    folders = {path.parent for path in loaded if path.name == "libc.so.6"}
    candidates = (folder / name for folder in folders for name in SYSTEM_LIBRARIES)
    return {path for path in candidates if path.exists()}


def _merged(name: str) -> str:
    """Return where a library goes: /lib lies below /usr, as the skeleton links it, and one from
    the interpreter's own prefix stands where the dynamic linker looks by default.
    """
    if name.startswith(("lib/", "lib64/")):
        return f"usr/{name}"
    return name if name.startswith("usr/lib") else f"usr/lib/{Path(name).name}"


def _skeleton() -> Iterator[tarfile.TarInfo]:
    for name, mode in {
        **dict.fromkeys(("etc", "usr", "usr/bin", "usr/sbin", "usr/lib", "usr/lib64"), 0o755),
        **dict.fromkeys(("usr/local", "usr/local/bin", "home", "var", "run", "opt"), 0o755),
        "root": 0o700,
        "tmp": 0o1777,
        "var/tmp": 0o1777,
        "home/node": 0o777,
    }.items():
        member = tarfile.TarInfo(name)
        member.type, member.mode = tarfile.DIRTYPE, mode
        yield member
    for name in ("bin", "sbin", "lib", "lib64"):
        yield _link(name, f"usr/{name}")


def _link(name: str, points_at: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, points_at
    return member


def _add_text(archive: tarfile.TarFile, name: str, content: str, *, mode: int = 0o644) -> None:
    data = content.encode()
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), mode
    archive.addfile(member, io.BytesIO(data))


def _add_file(archive: tarfile.TarFile, name: str, path: Path) -> None:
    member = tarfile.TarInfo(name)
    member.size = path.stat().st_size
    member.mode = 0o755 if path.stat().st_mode & 0o111 else 0o644
    with path.open("rb") as content:
        archive.addfile(member, content)
