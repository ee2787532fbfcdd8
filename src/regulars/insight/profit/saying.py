"""What a person is told of profit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from regulars.insight.profit.service import FEWEST, surely_different
from regulars.model.phrases import About, Money, Own, Sentence, Share, Total, phrases

text, counted = phrases("regulars.insight", "profit")

SOURCE = ("Customer profitability by activity-based costing, and the whale curve: Kaplan & Narayanan 2001, Journal of "
          "Cost Management 15(5):5; Cooper & Kaplan 1991, Harvard Business Review 69(3):130")


def method(months: int) -> Sentence:
    """How, in a sentence."""
    return counted("What was charged in the last {n} month, less returns, tax, goods, payment, shipping, service, "
                   "messages and each one's part of the campaigns that reached them.", "What was charged in the last "
                   "{n} months, less returns, tax, goods, payment, shipping, service, messages and each one's part of "
                   "the campaigns that reached them.", months)


def label(code: str) -> Sentence:
    """What a group or a lever is called."""
    names = {"asked": text("those asked of"), "others": text("the others"), "nobody": text("nobody's"),
             "shop": text("the shop"), "no_discount": text("no discount"), "delivery_fee": text("a delivery fee"),
             "minimum_order": text("a minimum order"), "self_service": text("self-service")}
    return names[code]


def findings(numbers: Mapping[str, Any], rows: pa.Table, segments: bool, months: int) -> list[Sentence]:
    """Most important first."""
    total = {r["group"]: r for r in numbers["statement"]}["asked"]
    said = _total(total, numbers)
    if total["buyers"] >= FEWEST:
        said += _carry(numbers["concentration"])
    if numbers["losing"] and numbers["losing"]["customers"]:
        said += _losing(numbers["losing"])
    if segments:
        said += _segments(rows.to_pylist())
    return said + _service(numbers["service"], numbers["concentration"]["basis"])


def _total(total: Mapping[str, Any], numbers: Mapping[str, Any]) -> list[Sentence]:
    if total["profit"] is None:
        return [counted("{n} customer brought {net}; what is left of it is not known, for no cost of goods is.",
                        "{n} customers brought {net}; what is left of it is not known, for no cost of goods is.",
                        total["customers"], net=Total(total["net"]))]
    said = [_left(total)]
    if numbers.get("without_what_if") is not None:
        said.append(text("Without what was asked what-if, {profit} would be left.",
                         profit=Total(numbers["without_what_if"])))
    if total["return_on_spent"] is not None:
        said.append(text("{spent} was spent on serving and reaching them; for each 1 of it, {back} came in before it "
                         "was spent.", spent=Total(total["spent"]), back=round(total["return_on_spent"], 1)))
    return said


def _left(total: Mapping[str, Any]) -> Sentence:
    """With its range, where anything is assumed."""
    if total["profit_low"] == total["profit_high"]:
        return counted("{n} customer brought {net}, of which {profit} is left.",
                       "{n} customers brought {net}, of which {profit} is left.", total["customers"],
                       net=Total(total["net"]), profit=Total(total["profit"]))
    return counted("{n} customer brought {net}, of which {profit} is left ({low} to {high}).",
                   "{n} customers brought {net}, of which {profit} is left ({low} to {high}).", total["customers"],
                   net=Total(total["net"]), profit=About(total["profit"]), low=About(total["profit_low"]),
                   high=About(total["profit_high"]))


def _carry(found: Mapping[str, Any]) -> list[Sentence]:
    if "top" not in found:
        return []
    top = next(t for t in found["top"] if t["customers"] == 0.1)
    if found["basis"] == "profit":
        said = [text("The best {best} of those who bought bring {share} of what all of them leave.", best=Share(0.1),
                     share=Share(top["share"]))]
    else:
        said = [text("The best {best} of those who bought bring {share} of the money.", best=Share(0.1),
                     share=Share(top["share"]))]
    if found["basis"] == "profit" and found["losing"]:
        said.append(counted("{n} customer who bought costs more than they bring, {lost} in all.",
                            "{n} customers who bought cost more than they bring, {lost} in all.", found["losing"],
                            lost=About(found["lost"])))
    return said


def _losing(found: Mapping[str, Any]) -> list[Sentence]:
    """The levers that break even first for most, with what they would bring."""
    levers = sorted((v for v in found["levers"] if v["first_for"]), key=lambda v: -v["first_for"])
    said = [counted("For {n} of the {of} who buy at a loss {lever} breaks even first; for all it touches it would "
                    "change the profit by {effect} ({low} to {high}).",
                    "For {n} of the {of} who buy at a loss {lever} breaks even first; for all it touches it would "
                    "change the profit by {effect} ({low} to {high}).", v["first_for"], of=found["customers"],
                    lever=label(v["lever"]), effect=About(v["effect"]), low=About(v["effect_low"]),
                    high=About(v["effect_high"])) for v in levers]
    if found["no_lever"]:
        said.append(counted("For {n} no single one of these is enough.", "For {n} no single one of these is enough.",
                            found["no_lever"]))
    return said


def _segments(rows: Sequence[Mapping[str, Any]]) -> list[Sentence]:
    known = [r for r in rows if r["profit"] is not None and r["customers"]]
    if len(known) < 2:
        return []
    each = sorted(known, key=lambda r: -float(r["profit"]) / r["customers"])
    most, least = (float(r["profit"]) / r["customers"] for r in (each[0], each[-1]))
    return [text("A customer in “{segment}” leaves {each} on average, the most of the segments; in “{other}” {less}, "
                 "the least.", segment=Own(each[0]["group"]), each=About(most), other=Own(each[-1]["group"]),
                 less=About(least))]


def _service(rows: list[dict[str, Any]], basis: str) -> list[Sentence]:
    if sum(r["channel"] is not None for r in rows) < 2:
        return []
    found = surely_different(rows)
    if found is None:
        return [text("What customers bring does not surely differ by the channel they are served through.")]
    best, worst, low, high = found
    parts = {"best": Own(best["channel"]), "more": About(best["brings"]), "worst": Own(worst["channel"]),
             "less": About(worst["brings"]), "low": About(low), "high": About(high)}
    if basis == "profit":
        return [text("Customers served by {best} leave {more} each, those served by {worst} {less}: {low} to {high} "
                     "between them.", **parts)]
    return [text("Customers served by {best} spend {more} each, those served by {worst} {less}: {low} to {high} "
                 "between them.", **parts)]


def caveats(numbers: Mapping[str, Any]) -> list[Sentence]:
    """What is assumed and what is not known."""
    said = [*_assumed(numbers["assumed"], numbers["unknown"]["goods_of_unknown_cost"]), *_unknown(numbers["unknown"])]
    if any(r["service"] or r["messages"] for r in numbers["statement"]):
        said.append(text("An hour of service is taken to cost {hour}, and a message what shop.toml says of its "
                         "channel.", hour=Money(numbers["assumed"]["service_hour_cost"])))
    nobody = next((r for r in numbers["statement"] if r["group"] == "nobody"), None)
    if nobody and (nobody["net"] or nobody["campaigns"]):
        said.append(text("{net} of orders and {costs} of campaigns belong to no customer known: they stand apart.",
                         net=Total(nobody["net"]), costs=Total(nobody["campaigns"])))
    if any(r["channel"] for r in numbers["service"]):
        said.append(text("Who is served through which channel are different people: the channel need not be the "
                         "cause."))
    return said


def _assumed(assumed: Mapping[str, Any], goods: Decimal | None) -> list[Sentence]:
    said, share = [], assumed["goods_cost_share"]
    if goods and share and share["low"] == share["high"]:
        said.append(text("Goods for {amount} have no known cost: they are taken to have cost {share} of their price.",
                         amount=Total(goods), share=Share(share["value"])))
    elif goods and share:
        said.append(text("Goods for {amount} have no known cost: they are taken to have cost {share} of their price "
                         "({low} to {high}).", amount=Total(goods), share=Share(share["value"]),
                         low=Share(share["low"]), high=Share(share["high"])))
    if not share:
        said.append(text("No cost of goods is known: give it with the products, or as goods_cost_percent."))
    if assumed["payment_fee_percent"] is None:
        said.append(text("Payment fees are not known and not taken off: say payment_fee_percent in shop.toml."))
    if assumed["shipping_cost"] is None:
        said.append(text("What sending costs is not known and not taken off: say shipping_cost in shop.toml."))
    return said


def _unknown(unknown: Mapping[str, Any]) -> list[Sentence]:
    said = [counted("{n} order has no amount and counts for nothing.",
                    "{n} orders have no amount and count for nothing.", unknown["orders_without_amount"]),
            counted("{n} ticket has neither minutes nor effort and counts for nothing.",
                    "{n} tickets have neither minutes nor effort and count for nothing.",
                    unknown["tickets_without_effort"]),
            counted("{n} message went by a channel without a price.",
                    "{n} messages went by a channel without a price.", unknown["messages_without_price"]),
            counted("{n} order had a code, and how much it took off is not known.",
                    "{n} orders had a code, and how much it took off is not known.",
                    unknown["discounts_of_unknown_amount"])]
    return [each for each in said if each.number]


__all__ = ["SOURCE", "caveats", "findings", "label", "method"]
