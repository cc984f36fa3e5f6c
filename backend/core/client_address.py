"""Which address a request really comes from."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
_MAX_HOPS: Final = 32
"""A chain of proxies is never that long; what a client made up may be."""


class TrustedProxies:
    """The proxies whose forwarding headers are believed: addresses and networks."""

    def __init__(self, names: Sequence[str]) -> None:
        self._networks = tuple(ip_network(name, strict=False) for name in names)

    def trusts(self, host: str) -> bool:
        """Whether this is one of the proxies."""
        address = parse_address(host)
        return address is not None and any(address in network for network in self._networks)

    def find_client(self, peer: str, forwarded_for: str) -> str:
        """The address that the nearest proxy not our own was asked by.

        `forwarded_for` is read from its right end, where our own proxies write: whatever stands
        further left than the first foreign address was sent by that client and may be made up.
        """
        client = peer
        for hop in reversed(forwarded_for.split(",")[-_MAX_HOPS:]):
            address = parse_address(hop)
            if not self.trusts(client) or address is None:
                break
            client = str(address)
        return client


def true_peer(host: str, forwarded_for: str) -> str:
    """Who is at the other end of the connection, even when uvicorn has written over it.

    Started as `uvicorn backend.main:app` it believes every process of this machine, and puts the
    last foreign address of the header in the peer's place. Such a peer is this machine.
    """
    if not forwarded_for:
        return host
    hops = [hop.strip() for hop in forwarded_for.split(",")]
    believed = next((hop for hop in reversed(hops) if hop not in _LOOPBACK), hops[0])
    return "127.0.0.1" if host and host in {believed, _without_port(believed)} else host


@lru_cache(maxsize=4_096)
def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address as it stands in a header, with or without a port; None when it is none."""
    try:
        address = ip_address(_without_port(text.strip()))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


@lru_cache(maxsize=4_096)
def network_of(host: str) -> str:
    """What is counted as one place: an IPv4 address, or the /64 that an IPv6 host has to itself."""
    address = parse_address(host)
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address) >> 64 << 64, 64)))
    return str(address or host)


def _without_port(text: str) -> str:
    """The host of `host`, `1.2.3.4:567` or `[::1]:567`."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
