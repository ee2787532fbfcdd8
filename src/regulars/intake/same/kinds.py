"""The kinds of pairs, by what speaks most for them."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.errors import NotFound
from regulars.intake.refusals import why
from regulars.intake.same.weighing import AGAINST, FIELDS, LIKELY, SURE

NAMED = "name IN ('same', 'near', 'initial')"


@dataclass(frozen=True)
class Kind:
    """``holds`` is SQL over ``same_weighed``. Pairs of a ``certain`` kind may be made one by themselves: only where
    they are clear, and not where the sum is below `SURE`."""

    code: str
    certain: bool
    holds: str


KINDS = (
    Kind("mailbox", True, "mail = 'same'"),
    Kind("phone-and-name", True, f"phone = 'same' AND {NAMED}"),
    Kind("birth-date-and-name", True, f"birth = 'same' AND {NAMED}"),
    Kind("address-and-name", False, f"address IN ('street', 'postcode') AND {NAMED}"),
    Kind("mail-name-and-name", False, f"mail = 'namesake' AND {NAMED}"),
    Kind("name-alone", False, "bare = 'bare'"),
    Kind("phone", False, "phone = 'same'"),
    Kind("several", False, "true"),
)
"""The first that holds is a pair's kind."""
KIND = " ".join(f"WHEN {k.holds} THEN '{k.code}'" for k in KINDS)
ONE_NAME = "coalesce(name = 'same' OR name = 'initial' AND coalesce(mail, '') = 'same', true)"
"""Julia and Julian Berg, or J. and John Smith, may be two of a household, and twins."""
CLEAR = " AND ".join([*(f"{f.name}_bits > {AGAINST}" for f in FIELDS), ONE_NAME])
EVIDENCE = ", ".join(f"'{f.name}', CASE WHEN {f.name} IS NOT NULL THEN json_array({f.name}, "
                     f"round({f.name}_bits, 1)) END" for f in FIELDS)
SELECT = (f"SELECT one, other, CASE {KIND} END AS kind, round(bits, 2) AS bits, {CLEAR} AS clear, "
          f"json_object({EVIDENCE}) AS evidence FROM same_weighed")
IS_SURE, IS_LIKELY, IS_POSSIBLE = "sure", "likely", "possible"


def kind(code: str) -> Kind:
    """Raises `NotFound` with those there are."""
    found = next((k for k in KINDS if k.code == code), None)
    if found is None:
        raise NotFound(why("There is no kind of pairs called '{kind}'.", kind=code),
                       hint=why("Choose {known}.", known=[k.code for k in KINDS]))
    return found


def grade(bits: float) -> str:
    """How sure a sum is, in a word."""
    return IS_SURE if bits >= SURE else IS_LIKELY if bits >= LIKELY else IS_POSSIBLE
