"""The tables of ``outreach.sqlite``, a block a concern; a step for each version that changed one of them.

Moments are naive UTC as ISO text, so that they sort as text.
"""

from __future__ import annotations

from collections.abc import Sequence

META = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;
"""
"""``settings``: of each channel, and those of the gate; secrets are not among them."""

CAMPAIGNS = """
CREATE TABLE IF NOT EXISTS campaigns (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, folded TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
    why TEXT NOT NULL DEFAULT '', version INTEGER NOT NULL, doc TEXT NOT NULL, changed_at TEXT NOT NULL,
    changed_by TEXT NOT NULL DEFAULT '', began_at TEXT, ended_at TEXT);
CREATE TABLE IF NOT EXISTS campaign_versions (
    campaign_id INTEGER NOT NULL, version INTEGER NOT NULL, doc TEXT NOT NULL, changed_at TEXT NOT NULL,
    changed_by TEXT NOT NULL, PRIMARY KEY (campaign_id, version)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refused (campaign_id INTEGER PRIMARY KEY, times INTEGER NOT NULL, at TEXT NOT NULL);
"""
"""``why``: what paused it, a code of ``reasons`` or "" where a person did. Ids are never used twice.
``refused``: how often a scheduled one could not begin at its hour, and when last."""

AUDIENCE = """
CREATE TABLE IF NOT EXISTS audience (
    campaign_id INTEGER NOT NULL, customer_id TEXT NOT NULL, variant TEXT NOT NULL, arm TEXT NOT NULL,
    test TEXT NOT NULL DEFAULT '', left_out TEXT NOT NULL DEFAULT '', decided_at TEXT NOT NULL,
    prior TEXT NOT NULL DEFAULT '{}', PRIMARY KEY (campaign_id, customer_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS audience_of ON audience (customer_id);
"""

DELIVERIES = """
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, campaign_id INTEGER NOT NULL, customer_id TEXT NOT NULL,
    occasion TEXT NOT NULL DEFAULT '', variant TEXT NOT NULL, channel TEXT NOT NULL, address TEXT NOT NULL DEFAULT '',
    domain TEXT NOT NULL DEFAULT '', state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', due_at TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, claim TEXT, message_id TEXT NOT NULL DEFAULT '', sent_at TEXT,
    updated_at TEXT NOT NULL, UNIQUE (campaign_id, customer_id, occasion));
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (channel, due_at) WHERE state IN ('queued', 'failed_temporary');
CREATE INDEX IF NOT EXISTS deliveries_claimed ON deliveries (claim) WHERE claim IS NOT NULL;
CREATE INDEX IF NOT EXISTS deliveries_state ON deliveries (campaign_id, state);
CREATE INDEX IF NOT EXISTS deliveries_of ON deliveries (customer_id, sent_at);
CREATE INDEX IF NOT EXISTS deliveries_sent ON deliveries (sent_at) WHERE sent_at IS NOT NULL;
"""
"""``claim``: the run that holds it, see `queue`. ``reason``: a code of ``reasons``, or what the other side said."""

RESPONSES = """
CREATE TABLE IF NOT EXISTS responses (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, delivery_id INTEGER NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL,
    link TEXT NOT NULL DEFAULT '', machine INTEGER, agent TEXT NOT NULL DEFAULT '', said TEXT NOT NULL DEFAULT '',
    settled INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS responses_of ON responses (delivery_id, kind);
CREATE INDEX IF NOT EXISTS responses_new ON responses (seq) WHERE settled = 0;
CREATE TABLE IF NOT EXISTS suppressed (
    channel TEXT NOT NULL, mark TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (channel, mark)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS links (
    campaign_id INTEGER NOT NULL, number INTEGER NOT NULL, url TEXT NOT NULL,
    PRIMARY KEY (campaign_id, number), UNIQUE (campaign_id, url));
CREATE TABLE IF NOT EXISTS codes (
    code TEXT PRIMARY KEY, campaign_id INTEGER NOT NULL, customer_id TEXT NOT NULL, made_at TEXT NOT NULL,
    until TEXT, redeemed_at TEXT, order_id TEXT, UNIQUE (campaign_id, customer_id)) WITHOUT ROWID;
"""
"""``suppressed.mark`` is a keyed digest of a customer's id or of an address: see `suppression`. ``settled``: whether
a response is in the facts."""

AUTOMATIONS = """
CREATE TABLE IF NOT EXISTS automations (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, folded TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
    why TEXT NOT NULL DEFAULT '', doc TEXT NOT NULL, changed_at TEXT NOT NULL, changed_by TEXT NOT NULL DEFAULT '',
    started_at TEXT, looked_at TEXT, cursor INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS enrolments (
    automation_id INTEGER NOT NULL, customer_id TEXT NOT NULL, occasion TEXT NOT NULL, step INTEGER NOT NULL,
    state TEXT NOT NULL, began_at TEXT NOT NULL, due_at TEXT NOT NULL, ended_at TEXT, why TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (automation_id, customer_id, occasion)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS enrolments_due ON enrolments (automation_id, due_at) WHERE state = 'under way';
CREATE INDEX IF NOT EXISTS enrolments_of ON enrolments (customer_id);
CREATE TABLE IF NOT EXISTS taken (
    campaign_id INTEGER NOT NULL, form TEXT NOT NULL, last INTEGER NOT NULL, rows INTEGER NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (campaign_id, form, at)) WITHOUT ROWID;
"""
"""``cursor``: the last change of memberships that was followed. ``taken``: which forms of a list were made, up to which
delivery."""

TABLES: Sequence[str] = (META, CAMPAIGNS, AUDIENCE, DELIVERIES, RESPONSES, AUTOMATIONS)
VERSION = 1
STEPS: dict[int, str] = {}
"""Version -> what makes the next one of it."""
