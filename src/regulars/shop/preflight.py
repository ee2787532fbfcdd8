"""Before a campaign goes: everything that keeps it back, and each message as a customer would get it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import ContentRefused, RegularsError, SegmentStale
from regulars.intake.prepared import Progress, Report
from regulars.model.phrases import whole
from regulars.model.settings import Settings
from regulars.outreach.audience import CONTROL, MESSAGE, Audience
from regulars.outreach.campaign import STEP, Campaign, Offer, Variant
from regulars.outreach.channels import channel as find_channel
from regulars.outreach.composing import Composer, people_of
from regulars.outreach.content.blocks import Message
from regulars.outreach.content.fields import OF_EVERYBODY, asking_about, fields
from regulars.outreach.content.preflight import LOOK, STOP, Finding, given, look_at
from regulars.outreach.content.template import Made, Template
from regulars.outreach.content.unseen import UNSEEN, unseen_pictures
from regulars.outreach.says import MAIL, NOTHING
from regulars.outreach.settings import GATE
from regulars.shop.refusals import why, why_counted

if TYPE_CHECKING:
    from regulars.shop.shop import Shop

WHO, MESSAGES = "who gets it", "messages"
"""What a look over reports."""
MIXED = 0.1
"""So much of a control group may get another campaign without a word."""
People = dict[str, list[str]]
"""Customer ids by the language they are written to in."""


@dataclass(frozen=True)
class Looked:
    """What was found, what keeps it back first; ``audience`` is None where nobody can say who is meant."""

    findings: tuple[Finding, ...]
    audience: Audience | None

    @property
    def stops(self) -> list[Finding]:
        return [each for each in self.findings if each.level == STOP]

    @property
    def awaited(self) -> list[Finding]:
        """What keeps it back until the next look at its segments, and no longer."""
        return [each for each in self.stops if each.passes]

    @property
    def looks(self) -> list[Finding]:
        return [each for each in self.findings if each.level == LOOK]


def looked_at(shop: Shop, name: str, now: datetime, report: Report = lambda _: None) -> Looked:
    """Segments, way out and every message over the people who would get it; ``now`` is naive UTC."""
    campaign, drawing = shop.campaigns.get(name), shop.campaigns.drawing
    stand = drawing.stand(campaign, now)
    report(Progress(WHO))
    found, audience = _refused(shop, campaign, now)
    found += _mixed(shop, campaign, audience, now)
    found += _unseen_pictures(shop, campaign)
    found += _unaddressed(shop, campaign)
    composer = shop.campaigns.composer(campaign)
    if audience is None or campaign.began_at:
        found += of_content(shop.engine, shop.settings, campaign, composer, audience, now, report)
    else:
        found += drawing.findings(campaign, composer, now, report)
    looked = Looked(tuple(sorted(found, key=lambda each: each.level != STOP)), audience)
    drawing.keep_looked(campaign, stand, looked, now)
    return looked


def _mixed(shop: Shop, campaign: Campaign, audience: Audience | None, now: datetime) -> Iterator[Finding]:
    """Campaigns whose control group would get this one while they are still looked at."""
    going = {row.customer_id for row in audience.of(MESSAGE)} if audience else set()
    for other in shop.campaigns.list():
        until = other.began_at + timedelta(days=other.window_days) if other.began_at else now
        if other.id == campaign.id or other.kind == STEP or until <= now:
            continue
        without = {row.customer_id for row in shop.campaigns.audience(other.name, now).of(CONTROL)}
        people = len(without & going)
        if people > MIXED * len(without):
            yield Finding(LOOK, why_counted(
                "{n} person of the control group of '{name}' would get this too: then nobody can say any more what "
                "that one brought. Wait until {day}.", "{n} people of the control group of '{name}' would get this "
                "too: then nobody can say any more what that one brought. Wait until {day}.", people,
                name=other.name, day=until))


def _unseen_pictures(shop: Shop, campaign: Campaign) -> Iterator[Finding]:
    address = shop.campaigns.rules.public_address
    for variant in campaign.variants if find_channel(campaign.channel).says == MAIL else ():
        for language, place in unseen_pictures(variant.content, shop.settings.language, shop.folder, address):
            yield Finding(STOP, UNSEEN, variant.name, language, place, "" if address else GATE)


def _unaddressed(shop: Shop, campaign: Campaign) -> Iterator[Finding]:
    """Mail of a shop whose own address nobody said: its foot names none."""
    if find_channel(campaign.channel).says == MAIL and not shop.settings.address.strip():
        yield Finding(LOOK, why("No postal address of the shop is said, so that none stands at the foot of the e-mail: "
                                "many countries ask for it."), settings=GATE)


def _refused(shop: Shop, campaign: Campaign, now: datetime) -> tuple[list[Finding], Audience | None]:
    """What keeps the whole of it back, and who would get it all the same; the messages are told one by one."""
    refused = [_stop(error) for error in shop.campaigns.unfit(campaign.name, now)
               if not isinstance(error, ContentRefused)]
    try:
        return refused, shop.campaigns.audience(campaign.name, now)
    except RegularsError as error:
        return refused or [_stop(error)], None


def _stop(error: RegularsError) -> Finding:
    return Finding(STOP, whole(error), settings=error.settings, passes=isinstance(error, SegmentStale) and error.passes)


def of_content(engine: DuckDBEngine, settings: Settings, campaign: Campaign, composer: Composer,
               audience: Audience | None, now: datetime, report: Report = lambda _: None) -> list[Finding]:
    """What is found in the messages, over those who would get them."""
    found: list[Finding] = []
    says = find_channel(campaign.channel).says
    if says == NOTHING:
        return found
    for done, variant in enumerate(campaign.variants):
        report(Progress(MESSAGES, done, len(campaign.variants)))
        people = _people(engine, composer, variant, audience) if audience else {}
        found += _of_variant(engine, settings, campaign, variant, people, now, says)
    return found


def has_blocks(campaign: Campaign) -> bool:
    """Whether there is anything to look over: what other programs wrote as it is to go is theirs."""
    return any("blocks" in variant.content for variant in campaign.variants)


def refuse_unwritten(findings: Iterable[Finding]) -> None:
    """Raise `ContentRefused` for the first thing that keeps a message from somebody who would get it."""
    for finding in findings:
        if finding.level == STOP:
            raise ContentRefused(finding.said, block=finding.block)


def _people(engine: DuckDBEngine, composer: Composer, variant: Variant, audience: Audience) -> People:
    ids = [row.customer_id for row in audience.rows if row.arm == MESSAGE and row.variant == variant.name]
    found = People()
    for who, person in people_of(engine, ids).items():
        found.setdefault(composer.language_of(person), []).append(who)
    return found


def _of_variant(engine: DuckDBEngine, settings: Settings, campaign: Campaign, variant: Variant, people: People,
                now: datetime, says: str) -> list[Finding]:
    """A message as other programs write it, without blocks, has no fields to look at."""
    if "blocks" not in variant.content:
        return []
    known: dict[str, Mapping[str, Mapping[str, Any]]] = {}
    for language, ids in people.items():
        try:
            template = Template(variant.content, language, settings, says=says)
            needs = asking_about(template.needs, about(engine, campaign, now))
            known[language] = fields(engine, ids, needs, now, settings, template.language)
        except ContentRefused:
            known[language] = {who: {} for who in ids}
    return look_at(variant.content, settings, known, variant.name, offer=campaign.offer_of(variant) or False,
                   says=says)


def about(engine: DuckDBEngine, campaign: Campaign, now: datetime) -> str:
    """The id of the product a campaign is about; of one about releases, of the newest that is out. "" for none."""
    if not campaign.of_releases:
        return campaign.product
    newest = engine.rows("SELECT product_id FROM products WHERE name IS NOT NULL AND released_at <= ? "
                         "ORDER BY released_at DESC, product_id LIMIT 1", [now])
    return str(newest[0][0]) if newest else ""


def as_customer(shop: Shop, message: Message, customer_id: str, now: datetime, *, offer: Offer | bool = True,
                says: str = MAIL, product: str = "", own: Mapping[str, str] | None = None) -> Made:
    """A message as this person would get it, without what is refused of it; "" is somebody of whom nothing is known.

    ``own``: where the shop's own links lead, by the fields that stand for them.
    """
    template = Template.of(message, shop.settings, says)
    needs = asking_about(template.needs, product)
    asked = needs if customer_id else frozenset(each for each in needs if each.startswith(OF_EVERYBODY))
    known = fields(shop.engine, [customer_id], asked, now, shop.settings, template.language)
    return template.render(given({**known[customer_id], **(own or {})}, offer=offer))
