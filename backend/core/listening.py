"""How several workers listen on one port: each on a socket of its own, and for one another."""

import asyncio
import select
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from typing import Final

PATIENCE_SECONDS: Final = 0.02
"""How long connections may wait for the worker that they were given to."""

_AT_ONCE: Final = 16


def open_sockets(host: str, port: int, count: int) -> list[socket.socket]:
    """A socket for each of `count` workers, bound to the same address; none listens yet.

    Linux shares connections out among them evenly. Workers that listen on one socket take what
    they find: in a burst one of them may have four times as much as another, and keeps it for
    as long as the connections last. Elsewhere they share one all the same.

    Raises:
        OSError: somebody else has the port, or the address is none of this machine.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with ExitStack() as opened:
        first = opened.enter_context(socket.socket(family, kind, protocol))
        first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Bound before it may be shared: with a service that runs already it would share the port.
        first.bind(address)
        sockets = [first]
        while sys.platform == "linux" and len(sockets) < count:
            more = opened.enter_context(socket.socket(family, kind, protocol))
            for shared in (first, more):
                shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            more.bind(first.getsockname())
            sockets.append(more)
        opened.pop_all()
    return sockets


class Relief:
    """Takes the connections that wait for another worker, which may be dead or at a long task.

    Its socket stays open in the process that looks after the workers, and the system goes on
    giving it a share.
    """

    def __init__(
        self, sockets: Sequence[socket.socket], make_protocol: Callable[[], asyncio.Protocol]
    ) -> None:
        self._sockets = {listening.fileno(): listening for listening in sockets}
        self._make_protocol = make_protocol
        self._poll = select.poll()
        for listening in sockets:
            listening.setblocking(False)
            self._poll.register(listening, select.POLLIN)

    async def run(self) -> None:
        """Look again and again; what waits twice in a row is taken."""
        waited: set[int] = set()
        while True:
            await asyncio.sleep(PATIENCE_SECONDS)
            waiting = {fd for fd, event in self._poll.poll(0) if event & select.POLLIN}
            for fd in waiting & waited:
                await self._take(self._sockets[fd])
            waited = waiting

    async def _take(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with suppress(OSError):  # its worker was faster after all, or there are no files left
            for _ in range(_AT_ONCE):
                connection, _ = listening.accept()
                connection.setblocking(False)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                await loop.connect_accepted_socket(self._make_protocol, connection)
