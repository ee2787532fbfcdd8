"""Who may be the same person: what is suggested and why, what is never, and that decisions are kept."""

from __future__ import annotations

import pytest

from regulars.errors import NotFound, Refused
from regulars.intake.prepared import Progress
from regulars.intake.same import Pair, saying
from tests.intake.hand import NOW, Hand, at

HOME = {"street": "Mill Lane 4", "postcode": "BA1 1AA"}


def suggested(hand: Hand) -> dict[tuple[str, str], Pair]:
    hand.by_hand.same.look(NOW)
    return {(p.one, p.other): p for p in hand.by_hand.same.list(NOW)}


def graded(hand: Hand) -> dict[tuple[str, str], tuple[str, str]]:
    return {who: (p.kind, p.grade) for who, p in suggested(hand).items()}


def test_one_person_written_in_two_ways_is_suggested_with_what_speaks_for_it(hand: Hand) -> None:
    hand.bring(customers=[
        {"customer_id": "m1", "name": "Anna Ek", "email": "anna.ek@gmail.com"},
        {"customer_id": "m2", "name": "A. Ek", "email": "Annaek+shop@googlemail.com"},
        {"customer_id": "p1", "name": "Tove Lind", "postcode": "YO1 7HH", "birth_date": at(1, year=1980).date()},
        {"customer_id": "p2", "name": "Lind, Dr. Tóve", "birth_date": at(1, year=1980).date()},
        {"customer_id": "s1", "name": "Miriam Oake", "street": "3 Hill Street", "city": "Bath"},
        {"customer_id": "s2", "name": "miriam oake", "street": "3, hill street", "city": "BATH"}])
    found = suggested(hand)
    assert {who: p.kind for who, p in found.items()} == {
        ("m1", "m2"): "mailbox", ("p1", "p2"): "birth-date-and-name", ("s1", "s2"): "address-and-name"}
    assert list(map(str, saying.evidence(found["m1", "m2"]))) == [
        "The same mailbox: speaks strongly for it", "The same family name and initial: speaks strongly for it"]


def test_families_namesakes_and_what_everybody_has_are_not_suggested(hand: Hand) -> None:
    hand.bring(customers=[
        {"customer_id": "f1", "name": "Anna Ek", **HOME}, {"customer_id": "f2", "name": "Bertil Ek", **HOME},
        {"customer_id": "n1", "name": "John Smith", "postcode": "BA1 1AB"},
        {"customer_id": "n2", "name": "John Smith", "postcode": "YO1 7HH"},
        {"customer_id": "b1", "name": "Ida Berg", "postcode": "LS1 1AA", "birth_date": at(1, year=1950).date()},
        {"customer_id": "b2", "name": "Ida Berg", "postcode": "LS1 1AA", "birth_date": at(1, year=1990).date()},
        *({"customer_id": f"t{i}", "name": "Walk In", "postcode": "BA2 2AA"} for i in range(30))])
    hand.engine.execute("UPDATE customers SET phone = '01225 333333' WHERE customer_id IN ('f1', 'f2')")
    assert suggested(hand) == {}
    assert hand.by_hand.same.looked().left_out == 1  # type: ignore[union-attr]  # it looked


def test_a_telephone_that_only_lacks_the_countrys_code_is_the_same(hand: Hand) -> None:
    """Where the shop's country is another one, such numbers do not become one identity as they come in."""
    hand.bring(customers=[{"customer_id": "a", "name": "Noor Bakker", "phone": "+31 6 1234 5987"},
                          {"customer_id": "b", "name": "N. Bakker", "phone": "06 1234 5987"}])
    assert graded(hand) == {("a", "b"): ("phone-and-name", "sure")}


def test_what_a_person_decided_is_kept(hand: Hand) -> None:
    same = hand.by_hand.same
    hand.bring(customers=[{"customer_id": c, "name": "Anna Ek", "postcode": "BA1 1AA"} for c in "abc"])
    assert len(suggested(hand)) == 3
    same.apart("b", "a", NOW)
    same.later("a", "c", NOW)
    assert list(suggested(hand)) == [("b", "c")]
    assert [(p.one, p.other) for p in same.list(at(30, month=12))] == [("a", "c"), ("b", "c")]
    hand.by_hand.merge("c", "b", now=NOW)
    assert list(suggested(hand)) == []
    assert same.list(at(30, month=12)) == []
    hand.bring(customers=[{"customer_id": "a", "email": "a@x.com"}, {"customer_id": "c", "email": "a@x.com"}])
    assert hand.rows("SELECT customer_id FROM customers ORDER BY 1") == [("a",), ("c",)]
    hand.by_hand.erase("c", now=NOW)
    assert hand.rows("SELECT * FROM same_decided") == []
    with pytest.raises(NotFound):
        same.apart("a", "c", NOW)


def test_only_certain_kinds_are_joined_at_once_and_what_contradicts_is_left(hand: Hand) -> None:
    same = hand.by_hand.same
    hand.bring(customers=[
        {"customer_id": "a", "name": "Anna Ek", "email": "anna.ek@gmail.com", "at": at(1)},
        {"customer_id": "b", "name": "Anna Ek", "email": "annaek@gmail.com", "at": at(2)},
        {"customer_id": "c", "name": "Anna Ek", "email": "annaek+x@gmail.com", "at": at(3)},
        {"customer_id": "d", "name": "Bo Dahl", "email": "bo.dahl@gmail.com", "birth_date": at(1, year=1950).date()},
        {"customer_id": "e", "name": "Bo Dahl", "email": "bodahl@gmail.com", "birth_date": at(1, year=1990).date()}])
    assert len(suggested(hand)) == 4
    with pytest.raises(Refused, match="not certain enough"):
        same.join_all("address-and-name", NOW)
    same.rule("mailbox", True, NOW)
    assert sorted((m.kept, m.absorbed, m.reason) for m in same.join_all("mailbox", NOW)) == [
        ("a", "b", "mailbox"), ("a", "c", "mailbox")]
    assert list(suggested(hand)) == [("d", "e")]
    hand.bring(customers=[{"customer_id": "f", "name": "Anna Ek", "email": "a.nnaek@gmail.com", "at": at(4)}])
    assert same.look(NOW).joined == 1
    assert hand.consistent()
    hand.by_hand.unmerge("f", now=NOW)
    assert (same.look(NOW).joined, hand.rows("SELECT count(*) FROM customers")) == (0, [(4,)])


def test_nobody_of_a_household_is_joined_for_a_name_that_is_nearly_the_same(hand: Hand) -> None:
    """What may be two of a family is suggested, and left to a person; so is who would be joined by a third."""
    same = hand.by_hand.same
    twin = {**HOME, "birth_date": at(1, year=1990).date()}
    hand.bring(customers=[{"customer_id": "t0", "name": "Julia Berg", **twin},
                          {"customer_id": "t1", "name": "Julian Berg", **twin},
                          {"customer_id": "s0", "name": "J Smith", "email": "jsmith@gmail.com"},
                          {"customer_id": "s1", "name": "John Smith", "email": "j.smith@gmail.com"},
                          {"customer_id": "s2", "name": "James Smith", "email": "js.mith@gmail.com"}])
    hand.engine.execute("UPDATE customers SET phone = '01225 318452' WHERE customer_id IN ('t0', 't1')")
    assert graded(hand)["t0", "t1"] == ("phone-and-name", "sure")
    assert [same.join_all(kind, NOW) for kind in ("mailbox", "phone-and-name", "birth-date-and-name")] == [[], [], []]


def test_a_number_that_everybody_has_speaks_neither_for_nor_against_two(hand: Hand) -> None:
    hand.bring(customers=[{"customer_id": c, "name": "Anna Ek", **HOME} for c in ("a", "b")]
               + [{"customer_id": f"o{i}", "name": f"Person {i}"} for i in range(30)])
    hand.engine.execute("UPDATE customers SET phone = '01225 318452'")
    assert suggested(hand)["a", "b"].evidence["phone"] == ("same", 0)


def test_names_that_differ_only_in_the_marks_that_are_their_vowels_are_two(hand: Hand) -> None:
    hand.bring(customers=[{"customer_id": "a", "name": "राम शर्मा"}, {"customer_id": "b", "name": "रीमा शर्मा"},
                          {"customer_id": "c", "name": "مُحمّد خان"}, {"customer_id": "d", "name": "محمد خان"}])
    hand.engine.execute("UPDATE customers SET phone = '01225 31845' || if(customer_id < 'c', 2, 3)")
    assert {who: p.evidence["name"][0] for who, p in suggested(hand).items()} == {("c", "d"): "same"}


def test_a_no_to_messages_stays_a_no_whoever_of_many_said_it(hand: Hand) -> None:
    def said(who: str, mailbox: str, day: int, agreed: bool, dated: int | None) -> dict[str, object]:
        return {"customer_id": who, "name": "Anna Ek", "email": f"{mailbox}@gmail.com", "at": at(day),
                "email_consent": agreed, "email_consent_at": at(dated) if dated else None,
                "email_consent_origin": "shop" if agreed else None}
    hand.bring(customers=[said("a", "annaek", 1, True, 1), said("b", "anna.ek", 2, True, 2),
                          said("c", "anna.e.k", 3, False, 5),
                          said("d", "ek", 1, True, 1), said("e", "e.k", 2, False, None)])
    hand.by_hand.same.look(NOW)
    assert len(hand.by_hand.same.join_all("mailbox", NOW)) == 3
    assert hand.rows("SELECT customer_id, email_consent, email_consent_at, email_consent_origin FROM customers "
                     "ORDER BY 1") == [
        ("a", False, at(5), None), ("d", False, None, None)]
    hand.by_hand.unmerge("c", now=NOW)
    assert hand.rows("SELECT customer_id, email_consent FROM customers ORDER BY 1") == [
        ("a", True), ("c", False), ("d", False)]


def test_nothing_is_kept_of_who_is_there_no_more_when_a_look_is_done(hand: Hand) -> None:
    hand.bring(customers=[{"customer_id": c, "name": "Anna Ek", "postcode": "BA1 1AA"} for c in "ab"])

    def tell(step: Progress) -> None:
        if step.rows_done == 3:
            hand.by_hand.merge("b", "a", now=NOW)
    hand.by_hand.same.look(NOW, tell)
    assert hand.rows("SELECT * FROM same_pairs") == []
    assert hand.by_hand.same.looked().pairs == 0  # type: ignore[union-attr]  # it looked


def test_an_empty_shop_and_one_of_nameless_people_have_nobody_to_suggest(hand: Hand) -> None:
    assert suggested(hand) == {}
    hand.bring(customers=[{"customer_id": str(i)} for i in range(3)])
    assert suggested(hand) == {}


def test_merges_of_two_names_are_doubted_until_somebody_says_they_are_one(hand: Hand) -> None:
    same = hand.by_hand.same
    hand.bring(customers=[{"customer_id": "a", "name": "Anna Ek", "phone": "020 7946 0958"},
                          {"customer_id": "b", "name": "Tom Ek", "phone": "+44 20 7946 0958"},
                          {"customer_id": "c", "name": "A. Ek", "phone": "020 7946 0958"}])
    same.look(NOW)
    doubted, = same.joined(doubted=True)
    assert (doubted.kept_name, doubted.absorbed_name, doubted.doubt) == ("Anna Ek", "Tom Ek", "name")
    assert [m.absorbed for m in same.joined(doubted=False)] == ["c"]
    same.one_person(doubted.merge_id, NOW)
    same.look(NOW)
    assert same.joined(doubted=True) == []
    assert {m.absorbed for m in same.joined()} == {"b", "c"}
    assert same.details(["a"])["a"].known_by == ("+442079460958",)
