"""``regulars segment``: rules asked once, and rules kept as segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import click
import pyarrow as pa

from regulars.cli import asking, keeping_up, printing, templates
from regulars.cli.call import Call, Verbs
from regulars.cli.options import AS_OF, IDS, LANG, aware, ids_out, read_moment
from regulars.cli.printing import Figures, clean, say
from regulars.cli.trouble import reading
from regulars.model.clock import local_day
from regulars.model.figures import NOTHING
from regulars.rules import When, parse
from regulars.rules.never import never
from regulars.segments.saved import Overlap, Segment, Size
from regulars.segments.templates import missing_data
from regulars.shop import Shop

DAYS_BACK = 30
BARS = "▁▂▃▄▅▆▇█"
SHOWN = 20

segment = Verbs("segment", help="Write rules, ask them, and keep them as segments.")
for command in (asking.preview, asking.explain, asking.format_, asking.tree, templates.templates,
                *keeping_up.COMMANDS):
    segment.add_command(command)


@segment.command("list")
@AS_OF
def list_(call: Call, as_of: str | None) -> None:
    """All segments with their sizes: of the last refresh, or counted for --as-of."""
    with call.shop() as shop:
        found, figures = shop.segments.list(), Figures(shop.settings)
        moment = read_moment(shop, as_of) if as_of else None
        sizes = _sizes(shop, found, moment)
    if call.json:
        printing.tell([{**printing.plain(s), "members": sizes[s.name]} for s in found])
    elif not found:
        say("There are no segments yet. Look at ready ones with: regulars segment templates")
    else:
        printing.table(("segment", "members", "as of", "rule"), [
            (clean(s.name), figures.number(sizes[s.name]), figures.moment(moment or s.refreshed_at), clean(s.rule))
            for s in found], right=(1,))
        if None in sizes.values():
            say(f"{NOTHING} not looked at yet: regulars segment refresh")


def _sizes(shop: Shop, segments: Sequence[Segment], moment: datetime | None) -> Mapping[str, int | None]:
    if moment is None or not segments:
        return {s.name: s.members for s in segments}
    answer = shop.evaluate({s.name: s.rule for s in segments}, now=aware(moment))
    return {s.name: sum(answer[s.name].to_pylist()) for s in segments}


@segment.command()
@click.argument("name")
@click.argument("rule", required=False)
@click.option("--template", "key", metavar="KEY", help="Take the rule of a ready segment.")
@click.option("--set", "values", multiple=True, metavar="NAME=VALUE", help="With --template: a value of its rule.")
@click.option("--note", default=None, help="What it is for.")
def add(call: Call, name: str, rule: str | None, key: str | None, values: Sequence[str], note: str | None) -> None:
    """Save RULE, or a ready one, as the segment NAME."""
    if (rule is None) == (key is None):
        raise click.UsageError("Give a rule, or --template KEY: one of the two.")
    if values and key is None:
        raise click.UsageError("--set goes with --template.")
    with call.shop() as shop:
        if key is not None:
            ready = templates.filled(shop, key, values)
            rule, note = ready.rule, note if note is not None else ready.why[shop.settings.language]
            for lacking in missing_data(ready, shop.engine, shop.settings.language):
                click.echo(f"! {clean(lacking)}", err=True)
        with reading(rule or ""):
            saved = shop.segments.add(name, rule or "", now=shop.moment(), note=note or "")
        _told(call, shop, saved, "is saved")


@segment.command()
@click.argument("name")
@click.argument("rule", required=False)
@click.option("--note", default=None, help="What it is for.")
def change(call: Call, name: str, rule: str | None, note: str | None) -> None:
    """Give the segment NAME another rule or note; the earlier version is kept."""
    if rule is None and note is None:
        raise click.UsageError("Give another rule, or --note.")
    with call.shop() as shop, reading(rule or ""):
        saved = shop.segments.change(name, now=shop.moment(), rule=rule, note=note)
        _told(call, shop, saved, f"is version {saved.version} now")


def _told(call: Call, shop: Shop, saved: Segment, what: str) -> None:
    seen, figures = shop.preview(saved.rule), Figures(shop.settings)
    if call.json:
        printing.tell({**printing.plain(saved), "count": seen.count, "everyone": seen.everyone})
        return
    say(f"{clean(saved.name)} {what}: {clean(shop.sentence(saved.rule))}.")
    if warned := never(parse(saved.rule), When(seen.now, shop.settings.zone)):
        click.echo(f"! {clean(figures.say(warned))}", err=True)
    say(f"{figures.number(seen.count)} of {figures.number(seen.everyone)} customers ({figures.percent(seen.share)}).")


@segment.command()
@click.argument("name")
@LANG
def show(call: Call, name: str, lang: str | None) -> None:
    """A segment: its rule, sentence, size and versions."""
    with call.shop() as shop:
        found, versions, figures = shop.segments.get(name), shop.segments.versions(name), Figures(shop.settings)
        sentence = shop.sentence(found.rule, lang)
    if call.json:
        printing.tell({**printing.plain(found), "sentence": sentence, "versions": printing.plain(versions)})
        return
    printing.title(clean(found.name))
    size = f"{figures.number(found.members)}, as of {figures.moment(found.refreshed_at)}"
    printing.pairs({"rule": clean(found.rule), "means": clean(sentence), "note": clean(found.note) or NOTHING,
                    "members": "not looked at yet: regulars segment refresh" if found.members is None else size})
    say()
    printing.table(("version", "changed", "by", "rule"), [
        (str(v.version), figures.moment(v.changed_at), clean(v.changed_by) or NOTHING, clean(v.rule))
        for v in versions], right=(0,))


@segment.command()
@click.argument("name")
@AS_OF
@IDS
def members(call: Call, name: str, as_of: str | None, ids: bool) -> None:
    """Who is in a segment, and since when as far as it was looked at."""
    with call.shop() as shop:
        moment = read_moment(shop, as_of)
        saved = shop.segments.get(name)
        who = shop.members(saved.rule, now=aware(moment))["customer_id"].to_pylist()
        since = dict(zip(*(shop.segments.members(name)[c].to_pylist() for c in ("customer_id", "since")), strict=True))
        _show_people(call, shop, who, moment, ids, since)


def _show_people(call: Call, shop: Shop, who: list[str], moment: datetime, ids: bool,
                 since: Mapping[str, datetime] | None = None) -> None:
    """Everybody as JSON or ids; on a terminal the first few, with how many there are."""
    known, figures = since or {}, Figures(shop.settings)
    if ids:
        ids_out(who)
    elif call.json:
        people = shop.customers.people(who, now=moment)
        rows = [{**printing.plain(p), "since": printing.plain(known.get(p.customer_id))} for p in people]
        printing.tell({"as_of": moment, "count": len(who), "members": rows})
    else:
        asking.show_people(shop.customers.people(who[:SHOWN], now=moment), figures)
        say(f"{figures.counted(len(who), 'customer')} as of {figures.moment(moment)}"
            + (f", the first {SHOWN} of them; all with --ids or --json" if len(who) > SHOWN else ""))


@segment.command()
@click.argument("name")
@click.option("--since", required=True, metavar="MOMENT", help="Such as 2026-11-01, or yesterday.")
@IDS
def entered(call: Call, name: str, since: str, ids: bool) -> None:
    """Who came into a segment after a moment, as its refreshes found."""
    with call.shop() as shop:
        moment = read_moment(shop, since)
        _show_moved(call, shop, shop.segments.entered(name, moment), moment, "entered", ids)


@segment.command()
@click.argument("name")
@click.option("--since", required=True, metavar="MOMENT", help="Such as 2026-11-01, or yesterday.")
@IDS
def left(call: Call, name: str, since: str, ids: bool) -> None:
    """Who left a segment after a moment, as its refreshes found."""
    with call.shop() as shop:
        moment = read_moment(shop, since)
        _show_moved(call, shop, shop.segments.left(name, moment), moment, "left", ids)


def _show_moved(call: Call, shop: Shop, found: pa.Table, moment: datetime, what: str, ids: bool) -> None:
    rows, figures = found.to_pylist(), Figures(shop.settings)
    if ids:
        ids_out(sorted({row["customer_id"] for row in rows}))
    elif call.json:
        printing.tell({"since": moment, "count": len(rows), what: rows})
    elif not rows:
        say(f"Nobody {what} since {figures.moment(moment)}.")
    else:
        printing.table(("customer", "in since", "until"), [
            (clean(r["customer_id"]), figures.moment(r["since"]), figures.moment(r["until"])) for r in rows])


@segment.command()
@click.argument("rule", metavar="NAME-OR-RULE")
@click.option("--since", metavar="DAY", help=f"The first day.  [default: {DAYS_BACK} days ago]")
@click.option("--step", type=click.Choice(["day", "week"]), default="day", show_default=True)
@AS_OF
def history(call: Call, rule: str, since: str | None, step: str, as_of: str | None) -> None:
    """How many were in, day by day, also before the rule was written."""
    with call.shop() as shop, reading(rule):
        now, zone = read_moment(shop, as_of), shop.settings.zone
        first = local_day(read_moment(shop, since), zone) if since else local_day(now, zone) - timedelta(days=DAYS_BACK)
        sizes, figures = shop.segments.history(rule, now=now, since=first, step=step), Figures(shop.settings)
        begins = shop.segments.known_from(rule)
    if call.json:
        printing.tell(sizes)
        return
    if begins and begins > first:
        say(f"Before {figures.day(begins)} it is not known: the rule asks scores, and those are of that day.")
    elif not sizes:
        say(f"{figures.day(first)} is not over yet.")
    if sizes:
        _show_sizes(sizes, figures)


def _show_sizes(sizes: Sequence[Size], figures: Figures) -> None:
    printing.table(("day", "members", "entered", "left"), [
        (figures.day(s.day), *(figures.number(n) for n in (s.members, s.entered, s.left))) for s in sizes],
        right=(1, 2, 3))
    low, high = (f(s.members for s in sizes) for f in (min, max))
    if high > low:
        say("".join(BARS[(s.members - low) * (len(BARS) - 1) // (high - low)] for s in sizes))


@segment.command()
@click.argument("names", nargs=-1)
@AS_OF
@IDS
def remainder(call: Call, names: Sequence[str], as_of: str | None, ids: bool) -> None:
    """Who is in none of these segments (all, unless named)."""
    with call.shop() as shop:
        moment = read_moment(shop, as_of)
        _show_people(call, shop, shop.segments.remainder(moment, names)["customer_id"].to_pylist(), moment, ids)


@segment.command()
@click.argument("names", nargs=-1)
@AS_OF
def overlaps(call: Call, names: Sequence[str], as_of: str | None) -> None:
    """Which segments share people: every combination, each customer counted once."""
    with call.shop() as shop:
        found: list[Overlap] = shop.segments.overlaps(read_moment(shop, as_of), names)
        figures = Figures(shop.settings)
    if call.json:
        printing.tell(found)
    elif not found:
        say("Nobody is in any of these segments.")
    else:
        printing.table(("people", "in just these"), [
            (figures.number(o.people), clean(" + ".join(o.segments))) for o in found], right=(0,))


@segment.command()
@AS_OF
def refresh(call: Call, as_of: str | None) -> None:
    """Look at every segment anew, and note who came and who went."""
    with call.shop() as shop:
        moved, figures = shop.segments.refresh(read_moment(shop, as_of)), Figures(shop.settings)
    if call.json:
        printing.tell(moved)
    elif not moved:
        say("There are no segments yet. Save one with: regulars segment add NAME RULE")
    else:
        keeping_up.show_moved(moved, figures)


@segment.command()
@click.argument("name")
def remove(call: Call, name: str) -> None:
    """Remove a segment, with its versions and memberships."""
    with call.shop() as shop:
        gone = shop.segments.get(name)
        shop.segments.remove(name, now=shop.moment())
    if call.json:
        printing.tell({"removed": gone.name})
    else:
        say(f"{clean(gone.name)} is removed. Its rule was: {clean(gone.rule)}")
