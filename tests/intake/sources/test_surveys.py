"""Survey exports: who answered what, and which answers are numbers."""

from __future__ import annotations

import csv
import gzip
from datetime import datetime

import pytest

from tests.realdata import realdata

from .reading_exports import Understood, read

GARDEN = "surveymonkey/Garden survey.csv"
RECOMMEND = "how_likely_are_you_to_recommend_us_to_a_friend"


def numbers(found: Understood, question: str) -> dict[str, float | None]:
    return {r["respondent"][-1]: r["number"] for r in found.rows("answers") if r["question"] == found.labels[question]}


def test_two_header_rows_are_joined_into_questions() -> None:
    found = read(GARDEN)
    assert list(found.own) == [
        RECOMMEND,
        "what_do_you_buy_from_us_bricks",
        "what_do_you_buy_from_us_sand",
        "what_do_you_buy_from_us_hoses",
        "what_do_you_buy_from_us_other_please_specify",
        "how_satisfied_are_you_with_our_shop",
        "how_satisfied_are_you_with_our_delivery",
        "anything_else",
    ]
    assert len(found.rows("answers")) == 14


def test_answers_on_a_scale_have_a_number() -> None:
    found = read(GARDEN)
    assert numbers(found, RECOMMEND) == {"1": 10, "2": 7, "3": 0}
    assert numbers(found, "how_satisfied_are_you_with_our_shop") == {"1": 5, "2": 2, "3": 1}
    assert numbers(found, "how_satisfied_are_you_with_our_delivery") == {"1": 4, "2": 3}
    assert numbers(found, "what_do_you_buy_from_us_bricks") == {"1": None, "3": None}


def test_a_respondent_without_email_answers_and_is_no_customer() -> None:
    found = read(GARDEN)
    assert {r["respondent"] for r in found.rows("answers")} == {f"surveymonkey:11800000000{n}" for n in (1, 2, 3)}
    assert {r["id_email"] for r in found.rows("answers") if r["respondent"].endswith("3")} == {None}
    assert [p["email"] for p in found.rows("customers")] == ["ada@example.com", "bima@example.org"]


def test_an_anonymous_export_has_the_same_answers_and_nobody_to_know() -> None:
    anonymous = read("surveymonkey/anonymous.csv")
    assert "customers" not in anonymous.tables
    strip = [(r["respondent"], r["question"], r["value"]) for r in anonymous.rows("answers")]
    assert sorted(strip) == sorted((r["respondent"], r["question"], r["value"]) for r in read(GARDEN).rows("answers"))


def test_a_condensed_export_has_one_answer_a_question() -> None:
    found = read("surveymonkey/condensed.csv")
    said = {(r["respondent"][-1], r["question"]): r["value"] for r in found.rows("answers")}
    assert said["1", "What do you buy from us?"] == "Bricks, Sand"
    assert len(said) == 5


def test_the_survey_is_called_as_its_file_and_dated_by_its_end() -> None:
    first = read(GARDEN).rows("answers")[0]
    assert (first["survey"], first["at"]) == ("Garden survey", datetime(2025, 10, 13, 12, 19, 55))


@pytest.fixture(scope="module")
def star_wars() -> Understood:
    return read(realdata("surveymonkey_star_wars/star_wars.csv.gz"))


@pytest.fixture(scope="module")
def star_wars_cells() -> list[list[str]]:
    with gzip.open(
        realdata("surveymonkey_star_wars/star_wars.csv.gz"), "rt", encoding="utf-8", errors="replace"
    ) as file:
        return list(csv.reader(file))


def test_the_star_wars_survey_comes_in_to_the_last_answer(
    star_wars: Understood, star_wars_cells: list[list[str]]
) -> None:
    assert star_wars.source.name == "surveymonkey-responses"
    assert len({r["respondent"] for r in star_wars.rows("answers")}) == 1186
    filled = sum(bool(cell.strip()) for row in star_wars_cells[2:] for cell in row[1:])
    assert len(star_wars.rows("answers")) == filled


def test_the_star_wars_survey_has_a_question_for_each_column(star_wars: Understood) -> None:
    assert len(star_wars.own) == 37
    assert star_wars.own["gender"] == "TEXT"
    assert star_wars.own["please_state_whether_you_view_the_han_solo"] == "NUMBER"


def test_star_wars_favour_is_a_scale_and_not_knowing_someone_is_none(
    star_wars: Understood, star_wars_cells: list[list[str]]
) -> None:
    column = star_wars_cells[1].index("Han Solo")
    said = [row[column] for row in star_wars_cells[2:]]
    asked = star_wars.labels["please_state_whether_you_view_the_han_solo"]
    given = [r["number"] for r in star_wars.rows("answers") if r["question"] == asked]
    assert given.count(5) == said.count("Very favorably")
    assert given.count(1) == said.count("Very unfavorably")
    assert given.count(None) == said.count("Unfamiliar (N/A)")


def test_star_wars_age_groups_are_no_numbers(star_wars: Understood) -> None:
    assert star_wars.own["age"] == "TEXT"


@pytest.mark.parametrize(
    ("file", "answers", "dated"),
    [
        ("typeform/responses.csv", 4, datetime(2025, 10, 13, 14, 19, 55)),
        ("typeform/responses_older.csv", 4, datetime(2025, 10, 13, 14, 19, 55)),
        ("qualtrics/survey.csv", 5, datetime(2025, 10, 13, 12, 19, 55)),
    ],
)
def test_other_surveys_come_in_alike(file: str, answers: int, dated: datetime) -> None:
    found = read(file)
    assert len(found.rows("answers")) == answers
    assert min(r["at"] for r in found.rows("answers")) == dated


def test_qualtrics_questions_are_the_words_people_read() -> None:
    found = read("qualtrics/survey.csv")
    assert numbers(found, "how_likely_are_you_to_recommend_us") == {"1": 9, "2": 4}
