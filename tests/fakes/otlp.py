"""An OTLP/HTTP receiver on loopback that keeps the spans it gets."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True, slots=True)
class ReceivedSpan:
    """A span as it came over the wire."""

    name: str
    id: str
    parent: str
    trace: str
    attributes: dict[str, Any]
    failed: bool


class Receiver:
    """What has come so far; `raw` is every byte of it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.spans: list[ReceivedSpan] = []
        self.services: set[str] = set()
        self.raw = b""

    def take(self, body: bytes) -> None:
        """Keep one export."""
        self.raw += body
        request = ExportTraceServiceRequest()
        request.ParseFromString(body)
        for resource in request.resource_spans:
            self.services |= {
                item.value.string_value
                for item in resource.resource.attributes
                if item.key == "service.name"
            }
            for scope in resource.scope_spans:
                self.spans += [_read(span) for span in scope.spans]

    def named(self, name: str) -> list[ReceivedSpan]:
        """The spans of a name."""
        return [span for span in self.spans if span.name == name]


def _read(span: Any) -> ReceivedSpan:
    attributes = {
        item.key: getattr(item.value, item.value.WhichOneof("value")) for item in span.attributes
    }
    return ReceivedSpan(
        span.name,
        span.span_id.hex(),
        span.parent_span_id.hex(),
        span.trace_id.hex(),
        attributes,
        failed=span.status.code == 2,
    )


@contextmanager
def otlp_receiver() -> Iterator[Receiver]:
    """Receive until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
