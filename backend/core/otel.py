"""Traces by OpenTelemetry, sent over OTLP/HTTP as the standard `OTEL_*` variables say.

Imported only when these ask for traces: the SDK costs 65 ms and 5 MB, and comes with
`requirements-tracing.txt`.
"""

import threading
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final, Self

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import StatusCode, Tracer, use_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from backend.core.tracing import tracing

_SERVICE: Final = "au-guru"
_LAST_SECONDS: Final = 1.0
_parents: Final = TraceContextTextMapPropagator()


class OtelSpan(AbstractContextManager["OtelSpan"]):
    """A span that ends with its block.

    It is not made the current one: generators are closed in other contexts than they were begun.
    """

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def tell(self, name: str, value: str | int) -> Self:
        """Add an attribute."""
        self._span.set_attribute(name, value)
        return self

    def rename(self, name: str) -> None:
        """Give the name that was not known at its beginning."""
        self._span.update_name(name)

    def fail(self, kind: str) -> None:
        """Mark it as failed."""
        self._span.set_attribute("error.type", kind)
        self._span.set_status(StatusCode.ERROR)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        # The type alone: the words of exceptions repeat what people sent.
        if kind is not None and issubclass(kind, Exception):
            self.fail(kind.__name__)
        self._span.end()


class OtelTracing:
    """Sends what `tracing` begins, until it is closed."""

    def __init__(self, *, version: str) -> None:
        self._provider = TracerProvider(resource=_resource(version), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer: Tracer = self._provider.get_tracer(_SERVICE, version)
        tracing.use(lambda name: OtelSpan(self._tracer.start_span(name)))

    def request(self, traceparent: str | None) -> "OtelRequest":
        """The span of a request, which those that begin within it belong to."""
        context = _parents.extract({"traceparent": traceparent}) if traceparent else None
        span = self._tracer.start_span("request", context=context, kind=trace.SpanKind.SERVER)
        return OtelRequest(span)

    def close(self) -> None:
        """Send what is left, as far as the collector takes it in a second. Blocks."""
        tracing.use(None)
        sending = threading.Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        sending.join(_LAST_SECONDS)


class OtelRequest(OtelSpan):
    """The span that is current while its block runs."""

    def __init__(self, span: trace.Span) -> None:
        super().__init__(span)
        self._current = use_span(span, record_exception=False, set_status_on_exception=False)

    @property
    def trace_id(self) -> str:
        """Names the trace, in the log as well."""
        return trace.format_trace_id(self._span.get_span_context().trace_id)

    def __enter__(self) -> Self:
        self._current.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._current.__exit__(None, None, None)
        super().__exit__(kind, error, traceback)


def _resource(version: str) -> Resource:
    """What the variables say of this service; its name and version where they say nothing."""
    told = Resource.create({SERVICE_VERSION: version})
    if not str(told.attributes[SERVICE_NAME]).startswith("unknown_service"):
        return told
    return told.merge(Resource({SERVICE_NAME: _SERVICE}))
