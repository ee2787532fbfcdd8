"""How fast a campaign goes out, beside a plain loop of Django's backend that sends the same bytes.

Both write to the same SMTP server, a process of its own on the loopback (aiosmtpd), over connections that are kept.
They take turns, a slice of the people each, so that whatever else the machine does strikes both; what counts is the
ratio of the medians. The campaign's time is all of `drive`: the gate, the fields, the templates, the links, every row
on disk.

    python -m benchmarks.send --customers 20000 --slices 10
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import django
from django.conf import settings as django_settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from tests.outreach.postbox import read_file

from regulars.model.settings import Settings
from regulars.outreach.campaign import Campaign, Variant
from regulars.shop import Shop

WORDS = "Your favourite records came in this week, and some that you may not know yet. "
CONTENT = {"subject": "New this week", "text": WORDS * 20,
           "html": f"<html><body><p>{WORDS * 30}</p><p><a href='https://shop.example/new'>See</a></p></body></html>"}


def make_shop(folder: Path, customers: int, slices: int) -> Path:
    """People who agreed to e-mail, an order each, and a segment a slice."""
    rows = [f"P{n},Person {n},p{n}@mail{n % 7}.example,yes,2026-01-01,Utrecht,NL,{n % slices}"
            for n in range(customers)]
    (folder / "customers.csv").write_text(
        "customer_id,name,email,email_consent,email_consent_at,city,country,slice\n" + "\n".join(rows) + "\n")
    with Shop.create(folder / "shop", Settings(timezone="Europe/Amsterdam", country="NL")) as shop:
        shop.import_file(folder / "customers.csv", as_="customers")
        for n in range(slices):
            shop.segments.add(f"Slice {n}", f"slice = {n}", now=shop.moment())
        shop.segments.refresh(shop.moment())
    return folder / "shop"


@contextmanager
def postbox(folder: Path, mail: str) -> Iterator[int]:
    """The port of a mail server that is a process of its own."""
    port = folder / f"port-{mail}"
    with subprocess.Popen([sys.executable, "-m", "tests.outreach.postbox", str(port), str(folder / mail)]) as running:
        try:
            while not port.exists():
                time.sleep(0.05)
            yield int(port.read_text())
        finally:
            running.kill()


class Bytes(EmailMessage):
    """A message that is there already: the loop's time is that of handing it over."""

    def __init__(self, to: str, data: bytes) -> None:
        super().__init__("", "", "shop@shop.example", [to])
        self._data = data

    def message(self, *_: object, **__: object) -> Bytes:  # type: ignore[override]
        return self

    def as_bytes(self, *_: object, **__: object) -> bytes:
        return self._data


def plain_loop(port: int, messages: Sequence[tuple[str, bytes]]) -> tuple[float, float]:
    """Seconds by the clock and of this process's work."""
    backend = EmailBackend(host="127.0.0.1", port=port, username="", password="", use_tls=False)
    began, worked = time.perf_counter(), time.process_time()
    backend.open()
    for to, data in messages:
        assert backend.send_messages([Bytes(to, data)]) == 1
    backend.close()
    return time.perf_counter() - began, time.process_time() - worked


def campaign(shop: Shop, name: str, segments: Sequence[str]) -> tuple[float, float, int]:
    """Seconds by the clock, of this process's work, and how many messages went."""
    shop.campaigns.add(Campaign(name, tuple(segments), (), (Variant("one", content=CONTENT),), control_share=0),
                       now=shop.moment())
    shop.campaigns.send(name, shop.moment())
    began, worked = time.perf_counter(), time.process_time()
    done = shop.campaigns.drive(lambda: datetime.now(UTC).replace(tzinfo=None))
    assert done.next_due is None
    return time.perf_counter() - began, time.process_time() - worked, done.handed


def set_up(shop: Shop, port: int, connections: int) -> None:
    shop.campaigns.set("email", {"host": "127.0.0.1", "port": port, "security": "plain", "connections": connections,
                                 "sender": "Shop <shop@shop.example>"})
    shop.campaigns.set("gate", {"public_address": "https://shop.example", "quiet_from": 0, "quiet_until": 0,
                                "held_out_share": 0, "cap_messages": 0})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--slices", type=int, default=10)
    parser.add_argument("--connections", type=int, default=2)
    said = parser.parse_args()
    django_settings.configure(EMAIL_TIMEOUT=60, DEFAULT_CHARSET="utf-8")
    django.setup()
    with tempfile.TemporaryDirectory() as scratch, postbox(Path(scratch), "kept") as kept:
        folder = Path(scratch)
        with Shop.open(make_shop(folder, said.customers, said.slices)) as shop:
            set_up(shop, kept, said.connections)
            _, _, sent = campaign(shop, "Whole", [f"Slice {n}" for n in range(said.slices)])
            messages = read_file(folder / "kept")
            ids = {data.partition(b"Message-ID: ")[2].partition(b"\r\n")[0] for _, data in messages}
            print(f"{sent} sent, {len(messages)} at the server, {len(ids)} different, "
                  f"{len({to for to, _ in messages})} people")
            with postbox(folder, "none") as port:
                set_up(shop, port, said.connections)
                compare(shop, port, messages, said.slices)


def compare(shop: Shop, port: int, messages: Sequence[tuple[str, bytes]], slices: int) -> None:
    ours, theirs = [], []
    size = len(messages) // slices
    for n in range(slices):
        wall, work = plain_loop(port, messages[n * size:(n + 1) * size])
        theirs.append((size / wall, work / size * 1000))
        wall, work, sent = campaign(shop, f"Only {n}", [f"Slice {n}"])
        ours.append((sent / wall, work / sent * 1000))
        print(f"slice {n}: loop {theirs[-1][0]:.0f}/s, campaign {ours[-1][0]:.0f}/s "
              f"(CPU of the sender: {theirs[-1][1]:.2f} and {ours[-1][1]:.2f} ms a message)")
    one, other = (statistics.median(s for s, _ in each) for each in (ours, theirs))
    print(f"median: loop {other:.0f}/s, campaign {one:.0f}/s, {one / other:.0%}; {size} messages a slice, "
          f"{sum(len(d) for _, d in messages) / len(messages) / 1000:.1f} kB each")


if __name__ == "__main__":
    main()
