"""`Shop`, the door: it opens the folder and hands out what lies behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import Refused
from regulars.insight.common import Measured, Refreshed, Result, Scored, keep, made, refreshed, scored
from regulars.insight.common import analysis as find_analysis
from regulars.model.clock import as_utc, day_start, local_day
from regulars.model.later import later
from regulars.model.settings import Settings
from regulars.outreach.store import FILE as STORE
from regulars.outreach.store import Store
from regulars.rules import Condition, format, to_json
from regulars.rules.explain import Explanation
from regulars.rules.words import sentence
from regulars.segments import memberships
from regulars.segments.evaluate import Evaluator, Preview
from regulars.segments.explaining import explain_customer
from regulars.segments.saved import Segment, Segments
from regulars.shop import folder as folders
from regulars.shop.refusals import why

if TYPE_CHECKING:
    from regulars.intake.databases import Query
    from regulars.intake.imports import Imports
    from regulars.intake.prepared import Report
    from regulars.intake.receipt import Receipt
    from regulars.intake.undo import Undone
    from regulars.shop.automations import Automations
    from regulars.shop.backup import Backup
    from regulars.shop.campaigns import Campaigns
    from regulars.shop.check import Checked
    from regulars.shop.customers import Customers
    from regulars.shop.lists import Lists
    from regulars.shop.live import Live
    from regulars.shop.upgrade import Upgrade

# What most commands do without: together they would take longer to load than a command takes.
incoming = later("regulars.intake.imports")
currencies = later("regulars.intake.currencies")
databases = later("regulars.intake.databases")
database_files = later("regulars.intake.database_files")
adopting = later("regulars.shop.adopting")
automating = later("regulars.shop.automations")
backups = later("regulars.shop.backup")
campaigning = later("regulars.shop.campaigns")
checking = later("regulars.shop.check")
knowing = later("regulars.shop.customers")
listing = later("regulars.shop.lists")
living = later("regulars.shop.live")
reporting = later("regulars.shop.report")
upgrading = later("regulars.shop.upgrade")
Now = datetime | date | str | None


def this_moment() -> datetime:
    """Naive UTC, by the clock."""
    return datetime.now(UTC).replace(tzinfo=None)


class Shop:
    """One shop: a folder, its settings and its facts.

    Wherever ``now`` is asked for, give a datetime (without zone it is read in the shop's time zone), an ISO text, or
    nothing for this very moment. ``waited`` tells how long live messages have waited to be settled.
    """

    def __init__(self, folder: Path, settings: Settings, engine: DuckDBEngine,
                 waited: Callable[[], timedelta] = timedelta) -> None:
        self.folder = folder
        self.settings = settings
        self.engine = engine
        self._waited = waited

    @classmethod
    def create(cls, folder: Path | str, settings: Settings | None = None) -> Shop:
        """Make a shop at ``folder`` and open it; raises `Refused` where one stands already."""
        folders.make(Path(folder), settings or Settings())
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path | str) -> Shop:
        """Open the shop at ``folder``; raises `NotAShop`, `ShopInUse`, `ShopTooOld`, `ShopTooNew`, `ShopDamaged`."""
        path = Path(folder)
        settings, engine = folders.open_existing(path)
        return cls(path, settings, engine)

    @staticmethod
    def restore(source: Path | str, folder: Path | str, *, replace: bool = False) -> Backup:
        """Make ``folder`` a shop out of a backup; one that stands there is only given up with ``replace``."""
        found: Backup = backups.restore(Path(source), Path(folder), replace=replace)
        return found

    @staticmethod
    def upgrade(folder: Path | str, backup_to: Path | str | None = None) -> Upgrade:
        """Bring a shop of an older Regulars up to date, after a backup; raises `Refused` without a place for it."""
        done: Upgrade = upgrading.upgrade(Path(folder), None if backup_to is None else Path(backup_to), this_moment())
        return done

    def close(self) -> None:
        Store.forget(self.folder)
        self.engine.close()

    def __enter__(self) -> Shop:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def moment(self, now: Now = None) -> datetime:
        """``now`` as naive UTC; this very moment where nothing is said. A bare date is its first moment.

        Raises `Refused` for a text that is no moment.
        """
        if now is None or now == "now":
            return this_moment()
        zone = self.settings.zone
        if now in ("today", "yesterday"):
            return day_start(local_day(this_moment(), zone) - timedelta(days=now == "yesterday"), zone)
        if isinstance(now, date) and not isinstance(now, datetime):
            return day_start(now, zone)
        try:
            return as_utc(datetime.fromisoformat(now) if isinstance(now, str) else now, zone)
        except (ValueError, OverflowError) as error:
            raise Refused(why("'{now}' is not a moment.", now=now),
                          hint=why("Write it as 2026-11-22 or 2026-11-22T14:30.")) from error

    @cached_property
    def segments(self) -> Segments:
        """Saved rules and who is in them."""
        return Segments(self.engine, self.settings, self._asked_by, self._waited)

    def _asked_by(self, segment: str) -> list[str]:
        """Campaigns and automations that are under way and ask who is in a segment."""
        if not self.campaigns.any:
            return []
        return [*self.campaigns.asking(segment), *self.automations.asking(segment)]

    @cached_property
    def customers(self) -> Customers:
        """The people: find, show, merge, erase."""
        made: Customers = knowing.Customers(self.engine, self.folder / folders.FILES)
        return made

    @cached_property
    def campaigns(self) -> Campaigns:
        """Messages to segments: written, sent once to each, and what came of them."""
        made: Campaigns = campaigning.Campaigns(self.engine, self.settings, self.folder, self.segments)
        return made

    @cached_property
    def imports(self) -> Imports:
        """What came in: files and their receipts, and the way back."""
        made: Imports = incoming.Imports(self.engine, self.settings, self.folder / folders.FILES)
        return made

    @cached_property
    def automations(self) -> Automations:
        """Messages that go out by themselves."""
        made: Automations = automating.Automations(self)
        return made

    @cached_property
    def lists(self) -> Lists:
        """What goes out by hand: files of it, and what came of calls."""
        made: Lists = listing.Lists(self)
        return made

    @cached_property
    def live(self) -> Live:
        """Messages that came in live: those that wait, and those that were set aside."""
        made: Live = living.Live(self.engine, self.settings, self.folder)
        return made

    def import_file(self, path: Path | str, *, now: Now = None, **said: Any) -> list[Receipt]:
        """Take a file in, all or nothing; ``said`` is what `Imports.run` takes, rates aside those of ``rates.csv``."""
        return self.imports.run(path, now=self.moment(now), clock=self._clock(now), **self._with_rates(said))

    def import_query(self, query: Query, *, now: Now = None, dry_run: bool = False, good_rows: bool = False,
                     whole: bool = False, **said: Any) -> list[Receipt]:
        """Take in what a query of another database gives, from its watermark on unless ``whole``; as `Imports.run`.

        Raises `Refused` for an SQLite file of the shop's own.
        """
        database_files.refuse_own(query.address, self.folder)
        return self.imports.take(lambda: databases.prepare_query(self.engine, query, self.settings, whole=whole,
                                                                 **self._with_rates(said)),
                                 now=self.moment(now), dry_run=dry_run, good_rows=good_rows,
                                 progress=said.get("progress"), clock=self._clock(now))

    def _clock(self, now: Now) -> Callable[[], datetime] | None:
        """What goes on while something is done; a moment that was said stands still."""
        return this_moment if now is None else None

    def undo_import(self, import_id: str, *, now: Now = None) -> Undone:
        """The shop as it was before an import, memberships included where nothing else came in since.

        Raises `NotFound`, or `Refused` where a later import built on its rows. Refresh the segments after it.
        """
        receipts = self.imports.receipts()
        began = self.imports.receipt(import_id).began_at
        alone = all(r.import_id <= import_id or r.undone_at for r in receipts)
        moment = self.moment(now)
        return self.imports.undo(import_id, now=moment, also=partial(
            memberships.rewind, self.engine, began, moment) if alone else None)

    def _with_rates(self, said: dict[str, Any]) -> dict[str, Any]:
        """The shop's own table of currency, day and rate lies beside its settings."""
        return {**said, "rates": said.get("rates") or self.folder / currencies.FILE}

    def backup(self, target: Path | str, now: Now = None) -> Backup:
        """A consistent copy at ``target`` (a folder, or a file when it ends in .zip) while the shop is in use."""
        made: Backup = backups.backup(self.engine, self.folder, Path(target), self.moment(now))
        return made

    def check(self) -> Checked:
        """Whether keys, references, settled columns and sums hold."""
        found: Checked = checking.check(self.engine)
        more = tuple(checking.Problem("outreach", *each) for each in self.campaigns.problems())
        return replace(found, problems=(*found.problems, *more))

    @property
    def _evaluator(self) -> Evaluator:
        return self.segments.evaluator

    def preview(self, rule: str | Condition, now: Now = None) -> Preview:
        """Count, share and ten customers of a rule."""
        return self._evaluator.preview(rule, self.moment(now))

    def count(self, rule: str | Condition, now: Now = None) -> int:
        """How many customers the rule is true of; raises `RuleError`."""
        return self._evaluator.count(rule, self.moment(now))

    def members(self, rule: str | Condition, now: Now = None) -> pa.Table:
        """Who the rule is true of: one column ``customer_id``, sorted."""
        return self._evaluator.members(rule, self.moment(now))

    def evaluate(self, rules: Mapping[str, str | Condition], now: Now = None) -> pa.Table:
        """Many rules together: ``customer_id`` and a yes/no column a rule, one row for each customer."""
        return self._evaluator.evaluate(rules, self.moment(now))

    def members_at(self, rule: str | Condition, now: datetime) -> pa.Table:
        """As `members`, for callers below the door: ``now`` is naive UTC."""
        return self._evaluator.members(rule, now)

    def evaluate_at(self, rules: Mapping[str, str | Condition], now: datetime) -> pa.Table:
        """As `evaluate`, for callers below the door: ``now`` is naive UTC."""
        return self._evaluator.evaluate(rules, now)

    def values_at(self, values: Mapping[str, str], now: datetime, only: str | None = None) -> pa.Table:
        """Values of the rule language by name, a row for each customer (of the table ``only``, if said).

        Null where unknown; numbers are doubles; ``now`` is naive UTC. Raises `RuleError`.
        """
        return self._evaluator.values(values, now, only)

    def may_reach(self, way: str, customers: Sequence[str], now: datetime) -> set[str]:
        """Those of them whom a campaign by a channel may go to: see the gate. Nothing is made by asking."""
        return self.campaigns.may_reach(way, customers, now)

    def measured_at(self, what: str, now: datetime) -> Mapping[str, Measured]:
        """What campaigns with a control group have measured of each ``move``, or of each ``channel``; naive UTC."""
        if not (self.folder / STORE).exists():
            return {}
        return {each.kind: Measured(each.lift.low, each.lift.value, each.lift.high, each.lift.campaigns)
                for each in self.campaigns.learned(now, what)[what] if each.lift.campaigns}

    def insight(self, analysis: str, now: Now = None, **parameters: Any) -> Result:
        """Run an analysis by its name; raises `NotFound`, `TooLittleData`, `RuleError`, `Refused` for a parameter.

        ``parameters`` are those of its constructor, ``segment`` (a rule) among them.
        """
        return made(find_analysis(analysis), parameters).run(self, self.moment(now))

    def ask_to_keep(self, analysis: str, **parameters: Any) -> None:
        """Raise `Refused` where an analysis has no scores, or with these parameters none that could be kept."""
        made(find_analysis(analysis), parameters).ask_to_keep()

    def keep(self, result: Result) -> None:
        """Keep the scores of an analysis as attributes that rules can ask of; raises `Refused` where it has none."""
        keep(self.engine, [result])

    def adopt(self, result: Result, now: Now = None) -> list[Segment]:
        """Save the buckets of a result as segments, and remember them so that `drift` can tell whether they still fit.

        Raises `Refused` where there are none. A segment of the shop's own that has the name of one stays as it is.
        """
        saved: list[Segment] = adopting.adopt(self.segments, result, self.moment(now))
        return saved

    def scored(self) -> list[Scored]:
        """Which analyses have scores kept, of which moment, and whether facts came since."""
        return scored(self.engine)

    def refresh_scores(self, now: Now = None) -> Refreshed:
        """Work out all scores anew and keep them; analyses with too little data are named, and keep what they had."""
        done = refreshed(self, self.moment(now))
        keep(self.engine, done.kept)
        return done

    def report(self, now: Now = None, language: str | None = None, *, progress: Report | None = None) -> str:
        """A page of HTML about the shop that stands by itself: numbers, moves, kinds of customers, what sells together.

        Where nothing is said of ``now`` and the newest fact is more than a month old, it is of that fact's day.
        """
        text: str = reporting.report(self, now, language, progress=progress)
        return text

    def sentence(self, rule: str | Condition, language: str | None = None) -> str:
        """The rule said plainly in a language (the shop's, unless said)."""
        vocabulary = self._evaluator.vocabulary()
        return sentence(self._evaluator.read(rule, vocabulary), language or self.settings.language, vocabulary)

    def explain(self, rule: str, customer_id: str, now: Now = None, language: str | None = None) -> Explanation:
        """Each condition of a rule for one customer: its value, whether it holds, since when, and when time changes it.

        Raises `RuleError`, and `NotFound` where there is no such customer.
        """
        return explain_customer(self._evaluator, rule, customer_id, self.moment(now),
                                language or self.settings.language)

    format = staticmethod(format)
    tree = staticmethod(to_json)
