"""Ready segments, as data: ``templates/<theme>.toml``, and what each needs to find in a shop, ``template_needs.toml``.

A rule in a file may have ``{parameters}``: names of the shop's own (a category, a city) and days of a season. A
template as handed out always has a whole rule, with each parameter's value in its place.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from regulars.engines.duckdb import DuckDBEngine, quoted
from regulars.errors import NotFound, Refused
from regulars.model.books import SCORES
from regulars.model.settings import LANGUAGES
from regulars.model.tables import TABLES
from regulars.model.types import Type
from regulars.rules import fold
from regulars.rules.tree import write_string
from regulars.segments.refusals import why

FOLDER = files("regulars.segments").joinpath("templates")
NEEDS = files("regulars.segments").joinpath("template_needs.toml")
OWN_VALUE = "own-value"
ROWS_AT_ALL = ("", "counted")
"""The columns of a need that asks for any row."""
PLACE_OF_PARAMETER = re.compile(r"\{(\w+)\}")

Texts = Mapping[str, str]
"""Language to text."""


@dataclass(frozen=True)
class Parameter:
    """A part of a template's rule that a shop sets: ``kind`` is text, place or date.

    ``column`` is the ``table.column`` in which a text has to occur and from which `choices` come. ``yearly`` days move
    with the calendar and a ``home`` is the shop's country, see `templates`. ``chosen``: a person has set the value.
    """

    name: str
    kind: str
    value: str | date
    label: Texts = field(compare=False)
    column: str = ""
    yearly: bool = False
    home: bool = False
    chosen: bool = False

    @property
    def written(self) -> str:
        """The value as it stands in a rule."""
        return self.value.isoformat() if isinstance(self.value, date) else write_string(self.value)


@dataclass(frozen=True)
class Template:
    """A ready segment: ``rule`` in canonical text; ``name``, ``why`` it matters and what to ``do`` in each language."""

    key: str
    theme: str
    rule: str
    name: Texts
    why: Texts
    do: Texts
    needs: tuple[str, ...]
    parameters: tuple[Parameter, ...] = ()
    _record: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def filled(self, values: Mapping[str, str | date]) -> Template:
        """The template with these values for its parameters; raises `NotFound`, `Refused` for what does not fit."""
        known = {p.name: p for p in self.parameters}
        for name, value in values.items():
            if name not in known:
                raise NotFound(why("{key} has no parameter called '{name}'.", key=self.key, name=name),
                               hint=why("It has: {known}.", known=[*known]) if known else None)
            if isinstance(value, date) != (known[name].kind == "date") or not value:
                raise Refused(why("'{value}' is no {kind} for {name} of {key}.", value=value, kind=known[name].kind,
                                  name=name, key=self.key))
        return self._with({name: replace(known[name], value=value, chosen=True) for name, value in values.items()})

    def _with(self, parameters: Mapping[str, Parameter]) -> Template:
        return _template(self.theme, self._record, tuple(parameters.get(p.name, p) for p in self.parameters))


@dataclass(frozen=True)
class Theme:
    key: str
    title: Texts


@dataclass(frozen=True)
class Need:
    """Rows of ``table``; with ``column`` some in which it is known (a number: and not nought), or one of ``values``.

    Values are words of the model, or (``own``) of the shop's own. A score is there once it is kept.
    """

    table: str
    column: str = ""
    values: tuple[str, ...] = ()
    own: bool = False
    missing: Texts = field(default_factory=dict, compare=False)


def themes() -> tuple[Theme, ...]:
    """The themes in the order in which they are shown."""
    return tuple(Theme(record["theme"], record["title"]) for record in _records())


def templates(today: date | None = None, country: str | None = None) -> tuple[Template, ...]:
    """All ready segments, theme by theme.

    With ``today``, the days of a season are those of the last one that was over by then; with ``country``, that is the
    shop's own.
    """
    return tuple(_at_home(_of_last_season(each, today), country) for each in _templates())


def template(key: str, today: date | None = None, country: str | None = None) -> Template:
    """One by its key; raises `NotFound`."""
    for each in templates(today, country):
        if each.key == key:
            return each
    raise NotFound(why("There is no ready segment called '{key}'.", key=key), hint=why("See which there are."),
                   command="regulars segment templates")


def missing_data(template: Template, engine: DuckDBEngine, language: str = "en") -> tuple[str, ...]:
    """What the shop lacks for this template, a sentence each in ``language``; nothing where it can be used as it is."""
    return missing_by_template((template,), engine, language)[template.key]


def missing_by_template(chosen: Sequence[Template], engine: DuckDBEngine,
                        language: str = "en") -> dict[str, tuple[str, ...]]:
    """The same for several, each thing looked up once in one statement."""
    data = {each.key: _data_needs(each, language) for each in chosen}
    values = {each.key: _value_needs(each, language) for each in chosen}
    there = _there({need for told in (*data.values(), *values.values()) for need, _ in told}, engine)
    found = {}
    for each in chosen:
        absent = [_absent(told, there) for told in (data[each.key], values[each.key])]
        found[each.key] = absent[0] or absent[1]
    return found


def _absent(told: Sequence[tuple[Need, str]], there: Mapping[Need, bool]) -> tuple[str, ...]:
    """What is not there; where a table has no rows at all, that alone is said of it."""
    absent = [(need, sentence) for need, sentence in told if not there[need]]
    empty = {need.table for need, _ in absent if need.column in ROWS_AT_ALL}
    return tuple(dict.fromkeys(sentence for need, sentence in absent
                               if need.column in ROWS_AT_ALL or need.table not in empty))


def choices(parameter: Parameter, engine: DuckDBEngine, most: int = 20) -> tuple[str, ...]:
    """The shop's own values for a parameter, the most frequent first."""
    if not parameter.column:
        return ()
    table, value = _values_of(parameter.column)
    rows = engine.rows(f"SELECT value FROM (SELECT {value} AS value FROM {quoted(table)}) WHERE value IS NOT NULL"
                       " GROUP BY value ORDER BY count(*) DESC, value LIMIT ?", [most])
    return tuple(str(row[0]) for row in rows)


def _data_needs(template: Template, language: str) -> list[tuple[Need, str]]:
    return [(need, _in(need.missing, language)) for need in (needs()[key] for key in template.needs)]


def _value_needs(template: Template, language: str) -> list[tuple[Need, str]]:
    """Each text parameter's value has to occur: a category the shop does not sell makes a segment of nobody.

    A place that a person has chosen may be any: nobody has to live in the town of the store.
    """
    sentence = _in(needs()[OWN_VALUE].missing, language)
    told = []
    for each in (p for p in template.parameters if p.kind == "text" or (p.kind == "place" and not p.chosen)):
        table, _, column = each.column.partition(".")
        told.append((Need(table, column, (str(each.value),), own=True),
                     sentence.format(value=each.value, label=each.label[language])))
    return told


def _in(texts: Texts, language: str) -> str:
    if language not in texts:
        raise NotFound(why("Language '{language}' is not spoken here.", language=language),
                       hint=why("Choose {known}.", known=[*texts]))
    return texts[language]


@cache
def needs() -> Mapping[str, Need]:
    """What templates need, by the names they use."""
    return MappingProxyType({key: _need(record) for key, record in
                             tomllib.loads(NEEDS.read_text(encoding="utf-8")).items()})


def _need(record: Mapping[str, Any]) -> Need:
    return Need(record.get("table", ""), record.get("column", ""), tuple(record.get("values", ())),
                missing={language: record[language] for language in LANGUAGES})


def _there(asked: Iterable[Need], engine: DuckDBEngine) -> dict[Need, bool]:
    needed = list(asked)
    if not needed:
        return {}
    scores = set(engine.columns(SCORES.name))
    searches = [_search(need, scores) for need in needed]
    found = engine.rows(f"SELECT {', '.join(f'EXISTS ({sql})' for sql, _ in searches)}",
                        [value for _, values in searches for value in values])[0]
    return dict(zip(needed, found, strict=True))


def _search(need: Need, scores: Collection[str]) -> tuple[str, list[str]]:
    """A statement that finds a row where the need is met, and its parameters: it stops at the first."""
    if need.table == SCORES.name:
        known = f"{quoted(need.column)} IS NOT NULL" if need.column in scores else "false"
        return f"SELECT 1 FROM {quoted(need.table)} WHERE {known}", []
    if not need.column:
        return f"SELECT 1 FROM {quoted(need.table)}", []
    table, value = _values_of(f"{need.table}.{need.column}")
    source = f"SELECT {value} AS value FROM {quoted(table)}"
    if need.own:
        # Materialized, so that each different value is folded once and not each row.
        different = f"WITH different AS MATERIALIZED (SELECT DISTINCT value::VARCHAR AS value FROM ({source}))"
        return (f"{different} SELECT 1 FROM different WHERE fold(value) IN ({_marks(need.values)})",
                [fold(v) for v in need.values])
    type_ = _type(need.table, need.column)
    if type_ is Type.YESNO:
        return f"SELECT 1 FROM ({source}) WHERE value = CAST(? AS BOOLEAN)", list(need.values)
    if need.values:
        # Compared as it stands in the usual spellings: the table's statistics then answer at once.
        spelt = [s for v in need.values for s in (v, v.capitalize(), v.upper())]
        return f"SELECT 1 FROM ({source}) WHERE value IN ({_marks(spelt)})", spelt
    return f"SELECT 1 FROM ({source}) WHERE value IS NOT NULL{' AND value <> 0' * type_.numeric}", []


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def _values_of(column: str) -> tuple[str, str]:
    """Table and SQL expression of a ``table.column``: of a list, its items."""
    table, _, name = column.partition(".")
    return table, f"unnest({quoted(name)})" if _type(table, name) is Type.TEXTS else quoted(name)


def _type(table: str, name: str) -> Type:
    column = TABLES[table].column(name)
    if column is None:
        raise NotFound(why("{table} has no column called '{name}'.", table=table, name=name))
    return column.type


def _of_last_season(template: Template, today: date | None) -> Template:
    days = {p: p.value for p in template.parameters if p.yearly and isinstance(p.value, date)}
    if today is None or not days:
        return template
    last = max(days.values())
    years = today.year - last.year - (last.replace(year=today.year) >= today)
    return template._with({p.name: replace(p, value=day.replace(year=day.year + years)) for p, day in days.items()})


def _at_home(template: Template, country: str | None) -> Template:
    homes = [p for p in template.parameters if p.home]
    return template._with({p.name: replace(p, value=country) for p in homes}) if country and homes else template


@cache
def _records() -> tuple[Mapping[str, Any], ...]:
    read = [tomllib.loads(file.read_text(encoding="utf-8")) for file in FOLDER.iterdir() if file.name.endswith(".toml")]
    return tuple(sorted(read, key=lambda record: int(record["order"])))


@cache
def _templates() -> tuple[Template, ...]:
    return tuple(_template(theme["theme"], record, _parameters(record))
                 for theme in _records() for record in theme["segment"])


def _parameters(record: Mapping[str, Any]) -> tuple[Parameter, ...]:
    return tuple(Parameter(name, stated["kind"], stated["default"], stated["label"], stated.get("column", ""),
                           stated.get("yearly", False), stated.get("home", False))
                 for name, stated in record.get("parameters", {}).items())


def _template(theme: str, record: Mapping[str, Any], parameters: tuple[Parameter, ...]) -> Template:
    written = {p.name: p.written for p in parameters}
    said = {p.name: str(p.value) for p in parameters}
    texts = {part: {language: _fill(text, said) for language, text in record[part].items()}
             for part in ("name", "why", "do")}
    return Template(record["key"], theme, _fill(record["rule"], written), texts["name"], texts["why"], texts["do"],
                    tuple(record["needs"]), parameters, record)


def _fill(text: str, values: Mapping[str, str]) -> str:
    return PLACE_OF_PARAMETER.sub(lambda place: values[place[1]], text)
