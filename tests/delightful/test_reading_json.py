"""The strict JSON reader takes what has one meaning, and nothing that has two."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delightful.errors import ConfigError
from delightful.reading.json import read_json

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | FLOATS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=10,
)


@given(VALUES)
def test_reads_what_json_writes(value: object) -> None:
    """Every value that JSON can hold comes back as it was."""
    assert read_json(json.dumps(value).encode(), "x") == value


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (b"", "E_JSON", "x:1:1"),
        (b"{\n  'a': 1}", "E_JSON", "x:2:3"),
        (b'{"a": 1} {"b": 2}', "E_JSON", "Extra data"),
        (b"```json\n{}\n```", "E_JSON", "x:1:1"),
        (b'{"a": 1, "a": 2}', "E_JSON_DUPKEY", "a: given twice"),
        (b'{"b": {"a": 1, "a": 1}}', "E_JSON_DUPKEY", "a: given twice"),
        (b"[NaN]", "E_JSON_NUMBER", "got NaN"),
        (b"[Infinity]", "E_JSON_NUMBER", "got Infinity"),
        (b"[1e999]", "E_JSON_NUMBER", "got 1e999"),
        (b"[" + b"1" * 5000 + b"]", "E_JSON_NUMBER", "got 111"),
        (b"[" * 100_000, "E_JSON_DEPTH", "allowed 50 levels"),
        (b'{"a":' * 60 + b"1" + b"}" * 60, "E_JSON_DEPTH", "x:1:251"),
        (b"[" * 51 + b"]" * 51, "E_JSON_DEPTH", "50"),
        (b'"' + b'\\"' * 500_000, "E_JSON", "Unterminated"),
        (b" " * (1024 * 1024 + 1), "E_JSON_SIZE", "allowed 1048576"),
        ('{"a": "é"}'.encode("latin-1"), "E_ENC", "must be UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "E_ENC", "UTF-16"),
        (b'"\\uD800"', "E_ENC", "lone surrogate"),
        (b'{"a": "\x00"}', "E_ENC", "control characters"),
    ],
)
def test_refuses(data: bytes, code: str, says: str) -> None:
    """Each refusal has its code, says where, and comes soon however large the input is."""
    began = time.process_time()
    with pytest.raises(ConfigError) as caught:
        read_json(data, "x")
    assert time.process_time() - began < 1
    assert caught.value.code == code
    assert says in caught.value.message


def test_brackets_inside_text_do_not_nest() -> None:
    """Only structure counts as depth."""
    assert read_json(b'["[[[[", "\\"[["]', "x", max_depth=1) == ["[[[[", '"[[']


def test_limits_can_be_widened() -> None:
    """A caller who reads a large document says how large it may be."""
    assert read_json(b"[" * 60 + b"]" * 60, "x", max_depth=60) != []
