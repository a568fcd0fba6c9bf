"""The stand-in listens in a container's network while it stays in this machine's."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from sandbox.collector.listeners import NoWayIn, listener_beside

# Brings its own loopback up, says that it is there, and asks a port of it for a line.
INSIDE = """
import fcntl, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
    fcntl.ioctl(control, 0x8914, struct.pack("16sh14x", b"lo", 0x1))
print("up", flush=True)
port = int(sys.stdin.readline())
with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
    print(connection.recv(100).decode(), flush=True)
"""
HAS_NETWORKS = (
    subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode == 0
    if sys.platform == "linux"
    else False
)


@pytest.fixture
def inside() -> Iterator["subprocess.Popen[str]"]:
    """Return a process in a network of its own."""
    command = ["unshare", "--net", sys.executable, "-c", INSIDE]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        yield process
        process.kill()


@pytest.mark.skipif(not HAS_NETWORKS, reason="this user may not make a network of its own")
def test_a_process_in_another_network_reaches_the_listener(
    inside: "subprocess.Popen[str]",
) -> None:
    """Its localhost is not ours, and still it is answered from here."""
    assert inside.stdin is not None
    assert inside.stdout is not None
    with listener_beside(inside.pid, 4318) as listener:
        inside.stdin.write("4318\n")
        inside.stdin.flush()
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"from outside")
        assert inside.stdout.readline() == "from outside\n"


def test_a_process_that_is_gone_is_told() -> None:
    """The reason is in words, for the log of the task."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    with pytest.raises(NoWayIn, match="No such file or directory"):
        listener_beside(gone.pid, 4318)
