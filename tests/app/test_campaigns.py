"""Campaigns in the browser: drafted, written, looked over and sent, with the little shop's own people."""

from __future__ import annotations

import html
import re
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from regulars.app.campaigns import work
from regulars.app.doors import roles
from regulars.app.doors.models import Person
from regulars.app.jobs import running
from regulars.app.segments.following import following
from regulars.errors import ContentRefused
from regulars.intake.settle import count_change
from regulars.model.tables import FACT_TABLES
from regulars.outreach import suppression
from regulars.outreach.campaign import Campaign
from regulars.outreach.store import text_of
from regulars.shop import Shop, guarding
from tests.app.conftest import SignedIn
from tests.outreach.postbox import Postbox, Running

NAME = "Über 10% / \"gut\" & <b>"
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", 320, 200) + bytes(20)


def moment() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


@pytest.fixture
def saved(shop: Shop) -> Shop:
    """Utrecht is Ada, who agreed to e-mail, and Bram, who did not; everybody is all five. Looked at just now."""
    shop.segments.add("Utrecht", "city = 'Utrecht'", now=moment())
    shop.segments.add("Everybody", "everyone", now=moment())
    shop.segments.refresh(moment())
    return shop


@pytest.fixture
def drafted(saved: Shop, owner: Client) -> Campaign:
    """To Utrecht, as the pages draft it."""
    answer = owner.post("/campaigns/new/", {"segment": "Utrecht", "name": NAME})
    assert answer.status_code == 302, answer.content.decode()
    return saved.campaigns.get(NAME)


@pytest.fixture
def box(saved: Shop) -> Iterator[Postbox]:
    """A mail server that the shop sends by, held out and control groups aside."""
    with Running() as running:
        saved.campaigns.set("email", {"host": "127.0.0.1", "port": running.port, "security": "plain",
                                      "sender": "Little shop <shop@little.example>"})
        saved.campaigns.set("gate", {"public_address": "https://little.example", "held_out_share": 0, "quiet_from": 0,
                                     "quiet_until": 0})
        yield running.box


def words(answer: HttpResponse) -> str:
    """What a person reads, tags and runs of blanks aside."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def place(what: str, part: str = "") -> str:
    return f"/campaigns/{what}/{part}{quote(NAME, safe='')}/"


def typed(**more: str) -> dict[str, str]:
    """A message of a text and a button, as the editor's form sends it."""
    return {"language": "en", "subject": "Hello {{ customer.name }}", "preheader": "", "plain": "",
            "b.0.kind": "text", "b.0.text": "You live in {{ customer.city | default: 'a town' }}.",
            "b.1.kind": "button", "b.1.text": "Look", "b.1.link": "https://little.example/new", **more}


def test_without_campaigns_it_says_what_to_do(saved: Shop, owner: Client) -> None:
    assert "No campaign yet Choose a segment" in words(owner.get("/campaigns/"))


def test_a_draft_is_in_the_list_and_accounts_for_everybody(drafted: Campaign, owner: Client) -> None:
    assert f"{NAME} Utrecht a draft 0 0" in words(owner.get("/campaigns/"))
    said = words(owner.get(place("audience")))
    assert re.search(r"left out 1 in its segments 2", said) and "has not agreed to be written to this way 1" in said
    said = words(owner.get(place("checked")))
    assert "A button leads nowhere yet." in said and "There is no mail server or no sender yet." in said
    assert "Send it to" not in said


def test_the_editor_says_where_the_shops_address_is_said(drafted: Campaign, owner: Client) -> None:
    page = owner.get(f"/campaigns/write/0/{drafted.name}/").content.decode()
    assert "not said yet: Settings, Sending messages" in page


def test_what_is_written_is_kept_moved_and_removed(drafted: Campaign, saved: Shop, owner: Client) -> None:
    write = place("write", "0/")
    owner.post(write, typed())
    assert [b["kind"] for b in content(saved)["blocks"]] == ["text", "button"]
    answer = owner.post(write, typed(do="add.columns"))
    assert answer.status_code == 200 and [b["kind"] for b in content(saved)["blocks"]] == ["text", "button", "columns"]
    columns = {"b.2.kind": "columns", "b.2.c.0.at": "0", "b.2.c.1.at": "1"}
    owner.post(write, typed(**columns, do="add.heading.2.1"))
    assert content(saved)["blocks"][2]["columns"] == [[], [{"kind": "heading", "text": ""}]]
    owner.post(write, typed(**columns, do="up.1"))
    assert [b["kind"] for b in content(saved)["blocks"]] == ["button", "text", "columns"]
    owner.post(write, typed(**columns, do="remove.0"))
    assert [b["kind"] for b in content(saved)["blocks"]] == ["button", "columns"]
    owner.post(write, typed(language="ru", subject="Привет"))
    assert content(saved)["other"]["ru"]["subject"] == "Привет"  # type: ignore[index]
    assert content(saved)["subject"] == "Hello {{ customer.name }}"


def test_the_editor_of_a_text_message_asks_for_no_subject_and_keeps_what_was_written(
        drafted: Campaign, saved: Shop, owner: Client) -> None:
    owner.post(place("write", "0/"), typed())
    saved.campaigns.change(NAME, now=moment(), channel="sms")
    assert 'name="subject"' not in owner.get(place("write", "0/")).content.decode()
    sent = {name: value for name, value in typed().items() if name not in ("subject", "preheader")}
    owner.post(place("write", "0/"), sent)
    assert content(saved)["subject"] == "Hello {{ customer.name }}"
    assert "subject" not in words(owner.get(place("checked")))


def content(shop: Shop) -> dict[str, Any]:
    found = shop.campaigns.get(NAME).variants[0].content
    assert isinstance(found, dict)
    return found


def test_the_preview_is_as_a_customer_gets_it_and_runs_nothing(drafted: Campaign, owner: Client) -> None:
    owner.post(place("write", "0/"), typed(**{"b.0.text": "You live in {{ customer.city }} <script>alert(1)</script>"}))
    answer = owner.get(place("preview", "0/"), {"customer": "C1"})
    assert "You live in Utrecht &lt;script&gt;" in answer.content.decode() and "<script" not in answer.content.decode()
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy and answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    kept = owner.post(place("typed", "0/"), typed(**{"b.0.text": "Not saved, {{ customer.name }}"})).json()["typed"]
    assert "Not saved, Ada Bloem" in words(owner.get(place("preview", "0/"), {
        "customer": "C1", "typed": kept, "as": "text"}))
    assert "Not saved" not in owner.get(place("preview", "0/"), {"customer": "C1"}).content.decode()


def test_a_picture_is_kept_and_shown_to_whoever_got_the_message(drafted: Campaign, saved: Shop, owner: Client) -> None:
    chosen = {"b.2.kind": "picture", "b.2.source": "", "b.2.alt": "A hoe", "b.2.width": "552"}
    owner.post(place("write", "0/"), {**typed(**chosen), "b.2.file": SimpleUploadedFile("x.png", PNG)})
    block = content(saved)["blocks"][2]  # type: ignore[index]
    assert block["width"] == 320
    assert "Customers do not see a picture" in words(owner.get(place("checked")))
    seen = Client().get(block["source"].partition("testserver")[2])
    assert (b"".join(seen.streaming_content), seen.headers["Content-Type"]) == (PNG, "image/png")  # type: ignore[attr-defined]
    chosen["b.2.alt"] = "A hoe too large"
    refused = owner.post(place("write", "0/"), {**typed(**chosen), "b.2.file": SimpleUploadedFile(
        "x.png", PNG + bytes(10_000_000))})
    assert "This picture has" in words(refused) and "A hoe too large" in refused.content.decode()


ODD: tuple[dict[str, str], ...] = (
    {"b.0.kind.more": "x"}, {"b.x.kind": "text"}, {"b.": "x"}, {"b.0": "x"}, {"do": "add"}, {"do": "up.1.2"},
    {"do": "add.iframe"}, {"do": "add.columns.0.0"}, {"b.2.kind": "columns", "b.2.c": "x"},
    {"b.2.kind": "columns", "b.2.c.0.b": "x", "b.2.c.1.at": "1"})


def test_forms_that_no_page_sends_change_nothing(drafted: Campaign, saved: Shop, owner: Client) -> None:
    before = content(saved)
    for odd in ODD:
        assert owner.post(place("write", "0/"), typed(**odd)).status_code == 404, odd
    assert content(saved) == before


def test_a_message_for_each_segment_in_order(drafted: Campaign, saved: Shop, owner: Client) -> None:
    owner.post(place("variant", "add/0/"), {"segment": "Everybody"})
    owner.post(place("variant", "add/0/"), {"segment": ""})
    assert [v.segment for v in saved.campaigns.get(NAME).variants] == ["Utrecht", "Everybody", ""]
    assert saved.campaigns.get(NAME).segments == ("Utrecht", "Everybody")
    owner.post(place("variant", "up/1/"))
    owner.post(place("variant", "compare/0/"))
    assert [(v.segment, v.test) for v in saved.campaigns.get(NAME).variants] == [
        ("Everybody", "A"), ("Everybody", "B"), ("Utrecht", ""), ("", "")]
    assert "The variant for everybody else comes last" in words(owner.post(place("variant", "up/3/"), follow=True))


def test_an_offer_and_its_guard_are_decided_with_one_press_each(drafted: Campaign, saved: Shop, owner: Client) -> None:
    plan = {"control": "10", "window_days": "14"}
    said = words(owner.post(place("change", "plan/"), {**plan, "leave_out": "on"}, follow=True))
    assert "Nothing is offered, so nobody is left out" in said
    owner.post(place("change", "plan/"), {**plan, "kind": "percent", "value": "10", "code": "TEN", "valid_days": "14"})
    owner.post(place("change", "guard/"), {"leave_out": "on", "threshold": "0.3"})
    found = saved.campaigns.get(NAME)
    assert found.offer is not None
    assert (found.offer.kind, found.offer.code, found.offer.valid_days) == ("percent", "TEN", 14)
    assert (found.guard.leave_out, found.guard.threshold) == (True, 0.3)
    said = words(owner.get(place("guard")))
    assert said.startswith("Who would buy anyway") and len(said) > 40
    owner.post(place("change", "guard/"), {"threshold": "0.3"})
    assert not saved.campaigns.get(NAME).guard.leave_out
    owner.post(place("change", "guard/"), {"leave_out": "on"})
    assert saved.campaigns.get(NAME).guard.proposed
    for wrong in ({"value": "250"}, {"control": "99"}):
        typed = {**plan, "kind": "percent", "value": "10", "code": "KEPT", **wrong}
        said = owner.post(place("change", "plan/"), typed).content.decode()
        assert saved.campaigns.get(NAME).offer == found.offer and "KEPT" in said and "<details open>" in said


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


def test_a_link_is_typed_once_for_the_button_of_every_language(
        drafted: Campaign, saved: Shop, owner: Client) -> None:
    write = place("write", "0/")
    for language, link in (("en", ""), ("ru", ""), ("id", "https://little.example/id"),
                           ("en", "https://little.example/new")):
        owner.post(write, typed(**{"language": language, "b.1.link": link}))
    said = content(saved)
    assert {code: each["blocks"][1]["link"] for code, each in said["other"].items() if code in ("id", "ru")} == {
        "id": "https://little.example/id", "ru": "https://little.example/id"}
    assert said["blocks"][1]["link"] == "https://little.example/new"


def test_languages_and_a_test_save_first_and_what_is_only_looked_at_is_not_written(
        drafted: Campaign, saved: Shop, owner: Client, box: Postbox) -> None:
    write = place("write", "0/")
    owner.post(write, typed(go="ru"))
    assert content(saved)["subject"] == "Hello {{ customer.name }}" and "ru" not in content(saved).get("other", {})
    answer = owner.post(write, typed(language="ru", go="en"))
    assert answer["Location"].endswith("?language=en") and "ru" not in content(saved).get("other", {})
    said = words(owner.post(write, typed(subject="Later", go="test", to="me@little.example"), follow=True))
    assert content(saved)["subject"] == "Later" and box.addresses == ["me@little.example"] and "Saved." in said


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


def test_the_second_to_save_sees_who_saved_what_and_loses_nothing(drafted: Campaign, saved: Shop, owner: Client,
                                                                   as_: SignedIn) -> None:
    owner.post(place("write", "0/"), typed())
    seen, helper = str(saved.campaigns.get(NAME).version), as_(roles.HELPER)
    helper.post(place("write", "0/"), typed(subject="The helper's", version=seen))
    said = owner.post(place("write", "0/"), typed(subject="The owner's", version=seen)).content.decode()
    assert "saved this message at" in html.unescape(said) and "The owner&#x27;s" in said and "Helper" in said
    assert content(saved)["subject"] == "The helper's"
    again = re.findall(r'name="version" value="(\d+)"', said)[0]
    owner.post(place("write", "0/"), typed(language="ru", subject="Привет", version=seen))
    assert (content(saved)["subject"], content(saved)["other"]["ru"]["subject"]) == ("The helper's", "Привет")
    owner.post(place("write", "0/"), typed(subject="The owner's", version=again))
    assert content(saved)["subject"] == "The owner's"


def test_settings_and_messages_that_somebody_else_changed_meanwhile_are_told_beside_what_was_typed(
        drafted: Campaign, saved: Shop, owner: Client) -> None:
    owner.post(place("variant", "add/0/"), {"segment": ""})
    seen = str(saved.campaigns.get(NAME).version)
    saved.campaigns.change(NAME, now=moment(), by="Budi", window_days=30)
    said = words(owner.post(place("change", "plan/"), {"control": "20", "window_days": "7", "version": seen}))
    assert "Budi saved this at" in said and "Days in which orders are looked at 30 7" in said
    assert saved.campaigns.get(NAME).window_days == 30
    owner.post(place("change", "who/"), {"segments": ["Everybody"], "version": seen})
    assert saved.campaigns.get(NAME).segments == ("Everybody",)
    saved.campaigns.change(NAME, now=moment(), by="Budi", variants=saved.campaigns.get(NAME).variants[1:])
    assert "Budi changed these messages" in words(owner.post(place("variant", "remove/0/"), {"version": seen},
                                                             follow=True))
    said = words(owner.post(place("write", "0/"), typed(subject="Of the removed", version=seen)))
    assert "Budi removed this message meanwhile." in said and len(saved.campaigns.get(NAME).variants) == 1


def test_the_hour_at_which_it_goes_stays_when_the_plan_is_saved_again(drafted: Campaign, saved: Shop,
                                                                       owner: Client) -> None:
    owner.post(place("change", "plan/"), {"control": "10", "window_days": "14", "at": "2031-07-01T09:00"})
    assert 'value="2031-07-01T09:00"' in owner.get(place("show")).content.decode()


def test_a_viewer_changes_nothing(drafted: Campaign, as_: SignedIn) -> None:
    viewer = as_(roles.VIEWER)
    for kind, part in (("do", "send/"), ("do", "remove/"), ("change", "plan/"), ("variant", "add/0/"), ("write", "0/"),
                       ("test", "0/")):
        assert viewer.post(place(kind, part), typed()).status_code == 403
    assert viewer.get(place("show")).status_code == 200
    assert viewer.post(place("typed", "0/"), typed()).status_code == 200


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
