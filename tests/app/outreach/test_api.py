"""Campaigns by HTTP: the same as on the pages, each by a key that may."""

from __future__ import annotations

from django.test import Client

from regulars.app.api import keys
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
