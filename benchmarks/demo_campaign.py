"""A campaign to everybody of the demo shop who may be written to, by the command line and by the pages.

Both write to a real SMTP server, a process of its own on the loopback. Whoever may be written to is worked out beside
it from the facts alone; each must have exactly one message, which is parsed back and must be the one meant for them.

    python -m benchmarks.demo_campaign --customers 32000
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from email.message import EmailMessage
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import quote, urlencode

from tests.outreach.postbox import parsed, read_file

from benchmarks.send import postbox, set_up
from regulars.outreach.campaign import Campaign, Variant
from regulars.shop import Shop

REGULARS = (sys.executable, "-c", "from regulars.cli import main; main()")
GREETING = "{% if customer.first_name %}Hello {{ customer.first_name }},{% else %}Hello,{% endif %}"
CONTENT = {"subject": "New this week — naïve “quotes” & ключ", "blocks": [
    {"kind": "text", "text": f"{GREETING}\n\nYou were here {{{{ orders.count }}}} times. **Have a look.**"},
    {"kind": "products", "choose": "next", "text": "Perhaps for you"},
    {"kind": "button", "text": "See what is new", "link": "https://shop.example/new?a=1&b=2"}]}
MAY_BE_WRITTEN_TO = """
SELECT lower(trim(email)), any_value(customer_id ORDER BY customer_id) FROM customers c
WHERE email_consent AND nullif(trim(email), '') IS NOT NULL AND NOT EXISTS (FROM messages m
    WHERE m.customer_id = c.customer_id AND m.channel = 'email' AND (m.type = 'complained'
    OR (m.type = 'unsubscribed' AND m."at" >= coalesce(c.email_consent_at, TIMESTAMP '1970-01-01'))))
AND (SELECT count(*) FROM messages b WHERE b.customer_id = c.customer_id AND b.channel = 'email' AND b.type = 'bounced'
    AND NOT EXISTS (FROM messages h WHERE h.customer_id = c.customer_id AND h.channel = 'email' AND h."at" >= b."at"
        AND h.type IN ('delivered', 'opened', 'clicked', 'replied') AND h.machine IS NOT TRUE)) < 3
GROUP BY 1"""
"""Who agreed, never complained, has not left since, and whose last three messages did not all come back."""
NAMES = ("By the command line", "By the pages")


def made(folder: Path, customers: int, port: int) -> dict[str, str]:
    """The shop with a campaign for each way; whoever may be written to, by address."""
    subprocess.run([*REGULARS, "demo-shop", str(folder), "--customers", str(customers)], check=True)
    with Shop.open(folder) as shop:
        set_up(shop, port, 2)
        shop.segments.add("All", "everyone", now=shop.moment())
        shop.segments.refresh(shop.moment())
        for name in NAMES:
            shop.campaigns.add(Campaign(name, ("All",), (), (Variant("one", content=CONTENT),), control_share=0.0,
                                        language="en"), now=shop.moment())
        return dict(shop.engine.rows(MAY_BE_WRITTEN_TO))


def by_the_pages(folder: Path, name: str, patience: float) -> None:
    """Sign in, press send until it begins, and wait until it says that it is sent."""
    process = subprocess.Popen([*REGULARS, "serve", "--demo", "--shop", str(folder), "--port", "8123"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                               env={**os.environ, "PYTHONUNBUFFERED": "1"})
    assert process.stdout is not None
    address = process.stdout.readline().split()[-1].rstrip("/")
    password = process.stdout.readline().split()[-1]
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(path: str) -> str:
        return str(browser.open(f"{address}{path}").read().decode())

    def post(path: str, page: str, **said: str) -> None:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', get(page))
        assert found is not None
        browser.open(urllib.request.Request(
            f"{address}{path}", urlencode({"csrfmiddlewaretoken": found[1], **said}).encode(),
            {"Referer": f"{address}{page}"})).read()
    try:
        entrance = browser.open(f"{address}/").url.removeprefix(address)
        post(entrance, entrance, login="owner@demo.example", password=password)
        until = time.monotonic() + patience
        while "sent in all" not in (page := get(f"/campaigns/progress/{quote(name)}/")) or "delay:3s" in page:
            assert time.monotonic() < until, page + get(f"/campaigns/checked/{quote(name)}/")
            if "a draft" in page:
                # Begun while the segment is still looked at, it says to try again in a moment.
                post(f"/campaigns/do/send/{quote(name)}/", "/campaigns/new/")
            time.sleep(1)
    finally:
        process.terminate()
        process.wait(30)


def checked(mail: list[tuple[str, bytes]], expected: dict[str, str], first_names: dict[str, str]) -> str:
    """How many there are, each parsed back; raises where somebody has none, two, or another's."""
    got = Counter(to.lower() for to, _ in mail)
    assert set(got) == set(expected), (len(got), len(expected), sorted(set(got) ^ set(expected))[:20])
    assert max(got.values()) == 1
    ids = set()
    for to, data in mail:
        message = parsed(data)
        html = message.get_body(("html",))
        assert b"\n" not in data.replace(b"\r\n", b"") and isinstance(html, EmailMessage)
        assert message["To"].addresses[0].addr_spec.lower() == to.lower()
        assert message["Subject"] == CONTENT["subject"] and message["List-Unsubscribe-Post"]
        greeting = f"Hello {first_names[to.lower()]}," if first_names.get(to.lower()) else "Hello,"
        assert message.get_body(("plain",)).get_content().startswith(greeting), to
        assert "See what is new" in html.get_content()
        ids.add(message["Message-ID"])
    assert len(ids) == len(mail)
    return f"{len(mail):,} messages, {sum(len(data) for _, data in mail) / len(mail) / 1000:.1f} kB each"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=32_000)
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, postbox(Path(scratch), "mail") as port:
        folder = Path(scratch) / "shop"
        expected = made(folder, said.customers, port)
        print(f"{said.customers:,} customers, {len(expected):,} may be written to", flush=True)
        with Shop.open(folder) as shop:
            first_names = dict(shop.engine.rows(
                "SELECT lower(trim(email)), any_value(first_name ORDER BY customer_id) FROM customers GROUP BY 1"))
        before = 0
        for name in NAMES:
            began = time.perf_counter()
            if name == NAMES[0]:
                subprocess.run([*REGULARS, "campaign", "send", name, "--wait", "--shop", str(folder)], check=True)
            else:
                by_the_pages(folder, name, 60 + said.customers / 50)
            took = time.perf_counter() - began
            mail = read_file(Path(scratch) / "mail")[before:]
            before += len(mail)
            print(f"{name}: {checked(mail, expected, first_names)}, {took:.0f} s in all", flush=True)


if __name__ == "__main__":
    main()
