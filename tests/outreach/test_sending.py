"""What a mail server has after a campaign: one message for each who may have one, and nothing twice."""

from __future__ import annotations

import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from regulars.cli.entry import run
from regulars.errors import ContentRefused, Refused
from regulars.model.phrases import of_text
from regulars.outreach import sending, suppression
from regulars.outreach.campaign import Offer, Variant
from regulars.outreach.content import pictures
from regulars.outreach.offers import Used
from regulars.outreach.results.saying import findings
from regulars.shop import Shop
from regulars.shop.campaigns import Campaigns
from tests.outreach.conftest import NOW, PEOPLE, PLAIN, Clock, campaign, lose
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


def begun(shop: Shop, now: datetime = NOW, **said: object) -> None:
    shop.campaigns.add(campaign(**said), now=now)
    shop.campaigns.send("Hello", now)


def test_a_temporary_error_is_tried_again_later_and_a_permanent_one_never(mailing: Shop, box: Postbox) -> None:
    answers = {"p1@mail1.example": "451 later", "p2@mail2.example": "550 5.1.1 nobody",
               "p3@mail0.example": "554 5.7.1 no"}
    box.answer = lambda to: answers.get(to, "250 OK")
    begun(mailing)
    clock = Clock()
    mailing.campaigns.drive(clock)
    assert mailing.campaigns.progress("Hello").deliveries == {
        "sent": 27, "failed_temporary": 1, "bounced_hard": 1, "failed_permanent": 1}
    waits = []
    for _ in range(6):
        due = mailing.campaigns.drive(clock).next_due
        assert due is not None
        waits.append(round((due - clock.now).total_seconds() / 60))
        clock.now = due
    assert waits == [1, 5, 15, 60, 240, 720]
    assert mailing.campaigns.drive(clock).next_due is None
    assert mailing.campaigns.progress("Hello").deliveries == {
        "sent": 27, "bounced_soft": 1, "bounced_hard": 1, "failed_permanent": 1}
    mailing.campaigns.add(campaign("Next"), now=clock())
    assert mailing.campaigns.audience("Next", clock()).by_reason == {"bounced": 1}


def test_a_control_group_gets_nothing_and_is_told_apart(mailing: Shop, box: Postbox) -> None:
    begun(mailing, control_share=0.5)
    mailing.campaigns.drive(Clock())
    found = mailing.campaigns.audience("Hello", NOW)
    assert found.by_arm["message"] + found.by_arm["control"] == PEOPLE and found.by_arm["control"] >= 10
    assert len(box.taken) == found.by_arm["message"]
    assert {r.customer_id for r in found.of("control")}.isdisjoint(
        d.customer_id for d in mailing.campaigns.deliveries("Hello"))


def test_everybody_gets_the_first_message_that_is_for_them(mailing: Shop, box: Postbox) -> None:
    parts = tuple(Variant(n, s, content={"subject": n, "text": n}) for n, s in (("big", "Big"), ("rest", "")))
    begun(mailing, variants=parts, exclude=("Small",))
    mailing.campaigns.drive(Clock())
    assert {str(m["Subject"]) for m in box.messages} == {"big"}
    assert mailing.campaigns.audience("Hello", NOW).by_reason == {"excluded": 19}


def test_a_segment_that_decides_who_gets_it_stays_and_gone_all_the_same_is_not_nobody(mailing: Shop,
                                                                                      box: Postbox) -> None:
    begun(mailing, exclude=("Small",))
    with pytest.raises(Refused, match="'Small' it is decided who gets 'Hello'"):
        mailing.segments.remove("small", now=NOW)
    lose(mailing, "Small")
    mailing.campaigns.drive(Clock())
    found = mailing.campaigns.get("Hello")
    assert (found.state, box.taken) == ("paused", []) and "Nobody knows who is in 'Small'" in str(of_text(found.why))
    mailing.campaigns.stop("Hello", NOW)
    mailing.segments.remove("All", now=NOW)


def test_nothing_goes_while_it_is_paused_or_after_it_was_stopped(mailing: Shop, box: Postbox) -> None:
    begun(mailing)
    mailing.campaigns.pause("Hello", NOW)
    assert mailing.campaigns.drive(Clock()).handed == 0
    mailing.campaigns.resume("Hello", NOW)
    mailing.campaigns.stop("Hello", NOW)
    assert mailing.campaigns.drive(Clock()).handed == 0 and not box.taken
    assert mailing.campaigns.progress("Hello").deliveries == {"stopped": PEOPLE}


def test_no_more_go_to_a_domain_in_a_minute_than_it_may_get(mailing: Shop, box: Postbox) -> None:
    mailing.campaigns.set("email", {"domain_per_minute": 4})
    begun(mailing)
    clock, went = Clock(), []
    while (due := mailing.campaigns.drive(clock).next_due) is not None:
        went.append(len(box.taken) - sum(went))
        clock.now = max(due, clock.now) + timedelta(seconds=1)
    assert went[0] == 12 and max(went) <= 12 and len(set(box.addresses)) == len(box.taken) == PEOPLE


def test_nobody_is_written_to_at_night(mailing: Shop, box: Postbox) -> None:
    mailing.campaigns.set("gate", {"quiet_from": 21, "quiet_until": 8})
    night = datetime(2026, 11, 26, 22, 30)
    mailing.segments.refresh(night)
    begun(mailing, now=night)
    done = mailing.campaigns.drive(Clock(night))
    assert (done.handed, done.next_due) == (0, datetime(2026, 11, 27, 7, 0)), "eight in the morning in Utrecht"
    assert mailing.campaigns.drive(Clock(datetime(2026, 11, 27, 7, 0))).handed == PEOPLE


def test_a_scheduled_one_begins_at_its_hour_with_who_is_in_then(mailing: Shop, box: Postbox) -> None:
    at = NOW + timedelta(hours=2)
    begun(mailing, scheduled_at=at)
    assert mailing.campaigns.get("Hello").state == "scheduled"
    mailing.campaigns.drive(Clock())
    assert not box.taken and mailing.campaigns.deliveries("Hello") == []
    mailing.campaigns.drive(Clock(at))
    assert mailing.campaigns.get("Hello").why.count("'{segment}'") == 1 and not box.taken
    mailing.segments.advance(at)
    mailing.campaigns.drive(Clock(at))
    assert len(box.taken) == PEOPLE


def test_the_cap_counts_what_went_out_of_all_campaigns(mailing: Shop, box: Postbox) -> None:
    mailing.campaigns.set("gate", {"cap_messages": 1, "cap_days": 7})
    begun(mailing)
    mailing.campaigns.add(campaign("Second"), now=NOW)
    mailing.campaigns.send("Second", NOW)
    mailing.campaigns.drive(Clock())
    assert len(box.taken) == len(set(box.addresses)) == PEOPLE
    left = {d.reason for d in mailing.campaigns.deliveries("Second")}
    assert left == {"frequency_cap"}


def test_the_cap_counts_what_went_to_whoever_was_merged_into_them(mailing: Shop) -> None:
    mailing.campaigns.set("gate", {"cap_messages": 2, "cap_days": 7})
    begun(mailing)
    mailing.campaigns.drive(Clock())
    mailing.customers.merge("P01", "P02", now=NOW)
    mailing.segments.advance(NOW)
    mailing.campaigns.add(campaign("Second"), now=NOW)
    assert [r.customer_id for r in mailing.campaigns.audience("Second", NOW).rows
            if r.left_out == "frequency_cap"] == ["P01"]


@pytest.mark.parametrize(("together", "called"), [("yes", 0), ("no", PEOPLE)])
def test_the_cap_counts_all_channels_together_unless_it_is_said_otherwise(mailing: Shop, together: str,
                                                                          called: int) -> None:
    mailing.campaigns.set("gate", {"cap_messages": 1, "cap_together": together})
    begun(mailing)
    mailing.campaigns.drive(Clock())
    for channel, reached in (("table", called), ("meta", PEOPLE)):
        mailing.campaigns.add(campaign(channel, channel=channel), now=NOW)
        assert mailing.campaigns.audience(channel, NOW).by_arm.get("message", 0) == reached


def test_an_address_is_one_however_it_is_written(mailing: Shop, box: Postbox) -> None:
    """Who left by a number left by all its spellings; a domain in another script is written to in ASCII."""
    for who, number in (("P01", "+31 6 1234-5678"), ("P02", "06 12345678")):
        mailing.engine.execute("UPDATE customers SET phone = ?, sms_consent = true WHERE customer_id = ?",
                               [number, who])
    mailing.engine.execute("UPDATE customers SET email = 'kees@bücher.example' WHERE customer_id = 'P03'")
    for who, odd in (("P05", "jörg@mail1.example"), ("P06", "a b@mail1.example"), ("P07", "иван@почта.example")):
        mailing.engine.execute("UPDATE customers SET email = ? WHERE customer_id = ?", [odd, who])
    suppression.suppress(mailing.campaigns.store, "sms", "gone", "+31612345678", "unsubscribed", NOW)
    suppression.suppress(mailing.campaigns.store, "email", "gone", "p4@mail1.example", "unsubscribed", NOW)
    mailing.campaigns.add(campaign("Texts", channel="sms"), now=NOW)
    found = {row.customer_id: row.left_out for row in mailing.campaigns.audience("Texts", NOW).rows}
    assert found["P01"] == found["P02"] == "unsubscribed"
    begun(mailing)
    mailing.campaigns.drive(Clock())
    assert "kees@xn--bcher-kva.example" in box.addresses and len(box.taken) == PEOPLE - 4
    found = {row.customer_id: row.left_out for row in mailing.campaigns.audience("Hello", NOW).rows}
    assert (found["P05"], found["P06"], found["P07"]) == ("letters", "bad_address", "letters")


def test_every_mail_names_the_postal_address_at_its_foot_once(mailing: Shop, box: Postbox) -> None:
    settings = replace(mailing.settings, address="Bricklane 1,\n3511 AB <Utrecht>")
    campaigns = Campaigns(mailing.engine, settings, mailing.folder, mailing.segments)
    blocks = {"subject": "Hello", "blocks": [{"kind": "text", "text": "Good day."}]}
    named = PLAIN | {"text": "From Bricklane 1, 3511 AB <Utrecht>"}
    for name, content in (("Blocks", blocks), ("Plain", PLAIN), ("Named", named)):
        campaigns.add(campaign(name, variants=(Variant("one", content=content),)), now=NOW)
        campaigns.send(name, NOW)
    campaigns.drive(Clock())
    assert len(box.messages) == 3 * PEOPLE
    for message in box.messages:
        plain, html = (part.get_content() for part in message.iter_parts())
        assert plain.count("Bricklane 1, 3511 AB <Utrecht>") == 1
        assert html.count("Bricklane 1, 3511 AB &lt;Utrecht&gt;") == 1


def test_a_picture_that_its_readers_would_not_see_keeps_a_message_back_at_every_door(
        mailing: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", 320, 200) + bytes(20)
    name = pictures.keep(mailing.folder, png).name

    def of(root: str) -> tuple[Variant, ...]:
        return (Variant("one", content={"subject": "Hello", "blocks": [
            {"kind": "picture", "source": f"{root}/campaigns/pictures/{name}", "alt": "Bricks"}]}),)
    mailing.campaigns.add(campaign(variants=of("https://old.example")), now=NOW)
    mailing.campaigns.add(campaign("Later", variants=of("https://old.example"), scheduled_at=NOW + timedelta(days=1)),
                          now=NOW)
    for refused in ("Hello", "Later"):
        with pytest.raises(ContentRefused, match="choose it again"):
            mailing.campaigns.send(refused, NOW)
    mailing.segments.refresh(mailing.moment())
    mailing.close()
    said, told = run(["campaign", "check", "Hello", "--shop", str(mailing.folder)]), capfd.readouterr()
    assert said == 1 and (told.out + told.err).count("choose it again") == 1
    with Shop.open(mailing.folder) as again:
        again.campaigns.change("Hello", now=again.moment(), variants=of("https://shop.example"))
        assert again.campaigns.send("Hello", again.moment()).state == "sending"


def test_a_check_on_the_command_line_says_what_to_look_at(mailing: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    content = {"language": "en", "subject": "You are a WINNER", "blocks": [{"kind": "text", "text": "Good day."}]}
    mailing.segments.refresh(mailing.moment())
    mailing.campaigns.add(campaign(variants=(Variant("one", content=content),)), now=mailing.moment())
    mailing.close()
    assert run(["campaign", "check", "Hello", "--shop", str(mailing.folder)]) == 0
    told = capfd.readouterr().out
    assert "“one”, en: The subject says what filters know from advertising: WINNER" in told
    assert "! No postal address of the shop is said" in told


def test_a_line_that_is_down_loses_nothing(mailing: Shop, box: Postbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "LINE_PAUSES", (0.0, 0.0))
    mailing.campaigns.set("email", {"port": 1})
    begun(mailing)
    mailing.campaigns.drive(Clock())
    standing = mailing.campaigns.progress("Hello")
    assert (standing.campaign.state, standing.deliveries) == ("paused", {"queued": PEOPLE})
    assert str(of_text(standing.campaign.why)) == "No mail server answers at 127.0.0.1, port 1."


def test_codes_are_one_a_person_and_redeemed_once(mailing: Shop) -> None:
    begun(mailing, offer=Offer("percent", "10", "HI", single=True))
    mailing.campaigns.drive(Clock())
    store = mailing.campaigns.store
    codes = dict(store.rows("SELECT customer_id, code FROM codes"))
    assert len(set(codes.values())) == PEOPLE and all(c.startswith("HI-") for c in codes.values())
    mailing.engine.execute("UPDATE orders SET promo_code = ? WHERE order_id = 'O3'", [codes["P03"].lower()])
    assert (mailing.campaigns.redeem(), mailing.campaigns.redeem()) == (1, 0)
    assert store.rows("SELECT order_id FROM codes WHERE redeemed_at IS NOT NULL") == [("O3",)]


def test_a_code_used_late_or_once_more_is_told_apart(mailing: Shop) -> None:
    begun(mailing, offer=Offer("percent", "10", "HI", single=True, valid_days=7))
    mailing.campaigns.drive(Clock())
    codes = dict(mailing.campaigns.store.rows("SELECT customer_id, code FROM codes"))
    for order, who, days in (("O1", "P01", 7), ("O2", "P01", 2), ("O3", "P03", 8), ("O4", "P04", 1), ("O5", "P04", 9)):
        mailing.engine.execute('UPDATE orders SET promo_code = ?, "at" = ? WHERE order_id = ?',
                               [codes[who], NOW + timedelta(days=days), order])
    assert mailing.campaigns.redeem() == 2
    found = mailing.campaigns.results("Hello", NOW + timedelta(days=20))
    assert found.codes == Used(PEOPLE, 2, late=2, again=1)
    said = " ".join(map(str, findings(found)))
    assert "2 codes of 30 were used in time." in said and "2 orders used a code after its last day" in said


def test_who_follows_every_link_at_once_is_a_machine(mailing: Shop) -> None:
    begun(mailing)
    mailing.campaigns.drive(Clock())
    later = NOW + timedelta(minutes=5)
    for n, (delivery, apart) in enumerate([(1, 1), (1, 2), (1, 3), (2, 1), (2, 60), (2, 120)]):
        mailing.campaigns.respond(delivery, "clicked", later + timedelta(seconds=apart), link=f"https://a.b/{n}")
    mailing.campaigns.respond(3, "opened", NOW + timedelta(seconds=1))
    assert mailing.campaigns.settle(later) == PEOPLE + 1, "the clicks are watched for a while"
    assert mailing.campaigns.settle(later + timedelta(minutes=5)) == 6
    rows = mailing.engine.rows("SELECT type, machine, count(*) FROM messages WHERE type <> 'sent' GROUP BY ALL "
                               "ORDER BY 1, 2")
    assert rows == [("clicked", False, 3), ("clicked", True, 3), ("opened", True, 1)]


def test_a_sender_that_is_told_to_stop_stops_between_two_messages(mailing: Shop, box: Postbox) -> None:
    begun(mailing)
    sender = mailing.campaigns.sender(Clock())
    box.data = lambda to: sender.stop() or "250 taken"  # type: ignore[func-returns-value]
    assert 1 <= sender.drive().handed <= 2, "what was under way on each of the two connections"
    assert mailing.campaigns.progress("Hello").deliveries["queued"] == PEOPLE - len(box.taken)
    box.data = lambda to: "250 taken"
    mailing.campaigns.drive(Clock())
    assert sorted(set(box.addresses)) == sorted(box.addresses) and len(box.taken) == PEOPLE
