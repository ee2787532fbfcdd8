"""A batch of claimed deliveries made into parcels: who may have one, what it says, and the links of their own in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parseaddr
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine, fold
from regulars.errors import ContentRefused
from regulars.model.clock import local_day
from regulars.model.figures import Figures
from regulars.model.languages import LANGUAGES
from regulars.model.settings import Settings
from regulars.outreach import links, offers, reasons
from regulars.outreach.audience import ask_known, members, segments_of
from regulars.outreach.campaign import STEP, Campaign, Offer, Variant
from regulars.outreach.channels.base import Channel, Parcel
from regulars.outreach.choosing import untracked
from regulars.outreach.content.fields import asking_about
from regulars.outreach.content.template import Made
from regulars.outreach.footer import with_footer
from regulars.outreach.gate import Answer, Gate
from regulars.outreach.links import CLICK, OPEN, PREFERENCES, UNSUBSCRIBE, Links, Said
from regulars.outreach.plain import Template
from regulars.outreach.queue import Delivery
from regulars.outreach.settings import Rules
from regulars.outreach.store import Store
from regulars.outreach.zones import zone_of

MakeTemplate = Callable[[Mapping[str, Any], str, str], Template]
"""Content, language, and what of it the channel carries -> what renders it."""
FindFields = Callable[[Sequence[str], frozenset[str], datetime, str], Mapping[str, Mapping[str, Any]]]
"""Customers, names of fields, now and a language -> the fields of each."""


@dataclass(frozen=True)
class Ready:
    """A parcel that may be handed over, as far as was known when the facts were at ``version``.

    ``left`` and ``known_at`` are those of the gate's `Answer`.
    """

    delivery: Delivery
    parcel: Parcel
    left: int
    version: int
    known_at: str = ""


class Composer:
    """Makes the parcels of one campaign. ``now`` is naive UTC; ``stay`` says who is not to be left out for having left
    the segments, or come into one that is left out.
    """

    def __init__(self, engine: DuckDBEngine, store: Store, settings: Settings, rules: Rules, channel: Channel,
                 campaign: Campaign, made_by: tuple[MakeTemplate, FindFields], sender: str = "",
                 stay: Callable[[datetime], Set[str]] = lambda _: frozenset()) -> None:
        self._stay = stay
        self._engine = engine
        self._store = store
        self._settings = settings
        self._shop = {"name": settings.name, "address": settings.address}
        self._rules = rules
        self._channel = channel
        self.campaign = campaign
        self._make_template, self._find_fields = made_by
        self._templates: dict[tuple[str, str], Template] = {}
        self._untracked: set[str] = set()
        self._links = Links(store, campaign.id)
        self._domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"

    def zones(self, customers: Sequence[str]) -> dict[str, ZoneInfo]:
        """What each one's clock is of; the shop's for who is no customer any more."""
        people = people_of(self._engine, customers)
        return {who: zone_of(people.get(who, {}), self._settings) for who in customers}

    def allowed(self, customers: Sequence[str], now: datetime, engine: DuckDBEngine | None = None) -> dict[str, Answer]:
        """The gate's answer for each; who left the segments, or came into one that is left out, may not either.

        Raises `Refused` where one of the segments was removed.
        """
        asked = engine or self._engine
        ask_known(asked, segments_of(self.campaign))
        answers = Gate(asked, self._store, self._channel, self._rules, self._settings.country).ask(customers, now)
        inside = members(asked, segments_of(self.campaign), customers)
        wanted, excluded = ({fold(s) for s in names} for names in (self.campaign.segments, self.campaign.exclude))
        handed = self.campaign.kind == STEP and not wanted
        gone = {}
        for who, answer in answers.items():
            found = {fold(s) for s in inside.get(who, ())}
            reason = reasons.EXCLUDED if found & excluded else "" if handed or found & wanted else reasons.LEFT_SEGMENT
            if reason and not answer.reason:
                gone[who] = replace(answer, reason=reason)
        stay = self._stay(now) if gone else frozenset()
        return answers | {who: answer for who, answer in gone.items() if who not in stay}

    def compose(self, batch: Sequence[Delivery], now: datetime) -> tuple[list[Ready], list[tuple[int, str]]]:
        """Those that may go, and those that may not (id, reason)."""
        version = self._engine.changes
        self._untracked = untracked(self._engine, self._store, [d.customer_id for d in batch])
        answers = self.allowed([d.customer_id for d in batch], now)
        out = [(d.id, answers[d.customer_id].reason) for d in batch if answers[d.customer_id].reason]
        going = [d for d in batch if not answers[d.customer_id].reason]
        people = people_of(self._engine, [d.customer_id for d in going])
        ready = []
        for (name, language, about), group in self._groups(going, people).items():
            variant = self.campaign.variant(name)
            if variant is None:
                out += [(d.id, reasons.NO_VARIANT) for d in group]
                continue
            for delivery, made, own in self._made(variant, language, about, group, now):
                answer = answers[delivery.customer_id]
                if made is None or made.missing:
                    out.append((delivery.id, reasons.FIELD_MISSING if made else reasons.CONTENT))
                    continue
                parcel = self._parcel(delivery, made, own, answer.address, language, people[delivery.customer_id], now)
                ready.append(Ready(delivery, parcel, answer.left, version, answer.known_at))
        return sorted(ready, key=lambda r: (r.delivery.due_at, r.delivery.id)), out

    def _groups(self, going: Sequence[Delivery],
                people: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, str, str], list[Delivery]]:
        """By the name of the variant, the language, and the product it is about."""
        found: dict[tuple[str, str, str], list[Delivery]] = {}
        for each in going:
            key = each.variant, self.language_of(people[each.customer_id]), self.about(each.occasion)
            found.setdefault(key, []).append(each)
        return found

    def about(self, occasion: str) -> str:
        """The id of the product that it is about, on this occasion; "" where it is about none."""
        return occasion if self.campaign.of_releases else self.campaign.product

    def language_of(self, person: Mapping[str, Any]) -> str:
        """The campaign's, else the person's where it is spoken here, else the shop's."""
        own = str(person.get("language") or "")[:2].lower()
        return self.campaign.language or (own if own in LANGUAGES else self._settings.language)

    def _said_until(self, offer: Offer | None, now: datetime, language: str) -> str:
        """Until which day an offer holds, in words; "" for one that does not end."""
        if offer is None or not offer.valid_days:
            return ""
        end = local_day(now + timedelta(days=offer.valid_days), self._settings.zone)
        return Figures(self._settings, language).day(end)

    def _made(self, variant: Variant, language: str, about: str, group: Sequence[Delivery],
              now: datetime) -> list[tuple[Delivery, Made | None, dict[str, str]]]:
        """Each with the links of their own that it was made with; None where it goes beyond a limit for them alone.

        Raises `ContentRefused` where it does so for all of them.
        """
        template = self._template(variant, language)
        customers = [d.customer_id for d in group]
        fields = self._find_fields(customers, asking_about(template.needs, about), now, language)
        offer = self.campaign.offer_of(variant)
        given = offers.codes(self._store, self.campaign.id, offer, customers, now) if offer else {}
        until = self._said_until(offer, now, language)
        found: list[tuple[Delivery, Made | None, dict[str, str]]] = []
        refused: ContentRefused | None = None
        for d in group:
            own = self.own_links(d)
            try:
                made = template.render({
                    **fields.get(d.customer_id, {}), **own, "shop": self._shop,
                    "offer": {"code": given.get(d.customer_id, ""), "until": until, "gives": offer}})
                found.append((d, made, own))
            except ContentRefused as error:
                refused = error
                found.append((d, None, own))
        if refused and len(group) > 1 and not any(made for _, made, _ in found):
            raise refused
        return found

    def _template(self, variant: Variant, language: str) -> Template:
        key = (variant.name, language)
        if key not in self._templates:
            self._templates[key] = self._make_template(variant.content, language, self._channel.says)
        return self._templates[key]

    def own_links(self, delivery: Delivery) -> dict[str, str]:
        """Where this person leaves, and chooses: "" where the shop has no pages that can be reached."""
        address = self._rules.public_address
        return {name: links.url(address, self._store.seed, Said(kind, delivery.id)) if address else ""
                for name, kind in (("unsubscribe_url", UNSUBSCRIBE), ("preferences_url", PREFERENCES))}

    def _parcel(self, delivery: Delivery, made: Made, own: Mapping[str, str], address: str, language: str,
                person: Mapping[str, Any], now: datetime) -> Parcel:
        if self._channel.address == "email":
            made = self._tracked(with_footer(made, own, language, self._settings), delivery, own, person)
        return Parcel(
            delivery.id, delivery.customer_id, address, str(person.get("name") or ""), language, made.subject,
            made.html, made.text, self.message_id(delivery), self._headers(delivery, own, now), person)

    def _tracked(self, made: Made, delivery: Delivery, own: Mapping[str, str], person: Mapping[str, Any]) -> Made:
        address, html = self._rules.public_address, made.html
        if not (address and html and self._rules.track_people) or delivery.customer_id in self._untracked:
            return made
        if self.campaign.track_clicks:
            html = links.rewritten(html, lambda to: self._signed(CLICK, delivery, self._links.number(to)), own)
        if self.campaign.track_opens:
            html = links.with_pixel(html, self._signed(OPEN, delivery))
        return replace(made, html=html)

    def _signed(self, kind: str, delivery: Delivery, number: int = 0) -> str:
        return links.url(self._rules.public_address, self._store.seed, Said(kind, delivery.id, number))

    def message_id(self, delivery: Delivery) -> str:
        """The same at every try, so that a second copy can be told for one."""
        return f"<{delivery.id}.{links.message_digest(self._store.seed, delivery.id)}@{self._domain}>"

    def _headers(self, delivery: Delivery, own: Mapping[str, str], now: datetime) -> dict[str, str]:
        """Date; how to leave by one click (RFC 8058); which list (RFC 2919); for complaints, Feedback-ID."""
        if self._channel.address != "email":
            return {}
        name = hashlib.sha256(self._store.seed.encode()).hexdigest()[:12]
        head = {"Date": format_datetime(now.replace(tzinfo=UTC)), "List-Id": f"<{name}.list.{self._domain}>",
                "Feedback-ID": f"{self.campaign.id}:{self._channel.name}:{name}:regulars",
                "Auto-Submitted": "auto-generated"}
        if own["unsubscribe_url"]:
            head |= {"List-Unsubscribe": f"<{own['unsubscribe_url']}>",
                     "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        return head


def people_of(engine: DuckDBEngine, customers: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Their rows of customers, as far as a message or a label may need them."""
    engine.register("people_asked", pa.table({"customer_id": pa.array(customers, pa.string())}))
    try:
        rows = engine.query("SELECT customer_id, name, first_name, last_name, email, phone, street, city, region, "
                            "postcode, country, language FROM customers SEMI JOIN people_asked USING (customer_id)")
        return {row["customer_id"]: row for row in rows.to_pylist()}
    finally:
        engine.unregister("people_asked")
