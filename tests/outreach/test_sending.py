"""What a mail server has after a campaign: one message for each who may have one, and nothing twice."""

from __future__ import annotations

from datetime import UTC, timedelta

from regulars.shop import Shop
from tests.outreach.conftest import NOW, PEOPLE, Clock, campaign
from tests.outreach.postbox import Postbox

LATER = (NOW + timedelta(hours=1)).replace(tzinfo=UTC)


def test_each_person_gets_one_message(mailing: Shop, box: Postbox) -> None:
    mailing.campaigns.add(campaign(), now=NOW)
    mailing.campaigns.send("Hello", NOW)
    done = mailing.campaigns.drive(Clock())
    assert done.handed == PEOPLE and done.next_due is None
    assert sorted(box.addresses) == sorted(f"p{n}@mail{n % 3}.example" for n in range(1, PEOPLE + 1))
    standing = mailing.campaigns.progress("Hello")
    assert (standing.campaign.state, standing.deliveries) == ("sent", {"sent": PEOPLE})
    mailing.campaigns.drive(Clock())
    assert len(box.taken) == PEOPLE


def test_what_was_sent_is_a_fact_of_the_customer(mailing: Shop) -> None:
    mailing.campaigns.add(campaign(), now=NOW)
    mailing.campaigns.send("Hello", NOW)
    mailing.campaigns.drive(Clock())
    assert mailing.campaigns.settle(NOW) == PEOPLE
    assert mailing.count("count(messages where type = 'sent' and campaign = 'Hello') = 1", now=LATER) == PEOPLE
    assert mailing.campaigns.settle(NOW) == 0
