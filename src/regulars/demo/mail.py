"""What was sent to customers and what they did with it: opened, clicked, bounced, complained, unsubscribed, replied."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from regulars.demo import columns as made
from regulars.demo.calendar import DAY, HISTORY
from regulars.demo.catalogue import ALBUM_WORDS, ARTISTS
from regulars.demo.columns import Flags, Floats, Ints, rank_within
from regulars.demo.crowd import NEVER, WELCOMES, Crowd
from regulars.demo.world import World

TYPES = ("sent", "opened", "clicked", "bounced", "complained", "unsubscribed", "replied")
SENT, OPENED, CLICKED, BOUNCED, COMPLAINED, UNSUBSCRIBED, REPLIED = range(7)
MACHINE = 7
SUFFIXES = ("", "-o", "-c", "-b", "-s", "-u", "-r", "-m")
WAYS = ("email", "sms", "post", "phone")
EMAIL, SMS, POST, CALL = range(4)
SHOP = "https://lindenhof.example"
UNSUBSCRIBES = 0.004
BOUNCES_BEFORE_GIVING_UP = 3


@dataclass
class Mailings:
    """Everything the shop has mailed, one entry a campaign; the welcome variants come first."""

    names: tuple[str, ...]
    ways: Ints
    links: tuple[str, ...]
    promo: Flags


@dataclass
class Sent:
    """One entry a message, sorted by customer and moment."""

    owner: Ints
    at: Ints
    campaign: Ints

    def where(self, rows: Flags) -> Sent:
        return Sent(self.owner[rows], self.at[rows], self.campaign[rows])


def mailings(world: World) -> Mailings:
    campaigns = world.calendar.campaigns
    names = [*WELCOMES, *(c.name for c in campaigns), *(f"New record by {a}" for a in ARTISTS)]
    ways = [EMAIL] * len(WELCOMES) + [WAYS.index(c.channel) for c in campaigns] + [EMAIL] * len(ARTISTS)
    links = ["/welcome"] * len(WELCOMES) + [c.link for c in campaigns] + ["/records"] * len(ARTISTS)
    promo = [False] * len(WELCOMES) + [c.promo >= 0 for c in campaigns] + [False] * len(ARTISTS)
    return Mailings(tuple(names), np.array(ways, np.int64), tuple(SHOP + path for path in links), np.array(promo))


def messages(world: World, crowd: Crowd, first_number: int) -> tuple[pa.Table, int, Flags]:
    """The table of this chunk, how many messages were sent in it, and who has unsubscribed."""
    random = world.random(crowd.chunk, "messages")
    mailed = mailings(world)
    sent = _everything_sent(world, crowd, mailed)
    wrong = crowd.consent & (crowd.clicked == NEVER) & (random.random(len(crowd)) < 0.015)
    sent, leaves = _until_they_leave(random, sent, mailed, wrong)
    left = np.zeros(len(crowd), bool)
    left[sent.owner[leaves]] = True
    parts = _responses(world, random, crowd, mailed, sent, wrong, leaves)
    return _table(world, crowd, mailed, sent, parts, first_number), len(sent.owner), left


def _everything_sent(world: World, crowd: Crowd, mailed: Mailings) -> Sent:
    """To everyone who agreed and was there by then, had nobody ever left."""
    parts = [Sent(w := np.flatnonzero(crowd.consent & (crowd.signed_up + 3600 <= world.calendar.now)),
                  crowd.signed_up[w] + 3600, crowd.welcome[w])]
    allowed = np.stack([crowd.consent, crowd.sms, crowd.post, crowd.calls])
    for number, each in enumerate(world.calendar.campaigns, start=len(WELCOMES)):
        who = np.flatnonzero(allowed[mailed.ways[number]] & (crowd.signed_up + DAY < each.at))
        parts.append(Sent(who, np.full(len(who), each.at), np.full(len(who), number)))
    parts += _releases(world, crowd)
    owner, at, campaign = (np.concatenate([getattr(p, f) for p in parts]) for f in ("owner", "at", "campaign"))
    order = np.lexsort((campaign, at, owner))
    return Sent(owner[order], at[order], campaign[order])


def _releases(world: World, crowd: Crowd) -> list[Sent]:
    """Collectors hear of each new record by the artist they follow."""
    collects = np.array([a.behaviour == "collector" for a in world.archetypes])[crowd.kind] & crowd.consent
    first = len(WELCOMES) + len(world.calendar.campaigns)
    released = world.goods.released[world.goods.records_from:].reshape(-1, len(ALBUM_WORDS))
    parts = []
    for artist, days in enumerate(released):
        for day in days[(days >= 0) & (days < HISTORY)]:
            at = int(world.calendar.midnights[day]) + 9 * 3600
            who = np.flatnonzero(collects & (crowd.artist == artist) & (crowd.signed_up + DAY < at))
            parts.append(Sent(who, np.full(len(who), at), np.full(len(who), first + artist)))
    return parts


def _until_they_leave(random: np.random.Generator, sent: Sent, mailed: Mailings, wrong: Flags) -> tuple[Sent, Flags]:
    """Nothing by e-mail after an unsubscription or three bounces; also which of those kept were the last straw."""
    mail = mailed.ways[sent.campaign] == EMAIL
    may_leave = mail & ~wrong[sent.owner] & (sent.campaign >= len(WELCOMES))
    leaves = may_leave & (random.random(len(sent.owner)) < UNSUBSCRIBES)
    straw = np.full(len(wrong), NEVER)
    np.minimum.at(straw, sent.owner[leaves], np.flatnonzero(leaves))
    position = np.arange(len(sent.owner))
    rank = np.zeros(len(sent.owner), np.int64)
    rank[mail] = rank_within(sent.owner[mail])
    kept = ~mail | ((position <= straw[sent.owner]) & (~wrong[sent.owner] | (rank < BOUNCES_BEFORE_GIVING_UP)))
    return sent.where(kept), (leaves & (position == straw[sent.owner]))[kept]


def _responses(world: World, random: np.random.Generator, crowd: Crowd, mailed: Mailings, sent: Sent, wrong: Flags,
               leaves: Flags) -> list[tuple[int, Ints, Ints]]:
    """Kind of response, the message it is to, and when."""
    size, kind = len(sent.owner), crowd.kind[sent.owner]
    mail = mailed.ways[sent.campaign] == EMAIL
    arrived = mail & ~wrong[sent.owner]
    welcome = sent.campaign < len(WELCOMES)
    clicked_welcome = welcome & (crowd.clicked[sent.owner] < NEVER)
    chance = np.minimum(world.of("opens")[kind] * np.where(mailed.promo[sent.campaign], 1.15, 1.0), 0.95)
    opens = (arrived & (random.random(size) < chance)) | clicked_welcome
    opened_at = sent.at + _delays(random, size)
    opened_at = np.where(clicked_welcome, np.maximum(crowd.clicked[sent.owner] - 240, sent.at + 20), opened_at)
    clicks = (opens & ~welcome & (random.random(size) < world.of("clicks")[kind])) | clicked_welcome
    clicked_at = np.where(clicked_welcome, crowd.clicked[sent.owner], opened_at + random.integers(8, 600, size))
    by_text = (mailed.ways[sent.campaign] == SMS) & (random.random(size) < 0.06)
    answered = (mailed.ways[sent.campaign] == CALL) & (random.random(size) < 0.35)
    soon = sent.at + random.integers(60, 2 * DAY, size)
    at_once = sent.at + random.integers(2, 120, size)
    found = [(OPENED, opens, opened_at), (MACHINE, arrived & crowd.proxy[sent.owner], at_once),
             (CLICKED, clicks, clicked_at), (CLICKED, by_text, soon), (REPLIED, answered, soon),
             (BOUNCED, mail & wrong[sent.owner], sent.at + 4), (UNSUBSCRIBED, leaves, soon),
             (COMPLAINED, leaves & (random.random(size) < 0.08), soon + 5)]
    return [(what, rows := np.flatnonzero(which & (at <= world.calendar.now)), at[rows]) for what, which, at in found]


def _delays(random: np.random.Generator, size: int) -> Ints:
    """Two or three hours as a rule, six days at most."""
    hours: Floats = np.minimum(random.lognormal(0.9, 1.2, size), 144)
    return (hours * 3600).astype(np.int64) + 30


def _table(world: World, crowd: Crowd, mailed: Mailings, sent: Sent, parts: list[tuple[int, Ints, Ints]],
           first_number: int) -> pa.Table:
    every = [(SENT, np.arange(len(sent.owner)), sent.at), *parts]
    what = np.concatenate([np.full(len(rows), kind) for kind, rows, _ in every])
    to, at = np.concatenate([rows for _, rows, _ in every]), np.concatenate([when for _, _, when in every])
    order = np.lexsort((what, to, at, sent.owner[to]))
    what, to, at = what[order], to[order], at[order]
    campaign, opened = sent.campaign[to], (what == OPENED) | (what == MACHINE)
    found = {"message_id": made.joined(made.ids("M", first_number + to, 8), made.labels(SUFFIXES, what)),
             "customer_id": crowd.ids(sent.owner[to]), "at": made.moments(at),
             "type": made.labels(TYPES, np.where(what == MACHINE, OPENED, what)),
             "channel": made.labels(WAYS, mailed.ways[campaign]), "campaign": made.labels(mailed.names, campaign),
             "link": made.labels(mailed.links, np.where(what == CLICKED, campaign, -1)),
             "machine": made.yesno(what == MACHINE, opened)}
    return pa.table(found, schema=made.schema("messages", list(found)))
