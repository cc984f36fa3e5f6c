"""A forgotten password, and the confirmation of an address, by links in real mails."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, select, update

from backend.core.auth import Claims, TokenService, TokenType
from backend.models import OneTimeLink, User
from backend.models.base import utc_now
from tests.api.people import EMAIL, OTHER_PASSWORD, PASSWORD, Visitor
from tests.api.test_bad_input import assert_problem
from tests.databases import on_every_database
from tests.fakes.mailbox import Mailbox, find_token, receive_mail
from tests.service import SECRET, Service, make_settings, run_service


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest_asyncio.fixture
async def mailing(database_url: str, mailbox: Mailbox) -> AsyncIterator[Service]:
    """The service with a mail server."""
    async with receive_mail(mailbox) as port:
        config = make_settings(
            DATABASE_URL=database_url,
            SMTP_URL=f"smtp://127.0.0.1:{port}",
            MAIL_FROM="AU-GURU <no-reply@au.edu>",
            PUBLIC_URL="https://chat.au.edu/",
        )
        async with run_service(config) as service:
            yield service


async def expire_waits(service: Service, **columns: Any) -> None:
    """Let the time pass that must lie between two mails."""
    columns = columns or {"created_at": utc_now() - timedelta(minutes=2)}
    await service.database.write(
        lambda db: db.execute(update(OneTimeLink).values(**columns)).close()
    )


async def count_links(service: Service) -> int:
    query = select(func.count()).select_from(OneTimeLink)
    return await service.database.read(lambda db: db.scalars(query).one())


async def forget(person: Visitor, mailbox: Mailbox, count: int) -> str:
    """Ask for a new password; gives the token that is mailed as the `count`th mail."""
    answer = await person.send("POST", "/password-reset", json={"email": person.email})
    assert answer.status_code == 202, answer.text
    await mailbox.wait(count)
    return find_token(mailbox, "reset-password")


async def reset(person: Visitor, token: str, password: str = OTHER_PASSWORD) -> int:
    pair = {"token": token, "new_password": password}
    answer = await person.send("POST", "/password-reset/confirm", json=pair)
    if answer.status_code == 400:
        assert assert_problem(answer)["code"] == "invalid_link"
    return answer.status_code


@on_every_database
class TestPasswordReset:
    async def test_a_link_sets_another_password_once(
        self, mailing: Service, mailbox: Mailbox
    ) -> None:
        person = Visitor(mailing)
        tokens = await person.join()
        await mailbox.wait(1)

        token = await forget(person, mailbox, 2)
        letters = [mail.get_content() for mail in mailbox.mails]
        assert any("https://chat.au.edu/reset-password?token=" in letter for letter in letters)
        assert mailbox.mails[-1]["To"] == EMAIL
        first, again = await reset(person, token), await reset(person, token, "another one 99")

        assert (first, again) == (200, 400)
        assert not await person.is_in(tokens)
        assert (await person.refresh(tokens)).status_code == 401
        assert (await person.try_login()).status_code == 401
        tokens = (await person.try_login(OTHER_PASSWORD)).json()
        profile = (await person.send("GET", "/me", tokens)).json()
        assert profile["email_confirmed_at"] is not None, "whoever got the link reads the address"

    async def test_twenty_at_once_use_it_once(self, mailing: Service, mailbox: Mailbox) -> None:
        person = Visitor(mailing)
        await person.register()
        token = await forget(person, mailbox, 2)

        statuses = await asyncio.gather(
            *(reset(person, token, f"{OTHER_PASSWORD} {n}") for n in range(20))
        )

        assert sorted(statuses) == [200] + [400] * 19

    async def test_a_stranger_learns_nothing_and_nothing_is_sent(
        self, mailing: Service, mailbox: Mailbox
    ) -> None:
        person = Visitor(mailing)
        await person.register()
        await mailbox.wait(1)
        known, unknown = [
            await person.send("POST", "/password-reset", json={"email": email})
            for email in (EMAIL, "nobody@au.edu")
        ]

        await mailbox.wait(2)
        await mailing.app.state.accounts.link_service._wishes.join()

        assert known.status_code == unknown.status_code == 202
        assert known.json() == unknown.json()
        assert mailbox.recipients == [[EMAIL], [EMAIL]]

    async def test_a_mailbox_is_not_filled(self, mailing: Service, mailbox: Mailbox) -> None:
        person = Visitor(mailing)
        await person.register()
        for _ in range(5):
            await person.send("POST", "/password-reset", json={"email": EMAIL})
        await mailing.app.state.accounts.link_service._wishes.join()

        assert len(mailbox.mails) == 2
        await expire_waits(mailing)
        await forget(person, mailbox, 3)

    async def test_a_newer_link_replaces_it(self, mailing: Service, mailbox: Mailbox) -> None:
        person = Visitor(mailing)
        await person.register()
        old = await forget(person, mailbox, 2)
        await expire_waits(mailing)
        new = await forget(person, mailbox, 3)

        assert await reset(person, old) == 400
        assert await reset(person, new) == 200

    async def test_it_ends_with_time_a_password_an_address_and_a_deactivation(
        self, mailing: Service, mailbox: Mailbox
    ) -> None:
        person = Visitor(mailing)
        tokens = await person.join()
        await mailbox.wait(1)

        late = await forget(person, mailbox, 2)
        await expire_waits(mailing, expires_at=utc_now() - timedelta(seconds=1))
        assert await reset(person, late) == 400

        await expire_waits(mailing)
        change = {"current_password": PASSWORD, "new_password": "another one 99"}
        token = await forget(person, mailbox, 3)
        tokens = (await person.send("POST", "/me/password", tokens, json=change)).json()
        assert await reset(person, token) == 400

        token = await forget(person, mailbox, 4)
        await person.send(
            "PATCH", "/me", tokens, json={"email": "new@au.edu", "password": "another one 99"}
        )
        assert await reset(person, token) == 400

        person.email = "new@au.edu"
        token = await forget(person, mailbox, 6)
        deactivate = update(User).values(is_active=False)
        await mailing.database.write(lambda db: db.execute(deactivate).close())
        assert await reset(person, token) == 400

    async def test_a_weak_password_leaves_it_good(self, mailing: Service, mailbox: Mailbox) -> None:
        person = Visitor(mailing)
        await person.register()
        token = await forget(person, mailbox, 2)

        assert await reset(person, token, "password123") == 422
        assert await reset(person, token, "short") == 422
        assert await reset(person, token) == 200

    async def test_only_its_hash_is_stored(self, mailing: Service, mailbox: Mailbox) -> None:
        person = Visitor(mailing)
        await person.register()
        token = await forget(person, mailbox, 2)

        query = select(OneTimeLink.__table__)
        rows = await mailing.database.read(lambda db: str(db.execute(query).all()))
        assert token not in rows

    @pytest.mark.parametrize("token", ["", "x", "ก", "a.b.c"])
    async def test_what_is_no_link_is_refused(self, mailing: Service, token: str) -> None:
        assert await reset(Visitor(mailing), token) == 400

    async def test_a_token_of_another_kind_is_refused(
        self, mailing: Service, mailbox: Mailbox
    ) -> None:
        person = Visitor(mailing)
        tokens = await person.join()
        await mailbox.wait(1)
        confirmation = find_token(mailbox, "confirm-email")
        mine = TokenService(SECRET).read(TokenType.ACCESS, tokens["access_token"])
        unsent = TokenService(SECRET).create(
            TokenType.RESET, Claims(mine.user_id, "", 0), lifetime=timedelta(hours=1)
        )

        for token in (*tokens.values(), confirmation, unsent.text):
            assert await reset(person, str(token)) == 400


@on_every_database
class TestConfirmation:
    async def test_a_link_confirms_the_address_once(
        self, mailing: Service, mailbox: Mailbox
    ) -> None:
        person = Visitor(mailing)
        tokens = await person.join()
        await mailbox.wait(1)
        token = find_token(mailbox, "confirm-email")
        assert (await person.send("GET", "/me", tokens)).json()["email_confirmed_at"] is None

        first = await person.send("POST", "/confirm-email", json={"token": token})
        again = await person.send("POST", "/confirm-email", json={"token": token})

        assert first.status_code == 200
        assert assert_problem(again)["code"] == "invalid_link"
        assert (await person.send("GET", "/me", tokens)).json()["email_confirmed_at"] is not None
        assert await person.is_in(tokens)

    async def test_a_new_address_is_confirmed_anew_by_a_link_of_its_own(
        self, mailing: Service, mailbox: Mailbox
    ) -> None:
        person = Visitor(mailing)
        tokens = await person.join()
        await mailbox.wait(1)
        old = find_token(mailbox, "confirm-email")
        change = {"email": "new@au.edu", "password": PASSWORD}
        await person.send("PATCH", "/me", tokens, json=change)
        await mailbox.wait(2)
        new = find_token(mailbox, "confirm-email")

        assert mailbox.recipients[-1] == ["new@au.edu"]
        assert (await person.send("POST", "/confirm-email", json={"token": old})).status_code == 400
        assert (await person.send("POST", "/confirm-email", json={"token": new})).status_code == 200

    async def test_it_is_sent_once_more_when_asked(
        self, mailing: Service, mailbox: Mailbox
    ) -> None:
        person = Visitor(mailing)
        tokens = await person.join()
        await mailbox.wait(1)
        await expire_waits(mailing)

        answer = await person.send("POST", "/me/confirm-email", tokens)

        assert answer.status_code == 202
        await mailbox.wait(2)
        token = find_token(mailbox, "confirm-email")
        await person.send("POST", "/confirm-email", json={"token": token})
        assert (await person.send("POST", "/me/confirm-email", tokens)).status_code == 202
        await mailing.app.state.accounts.link_service._wishes.join()
        assert len(mailbox.mails) == 2, "it is confirmed already"


class TestDelivery:
    async def test_a_link_holds_as_long_as_its_letter_says(
        self, mailing: Service, mailbox: Mailbox
    ) -> None:
        person = Visitor(mailing)
        await person.register()
        await mailbox.wait(1)
        await forget(person, mailbox, 2)

        links = await mailing.database.read(
            lambda db: db.scalars(select(OneTimeLink).order_by(OneTimeLink.created_at)).all()
        )

        for link, mail, hours in zip(links, mailbox.mails, (72, 1), strict=True):
            assert f"within {hours} hour" in mail.get_content()
            assert f"ภายใน {hours} ชั่วโมง" in mail.get_content()
            lifetime = (link.expires_at - link.created_at).total_seconds()
            assert lifetime == pytest.approx(hours * 3_600, abs=9)

    async def test_a_refused_mail_is_tried_again_or_its_link_forgotten(
        self, mailing: Service, mailbox: Mailbox
    ) -> None:
        mailbox.refusals = ["550 no such mailbox"]
        person = Visitor(mailing)
        await person.register()
        await mailing.app.state.accounts.link_service._wishes.join()

        assert mailbox.attempts == 1
        assert await count_links(mailing) == 0
        assert await forget(person, mailbox, 1)

    async def test_without_a_server_production_says_so_to_everybody(
        self, database_url: str
    ) -> None:
        config = make_settings(DATABASE_URL=database_url, ENVIRONMENT="production")
        async with run_service(config) as service:
            person = Visitor(service)
            await person.register()
            for email in (EMAIL, "nobody@au.edu"):
                answer = await person.send("POST", "/password-reset", json={"email": email})
                assert (
                    assert_problem(answer, statuses=range(503, 504))["code"] == "mail_unavailable"
                )

    async def test_without_a_server_development_writes_the_link_to_the_log(
        self, database_url: str, capfd: pytest.CaptureFixture[str]
    ) -> None:
        config = make_settings(DATABASE_URL=database_url, LOG_LEVEL="WARNING")
        async with run_service(config) as service:
            await Visitor(service).register()

        assert "http://localhost:3000/confirm-email?token=" in capfd.readouterr().err
