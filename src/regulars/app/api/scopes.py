"""What a key may do."""

from __future__ import annotations

from collections.abc import Mapping

SCOPES: Mapping[str, str] = {
    "segments:read": "Read segments, their members' ids, and count rules",
    "segments:write": "Write and remove segments",
    "customers:read": "Read people: names, addresses, what they did",
    "imports:read": "Read receipts",
    "imports:write": "Bring files in, take imports back",
    "write": "Send messages in live, as Segment's and RudderStack's libraries do",
    "changes:read": "Read who entered and left segments",
    "campaigns:read": "Read campaigns, whom they reach and what came of them",
    "campaigns:send": "Send campaigns, pause and stop them",
    "automations:read": "Read automations, how many people are in them and what their steps brought",
    "automations:write": "Write, change and remove drafts of automations",
    "automations:run": "Make ready automations drafts, switch automations on and off, pause them",
    "lists:read": "Take out lists of people: who to call, addresses, audiences",
    "lists:write": "Write down what came of calls",
    "insight:read": "Ask what the analyses say",
    "customers:write": "Join customers that are one person, and take them apart",
}
