"""The authorities whose certificates are believed, read once: a tenth of a second each time."""

import functools
import ssl

import httpx


@functools.cache
def believed_authorities() -> ssl.SSLContext:
    """Return httpx's own authorities, or those that SSL_CERT_FILE or SSL_CERT_DIR name."""
    return httpx.create_ssl_context()
