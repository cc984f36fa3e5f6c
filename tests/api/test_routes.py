"""Tests of `backend/api/routes.py`."""

from fastapi.routing import APIRoute

from backend.api.routes import all_routes


def test_routes_are_resolved_before_the_first_request() -> None:
    """Those of a router that is included under a path are resolved again, in its first request."""
    routes = all_routes()

    assert len(routes) > 50
    assert {type(route) for route in routes if not isinstance(route, APIRoute)} == set()
