"""The strict YAML reader reads plain values as YAML 1.2 does, and says where each stands."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delightful.errors import ConfigError
from delightful.reading.fault import Mark
from delightful.reading.scalar import Ambiguous, OutOfRange, plain_value
from delightful.reading.yaml import dotted, read_yaml

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner),
    max_leaves=8,
)


@given(VALUES)
def test_reads_json_as_it_is(value: object) -> None:
    """JSON with all its texts quoted is YAML that means the same."""
    assert read_yaml(json.dumps(value, ensure_ascii=False).encode(), "x").value == value


@given(st.binary(max_size=200))
def test_answers_any_bytes(data: bytes) -> None:
    """Whatever the bytes are, there is a value or our own error, never another one."""
    with contextlib.suppress(ConfigError):
        assert read_yaml(data, "x").file == "x"


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("0", 0),
        ("-12", -12),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("a", "a"),
        ("1.2.3", "1.2.3"),
        ("10m", "10m"),
        ("-", "-"),
        ("a: b"[0:2], "a:"),
        ("nope", "nope"),
    ],
)
def test_plain_words(word: str, value: object) -> None:
    """Words on whose meaning all readers agree are read so."""
    assert plain_value(word) == value
    assert type(plain_value(word)) is type(value)


@pytest.mark.parametrize(
    "word",
    [
        "yes",
        "No",
        "ON",
        "off",
        "y",
        "N",
        "010",
        "0o17",
        "0x1F",
        "0b1",
        "1_000",
        "+1",
        "1:30",
        "1:30:00",
        "2026-11-23",
        "2026-11-23T10:00:00Z",
        ".5",
        "1.",
        "=",
        "<<",
        "089",
    ],
)
def test_words_that_readers_disagree_on(word: str) -> None:
    """What is text to one reader and a number, date or boolean to another must be quoted."""
    with pytest.raises(Ambiguous):
        plain_value(word)


@pytest.mark.parametrize("word", [".inf", "-.INF", ".nan", "1e999", "9" * 19])
def test_numbers_that_no_field_wants(word: str) -> None:
    """A number without end, or of endless digits, is out of range before anything computes it."""
    with pytest.raises(OutOfRange):
        plain_value(word)


def test_says_where_each_value_stands() -> None:
    """Lines and columns count from 1, for keys and for values, through lists too."""
    document = read_yaml(b"a:\n  b: [1, x]\nc: 'd'\n", "file.yaml")
    assert document.value == {"a": {"b": [1, "x"]}, "c": "d"}
    assert document.place(("a", "b", 1)).mark == Mark(2, 10)
    assert document.place(("a", "b"), of_key=True).mark == Mark(2, 3)
    assert document.place(("a", "b", 1)).key == "a.b[1]"
    assert document.place(("a", "missing")).mark == Mark(2, 3)
    assert document.words[("c",)] == "d"


def test_names_paths_as_people_do() -> None:
    """Keys are joined by dots, list items count in brackets."""
    assert dotted(("a", 0, "b")) == "a[0].b"


def test_takes_a_byte_order_mark_of_utf_8() -> None:
    """What some editors put in front of UTF-8 is no part of the document."""
    assert read_yaml(b"\xef\xbb\xbfa: b", "x").value == {"a": "b"}


def test_refuses_half_a_character() -> None:
    """An escape that no UTF-8 can hold is refused here, not where the value is written."""
    with pytest.raises(ConfigError) as caught:
        read_yaml(b'a: "\\ud800"', "x")
    assert caught.value.code == "E_ENC"


def test_a_quoted_word_is_text() -> None:
    """Quotes make text of anything."""
    assert read_yaml(b'["no", \'010\', "1.10"]', "x").value == ["no", "010", "1.10"]
