"""Typeform, Results > Download: a column a question, the response's id in ``#``."""

from __future__ import annotations

from regulars.intake.prepared import OwnField
from regulars.intake.sources.layout import Export, Layout, prefixed
from regulars.intake.sources.survey import Question, Respondents, answers, questions, tidy
from regulars.intake.stage import Stage, normalise_header
from regulars.model.settings import Settings

EMAIL = ("email", "e-mail", "Email address", "What is your email address?", "What's your email address?", "Your email")
ASIDE = frozenset(
    normalise_header(h)
    for h in (
        "#",
        "Start Date (UTC)",
        "Submit Date (UTC)",
        "Submitted at",
        "Stage Date (UTC)",
        "Response Type",
        "Token",
        "Network ID",
        "Tags",
        "Ending",
        "Score",
        "hidden",
        *EMAIL,
    )
)


class Typeform(Export):
    name = "typeform-responses"
    title = "Typeform responses"
    platform = "typeform"
    signature = ("#",)
    one_of = (("Submit Date (UTC)", "Submitted at"),)
    layout = Layout(f"""
        answers
        respondent      key     #
        at              utc?    Submit Date (UTC) | Submitted at | Start Date (UTC)
        email           text    {" | ".join(EMAIL)}
    """)

    def mapping(self, stage: Stage) -> dict[str, str]:
        return super().mapping(stage) | {q.column.header: "answers.value" for q in self._questions(stage)}

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        cells = self.layout.read(stage, "answers")
        who = Respondents(prefixed("typeform", cells["respondent"]), cells["at"], 0, cells.get("email"))
        return answers(stage, who, self._questions(stage))

    def own_fields(self, stage: Stage) -> tuple[OwnField, ...]:
        return tuple(q.field for q in self._questions(stage))

    def _questions(self, stage: Stage) -> list[Question]:
        return questions(stage, [(c, tidy(c.header), "") for c in stage.columns if c.key and c.key not in ASIDE])


SOURCES = (Typeform(),)
