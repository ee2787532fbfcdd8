"""What the data says: a verb for each analysis there is, its options made from its parameters."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Union, get_args, get_origin, get_type_hints

import click

from regulars.cli import printing
from regulars.cli.call import Call, Verb, Verbs
from regulars.cli.options import AS_OF, LANG, aware, read_moment
from regulars.cli.printing import Figures, clean, say
from regulars.cli.trouble import reading
from regulars.insight.common import Analysis, Result, analysis, names, summary
from regulars.model.figures import NOTHING

SHOWN = 40
"""So many rows are shown to a person; the rest is for programs."""
SAVE = click.option("--save", is_flag=True, help="Keep its scores, so that rules can ask of them.")

ADOPT = click.option("--adopt", is_flag=True, help="Save its groups as segments, and remember them to notice drift.")


class Analyses(Verbs):
    """The analyses by their names, found and not registered, beside what is done with all of them."""

    def list_commands(self, context: click.Context) -> list[str]:
        return [*names(), *self.commands]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        return verb_of(name, analysis(name)) if name in names() else super().get_command(context, name)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(n, summary(n)) for n in names()] +
                               [(n, c.get_short_help_str(100)) for n, c in self.commands.items()])


@click.group(cls=Analyses, invoke_without_command=True)
@click.pass_context
def insight(context: click.Context) -> None:
    """Ask what the data says: worth, groups, profit and more."""
    if context.invoked_subcommand is None:
        printing.pairs([(name, summary(name)) for name in names()])
        say()
        say("Run one with: regulars insight NAME (its parameters: regulars insight NAME --help)")


@insight.command()
@AS_OF
def refresh(call: Call, as_of: str | None) -> None:
    """Work out every score anew, and keep them; what there is too little data for is left out and said."""
    with call.shop() as shop:
        moment, figures = read_moment(shop, as_of), Figures(shop.settings)
        done = shop.refresh_scores(now=aware(moment))
    if call.json:
        printing.tell({"as_of": moment, "kept": {r.analysis: {"n": r.n, "scores": list(r.scores.types)}
                                                 for r in done.kept if r.scores},
                       "left_out": {name: str(why) for name, why in done.left_out.items()}})
        return
    for result in done.kept:
        kept = ", ".join(result.scores.types if result.scores else ())
        say(f"✓ {result.analysis}, of {figures.counted(result.n, 'customer')}: {kept}", fg="green")
    for name, why in done.left_out.items():
        say(f"! {name}: {clean(str(why))}", fg="yellow")
    printing.as_of(moment, figures)


def verb_of(name: str, kind: type[Analysis]) -> click.Command:
    """The command of an analysis."""
    hints = get_type_hints(kind)
    options = [option_of(f, hints[f.name]) for f in fields(kind)]
    said = (kind.__doc__ or "").strip()
    command = Verb(name, callback=partial(run, name, {f.name: f for f in fields(kind)}), params=options,
                   help=said, short_help=said.split("\n")[0])
    for option in (AS_OF, LANG, *[SAVE] * bool(kind.keeps), *[ADOPT] * kind.adopts):
        option(command)
    return command


def option_of(field: Field[Any], hint: Any) -> click.Option:
    """``min_support: float = 0.01`` as ``--min-support FLOAT``."""
    kind, many = _kind(hint)
    default = field.default if field.default is not MISSING else None
    choices = field.metadata.get("choices")
    said = field.metadata.get("help", "")
    flag = f"--{field.name.replace('_', '-')}"
    if kind is bool:
        return click.Option([f"{flag}/--no-{flag[2:]}", field.name], default=bool(default), help=said)
    shown = default not in (None, "", ())
    return click.Option([flag, field.name], type=click.Choice([str(c) for c in choices]) if choices else kind,
                        default=default, multiple=many, help=said, show_default=shown,
                        metavar="RULE" if field.name == "segment" else field.metadata.get("metavar"))


def _kind(hint: Any) -> tuple[type, bool]:
    """The plain type, and whether there may be several."""
    if get_origin(hint) in (Union, types.UnionType):
        return _kind(next(a for a in get_args(hint) if a is not type(None)))
    if get_origin(hint) is tuple:
        return get_args(hint)[0], True
    return hint, False


def run(name: str, known: Mapping[str, Field[Any]], call: Call, *, as_of: str | None, lang: str | None,
        save: bool = False, adopt: bool = False, **given: Any) -> None:
    """Run an analysis and tell what it found."""
    parameters = {n: _chosen(given[n], f.metadata.get("choices")) for n, f in known.items()}
    with call.shop() as shop, reading(parameters["segment"] or ""):
        moment, figures = read_moment(shop, as_of), Figures(shop.settings, lang or "")
        if save:
            shop.ask_to_keep(name, **parameters)
        result = shop.insight(name, now=aware(moment), **parameters)
        if save:
            shop.keep(result)
        adopted = shop.adopt(result, now=aware(moment)) if adopt else []
    if call.json:
        printing.tell(result.to_json(figures))
    else:
        show(result, figures, save)
    if adopted and not call.json:
        say(f"Saved as {figures.counted(len(adopted), 'segment')}: {', '.join(clean(s.name) for s in adopted)}",
            fg="green")


def _chosen(value: Any, choices: Sequence[Any] | None) -> Any:
    """What was chosen as it stands among the choices: a number, say, and not its text."""
    return next((c for c in choices or () if str(c) == value), value)


def show(result: Result, figures: Figures, saved: bool) -> None:
    """Findings first, then the table, then what is to be held against it."""
    for finding in result.findings:
        say(clean_sentence(finding.say(figures)), bold=True)
    if result.findings and result.rows.num_rows:
        say()
    show_rows(result, figures)
    if result.caveats:
        say()
    for caveat in result.caveats:
        say(f"! {clean_sentence(caveat.say(figures))}", fg="yellow")
    say()
    say(f"{clean_sentence(result.method.say(figures))} {figures.counted(result.n, 'customer')}, "
        f"as of {figures.moment(result.now)}.", dim=True)
    if saved and result.scores:
        say(f"Kept for rules: {', '.join(result.scores.types)}")


def show_rows(result: Result, figures: Figures) -> None:
    """The table; exact decimals in it are amounts of money."""
    rows = result.rows.slice(0, SHOWN).to_pylist()
    if rows:
        right = [i for i, c in enumerate(rows[0]) if all(_is_number(r[c]) for r in rows)]
        printing.table([c.replace("_", " ") for c in rows[0]],
                       [[cell(v, figures) for v in row.values()] for row in rows], right)
    if result.rows.num_rows > SHOWN:
        say(f"… {figures.number(result.rows.num_rows - SHOWN)} more: see them with --json")


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float | Decimal) and not isinstance(value, bool))


def cell(value: Any, figures: Figures) -> str:
    """A value of the table as a person reads it."""
    if value is None or value != value:
        return NOTHING
    if isinstance(value, Decimal):
        return figures.money(value)
    if isinstance(value, float):
        return figures.rounded(value, 3)
    if isinstance(value, datetime | date | bool | int):
        return figures.value(value)
    if isinstance(value, list | tuple):
        return ", ".join(cell(v, figures) for v in value)
    return clean(str(value))


def clean_sentence(text: str) -> str:
    """A sentence for a terminal: the marks that keep a person's own text apart stay."""
    return "".join(c if c in "\u2068\u2069" else clean(c) for c in text)
