"""Keep the tests on this machine: any socket to elsewhere is an error, whoever opens it."""

import ipaddress
import socket
import sys
from typing import Final

_LOCAL_NAMES: Final = frozenset({"", "localhost", "localhost.localdomain", "0.0.0.0", "::"})  # noqa: S104 - names, nothing is bound


class NetworkBlocked(RuntimeError):
    """A test tried to leave the machine.

    Not an `OSError`: code that forgives network errors would hide the attempt.
    """


def install_network_guard() -> None:
    """Watch every Python socket through the interpreter's audit events, for the whole process."""
    sys.addaudithook(_audit)


def _audit(event: str, args: tuple[object, ...]) -> None:
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        sock, address = args[0], args[1]
        if isinstance(sock, socket.socket) and sock.family == socket.AF_UNIX:
            return
        if isinstance(address, tuple):
            _require_local(event, address[0])
    elif event == "socket.getaddrinfo":
        _require_local(event, args[0])


def _require_local(event: str, host: object) -> None:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name is None or (isinstance(name, str) and _is_local(name)):
        return
    raise NetworkBlocked(f"{event} to {name!r}: tests may reach loopback only")


def _is_local(name: str) -> bool:
    if name.lower() in _LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False
