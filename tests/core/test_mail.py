"""Tests of `backend/core/mail.py` against a real SMTP server."""

import ssl
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509

from backend.core.mail import Mail, Mailer, MailNotSent, MailServer
from tests.certificates import make_certificate
from tests.fakes.mailbox import (
    PASSWORD,
    USERNAME,
    Mailbox,
    password_protected,
    receive_mail,
)

SENDER = "AU-GURU <no-reply@au.edu>"
LETTER = Mail("somchai@au.edu", "ตั้งรหัสผ่านใหม่", "เปิดลิงก์\nhttps://chat.au.edu/x?token=a.b-c_d\n")
LOGIN = f"{quote(USERNAME, safe='')}:{quote(PASSWORD, safe='')}"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 by an authority that nobody knows, with its key."""
    return make_certificate(tmp_path_factory.mktemp("tls"), x509.IPAddress(ip_address("127.0.0.1")))


@pytest.fixture
def server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


def mailer(url: str, *, trusted: Path | None = None) -> Mailer:
    tls = ssl.create_default_context(cafile=trusted) if trusted else None
    return Mailer(MailServer.parse(url), sender=SENDER, tls=tls)


class TestSend:
    async def test_a_mail_arrives_as_it_was_written(self) -> None:
        box = Mailbox()
        async with receive_mail(box) as port:
            await mailer(f"smtp://127.0.0.1:{port}").send(LETTER)

        mail = await box.wait()
        assert mail["From"] == SENDER
        assert mail["To"] == LETTER.to
        assert mail["Subject"] == LETTER.subject
        assert mail.get_content().splitlines() == LETTER.text.splitlines()
        assert mail["Message-ID"].endswith("@au.edu>")
        assert mail["Auto-Submitted"] == "auto-generated"

    async def test_a_host_in_another_script_is_named_as_servers_do(self) -> None:
        box = Mailbox()
        async with receive_mail(box) as port:
            await mailer(f"smtp://127.0.0.1:{port}").send(Mail("a@bücher.example", "x", "x"))

        assert box.recipients == [["a@xn--bcher-kva.example"]]

    async def test_an_address_in_another_script_arrives(self) -> None:
        box = Mailbox()
        async with receive_mail(box, enable_SMTPUTF8=True) as port:
            await mailer(f"smtp://127.0.0.1:{port}").send(Mail("zoë@au.edu", "x", "x"))

        assert box.recipients == [["zoë@au.edu"]]

    async def test_starttls_and_a_password(
        self, certificate: Path, server_side: ssl.SSLContext
    ) -> None:
        box = Mailbox()
        async with receive_mail(box, **password_protected(server_side)) as port:
            url = f"starttls://{LOGIN}@127.0.0.1:{port}"
            await mailer(url, trusted=certificate).send(LETTER)

        assert box.encrypted == [True]

    async def test_tls_from_the_first_byte(
        self, certificate: Path, server_side: ssl.SSLContext
    ) -> None:
        box = Mailbox()
        async with receive_mail(box, ssl_context=server_side) as port:
            await mailer(f"smtps://127.0.0.1:{port}", trusted=certificate).send(LETTER)

        assert box.encrypted == [True]

    async def test_starttls_is_never_done_without(self) -> None:
        box = Mailbox()
        async with receive_mail(box) as port:
            with pytest.raises(MailNotSent):
                await mailer(f"starttls://127.0.0.1:{port}").send(LETTER)

        assert box.mails == []

    async def test_a_server_with_a_certificate_of_nobody_gets_nothing(
        self, server_side: ssl.SSLContext
    ) -> None:
        box = Mailbox()
        async with receive_mail(box, **password_protected(server_side)) as port:
            with pytest.raises(MailNotSent):
                await mailer(f"starttls://{LOGIN}@127.0.0.1:{port}").send(LETTER)

        assert box.mails == []

    @pytest.mark.parametrize(
        ("answer", "is_final"), [("451 later", False), ("550 no somchai@au.edu here", True)]
    )
    async def test_a_refusal_is_told_without_the_address(self, answer: str, is_final: bool) -> None:
        box = Mailbox()
        box.refusals = [answer]
        async with receive_mail(box) as port:
            with pytest.raises(MailNotSent) as failure:
                await mailer(f"smtp://127.0.0.1:{port}").send(LETTER)

        assert failure.value.is_final is is_final
        assert "somchai" not in str(failure.value)

    async def test_a_server_that_is_away_is_told(self) -> None:
        with pytest.raises(MailNotSent) as failure:
            await mailer("smtp://127.0.0.1:9").send(LETTER)

        assert not failure.value.is_final


class TestMailServer:
    def test_reads_everything_in_the_url(self) -> None:
        server = MailServer.parse(f"smtps://{LOGIN}@mail.au.edu")

        assert (server.host, server.port) == ("mail.au.edu", 465)
        assert (server.username, server.password) == (USERNAME, PASSWORD)
        assert PASSWORD not in repr(server)

    @pytest.mark.parametrize(
        ("url", "start_tls"),
        [
            ("smtp://mail.au.edu", None),
            ("smtp://u:p@127.0.0.1", None),
            ("smtp://u:p@mail.au.edu", True),
            ("starttls://mail.au.edu", True),
            ("smtps://mail.au.edu", False),
        ],
    )
    def test_no_password_leaves_the_machine_in_the_clear(
        self, url: str, start_tls: bool | None
    ) -> None:
        assert MailServer.parse(url).start_tls is start_tls
