"""Paths and URLs that a file or a person gave: they may choose what is asked, never whom."""

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from delightful.errors import ConfigError
from delightful.text import escaped

URL_PATH_PATTERN: Final = r"/[A-Za-z0-9._~/-]*"
URL_PATH_LENGTH: Final = 1024

_URL_PATH = re.compile(URL_PATH_PATTERN)
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_NUMERIC_HOST = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_METADATA_HOSTS = frozenset({"metadata.google.internal", "metadata", "instance-data"})
_METADATA_ADDRESSES = frozenset(
    map(ipaddress.ip_address, ("fd00:ec2::254", "fd00:ec2::23", "100.100.100.200"))
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def url_path_fault(path: str) -> str | None:
    """Return why a text is no path on the service's own host, or None where it is one."""
    if not _URL_PATH.fullmatch(path):
        return "a path begins with / and holds only A-Z a-z 0-9 . _ ~ / -"
    if len(path) > URL_PATH_LENGTH:
        return f"a path has at most {URL_PATH_LENGTH} characters"
    segments = path.split("/")[1:]
    if any(segment == "" for segment in segments[:-1]):
        return "a path has no // in it: that would name another host"
    if any(segment in (".", "..") for segment in segments):
        return "a path has no . or .. as a segment"
    return None


def safe_url(base: str, path: str) -> str:
    """Return the URL of a path on the base's own host; nothing in the path can move it elsewhere.

    Raises:
        ConfigError: E_PATH, not a plain path; E_URL, the base is not `http(s)://host[:port]`, or
            names an address that only hands out credentials.
    """
    reason = url_path_fault(path)
    if reason is not None:
        raise ConfigError(
            "E_PATH",
            f"path: {reason} (got {escaped(path)!r})",
            hint="give a path such as /healthz",
        )
    origin = _origin(base)
    url = f"{origin.scheme}://{origin.netloc}{path}"
    if urlsplit(url).netloc != origin.netloc:
        raise _url_error(base, "the path moved the host")
    return url


def is_same_origin(url: str, other: str) -> bool:
    """Say whether two URLs have one scheme, host and port; a redirect elsewhere is not followed."""
    try:
        first, second = urlsplit(url), urlsplit(other)
        return _authority(first) == _authority(second)
    except ValueError:
        return False


def _authority(url: SplitResult) -> tuple[str, str | None, int | None, str | None]:
    port = url.port if url.port is not None else _DEFAULT_PORTS.get(url.scheme)
    return url.scheme, url.hostname, port, url.username


def _origin(base: str) -> SplitResult:
    if not base.isascii() or not base.isprintable() or "\\" in base or " " in base:
        raise _url_error(base, "not plain ASCII")
    try:
        url = urlsplit(base)
        host, port = url.hostname or "", url.port
    except ValueError as error:
        raise _url_error(base, str(error)) from error
    if url.scheme not in _DEFAULT_PORTS or url.path not in ("", "/") or url.query or url.fragment:
        raise _url_error(base, "not http(s)://host[:port]")
    if "@" in url.netloc or url.netloc.endswith(":") or port == 0:
        raise _url_error(base, "not http(s)://host[:port]")
    reason = host_fault(host)
    if reason is not None:
        raise _url_error(base, reason)
    return url


def host_fault(host: str) -> str | None:
    """Return why a host may not be asked, or None where it may; loopback may."""
    name = host.lower()
    if ":" in name or _NUMERIC_HOST.fullmatch(name):
        return _address_fault(name)
    if not _HOST.fullmatch(name) or ".." in name:
        return "not a host name"
    return "a metadata service" if name in _METADATA_HOSTS else None


def _address_fault(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        # Resolvers read 0x7f000001, 2852039166 and 0177.1 as addresses; nobody means them.
        return "not an address in its usual form"
    mapped = getattr(address, "ipv4_mapped", None) or address
    if mapped.is_link_local or mapped in _METADATA_ADDRESSES:
        return "a link-local or metadata address"
    if mapped.is_unspecified or mapped.is_multicast:
        return "not the address of one host"
    return None


def _url_error(base: str, reason: str) -> ConfigError:
    return ConfigError(
        "E_URL",
        f"url: {reason} (got {escaped(base)!r}, allowed http(s)://host[:port])",
        hint="correct the service's address",
    )
