"""Tests of `backend/services/link_service.py`: who is sent a link, and what becomes of it."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from structlog.testing import capture_logs

from backend.core.errors import DatabaseUnavailable
from backend.core.mail import MailNotSent
from backend.models import LinkPurpose, OneTimeLink, User
from backend.models.base import utc_now
from backend.services.link_service import AGAIN_AFTER, LIFETIMES
from tests.services.post import Post, id_of

RESET, CONFIRM = LinkPurpose
LATER = MailNotSent("SMTPConnectError", is_final=False)
NEVER = MailNotSent("SMTPRecipientRefused", is_final=True)


class TestWhoIsSentALink:
    @pytest.mark.parametrize("purpose", LinkPurpose)
    async def test_whoever_has_an_account_and_nobody_else(
        self, post: Post, purpose: LinkPurpose
    ) -> None:
        await post.join("ann", "bob")
        await post.join("gone", is_active=False)

        assert await post.send((purpose, "ann"), (purpose, "gone"), (purpose, "eve")) == ["ann"]
        assert await post.kept() == {("ann", purpose)}

    async def test_who_has_confirmed_an_address_can_still_forget_the_password(
        self, post: Post
    ) -> None:
        await post.join("ann", email_confirmed_at=utc_now())

        assert await post.send((CONFIRM, "ann")) == []
        assert await post.send((RESET, "ann")) == ["ann"]

    async def test_a_link_is_good_as_long_as_it_is_said(self, post: Post) -> None:
        await post.join("ann")
        await post.send((RESET, "ann"), (CONFIRM, "ann"))

        query = select(OneTimeLink.purpose, OneTimeLink.expires_at)
        ends = dict(await post.database.read(lambda db: db.execute(query).all()))

        assert {purpose: LIFETIMES[purpose].total_seconds() // 3_600 for purpose in ends} == {
            RESET: 1,
            CONFIRM: 72,
        }
        for purpose, end in ends.items():
            assert abs(end - utc_now() - LIFETIMES[purpose]) < timedelta(seconds=60)
        assert "within 1 hour " in post.mailer.mails[0].text
        assert "within 72 hours " in post.mailer.mails[1].text

    @pytest.mark.parametrize(("seconds", "mails"), [(55, 1), (61, 2)])
    async def test_the_next_of_its_kind_is_sent_after_a_minute(
        self, post: Post, seconds: int, mails: int
    ) -> None:
        await post.join("ann", "bob")
        await post.send((RESET, "ann"), (RESET, "bob"), (CONFIRM, "ann"))
        made = utc_now() - timedelta(seconds=seconds)
        mine = (
            update(OneTimeLink).where(OneTimeLink.user_id == id_of("ann")).values(created_at=made)
        )
        await post.database.write(lambda db: db.execute(mine).close())

        sent = await post.send((RESET, "ann"))

        assert sent.count("ann") == 1 + mails
        assert await post.kept() == {("ann", RESET), ("bob", RESET), ("ann", CONFIRM)}
        assert timedelta(seconds=60) == AGAIN_AFTER


class TestMailsThatAreNotSent:
    @pytest.mark.parametrize(
        ("failures", "attempts", "sent"),
        [
            ([], 1, True),
            ([LATER], 2, True),
            ([LATER, LATER], 3, True),
            ([LATER, LATER, LATER], 3, False),
            ([NEVER], 1, False),
            ([LATER, NEVER], 2, False),
        ],
    )
    async def test_are_tried_again_and_their_links_forgotten_at_last(
        self, post: Post, failures: list[MailNotSent], attempts: int, sent: bool
    ) -> None:
        await post.join("ann", "bob")
        await post.send((RESET, "bob"))
        post.mailer.attempts, post.mailer.failures = 0, list(failures)

        await post.send((RESET, "ann"))

        assert post.mailer.attempts == attempts
        assert post.mailer.sent_to == (["bob", "ann"] if sent else ["bob"])
        assert await post.kept() == {("bob", RESET)} | ({("ann", RESET)} if sent else set())

    @pytest.mark.parametrize(
        ("failure", "is_odd"),
        [(DatabaseUnavailable(retry_after=1), False), (ValueError("odd"), True)],
    )
    async def test_do_not_end_the_sending_of_others(
        self, post: Post, failure: Exception, is_odd: bool
    ) -> None:
        await post.join("ann", "bob", "cat")

        with capture_logs() as lines:
            links = post.open()
            async with asyncio.timeout(5), links.running():
                for name in ("ann", "bob", "cat"):
                    post.database.failure = failure if name != "cat" else None
                    links.request(RESET, f"{name}@au.edu")
                    await links._wishes.join()

        assert post.mailer.sent_to == ["cat"]
        assert [line["log_level"] == "error" for line in lines] == [is_odd] * 2

    async def test_to_an_account_that_is_deleted_meanwhile_are_no_failure(self, post: Post) -> None:
        await post.join("ann")
        post.database.before = lambda db: db.execute(delete(User)).close()

        with capture_logs() as lines:
            assert await post.send((RESET, "ann")) == []

        assert lines == []
