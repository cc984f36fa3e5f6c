"""Which methods an address knows, for the `Allow` header of a 405."""

import re
from functools import cache
from typing import Final

from fastapi import Request
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path

ALLOW: Final = "Allow"


def allowed_methods(request: Request) -> str:
    """The methods of the address that is asked for.

    The framework names those of the first route that fits, which may be one of several, or a
    route with a name in its path where a route of its own has the address.
    """
    fitting: dict[str, set[str]] = {}
    for route in iter_route_contexts(request.app.routes):
        if route.path and route.methods and _pattern_of(route.path).match(request.scope["path"]):
            fitting.setdefault(route.path, set()).update(route.methods)
    nearest = min(fitting, key=lambda path: path.count("{"), default="")
    return ", ".join(sorted(fitting.get(nearest, ())))


@cache
def _pattern_of(path: str) -> re.Pattern[str]:
    return compile_path(path)[0]
