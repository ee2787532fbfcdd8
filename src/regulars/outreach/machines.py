"""Telling people from the machines that open and click mail before them: by rules that can be read and shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from regulars.model.phrases import Sentence, phrases
from regulars.outreach.store import Row, Store, text_of

text, counted = phrases("regulars.outreach", "machines")
AT_ONCE = timedelta(seconds=3)
TOGETHER = timedelta(seconds=10)
MANY = 3
AGENTS = re.compile(r"bot\b|bot/|spider|crawl|scan|preview|prefetch|headless|python|curl|wget|java/|go-http|okhttp|"
                    r"barracuda|proofpoint|mimecast|symantec|trendmicro|sophos|fireeye|forcepoint|zscaler|urldefense|"
                    r"safelinks|yahoomailproxy|^mozilla/5\.0$|^$", re.IGNORECASE)
"""Scanners of mail gateways, fetchers, and Apple's privacy proxy, which calls itself ``Mozilla/5.0`` and no more."""
PREFETCH = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")
NETWORKS = tuple(ip_network(n) for n in ("17.0.0.0/8", "2620:149::/32"))
"""Apple's own, from which its privacy proxy comes where it does not come through a partner."""

RULES: Mapping[str, Sentence] = {
    "agent": text("the program names itself as a scanner, a proxy or a fetcher"),
    "prefetch": text("the program says that it only looks ahead"),
    "head": text("only the head of the page was asked for"),
    "network": text("it comes from a network that opens mail for people"),
    "at_once": text("it came within {seconds} seconds of the sending", seconds=round(AT_ONCE.total_seconds())),
    "all_links": text("{many} links or more, or all of a message, were followed within {seconds} seconds", many=MANY,
                      seconds=round(TOGETHER.total_seconds())),
}
"""Whichever holds: a machine did it. Shown beside every count of openings and clicks."""


def at_the_door(meta: Mapping[str, str], method: str) -> str:
    """The rule by which a request (its WSGI environment) is a machine's; "" where none says so."""
    if method == "HEAD":
        return "head"
    if any("prefetch" in meta.get(h, "").lower() or "preview" in meta.get(h, "").lower() for h in PREFETCH):
        return "prefetch"
    if AGENTS.search(meta.get("HTTP_USER_AGENT", "").strip()):
        return "agent"
    return "network" if _known_network(meta.get("REMOTE_ADDR", "")) else ""


def _known_network(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in NETWORKS if network.version == found.version)


def judge(store: Store, now: datetime) -> None:
    """Decide what could not be told at the door: what came too soon, and who followed every link at once.

    Those of the last moments are looked at too, and again later.
    """
    rows = store.rows(
        "SELECT r.seq, r.delivery_id, r.kind, r.at, r.link, r.machine, d.sent_at, d.campaign_id FROM responses r JOIN "
        "deliveries d ON d.id = r.delivery_id WHERE r.delivery_id IN (SELECT delivery_id FROM responses WHERE settled "
        "= 0 AND kind IN ('opened', 'clicked') AND machine IS NULL) AND r.kind IN ('opened', 'clicked') "
        "ORDER BY r.delivery_id, r.at")
    found = {*_too_soon(rows), *_all_links(store, rows)}
    certain = text_of(now - TOGETHER)
    with store.writing() as c:
        c.executemany("UPDATE responses SET machine = 1 WHERE seq = ? AND settled = 0", [(seq,) for seq in found])
        c.execute("UPDATE responses SET machine = 0 WHERE settled = 0 AND machine IS NULL AND at <= ? AND kind IN "
                  "('opened', 'clicked')", [certain])


def _too_soon(rows: list[Row]) -> Iterator[int]:
    for seq, _, _, at, _, machine, sent_at, _ in rows:
        if machine is None and sent_at and datetime.fromisoformat(at) - datetime.fromisoformat(sent_at) < AT_ONCE:
            yield seq


def _all_links(store: Store, rows: list[Row]) -> Iterator[int]:
    """Clicks of a delivery within `TOGETHER` on `MANY` links, or on every link there is where there are two."""
    clicks: dict[int, list[tuple[int, datetime, str]]] = {}
    campaigns: dict[int, int] = {}
    for seq, delivery, kind, at, link, _, _, campaign in rows:
        if kind == "clicked":
            clicks.setdefault(delivery, []).append((seq, datetime.fromisoformat(at), link))
            campaigns[delivery] = campaign
    for delivery, those in clicks.items():
        there = store.value("SELECT count(*) FROM links WHERE campaign_id = ?", [campaigns[delivery]])
        many = MANY if there > MANY else max(there, 2)
        for _, began, _ in those:
            near = [c for c in those if began <= c[1] <= began + TOGETHER]
            if len({link for _, _, link in near}) >= many:
                yield from (seq for seq, _, _ in near)
