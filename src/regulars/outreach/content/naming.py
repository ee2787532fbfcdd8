"""The fields a message can ask for: what each is called and what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from regulars.model.phrases import Sentence, phrases

text, counted = phrases("regulars.outreach", "content")


@dataclass(frozen=True)
class Field:
    """``label`` says what it is; ``fall_back`` is offered where it is written without one; ``shown``: in the list."""

    label: Sentence
    fall_back: Sentence | None = None
    shown: bool = True


GREETING = "greeting"
"""Made of the first name in the language of the message: a greeting without one where it is not known."""
OF_A_PRODUCT = "release."
"""Fields of this beginning are known where a message is about one product."""
FIELDS: Mapping[str, Field] = {
    GREETING: Field(text("greeting, by first name where it is known")),
    "customer.first_name": Field(text("first name"), text("there")),
    "customer.last_name": Field(text("last name")),
    "customer.name": Field(text("whole name"), text("customer")),
    "customer.city": Field(text("city"), text("your town")),
    "last_order.products": Field(text("products of the last order"), text("your last order")),
    "last_order.date": Field(text("day of the last order"), text("your last visit")),
    "last_order.total": Field(text("total of the last order")),
    "first_order.date": Field(text("day of the first order"), text("your first order")),
    "orders.count": Field(text("number of orders")),
    "next_product.name": Field(text("product they most likely want next"), text("something new")),
    "next_product.price": Field(text("its price")),
    "next_product.link": Field(text("its page"), shown=False),
    "next_product.picture": Field(text("its picture"), shown=False),
    "release.name": Field(text("the product it is about"), text("something new")),
    "release.price": Field(text("price of the product it is about")),
    "release.link": Field(text("page of the product it is about"), shown=False),
    "release.picture": Field(text("picture of the product it is about"), shown=False),
    "favourite.category": Field(text("favourite category"), text("what we have")),
    "favourite.brand": Field(text("favourite brand"), text("what we have")),
    "favourite.vendor": Field(text("favourite maker"), text("what we have")),
    "favourite.artist": Field(text("favourite artist"), text("what we have")),
    "bought.categories": Field(text("categories they bought from")),
    "bought.brands": Field(text("brands they bought")),
    "offer.gives": Field(text("what the offer gives")),
    "offer.code": Field(text("the offer’s code")),
    "offer.until": Field(text("until when the offer holds")),
    "shop.name": Field(text("the shop’s name")),
    "shop.address": Field(text("the shop’s address")),
    "products.next": Field(text("products they most likely want next"), shown=False),
    "products.favourite": Field(text("new products of their favourite category"), shown=False),
    "products.last": Field(text("products of their last order"), shown=False),
    "products.release": Field(text("the product it is about"), shown=False),
    "products.chosen": Field(text("chosen products"), shown=False),
    "unsubscribe_url": Field(text("address for unsubscribing"), shown=False),
    "preferences_url": Field(text("address for choosing what they get"), shown=False),
    "browser_url": Field(text("address of the message in a browser"), shown=False),
}
