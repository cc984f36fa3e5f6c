"""Tests of `backend/services/link_service.py`: a link works once, for one account alone."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from backend.core.account_errors import InvalidLink, WeakPassword
from backend.models import LinkPurpose, OneTimeLink, User
from backend.models.base import utc_now
from tests.databases import on_every_database
from tests.services.post import Post, id_of

RESET, CONFIRM = LinkPurpose
PASSWORD = "mango sticky rice 7"


@on_every_database
class TestUse:
    async def test_a_new_password_is_one_person_s_and_confirms_the_address(
        self, post: Post
    ) -> None:
        await post.join("ann", "bob")
        await post.send((CONFIRM, "ann"), (RESET, "bob"), (RESET, "ann"))

        await post.links.reset_password(post.mailer.last_token, PASSWORD)

        hashes = await post.read(User.password_hash)
        confirmed = await post.read(User.email_confirmed_at)
        assert hashes["bob"] == "!" != hashes["ann"]
        assert confirmed["bob"] is None
        assert abs(confirmed["ann"] - utc_now()) < timedelta(seconds=60)
        assert await post.kept() == {("bob", RESET)}
        with pytest.raises(InvalidLink):
            await post.links.reset_password(post.mailer.last_token, PASSWORD)

    async def test_an_address_is_confirmed_alone_and_once(self, post: Post) -> None:
        await post.join("ann", "bob")
        await post.send((RESET, "ann"), (CONFIRM, "bob"), (CONFIRM, "ann"))

        await post.links.confirm_email(post.mailer.last_token)

        confirmed = await post.read(User.email_confirmed_at)
        assert confirmed["bob"] is None
        assert abs(confirmed["ann"] - utc_now()) < timedelta(seconds=60)
        assert await post.kept() == {("ann", RESET), ("bob", CONFIRM)}
        with pytest.raises(InvalidLink):
            await post.links.confirm_email(post.mailer.last_token)

    async def test_when_an_address_was_first_confirmed_stays(self, post: Post) -> None:
        first = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
        await post.join("ann", email_confirmed_at=first)
        await post.send((RESET, "ann"))

        await post.links.reset_password(post.mailer.last_token, PASSWORD)

        assert await post.read(User.email_confirmed_at) == {"ann": first}

    @pytest.mark.parametrize(
        "change",
        [
            update(User).values(is_active=False),
            update(User).values(token_version=1),
            update(User).values(token_version=-1),
            update(OneTimeLink).values(expires_at=utc_now() - timedelta(seconds=1)),
            update(OneTimeLink).values(purpose=CONFIRM),
            update(OneTimeLink).values(user_id=id_of("bob")),
            delete(OneTimeLink),
        ],
    )
    async def test_a_link_that_is_good_no_more_changes_nothing(
        self, post: Post, change: Any
    ) -> None:
        await post.join("ann", "bob")
        await post.send((RESET, "ann"))
        await post.database.write(lambda db: db.execute(change).close())

        with pytest.raises(InvalidLink):
            await post.links.reset_password(post.mailer.last_token, PASSWORD)

        assert await post.read(User.password_hash) == {"ann": "!", "bob": "!"}

    @pytest.mark.parametrize("password", ["password123", "ann@au.edu"])
    async def test_a_weak_password_leaves_the_link_good(self, post: Post, password: str) -> None:
        await post.join("ann")
        await post.send((RESET, "ann"))

        with pytest.raises(WeakPassword):
            await post.links.reset_password(post.mailer.last_token, password)

        assert await post.kept() == {("ann", RESET)}
