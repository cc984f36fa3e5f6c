"""Whatever is done to a token, it is 401 at once."""

import base64
import json
import os
import random

import pytest

from backend.core.auth import MAX_TOKEN_LENGTH
from tests.api.people import Visitor
from tests.service import Service

MANY = int(os.environ.get("STRESS_TOKENS", "5000"))
"""More by `STRESS_TOKENS=50000 make stress`."""

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=~ $%\u00e9"


OPENING = b'{"a":'


def pack(document: bytes) -> str:
    return base64.urlsafe_b64encode(document).rstrip(b"=").decode()


def mutate(token: str, dice: random.Random) -> str:
    """Change, cut, double, swap or nest something."""
    at, to = sorted(dice.sample(range(len(token)), 2))
    head, body, signature = token.split(".")
    algorithm = json.dumps({"alg": dice.choice(["none", "HS512", 1])}).encode()
    return dice.choice(
        [
            token[:at] + dice.choice(ALPHABET) + token[at + 1 :],
            token[:at] + token[to:],
            token[:at] + token[at:to] * 2 + token[to:],
            f"{body}.{head}.{signature}",
            f"{head}.{body}.",
            f"{pack(b'[' * dice.randrange(1_500))}.{body}.{signature}",
            f"{head}.{pack(OPENING * dice.randrange(200))}.{signature}",
            f"{pack(algorithm)}.{body}.",
            token + "." + token[at:to],
            "".join(dice.choices(ALPHABET, k=dice.randrange(1, MAX_TOKEN_LENGTH + 400))),
        ]
    )


async def refuse_mutations(service: Service, *, count: int) -> None:
    person = Visitor(service)
    token = str((await person.join())["access_token"])
    dice = random.Random(20_261_122)  # noqa: S311 - the same tokens each time
    for _ in range(count):
        changed = mutate(token, dice)
        if changed.strip() == token:
            continue
        answer = await service.client.get(
            "/api/v1/users/me", headers={b"Authorization": f"Bearer {changed}".encode("latin-1")}
        )
        assert answer.status_code == 401, changed
        assert answer.headers["www-authenticate"] == "Bearer"
    nested = f"{pack(b'[' * 700)}.{pack(b'[' * 300)}.x"[:1_341].ljust(1_341, "x")
    answer = await service.client.get(
        "/api/v1/users/me", headers={"Authorization": f"Bearer {nested}"}
    )
    assert answer.status_code == 401
    assert await person.is_in({"access_token": token})


async def test_a_few_hundred_mutations_are_refused(service: Service) -> None:
    await refuse_mutations(service, count=300)


@pytest.mark.stress
async def test_thousands_of_mutations_are_refused(service: Service) -> None:
    await refuse_mutations(service, count=MANY)
