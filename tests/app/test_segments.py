"""Segments in the browser: the list, one of them, its people, and writing one, with the little shop's own counts."""

from __future__ import annotations

import csv
import html
import re
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from urllib.parse import parse_qs, quote

import pytest
from django.http import HttpResponse
from django.test import Client

from regulars.app.api import keys
from regulars.app.doors import roles
from regulars.app.doors.models import Entry
from regulars.app.jobs import running
from regulars.app.jobs.models import DONE, FAILED, Job
from regulars.app.segments.following import following
from regulars.intake.settle import count_change
from regulars.model.clock import local_day
from regulars.model.tables import FACT_TABLES
from regulars.shop import Shop, standing
from tests.app.conftest import SignedIn

NOW = datetime(2026, 11, 22, 12)
ODD = "Über 10% / \"gut\" & <b> ’s?#"


@pytest.fixture
def saved(shop: Shop) -> Shop:
    """VIP is Ada alone; Utrecht is Ada and Bram; looked at once."""
    shop.segments.add("VIP", "count(orders) >= 10", now=NOW, note="Thank them.")
    shop.segments.add("Utrecht", "city = 'Utrecht'", now=NOW)
    shop.segments.refresh(NOW)
    return shop


def words(answer: HttpResponse) -> str:
    """What a person reads, tags and runs of blanks aside."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_the_list_has_each_segment_with_its_size_and_moment(saved: Shop, owner: Client) -> None:
    said = words(owner.get("/segments/"))
    assert re.search(r"Utrecht 2 .*22 Nov 2026 13:00", said)
    assert re.search(r"VIP Thank them\. 1 .*22 Nov 2026 13:00", said)


def test_it_says_where_facts_came_in_since(saved: Shop, owner: Client) -> None:
    assert "data changed since" not in words(owner.get("/segments/"))
    saved.engine.execute("UPDATE meta SET value = (value::BIGINT + 1)::VARCHAR WHERE key = 'facts_version'")
    assert "data changed since" in words(owner.get("/segments/"))


def test_an_empty_shop_is_told_what_to_do(shop: Shop, owner: Client) -> None:
    assert "No segments yet" in words(owner.get("/segments/"))


def test_a_segment_says_who_since_when_and_why(saved: Shop, owner: Client) -> None:
    said = words(owner.get("/segments/show/VIP/"))
    assert "The number of orders is at least 10." in said
    assert "20.0% of 5 customers" in said
    assert re.search(r"Ada Bloem Utrecht 10 €200\.00 22 Nov 2026 13:00 or earlier the first look", said)


def test_a_segment_that_is_not_there_names_the_nearest(saved: Shop, owner: Client) -> None:
    answer = owner.get("/segments/show/VIPs/")
    assert answer.status_code == 404 and "VIP" in words(answer)


def test_who_is_in_none(saved: Shop, owner: Client) -> None:
    said = words(owner.get("/segments/none/"))
    assert "3 customers are in no segment" in said
    assert "Eva Smit" in said and "Ada Bloem" not in said


def test_overlaps_count_each_customer_once(saved: Shop, owner: Client) -> None:
    said = words(owner.get("/segments/overlaps/"))
    assert "1 Utrecht VIP" in said and "1 Utrecht" in said and "as of 22 Nov 2026 13:00" in said


def test_just_those_of_an_overlap_become_a_segment(saved: Shop, owner: Client, as_: SignedIn) -> None:
    """Ada is in both; Bram is in Utrecht alone."""
    page = html.unescape(owner.get("/segments/overlaps/").content.decode())
    rules = [parse_qs(query)["rule"][0] for query in re.findall(r'/segments/new/\?([^"]+)"', page)]
    assert sorted(tuple(saved.members(rule, NOW).column(0).to_pylist()) for rule in rules) == [("C1",), ("C2",)]
    assert "/segments/new/?" not in as_(roles.VIEWER).get("/segments/overlaps/").content.decode()


def test_just_outside_a_count_is_who_is_near_it(saved: Shop, owner: Client) -> None:
    saved.segments.add("Two", "count(orders) >= 2", now=NOW)
    said = words(owner.get("/segments/outside/Two/"))
    assert "3 customers miss it narrowly" in said
    assert "Bram de Wit , Çiğdem Ünal , 宮崎 花".replace(" ,", ",") in said.replace(" ,", ",")


def test_just_outside_several_conditions_is_whom_one_alone_keeps_out(saved: Shop, owner: Client) -> None:
    saved.segments.add("Both", "city = 'Utrecht' and count(orders) >= 2", now=NOW)
    said = words(owner.get("/segments/outside/Both/"))
    assert "1 customer misses it narrowly, by one condition: The number of orders is at least 2" in said
    assert "Bram de Wit" in said and "Ada" not in said


def test_what_a_rule_earns_stands_beside_it_where_it_is_known(saved: Shop, owner: Client) -> None:
    assert "not yet" in words(owner.post("/segments/preview/", {"rule": "city = 'Utrecht'"}))
    saved.keep(saved.insight("profit", NOW))
    assert "What they earn cannot be known" in words(owner.post("/segments/preview/", {"rule": "city = 'Utrecht'"}))
    saved.engine.execute("UPDATE scores SET \"profit.last_12_months\" = 82 WHERE customer_id = 'C1'")
    said = words(owner.post("/segments/preview/", {"rule": "city = 'Utrecht'"}))
    assert "Profit of the last 12 months €82 known of 1 of 2 as of 22 Nov 2026 12:00" in said
    assert "€82" in words(owner.get("/segments/")) and "€82" in words(owner.get("/segments/show/VIP/"))
    saved.segments.add("A loss", "customer_id = 'C2'", now=NOW)
    saved.segments.refresh(NOW)
    saved.engine.execute("UPDATE scores SET \"profit.last_12_months\" = -5 WHERE customer_id = 'C2'")
    by_profit = words(owner.get("/segments/?by=profit"))
    assert [*map(by_profit.rindex, ("€82", "€77", "-€5"))] == sorted(map(by_profit.rindex, ("€82", "€77", "-€5")))
    assert "A loss" in words(owner.get("/segments/?by=nonsense"))


@pytest.mark.parametrize("text, offered", [
    ("gen", "gender"), ("count(ord", "orders"), ("city = ", "'Utrecht'"), ("city = 'Ams", "'Amsterdam'"),
    ("any(orders where chan", "channel"), ("any(orders in last 30 ", "days"), ("in segment ", "'VIP'"),
    ("count(orders) ", "and"), ("sum(orders.tot", "orders.total")])
def test_what_may_come_next(saved: Shop, owner: Client, text: str, offered: str) -> None:
    found = owner.post("/segments/complete/", {"text": text}).json()["completions"]
    assert offered in [each["text"] for each in found]


def test_a_rule_that_fits_no_more_is_shown_to_be_mended_and_holds_up_no_other(saved: Shop, owner: Client) -> None:
    owner.post("/segments/new/", {"name": "Other", "rule": "count(orders)>=10"})
    saved.engine.execute("UPDATE segments SET rule = 'gone = 3' WHERE name = 'VIP'")
    running.drive()
    assert [(j.kind, j.state) for j in Job.objects.all()] == [("past sizes", DONE), ("refresh", FAILED)]
    assert saved.segments.get("Other").members == 1
    page = owner.get("/segments/show/VIP/")
    assert page.status_code == 200
    assert "its rule cannot be asked There is no attribute called 'gone'" in words(page)
    assert "/segments/edit/VIP/" in page.content.decode()
    assert "segments/csv" not in page.content.decode()
    for part in ("csv", "vcard"):
        assert owner.get(f"/segments/{part}/VIP/").status_code == 409
    for part, heading in (("expected", "Until this time tomorrow"), ("outside", "Who is just outside")):
        said = owner.get(f"/segments/{part}/VIP/", headers={"HX-Request": "true"})
        assert said.status_code == 200 and "/segments/edit/VIP/" in said.content.decode()
        assert words(said).startswith(f"{heading} its rule cannot be asked There is no attribute called 'gone'")
    _, token = keys.make("programs", ["segments:read"])
    asked = owner.get("/api/v1/members/VIP", headers={"authorization": f"Bearer {token}"})
    assert (asked.status_code, asked.json()["type"]) == (409, "segment.failed")


def test_saving_looks_at_once_and_works_out_the_past(shop: Shop, owner: Client) -> None:
    answer = owner.post("/segments/new/", {"name": ODD, "rule": "count(orders)>=10", "note": "n"})
    assert answer.status_code == 302
    running.drive()
    assert [(j.kind, j.state) for j in Job.objects.all()] == [("past sizes", DONE), ("refresh", DONE)]
    segment = shop.segments.get(ODD)
    assert (segment.rule, segment.members, segment.changed_by) == ("count(orders) >= 10", 1, "Owner")
    page = owner.get(answer.headers["location"])
    assert page.status_code == 200
    assert "Ada Bloem" in words(page) and "From 0 people on" in page.content.decode()
    assert Entry.objects.get(what="segment.saved").about == ODD


def test_a_taken_name_is_said_beside_it_and_nothing_is_lost(saved: Shop, owner: Client) -> None:
    answer = owner.post("/segments/new/", {"name": "vip", "rule": "any(orders)", "note": "mine"})
    page = answer.content.decode()
    assert answer.status_code == 200 and "already" in words(answer)
    assert "any(orders)</textarea>" in page and 'value="mine"' in page


def test_changing_a_rule_makes_a_version_and_keeps_the_earlier(saved: Shop, owner: Client) -> None:
    owner.post("/segments/edit/VIP/", {"name": "VIP", "rule": "count(orders) >= 5", "note": ""})
    assert [(v.version, v.rule) for v in saved.segments.versions("VIP")] == [
        (2, "count(orders) >= 5"), (1, "count(orders) >= 10")]
    assert "count(orders) &gt;= 10" in owner.get("/segments/show/VIP/").content.decode()


def test_what_another_saved_meanwhile_is_not_written_over_unseen(saved: Shop, owner: Client) -> None:
    said = {"name": "VIP", "rule": "count(orders) >= 7", "note": "", "version": "1"}
    saved.segments.change("VIP", now=NOW, rule="any(orders)", by="Rosa")
    answer = owner.post("/segments/edit/VIP/", said)
    assert "Rosa changed this while you wrote: its rule is any(orders) now." in words(answer)
    assert "count(orders) &gt;= 7</textarea>" in answer.content.decode() and saved.segments.get("VIP").version == 2
    assert 'name="version" value="2"' in answer.content.decode()
    owner.post("/segments/edit/VIP/", {**said, "version": "2"})
    assert saved.segments.get("VIP").rule == "count(orders) >= 7"


def test_without_a_script_looking_is_a_button(shop: Shop, owner: Client) -> None:
    answer = owner.post("/segments/new/", {"name": "x", "rule": "any(orders)", "look": "1"})
    assert "80.0% of 5 customers" in words(answer)
    assert not shop.segments.list()
    begun = words(owner.get("/segments/new/", {"rule": "any(orders)"}))
    assert shop.sentence("any(orders)") in begun and "80.0%" not in begun


def test_removing_asks_for_the_name(saved: Shop, owner: Client) -> None:
    assert owner.post("/segments/remove/VIP/", {"name": "vpi"}).status_code == 409
    assert owner.post("/segments/remove/VIP/", {"name": "VIP"}).status_code == 302
    assert [s.name for s in saved.segments.list()] == ["Utrecht"]


def test_the_table_of_people_has_them_all_and_is_logged(saved: Shop, owner: Client) -> None:
    answer = owner.get("/segments/csv/Utrecht/")
    rows = list(csv.DictReader(StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [(r["customer_id"], r["name"], r["orders"], r["spent"]) for r in rows] == [
        ("C1", "Ada Bloem", "10", "200.00"), ("C2", "Bram de Wit", "1", "35.50")]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="utrecht-as-of-2026-11-22-1300.csv"'
    entry = Entry.objects.get()
    assert (entry.what, entry.about, entry.detail) == ("segment.exported_csv", "Utrecht", {"people": 2})


def test_who_was_in_is_given_out_with_when_that_was_and_not_before_a_rule_was_asked(saved: Shop, owner: Client) -> None:
    assert "A file has who was in then." in words(owner.get("/segments/show/Utrecht/"))
    _, token = keys.make("programs", ["segments:read"])

    def asked() -> Any:
        return owner.get("/api/v1/members/Utrecht", headers={"authorization": f"Bearer {token}"}).json()
    assert (asked()["as_of"], asked()["state"]) == ("2026-11-22T12:00:00Z", "stale")
    saved.segments.advance(saved.moment())
    assert asked()["state"] == "fresh" and "A file has" not in words(owner.get("/segments/show/Utrecht/"))
    today = local_day(saved.moment(), saved.settings.zone)
    assert f'"utrecht-{today}.csv"' in owner.get("/segments/csv/Utrecht/").headers["Content-Disposition"]
    saved.segments.change("Utrecht", rule="city = 'Delft'", now=saved.moment())
    assert asked()["type"] == "segment.stale" and owner.get("/segments/csv/Utrecht/").status_code == 409


def test_the_table_says_who_may_be_written_to(saved: Shop, owner: Client) -> None:
    saved.engine.execute("UPDATE customers SET email_consent = CASE customer_id WHEN 'C1' THEN false END, "
                         "phone_consent = customer_id = 'C1'")
    rows = list(csv.DictReader(StringIO(owner.get("/segments/csv/Utrecht/").getvalue().decode("utf-8-sig"))))
    assert [(r["email_consent"], r["phone_consent"]) for r in rows] == [("no", "yes"), ("", "no")]


def test_pages_say_when_nothing_new_came_for_long(saved: Shop, owner: Client) -> None:
    assert "The newest thing known happened" not in words(owner.get("/segments/"))
    for table in FACT_TABLES:
        saved.engine.execute(f'UPDATE {table.name} SET "at" = "at" - INTERVAL 400 DAY')
    count_change(saved.engine, None, everybody=True)
    assert "The newest thing known happened" in words(owner.get("/segments/show/Utrecht/"))
    assert "The newest thing known happened" in words(owner.get("/customers/"))


def test_a_shop_of_old_data_is_of_one_moment_on_every_page_until_newer_data_comes(shop: Shop, owner: Client) -> None:
    """Ada and Bram ordered in the shop's last 60 days, which are long ago."""
    recent = "any(orders in last 60 days)"
    for table in FACT_TABLES:
        shop.engine.execute(f'UPDATE {table.name} SET "at" = "at" - INTERVAL 4000 DAY')
    owner.post("/segments/new/", {"name": "Lately", "rule": recent})
    running.drive()
    lasted = standing.as_of(shop.engine, shop.moment())
    then = shop.segments.evaluator.count(recent, lasted)
    assert then == 2 and shop.count(recent) == 0 and (shop.moment() - lasted).days > 3900
    assert shop.segments.get("Lately").members == then and shop.segments.states(lasted)["Lately"].is_fresh
    assert not shop.segments.states(shop.moment())["Lately"].is_fresh
    for page in ("/segments/", "/segments/show/Lately/", "/customers/", "/today/"):
        assert "Everything here is as of" in words(owner.get(page))
    assert "People 2 40.0% of 5" in words(owner.post("/segments/preview/", {"rule": recent}))
    owner.post("/today/as-of/", {"by": "clock"})
    running.drive()
    assert shop.segments.get("Lately").members == 0 and "as of today all the same" in words(owner.get("/segments/"))
    owner.post("/today/as-of/", {"by": "data"})
    running.drive()
    assert shop.segments.get("Lately").members == then
    with shop.engine.changing_facts():
        shop.engine.execute("UPDATE orders SET \"at\" = ? WHERE order_id = 'B1'", [shop.moment()])
        count_change(shop.engine, None, everybody=True)
    following.look()
    assert shop.segments.get("Lately").members == 1 and "Everything here is as of" not in words(owner.get("/segments/"))


def test_where_the_clock_is_behind_the_last_look_pages_and_whoever_watches_say_so(shop: Shop, owner: Client) -> None:
    shop.segments.add("Buyers", "any(orders)", now=shop.moment())
    shop.segments.advance(shop.moment() + timedelta(hours=1))
    try:
        following.look()
        assert "Memberships are known up to" in words(owner.get("/segments/show/Buyers/"))
        assert owner.get("/ready/").json()["segments"] == {"trouble": "segment.looked_at_later"}
        assert "Take those looks back" in words(owner.get("/segments/"))
        owner.post("/segments/look-back/")
        assert owner.get("/ready/").json() == {"status": "ready"}
        assert "Take those looks back" not in words(owner.get("/segments/"))
        assert "No look was later" in words(owner.post("/segments/look-back/", follow=True))
    finally:
        following.trouble, following.trouble_code = None, ""


def test_a_cell_is_never_a_formula(saved: Shop, owner: Client) -> None:
    saved.engine.execute("UPDATE customers SET name = '=HYPERLINK(1)' WHERE customer_id = 'C1'")
    rows = list(csv.DictReader(StringIO(owner.get("/segments/csv/VIP/").getvalue().decode("utf-8-sig"))))
    assert rows[0]["name"] == "'=HYPERLINK(1)"


def test_cards_are_whole_and_fold_at_75_bytes(saved: Shop, owner: Client) -> None:
    saved.engine.execute("UPDATE customers SET name = 'Ünal, Çiğdem; ' || repeat('花', 40) WHERE customer_id = 'C1'")
    card = owner.get("/segments/vcard/VIP/").getvalue().decode()
    assert card.startswith("BEGIN:VCARD\r\nVERSION:3.0\r\n") and card.endswith("END:VCARD\r\n")
    assert all(len(line.encode()) <= 75 for line in card.split("\r\n"))
    assert "FN:Ünal\\, Çiğdem\\; " + "花" * 40 in card.replace("\r\n ", "")


def test_ready_segments_say_what_they_miss(shop: Shop, owner: Client) -> None:
    said = words(owner.get("/segments/ready/"))
    assert "missing" in said
    assert said.index("How often they bought") < said.index("Who reads your messages"), "the shop has no messages"
    said = words(owner.get("/segments/ready/vip-10-orders/"))
    assert "1 of 5 customers" in said and "Take it on" in said


PAGES = ("/segments/", "/segments/none/", "/segments/overlaps/", "/segments/ready/", "/segments/ready/vip-10-orders/",
         "/segments/show/VIP/", "/segments/members/VIP/", "/segments/outside/VIP/", "/segments/past/?rule=everyone")
CHANGES = ("/segments/new/", "/segments/edit/VIP/", "/segments/remove/VIP/", "/segments/look-again/")
EXPORTS = ("/segments/csv/VIP/", "/segments/vcard/VIP/")


@pytest.mark.parametrize("role", [roles.OWNER, roles.HELPER, roles.VIEWER])
@pytest.mark.parametrize("address", PAGES)
def test_everybody_of_the_shop_may_look(saved: Shop, as_: SignedIn, role: str, address: str) -> None:
    assert as_(role).get(address).status_code == 200


@pytest.mark.parametrize("address", CHANGES)
def test_a_viewer_changes_nothing(saved: Shop, as_: SignedIn, address: str) -> None:
    viewer = as_(roles.VIEWER)
    assert viewer.post(address, {"name": "VIP", "rule": "everyone"}).status_code == 403
    assert viewer.get(address).status_code in (403, 405)
    assert [s.rule for s in saved.segments.list()] == ["city = 'Utrecht'", "count(orders) >= 10"]
    assert not Job.objects.exists()


@pytest.mark.parametrize("address", EXPORTS)
def test_a_viewer_takes_nobody_out(saved: Shop, as_: SignedIn, address: str) -> None:
    assert as_(roles.VIEWER).get(address).status_code == 403
    assert as_(roles.HELPER).get(address).status_code == 200
    assert 'href="/segments/csv' not in as_(roles.VIEWER).get("/segments/show/VIP/").content.decode()


def test_a_viewer_may_try_rules(saved: Shop, as_: SignedIn) -> None:
    assert as_(roles.VIEWER).post("/segments/preview/", {"rule": "everyone"}).status_code == 200


def test_names_with_anything_in_them_have_addresses(saved: Shop, owner: Client) -> None:
    saved.segments.add(ODD, "everyone", now=NOW)
    assert owner.get(f"/segments/show/{quote(ODD)}/").status_code == 200


def test_a_message_to_begin_with_in_the_language_they_speak(saved: Shop, owner: Client) -> None:
    saved.segments.add("Never bought", "no(orders)", now=NOW)
    assert "Being worked out" in words(owner.get("/segments/draft/Never bought/"))
    assert owner.get("/segments/draft-file/Never bought/").status_code == 302
    running.drive()
    said = words(owner.get("/segments/draft/Never bought/"))
    assert "100% of them have never ordered." in said and "You have looked around at our shop" in said
    assert "Mulai dari mana di" in owner.get("/segments/draft/Never bought/?language=id").content.decode()
    file = owner.get("/segments/draft-file/Never bought/?language=ru")
    assert file.content.decode().startswith("С чего начать в ")
    assert file.headers["content-disposition"] == 'attachment; filename="message-ru.txt"'


def test_of_nobody_there_is_no_message(saved: Shop, owner: Client) -> None:
    saved.segments.add("Nobody", "name = 'nobody'", now=NOW)
    owner.get("/segments/draft/Nobody/")
    running.drive()
    assert "A draft needs customers, and there are none" in words(owner.get("/segments/draft/Nobody/"))


def test_a_segment_says_how_far_it_is_known_and_asks_again_by_itself(shop: Shop, owner: Client) -> None:
    shop.segments.add("Utrecht", "city = 'Utrecht'", now=NOW)
    assert "not looked at yet" in words(owner.get("/segments/now/Utrecht/"))
    shop.segments.advance(shop.moment())
    answer = owner.get("/segments/now/Utrecht/")
    assert 'hx-trigger="every 5s"' in answer.content.decode()
    assert re.search(r"People 2 .*How far it is known up to date", words(answer))


def test_a_segment_that_failed_does_not_look_healthy(saved: Shop, owner: Client) -> None:
    saved.engine.execute("UPDATE segments SET rule = 'any(orders in last 0 days)' WHERE name = 'VIP'")
    saved.segments.advance(saved.moment())
    assert "its rule cannot be asked" in words(owner.get("/segments/"))
    assert "up to date" in words(owner.get("/segments/now/Utrecht/"))


def test_who_comes_and_goes_until_tomorrow_is_told(saved: Shop, owner: Client) -> None:
    assert "nobody comes and nobody goes" in words(owner.get("/segments/expected/VIP/"))
    saved.engine.execute('UPDATE orders SET "at" = ? WHERE order_id IN (SELECT max(order_id) FROM orders WHERE '
                         "customer_id = 'C2')", [saved.moment() - timedelta(days=30) + timedelta(hours=2)])
    saved.segments.add("Lately", "any(orders in last 30 days)", now=NOW)
    saved.segments.add("Best", "top 10% by count(orders)", now=NOW)
    assert "1 customer goes by time alone: Bram" in words(owner.get("/segments/expected/Lately/"))
    assert "not foretold" in words(owner.get("/segments/expected/Best/"))


def test_a_look_at_everybody_is_told_with_what_differed(saved: Shop, owner: Client) -> None:
    saved.engine.execute("DELETE FROM memberships WHERE customer_id = 'C1' AND segment = 'VIP'")
    job = Job.objects.create(kind="rebuild")
    running.run(job)
    job.refresh_from_db()
    assert (job.state, job.result["by_segment"]) == (DONE, {"VIP": 1})
    assert "1 difference, put right" in words(owner.get("/segments/"))
