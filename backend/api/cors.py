"""Which pages may call the service."""

from fastapi.middleware.cors import CORSMiddleware
from starlette.datastructures import Headers
from starlette.responses import Response

from backend.api.problem import problem_response
from backend.core.errors import OriginNotAllowed


class ProblemCORSMiddleware(CORSMiddleware):
    """Starlette's, with its refusals as problem documents."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Tell a browser what a page may do here."""
        response = super().preflight_response(request_headers)
        if response.status_code < 400:
            return response
        kept = {
            name: value
            for name, value in response.headers.items()
            if name not in {"content-length", "content-type"}
        }
        return problem_response(OriginNotAllowed(), headers=kept)
