"""SurveyMonkey, Analyze > Export, all responses: two header rows, the question and under it the choice."""

from __future__ import annotations

from regulars.intake.prepared import OwnField
from regulars.intake.sources.layout import Export, Layout, joined, prefixed
from regulars.intake.sources.survey import Question, Respondents, answers, labels, questions
from regulars.intake.stage import Stage, normalise_header
from regulars.model.settings import Settings

ASIDE = frozenset(
    normalise_header(h)
    for h in (
        "Respondent ID",
        "RespondentID",
        "Collector ID",
        "CollectorID",
        "Start Date",
        "StartDate",
        "End Date",
        "EndDate",
        "Date Created",
        "Date Modified",
        "IP Address",
        "Email Address",
        "First Name",
        "Last Name",
        "Custom Data 1",
        "Custom Data",
        "Collector",
    )
)


class SurveyMonkey(Export):
    """Who answered without an e-mail address counts as a respondent, and is no customer."""

    name = "surveymonkey-responses"
    title = "SurveyMonkey responses export"
    platform = "surveymonkey"
    header_rows = 2
    layout = Layout("""
        answers
        respondent      key     Respondent ID | RespondentID
        at              moment? End Date | EndDate | Date Modified | Start Date | StartDate
        email           text    Email Address
        first_name      text    First Name
        last_name       text    Last Name
    """)

    def recognises(self, headers: frozenset[str], file_name: str) -> float:
        if not headers & {"respondent id", "respondentid"}:
            return 0.0
        return 0.95 if headers & {"collector id", "collectorid"} else 0.75

    def mapping(self, stage: Stage) -> dict[str, str]:
        return super().mapping(stage) | {
            c.header: "answers.value" for c in stage.columns if c.key and c.key not in ASIDE
        }

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        name = joined(stage.text("First Name"), stage.text("Last Name"))
        at = stage.moment(
            "End Date", "EndDate", "Date Modified", "Start Date", "StartDate", day_first=False, needed=False
        )
        who = Respondents(
            prefixed("surveymonkey", stage.key("Respondent ID", "RespondentID")),
            at,
            self.header_rows - 1,
            stage.text("Email Address") if stage.has("Email Address") else None,
            name,
        )
        return answers(stage, who, self._questions(stage))

    def own_fields(self, stage: Stage) -> tuple[OwnField, ...]:
        return tuple(q.field for q in self._questions(stage))

    def _questions(self, stage: Stage) -> list[Question]:
        second = stage.first(1)
        choices = second[0] if second else ["" for _ in stage.columns]
        asked = labels([c.header for c in stage.columns], [str(c or "") for c in choices])
        kept = [
            (column, *label)
            for column, label in zip(stage.columns, asked, strict=True)
            if normalise_header(label[0]) not in ASIDE
        ]
        return questions(stage, kept, self.header_rows - 1)


SOURCES = (SurveyMonkey(),)
