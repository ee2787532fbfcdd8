"""One message to whoever writes it, as a customer would get it: it is no delivery, and counts nowhere."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING

from regulars.engines.duckdb import fold
from regulars.errors import Refused
from regulars.model.phrases import Own, Sentence, of_text
from regulars.outreach import reasons, suppression
from regulars.outreach import settings as kept
from regulars.outreach.addresses import written
from regulars.outreach.campaign import Campaign
from regulars.outreach.channels import channel as find_channel
from regulars.outreach.channels import way
from regulars.outreach.channels.base import Channel, LineDown, Parcel
from regulars.outreach.content.blocks import Message
from regulars.outreach.content.template import Template
from regulars.outreach.gate import Gate
from regulars.outreach.links import of_test
from regulars.shop.preflight import about, as_customer
from regulars.shop.refusals import why

UNWANTED = (reasons.COMPLAINED, reasons.UNSUBSCRIBED)
OWN = ("unsubscribe_url", "preferences_url", "browser_url")

if TYPE_CHECKING:
    from regulars.shop.shop import Shop


def to_oneself(shop: Shop, campaign: Campaign, message: Message, to: str, customer_id: str, now: datetime,
               own: str = "") -> None:
    """Raises `ContentRefused` for a message that can go to nobody, `Refused` where the other side does not take it, and
    for the address of somebody who wants no more, unless it is the ``own`` of whoever asks."""
    says = find_channel(campaign.channel).says
    to, own = (written(find_channel(campaign.channel).address, each, {}, shop.settings.country) for each in (to, own))
    if fold(to) != fold(own):
        _refuse_unwanted(shop, find_channel(campaign.channel), to, now)
    Template.checked(message, says)
    link = of_test(shop.campaigns.rules.public_address)
    made = as_customer(shop, message, customer_id, now, offer=campaign.offer or True, says=says,
                       product=about(shop.engine, campaign, now), own=dict.fromkeys(OWN, link))
    said = kept.of_channel(shop.campaigns.store, shop.folder, campaign.channel)
    domain = parseaddr(str(said.get("sender") or ""))[1].rpartition("@")[2] or "localhost"
    parcel = Parcel(0, customer_id, to, language=message.language, subject=made.subject, html=made.html, text=made.text,
                    message_id=f"<test.{secrets.token_hex(12)}@{domain}>",
                    headers={"Date": format_datetime(now.replace(tzinfo=UTC))})
    try:
        with find_channel(campaign.channel).open(said, shop.folder) as line:
            receipt = line.deliver([parcel])[0]
    except LineDown as error:
        raise Refused(why("The way out does not work: {reason}", reason=_why(error))) from error
    if receipt.state != "sent":
        raise Refused(why("It was not taken: {reason}", reason=Own(receipt.said or receipt.state)))


def _why(error: LineDown) -> Own | Sentence:
    found = of_text(str(error))
    return Own(found) if isinstance(found, str) else found


def _refuse_unwanted(shop: Shop, channel: Channel, to: str, now: datetime) -> None:
    """By what was suppressed, under whatever id, and by what other systems told of whoever has this address."""
    store, engine = shop.campaigns.store, shop.engine
    known = suppression.known(store, way(channel.name)).get(suppression.mark(store.seed, "address", to))
    ids = [who for (who,) in engine.rows("SELECT customer_id FROM customers WHERE fold(email) = ?", [fold(to)])]
    asked = Gate(engine, store, channel, shop.campaigns.rules, shop.settings.country).ask(ids, now)
    for reason in (known[0] if known else "", *(answer.reason for answer in asked.values())):
        if reason in UNWANTED:
            raise Refused(why("{address}: {reason}. No test goes there either.", address=Own(to),
                              reason=reasons.said(reason)), hint=why("Send it to an address of your own."))
