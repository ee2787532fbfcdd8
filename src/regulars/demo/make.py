"""Making a demo shop: canonical tables as Parquet files, a chunk of customers at a time, and the truth beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from regulars.demo import browsing, firms, ledger, mail, people, service, truth
from regulars.demo.archetypes import ARCHETYPES, Archetype
from regulars.demo.baskets import fill_baskets
from regulars.demo.crowd import draw_crowd
from regulars.demo.orders import draw_orders
from regulars.demo.refusals import why
from regulars.demo.world import World
from regulars.errors import Refused
from regulars.model.settings import Settings, checked

ORDER = ("accounts", "customers", "products", "orders", "lines", "messages", "visits", "checkouts", "tickets", "events",
         "answers", "costs")
"""The tables in the order they are best imported."""
CHUNK = 20_000
TRUTH = "ground_truth"
SETTINGS = Settings(name="De Lindenhof", currency="EUR", timezone="Europe/Amsterdam", country="NL")
"""A builder's yard with garden, home, gifts and a record corner."""


@dataclass(frozen=True)
class Demo:
    """What was made: the file of each table, in `ORDER`, with its rows; and where the truth is."""

    files: Mapping[str, Path]
    rows: Mapping[str, int]
    truth_of_customers: Path
    truth_of_shop: Path


@dataclass
class _Numbers:
    """The next number of each kind of id."""

    account: int = 1
    order: int = 1
    message: int = 1
    visit: int = 1
    checkout: int = 1
    ticket: int = 1
    event: int = 1


def make_demo(folder: Path | str, customers: int = 5000, seed: int = 1, *, now: datetime, settings: Settings = SETTINGS,
              archetypes: Sequence[Archetype] = ARCHETYPES, progress: Callable[[int, int], None] | None = None) -> Demo:
    """Write the tables of a shop of so many customers into ``folder``, the same for the same arguments.

    ``now`` is UTC without zone: nothing happens after it. Amounts are in the settings' currency. ``progress`` is told
    customers done and to do. Raises `Refused` for no customers, or a country none of whose cities is known.
    """
    if customers < 1:
        raise Refused(why("A demo shop needs at least one customer."))
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    world = World(now, checked(settings), seed, archetypes)
    files = _Files(target)
    with files.stack:
        files.write({"products": ledger.products_table(world), "costs": ledger.costs_table(world, customers)})
        numbers = _Numbers()
        for chunk, first in enumerate(range(1, customers + 1, CHUNK)):
            size = min(CHUNK, customers + 1 - first)
            for part in _chunk(world, chunk, first, size, numbers):
                files.write(part)
            if progress:
                progress(first + size - 1, customers)
    shop_truth = target / f"{TRUTH}.json"
    rows = {t: files.rows[t] for t in ORDER}
    shop_truth.write_text(json.dumps(truth.of_shop(world, rows), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return Demo({t: files.path(t) for t in ORDER}, rows, files.path(TRUTH), shop_truth)


def _chunk(world: World, chunk: int, first: int, size: int, numbers: _Numbers) -> Iterator[dict[str, pa.Table]]:
    """The tables of some customers, a few at a time so that no more than needed is held at once."""
    crowd = draw_crowd(world, chunk, first, size)
    orders, returning = draw_orders(world, crowd)
    lines, bills = fill_baskets(world, crowd, orders)
    yield {"orders": ledger.orders_table(world, crowd, orders, bills, numbers.order)}
    yield {"lines": ledger.lines_table(world, crowd, orders, lines, numbers.order)}
    messages, sent, left = mail.messages(world, crowd, numbers.message)
    yield {"messages": messages}
    plans = people.draw_plans(world, crowd, returning)
    accounts, of_customer = firms.draw_accounts(world, crowd, numbers.account)
    yield {"accounts": accounts, "customers": people.customers(world, crowd, orders, plans, of_customer, left),
           TRUTH: truth.of_customers(world, crowd, orders, returning)}
    until = browsing.active_until(world, crowd, orders, returning)
    visits = browsing.visits(world, crowd, orders, until, numbers.visit)
    yield {"visits": visits}
    checkouts = browsing.checkouts(world, crowd, orders, bills, numbers.checkout)
    tickets = service.tickets(world, crowd, orders, until, numbers.ticket)
    events = service.events(world, crowd, orders, plans, numbers.event)
    yield {"checkouts": checkouts, "tickets": tickets, "events": events}
    yield {"answers": service.answers(world, crowd, until)}
    numbers.order += len(orders)
    numbers.message += sent
    numbers.account += accounts.num_rows
    numbers.visit += visits.num_rows
    numbers.checkout += checkouts.num_rows
    numbers.ticket += tickets.num_rows
    numbers.event += events.num_rows


@dataclass
class _Files:
    """One Parquet file a table, opened at its first rows and closed with the stack."""

    folder: Path
    stack: ExitStack = field(default_factory=ExitStack)
    rows: dict[str, int] = field(default_factory=dict)
    _open: dict[str, pq.ParquetWriter] = field(default_factory=dict)

    def path(self, table: str) -> Path:
        return self.folder / f"{table}.parquet"

    def write(self, tables: Mapping[str, pa.Table]) -> None:
        for name, table in tables.items():
            if name not in self._open:
                self._open[name] = self.stack.enter_context(
                    pq.ParquetWriter(self.path(name), table.schema, compression="zstd", store_schema=False))
            self._open[name].write_table(table)
            self.rows[name] = self.rows.get(name, 0) + table.num_rows
