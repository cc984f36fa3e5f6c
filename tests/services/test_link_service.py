"""Tests of `backend/services/link_service.py`; what links do is tried over HTTP."""

import asyncio
from typing import Any

import pytest

from backend.core.account_errors import MailUnavailable
from backend.core.mail import Mail, Mailer, MailNotSent, MailServer
from backend.models import LinkPurpose
from backend.services import link_service as module
from backend.services.link_service import MAX_WAITING, LinkConfig, LinkService
from tests.service import Service

PERSON = {"email": "somchai@au.edu", "password": "mango sticky rice 7"}


class DeafMailer(Mailer):
    """Fails at the moment at which it is cancelled, and so hides it, as a connection may.

    It is deaf once: a test that waits for its sender in vain can still be ended.
    """

    def __init__(self) -> None:
        super().__init__(MailServer.parse("smtp://127.0.0.1:9"), sender="guru@au.edu")
        self.asked = asyncio.Event()
        self.was_deaf = False

    async def send(self, mail: Mail) -> None:
        self.asked.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            if self.was_deaf:
                raise
            self.was_deaf = True
            raise MailNotSent("SMTPConnectError", is_final=False) from None


async def test_the_end_waits_for_no_sender_that_was_deaf_to_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CLOSING_SECONDS", 0.05)
    registered = await service.client.post("/api/v1/users/register", json=PERSON)
    assert registered.status_code == 201
    accounts: Any = service.app.state.accounts.link_service
    mailer = DeafMailer()
    config = LinkConfig(public_url="https://chat.au.edu", mailer=mailer)
    links = LinkService(service.database, accounts.token_service, accounts.hasher, config)

    async with asyncio.timeout(5):
        async with links.running():
            links.request(LinkPurpose.RESET, PERSON["email"])
            await mailer.asked.wait()

    assert mailer.was_deaf


async def test_who_would_wait_behind_a_thousand_others_is_sent_away(service: Service) -> None:
    accounts = service.app.state.accounts.link_service
    config = LinkConfig(public_url="https://chat.au.edu", log_links=True)
    links = LinkService(service.database, accounts.token_service, accounts.hasher, config)
    for number in range(MAX_WAITING):
        links.request(LinkPurpose.RESET, f"person{number}@au.edu")

    with pytest.raises(MailUnavailable) as refused:
        links.request(LinkPurpose.RESET, "one.more@au.edu")

    assert MAX_WAITING == 1_000
    assert refused.value.retry_after == 60
