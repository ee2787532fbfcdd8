"""One message to whoever writes it, as a customer would get it: it is no delivery, and counts nowhere."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING

from regulars.errors import Refused
from regulars.model.phrases import Own
from regulars.outreach import settings as kept
from regulars.outreach.campaign import Campaign
from regulars.outreach.channels import channel as find_channel
from regulars.outreach.channels.base import LineDown, Parcel
from regulars.outreach.content.blocks import Message
from regulars.outreach.content.template import Template
from regulars.shop.preflight import as_customer
from regulars.shop.refusals import why

if TYPE_CHECKING:
    from regulars.shop.shop import Shop


def to_oneself(shop: Shop, campaign: Campaign, message: Message, to: str, customer_id: str, now: datetime) -> None:
    """Raises `ContentRefused` for a message that can go to nobody, `Refused` where the other side does not take it."""
    says = find_channel(campaign.channel).says
    Template.checked(message, says)
    made = as_customer(shop, message, customer_id, now, says=says)
    said = kept.of_channel(shop.campaigns.store, shop.folder, campaign.channel)
    domain = parseaddr(str(said.get("sender") or ""))[1].rpartition("@")[2] or "localhost"
    parcel = Parcel(0, customer_id, to, language=message.language, subject=made.subject, html=made.html, text=made.text,
                    message_id=f"<test.{secrets.token_hex(12)}@{domain}>",
                    headers={"Date": format_datetime(now.replace(tzinfo=UTC))})
    try:
        with find_channel(campaign.channel).open(said, shop.folder) as line:
            receipt = line.deliver([parcel])[0]
    except LineDown as error:
        raise Refused(why("The way out does not work: {reason}", reason=Own(str(error)))) from error
    if receipt.state != "sent":
        raise Refused(why("It was not taken: {reason}", reason=Own(receipt.said or receipt.state)))
