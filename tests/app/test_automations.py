"""Automations, lists and channels in the browser, with the little shop's own people."""

from __future__ import annotations

import json
import re
import stat
import threading
import time
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from regulars.app.automations import work
from regulars.app.doors import roles
from regulars.app.jobs import running
from regulars.model.settings import load
from regulars.outreach.automations.automation import ENTERED, Letter, Trigger
from regulars.outreach.campaign import Campaign, Variant
from regulars.outreach.channels import signing
from regulars.outreach.settings import OF_THE_GATE, Rules
from regulars.shop import Shop, finished
from regulars.shop.lists import File
from tests.app.conftest import SignedIn

NAME = "Über 10% / <b>"
TEXT = {"subject": "Hi", "text": "Ask how it went."}


class Taking(BaseHTTPRequestHandler):
    """A provider that takes everything."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(202)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def moment() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


@pytest.fixture
def saved(shop: Shop) -> Shop:
    """Everybody is all five; Ada agreed to e-mail. Looked at just now, and nothing is quiet or held out."""
    shop.segments.add("Everybody", "everyone", now=moment())
    shop.segments.refresh(moment())
    shop.campaigns.set("gate", {"held_out_share": 0, "quiet_from": 0, "quiet_until": 0,
                                "public_address": "https://little.example"})
    return shop


def test_a_ready_one_is_adopted_read_and_switched_on_and_off(saved: Shop, owner: Client) -> None:
    assert "Second sale" in owner.get("/automations/").content.decode()
    answer = owner.post("/automations/adopt/", {"key": "win-back"}, follow=True)
    assert answer.status_code == 200 and "When somebody enters" in answer.content.decode()
    assert [s.name for s in saved.segments.list()] == ["Everybody", "Regulars gone quiet"]
    refused = owner.post("/automations/do/start/Win back/", follow=True).content.decode()
    assert "There is no mail server" in refused
    saved.campaigns.set("email", {"host": "127.0.0.1", "port": 9, "sender": "shop@little.example"})
    page = owner.get("/automations/show/Win back/").content.decode()
    assert "<button>Switch it on</button>" in page and "Whoever is in the segment already is passed over." in page
    assert "days after the step before" in page
    for what, state in (("start", "on"), ("pause", "paused"), ("start", "on"), ("stop", "off")):
        owner.post(f"/automations/do/{what}/Win back/")
        assert saved.automations.get("Win back").state == state


def test_it_says_what_each_step_brought_and_who_was_left_out_of_it(saved: Shop, owner: Client) -> None:
    saved.automations.add("Hello", Trigger(ENTERED, "Everybody"), [Letter(TEXT), Letter(TEXT, 9)], now=moment(),
                          present=True, control_share=0)
    saved.campaigns.set("email", {"host": "127.0.0.1", "port": 9, "sender": "shop@little.example"})
    step = saved.automations.show("Hello").campaigns[0]
    assert "campaigns/results" not in owner.get("/automations/show/Hello/").content.decode()
    saved.automations.start("Hello", moment())
    saved.automations.look(moment())
    parts = re.findall(r'hx-get="(/campaigns/results/[^"]+)"', owner.get("/automations/show/Hello/").content.decode())
    assert len(parts) == 1, "nobody has come to the second"
    said = owner.get(parts[0]).content.decode()
    assert "What step 1 brought" in said and "Nothing can be told yet." in said
    page = owner.get(reverse("campaigns:one", args=[step.name])).content.decode()
    assert reverse("campaigns:results", args=[step.name]) in page
    assert "have come to it" in owner.get(reverse("campaigns:audience", args=[step.name])).content.decode()
    assert "Message to everybody in it" in owner.get(reverse("campaigns:write", args=[0, step.name])).content.decode()


def test_a_new_one_is_made_with_its_steps_and_odd_input_is_said_beside_the_form(saved: Shop, owner: Client) -> None:
    form = {"name": NAME, "kind": "inside", "segment": "Everybody", "days": "3", "waits": "0, 7", "channel": "table",
            "attribute": "birth_date"}
    for wrong in ({"waits": "x"}, {"segment": ""}, {"waits": "0, 9999"}, {"kind": "no"}):
        answer = owner.post("/automations/new/", form | wrong)
        assert answer.status_code == 200 and "error" in answer.content.decode()
    assert saved.automations.list() == []
    made = owner.post("/automations/new/", form)
    assert made.status_code == 302 and owner.get(made["Location"]).status_code == 200
    saved.campaigns.change(f"{NAME} · 1", now=moment(), channel="email")
    saved.campaigns.set("email", {"host": "127.0.0.1", "port": 9, "sender": "shop@little.example"})
    page = owner.get(made["Location"])
    refused = owner.post(made["Location"].replace("/show/", "/do/start/"), follow=True)
    assert "once every step is written" in page.content.decode()
    assert "Step 1: The message has no subject." in refused.content.decode()
    assert "one by one" in owner.get(f"/campaigns/show/{NAME} · 1/").content.decode()
    assert f"{NAME} · 1" not in owner.get("/campaigns/").content.decode()
    found = saved.automations.show(NAME)
    assert [s.after_days for s in found.automation.steps] == [0, 7] and found.automation.trigger.days == 3
    saved.segments.change("Everybody", rule="no(messages)", now=moment())
    page = owner.get(made["Location"]).content.decode()
    assert "a step may itself end the automation" in page and "It ends for whoever leaves it." in page
    page = owner.post(made["Location"].replace("/show/", "/go-on/"), {"goes_on": "1"}, follow=True).content.decode()
    assert "a step may itself" not in page and "It goes on for whoever leaves it." in page
    step = saved.automations.show(NAME).campaigns[1].name
    owner.post(reverse("campaigns:goal", args=[step]), {"goal": "any(visits)"})
    assert {each.goal for each in saved.automations.show(NAME).campaigns} == {"any(visits)"}
    assert "a visit to the pages" in owner.get(made["Location"]).content.decode()
    owner.post(made["Location"].replace("/show/", "/do/remove/"))
    assert saved.automations.list() == []


def test_one_that_was_written_as_plain_text_can_be_switched_on(saved: Shop, owner: Client) -> None:
    saved.automations.add("Plain", Trigger(ENTERED, "Everybody"), [Letter(TEXT, 1, "email")], now=moment())
    assert "Switch it on" in owner.get("/automations/show/Plain/").content.decode()


def test_what_was_begun_for_a_customer_is_on_their_page(saved: Shop, owner: Client) -> None:
    saved.automations.add(NAME, Trigger(ENTERED, "Everybody"), [Letter(TEXT, 1, "table")], now=moment(), present=True)
    saved.automations.start(NAME, moment())
    page = owner.get(reverse("customers:one", args=["C1"])).content.decode()
    assert "&lt;b&gt;" in page and "next step" in page


def test_calls_are_made_one_after_the_other_and_files_taken_out(saved: Shop, owner: Client, as_: SignedIn) -> None:
    saved.engine.execute("UPDATE customers SET phone_consent = true, phone = '+3161234567' || right(customer_id, 1)")
    saved.campaigns.add(Campaign(NAME, ("Everybody",), (), (Variant("one", content=TEXT),), channel="phone",
                                 control_share=0), now=moment())
    saved.campaigns.send(NAME, moment())
    saved.campaigns.drive(saved.moment)
    by_hand = "nothing reaches anybody before you work through the list"
    assert by_hand in owner.get(f"/campaigns/show/{NAME}/").content.decode()
    page = owner.get(f"/lists/show/{NAME}/").content.decode()
    assert "5 people are on the list" in page and "+31612345671" in page and "Ask how it went." in page
    delivery = saved.campaigns.deliveries(NAME, state="sent")[0].id
    owner.post(f"/lists/outcome/{delivery}/{NAME}/", {"kind": "unsubscribed", "note": "no"})
    assert "+31612345671" not in owner.get(f"/lists/show/{NAME}/").content.decode()
    page = owner.get(f"/campaigns/show/{NAME}/").content.decode()
    assert by_hand not in page and "Work through the list" in page
    file = owner.post(f"/lists/file/calls.csv/{NAME}/")
    assert file["Content-Disposition"] == 'attachment; filename="calls.csv"' and b"+31612345672" in file.content
    assert b"+31612345671" not in file.content
    assert as_(roles.VIEWER).get(f"/lists/show/{NAME}/").status_code == 403
    assert owner.post(f"/lists/file/no.csv/{NAME}/").status_code == 404


def test_a_file_of_many_is_made_while_the_page_tells_how_far_and_names_nobody_who_left(
        saved: Shop, owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "FEW", 0)
    saved.engine.execute("UPDATE customers SET phone_consent = true, phone = '+3161234567' || right(customer_id, 1)")
    saved.campaigns.add(Campaign(NAME, ("Everybody",), (), (Variant("one", content=TEXT),), channel="phone",
                                 control_share=0), now=moment())
    saved.campaigns.send(NAME, moment())
    saved.campaigns.drive(saved.moment)
    for _ in "ab":
        assert owner.post(f"/lists/file/calls.csv/{NAME}/").status_code == 302
    assert "calls.csv is being made" in owner.get(f"/lists/show/{NAME}/").content.decode()
    running.drive()
    page = owner.get(f"/lists/show/{NAME}/").content.decode()
    assert "calls.csv is ready, of 5 people." in page and not saved.lists.taken(NAME)
    made = re.findall(r"/lists/made/\d+/", page)
    assert len(made) == 1
    folder = saved.folder / finished.FOLDER
    assert {stat.S_IMODE(p.stat().st_mode) for p in (folder, *folder.iterdir())} == {0o700, 0o600}
    assert b"+31612345672" in owner.post(f"{made[0]}{NAME}/").content and saved.lists.taken(NAME)
    saved.campaigns.respond(saved.campaigns.deliveries(NAME, state="sent")[0].id, "unsubscribed", moment())
    assert "it is made anew" in owner.post(f"{made[0]}{NAME}/", follow=True).content.decode()
    running.drive()
    assert "calls.csv is ready, of 4 people." in owner.get(f"/lists/show/{NAME}/").content.decode()
    assert any(b"+31612345672" in p.read_bytes() for p in folder.iterdir())
    saved.customers.erase("C2")
    assert "is ready" not in owner.get(f"/lists/show/{NAME}/").content.decode() and not folder.exists()


def test_a_file_that_nobody_takes_out_is_gone_after_an_hour(tmp_path: Path) -> None:
    file, kept_at = File("calls.csv", "text/csv", b"phone", 1, 0, {"unsubscribed": 2}, 7, ("C1",)), moment()
    finished.keep(tmp_path, 1, file, kept_at)
    finished.keep(tmp_path, 2, file, kept_at + timedelta(minutes=30))
    assert finished.find(tmp_path, 1, kept_at + timedelta(minutes=59)) == file
    finished.sweep(tmp_path, kept_at + timedelta(minutes=61))
    assert {p.stem for p in (tmp_path / finished.FOLDER).iterdir()} == {"2"}
    for number in range(3, 40):
        finished.keep(tmp_path, number, file, kept_at + timedelta(minutes=40, seconds=number))
    assert {int(p.stem) for p in (tmp_path / finished.FOLDER).iterdir()} == set(range(20, 40))


def test_a_step_is_added_to_one_that_is_on_which_rests_until_it_is_written(saved: Shop, owner: Client) -> None:
    written = {"language": "en", "subject": "Hi", "blocks": [{"kind": "text", "text": "Good day."}]}
    saved.automations.add("Hello", Trigger(ENTERED, "Everybody"), [Letter(written, 1, "table")], now=moment())
    saved.automations.start("Hello", moment())
    assert "past it, or done, does not" in owner.get("/automations/show/Hello/").content.decode()
    step = {"step-before": "1", "step-after_days": "3", "step-channel": "table"}
    answer = owner.post("/automations/extend/Hello/", step)
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/campaigns/write/0/")
    found = saved.automations.get("Hello")
    assert (found.state, [s.after_days for s in found.steps]) == ("paused", [3, 1])
    page = owner.get("/automations/show/Hello/").content.decode()
    assert "once every step is written" in page and "3 days after it begins" in page
    refused = owner.post("/automations/extend/Hello/", {**step, "step-before": "9"}, follow=True).content.decode()
    assert "goes by one of the ways" in refused and len(saved.automations.get("Hello").steps) == 2


def test_every_channel_has_a_form_found_by_itself_and_a_secret_is_never_shown(saved: Shop, owner: Client,
                                                                              as_: SignedIn) -> None:
    assert "WhatsApp" in owner.get("/channels/").content.decode()
    for name in saved.campaigns.channels:
        assert owner.get(f"/channels/{name}/").status_code == 200
    owner.post("/channels/sms/", {"url": "https://sms.example/", "format": "json", "body": "{}", "secret": "hush-hush",
                                  "connections": "2", "per_second": "0"})
    page = owner.get("/channels/sms/").content.decode()
    assert "hush-hush" not in page and "https://sms.example/" in page
    owner.post("/channels/sms/", {"url": "https://sms.example/2", "format": "json", "secret": "••••••••"})
    assert saved.campaigns.settings("sms")["secret"] is True
    assert as_(roles.HELPER).get("/channels/sms/").status_code == 403


SENDING = {"public_address": "https://little.example", "cap_messages": "2", "cap_days": "7", "quiet_from": "22",
           "quiet_until": "7", "held_out_share": "2.5", "shop_address": "Main Street 1, Utrecht"}


def test_sending_is_set_up_from_the_pages_and_a_refusal_leads_there(saved: Shop, owner: Client) -> None:
    saved.campaigns.set("gate", {"public_address": ""})
    saved.campaigns.set("email", {"host": "127.0.0.1", "port": 9, "sender": "shop@little.example"})
    saved.automations.add("Hello", Trigger(ENTERED, "Everybody"), [Letter(TEXT, 1, "email")], now=moment())
    refused = owner.post("/automations/do/start/Hello/", follow=True).content.decode()
    assert "Nobody could unsubscribe" in refused and '<a href="/channels/">' in refused
    assert 'href="/channels/"' in owner.get("/settings/").content.decode()
    for wrong in ({"public_address": "little.example"}, {"quiet_from": "25"}, {"held_out_share": "90"},
                  {"cap_messages": "2.5"}):
        assert "error" in owner.post("/channels/", SENDING | wrong).content.decode()
    assert saved.campaigns.rules.public_address == ""
    page = owner.post("/channels/", SENDING, follow=True).content.decode()
    assert "Main Street 1, Utrecht" in page
    kept = saved.campaigns.rules
    assert (kept.public_address, kept.cap_messages, kept.quiet_from) == ("https://little.example", 2, 22)
    assert kept.held_out_share == 0.025 and 'value="2.5"' in page
    assert not kept.track_people and load(saved.folder).address == "Main Street 1, Utrecht"


def test_the_page_of_sending_asks_for_every_setting_of_the_gate() -> None:
    assert {f.name for f in OF_THE_GATE} == {f.name for f in fields(Rules)}


def test_a_mail_server_is_tried_and_what_is_in_the_way_is_said(saved: Shop, owner: Client) -> None:
    said = {"through": "smtp", "host": "127.0.0.1", "port": "9", "security": "starttls", "try": "yes",
            "sender": "Shop <shop@little.example>", "password": "hush-hush"}
    page = owner.post("/channels/email/", said, follow=True).content.decode()
    assert "No mail server answers at 127.0.0.1, port 9." in page and "Errno" not in page
    assert "hush-hush" not in page and 'type="password"' in page and "Name &lt;address&gt;" in page
    page = owner.post("/channels/email/", said | {"sender": "Shop"}, follow=True).content.decode()
    assert "no e-mail address in the sender" in page


def test_whoever_only_looks_changes_nothing(saved: Shop, as_: SignedIn) -> None:
    viewer = as_(roles.VIEWER)
    assert viewer.get("/automations/").status_code == 200
    assert viewer.post("/automations/adopt/", {"key": "win-back"}).status_code == 403
    assert viewer.get("/automations/new/").status_code == 403 and saved.automations.list() == []


def test_a_provider_tells_what_became_of_a_message_and_stop_is_leaving(saved: Shop, owner: Client) -> None:
    saved.engine.execute("UPDATE customers SET sms_consent = true, phone = '+3161234567' || right(customer_id, 1)")
    with ThreadingHTTPServer(("127.0.0.1", 0), Taking) as provider:
        threading.Thread(target=provider.serve_forever, args=(0.02,), daemon=True).start()
        saved.campaigns.set("sms", {"url": f"http://127.0.0.1:{provider.server_port}/", "secret": "s3cret"})
        saved.campaigns.add(Campaign("Texts", ("Everybody",), (), (Variant("one", content=TEXT),), channel="sms",
                                     control_share=0), now=moment())
        saved.campaigns.send("Texts", moment())
        saved.campaigns.drive(saved.moment)
        provider.shutdown()
    first, second = [d.id for d in saved.campaigns.deliveries("Texts", state="sent")][:2]

    def told(secret: str, **said: object) -> int:
        body = json.dumps(said).encode()
        signed = signing.headers(secret, "m1", int(time.time()), body)
        return Client(headers=signed).post("/channels/answers/sms/", body, content_type="application/json").status_code
    assert told("s3cret", id=f"o{first}", kind="delivered") == 200
    assert told("s3cret", id=f"o{second}", kind="replied", text=" Stop! ") == 200
    assert told("wrong", id=f"o{first}", kind="complained") == told("", id=f"o{first}", kind="complained") == 401
    for odd in ({}, {"id": "17", "kind": "delivered"}, {"id": f"o{first}", "kind": "made up"},
                {"id": "o999", "kind": "delivered"}):
        assert told("s3cret", **odd) == 400
    assert saved.campaigns.progress("Texts").people["unsubscribed"] == 1
    saved.campaigns.add(Campaign("More", ("Everybody",), (), (Variant("one", content=TEXT),), channel="whatsapp"),
                        now=moment())
    assert saved.campaigns.audience("More", moment()).by_reason["unsubscribed"] == 1


def test_a_campaign_goes_by_the_way_that_its_plan_says(saved: Shop, owner: Client) -> None:
    saved.campaigns.add(Campaign("Calls", ("Everybody",), (), (Variant("one", content=TEXT),)), now=moment())
    plan = {"control": "0", "window_days": "14", "channel": "phone"}
    assert owner.post("/campaigns/change/plan/Calls/", plan).status_code == 302
    assert saved.campaigns.get("Calls").channel == "phone"
    assert "Phone calls" in owner.get("/campaigns/show/Calls/").content.decode()
    owner.post("/campaigns/change/plan/Calls/", {"control": "5", "window_days": "14"})
    assert saved.campaigns.get("Calls").channel == "phone"
