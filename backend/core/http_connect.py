"""Making connections: addresses that do not answer do not hold up those that do."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import aiohappyeyeballs
import certifi

from backend.core.http_connection import HttpConnection
from backend.core.http_errors import ConnectError, ConnectTimeout

_NEXT_ADDRESS_SECONDS: Final = 0.25
"""How long one address of a host may take before another is tried beside it (RFC 8305)."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A server. With an `ssl_context` it is spoken to encrypted, and must prove its name."""

    host: str
    port: int
    ssl_context: ssl.SSLContext | None = None


def trusting_context() -> ssl.SSLContext:
    """Trust the machine's certificates and Mozilla's: some images hold none of their own."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


async def connect(
    origin: Origin, seconds: float, make: Callable[[], HttpConnection]
) -> HttpConnection:
    """Connect to the first address of a server that answers, within `seconds`.

    Raises:
        ConnectError: none answers, or the connection cannot be encrypted.
        ConnectTimeout: it takes too long.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            made = await aiohappyeyeballs.start_connection(
                await _addresses(origin.host, origin.port),
                happy_eyeballs_delay=_NEXT_ADDRESS_SECONDS,
                loop=loop,
            )
            _, connection = await loop.create_connection(
                make,
                sock=made,
                ssl=origin.ssl_context,
                server_hostname=origin.host if origin.ssl_context else None,
            )
    except TimeoutError as exc:
        raise ConnectTimeout(str(exc)) from exc
    except OSError as exc:  # ssl.SSLError is one
        raise ConnectError(str(exc)) from exc
    return connection


async def _addresses(host: str, port: int) -> Sequence[Any]:
    """The addresses of a host; one that is an address itself is not asked for."""
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        loop = asyncio.get_running_loop()
        return await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
