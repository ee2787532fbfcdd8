"""Campaigns by HTTP: the same as on the pages, each by a key that may."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from django.test import Client

from regulars.app.api import keys
from regulars.app.doors import roles
from regulars.app.doors.models import Entry, Person
from regulars.shop import Shop
from tests.outreach.conftest import campaign

V1 = "/api/v1"


def asking(*scopes: str) -> Client:
    return Client(headers={"authorization": f"Bearer {keys.make('test', scopes)[1]}"})


def test_a_campaign_is_seen_checked_and_sent_by_a_key_that_may(sent: Shop) -> None:
    reader, sender = asking("campaigns:read"), asking("campaigns:send")
    assert reader.get(f"{V1}/campaigns").json()["items"][0]["deliveries"] == {"sent": 6}
    sent.campaigns.add(campaign("Next"), now=sent.moment())
    assert reader.post(f"{V1}/send-campaign/Next").status_code == 403
    assert reader.get(f"{V1}/check-campaign/Next").json()["type"] == "segment.stale"
    sent.segments.advance(sent.moment())
    assert reader.get(f"{V1}/check-campaign/Next").json()["arms"] == {"message": 6}
    assert sender.post(f"{V1}/send-campaign/Next", headers={"Idempotency-Key": "a"}).json()["state"] == "sending"
    assert sender.post(f"{V1}/send-campaign/Next", headers={"Idempotency-Key": "a"}).json()["state"] == "sending"
    assert sender.post(f"{V1}/send-campaign/Next").status_code == 409
    assert sender.post(f"{V1}/pause-campaign/Next").json()["state"] == "paused"
    assert sender.post(f"{V1}/resume-campaign/Next").json()["deliveries"] == {"queued": 6}
    assert sender.post(f"{V1}/stop-campaign/Next").json()["state"] == "stopped"
    assert sender.post(f"{V1}/stop-campaign/Nobody").status_code == 404
    assert "findings" in reader.get(f"{V1}/campaign-results/Hello").json()["result"]


def test_an_automation_is_adopted_switched_on_and_off_and_told_by_a_key_that_may(sent: Shop) -> None:
    reader, runner = asking("automations:read"), asking("automations:run")
    assert "second-sale" in [each["key"] for each in reader.get(f"{V1}/ready-automations").json()]
    adopt = {"data": {"key": "second-sale", "name": "Again"}, "content_type": "application/json"}
    assert reader.post(f"{V1}/adopt-automation", **adopt).status_code == 403
    once = [runner.post(f"{V1}/adopt-automation", **adopt, headers={"Idempotency-Key": "a"}) for _ in range(2)]
    assert [(each.status_code, each.json()["state"]) for each in once] == [(201, "draft")] * 2
    assert runner.post(f"{V1}/adopt-automation", **adopt).status_code == 409
    for goes_on in (True, False):
        said = {"data": {"goes_on": goes_on}, "content_type": "application/json"}
        assert reader.post(f"{V1}/go-on-automation/Again", **said).status_code == 403
        assert runner.post(f"{V1}/go-on-automation/Again", **said).json()["goes_on"] is goes_on
        assert sent.automations.get("Again").goes_on is goes_on
    for what, state in (("start", "on"), ("pause", "paused"), ("start", "on"), ("stop", "off")):
        assert runner.post(f"{V1}/{what}-automation/Again").json()["state"] == state
        assert sent.automations.get("Again").state == state
    assert runner.post(f"{V1}/start-automation/Again").status_code == 409
    assert runner.post(f"{V1}/go-on-automation/Again", **said).status_code == 409
    assert runner.post(f"{V1}/start-automation/Nothing").status_code == 404
    assert reader.get(f"{V1}/automations").json()["items"][0]["steps"][0]["campaign"] == "Again · 1"
    assert [each["result"] for each in reader.get(f"{V1}/automation-results/Again").json()] == [None, None]
    assert Entry.objects.filter(what="automation.stop", about="Again", who="key test").count() == 1


def test_a_list_is_taken_out_and_calls_are_written_down_by_a_key_that_may(sent: Shop, tmp_path: Path) -> None:
    agreed = tmp_path / "customers.csv"
    agreed.write_text("customer_id,phone,phone_consent,phone_consent_at\n" + "".join(
        f"P0{n},+3161234567{n},yes,2026-01-01\n" for n in (1, 2)))
    sent.import_file(agreed)
    now = sent.moment()
    sent.segments.advance(now)
    sent.campaigns.set("gate", {"cap_messages": 0})
    sent.campaigns.add(campaign("Ask", channel="phone"), now=now)
    sent.campaigns.send("Ask", now)
    sent.campaigns.drive(lambda: now)
    reader, writer = asking("lists:read"), asking("lists:write")
    assert writer.get(f"{V1}/lists/Ask").status_code == 403
    told = reader.get(f"{V1}/lists/Ask").json()
    assert (told["on_list"], [each["file"] for each in told["files"]]) == (2, ["calls.html", "calls.csv"])
    made = reader.post(f"{V1}/list-files/calls.csv/Ask")
    assert (made["X-Rows"], made.content.count(b"+3161234567")) == ("2", 2)
    assert reader.post(f"{V1}/list-files/calls.csv/Ask?after={made['X-Last']}")["X-Rows"] == "0"
    assert reader.post(f"{V1}/list-files/labels.pdf/Ask").status_code == 404
    first, second = reader.get(f"{V1}/calls/Ask").json()
    for each, kind in ((first, "replied"), (second, "unsubscribed")):
        answer = writer.post(f"{V1}/call-outcomes/Ask", {"delivery": each["delivery"], "kind": kind},
                             content_type="application/json")
        assert answer.status_code == 201
    assert reader.get(f"{V1}/calls/Ask").json() == []
    assert reader.post(f"{V1}/list-files/calls.csv/Ask")["X-Left-Out"] == "1"


def test_what_nobody_knows_of_is_listed_and_settled_and_all_of_a_kind_is_learned_of(sent: Shop) -> None:
    reader, sender = asking("campaigns:read"), asking("campaigns:send")
    with sent.campaigns.store.writing() as c:
        c.execute("UPDATE deliveries SET state = 'unknown' WHERE customer_id = 'P01'")
    assert [d["customer_id"] for d in reader.get(f"{V1}/unknown-deliveries/Hello").json()] == ["P01"]
    settled = sender.post(f"{V1}/settle-unknown/Hello", {"again": False}, content_type="application/json")
    assert (settled.json(), sent.campaigns.unknown("Hello")) == ({"settled": 1}, [])
    assert reader.get(f"{V1}/campaign-results").json()["result"]["waiting"] == 6
    assert reader.get(f"{V1}/campaigns-learned").json() == {"channel": [], "goal": [], "move": [], "offer": []}


def test_a_segments_campaigns_are_told_by_the_api_and_its_page(sent: Shop) -> None:
    owner = Client(headers={"accept-language": "en"})
    owner.force_login(Person.objects.create_user("o@shop.example", "a hard one", name="O", role=roles.OWNER),
                      "allauth.account.auth_backends.AuthenticationBackend")
    told = asking("campaigns:read").get(f"{V1}/segment-results/All").json()["result"]
    assert [(each["campaign"], each["people"], each["verdict"]) for each in told["campaigns"]] == [
        ("Hello", 6, "no_control")]
    at_once = owner.get("/campaigns/of-segment/All/").content.decode()
    assert at_once.count("hx-get") >= 1 and "/campaigns/show/Hello/" in at_once and "Got it" in at_once
    page = owner.get("/campaigns/of-segment/All/", headers={"HX-Request": "true"}).content.decode()
    assert "Not enough data yet: of 1 campaign nothing can be told." in page and "/campaigns/show/Hello/" in page
    line = owner.get("/campaigns/of-segment/All/?line=1", headers={"HX-Request": "true"}).content.decode()
    assert "of 1 campaign nothing can be told." in line and "/campaigns/of-segment/All/" in line
    assert "No campaign to this segment" in owner.get("/campaigns/of-segment/Big/?told=1").content.decode()
    assert "/campaigns/of-segment/All/" in owner.get("/segments/show/All/").content.decode()
    assert owner.get("/campaigns/of-segment/None/").status_code == 404


STEP = {"after_days": 0, "content": {"language": "en", "subject": "Thank you", "blocks": [
    {"kind": "text", "text": "Good to have you."}], "other": {"ru": {"subject": "Спасибо", "blocks": []}}}}
SECOND = {"after_days": 7, "channel": "webhook", "content": {"subject": "Ten off", "text": "Good."},
          "offer": {"kind": "percent", "value": "10", "code": "TEN"}}
WHOLE = {"trigger": {"kind": "inside", "segment": "Big", "days": 3}, "steps": [STEP, SECOND],
         "again": False, "present": True, "goes_on": True, "control_share": 0.3, "goal": "any(answers)"}


def test_an_automation_is_written_read_back_and_written_anew_by_a_key_that_may(sent: Shop) -> None:
    writer, reader, runner = asking("automations:write"), asking("automations:read"), asking("automations:run")

    def ask(how: str, what: str, by: Client = writer, **said: object) -> tuple[int, dict[str, Any]]:
        answer = getattr(by, how)(f"{V1}/{what}", said, content_type="application/json", headers={
            "Idempotency-Key": "a"} if how == "post" else {})
        return answer.status_code, answer.json() if answer.content else {}
    new = {"name": "Welcome / again", **WHOLE}
    assert ask("post", "automations", reader, **new)[0] == ask("post", "automations", runner, **new)[0] == 403
    status, made = ask("post", "automations", **new)
    assert (status, ask("post", "automations", **new)) == (201, (201, made))
    assert (made["state"], made["goal"], made["control_share"], made["present"]) == ("draft", "any(answers)", 0.3, True)
    kept = sent.automations.show("Welcome / again")
    assert [c.goal for c in kept.campaigns] == ["any(answers)"] * 2 and kept.campaigns[1].offer
    assert (kept.campaigns[1].offer.value, kept.automation.steps[1].after_days) == ("10", 7)
    status, read = ask("get", "automation-definition/Welcome / again", reader)
    assert ask("put", "automations/Welcome / again", **read)[0] == 200
    assert ask("get", "automation-definition/Welcome / again", reader)[1] == read
    assert read["steps"][0]["content"]["other"]["ru"]["subject"] == "Спасибо"
    assert kept.campaigns[1].variants[0].content == {"subject": "Ten off", "text": "Good.", "html": ""}
    before = [c.id for c in sent.automations.show("Welcome / again").campaigns]
    assert ask("patch", "automations/Welcome / again", goes_on=False, goal="", trigger={"kind": "left", "segment":
               "small"})[1]["trigger"]["segment"] == "Small"
    kept = sent.automations.show("Welcome / again")
    assert [(c.id, c.exclude, c.goal) for c in kept.campaigns] == [(each, ("Small",), "") for each in before]
    for change, named in (({"trigger": {"segment": "Nobody"}}, "trigger.segment: There is no segment"),
                          ({"goal": "no(orders)"}, "goal: A goal is something that happens"),
                          ({"trigger": {"kind": "date"}}, "trigger: An automation of a date"),
                          ({"steps": [{**STEP, "channel": "pigeon"}]}, "steps.0.channel: "),
                          ({"steps": [STEP, {"content": {"blocks": [{"kind": "film"}]}}]}, "steps.1.content: There"),
                          ({"trigger": {"segment": "Big", "days": 5}}, "trigger.days: entered counts none"),
                          ({"trigger": {"segment": "Big", "yearly": True}}, "trigger.attribute: entered asks for none"),
                          ({"steps": [{"content": {"text": "Hi", "blocks": []}}]}, "steps.0.content.text: would be"),
                          ({"steps": [{"content": {"text": "Hi", "other": {"ru": {}}}}]}, "steps.0.content.other: "),
                          ({"steps": []}, "steps"), ({"goes-on": True}, "goes-on"),
                          ({"control_share": 2}, "control_share")):
        status, problem = ask("patch", "automations/Welcome / again", **change)
        assert status in (404, 409, 422) and named in problem["detail"], problem
    both = (kept.campaigns[1].variants[0], replace(kept.campaigns[1].variants[0], name="b", test="B"))
    sent.campaigns.change(kept.campaigns[1].name, now=sent.moment(), variants=both)
    for how in ("put", "patch"):
        refused = ask(how, "automations/Welcome / again", **WHOLE)[1]["detail"]
        assert refused.startswith("steps.1: it has several messages")
    assert ask("patch", "automations/Welcome / again", again=True)[0] == 200
    assert [c.id for c in sent.automations.show("Welcome / again").campaigns] == before
    assert sent.automations.show("Welcome / again").campaigns[1].variants == both
    assert ask("delete", "automations/Welcome / again", runner)[0] == 403
    assert ask("delete", "automations/Welcome / again")[0] == 204 and sent.automations.list() == []
    assert Entry.objects.filter(what="automation.made", about="Welcome / again", who="key test").count() == 1


def test_an_automation_that_was_on_is_written_no_more(sent: Shop) -> None:
    sent.automations.adopt("second-sale", now=sent.moment(), name="Again")
    sent.segments.advance(sent.moment())
    sent.automations.stop(sent.automations.start("Again", sent.moment()).name, sent.moment())
    writer = asking("automations:write")
    for how, said in (("put", WHOLE), ("patch", {"again": True}), ("delete", {})):
        answer = getattr(writer, how)(f"{V1}/automations/Again", said, content_type="application/json")
        assert answer.status_code == 409 and "was on" in answer.json()["detail"]


def test_a_campaigns_goal_is_chosen_by_a_key_that_may(sent: Shop) -> None:
    reader, sender = asking("campaigns:read"), asking("campaigns:send")
    sent.campaigns.add(campaign("Next"), now=sent.moment())
    assert reader.get(f"{V1}/goals").json()[0] == {"goal": "", "said": "an order"}
    said = {"data": {"goal": "any( visits )"}, "content_type": "application/json"}
    assert reader.post(f"{V1}/goal-campaign/Next", **said).status_code == 403
    assert sender.post(f"{V1}/goal-campaign/Next", **said).json()["goal"] == "any(visits)"
    assert sender.post(f"{V1}/goal-campaign/Hello", **said).status_code == 409
