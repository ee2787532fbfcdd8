"""Where a delivery can stand, and what may follow what."""

from __future__ import annotations

QUEUED = "queued"
SENDING = "sending"
"""Handed over, and nobody has said yet whether it was taken."""
SENT, DELIVERED, COMPLAINED = "sent", "delivered", "complained"
BOUNCED_HARD, BOUNCED_SOFT = "bounced_hard", "bounced_soft"
FAILED_TEMPORARY, FAILED_PERMANENT = "failed_temporary", "failed_permanent"
UNKNOWN = "unknown"
"""Was under way when the process or the line broke: never sent again by itself."""
LEFT_OUT, STOPPED = "left_out", "stopped"

STATES = (QUEUED, SENDING, SENT, DELIVERED, BOUNCED_HARD, BOUNCED_SOFT, COMPLAINED, FAILED_TEMPORARY, FAILED_PERMANENT,
          UNKNOWN, LEFT_OUT, STOPPED)
WAITING = (QUEUED, FAILED_TEMPORARY)
"""Still to be sent, now or later."""
OPEN = (*WAITING, SENDING)
WENT_OUT = (SENDING, SENT, DELIVERED, BOUNCED_HARD, BOUNCED_SOFT, COMPLAINED, UNKNOWN)
"""Has, or may have, left the house: what the frequency cap counts."""
TOOK = (SENT, DELIVERED, COMPLAINED)
"""The other side took it."""
ANSWERED: dict[str, tuple[str, tuple[str, ...]]] = {
    "delivered": (DELIVERED, (SENDING, SENT, UNKNOWN)),
    "opened": (DELIVERED, (SENT, UNKNOWN)),
    "clicked": (DELIVERED, (SENT, UNKNOWN)),
    "replied": (DELIVERED, (SENT, UNKNOWN)),
    "bounced": (BOUNCED_HARD, (SENDING, SENT, DELIVERED, UNKNOWN)),
    "bounced softly": (BOUNCED_SOFT, (SENDING, SENT, UNKNOWN)),
    "complained": (COMPLAINED, (SENDING, SENT, DELIVERED, UNKNOWN)),
    "unsubscribed": (DELIVERED, (SENT, UNKNOWN)),
}
"""What a response makes of a delivery, and of which states: an answer proves that an unknown one arrived."""


def listed(states: tuple[str, ...]) -> str:
    """States for an SQL list."""
    return ", ".join(f"'{each}'" for each in states)
