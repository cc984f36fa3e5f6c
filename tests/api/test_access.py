"""Every route, asked by everybody: a table that no new route can escape.

A route's row says what each caller gets. A new route without a row fails the first test; write
its row, and think of whose things it shows.
"""

from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from backend.config import Settings
from backend.main import create_app
from tests.api.access import PASSWORD, Caller, World, fill, world_maker
from tests.api.editing import SHUTTLE, Desk

Statuses = dict[Caller, int]
BAD_TOKENS = (Caller.EXPIRED, Caller.FORGED, Caller.WRONG_TYPE, Caller.DEACTIVATED)
PEOPLE = (Caller.OTHER, Caller.ADMIN, Caller.OWNER)


def public(status: int = 200) -> Statuses:
    """Open to all; a token, good or bad, is not even looked at."""
    return dict.fromkeys(Caller, status)


def with_token_checked(statuses: Statuses) -> Statuses:
    """A bad token never makes an anonymous visitor."""
    return {**dict.fromkeys(BAD_TOKENS, 401), **statuses}


def optional(status: int = 200) -> Statuses:
    """Open to all, and a token says whose it will be."""
    return with_token_checked(dict.fromkeys((Caller.ANONYMOUS, *PEOPLE), status))


def owned(status: int = 200, *, anonymous: int = 404) -> Statuses:
    """The owner's thing: for everybody else there is none, for administrators as well."""
    return with_token_checked(
        {Caller.ANONYMOUS: anonymous, Caller.OTHER: 404, Caller.ADMIN: 404, Caller.OWNER: status}
    )


def signed_in(status: int = 200) -> Statuses:
    """About the caller's own things."""
    return with_token_checked({Caller.ANONYMOUS: 401, **dict.fromkeys(PEOPLE, status)})


def administrators(status: int = 200) -> Statuses:
    """Administrators only; the owner of something is no administrator."""
    return with_token_checked(
        {Caller.ANONYMOUS: 401, Caller.OTHER: 403, Caller.ADMIN: status, Caller.OWNER: 403}
    )


@dataclass(frozen=True, slots=True)
class Row:
    """What a route is asked, with `{names}` of the world's things, and what everybody gets."""

    statuses: Statuses
    json: Any = None
    form: dict[str, str] | None = None
    params: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    things: dict[str, str] = field(default_factory=dict)


MESSAGE = {"message": "Hello"}
AS_READ = {"If-Match": '"{version}"'}
ENTRY = {**SHUTTLE, "id": "{fact_id}"}
V1 = "/api/v1"

TABLE: dict[str, Row] = {
    "GET /": Row(public()),
    "GET /health": Row(public()),
    "GET /health/ready": Row(public()),
    "GET /metrics": Row(public()),
    "GET /openapi.json": Row(public()),
    "GET /docs/files": Row(public(404)),  # a folder of Swagger UI's files, without a list of them
    "GET /docs": Row(public()),
    "GET /redoc": Row(public()),
    "GET /ui": Row(public()),
    "GET /widget.js": Row(public()),
    f"POST {V1}/chat/": Row(optional(), json=MESSAGE),
    f"GET {V1}/chat/": Row(signed_in()),
    f"POST {V1}/chat/stream": Row(optional(), json=MESSAGE),
    f"GET {V1}/chat/usage": Row(administrators()),
    f"GET {V1}/chat/stream/{{chat_id}}/stream": Row(owned(204)),
    f"GET {V1}/chat/{{session_id}}/stream": Row(owned(204)),
    f"POST {V1}/chat/{{session_id}}/stop": Row(owned()),
    f"GET {V1}/chat/{{session_id}}/history": Row(owned()),
    f"PATCH {V1}/chat/{{session_id}}": Row(owned(), json={"title": "Mine"}),
    f"DELETE {V1}/chat/{{session_id}}": Row(owned()),
    f"POST {V1}/chat/{{session_id}}/claim": Row(owned(anonymous=401)),
    f"GET {V1}/chat/{{session_id}}/export": Row(owned()),
    f"PUT {V1}/chat/{{session_id}}/messages/{{message_id}}/feedback": Row(
        owned(), json={"rating": "up"}
    ),
    f"DELETE {V1}/chat/{{session_id}}/messages/{{message_id}}/feedback": Row(owned()),
    f"GET {V1}/chat/{{session_id}}/messages/{{message_id}}/versions": Row(owned()),
    f"POST {V1}/chat/{{session_id}}/messages/{{message_id}}/regenerate": Row(owned()),
    f"PUT {V1}/chat/{{session_id}}/messages/{{message_id}}": Row(
        owned(), json=MESSAGE, things={"message_id": "{question_id}"}
    ),
    f"POST {V1}/users/register": Row(
        public(201), json={"email": "{caller}.{new}@au.edu", "password": PASSWORD}
    ),
    f"POST {V1}/users/login": Row(
        public(), form={"username": "{user_id}@au.edu", "password": PASSWORD}
    ),
    f"POST {V1}/users/refresh": Row(public(401), json={"refresh_token": "none"}),
    f"POST {V1}/users/logout": Row(signed_in()),
    f"POST {V1}/users/logout/all": Row(signed_in()),
    f"GET {V1}/users/me": Row(signed_in()),
    f"PATCH {V1}/users/me": Row(signed_in(), json={"full_name": "Somchai"}),
    f"DELETE {V1}/users/me": Row(signed_in(), json={"password": PASSWORD}),
    f"POST {V1}/users/me/password": Row(
        signed_in(), json={"current_password": PASSWORD, "new_password": "durian season 8"}
    ),
    f"GET {V1}/users/me/export": Row(signed_in()),
    f"POST {V1}/users/me/confirm-email": Row(signed_in(202)),
    f"POST {V1}/users/confirm-email": Row(public(400), json={"token": "none"}),
    f"POST {V1}/users/password-reset": Row(public(202), json={"email": "{user_id}@au.edu"}),
    f"POST {V1}/users/password-reset/confirm": Row(
        public(400), json={"token": "none", "new_password": "durian season 8"}
    ),
    f"GET {V1}/users/": Row(administrators()),
    f"GET {V1}/users/{{user_id}}": Row(administrators()),
    f"PATCH {V1}/users/{{user_id}}": Row(administrators(), json={"is_active": False}),
    f"DELETE {V1}/users/{{user_id}}": Row(administrators()),
    f"GET {V1}/audit/": Row(administrators()),
    f"GET {V1}/knowledge/": Row(public()),
    f"GET {V1}/knowledge/search": Row(public(), params={"q": "bus"}),
    f"GET {V1}/knowledge/{{category}}": Row(public()),
    f"GET {V1}/knowledge/{{category}}/{{fact_id}}": Row(public()),
    f"GET {V1}/knowledge/gaps": Row(administrators()),
    f"GET {V1}/knowledge/preview": Row(administrators(), params={"q": "bus"}),
    f"POST {V1}/knowledge/reload": Row(administrators()),
    f"POST {V1}/knowledge/{{category}}": Row(
        administrators(201), json={**SHUTTLE, "id": "new.{new}"}
    ),
    f"PUT {V1}/knowledge/{{category}}/{{fact_id}}": Row(
        administrators(), json=ENTRY, headers=AS_READ
    ),
    f"DELETE {V1}/knowledge/{{category}}/{{fact_id}}": Row(administrators(), headers=AS_READ),
    f"GET {V1}/knowledge/{{category}}/{{fact_id}}/versions": Row(administrators()),
    # There is no earlier version: whoever may ask learns that, nobody else.
    f"POST {V1}/knowledge/{{category}}/{{fact_id}}/restore": Row(
        administrators(404), json={"version_id": 2**31}
    ),
}


def operations_of(app: FastAPI) -> set[str]:
    """Every method and path of `app.routes`, shown in the document or not; mounted folders too."""
    return {
        f"{method} {route.path}"
        for route in iter_route_contexts(app.routes)
        for method in (route.methods or {"GET"}) - {"HEAD"}
    }


async def ask(desk: Desk, operation: str, world: World, caller: Caller) -> httpx.Response:
    """Ask a route what its row says, as somebody."""
    row = TABLE[operation]
    method, path = operation.split(" ")
    things = {**world.things, "caller": caller.name.lower()}
    things |= fill(row.things, things)
    headers = {**fill(row.headers, things), **world.headers[caller]}
    return await desk.service.client.request(
        method,
        fill(path, things),
        json=fill(row.json, things),
        data=fill(row.form, things),
        params=row.params,
        headers=headers,
    )


def test_every_route_has_a_row() -> None:
    operations = operations_of(create_app(Settings(_env_file=None)))

    assert operations - TABLE.keys() == set()
    assert TABLE.keys() - operations == set()


def test_every_row_knows_every_caller() -> None:
    assert all(set(row.statuses) == set(Caller) for row in TABLE.values())


async def test_everybody_gets_what_the_table_says(desk: Desk) -> None:
    wrong = {}
    async with world_maker(desk) as maker:
        for operation, row in TABLE.items():
            world = await maker.make()
            for caller in Caller:
                answer = await ask(desk, operation, world, caller)
                if answer.status_code != row.statuses[caller]:
                    wrong[operation, caller.value] = answer.status_code, answer.text[:200]
                if answer.status_code == 401:
                    assert answer.headers["WWW-Authenticate"] == "Bearer", operation

    assert wrong == {}


async def test_what_is_somebody_else_s_reads_like_what_is_not_there(desk: Desk) -> None:
    async with world_maker(desk) as maker:
        world = await maker.make()
        nowhere = World(world.headers, {**world.things, **(await maker.make()).things})
        gone = await ask(desk, f"DELETE {V1}/chat/{{session_id}}", nowhere, Caller.OTHER)
        for operation, row in TABLE.items():
            if row.statuses[Caller.OTHER] == 404 != row.statuses[Caller.OWNER]:
                answer = await ask(desk, operation, world, Caller.OTHER)
                assert answer.json() == gone.json(), operation
