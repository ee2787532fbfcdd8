"""Links of messages: good for one person and one use, led nowhere else, and asking for one changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from regulars.outreach import links
from regulars.outreach.links import CLICK, KINDS, OPEN, PREFERENCES, UNSUBSCRIBE, Said
from regulars.shop import Shop

PERSON = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


def link(shop: Shop, kind: str, number: int = 0, delivery: int = 1) -> str:
    return f"/m/{kind}/{links.token(shop.campaigns.store.seed, Said(kind, delivery, number))}"


def kinds(shop: Shop) -> list[tuple[str, int | None]]:
    rows = shop.campaigns.store.rows("SELECT kind, machine FROM responses WHERE kind <> 'sent' ORDER BY seq")
    return [(kind, machine) for kind, machine in rows]


def test_a_link_leads_to_what_stood_in_the_message(sent: Shop) -> None:
    answer = Client(headers=PERSON).get(link(sent, CLICK, 1))
    assert (answer.status_code, answer["Location"]) == (302, "https://shop.example/new?a=1&b=2")
    assert kinds(sent) == [("clicked", None)]
    assert Client(headers=PERSON).get(link(sent, CLICK, 2)).status_code == 404


def test_whoever_changes_a_letter_of_a_link_has_none(sent: Shop) -> None:
    good = link(sent, UNSUBSCRIBE)
    head, token = good[:5], good[5:]
    for place in range(len(token)):
        for letter in "Ab1_":
            if token[place] != letter:
                forged = f"{head}{token[:place]}{letter}{token[place + 1:]}"
                # The last letter has bits to spare; what it says must still be what was signed.
                assert links.read(sent.campaigns.store.seed, UNSUBSCRIBE, forged[5:]) in (None, Said(UNSUBSCRIBE, 1))
    browser = Client()
    for wrong in ("", "x", "é", "a" * 500, token[:-2], token + "A", f"{token}/../x", "https://evil.example"):
        assert browser.post(f"/m/u/{wrong}").status_code in (404, 301)
    assert kinds(sent) == []
    for cut in ("/m/u/", f"/m/u/{token[:9]}", "/m/u/x/y"):
        answer = browser.get(cut)
        assert answer.status_code == 404 and "This link does not work" in answer.content.decode()
        assert 'href="/"' not in answer.content.decode()


def test_a_link_is_good_for_one_use_only(sent: Shop) -> None:
    for kind in KINDS:
        for other in set(KINDS) - {kind}:
            assert Client().post(link(sent, kind).replace(f"/m/{kind}/", f"/m/{other}/")).status_code in (404, 405)
    elsewhere = links.token("another shop's seed", Said(UNSUBSCRIBE, 1))
    assert Client().post(f"/m/u/{elsewhere}").status_code == 404


def test_asking_for_a_page_unsubscribes_nobody(sent: Shop) -> None:
    browser = Client(headers=PERSON)
    for ask in (browser.get, browser.head):
        assert ask(link(sent, UNSUBSCRIBE)).status_code == 200
    assert kinds(sent) == []
    assert sent.campaigns.ways("P01")["email"] is True


def test_one_press_unsubscribes_at_once_and_for_all_campaigns(sent: Shop) -> None:
    who = sent.campaigns.deliveries("Hello")[0]
    # A mail program posts this for its person: no cookie, no token of a form (RFC 8058).
    answer = Client(enforce_csrf_checks=True).post(link(sent, UNSUBSCRIBE, delivery=who.id),
                                                   {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    again = Client().get(link(sent, UNSUBSCRIBE, delivery=who.id)).content.decode()
    assert "sends you no e-mail any more." in again and "<button" not in again and "Choose what you get" in again
    assert sent.campaigns.ways(who.customer_id)["email"] is False
    sent.campaigns.settle(sent.moment() + timedelta(minutes=1))
    assert sent.customers.consents([who.customer_id])[who.customer_id][0] is False
    assert kinds(sent) == [("unsubscribed", None)]


def test_pages_speak_the_language_of_who_was_written_to(sent: Shop) -> None:
    sent.engine.execute("UPDATE customers SET language = 'ur' WHERE customer_id = ?",
                        [sent.campaigns.deliveries("Hello")[0].customer_id])
    page = Client(headers={"accept-language": "ru"}).get(link(sent, UNSUBSCRIBE)).content.decode()
    assert 'lang="ur" dir="rtl"' in page and "پیغامات بند کریں" in page


def test_they_choose_by_which_ways_they_hear_from_the_shop(sent: Shop) -> None:
    page = link(sent, PREFERENCES)
    assert b"checked" in Client().get(page).content
    assert Client(enforce_csrf_checks=True).post(page, {"tracking": "on"}).status_code == 200
    assert sent.campaigns.ways("P01") == {"email": False, "tracking": True}
    Client().post(page, {"email": "on"})
    sent.campaigns.settle(sent.moment() + timedelta(minutes=1))
    assert sent.campaigns.ways("P01") == {"email": True, "tracking": False}


def test_who_was_merged_chooses_by_an_old_message_for_the_one_they_are(sent: Shop) -> None:
    page = link(sent, PREFERENCES)
    sent.customers.merge("P02", "P01", now=sent.moment())
    assert b"checked" in Client().get(page).content
    Client().post(page, {})
    sent.campaigns.settle(sent.moment() + timedelta(minutes=1))
    assert sent.campaigns.ways("P02") == {"email": False, "tracking": False}
    Client().post(page, {"tracking": "on"})
    assert sent.campaigns.ways("P02")["tracking"]


@pytest.mark.parametrize(("how", "headers", "machine"), [
    ("get", PERSON, None), ("head", PERSON, 1), ("get", {"user-agent": "Mozilla/5.0"}, 1),
    ("get", {"user-agent": "Barracuda Sentinel (EE)"}, 1), ("get", {**PERSON, "sec-purpose": "prefetch"}, 1)])
def test_a_machine_is_told_at_the_door(sent: Shop, how: str, headers: dict[str, str], machine: int | None) -> None:
    answer = getattr(Client(headers=headers), how)(link(sent, OPEN))
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    assert kinds(sent) == [("opened", machine)]
