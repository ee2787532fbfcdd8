"""From the log into the fact tables: each message once, all of a piece or none, and what cannot be used set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine, literal
from regulars.errors import DiskFull, NumberTooLarge, RegularsError, ShopDamaged
from regulars.intake import reasons as reasons_of
from regulars.intake.live import hooked, late, late_people, people, selects, taking, values
from regulars.intake.live.aside import SetAside
from regulars.intake.live.hooks import BY_BODY
from regulars.intake.live.log import EPOCH, Kept, Log, Message
from regulars.intake.live.standard import Standard, standard
from regulars.intake.prepared import OwnField, Prepared
from regulars.intake.rows import make_temp
from regulars.model.settings import Settings

LIVE = "live"
MARK = "live.settled"
"""The key in ``meta`` of the number of the last settled message."""
ARRIVED_FOR = timedelta(days=31)
"""How long it is known that a message came: one sent again after that is told by the keys of its rows alone."""
FORGOT = "live.forgot"
"""The key in ``meta`` of the day on which those that came longer ago were forgotten."""
AT_ONCE = 20_000
MOST_POISONED = 20
"""Where the engine says the same of more messages than these at once, it is not they that are at fault."""
DAMAGED = reasons_of.as_json("damaged")


@dataclass(frozen=True)
class Settled:
    """What became of some messages: how many were new, were there already, or were set aside; ``last`` is the last."""

    last: int
    new: int = 0
    repeated: int = 0
    aside: int = 0
    changed: bool = False


def settled(engine: DuckDBEngine) -> int:
    """The number of the last message that is in the facts, or set aside."""
    return int(engine.value("SELECT value FROM meta WHERE key = ?", [MARK]) or 0)


class Settling:
    """Takes what comes after the last settled message out of the log, in one thread."""

    def __init__(self, engine: DuckDBEngine, settings: Settings, log: Log, rates: Path | None = None) -> None:
        self._engine = engine
        self._settings = settings
        self._log = log
        self._rates = rates
        self._standard = standard()

    def settle(self, now: datetime, most: int = AT_ONCE) -> Settled | None:
        """Settle the next messages; None where there are none. ``now`` is naive UTC.

        A message that the engine stumbles over is found by halving, and set aside. Raises `DiskFull`, `ShopDamaged`,
        and what the engine says where it says it of message after message.
        """
        kept = self._log.read(settled(self._engine), most)
        self._stumbled: Counter[str] = Counter()
        done = self._some(kept, now) if kept else None
        if done is not None and done.changed:
            SetAside(self._engine, self._log.append).again_of_known()
        return done

    def _some(self, kept: Sequence[Kept], now: datetime) -> Settled:
        reasons: dict[int, str] = {}
        while True:
            try:
                return self._at_once(kept, reasons, now)
            except taking.Poisoned as poisoned:
                reasons |= poisoned.reasons
            except (DiskFull, ShopDamaged):
                raise
            except RegularsError as error:
                if len(kept) > 1:
                    return self._halved(kept, now)
                # A number that is too large is the message's own, however many say so.
                self._stumbled[str(error.message)] += not isinstance(error, NumberTooLarge)
                if kept[0].number in reasons or self._stumbled[str(error.message)] > MOST_POISONED:
                    raise
                reasons |= {kept[0].number: reasons_of.as_json("engine", error)}

    def _halved(self, kept: Sequence[Kept], now: datetime) -> Settled:
        middle = len(kept) // 2
        first, second = self._some(kept[:middle], now), self._some(kept[middle:], now)
        return Settled(
            second.last,
            first.new + second.new,
            first.repeated + second.repeated,
            first.aside + second.aside,
            first.changed or second.changed,
        )

    def _at_once(self, kept: Sequence[Kept], reasons: dict[int, str], now: datetime) -> Settled:
        engine = self._engine
        with engine.changing_facts():
            stage(engine, [(k.number, k.message) for k in kept if k.message is not None], reasons)
            forget_arrived(engine, now)
            repeated = drop_repeated(engine, now)
            wrong = dict(engine.rows("SELECT number, wrong FROM live_in WHERE wrong <> ''"))
            wrong |= {k.number: DAMAGED for k in kept if k.message is None}
            say(engine)
            late.set_back(engine)
            seen = engine.rows("SELECT DISTINCT type, event, kept_as FROM live_new")
            maps = self._standard.among({(t, e) for t, e, _ in seen})
            taking.refuse(faults(engine, maps))
            changed = self._write(maps, {word for row in seen for word in row if word}, now)
            old, hooked_changed = hooked.write(engine, self._settings, self._rates, now)
            repeated, changed = repeated + old, changed or hooked_changed
            set_aside(engine, kept, wrong)
            if wrong:
                engine.execute(AGAIN)
            last = kept[-1].number
            engine.execute("DELETE FROM meta WHERE key = ?", [MARK])
            engine.execute("INSERT INTO meta VALUES (?, ?)", [MARK, str(last)])
        return Settled(last, len(kept) - repeated - len(wrong), repeated, len(wrong), changed)

    def _write(self, maps: Standard, seen: Set[str], now: datetime) -> bool:
        """What libraries sent, of the types, events and tables ``seen`` in it; whether anything changed."""
        if not seen:
            return False
        own = people.own_fields(self._engine, maps, seen)
        tables = selects.make_tables(self._engine, maps, _beside(maps, seen, own))
        described = "identify" in seen
        if described and late_people.find(self._engine):
            late_people.spare(self._engine)
        rows = int(self._engine.value("SELECT count(*) FROM live_new"))
        prepared = Prepared(LIVE, "", LIVE, LIVE, rows_read=rows, tables=tables, own_fields=own)
        also = partial(people.aliases, self._engine)
        changed = taking.take(self._engine, self._settings, self._rates, prepared, now, "live_new", also)
        people.date_new(self._engine)
        if described:
            late_people.note(self._engine)
        return changed


def _beside(maps: Standard, seen: Set[str], own: tuple[OwnField, ...]) -> dict[str, list[str]]:
    """What messages say beside the maps: of people, and whatever else happened."""
    more: dict[str, list[str]] = {"customers": [sql for t, sql in people.customers(own) if t in seen]}
    if "group" in seen:
        more["accounts"] = [people.accounts()]
    if "events" in seen:
        more["events"] = [EVENTS]
    if seen & {*maps.consent.yes, *maps.consent.no}:
        more["customers"] += people.consents(maps.consent)
    return more


EVENTS = (
    'SELECT m._row, m.customer_id, m.id_platform, m.message_id AS event_id, m."at", m.name, m.properties '
    "FROM live_new m WHERE m.kept_as = 'events'"
)


AGAIN = (
    "DELETE FROM arrived WHERE (high, low) IN (SELECT (high, low) FROM live_in WHERE wrong <> '' AND "
    f"starts_with(message_id, {literal(BY_BODY)}))"
)
"""A platform that tells again what was set aside is heard."""


def stage(engine: DuckDBEngine, good: Sequence[tuple[int, Message]], reasons: Mapping[int, str]) -> None:
    """``live_in``: a row a message, with the two halves of its id's digest, and why it cannot be used if so."""
    numbers, messages = [n for n, _ in good], [m for _, m in good]
    table = pa.table(
        {
            "number": pa.array(numbers, pa.int64()),
            "origin": pa.array([m.origin for m in messages], pa.string()),
            "received_at": pa.array([m.received_at for m in messages], pa.timestamp("us")),
            "sent_at": pa.array([m.sent_at or None for m in messages], pa.string()),
            "message_id": pa.array([m.message_id for m in messages], pa.string()),
            "wrong": pa.array([reasons.get(n) or m.wrong for n, m in good], pa.string()),
            "body": pa.array([m.body for m in messages], pa.string()),
        }
    )
    engine.register("loading", table)
    mark = "origin || chr(31) || message_id"
    try:
        make_temp(
            engine,
            "live_in",
            f"SELECT *, (md5_number_upper({mark}) >> 1)::BIGINT AS high, "
            f"(md5_number_lower({mark}) >> 1)::BIGINT AS low FROM loading",
        )
    finally:
        engine.unregister("loading")


def forget_arrived(engine: DuckDBEngine, now: datetime) -> None:
    """Once a day: what came longer ago than `ARRIVED_FOR` is not known as come any more."""
    today = now.date()
    if engine.value("SELECT value FROM meta WHERE key = ?", [FORGOT]) == today.isoformat():
        return
    # Of a shop older than these days; of a clock that ran ahead.
    engine.execute("UPDATE arrived SET day = $1 WHERE day IS NULL OR day > $1", [today])
    engine.execute("DELETE FROM arrived WHERE day < ?", [today - ARRIVED_FOR])
    engine.execute("DELETE FROM meta WHERE key = ?", [FORGOT])
    engine.execute("INSERT INTO meta VALUES (?, ?)", [FORGOT, today.isoformat()])


def drop_repeated(engine: DuckDBEngine, now: datetime) -> int:
    """Take out of ``live_in`` what came before, and note the rest as come; how many were out.

    No more days are looked through than since the oldest of them was made.
    """
    before, made = engine.rows(f"SELECT count(*), min({MADE}) FROM live_in")[0]
    since = (made - SURELY_BEFORE).date() if made else EPOCH.date()
    make_temp(
        engine,
        "live_known",
        "SELECT DISTINCT high, low FROM (SELECT high, low FROM arrived WHERE day >= "
        f"DATE {literal(since.isoformat())}) SEMI JOIN live_in USING (high, low)",
    )
    make_temp(
        engine,
        "live_in",
        "SELECT DISTINCT ON (high, low) * FROM live_in ANTI JOIN live_known USING (high, low) "
        "ORDER BY high, low, number",
    )
    engine.execute("INSERT INTO arrived SELECT high, low, ? FROM live_in ORDER BY number", [now.date()])
    return int(before) - int(engine.value("SELECT count(*) FROM live_in"))


def _happened(said: str, sent: str) -> str:
    """When a message happened, by a client's clock that is put right by when it says it sent.

    at = received - (sent - timestamp). https://segment.com/docs/connections/spec/common/#timestamps
    """
    return f"CASE WHEN ({sent}) IS NULL THEN ({said}) ELSE received_at - (({sent}) - ({said})) END"


_STAMP = values.moment(
    "coalesce(json_extract_string(body, '$.timestamp'), json_extract_string(body, '$.originalTimestamp'))"
)
MADE = (
    f"CASE WHEN wrong = '' AND ({_STAMP}) IS NOT NULL THEN least({_STAMP}, "
    f"{_happened(_STAMP, values.moment('sent_at'))}, received_at) ELSE {literal(EPOCH.isoformat())}::TIMESTAMP END"
)
"""When a message was made at the latest; long ago where it does not say so."""
SURELY_BEFORE = timedelta(days=1)
"""It did not come before it was made, as far as clocks agree. One that did is told by the keys of its rows."""


def say(engine: DuckDBEngine) -> None:
    """``live_new`` out of ``live_in``: what each message says of itself, and when it happened, never later than
    received."""
    heads = ["type", "event", "userId", "anonymousId", "timestamp", "originalTimestamp", "name"]
    listed = ", ".join(literal(f"$.{h}") for h in heads)
    taken = ", ".join(f"nullif(trim(h[{i}]), '') AS h{i}" for i in range(1, len(heads) + 1))
    happened = _happened(values.moment("coalesce(h5, h6)"), values.moment("sent_at"))
    names = ", ".join(map(literal, standard().events))
    make_temp(
        engine,
        "live_said",
        'SELECT row_number() OVER (ORDER BY "at", number) AS _row, * FROM (SELECT number, origin, '
        "received_at, message_id, body, type, name, event, user_id, anonymous_id, stamp, "
        'coalesce(least(said_at, received_at), received_at) AS "at", '
        "json_extract(body, '$.properties') AS properties, "
        "coalesce(CASE WHEN json_type(body, '$.traits') = 'OBJECT' THEN json_extract(body, '$.traits') END, "
        "json_extract(body, '$.context.traits')) AS traits, json_extract(body, '$.context') AS context, "
        f"{_kept_as(names)} AS kept_as FROM (SELECT number, origin, received_at, message_id, body, "
        f"h1 AS type, CASE WHEN h1 = 'track' THEN h2 ELSE h7 END AS name, {folded('h2')} AS event, h3 AS "
        f"user_id, h4 AS anonymous_id, coalesce(h5, h6) AS stamp, {happened} AS said_at FROM (SELECT *, {taken} FROM "
        f"(SELECT number, origin, received_at, sent_at, message_id, body::JSON AS body, "
        f"json_extract_string(body, [{listed}]) AS h FROM live_in WHERE wrong = '' "
        "AND coalesce(json_extract_string(body, '$.type'), '') <> 'rows'))))",
    )
    people.make_new_hints(engine)


def folded(text: str) -> str:
    """How names of events are compared."""
    return f"lower(trim(regexp_replace({text}, '[ _-]+', ' ', 'g')))"


def _kept_as(names: str) -> str:
    """The table whose properties a message's are, if any."""
    return (
        f"CASE WHEN type = 'track' AND event NOT IN ({names}) THEN 'events' WHEN type IN ('page', 'screen') THEN "
        "'visits' WHEN event IN ('checkout started', 'started checkout') THEN 'checkouts' END"
    )


def faults(engine: DuckDBEngine, maps: Standard) -> dict[int, str]:
    """Number -> reason of messages that say what cannot be read, or lack what they need."""
    no_moment = reasons_of.all_of([reasons_of.as_sql("no-moment", "left(m.stamp, 40)")])
    too_old = literal(reasons_of.as_json("too-old"))
    unread = (
        f"SELECT m._row, {no_moment} AS reason FROM live_new m WHERE m.stamp IS NOT NULL AND "
        f"({values.moment('m.stamp')}) IS NULL UNION ALL SELECT m._row, {too_old} FROM live_new m "
        "WHERE m.\"at\" < TIMESTAMP '1900-01-01'"
    )
    lacking = " UNION ALL ".join([unread, people.consent_faults(maps.consent), *selects.faults(maps)])
    return dict(
        engine.rows(f"SELECT n.number, min(f.reason) FROM ({lacking}) f JOIN live_new n USING (_row) GROUP BY 1")
    )


def set_aside(engine: DuckDBEngine, kept: Sequence[Kept], reasons: Mapping[int, str]) -> None:
    """Keep what cannot be used, with the reason, where a person can look at it."""
    found = [(k.number, k.message or Message("", EPOCH, "", "", "", "null")) for k in kept if k.number in reasons]
    if not found:
        return
    table = pa.table(
        {
            "number": pa.array([n for n, _ in found], pa.int64()),
            "received_at": pa.array([m.received_at for _, m in found], pa.timestamp("us")),
            "origin": pa.array([m.origin for _, m in found], pa.string()),
            "reason": pa.array([reasons[n] for n, _ in found], pa.string()),
            "body": pa.array([m.body for _, m in found], pa.string()),
        }
    )
    engine.register("loading", table)
    try:
        engine.execute("INSERT INTO set_aside SELECT * FROM loading")
    finally:
        engine.unregister("loading")


__all__ = ["AT_ONCE", "LIVE", "MARK", "Settled", "Settling", "settled"]
