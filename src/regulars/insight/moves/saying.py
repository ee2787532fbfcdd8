"""The words of moves: what each is called, why it is proposed, what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from regulars.insight.profit import label as lever
from regulars.model.phrases import Own, Sentence, phrases

text, counted = phrases("regulars.insight", "moves")

Row = Mapping[str, Any]

NAMES: Mapping[str, Callable[[Row], Sentence]] = {
    "second order": lambda r: text("Win the second order"),
    "win back": lambda r: text("Win back regulars who are late"),
    "best without contact": lambda r: text("Write to your best customers"),
    "best gone quiet": lambda r: text("Call the best who have gone quiet"),
    "same season last year": lambda r: text("Remind those who bought at this time last year"),
    "first sale": lambda r: text("Make the first sale to engaged readers"),
    "open checkout": lambda r: text("Help those who left at the checkout"),
    "birthday": lambda r: text("Congratulate on birthdays"),
    "no discount": lambda r: text("Leave out who buys without a discount"),
    "costly to serve": lambda r: text("Make it easier for those who need much help"),
    "complement": lambda r: text("Offer {other} to buyers of {product}", other=Own(r["other"]),
                                 product=Own(r["product"])),
    "due again": lambda r: text("Remind of {product}", product=Own(r["product"])),
    "at a loss": lambda r: text("New terms for those who cost more than they bring"),
}

WHY: Mapping[str, Callable[[Row], Sentence]] = {
    "second order": lambda r: text("They ordered once, {first} to {second} days ago: the days in which half of those "
                                   "who come back do so.", first=r["first"], second=r["second"]),
    "win back": lambda r: text("They ordered three times or more, and have been silent for {first} to {second} days: "
                               "longer than regulars usually are.", first=r["first"], second=r["second"]),
    "best without contact": lambda r: text("The tenth of customers who spent most in a year, and nobody has written to "
                                           "them for {first} days.", first=r["first"]),
    "best gone quiet": lambda r: text("The tenth of customers who spent most, without an order for {first} days.",
                                      first=r["first"]),
    "same season last year": lambda r: text("They ordered in the coming weeks of last year, and not in these last 30 "
                                            "days."),
    "first sale": lambda r: text("They opened or clicked in the last {first} days and have never bought.",
                                 first=r["first"]),
    "open checkout": lambda r: text("They began to pay in the last {first} days, broke off, and have not ordered "
                                    "since.", first=r["first"]),
    "birthday": lambda r: text("Their birthday is in the next {first} days, and they bought this year.",
                               first=r["first"]),
    "no discount": lambda r: text("They order three times a year or more, mostly at full price: the discounts they do "
                                  "get are given away."),
    "costly to serve": lambda r: text("Three cases or more in a year, and {first} minutes of help or more.",
                                      first=r["first"]),
    "complement": lambda r: text("They bought {product} lately, and not {other}, which others take with it.",
                                 product=Own(r["product"]), other=Own(r["other"])),
    "due again": lambda r: text("They bought {product} twice or more, the last time {first} to {second} days ago: half "
                                "of all who buy it again do so in that time.", product=Own(r["product"]),
                                first=r["first"], second=r["second"]),
    "at a loss": lambda r: text("They bought this year and cost more than they brought. For {first} of {second} of "
                                "them {lever} breaks even first.", first=r["first"], second=r["second"],
                                lever=lever(r["lever"])),
}

ADVICE: Mapping[str, Callable[[Row], Sentence]] = {
    "second order": lambda r: text("Ask how the first order was, and show what goes with it. No discount yet."),
    "win back": lambda r: text("Write personally: what is new since their last order, and a reason to look."),
    "best without contact": lambda r: text("A few words of thanks and a first look at something new. No discount."),
    "best gone quiet": lambda r: text("Call them, or write by hand: ask what was missing."),
    "same season last year": lambda r: text("Show what they bought then, in time for it to arrive."),
    "first sale": lambda r: text("One small, easy first purchase, with the answer to the usual doubt."),
    "open checkout": lambda r: text("Send the basket as it was, and name a person to ask."),
    "birthday": lambda r: text("A few words in time for the day. A gift or a code would come on top of this cost."),
    "no discount": lambda r: text("Leave them out of the next discount; give them service or a first look instead."),
    "costly to serve": lambda r: text("Call them and see what they ask about; then answer it for everybody before they "
                                      "ask: a page, a better description."),
    "complement": lambda r: text("One line by mail or phone: “did you think of it?”"),
    "due again": lambda r: text("Remind them with a link or a number that orders the same again."),
    "at a loss": lambda r: text("Say the new terms kindly and in time, and let them choose. No discount, and nothing "
                                "to win them back with."),
}


def label(row: Row) -> Sentence:
    """What a move is called: of a row of the result."""
    return NAMES[row["move"]](row)


def why(row: Row) -> Sentence:
    return WHY[row["move"]](row)


def todo(row: Row) -> Sentence:
    return ADVICE[row["move"]](row)
