"""Qualtrics, Data & Analysis > Export: three header rows, the last one of ``{"ImportId":…}``."""

from __future__ import annotations

from regulars.intake.prepared import OwnField
from regulars.intake.sources.layout import Export, Layout, full_name, prefixed
from regulars.intake.sources.survey import Question, Respondents, answers, questions, tidy
from regulars.intake.stage import Stage, normalise_header
from regulars.model.settings import Settings

ASIDE_TEXT = """StartDate EndDate Status IPAddress Progress Finished RecordedDate ResponseId RecipientLastName
    RecipientFirstName RecipientEmail ExternalReference LocationLatitude LocationLongitude
    DistributionChannel UserLanguage"""
ASIDE = frozenset(normalise_header(h) for h in ASIDE_TEXT.split()) | {"duration (in seconds)"}


class Qualtrics(Export):
    name = "qualtrics-responses"
    title = "Qualtrics responses"
    platform = "qualtrics"
    signature = ("StartDate", "EndDate")
    one_of = (("ResponseId", "ResponseID"), ("RecordedDate", "Finished", "Progress"))
    header_rows = 3
    layout = Layout("""
        answers
        respondent      key     ResponseId
        at              moment? EndDate | RecordedDate
        email           text    RecipientEmail
        first_name      text    RecipientFirstName
        last_name       text    RecipientLastName
    """)

    def mapping(self, stage: Stage) -> dict[str, str]:
        return super().mapping(stage) | {
            c.header: "answers.value" for c in stage.columns if c.key and c.key not in ASIDE
        }

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        cells = self.layout.read(stage, "answers")
        name = full_name(cells)
        who = Respondents(
            prefixed("qualtrics", cells["respondent"]), cells["at"], self.header_rows - 1, cells.get("email"), name
        )
        return answers(stage, who, self._questions(stage))

    def own_fields(self, stage: Stage) -> tuple[OwnField, ...]:
        return tuple(q.field for q in self._questions(stage))

    def _questions(self, stage: Stage) -> list[Question]:
        wording = stage.first(1)
        words = wording[0] if wording else [c.header for c in stage.columns]
        asked = [
            (c, tidy(w) or c.header, "")
            for c, w in zip(stage.columns, words, strict=True)
            if c.key and c.key not in ASIDE
        ]
        return questions(stage, asked, self.header_rows - 1)


SOURCES = (Qualtrics(),)
