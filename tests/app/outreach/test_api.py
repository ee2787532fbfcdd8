"""Campaigns by HTTP: the same as on the pages, each by a key that may."""

from __future__ import annotations

from pathlib import Path

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
    assert reader.get(f"{V1}/campaigns-learned").json() == {"channel": [], "move": [], "offer": []}


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
