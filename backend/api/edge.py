"""The outermost layer: where a request comes from, and the headers that every answer carries."""

from collections.abc import Iterable, MutableMapping
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.core.client_address import TrustedProxies, true_peer

RawHeaders = list[tuple[bytes, bytes]]

_ANSWER_HEADERS: Final = "au_guru.answer_headers"
_FORWARDING: Final = frozenset({b"x-forwarded-for", b"x-forwarded-proto"})
_PRIVATE_PATHS: Final = (
    "/api/v1/chat",
    "/api/v1/users",
    # What people asked.
    "/api/v1/knowledge/gaps",
    "/api/v1/knowledge/preview",
)
_NO_STORE: Final = (b"cache-control", b"no-store")
_HSTS: Final = (b"strict-transport-security", b"max-age=31536000")
# A route's own header of the same name stands: pages set a policy of their own, and one that may
# be embedded sets its own frame-ancestors and "x-frame-options: SAMEORIGIN".
_EVERY_ANSWER: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"content-security-policy",
        b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
)


def answer_headers(scope: MutableMapping[str, Any]) -> RawHeaders:
    """Headers that the answer will carry besides its own, whether it succeeds or fails."""
    headers: RawHeaders = scope.setdefault(_ANSWER_HEADERS, [])
    return headers


class EdgeMiddleware:
    """Corrects the client's address and scheme, and completes the headers of answers.

    Forwarding headers count only from `proxies`. HSTS is sent in production, over HTTPS.
    """

    def __init__(self, app: ASGIApp, *, proxies: Iterable[str], hsts: bool) -> None:
        self.app = app
        self._proxies = TrustedProxies(tuple(proxies))
        self._hsts = hsts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self._correct(scope)
        extra = answer_headers(scope)
        if scope["path"].startswith(_PRIVATE_PATHS):
            extra.append(_NO_STORE)
        if self._hsts and scope["scheme"] == "https":
            extra.append(_HSTS)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message["headers"])
                present = {name for name, _ in headers}
                headers += [pair for pair in _EVERY_ANSWER if pair[0] not in present]
                headers += [pair for pair in extra if pair[0] not in present]
                message["headers"] = headers
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _correct(self, scope: Scope) -> None:
        """Write into the scope who asks and how, as far as that can be believed."""
        forwarding = [pair for pair in scope["headers"] if pair[0] in _FORWARDING]
        if not forwarding:
            return
        chain = ",".join(v.decode("latin-1") for n, v in forwarding if n == b"x-forwarded-for")
        schemes = [v.strip() for n, v in forwarding if n == b"x-forwarded-proto"]
        host, port = scope.get("client") or ("", 0)
        peer = true_peer(host, chain)
        is_trusted = self._proxies.trusts(peer)
        client = self._proxies.find_client(peer, chain) if chain else peer
        scope["client"] = (client, port if client == host else 0)
        if schemes:
            # The last one is the nearest proxy's. Not believed, uvicorn may have done so already.
            is_https = is_trusted and schemes[-1].split(b",")[-1].strip() == b"https"
            scope["scheme"] = "https" if is_https else "http"
