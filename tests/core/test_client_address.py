"""Tests of `backend/core/client_address.py`."""

import pytest

from backend.core.client_address import TrustedProxies, network_of, true_peer

PROXIES = TrustedProxies(["10.0.0.1", "192.168.0.0/16", "2001:db8::/32"])


class TestTrustedProxies:
    @pytest.mark.parametrize(
        ("peer", "header", "client"),
        [
            ("203.0.113.5", "1.1.1.1", "203.0.113.5"),  # a stranger's word is nothing
            ("10.0.0.1", "203.0.113.5", "203.0.113.5"),
            ("10.0.0.1", "1.1.1.1, 203.0.113.5", "203.0.113.5"),  # the left one is made up
            ("10.0.0.1", "1.1.1.1, 203.0.113.5, 192.168.3.4", "203.0.113.5"),
            ("10.0.0.1", "192.168.3.4", "192.168.3.4"),
            ("10.0.0.1", "203.0.113.5:4711", "203.0.113.5"),
            ("10.0.0.1", "[2001:db9::7]:4711", "2001:db9::7"),
            ("::ffff:10.0.0.1", "203.0.113.5", "203.0.113.5"),
            ("10.0.0.1", "1.1.1.1, unknown", "10.0.0.1"),
            ("10.0.0.1", "1.1.1.1, , ", "10.0.0.1"),
            ("10.0.0.1", ", ".join(["10.0.0.1"] * 10_000), "10.0.0.1"),
            ("", "1.1.1.1", ""),
        ],
    )
    def test_the_client_is_the_first_foreign_address_from_the_right(
        self, peer: str, header: str, client: str
    ) -> None:
        assert PROXIES.find_client(peer, header) == client

    def test_nobody_is_trusted_unless_named(self) -> None:
        assert TrustedProxies([]).find_client("127.0.0.1", "1.1.1.1") == "127.0.0.1"


class TestTruePeer:
    @pytest.mark.parametrize(
        ("seen", "header", "peer"),
        [
            ("203.0.113.5", "", "203.0.113.5"),
            ("203.0.113.5", "1.1.1.1", "203.0.113.5"),
            ("1.1.1.1", "1.1.1.1", "127.0.0.1"),
            ("1.1.1.1", "1.1.1.1:99", "127.0.0.1"),
            ("1.1.1.1", "2.2.2.2, 1.1.1.1, 127.0.0.1", "127.0.0.1"),
            ("127.0.0.1", "127.0.0.1, ::1", "127.0.0.1"),
        ],
    )
    def test_an_address_that_uvicorn_took_from_a_header_is_undone(
        self, seen: str, header: str, peer: str
    ) -> None:
        assert true_peer(seen, header) == peer


def test_a_host_of_ipv6_has_its_whole_network() -> None:
    assert network_of("2001:db8:1:2:aaaa::1") == network_of("2001:db8:1:2:bbbb::2")
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
    assert network_of("::ffff:203.0.113.5") == network_of("203.0.113.5") == "203.0.113.5"
    assert network_of("") == ""
