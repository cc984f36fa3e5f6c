"""The names of routes, for counting: templates, never the paths that clients asked for."""

from functools import cached_property
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.types import Scope

RouteName = tuple[str, str]
"""A method and a template."""

_UNKNOWN: Final = ("other", "none")


class RouteNames:
    """The routes of an application by the functions that answer them.

    They are read when the first name is asked for, which takes a millisecond.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def of(self, scope: Scope, status: int) -> RouteName:
        """The route that answered; a method that a path has not got is none of them."""
        return _UNKNOWN if status == 405 else self._names.get(scope.get("endpoint"), _UNKNOWN)

    @cached_property
    def _names(self) -> dict[Any, RouteName]:
        names: dict[Any, RouteName] = {}
        for context in iter_route_contexts(self._app.routes):
            if context.path_format and context.methods:
                names.setdefault(context.endpoint, (min(context.methods), context.path_format))
        return names
