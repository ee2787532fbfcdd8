"""``regulars automation``: messages that go out by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from regulars.cli import campaign_results, printing
from regulars.cli.call import Call, Verbs
from regulars.cli.campaign_goals import AN_ORDER, GOAL
from regulars.cli.options import AS_OF, LANG, read_moment
from regulars.cli.printing import Figures, clean, say
from regulars.model.figures import NOTHING
from regulars.model.phrases import of_text
from regulars.outreach.automations.automation import KINDS, STATES, Automation, Letter, Trigger, comes, said
from regulars.outreach.campaigns import state_said
from regulars.outreach.results.saying import to_json

automation = Verbs("automation", help="Have messages go out by themselves: to who enters, leaves, stays or has a date.")
NAME = click.argument("name")
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@automation.command("list")
def list_(call: Call) -> None:
    """All automations, with how many people are in each."""
    with call.shop() as shop:
        found, figures = shop.automations.list(), Figures(shop.settings)
        people = {a.name: shop.automations.show(a.name).people for a in found}
    if call.json:
        printing.tell([{**asdict(a), "people": people[a.name]} for a in found])
    elif not found:
        say("There are no automations yet. See the ready ones with: regulars automation ready")
    else:
        printing.table(("automation", "begins", "stands", "under way", "done", "ended"), [
            (clean(a.name), clean(figures.say(said(a.trigger))), figures.say(STATES[a.state]),
             *(figures.number(people[a.name].get(state, 0)) for state in ("under way", "done", "ended")))
            for a in found], right=(3, 4, 5))


@automation.command()
def ready(call: Call) -> None:
    """The ready-made ones, by the key that `adopt` takes."""
    with call.shop() as shop:
        found, figures = shop.automations.ready(), Figures(shop.settings)
    if call.json:
        printing.tell([{"key": s.key, "name": s.name, "what": s.what, "rule": s.rule, "steps": len(s.steps)}
                       for s in found])
    else:
        printing.table(("key", "steps", "what"), [
            (s.key, figures.number(len(s.steps)), s.what[figures.locale]) for s in found], right=(1,))


@automation.command()
@click.argument("key")
@click.option("--name", default="", help="What it is called.  [default: as it is called there]")
def adopt(call: Call, key: str, name: str) -> None:
    """Make a ready-made one the shop's own, as a draft with a campaign for each step: nothing is sent."""
    with call.shop() as shop:
        made = shop.automations.adopt(key, now=shop.moment(), name=name)
    _tell(call, made, f"{clean(made.name)} is a draft of {len(made.steps)} step{'s' * (len(made.steps) > 1)}. "
                      f"Read its messages, then: regulars automation start {made.name!r}")


@automation.command()
@NAME
@click.option("--when", "kind", type=click.Choice(KINDS), default="entered", show_default=True, help="What begins it.")
@click.option("--segment", default="", help="Whom it is about; it ends for who leaves it.")
@click.option("--days", type=int, default=0,
              help="inside: days in the segment. date: days after it, before it below 0.")
@click.option("--date", "attribute", default="", metavar="ATTRIBUTE", help="Whose date: birth_date, replenish.due …")
@click.option("--yearly", is_flag=True, help="The date comes again each year.")
@click.option("--text", "texts", type=FILE, multiple=True, required=True, help="The message of a step: one or more.")
@click.option("--subject", "subjects", multiple=True, help="The subject of each, in the same order.")
@click.option("--after", "waits", type=click.IntRange(0), multiple=True, help="Days before each, in the same order.")
@click.option("--channel", default="email", show_default=True, help="The way they go.")
@click.option("--control", type=click.FloatRange(0, 90), default=10.0, show_default=True, metavar="PERCENT",
              help="How many get none of the steps, so that it can be told what they brought.")
@click.option("--once", is_flag=True, help="Never a second time for the same person.")
@click.option("--present", is_flag=True, help="Begin for those too who are in the segment when it is switched on.")
@click.option("--goes-on", is_flag=True, help="Go on for who leaves the segment, or comes back to it.")
@GOAL
def add(call: Call, name: str, kind: str, segment: str, days: int, attribute: str, yearly: bool, texts: Sequence[Path],
        subjects: Sequence[str], waits: Sequence[int], channel: str, control: float, once: bool, present: bool,
        goes_on: bool, goal: str) -> None:
    """Write a new one, as a draft."""
    letters = [Letter({"subject": subjects[i] if i < len(subjects) else "", "text": path.read_text(encoding="utf-8")},
                      waits[i] if i < len(waits) else 0, channel) for i, path in enumerate(texts)]
    with call.shop() as shop:
        made = shop.automations.add(name, Trigger(kind, segment, days, attribute, yearly), letters, now=shop.moment(),
                                    again=not once, present=present, goes_on=goes_on, control_share=control / 100,
                                    goal=goal)
        warned, figures = shop.automations.warned(made.name), Figures(shop.settings)
    _tell(call, made, f"{clean(made.name)} is a draft. Switch it on with: regulars automation start {made.name!r}")
    if warned and not call.json:
        say(clean(figures.say(warned)))


@automation.command("go-on")
@NAME
@click.option("--no", is_flag=True, help="End for them, as it does unless said otherwise.")
def go_on(call: Call, name: str, no: bool) -> None:
    """Have a draft go on for who leaves its segment, as by its own messages."""
    with call.shop() as shop:
        made = shop.automations.go_on(name, not no, now=shop.moment())
    _tell(call, made, f"{clean(made.name)} {'ends' if no else 'goes on'} for who leaves its segment.")


@automation.command()
@NAME
@click.argument("rule")
def goal(call: Call, name: str, rule: str) -> None:
    """Judge each step of a draft by RULE (see campaign goals); order is an order again."""
    with call.shop() as shop:
        made = shop.automations.goal(name, "" if rule.strip().casefold() == AN_ORDER else rule, now=shop.moment())
        said_of_it = Figures(shop.settings).say(shop.campaigns.goals.said(shop.automations.show(name).goal))
    _tell(call, made, f"Each step of {clean(made.name)} is judged by {clean(said_of_it)}.")


@automation.command()
@NAME
@click.option("--text", "path", type=FILE, required=True, help="The message of the step.")
@click.option("--subject", default="", help="Its subject.")
@click.option("--after", "days", type=click.IntRange(0), default=0, help="Days after the step before it.")
@click.option("--before", type=click.IntRange(1), default=None, metavar="STEP", help="Before this one, not last.")
@click.option("--channel", default="email", show_default=True, help="The way it goes.")
def extend(call: Call, name: str, path: Path, subject: str, days: int, before: int | None, channel: str) -> None:
    """Add a step. Who has not passed its place gets it; one that is on rests until it is switched on again."""
    letter = Letter({"subject": subject, "text": path.read_text(encoding="utf-8")}, days, channel)
    with call.shop() as shop:
        made = shop.automations.extend(name, letter, now=shop.moment(), before=before or 0)
    _tell(call, made, f"{clean(made.name)} has {len(made.steps)} steps now. "
                      f"Switch it on with: regulars automation start {made.name!r}")


@automation.command()
@NAME
def show(call: Call, name: str) -> None:
    """What begins it, its steps, and where people stand in it."""
    with call.shop() as shop:
        standing, figures = shop.automations.show(name), Figures(shop.settings)
        warned = shop.automations.warned(name)
        judged = figures.say(shop.campaigns.goals.said(standing.goal))
        foreseen = [*shop.automations.foreseen(name, shop.moment()), *([warned] if warned else [])]
    found = standing.automation
    if call.json:
        printing.tell(standing)
        return
    printing.title(clean(found.name))
    printing.pairs({"begins": clean(figures.say(said(found.trigger))), "stands": figures.say(STATES[found.state]),
                    "waits because": figures.say(of_text(found.why)) if found.why else NOTHING,
                    "judged by": clean(judged), "since": figures.moment(found.started_at),
                    "looked at": figures.moment(found.looked_at)})
    if foreseen:
        say(" ".join(figures.say(each) for each in foreseen))
    say()
    printing.table(("step", "comes", "by", "subject", "stands"), [
        (clean(c.name), figures.say(comes(s, number == 0)), c.channel,
         clean(str(c.variants[0].content.get("subject", ""))),
         figures.say(state_said(c.state)))
        for number, (s, c) in enumerate(zip(found.steps, standing.campaigns, strict=True))])
    if standing.people:
        say()
        printing.table(("people", "number"), [(state, figures.number(n)) for state, n in standing.people.items()],
                       right=(1,))


@automation.command()
@NAME
@AS_OF
@LANG
def results(call: Call, name: str, as_of: str | None, lang: str | None) -> None:
    """What each of its steps brought, beside those who by chance get none of them."""
    with call.shop() as shop:
        figures = Figures(shop.settings, lang or "")
        found = shop.automations.results(name, read_moment(shop, as_of))
    if call.json:
        printing.tell({step: result and to_json(result, figures) for step, result in found.items()})
        return
    for step, result in found.items():
        printing.title(clean(step))
        if result:
            campaign_results.show(result, figures)
        else:
            say("It was handed to nobody yet.")
        say()


@automation.command()
@NAME
def start(call: Call, name: str) -> None:
    """Switch it on, or on again."""
    with call.shop() as shop:
        shop.segments.advance(shop.moment())
        made = shop.automations.start(name, shop.moment())
    _tell(call, made, f"{clean(made.name)} is on. The pages see to it while they are open; "
                      "else: regulars automation look")


@automation.command()
@NAME
def pause(call: Call, name: str) -> None:
    """Nothing more is begun or sent until it is started again."""
    with call.shop() as shop:
        made = shop.automations.pause(name, shop.moment())
    _tell(call, made, f"{clean(made.name)} is paused.")


@automation.command()
@NAME
def stop(call: Call, name: str) -> None:
    """Switch it off for good: whoever is in it is ended."""
    with call.shop() as shop:
        made = shop.automations.stop(name, shop.moment())
    _tell(call, made, f"{clean(made.name)} is off.")


@automation.command()
@NAME
def remove(call: Call, name: str) -> None:
    """Remove a draft and its steps."""
    with call.shop() as shop:
        made = shop.automations.remove(name)
    _tell(call, made, f"{clean(made.name)} is removed.")


@automation.command()
def look(call: Call) -> None:
    """See who entered, left or has a date, and queue what is due. Sending is: regulars campaign send --wait."""
    with call.shop() as shop:
        shop.segments.advance(shop.moment())
        looked, figures = shop.automations.look(shop.moment()), Figures(shop.settings)
    if call.json:
        printing.tell(looked)
    else:
        say(f"Begun for {figures.number(looked.begun)}, ended for {figures.number(looked.ended)}, a step for "
            f"{figures.number(looked.handed)}.")


def _tell(call: Call, made: Automation, sentence: str) -> None:
    if call.json:
        printing.tell(made)
    else:
        say(sentence)
