"""The mailbox of what comes back, on a real server: Dovecot over TLS."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.errors import Refused
from regulars.outreach import links
from regulars.shop import Shop
from tests.outreach.conftest import NOW, Clock, campaign
from tests.outreach.dovecot import PASSWORD, PROGRAM, Mailbox
from tests.outreach.test_email import FAILED, REPORT

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no IMAP server here: apt-get install dovecot-imapd")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """In a folder that its own user can reach, running."""
    folder = Path(tempfile.mkdtemp(prefix="imap"))
    folder.chmod(0o755)
    box = Mailbox(folder)
    box.start()
    yield box
    box.stop()
    shutil.rmtree(folder)


def report(shop: Shop, number: int, status: str) -> bytes:
    mine = f"<{number}.{links.message_digest(shop.campaigns.store.seed, number)}@shop.example>"
    return REPORT.format(kind="delivery-status", part="delivery-status", said=FAILED.format("failed", status),
                         id=mine).replace("\n", "\r\n").encode()


def test_reports_are_read_once_and_marked_and_what_is_in_the_way_is_said(
        mailing: Shop, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    campaigns = mailing.campaigns
    campaigns.add(campaign(), now=NOW)
    campaigns.send("Hello", NOW)
    campaigns.drive(Clock())
    campaigns.set("email", {"imap_host": mailbox.address, "imap_user": "back", "imap_password": PASSWORD})
    for name, data in (("one", report(mailing, 1, "5.1.1")), ("two", report(mailing, 2, "4.2.2")),
                       ("mail", b"Subject: hello\r\n\r\nno report"),
                       ("large", b"Subject: x\r\n\r\n" + b"a" * 3_000_000),
                       ("forged", report(mailing, 3, "5.1.1").replace(b"<3.", b"<4."))):
        mailbox.arrive(name, data)
    with pytest.raises(Refused, match="certificate"):
        campaigns.bounces(NOW)
    monkeypatch.setenv("SSL_CERT_FILE", str(mailbox.cert))
    campaigns.set("email", {"imap_password": "guessed"})
    with pytest.raises(Refused, match=r"AUTHENTICATIONFAILED"):
        campaigns.bounces(NOW)
    assert (mailbox.seen, campaigns.progress("Hello").deliveries) == (0, {"sent": 30})
    campaigns.set("email", {"imap_password": PASSWORD})
    assert campaigns.bounces(NOW) == 2
    after = {"sent": 28, "bounced_hard": 1, "bounced_soft": 1}
    assert (mailbox.seen, campaigns.progress("Hello").deliveries) == (5, after)
    assert campaigns.bounces(NOW) == 0
    for path in (mailbox.folder / "mail/cur").iterdir():
        path.rename(path.with_name(path.name.replace("S", "")))
    assert (campaigns.bounces(NOW), mailbox.seen, campaigns.progress("Hello").deliveries) == (2, 5, after)
    assert campaigns.store.value("SELECT count(*) FROM responses WHERE kind LIKE 'bounced%'") == 2
    mailbox.stop()
    with pytest.raises(Refused, match="cannot be read"):
        campaigns.bounces(NOW)
