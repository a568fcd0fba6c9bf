"""Archives that lie, climb or explode (rows R01 to R11 of the bad inputs)."""

import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from delightful.errors import ConfigError
from delightful.reading.archive import ArchiveLimits, read_archive

MIB = 1024 * 1024


def tar_of(*members: tarfile.TarInfo | tuple[str, bytes]) -> bytes:
    """Return a tar archive of named contents and of hand-made headers."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
            else:
                header = tarfile.TarInfo(member[0])
                header.size = len(member[1])
                archive.addfile(header, io.BytesIO(member[1]))
    return packed.getvalue()


def header(name: str, kind: bytes, **fields: object) -> tarfile.TarInfo:
    """Return the header of a member that is no plain file."""
    made = tarfile.TarInfo(name)
    made.type = kind
    for field, value in fields.items():
        setattr(made, field, value)
    return made


def zip_of(*members: tuple[str, bytes]) -> bytes:
    """Return a deflated zip archive; names are kept as they are given."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            entry = zipfile.ZipInfo("placeholder")
            entry.filename = name
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return packed.getvalue()


def encrypted_zip() -> bytes:
    """Return a zip whose entry says that it is encrypted."""
    packed = bytearray(zip_of(("a.py", b"x" * 50)))
    central = packed.index(b"PK\x01\x02")
    packed[central + 8] |= 1
    packed[6] |= 1
    return bytes(packed)


def overlapping_zip() -> bytes:
    """Return a zip with two directory entries that point at the same bytes."""
    packed = bytearray(zip_of(("a.py", b"x" * 50), ("b.py", b"y" * 50)))
    second = packed.index(b"PK\x01\x02", packed.index(b"PK\x01\x02") + 4)
    packed[second + 42 : second + 46] = struct.pack("<I", 0)
    return bytes(packed)


def lying_zip() -> bytes:
    """Return a zip whose headers say one byte and whose data are many."""
    packed = bytearray(zip_of(("a.py", b"x" * 5000)))
    central = packed.index(b"PK\x01\x02")
    packed[22:26] = packed[central + 24 : central + 28] = struct.pack("<I", 1)
    return bytes(packed)


def gzip_bomb() -> bytes:
    """Return 30 MiB of zeros in a tar, in about 30 KiB."""
    return gzip.compress(tar_of(*((f"{n}.bin", bytes(MIB)) for n in range(30))))


BAD: dict[str, tuple[str, Callable[[], bytes]]] = {
    "R01 climbs": ("E_ARCH_PATH", lambda: tar_of(("../evil", b"x"))),
    "R01 climbs inside": ("E_ARCH_PATH", lambda: tar_of(("a/../../evil", b"x"))),
    "R02 absolute": ("E_ARCH_PATH", lambda: tar_of(("/etc/evil", b"x"))),
    "R02 drive": ("E_ARCH_PATH", lambda: tar_of(("C:/evil", b"x"))),
    "R05 fifo": ("E_ARCH_TYPE", lambda: tar_of(header("pipe", tarfile.FIFOTYPE))),
    "R05 device": ("E_ARCH_TYPE", lambda: tar_of(header("null", tarfile.CHRTYPE, devmajor=1))),
    "R05 setuid": ("E_ARCH_TYPE", lambda: tar_of(header("su", tarfile.REGTYPE, mode=0o4755))),
    "R06 gzip bomb": ("E_ARCH_BOMB", gzip_bomb),
    "R06 zip bomb": ("E_ARCH_BOMB", lambda: zip_of(("zeros", bytes(30 * MIB)))),
    "R07 zip climbs": ("E_ARCH_PATH", lambda: zip_of(("../evil", b"x"))),
    "R07 zip absolute": ("E_ARCH_PATH", lambda: zip_of(("/etc/evil", b"x"))),
    "R07 zip backslash": ("E_ARCH_PATH", lambda: zip_of(("..\\evil", b"x"))),
    "R08 duplicate": ("E_ARCH", lambda: tar_of(("a.py", b"1"), ("a.py", b"2"))),
    "R08 case": ("E_ARCH", lambda: zip_of(("Readme", b"1"), ("README", b"2"))),
    "R08 encrypted": ("E_ARCH", encrypted_zip),
    "R08 overlapping": ("E_ARCH", overlapping_zip),
    "R08 lying size": ("E_ARCH_FORMAT", lying_zip),
    "R09 long name": ("E_ARCH_LIMIT", lambda: tar_of(("a/" * 20 + "b" * 4096, b"x"))),
    "R09 huge claim": (
        "E_ARCH_FORMAT",
        lambda: tar_of(header("big", tarfile.REGTYPE, size=5 * 1024 * MIB))[:1024],
    ),
    "R09 not UTF-8": ("E_ARCH_PATH", lambda: tar_of(("caf\udce9.py", b"x"))),
    "R09 control": ("E_ARCH_PATH", lambda: tar_of(("a\x1b[31m.py", b"x"))),
    "R09 device name": ("E_ARCH_PATH", lambda: tar_of(("src/CON", b"x"))),
    "R09 trailing dot": ("E_ARCH_PATH", lambda: tar_of(("src/a.", b"x"))),
    "R10 empty": ("E_ARCH_FORMAT", lambda: b""),
    "R10 wrong magic": ("E_ARCH_FORMAT", lambda: b"\x7fELF" + bytes(2000)),
    "R10 text": ("E_ARCH_FORMAT", lambda: b"not an archive at all\n" * 100),
    "R10 cut gzip": ("E_ARCH_FORMAT", lambda: gzip.compress(tar_of(("a.py", b"x")))[:-9]),
    "R10 cut tar": ("E_ARCH_FORMAT", lambda: tar_of(("a.py", b"x" * 5000))[:2048]),
    "R10 no end": ("E_ARCH_FORMAT", lambda: tar_of(("a.py", b"x"))[:1024]),
    "R10 garbage after gzip": (
        "E_ARCH_FORMAT",
        lambda: gzip.compress(tar_of(("a.py", b"x"))) + b"garbage",
    ),
    "R10 garbage after tar": ("E_ARCH_FORMAT", lambda: tar_of(("a.py", b"x")) + b"garbage"),
    "R10 nested gzip": (
        "E_ARCH_FORMAT",
        lambda: gzip.compress(gzip.compress(tar_of(("a.py", b"x")))),
    ),
    "R10 cut zip": ("E_ARCH_FORMAT", lambda: zip_of(("a.py", b"x" * 500))[:-10]),
    "R11 deep": ("E_DEPTH", lambda: tar_of(("d/" * 400 + "a", b"x"))),
}


@pytest.mark.parametrize("row", BAD)
def test_a_bad_archive_is_refused_with_its_code(row: str) -> None:
    """Each bad archive ends in a ConfigError of one line with the row's code."""
    code, make = BAD[row]
    with pytest.raises(ConfigError) as refused:
        list(read_archive(io.BytesIO(make())))
    assert refused.value.code == code
    assert str(refused.value).isprintable()


def test_links_are_listed_and_never_followed() -> None:
    """A symlink and a hard link come without data, and a write through one is a plain file."""
    archive = tar_of(
        header("out", tarfile.SYMTYPE, linkname="/etc"),
        header("passwd", tarfile.LNKTYPE, linkname="/etc/passwd"),
        ("out/file.py", b"x"),
    )
    members = list(read_archive(io.BytesIO(archive)))
    assert [(m.path, m.is_link, m.data) for m in members] == [
        ("out", True, None),
        ("passwd", True, None),
        ("out/file.py", False, b"x"),
    ]


def test_a_zip_link_is_listed_and_never_followed() -> None:
    """A symlink in a zip comes without data."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo("out")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc")
    packed.seek(0)
    assert [(m.path, m.is_link, m.data) for m in read_archive(packed)] == [("out", True, None)]


@pytest.mark.parametrize("wrap", [tar_of, lambda *m: gzip.compress(tar_of(*m)), zip_of])
def test_a_sound_archive_gives_its_files(wrap: Callable[..., bytes]) -> None:
    """Tar, tar.gz and zip give the same members; a file above the size comes without data."""
    limits = ArchiveLimits(file_bytes=1000)
    packed = wrap(("./a.py", b"print()"), ("b/c.txt", b"x" * 1001))
    members = list(read_archive(io.BytesIO(packed), limits))
    assert [(m.path, m.size, m.data) for m in members] == [
        ("a.py", 7, b"print()"),
        ("b/c.txt", 1001, None),
    ]


def test_too_many_members_are_refused() -> None:
    """The count ends the reading where the limit is passed."""
    packed = tar_of(*((f"{n}", b"") for n in range(30)))
    with pytest.raises(ConfigError, match="E_ARCH_LIMIT"):
        list(read_archive(io.BytesIO(packed), ArchiveLimits(members=20)))


def test_the_total_is_counted_not_believed() -> None:
    """More bytes than the total end the reading, whatever a header says."""
    packed = tar_of(("a", bytes(4000)), ("b", bytes(4000)))
    with pytest.raises(ConfigError, match="E_ARCH_LIMIT"):
        list(read_archive(io.BytesIO(packed), ArchiveLimits(total_bytes=5000)))
    with pytest.raises(ConfigError, match="E_ARCH_LIMIT"):
        list(read_archive(io.BytesIO(zip_of(("a", bytes(9000)))), ArchiveLimits(total_bytes=5000)))


def test_an_absurd_extended_header_is_refused() -> None:
    """A pax header beyond 64 KiB is not parsed: the library's parser is quadratic on it."""
    pax = tarfile.TarInfo("a.py")
    pax.pax_headers = {"comment": "x" * 70_000}
    with pytest.raises(ConfigError, match="E_ARCH_LIMIT"):
        list(read_archive(io.BytesIO(tar_of(pax))))
