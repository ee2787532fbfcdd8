"""Lists: what is made of campaigns that go out by hand, and what came of each call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from regulars.errors import NotFound, Refused
from regulars.intake.prepared import Progress, Report
from regulars.model.figures import Figures
from regulars.outreach import settings as kept
from regulars.outreach.campaign import Campaign
from regulars.outreach.channels import channel
from regulars.outreach.channels.base import Parcel
from regulars.outreach.channels.lists import Asked, Form, ListChannel
from regulars.outreach.channels.phone import OUTCOMES, dialled
from regulars.outreach.composing import Composer
from regulars.outreach.queue import Delivery
from regulars.outreach.states import TOOK, listed
from regulars.outreach.store import Store, moment_of, text_of
from regulars.shop.refusals import why
from regulars.shop.unsent import had_it_not_been_sent

if TYPE_CHECKING:
    from regulars.shop.shop import Shop

AT_ONCE = 500
PEOPLE, WRITING = "people", "writing"
"""What the making of a file reports."""
ENDED = ", ".join(f"'{kind}'" for kind in OUTCOMES if kind != "not_reached")
UNDONE = "NOT EXISTS (SELECT 1 FROM responses r WHERE r.delivery_id = d.id AND r.kind IN ({kinds}))"


@dataclass(frozen=True)
class File:
    """A form of a list: ``rows`` are told in it, ``passed_over`` lack what it needs, ``left_out`` may not be reached
    any more, by reason. ``last`` is the newest delivery in it: what comes later is new. ``customers`` are those who
    were told, or passed over.
    """

    name: str
    mime: str
    data: bytes
    rows: int
    passed_over: int
    left_out: Mapping[str, int]
    last: int
    customers: Sequence[str] = ()


@dataclass(frozen=True)
class Taken:
    """When a form was last made, and up to which delivery."""

    form: str
    last: int
    rows: int
    at: datetime


@dataclass(frozen=True)
class ToCall:
    """Somebody who is still to be called, with what to say; ``outcome`` of a call that did not reach them, else ""."""

    parcel: Parcel
    phone: str
    outcome: str


class Lists:
    """Of the campaigns whose channel is a list. ``now`` is naive UTC."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def forms(self, name: str) -> Sequence[Form]:
        """What can be made of a campaign's list; nothing where its channel is none."""
        found = channel(self._shop.campaigns.get(name).channel)
        return found.forms if isinstance(found, ListChannel) else ()

    def size(self, name: str, after: int = 0) -> int:
        """How many are on the list, put there after a delivery."""
        return int(self._store.value(f"SELECT count(*) FROM deliveries WHERE campaign_id = ? AND id > ? AND state IN "
                                     f"({listed(TOOK)})", [self._shop.campaigns.get(name).id, after]))

    def make(self, name: str, file: str, now: datetime, *, after: int = 0, language: str = "") -> File:
        """A form of everybody on the list, or of who was put there after a delivery, taken out at once. Raises
        `NotFound`, `Refused`."""
        made = self.compose(name, file, now, after=after, language=language)
        self.take(name, made, now)
        return made

    def compose(self, name: str, file: str, now: datetime, *, after: int = 0, language: str = "",
                report: Report = lambda _: None) -> File:
        """The same, for whoever takes it out later: see `take`."""
        campaign = self._shop.campaigns.get(name)
        form = self.form(campaign.name, file)
        on_list = self._deliveries(campaign, after)
        parcels, left_out = self._parcels(campaign, on_list, now, report)
        made = form.make(parcels, self._asked(campaign, language, report))
        last = max((d.id for d in on_list), default=after)
        return File(form.file, form.mime, made.data, made.rows, made.passed_over, left_out, last,
                    tuple(parcel.customer_id for parcel in parcels))

    def take(self, name: str, made: File, now: datetime) -> None:
        """Write down that a file was taken out, and up to whom."""
        with self._store.writing() as c:
            c.execute("INSERT OR REPLACE INTO taken VALUES (?, ?, ?, ?, ?)",
                      [self._shop.campaigns.get(name).id, made.name, made.last, made.rows, text_of(now)])

    def holds(self, name: str, made: File, now: datetime) -> bool:
        """Whether everybody in a file that was made before may still be reached."""
        campaign = self._shop.campaigns.get(name)
        answers = self._composer(campaign).allowed(made.customers, now)
        return not any(answer.reason for answer in answers.values())

    def taken(self, name: str) -> Mapping[str, Taken]:
        """When each form was last made."""
        rows = self._store.rows("SELECT form, last, rows, at FROM taken WHERE campaign_id = ? ORDER BY at",
                                [self._shop.campaigns.get(name).id])
        return {form: Taken(form, last, count, moment) for form, last, count, at in rows if (moment := moment_of(at))}

    def to_call(self, name: str, now: datetime, most: int = 50) -> Sequence[ToCall]:
        """Who is still to be called, those first whom nobody has tried yet."""
        campaign = self._shop.campaigns.get(name)
        rows = self._store.rows(
            f"SELECT d.id, (SELECT count(*) FROM responses r WHERE r.delivery_id = d.id AND r.kind = 'not_reached') "
            f"FROM deliveries d WHERE campaign_id = ? AND state IN ({listed(TOOK)}) AND {UNDONE.format(kinds=ENDED)} "
            "ORDER BY 2, 1 LIMIT ?", [campaign.id, most])
        tried: dict[int, int] = dict(rows)
        chosen = [d for d in self._deliveries(campaign, 0) if d.id in tried]
        asked = self._asked(campaign, "")
        found = [ToCall(p, dialled(p, asked), "not_reached" if tried[p.delivery] else "")
                 for p in self._parcels(campaign, chosen, now)[0]]
        return sorted(found, key=lambda each: (tried[each.parcel.delivery], each.parcel.delivery))

    def uncalled(self, name: str) -> int:
        """How many are on the list whose call has not ended yet; who may not be called any more is among them."""
        return int(self._store.value(
            f"SELECT count(*) FROM deliveries d WHERE campaign_id = ? AND state IN ({listed(TOOK)}) AND "
            f"{UNDONE.format(kinds=ENDED)}", [self._shop.campaigns.get(name).id]))

    def outcome(self, name: str, delivery: int, kind: str, now: datetime, said: str = "") -> None:
        """What came of a call: a fact like a click. Who wants no more calls gets none; raises `NotFound`, `Refused`."""
        campaign = self._shop.campaigns.get(name)
        if kind not in OUTCOMES:
            raise Refused(why("'{kind}' is no outcome of a call.", kind=kind),
                          hint=why("There are: {known}.", known=[*OUTCOMES]))
        if delivery >= 1 << 63 or not self._store.rows(
                "SELECT 1 FROM deliveries WHERE id = ? AND campaign_id = ?", [delivery, campaign.id]):
            raise NotFound(why("There is no call {number} in this campaign.", number=str(delivery)))
        self._shop.campaigns.respond(delivery, kind, now, said=said)

    @property
    def _store(self) -> Store:
        return self._shop.campaigns.store

    def form(self, name: str, file: str) -> Form:
        """One by its file's name; raises `NotFound`."""
        for form in self.forms(name):
            if form.file == file:
                return form
        known = [form.file for form in self.forms(name)]
        raise NotFound(why("No '{file}' can be made of '{name}'.", file=file, name=name),
                       hint=why("There are: {known}.", known=known) if known else None)

    def _deliveries(self, campaign: Campaign, after: int) -> list[Delivery]:
        found: list[Delivery] = []
        for state in TOOK:
            found += self._shop.campaigns.deliveries(campaign.name, state=state, after=after, most=1 << 30)
        return sorted(found, key=lambda d: d.id)

    def _composer(self, campaign: Campaign) -> Composer:
        """The cap was asked when they were put on the list; whom its own messages took out of its segments stays."""
        known: dict[datetime, set[str]] = {}

        def stay(now: datetime) -> set[str]:
            if now not in known:
                known[now] = had_it_not_been_sent(self._shop, campaign, now)
            return known[now]
        return self._shop.campaigns.composer(campaign, replace(self._shop.campaigns.rules, cap_messages=0), stay)

    def _parcels(self, campaign: Campaign, on_list: Sequence[Delivery], now: datetime,
                 report: Report = lambda _: None) -> tuple[list[Parcel], dict[str, int]]:
        """Composed as of now, and who is left out by now."""
        composer = self._composer(campaign)
        parcels: list[Parcel] = []
        left_out: dict[str, int] = {}
        for i in range(0, len(on_list), AT_ONCE):
            report(Progress(PEOPLE, i, len(on_list)))
            ready, out = composer.compose(on_list[i:i + AT_ONCE], now)
            parcels += [each.parcel for each in ready]
            for _, reason in out:
                left_out[reason] = left_out.get(reason, 0) + 1
        return sorted(parcels, key=lambda p: p.delivery), left_out

    def _asked(self, campaign: Campaign, language: str, report: Report = lambda _: None) -> Asked:
        shop = self._shop
        said = kept.of_channel(self._store, shop.folder, campaign.channel)
        return Asked(campaign.name, shop.settings, Figures(shop.settings, language), self._store.seed,
                     campaign.control_share, said, lambda done, total: report(Progress(WRITING, done, total)))
