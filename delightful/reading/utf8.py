"""Bytes that people wrote, as text: UTF-8 and nothing else."""

import re

from delightful.reading.fault import Place, fault, mark_at

_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def decoded(data: bytes, file: str) -> str:
    """Return the text; a UTF-8 byte order mark is dropped.

    Raises:
        ConfigError: E_ENC, another encoding, or a control character that is no line break or tab.
    """
    if data.startswith(_BYTE_ORDER_MARKS):
        raise fault("E_ENC", Place(file), "must be UTF-8", got="UTF-16 or UTF-32")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        got = f"byte 0x{data[error.start]:02x}"
        place = Place(file, mark_at(before, len(before)))
        raise fault("E_ENC", place, "must be UTF-8", got=got) from None
    control = _CONTROL.search(text)
    if control:
        place = Place(file, mark_at(text, control.start()))
        raise fault("E_ENC", place, "control characters are not allowed", got=control.group())
    return text


def is_encodable(text: str) -> bool:
    """Say whether a text can be written as UTF-8; an escape such as `\\ud800` alone cannot."""
    return _SURROGATE.search(text) is None
