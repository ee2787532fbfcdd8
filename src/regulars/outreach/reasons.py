"""Why somebody does not get a message: a code each, which is kept, and the words it is said in."""

from __future__ import annotations

from collections.abc import Mapping

from regulars.model.phrases import Said, Sentence, of_text, phrases

text, counted = phrases("regulars.outreach", "reasons")

ERASED = "erased"
EXCLUDED = "excluded"
NO_VARIANT = "no_variant"
UNSUBSCRIBED = "unsubscribed"
COMPLAINED = "complained"
BOUNCED = "bounced"
NO_CONSENT = "no_consent"
CONSENT_UNKNOWN = "consent_unknown"
NO_ADDRESS = "no_address"
BAD_ADDRESS = "bad_address"
LETTERS = "letters"
SAME_ADDRESS = "same_address"
FREQUENCY_CAP = "frequency_cap"
GUARD = "guard"
FIELD_MISSING = "field_missing"
CONTENT = "content"
LEFT_SEGMENT = "left_segment"
STOPPED = "stopped"

WORDS: Mapping[str, Sentence] = {
    ERASED: text("is no customer any more"),
    EXCLUDED: text("is in a segment that is left out"),
    NO_VARIANT: text("is in no segment that a message is written for"),
    UNSUBSCRIBED: text("has unsubscribed"),
    COMPLAINED: text("has called a message of the shop unwanted"),
    BOUNCED: text("cannot be reached: messages came back"),
    NO_CONSENT: text("has not agreed to be written to this way"),
    CONSENT_UNKNOWN: text("never said whether they agree to be written to this way"),
    NO_ADDRESS: text("has no address for this channel"),
    BAD_ADDRESS: text("has an address that cannot be one"),
    LETTERS: text("has letters before the @ of the address that many mail servers do not take"),
    SAME_ADDRESS: text("has the address of somebody who gets it already"),
    FREQUENCY_CAP: text("was written to often enough of late"),
    GUARD: text("buys often enough without the offer"),
    FIELD_MISSING: text("lacks something that the message needs to say"),
    LEFT_SEGMENT: text("is in the segment no more"),
    STOPPED: text("was still to come when it was stopped"),
}
"""In the order in which they are asked: the first that holds is the one that is told."""

PAUSED: Mapping[str, Sentence] = {
    "complaints": text("complaints have reached one in a thousand"),
    "line": text("the way out does not work"),
    CONTENT: text("the message cannot be made"),
    "restored": text("the shop was brought back from a backup: what was sent since is not known"),
}
"""Why a campaign paused by itself."""


def said_of_pause(why: str) -> Said:
    """Why a campaign stands as it does: a code, a refusal that was written down, or the other side's words."""
    return PAUSED.get(why) or of_text(why)


def said(code: str) -> Said:
    """The words of a reason; what the other side said stands as it is."""
    return WORDS.get(code) or PAUSED.get(code) or code
