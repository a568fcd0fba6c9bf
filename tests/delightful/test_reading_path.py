"""Paths and URLs choose what is asked, never whom."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delightful.errors import ConfigError
from delightful.reading.path import is_same_origin, safe_url, url_path_fault

BASE = "http://127.0.0.2:8080"


@pytest.mark.parametrize(
    "path",
    [
        "//evil.com/x",
        "@evil.com",
        "http://169.254.169.254/",
        "\t//evil",
        "/\\evil",
        "/%0d%0aHost:x",
        "/a/../..",
        "/..",
        "/.",
        "/x?y",
        "/x#y",
        "/" + "a" * 1024,
        "x",
        "",
        "/a\n",
        "/a b",
        "/é",
        "///",
        ":80/",
        "/a/%2e%2e/b",
    ],
)
def test_refuses_paths_that_could_lead_elsewhere(path: str) -> None:
    """Y17: every way to move the host, the header or the folder is refused."""
    with pytest.raises(ConfigError) as caught:
        safe_url(BASE, path)
    assert caught.value.code == "E_PATH"


@given(st.text(max_size=30) | st.from_regex(r"/[a-z./~_@:?#%\\-]*", fullmatch=True))
def test_the_host_stays(path: str) -> None:
    """Whatever the path, a URL that is returned has the base's host and the path as given."""
    if url_path_fault(path) is None:
        url = urlsplit(safe_url(BASE, path))
        assert (url.scheme, url.netloc, url.path) == ("http", "127.0.0.2:8080", path)
        assert (url.query, url.fragment) == ("", "")


@pytest.mark.parametrize(
    "base",
    [
        "http://example.com",
        "https://example.com/",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
        "http://internal-api-123.us-east-1.elb.amazonaws.com",
    ],
)
def test_takes_plain_addresses(base: str) -> None:
    """A scheme, a host and maybe a port are an address."""
    assert safe_url(base, "/healthz") == f"{base.rstrip('/')}/healthz"


@pytest.mark.parametrize(
    "base",
    [
        "",
        "example.com",
        "//example.com",
        "ftp://example.com",
        "file:///etc/passwd",
        "http://",
        "http:///x",
        "http://user@example.com",
        "http://user:pw@example.com",
        "http://example.com/x",
        "http://example.com?x",
        "http://example.com#x",
        "http://example.com:",
        "http://example.com:0",
        "http://example.com:99999",
        "http://example.com:a",
        "http://exa mple.com",
        "http://example.com\\@evil.com",
        "http://\uff45xample.com",
        "http://169.254.169.254",
        "http://169.254.170.2",
        "http://[fe80::1]",
        "http://[::ffff:169.254.169.254]",
        "http://[fd00:ec2::254]",
        "http://2852039166",
        "http://0xa9fea9fe",
        "http://0251.0376.0251.0376",
        "http://169.254.43518",
        "http://0.0.0.0",
        "http://[::]",
        "http://224.0.0.1",
        "http://metadata.google.internal",
        "http://METADATA",
        "http://-x.com",
        "http://a..b",
        "http://[::1",
    ],
)
def test_refuses_addresses(base: str) -> None:
    """An address with more in it, or of a machine's own metadata service, is not asked."""
    with pytest.raises(ConfigError) as caught:
        safe_url(base, "/")
    assert caught.value.code == "E_URL"
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        ("http://example.com/b", True),
        ("http://example.com:80/", True),
        ("HTTP://EXAMPLE.com/", True),
        ("https://example.com/", False),
        ("http://example.com:8080/", False),
        ("http://example.com.evil.com/", False),
        ("http://evil@example.com/", False),
        ("//example.com/", False),
        ("http://example.com:x/", False),
    ],
)
def test_tells_redirects_to_another_host(other: str, is_same: bool) -> None:
    """A redirect is followed only within scheme, host and port."""
    assert is_same_origin("http://example.com/a", other) is is_same
