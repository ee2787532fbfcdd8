"""Campaigns in the browser: drafted, planned and written, by several people at once."""

from __future__ import annotations

import html
import re
import struct

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from regulars.app.doors import roles
from regulars.outreach.campaign import Campaign
from regulars.shop import Shop
from tests.app.campaigns.conftest import NAME, content, moment, place, typed, words
from tests.app.conftest import SignedIn
from tests.outreach.postbox import Postbox

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", 320, 200) + bytes(20)


def test_without_campaigns_it_says_what_to_do(saved: Shop, owner: Client) -> None:
    assert "No campaign yet Choose a segment" in words(owner.get("/campaigns/"))


def test_a_draft_is_in_the_list_and_accounts_for_everybody(drafted: Campaign, owner: Client) -> None:
    assert f"{NAME} Utrecht a draft 0 0" in words(owner.get("/campaigns/"))
    said = words(owner.get(place("audience")))
    assert re.search(r"left out 1 in its segments 2", said) and "has not agreed to be written to this way 1" in said
    said = words(owner.get(place("checked")))
    assert "A button leads nowhere yet." in said and "There is no mail server or no sender yet." in said
    assert "Send it to" not in said


def test_it_says_by_which_way_twice_as_many_can_be_reached(drafted: Campaign, saved: Shop, owner: Client) -> None:
    assert "By another way" not in words(owner.get(place("audience")))
    saved.engine.execute("UPDATE customers SET phone = '+3161234567' || right(customer_id, 1), phone_consent = true")
    assert "By another way more can be reached: Phone calls, 2 people." in words(owner.get(place("audience")))


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
    assert "Budi saved this at" in said and "Days in which orders, or its goal, are looked at 30 7" in said
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
    read = viewer.get(place("write", "0/"))
    assert "You may read it, but not change it." in words(read) and "Save" not in words(read)
    for kind, part in (("do", "send/"), ("do", "remove/"), ("change", "plan/"), ("variant", "add/0/"), ("write", "0/"),
                       ("test", "0/")):
        assert viewer.post(place(kind, part), typed()).status_code == 403
    assert viewer.get(place("show")).status_code == 200
    assert viewer.post(place("typed", "0/"), typed()).status_code == 200


def test_what_it_is_judged_by_is_chosen_or_written_and_refused_with_the_nearest(
        drafted: Campaign, saved: Shop, owner: Client, as_: SignedIn) -> None:
    saved.engine.execute('INSERT INTO events (event_id, customer_id, "at", name) SELECT \'e\', customer_id, ?, '
                         "'Booked' FROM customers LIMIT 1", [moment()])
    page = words(owner.get(place("goal")))
    assert "an order" in page and "the event Booked" in page
    booked = "any(events where name = 'Booked')"
    owner.post(place("goal"), {"goal": booked})
    assert saved.campaigns.get(NAME).goal == booked
    assert "Judged by the event Booked" in words(owner.get(place("show")))
    refused = words(owner.post(place("goal"), {"rule": "no(orders)"}))
    assert "is that something does not" in refused and "Write any(orders)." in refused
    assert "In the last 14 days 1 of 5 customers came to it (20%)" in words(
        owner.post(place("goal-preview"), {"rule": booked}))
    assert "There is no kind of fact called" in words(owner.post(place("goal-preview"), {"rule": "any(bookings)"}))
    owner.post(place("goal"), {"goal": ""})
    assert saved.campaigns.get(NAME).goal == ""
    assert as_(roles.VIEWER).post(place("goal"), {"goal": booked}).status_code == 403
