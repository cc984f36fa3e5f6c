"""Tests of `backend/services/link_service.py`; what links do is tried over HTTP."""

import pytest

from backend.core.account_errors import MailUnavailable
from backend.models import LinkPurpose
from backend.services.link_service import MAX_WAITING, LinkConfig, LinkService
from tests.service import Service


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
