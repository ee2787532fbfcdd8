"""Survey exports: a column a question or a choice of one, a row a respondent."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from regulars.engines.duckdb import fold, literal, quoted
from regulars.intake.prepared import OwnField
from regulars.intake.sources.layout import reached, select
from regulars.intake.sources.own import slug, unique
from regulars.intake.stage import Stage, StagedColumn
from regulars.model.types import Type

SCALES: tuple[tuple[tuple[str, ...], ...], ...] = (
    (
        ("strongly disagree",),
        ("disagree", "somewhat disagree"),
        ("neither agree nor disagree", "neutral"),
        ("agree", "somewhat agree"),
        ("strongly agree",),
    ),
    (
        ("very dissatisfied", "extremely dissatisfied"),
        ("dissatisfied", "somewhat dissatisfied"),
        ("neither satisfied nor dissatisfied", "neutral"),
        ("satisfied", "somewhat satisfied"),
        ("very satisfied", "extremely satisfied"),
    ),
    (
        ("very unlikely", "extremely unlikely"),
        ("unlikely", "somewhat unlikely"),
        ("neither likely nor unlikely", "neutral"),
        ("likely", "somewhat likely"),
        ("very likely", "extremely likely"),
    ),
    (
        ("very unfavorably", "very unfavourably"),
        ("somewhat unfavorably", "somewhat unfavourably"),
        ("neither favorably nor unfavorably (neutral)", "neither favourably nor unfavourably (neutral)", "neutral"),
        ("somewhat favorably", "somewhat favourably"),
        ("very favorably", "very favourably"),
    ),
    (("never",), ("rarely",), ("sometimes",), ("usually", "often"), ("always",)),
    (("very poor",), ("poor",), ("fair",), ("good",), ("very good", "excellent")),
)
"""Answers in words that stand for 1 to 5."""

DEGREES = ("not at all", "not so", "somewhat", "very", "extremely")
NO_ANSWER = re.compile(r"\bn/a\b|don'?t know|not applicable|prefer not|no opinion")
NUMBER = re.compile(r"-?\d{1,15}([.,]\d+)?")
NUMBER_LED = re.compile(r"(-?\d{1,3})(?:\s*[-–—:=.)]\s*\D.*)?", re.DOTALL)
PLAIN_RESPONSE = ("", "response", "open-ended response", "open ended response")
MOST_DIFFERENT = 60


@dataclass(frozen=True)
class Question:
    """``key`` is its name in rules, ``label`` what people were asked: it stands in ``answers.question``. ``number``
    is an expression or NULL."""

    column: StagedColumn
    key: str
    label: str
    number: str = "NULL"

    @property
    def field(self) -> OwnField:
        return OwnField("answers", self.key, Type.TEXT if self.number == "NULL" else Type.NUMBER, self.label)


@dataclass(frozen=True)
class Respondents:
    """Who answered: expressions; ``skip`` is how many first records are further header rows."""

    respondent: str
    at: str
    skip: int = 0
    email: str | None = None
    name: str | None = None


def tidy(text: object) -> str:
    return " ".join(str(text or "").split())


def labels(asked: Sequence[str], choices: Sequence[str]) -> list[tuple[str, str]]:
    """(question, choice) of each column: a question spans the blank headers after it, a plain response is no choice."""
    out, question = [], ""
    for head, choice in zip(asked, choices, strict=True):
        question = tidy(head) or question
        out.append((question, "" if fold(tidy(choice)) in PLAIN_RESPONSE else tidy(choice)))
    return out


def questions(stage: Stage, asked: Sequence[tuple[StagedColumn, str, str]], skip: int = 0) -> list[Question]:
    """The questions of (column, question, choice), with what their answers are as numbers."""
    keys = unique(f"{slug(q, 36)}_{slug(c, 36)}" if c else slug(q) for _, q, c in asked)
    labels = unique((f"{question} – {choice}" if choice else question for _, question, choice in asked), " ({})")
    return [
        Question(column, key, label, _number(stage, column, skip))
        for key, label, (column, _, _) in zip(keys, labels, asked, strict=True)
    ]


def answers(stage: Stage, who: Respondents, asked: Sequence[Question]) -> dict[str, str]:
    """The canonical tables of a survey: an answer a row, and the respondents who can be reached."""
    hints = reached(who.email)
    cells = ", ".join(
        f"{{'q': {literal(q.label)}, 'v': {stage.cell(q.column)}, 'n': CAST({q.number} AS DOUBLE)}}" for q in asked
    )
    given = select(
        stage.name,
        {"_row": "_row", "respondent": who.respondent, "at": who.at, **hints, "a": f"unnest([{cells}])"},
        f"_row > {who.skip} AND {who.respondent} IS NOT NULL",
    )
    made = {}
    if asked:
        made["answers"] = select(
            f"({given})",
            {
                "_row": "_row",
                "survey": literal(survey_name(stage.file_name)),
                "respondent": "respondent",
                "question": "a.q",
                "at": '"at"',
                "value": "a.v",
                "number": "a.n",
                **{h: h for h in hints},
            },
            "a.v IS NOT NULL",
        )
    if who.email:
        name = {"name": who.name} if who.name else {}
        made["customers"] = select(
            stage.name,
            {"_row": "_row", **hints, "email": who.email, **name},
            f"_row > {who.skip} AND {who.email} IS NOT NULL",
        )
    return made


def survey_name(file_name: str) -> str:
    """The file's name without folder and endings: the exports do not say what the survey was called."""
    name = PurePath(file_name.replace("\\", "/")).name
    return (
        unicodedata.normalize("NFC", re.sub(r"(\.(csv|tsv|txt|xlsx|gz|zip))+$", "", name, flags=re.IGNORECASE)).strip()
        or "survey"
    )


def _number(stage: Stage, column: StagedColumn, skip: int) -> str:
    cell = stage.cell(column)
    found = stage.engine.rows(
        f"SELECT DISTINCT {cell} AS x FROM {quoted(stage.name)} WHERE _row > {skip} AND {cell} IS NOT NULL "
        f"LIMIT {MOST_DIFFERENT + 1}"
    )
    values = [str(r[0]) for r in found]
    if values and all(NUMBER.fullmatch(v) for v in values):
        return f"try_cast(replace({cell}, ',', '.') AS DOUBLE)"
    if not values or len(values) > MOST_DIFFERENT:
        return "NULL"
    if all(NUMBER_LED.fullmatch(v) for v in values):
        return f"try_cast(regexp_extract({cell}, '^-?[0-9]+') AS DOUBLE)"
    words = _scale([fold(v) for v in values])
    whens = "".join(f" WHEN {literal(w)} THEN {n}" for w, n in words.items())
    return f"CASE fold({cell}){whens} END" if whens else "NULL"


def _scale(said: Sequence[str]) -> Mapping[str, int]:
    """Word -> 1 to 5, where all that is said is of one scale; empty where it is not."""
    meant = [v for v in said if not NO_ANSWER.search(v)]
    if len(set(meant)) < 2:
        return {}
    for scale in (*map(_ranks, SCALES), _degrees(meant)):
        if all(v in scale for v in meant):
            return {v: scale[v] for v in meant}
    return {}


def _ranks(scale: Iterable[Iterable[str]]) -> dict[str, int]:
    return {word: rank for rank, same in enumerate(scale, 1) for word in same}


def _degrees(said: Sequence[str]) -> dict[str, int]:
    """``not at all helpful`` to ``extremely helpful``, of any one adjective."""
    led = [(v, d) for v in said for d in DEGREES if v.startswith(d + " ")]
    adjectives = {v.removeprefix(d).strip() for v, d in led}
    return {v: DEGREES.index(d) + 1 for v, d in led} if len(adjectives) == 1 else {}
