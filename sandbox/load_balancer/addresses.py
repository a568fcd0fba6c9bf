"""Loopback addresses: one per load balancer, as its DNS name."""

import hashlib
import socket
from collections.abc import Collection

_SHARED = "127.0.0.1"


def free_address(seed: str, taken: Collection[str]) -> str:
    """Return an address of 127/8 that no other load balancer has, the same for the same seed.

    Where the system has no address but 127.0.0.1 (macOS), that one is shared.
    """
    if not is_free("127.77.1.1", 0):
        return _SHARED
    for attempt in range(1000):
        digest = hashlib.sha256(f"{seed} {attempt}".encode()).digest()
        address = f"127.{16 + digest[0] % 200}.{digest[1]}.{1 + digest[2] % 254}"
        if address not in taken:
            return address
    raise RuntimeError("no loopback address is free")


def is_free(address: str, port: int) -> bool:
    """Say whether a socket can be bound there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True
