"""The guard itself: tests reach this machine and nothing else."""

import socket

import pytest

from tests.fakes.gemini_server import FakeGemini
from tests.fakes.network_guard import NetworkBlocked


@pytest.mark.parametrize("address", ["192.0.2.1", "8.8.8.8", "2001:db8::1"])
def test_no_socket_leaves_the_machine(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as sock, pytest.raises(NetworkBlocked):
        sock.connect((address, 443))
    with socket.socket(family, socket.SOCK_DGRAM) as sock, pytest.raises(NetworkBlocked):
        sock.sendto(b"x", (address, 53))


def test_no_name_is_looked_up() -> None:
    with pytest.raises(NetworkBlocked):
        socket.getaddrinfo("example.com", 443)


def test_loopback_stays_open(fake_gemini: FakeGemini) -> None:
    for host in ("127.0.0.1", "localhost"):
        with socket.create_connection((host, fake_gemini.port), timeout=2):
            pass
