"""Campaigns in the browser: looked over, tried, sent, and what becomes of them."""

from __future__ import annotations

import html
import re
from datetime import datetime
from types import SimpleNamespace

import pytest
from django.test import Client

from regulars.app.campaigns import listing, work
from regulars.app.doors import roles
from regulars.app.doors.models import Person
from regulars.app.jobs import running
from regulars.app.segments.following import following
from regulars.errors import ContentRefused
from regulars.intake.settle import count_change
from regulars.model.tables import FACT_TABLES
from regulars.outreach import sending, suppression
from regulars.outreach.campaign import Campaign
from regulars.outreach.store import text_of
from regulars.shop import Shop, guarding
from tests.app.campaigns.conftest import NAME, content, moment, place, typed, words
from tests.app.conftest import SignedIn
from tests.outreach.postbox import Postbox


def test_who_would_buy_anyway_is_worked_out_of_many_while_the_page_tells_how_far(
        drafted: Campaign, saved: Shop, owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "FEW", 0)
    owner.post(place("change", "plan/"), {"control": "10", "window_days": "14", "kind": "percent", "value": "10"})
    page = owner.get(place("guard")).content.decode()
    asked = re.search(r'hx-get="([^"]+job=\d+)" hx-trigger="load delay:1s"', page)
    assert asked and "It is worked out who gets it" in page and "Stop" in page
    running.drive()
    assert "cannot be told yet" in words(owner.get(html.unescape(asked[1])))
    job = work.job_of(work.GUARD, drafted)
    assert job and job.error and (job.step, job.total) == (guarding.LOOKING_BACK, guarding.LOOKS)


def test_it_is_sent_once_to_who_may_have_it(drafted: Campaign, saved: Shop, owner: Client, box: Postbox) -> None:
    owner.post(place("write", "0/"), typed())
    owner.post(place("change", "plan/"), {"control": "0", "window_days": "14"})
    said = words(owner.get(place("checked")))
    assert "Nothing keeps it back." in said and "Send it to 1 person" in said
    assert "No postal address of the shop is said" in said and "Open these settings" in said
    owner.post(place("test", "0/"), {"to": "me@little.example", "language": "en"})
    owner.post(place("do", "send/"))
    saved.campaigns.drive(moment)
    assert box.addresses == ["me@little.example", "ada@example.com"]
    test = box.messages[0].get_body(("plain",))
    assert test is not None and "/m/test" in test.get_content() and "example.com" not in test.get_content()
    assert "This was a test" in words(Client().get("/m/test"))
    sent = box.messages[1]
    body = sent.get_body(("plain",))
    assert sent["Subject"] == "Hello Ada Bloem" and body is not None and "You live in Utrecht." in body.get_content()
    said = words(owner.get(place("progress")))
    assert "sent" in said and "1 of 1 message is done with." in said
    assert "Change who gets it" not in words(owner.get(place("show")))
    assert "Take a control group next time." in words(owner.get(place("results")))


def test_all_that_lacks_is_said_at_once_and_until_when_the_night_holds_it(
        drafted: Campaign, saved: Shop, owner: Client, box: Postbox) -> None:
    saved.campaigns.set("email", {"host": ""})
    saved.campaigns.set("gate", {"public_address": ""})
    said = words(owner.get(place("checked")))
    assert "There is no mail server or no sender yet." in said and "Nobody could unsubscribe" in said
    hour = datetime.now(saved.settings.zone).hour
    saved.campaigns.set("email", {"host": "127.0.0.1"})
    saved.campaigns.set("gate", {"public_address": "https://little.example", "quiet_from": (hour - 1) % 24,
                                 "quiet_until": (hour + 2) % 24})
    owner.post(place("write", "0/"), typed())
    owner.post(place("change", "plan/"), {"control": "0", "window_days": "14"})
    night = f"Nothing goes from {(hour - 1) % 24}:00 to {(hour + 2) % 24}:00 by each customer’s own clock."
    assert f"at once {night}" in words(owner.get(place("show")))
    owner.post(place("do", "send/"))
    saved.campaigns.drive(moment)
    assert not box.taken
    said = words(owner.get(place("progress")))
    assert re.search(rf"The next go .*{(hour + 2) % 24:02}:00 ?\. {re.escape(night)}", said)


def test_a_server_that_is_down_is_named_while_it_is_tried_again(
        drafted: Campaign, saved: Shop, owner: Client, box: Postbox, monkeypatch: pytest.MonkeyPatch) -> None:
    owner.post(place("write", "0/"), typed())
    owner.post(place("change", "plan/"), {"control": "0", "window_days": "14"})
    saved.campaigns.set("email", {"port": 1})
    owner.post(place("do", "send/"))
    seen: list[str] = []
    sender = saved.campaigns.sender(moment, lambda _: seen.append(words(owner.get(place("progress")))))
    monkeypatch.setattr(sending, "LINE_PAUSES", (0.0,))
    monkeypatch.setattr(listing, "outbox", lambda: SimpleNamespace(resting=lambda way: sender.resting.get(way, "")))
    sender.drive()
    down = "No mail server answers at 127.0.0.1, port 1."
    assert any(f"being sent {down} It is tried again in a moment." in said for said in seen)
    said = words(owner.get(place("progress")))
    assert f"paused {down}" in said and "tried again" not in said


def test_a_test_and_the_preview_are_as_the_first_who_reads_the_language(drafted: Campaign, saved: Shop, owner: Client,
                                                                        box: Postbox) -> None:
    write = place("write", "0/")
    owner.post(write, typed(subject="To {{ customer.name }}"))
    ids = dict(saved.engine.rows("SELECT name, customer_id FROM customers WHERE city = 'Utrecht'"))
    ada, bram = (ids[name] for name in ("Ada Bloem", "Bram de Wit"))
    for reader, tab, first in ((bram, "ru", bram), (bram, "en", ada), (ada, "en", bram)):
        saved.engine.execute("UPDATE customers SET language = CASE WHEN customer_id = ? THEN 'ru-RU' END", [reader])
        assert f"&amp;customer={first}" in owner.get(f"{write}?language={tab}").content.decode()
    owner.post(write, typed(subject="To {{ customer.name }}", go="test", to="me@little.example"))
    assert b"Subject: To Bram de Wit" in box.taken[-1][1]


def test_a_message_that_has_gone_is_read_and_says_how_to_change_it(drafted: Campaign, saved: Shop, owner: Client,
                                                                   box: Postbox) -> None:
    owner.post(place("write", "0/"), typed())
    saved.campaigns.change(NAME, now=moment(), control_share=0)
    owner.post(place("do", "send/"))
    answer = owner.post(place("write", "0/"), typed(subject="Too late"), headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "It is only to be read" in words(answer)
    assert "<button" not in answer.content.decode().partition('id="editor"')[2].partition("preview-box")[0]
    assert content(saved)["subject"] == "Hello {{ customer.name }}"


def test_no_test_goes_to_somebody_who_wants_no_more_but_to_oneself(drafted: Campaign, saved: Shop, owner: Client,
                                                                    box: Postbox) -> None:
    owner.post(place("write", "0/"), typed())
    own = str(Person.objects.get(pk=owner.session["_auth_user_id"]).email)
    for address in (own, "bram@little.example"):
        suppression.suppress(saved.campaigns.store, "email", address, address, "complained", moment())
    for address in (own, "Bram@little.example"):
        said = words(owner.post(place("test", "0/"), {"to": address, "language": "en"}, follow=True))
    assert "No test goes there either." in said and box.addresses == [own]


def test_what_nobody_knows_of_is_listed_and_settled_by_who_may(drafted: Campaign, saved: Shop, owner: Client,
                                                               as_: SignedIn, box: Postbox) -> None:
    """Handed over once; then as if the process had died before the server's answer."""
    owner.post(place("write", "0/"), typed())
    owner.post(place("change", "plan/"), {"control": "0", "window_days": "14"})
    owner.post(place("do", "send/"))
    saved.campaigns.drive(moment)

    def lose() -> None:
        with saved.campaigns.store.writing() as c:
            c.execute("UPDATE deliveries SET state = 'unknown'")
    lose()
    said = words(owner.get(place("progress")))
    assert "1 message was under way when the sending broke off" in said and "C1 ada@example.com" in said
    viewer = as_(roles.VIEWER)
    assert "ada@example.com" not in words(viewer.get(place("progress")))
    assert {viewer.post(place("do", f"{what}/")).status_code for what in ("again", "arrived")} == {403}
    owner.post(place("do", "arrived/"))
    assert saved.campaigns.progress(NAME).deliveries == {"sent": 1} and len(box.messages) == 1
    lose()
    owner.post(place("do", "again/"))
    saved.campaigns.drive(moment)
    assert saved.campaigns.progress(NAME).deliveries == {"sent": 1} and len(box.messages) == 2


def test_a_shop_that_stands_sends_only_once_it_is_as_of_today(drafted: Campaign, saved: Shop, owner: Client,
                                                              box: Postbox) -> None:
    owner.post(place("write", "0/"), typed())
    owner.post(place("change", "plan/"), {"control": "0", "window_days": "14"})
    for table in FACT_TABLES:
        saved.engine.execute(f'UPDATE {table.name} SET "at" = "at" - INTERVAL 4000 DAY')
    count_change(saved.engine, None, everybody=True)
    owner.post("/today/as-of/", {"by": "data"})
    running.drive()
    for page in (place("checked"), place("show"), "/campaigns/"):
        assert "as of today" in words(owner.get(page))
    assert "so who is in segment 'Utrecht' today is not known and nothing can be sent." in words(
        owner.post(place("do", "send/"), follow=True))
    assert saved.campaigns.get(NAME).state == "draft"
    owner.post("/today/as-of/", {"by": "clock"})
    running.drive()
    owner.post(place("do", "send/"))
    began = saved.campaigns.get(NAME).began_at
    assert began is not None and (moment() - began).days == 0


def test_what_keeps_it_back_keeps_it(drafted: Campaign, saved: Shop, owner: Client, box: Postbox) -> None:
    said = words(owner.post(place("do", "send/"), follow=True))
    assert "leads nowhere yet" in said and saved.campaigns.get(NAME).state == "draft"
    owner.post(place("write", "0/"), typed(**{"b.0.text": "New: [what is new]"}))
    with pytest.raises(ContentRefused, match="still to be filled in"):
        saved.campaigns.send(NAME, moment())
    assert saved.campaigns.get(NAME).state == "draft" and not box.taken


def test_what_is_sent_before_it_is_known_who_is_in_waits_for_the_look_and_goes(
        drafted: Campaign, saved: Shop, owner: Client, box: Postbox, monkeypatch: pytest.MonkeyPatch) -> None:
    owner.post(place("write", "0/"), typed())
    owner.post(place("change", "plan/"), {"control": "0", "window_days": "14"})
    saved.segments.change("Utrecht", now=moment(), rule="city = 'Utrecht' and everyone")
    said = owner.get(place("checked")).content.decode()
    assert "this goes on by itself in a moment" in said and "load delay:2s" in said
    assert "This keeps it back" not in said and "Send it to" not in said
    owner.post(place("do", "send/"))
    assert saved.campaigns.get(NAME).state == "draft"
    monkeypatch.setattr(following, "wake", following.look)
    monkeypatch.setattr(work, "PAUSE", 0)
    running.drive()
    assert saved.campaigns.get(NAME).state == "sending"


def test_many_people_are_looked_over_and_sent_to_while_the_page_tells_how_far(
        drafted: Campaign, saved: Shop, owner: Client, box: Postbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "FEW", 0)
    owner.post(place("write", "0/"), typed())
    owner.post(place("change", "plan/"), {"control": "0", "window_days": "14"})
    waits = owner.get(place("checked")).content.decode()
    assert "It is worked out who gets it" in waits and "load delay:1s" in waits and "Send it to" not in waits
    assert "load delay:1s" in owner.get(place("audience")).content.decode()
    running.drive()
    assert "Send it to 1 person" in words(owner.get(place("checked")))
    assert "has not agreed to be written to this way 1" in words(owner.get(place("audience")))
    owner.post(place("write", "0/"), typed(subject="Changed since"))
    owner.post(place("do", "send/"))
    assert saved.campaigns.get(NAME).state == "draft"
    assert "It is looked over, then it goes" in words(owner.get(place("checked")))
    saved.campaigns.change(NAME, now=moment(), window_days=7)
    running.drive()
    assert "It was not sent:" in words(owner.get(place("checked"))) and saved.campaigns.get(NAME).state == "draft"
    running.drive()
    owner.post(place("do", "send/"))
    running.drive()
    assert saved.campaigns.get(NAME).state == "sending"
    assert owner.get(place("checked")).headers["HX-Refresh"] == "true"


def test_a_control_group_of_another_campaign_is_not_written_to_without_a_word(
        drafted: Campaign, saved: Shop, owner: Client, box: Postbox) -> None:
    saved.campaigns.change(NAME, now=moment(), control_share=0)
    first = saved.campaigns.add(Campaign("First", ("Utrecht",)), now=moment())
    ada = next(r.customer_id for r in saved.campaigns.audience(NAME, moment()).rows if r.arm)
    assert "control group of" not in words(owner.get(place("checked")))
    with saved.campaigns.store.writing() as c:
        c.execute("UPDATE campaigns SET state = 'sent', began_at = ? WHERE id = ?", [text_of(moment()), first.id])
        c.execute("INSERT INTO audience VALUES (?, ?, '', 'control', '', '', ?, '{}')",
                  [first.id, ada, text_of(moment())])
    assert "1 person of the control group of 'First' would get this too" in words(owner.get(place("checked")))
