"""Ready segments on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import click

from regulars.cli import printing
from regulars.cli.call import Call, Verb
from regulars.cli.options import LANG
from regulars.cli.printing import clean, say
from regulars.errors import NotAShop
from regulars.model.clock import local_day
from regulars.segments.templates import Template, missing_by_template, template, themes
from regulars.segments.templates import templates as all_templates
from regulars.shop import Shop


@click.command(cls=Verb)
@click.option("--theme", help="Only those of one theme.")
@LANG
@click.option("--missing", is_flag=True, help="Also those for which the shop lacks data, and what they lack.")
def templates(call: Call, theme: str | None, lang: str | None, missing: bool) -> None:
    """Ready segments by theme; where there is a shop, those it has the data for."""
    titles = {t.key: t.title for t in themes()}
    if theme and theme not in titles:
        raise click.UsageError(f"There is no theme called {theme!r}: choose {', '.join(titles)}.")
    ready, lacking, language = _ready(call, lang, missing)
    chosen = [t for t in ready if theme in (None, t.theme) and (missing or not lacking[t.key])]
    if call.json:
        printing.tell([_as_data(t, language, lacking[t.key]) for t in chosen])
        return
    for key in dict.fromkeys(t.theme for t in chosen):
        printing.title(titles[key][language])
        for each in (t for t in chosen if t.theme == key):
            _show(each, language, lacking[each.key])
    hidden = sum(bool(absent) for absent in lacking.values())
    if hidden and not missing:
        say(f"{hidden} more need data this shop has not got: see them with --missing")


def _ready(call: Call, lang: str | None, asked: bool) -> tuple[Sequence[Template], dict[str, tuple[str, ...]], str]:
    """The templates, what the shop lacks for each, and the language; without a shop nothing is known to lack."""
    try:
        with call.shop() as shop:
            language = lang or shop.settings.language
            ready = all_templates(today_of(shop), shop.settings.country)
            return ready, missing_by_template(ready, shop.engine, language), language
    except NotAShop:
        if asked or call.stated:
            raise
        ready = all_templates()
        return ready, {t.key: () for t in ready}, lang or "en"


def _show(each: Template, language: str, lacking: Sequence[str]) -> None:
    say(f"  {each.key}  {click.style(each.name[language], bold=True)}")
    say(f"      {clean(each.rule)}", dim=True)
    for sentence in lacking:
        say(f"      ! {clean(sentence)}", fg="yellow")


def _as_data(each: Template, language: str, lacking: Sequence[str]) -> dict[str, object]:
    return {"key": each.key, "theme": each.theme, "rule": each.rule, "name": each.name[language],
            "why": each.why[language], "do": each.do[language], "missing": list(lacking),
            "parameters": [{"name": p.name, "kind": p.kind, "value": p.value, "label": p.label[language]}
                           for p in each.parameters]}


def filled(shop: Shop, key: str, said: Sequence[str]) -> Template:
    """A template with ``NAME=VALUE`` in its places."""
    ready = template(key, today_of(shop), shop.settings.country)
    kinds = {p.name: p.kind for p in ready.parameters}
    values: dict[str, str | date] = {}
    for each in said:
        name, sign, value = each.partition("=")
        if not sign:
            raise click.UsageError(f"--set takes NAME=VALUE, and {each!r} has no equals sign.")
        try:
            values[name] = date.fromisoformat(value) if kinds.get(name) == "date" else value
        except ValueError as error:
            raise click.UsageError(f"{value!r} is not a day: write it as 2026-11-22.") from error
    return ready.filled(values)


def today_of(shop: Shop) -> date:
    """The day it is where the shop is."""
    return local_day(shop.moment(), shop.settings.zone)
