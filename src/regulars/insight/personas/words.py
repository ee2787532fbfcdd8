"""How statements are said: each a whole sentence with its share, its count and what it is among everybody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from regulars.insight.personas.counting import HARDLY, Statement
from regulars.model.phrases import Money, Month, Own, Sentence, Share, Weekday, phrases

text, counted = phrases("regulars.insight", "personas")

EVERYBODY = "everyone"
GENDERS = {"female": text("women"), "male": text("men")}
PARTS = {"night": text("at night"), "morning": text("in the morning"), "midday": text("around midday"),
         "afternoon": text("in the afternoon"), "evening": text("in the evening")}
TOPIC_NAMES = {
    "who": text("Who they are"), "finds": text("How they find and look"), "buys": text("Where they buy"),
    "when": text("When they buy"), "what": text("What they buy"), "amounts": text("How much and how often"),
    "loyalty": text("How loyal they are"), "discounts": text("Discounts"), "service": text("Service"),
    "influence": text("Influence"), "mail": text("Messages"), "typical": text("A real member"),
    "do": text("What to say, and when"), "avoid": text("What not to do"), "head": text("Persona"),
}
FEMALE = (text("Sarah"), text("Anna"), text("Grace"), text("Emma"), text("Lucy"), text("Clara"), text("Helen"),
          text("Ruth"))
MALE = (text("Joe"), text("David"), text("Peter"), text("Martin"), text("Oscar"), text("Henry"), text("Paul"),
        text("Simon"))
ANYONE = (text("Alex"), text("Robin"), text("Sam"), text("Kim"), text("Chris"), text("Jo"), text("Sasha"),
          text("Terry"))
NAMES: Mapping[str, Sequence[Sentence]] = {"female": FEMALE, "male": MALE, "": ANYONE}
"""Invented first names, each language with its own."""


def does(code: str, word: str) -> Sentence:
    """What some of them do, to follow "62%"."""
    own = Own(word)
    made: Mapping[str, Callable[[], Sentence]] = {
        "gender": lambda: text("are {gender}", gender=GENDERS.get(word, own)),
        "city": lambda: text("live in {city}", city=own),
        "occupation": lambda: text("have this occupation: {occupation}", occupation=own),
        "life_stage": lambda: text("are at this stage of life: {stage}", stage=own),
        "lifestyle": lambda: text("live like this: {lifestyle}", lifestyle=own),
        "acquisition": lambda: text("found the shop by this way: {way}", way=own),
        "device": lambda: text("look around mostly on: {device}", device=own),
        "looks_part": lambda: text("look around mostly {part}", part=PARTS.get(word, own)),
        "looks_weekday": lambda: text("look around most often on: {day}", day=Weekday(int(word))),
        "looks_at": lambda: text("look around mostly among: {category}", category=own),
        "comes_by": lambda: text("come to the pages mostly from: {site}", site=own),
        "channel": lambda: text("buy mostly through: {channel}", channel=own),
        "payment": lambda: text("pay mostly by: {payment}", payment=own),
        "part_of_day": lambda: text("buy mostly {part}", part=PARTS.get(word, own)),
        "weekday": lambda: text("buy most often on: {day}", day=Weekday(int(word))),
        "month": lambda: text("buy most often in: {month}", month=Month(int(word))),
        "for_occasions": lambda: text("buy for an occasion at least every other time"),
        "occasion": lambda: text("name this occasion most often: {occasion}", occasion=own),
        "category": lambda: text("buy mostly from: {category}", category=own),
        "brand": lambda: text("buy mostly of the brand: {brand}", brand=own),
        "product": lambda: text("have bought: {product}", product=own),
        "follows": lambda: text("follow: {brand}", brand=own),
        "bought": lambda: text("have bought something"),
        "again": lambda: text("have come back after the first order"),
        "recent": lambda: text("have bought in the last half-year"),
        "plan": lambda: text("are on the plan: {plan}", plan=own),
        "asks": lambda: text("have asked for help in the last year"),
        "asks_by": lambda: text("ask for help mostly through: {channel}", channel=own),
        "brings": lambda: text("have brought somebody else"),
        "promoter": lambda: text("would recommend the shop (9 or 10 out of 10)"),
        "may_email": lambda: text("may be written to by e-mail"),
        "may_phone": lambda: text("may be called"),
    }
    return made[code]()


RATES = {
    "at_discount": text("of their orders had a discount"),
    "returns": text("of their orders came back, whole or in part"),
    "talks": text("of their orders they shared, reviewed or recommended within two months"),
    "reads": text("of the messages of the last year they opened, clicked or answered"),
    "clicks": text("of the messages of the last year they clicked or answered"),
}
"""What a share is of, and did, to follow "62%"."""


def measure(code: str) -> Sentence:
    """What a number is, to stand before "33 to 41"."""
    return {"age": text("Age"), "visits": text("Pages looked at in the last year"),
            "savvy": text("At home on the web, from 1 to 10"), "order": text("An average order"),
            "pieces": text("Pieces in an order"), "gap": text("Days from one order to the next"),
            "effort": text("Effort of a service case, from 1 to 10"), "followers": text("Followers"),
            }[code]


def say(statement: Statement, name: Own | Sentence | None = None) -> Sentence:
    """The whole sentence of a statement; ``name`` is what to call the group, where that is not its own word."""
    if statement.kind == "head":
        return _head(statement, name)
    return {"number": _number, "rate": _rate, "do": _advice, "avoid": _advice, "typical": _typical,
            }.get(statement.kind, _share)(statement)


def _head(told: Statement, name: Own | Sentence | None) -> Sentence:
    if told.code == "name":
        return text("Call them {name}: the name is invented, the rest is counted.", name=NAMES[told.word][told.n])
    if told.code == "few":
        return counted("Only {n} customer: chance has the word here, take nothing of it for sure.",
                       "Only {n} customers: chance has the word here, take nothing of it for sure.", told.n)
    if told.word == EVERYBODY:
        name = text("Everybody")
    return counted("{persona}: {n} customer, {share} of all.", "{persona}: {n} customers, {share} of all.", told.n,
                   persona=name or Own(told.word), share=Share(told.value))


def _typical(told: Statement) -> Sentence:
    if told.code == "typical_taste":
        return text("That member buys mostly from: {category}.", category=Own(told.word))
    if told.code == "typical_channel":
        return text("That member buys mostly through: {channel}.", channel=Own(told.word))
    if told.n == 0:
        return text("The member nearest to the middle of them has bought nothing yet.")
    return counted("The member nearest to the middle of them: {n} order of {money}, {days} days ago.",
                   "The member nearest to the middle of them: {n} orders of {money} on average, the last one {days} "
                   "days ago.",
                   told.n, money=Money(told.value), days=round(told.low))


def _advice(told: Statement) -> Sentence:
    own, share = Own(told.word), Share(told.value)
    made: Mapping[str, Callable[[], Sentence]] = {
        "meet": lambda: text("Meet them where they buy: {channel} ({share}).", channel=own, share=share),
        "moment": lambda: text("Reach them {part}: that is when {share} of them buy.",
                               part=PARTS.get(told.word, own), share=share),
        "before": lambda: text("Come with ideas in good time before this occasion: {occasion}.", occasion=own),
        "speak_of": lambda: text("Speak of what they come for: {category} ({share}).", category=own, share=share),
        "screen": lambda: text("See that everything works on: {device} ({share}).", device=own, share=share),
        "write": lambda: text("Write to them: they read {share} of what they get.", share=share),
        "spread": lambda: text("Ask them to tell others: after {share} of their orders they do so already.",
                               share=share),
        "first_order": lambda: text("Make a first order easy: {share} have bought so far.", share=share),
        "ask_why": lambda: text("Ask why before you sell: {share} have bought in the last half-year.",
                                share=share),
        "no_mail": lambda: text("Do not count on messages: they read only {share} of them.", share=share),
        "not_agreed": lambda: text("Do not send e-mail to most of them: only {share} have agreed to it.", share=share),
        "no_discount": lambda: text("Give no discounts: only {share} of their orders had one.", share=share),
        "fewer_discounts": lambda: text("Do not give more discounts: {share} of their orders had one already. Offer "
                                        "sets or service.", share=share),
        "no_selling": lambda: text("Do not sell before their case is solved: {share} have asked for help.",
                                   share=share),
        "no_surprise": lambda: text("Do not leave size, colour or use unclear: {share} of their orders came back.",
                                    share=share),
    }
    return made[told.code]()


def alike(value: float, others: float) -> bool:
    """Shares that lie nearer to each other than a tenth of themselves."""
    return abs(value - others) <= HARDLY * max(abs(others), 0.02)


def _share(told: Statement) -> Sentence:
    parts: dict[str, Any] = {"share": Share(told.value), "does": does(told.code, told.word), "n": told.n,
                             "of": told.of, "others": Share(told.others or 0.0)}
    if told.others is None:
        return text("{share} {does}: {n} of {of}.", **{k: v for k, v in parts.items() if k != "others"})
    if told.differs == "more":
        return text("{share} {does}: {n} of {of}, more than of everybody else ({others}).", **parts)
    if told.differs == "less":
        return text("{share} {does}: {n} of {of}, fewer than of everybody else ({others}).", **parts)
    if alike(told.value, told.others):
        return text("{share} {does}: {n} of {of}, much as everybody else ({others}).", **parts)
    return text("{share} {does}: {n} of {of}, not proven to differ from everybody else ({others}).", **parts)


def _rate(told: Statement) -> Sentence:
    parts: dict[str, Any] = {"share": Share(told.value), "what": RATES[told.code], "n": told.n, "of": told.of,
                             "others": Share(told.others or 0.0)}
    if told.others is None:
        return text("{share} {what}: {n} of {of}.", **{k: v for k, v in parts.items() if k != "others"})
    if told.differs == "more":
        return text("{share} {what}: {n} of {of}, more than of everybody else's ({others}).", **parts)
    if told.differs == "less":
        return text("{share} {what}: {n} of {of}, fewer than of everybody else's ({others}).", **parts)
    if alike(told.value, told.others):
        return text("{share} {what}: {n} of {of}, much as of everybody else's ({others}).", **parts)
    return text("{share} {what}: {n} of {of}, not proven to differ from everybody else's ({others}).", **parts)


def _number(told: Statement) -> Sentence:
    shown: Callable[[float], Any] = Money if told.code == "order" else _rounded
    parts: dict[str, Any] = {"measure": measure(told.code), "middle": shown(told.value), "low": shown(told.low),
                             "high": shown(told.high), "n": told.n, "others": shown(told.others or 0.0)}
    if told.others is None:
        return text("{measure}: {middle} in the middle, half of them between {low} and {high}; known of {n}.",
                    **{k: v for k, v in parts.items() if k != "others"})
    if told.differs == "more":
        return text("{measure}: {middle} in the middle, half of them between {low} and {high}; more than everybody's "
                    "{others}; known of {n}.", **parts)
    if told.differs == "less":
        return text("{measure}: {middle} in the middle, half of them between {low} and {high}; less than everybody's "
                    "{others}; known of {n}.", **parts)
    return text("{measure}: {middle} in the middle, half of them between {low} and {high}; not proven to differ from "
                "everybody's {others}; known of {n}.", **parts)


def _rounded(value: float) -> float:
    """Whole from ten on."""
    return round(value) if abs(value) >= 10 else round(value, 1)
