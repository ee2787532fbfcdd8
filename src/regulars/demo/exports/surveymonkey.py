"""SurveyMonkey: a file a survey."""

from __future__ import annotations

from pathlib import Path

from regulars.demo.exports.layout import HEADERS, copy, has, local
from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.model.settings import Settings


def surveymonkey(engine: DuckDBEngine, folder: Path, settings: Settings) -> list[Path]:
    """A file a survey, with two header rows."""
    if not has(engine, "customers", "answers"):
        return []
    surveys = [r[0] for r in engine.rows("SELECT DISTINCT survey FROM answers WHERE survey IS NOT NULL ORDER BY 1")]
    return [
        copy(engine, _survey(engine, survey, settings), folder / f"{survey.replace('/', '-')}.csv")
        for survey in surveys
    ]


def _survey(engine: DuckDBEngine, survey: str, settings: Settings) -> str:
    asked = [
        r[0]
        for r in engine.rows(
            "SELECT question FROM answers WHERE survey = ? GROUP BY question ORDER BY min(question)", [survey]
        )
    ]
    fixed = HEADERS["surveymonkey"]
    at = local('min(a."at")', settings, "%m/%d/%Y %I:%M:%S %p")
    cells = {
        "Respondent ID": "a.respondent",
        "Collector ID": "'400001'",
        "Start Date": at,
        "End Date": at,
        "Email Address": "any_value(c.email)",
        "First Name": "any_value(coalesce(c.first_name, c.name))",
        "Last Name": "any_value(c.last_name)",
    }
    under = [f"'' AS {quoted(h)}" for h in fixed] + [f"'Response' AS {quoted(q)}" for q in asked]
    said = [f"{cells.get(h, 'NULL')} AS {quoted(h)}" for h in fixed]
    said += [f"max(a.value) FILTER (a.question = {literal(q)}) AS {quoted(q)}" for q in asked]
    return (
        f"SELECT * EXCLUDE n FROM (SELECT 0 AS n, {', '.join(under)} UNION ALL SELECT 1, {', '.join(said)} "
        f"FROM answers a LEFT JOIN customers c USING (customer_id) WHERE a.survey = {literal(survey)} "
        f"GROUP BY a.respondent) ORDER BY n, {quoted(fixed[0])}"
    )
