"""One customer as the page tells of them: values by what they are about, in the reader's words and figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from regulars.app.base.pictures import dots
from regulars.insight.lifecycle import label as stage_label
from regulars.insight.rfm.groups import label as group_label
from regulars.model.catalogs import RIGHT_TO_LEFT
from regulars.model.figures import Figures
from regulars.model.phrases import Sentence
from regulars.rules.explain import Explanation
from regulars.rules.vocabulary import Vocabulary
from regulars.rules.words import Words
from regulars.shop.timeline import Happening

LABELS: Mapping[str, Callable[[str], Sentence]] = {
    "rfm.group": group_label, "lifecycle.stage": stage_label, "lifecycle.standing": stage_label,
    "lifecycle.onboarding": stage_label}
CHANNELS = ("email", "sms", "phone", "post")
MONEY_SCORES = ("value.next_12_months", "profit.last_12_months", "service.cost_last_12_months")
MONEY_VALUES = ("account.revenue",)
COMING = ("product.next", "next_order.due", "replenish.product", "replenish.due", "channel.preferred")
"""What is foretold of one customer, in the order in which it is told."""
CONSENT = {"email": gettext_noop("E-mail"), "sms": gettext_noop("SMS"), "phone": gettext_noop("Calls"),
           "post": gettext_noop("Post")}
KINDS = {"orders": gettext_noop("Order"), "messages": gettext_noop("Message"), "visits": gettext_noop("Visit"),
         "checkouts": gettext_noop("Checkout"), "tickets": gettext_noop("Service case"),
         "events": gettext_noop("Event"), "answers": gettext_noop("Survey answer")}
SORTS = {
    "sent": gettext_noop("sent"), "delivered": gettext_noop("delivered"), "opened": gettext_noop("opened"),
    "clicked": gettext_noop("clicked"), "opened by a machine": gettext_noop("opened by a machine"),
    "clicked by a machine": gettext_noop("clicked by a machine"),
    "bounced": gettext_noop("bounced"), "complained": gettext_noop("complained"),
    "unsubscribed": gettext_noop("unsubscribed"), "replied": gettext_noop("replied"),
    "redeemed": gettext_noop("redeemed"), "completed": gettext_noop("completed"), "left": gettext_noop("left"),
    "online": gettext_noop("online"), "store": gettext_noop("in the store"),
    "phone": gettext_noop("by phone"), "open": gettext_noop("open"),
    "closed": gettext_noop("closed"), "visit": "", "event": "",
}
KNOWN_BY = {"email": gettext_noop("e-mail address"), "phone": gettext_noop("phone number"),
            "id": gettext_noop("number"), "customer_id": gettext_noop("number")}
HELD = {
    "kind": {"customer": gettext_noop("customer"), "subscriber": gettext_noop("subscriber"),
             "prospect": gettext_noop("prospect")},
    "gender": {"female": gettext_noop("female"), "male": gettext_noop("male"), "other": gettext_noop("other gender")},
    "plan_status": {"active": gettext_noop("active"), "trial": gettext_noop("on trial"),
                    "trialing": gettext_noop("on trial"), "paused": gettext_noop("paused"),
                    "past_due": gettext_noop("payment overdue"), "cancelled": gettext_noop("cancelled"),
                    "canceled": gettext_noop("cancelled"), "expired": gettext_noop("expired")},
    "preferred_channel": CONSENT, "channel.preferred": CONSENT,
}
"""By attribute, the values that are words of the model: said in the reader's language."""
DUE = ("next_order.due", "replenish.due")


@dataclass(frozen=True)
class Consent:
    """Whether they may be reached by a channel; ``given`` is None where nobody asked."""

    channel: str
    given: bool | None
    at: datetime | None
    origin: str


def value(figures: Figures, held: Any, *, money: bool = False) -> str:
    """Whatever an attribute holds, as people read it."""
    if held is None:
        return _("not known")
    if isinstance(held, bool):
        return _("yes") if held else _("no")
    if money:
        return figures.about(held)
    if isinstance(held, datetime):
        return figures.moment(held)
    if isinstance(held, date):
        return figures.day(held)
    if isinstance(held, int | float | Decimal):
        return figures.rounded(held, 2)
    return ", ".join(map(str, held)) if isinstance(held, list | tuple) else str(held)


def consents(values: Mapping[str, Any]) -> list[Consent]:
    """Each channel with what they said of it."""
    return [Consent(_(CONSENT[c]), values.get(f"{c}_consent"), values.get(f"{c}_consent_at"),
                    values.get(f"{c}_consent_origin") or "") for c in CHANNELS]


def described(values: Mapping[str, Any], figures: Figures, vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """Name and value of every attribute, consent aside."""
    words = Words(figures.locale, vocabulary)
    shown = {n: v for n, v in values.items() if "_consent" not in n and n != "customer_id"}
    return [(words.name(name), value(figures, worded(name, held), money=name in MONEY_VALUES))
            for name, held in shown.items()]


def worded(name: str, held: Any) -> Any:
    """A value of the model in the reader's word; any other as it is."""
    word = HELD.get(name, {}).get(held.casefold()) if isinstance(held, str) else None
    return _(word) if word else held


def known_by(identities: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Kind and value of what somebody is known by; what a platform calls its own number stays."""
    return [(_(KNOWN_BY[kind]) if kind in KNOWN_BY else kind, held) for kind, held in identities]


def scored(scores: Mapping[str, Any], figures: Figures, vocabulary: Vocabulary,
           today: date) -> list[tuple[str, str]]:
    """Name and value of what analyses kept: shares in percent, amounts and numbers as the estimates they are, and of a
    day that has passed that it was due."""
    words = Words(figures.locale, vocabulary)
    scores = {n: LABELS[n](held).say(figures) if n in LABELS else worded(n, held) for n, held in scores.items()}

    def said(name: str, held: Any) -> str:
        if name in ("active.probability", "discount.habit"):
            return figures.share(held)
        if name in DUE and isinstance(held, date) and not isinstance(held, datetime) and held < today:
            return _("was due %(day)s") % {"day": figures.day(held)}
        if isinstance(held, float) and name not in MONEY_SCORES:
            return figures.rounded(held, 0 if abs(held) >= 10 else 1)
        return value(figures, held, money=name in MONEY_SCORES)
    return [(words.name(name), said(name, held)) for name, held in scores.items()]


def coming(scores: Mapping[str, Any], figures: Figures, vocabulary: Vocabulary,
           today: date) -> list[tuple[str, str]]:
    """Name and value of what is foretold of them."""
    return scored({name: scores[name] for name in COMING if name in scores}, figures, vocabulary, today)


def picture(found: list[Happening], figures: Figures) -> SafeString:
    """A row of dots for each kind of thing that happened, the latest at the end; nothing for a single moment."""
    if len({h.at for h in found}) < 2:
        return SafeString("")
    first, last = min(h.at for h in found), max(h.at for h in found)
    title = _("What happened from %(first)s to %(last)s, a dot each") % {
        "first": figures.moment(first), "last": figures.moment(last)}
    rows = [(_(name), [h.at for h in found if h.kind == kind]) for kind, name in KINDS.items()]
    return dots([(name, moments) for name, moments in rows if moments], (figures.moment(first), figures.moment(last)),
                title, rtl=figures.locale in RIGHT_TO_LEFT)


def happenings(found: list[Happening]) -> list[tuple[Happening, str, str]]:
    """Each with its kind and sort in words."""
    return [(h, _(KINDS[h.kind]), _(SORTS[h.sort]) if SORTS.get(h.sort) else "" if h.sort in SORTS else h.sort)
            for h in found]


def conditions(found: Explanation, figures: Figures, depth: int = 0) -> list[tuple[int, Explanation, str]]:
    """An explanation line by line, brackets deeper: depth, condition, its value."""
    plain = "" if found.parts or isinstance(found.value, bool) else value(figures, found.value)
    return [(depth, found, plain), *(line for part in found.parts for line in conditions(part, figures, depth + 1))]
