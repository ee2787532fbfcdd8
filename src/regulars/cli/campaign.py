"""``regulars campaign``: a message to each segment, sent once to those who may have it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from regulars.cli import (
    campaign_goals,
    campaign_guard,
    campaign_lists,
    campaign_results,
    campaign_settings,
    printing,
)
from regulars.cli.call import Call, Verbs
from regulars.cli.options import read_moment
from regulars.cli.printing import Figures, clean, say
from regulars.insight.moves.saying import NAMES
from regulars.model.figures import NOTHING
from regulars.outreach import reasons
from regulars.outreach.audience import Audience
from regulars.outreach.campaign import SENDING, Campaign, Variant
from regulars.outreach.campaigns import state_said
from regulars.shop import Shop
from regulars.shop.campaigns import Standing
from regulars.shop.preflight import looked_at

campaign = Verbs("campaign", help="Write messages to segments, send them once, and see what came of them.")
campaign.add_command(campaign_settings.settings)
for each in (campaign_lists.files, campaign_lists.file, campaign_lists.calls, campaign_lists.outcome):
    campaign.add_command(each)
campaign.add_command(campaign_guard.offer)
campaign.add_command(campaign_guard.guard)
campaign.add_command(campaign_goals.goals)
campaign.add_command(campaign_goals.goal)
campaign.add_command(campaign_results.results)
campaign.add_command(campaign_results.learned)
NAME = click.argument("name")
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
SUBJECT = click.option("--subject", help="The subject of the message.")
TEXT = click.option("--text", "text_file", type=FILE, metavar="FILE", help="The message as plain text.")
HTML = click.option("--html", "html_file", type=FILE, metavar="FILE", help="The message as HTML.")
WAITED = timedelta(minutes=5)
"""Whoever waits for a campaign waits so long for the next message, at most."""
NAP = 1.0


@campaign.command("list")
def list_(call: Call) -> None:
    """All campaigns, the latest changed first."""
    with call.shop() as shop:
        found, figures = shop.campaigns.list(), Figures(shop.settings)
        counts = {c.name: shop.campaigns.progress(c.name).deliveries for c in found}
    if call.json:
        printing.tell([{**asdict(c), "deliveries": counts[c.name]} for c in found])
    elif not found:
        say("There are no campaigns yet. Write one with: regulars campaign add NAME --to SEGMENT")
    else:
        printing.table(("campaign", "to", "by", "stands", "went out", "waiting"), [
            (clean(c.name), clean(", ".join(c.segments)), c.channel, figures.say(state_said(c.state)),
             *_out_and_waiting(counts[c.name], figures)) for c in found], right=(4, 5))


def _out_and_waiting(counts: Mapping[str, int], figures: Figures) -> tuple[str, str]:
    waiting = sum(counts.get(s, 0) for s in ("queued", "failed_temporary"))
    out = sum(counts.get(s, 0) for s in ("sent", "delivered", "complained", "unknown"))
    return figures.number(out), figures.number(waiting)


@campaign.command()
@NAME
@click.option("--to", "segments", multiple=True, required=True, metavar="SEGMENT", help="Who it is for: one or more.")
@click.option("--except", "exclude", multiple=True, metavar="SEGMENT", help="Who of them is left out.")
@SUBJECT
@TEXT
@HTML
@click.option("--control", type=click.FloatRange(0, 90), default=10.0, show_default=True, metavar="PERCENT",
              help="How many get nothing, so that it can be told what the message brought.")
@click.option("--at", metavar="MOMENT", help="When it goes out.  [default: when it is sent]")
@click.option("--local", is_flag=True, help="With --at: at that time of each customer's own clock.")
@click.option("--best-hour", is_flag=True, help="With --at: that day, at the hour at which each used to act.")
@click.option("--channel", default="email", show_default=True, help="The way it goes.")
@click.option("--product", default="", metavar="ID", help="The product it is about, for fields like release.name.")
@click.option("--move", type=click.Choice([*NAMES]), help="Which move of the week it is: its result teaches the next.")
@campaign_goals.GOAL
def add(call: Call, name: str, segments: Sequence[str], exclude: Sequence[str], subject: str | None,
        text_file: Path | None, html_file: Path | None, control: float, at: str | None, local: bool, best_hour: bool,
        channel: str, product: str, move: str | None, goal: str) -> None:
    """Save a new campaign, as a draft: nothing is sent."""
    content = _content({}, subject, text_file, html_file)
    with call.shop() as shop:
        made = Campaign(
            name, tuple(shop.segments.get(s).name for s in segments),
            tuple(shop.segments.get(s).name for s in exclude),
            (Variant("message", content=content),) if content else (), channel=channel, control_share=control / 100,
            scheduled_at=read_moment(shop, at) if at else None, local=local, best_hour=best_hour,
            product=product, goal=goal, extra={"move": move} if move else {})
        saved = shop.campaigns.add(made, now=shop.moment())
        if call.json:
            printing.tell(saved)
            return
        say(f"{clean(saved.name)} is a draft. See who would get it with: regulars campaign check {saved.name!r}")


@campaign.command()
@NAME
@click.option("--variant", default="message", show_default=True, help="What this message of the campaign is called.")
@click.option("--segment", default="", help="Whom of the campaign's people it is for.  [default: everybody else]")
@click.option("--test", default="", metavar="A|B", help="Share the people of a segment by chance, to compare.")
@SUBJECT
@TEXT
@HTML
def write(call: Call, name: str, variant: str, segment: str, test: str, subject: str | None, text_file: Path | None,
          html_file: Path | None) -> None:
    """Write a message of a campaign, or change it. Each person gets the first one whose segment they are in."""
    with call.shop() as shop:
        old = shop.campaigns.get(name)
        known = old.variant(variant) or Variant(variant, segment and shop.segments.get(segment).name, test)
        new = replace(known, content=_content(known.content, subject, text_file, html_file))
        rest = [new if v.name == variant else v for v in old.variants]
        listed = rest if old.variant(variant) else [*rest, new]
        saved = shop.campaigns.change(name, now=shop.moment(),
                                      variants=tuple(sorted(listed, key=lambda v: not v.segment)))
    if call.json:
        printing.tell(saved)
    else:
        say(f"{clean(saved.name)} is version {saved.version} now, with {len(saved.variants)} message"
            f"{'' if len(saved.variants) == 1 else 's'}.")


def _content(old: Mapping[str, Any], subject: str | None, text_file: Path | None,
             html_file: Path | None) -> dict[str, Any]:
    said = {"subject": subject, "text": text_file and text_file.read_text(encoding="utf-8"),
            "html": html_file and html_file.read_text(encoding="utf-8")}
    return {**old, **{k: v for k, v in said.items() if v is not None}}


@campaign.command()
@NAME
def show(call: Call, name: str) -> None:
    """Where a campaign stands: what it says, whom it is for, and what became of each message."""
    with call.shop() as shop:
        standing, figures = shop.campaigns.progress(name), Figures(shop.settings)
        goal = figures.say(shop.campaigns.goals.said(standing.campaign.goal))
    if call.json:
        printing.tell(standing)
        return
    show_standing(standing, goal, figures)


def show_standing(standing: Standing, goal: str, figures: Figures) -> None:
    """Its settings, its messages, its deliveries by state, and what people did."""
    found = standing.campaign
    printing.title(clean(found.name))
    why = f": {figures.say(reasons.said_of_pause(found.why))}" if found.why else ""
    printing.pairs({
        "stands": f"{figures.say(state_said(found.state))}{why}", "to": clean(", ".join(found.segments)),
        "except": clean(", ".join(found.exclude)) or NOTHING, "by": found.channel,
        "control group": figures.percent(found.control_share),
        "judged by": f"{clean(goal)}, within {figures.number(found.window_days)} days",
        "goes out": figures.moment(found.scheduled_at) if found.scheduled_at else "when it is sent",
        "began": figures.moment(found.began_at), "ended": figures.moment(found.ended_at)})
    say()
    printing.table(("message", "for", "subject"), [
        (clean(v.name), clean(v.segment) or "everybody else", clean(str(v.content.get("subject", "")))) for v in
        found.variants])
    if standing.total:
        say()
        printing.table(("deliveries", "messages"), [(state.replace("_", " "), figures.number(n)) for state, n in
                                                    standing.deliveries.items()], right=(1,))
    if standing.people:
        say()
        printing.table(("what people did", "people"), [(kind, figures.number(n)) for kind, n in
                                                       standing.people.items()], right=(1,))


@campaign.command()
@NAME
def check(call: Call, name: str) -> None:
    """Who would get it now, everyone left out and why, and what to look at. Refused where it cannot be sent."""
    with call.shop() as shop:
        now, figures = shop.moment(), Figures(shop.settings)
        looked = looked_at(shop, name, now)
        found = looked.audience if looked.audience and not looked.stops else shop.campaigns.check(name, now)
    if call.json:
        printing.tell({"as_of": found.as_of, "arms": found.by_arm, "variants": found.by_variant,
                       "left_out": found.by_reason, "look_at": [
                           {"variant": each.variant, "language": each.language, "block": each.block,
                            "said": figures.say(each.said)} for each in looked.looks]})
        return
    show_audience(found, figures)
    for each in looked.looks:
        place = f"“{clean(each.variant)}”, {each.language}: " if each.variant else ""
        say(f"! {place}{clean(figures.say(each.said))}", fg="yellow")


def show_audience(found: Audience, figures: Figures) -> None:
    """How many get what, and how many nothing, and why."""
    say(f"{figures.number(len(found.rows))} people are in it, as of {figures.moment(found.as_of)}:")
    rows = [(f"get “{clean(name)}”", n) for name, n in found.by_variant.items()]
    rows += [(ARM_SAID[arm], n) for arm, n in found.by_arm.items() if arm in ARM_SAID]
    rows += [(figures.say(reasons.said(code)), n) for code, n in found.by_reason.items()]
    printing.table(("what", "people"), [(what, figures.number(n)) for what, n in rows], right=(1,))


ARM_SAID = {"control": "get nothing, to compare with", "held out": "get no campaign at all, to compare with"}


@campaign.command()
@NAME
@click.option("--wait", is_flag=True, help="Send here and now, and wait until all is out.")
def send(call: Call, name: str, wait: bool) -> None:
    """Send it, once to each who may have it; one that has begun goes on. The pages send while they are open."""
    with call.shop() as shop:
        now = shop.moment()
        found = shop.campaigns.get(name)
        if found.state != SENDING:
            found = shop.campaigns.send(name, now)
        if wait:
            _drive(shop)
        standing, figures = shop.campaigns.progress(name), Figures(shop.settings)
    if call.json:
        printing.tell(standing)
        return
    _tell_sent(standing, figures, wait)


def _tell_sent(standing: Standing, figures: Figures, waited: bool) -> None:
    found = standing.campaign
    say(f"{clean(found.name)} is {figures.say(state_said(found.state))}."
        + (f" {figures.say(reasons.said_of_pause(found.why))}" if found.why else ""))
    if standing.total:
        printing.pairs([(state.replace("_", " "), figures.number(n)) for state, n in standing.deliveries.items()])
    if standing.next_due and not waited:
        say("It goes out while the pages are open (regulars serve), or with: regulars campaign drive")
    elif standing.next_due:
        say(f"The next may go at {figures.moment(standing.next_due)}.")


@campaign.command()
def drive(call: Call) -> None:
    """Send whatever is due of all campaigns, here and now."""
    with call.shop() as shop:
        _drive(shop)
        standings = [shop.campaigns.progress(c.name) for c in shop.campaigns.list() if c.began_at]
        figures = Figures(shop.settings)
    if call.json:
        printing.tell(standings)
        return
    for each in standings:
        _tell_sent(each, figures, waited=True)


def _drive(shop: Shop) -> None:
    """Until nothing more is due soon; what came of it is brought into the facts."""
    while True:
        done = shop.campaigns.drive(shop.moment)
        shop.campaigns.settle(shop.moment())
        if done.next_due is None or done.next_due > shop.moment() + WAITED:
            return
        time.sleep(max(NAP, (done.next_due - shop.moment()).total_seconds()))


@campaign.command()
@NAME
def pause(call: Call, name: str) -> None:
    """Send nothing more of it, until it is resumed."""
    _move(call, name, "pause")


@campaign.command()
@NAME
def resume(call: Call, name: str) -> None:
    """Go on with one that is paused."""
    _move(call, name, "resume")


@campaign.command()
@NAME
def stop(call: Call, name: str) -> None:
    """Stop it for good: what still waits is never sent."""
    _move(call, name, "stop")


def _move(call: Call, name: str, how: str) -> None:
    with call.shop() as shop:
        found = getattr(shop.campaigns, how)(name, shop.moment())
        figures = Figures(shop.settings)
    if call.json:
        printing.tell(found)
    else:
        say(f"{clean(found.name)} is {figures.say(state_said(found.state))}.")


@campaign.command()
@NAME
@click.option("--settle", type=click.Choice(["sent", "again"]),
              help="You found out: they arrived, or they are to be sent again.")
def unknown(call: Call, name: str, settle: str | None) -> None:
    """Messages that were under way when the process or the line broke: nobody knows whether they arrived."""
    with call.shop() as shop:
        figures = Figures(shop.settings)
        found = shop.campaigns.unknown(name)
        if settle:
            shop.campaigns.settle_unknown(name, shop.moment(), again=settle == "again")
    if call.json:
        printing.tell(found)
    elif not found:
        say("Of every message it is known what became of it.")
    else:
        printing.table(("delivery", "customer", "address", "handed over"), [
            (str(d.id), clean(d.customer_id), clean(d.address), figures.moment(d.sent_at)) for d in found])
        say(f"{figures.number(len(found))} {'are settled now.' if settle else 'are unknown.'}")


@campaign.command()
@click.argument("files", nargs=-1, type=FILE, metavar="FILE…")
def bounces(call: Call, files: Sequence[Path]) -> None:
    """Read reports of messages that came back: these files, else what is new in the mailbox of the e-mail settings."""
    with call.shop() as shop:
        done = shop.campaigns.bounces(shop.moment(), [f.read_bytes() for f in files] or None)
        shop.campaigns.settle(shop.moment())
        figures = Figures(shop.settings)
    if call.json:
        printing.tell({"reports": done})
    else:
        say(f"{figures.number(done)} said something of a message of this shop.")


@campaign.command()
@NAME
def remove(call: Call, name: str) -> None:
    """Remove a draft."""
    with call.shop() as shop:
        gone = shop.campaigns.remove(name)
    if call.json:
        printing.tell({"removed": gone.name})
    else:
        say(f"{clean(gone.name)} is removed.")
