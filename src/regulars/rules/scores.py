"""The scores that analyses keep, by the names rules call them, with their English labels.

What a shop's own analysis keeps beyond these is said by the label it gives.
"""

from __future__ import annotations

from collections.abc import Mapping

SCORES: Mapping[str, str] = {
    "rfm.group": "RFM group",
    "rfm.recency": "RFM recency score",
    "rfm.frequency": "RFM frequency score",
    "rfm.money": "RFM money score",
    "bucket.name": "bucket",
    "lifecycle.stage": "life-cycle stage",
    "lifecycle.standing": "standing as a customer",
    "lifecycle.onboarding": "onboarding to the plan",
    "lifecycle.rhythm": "usual number of days between orders",
    "value.next_12_months": "expected value of the next 12 months",
    "value.orders_next_12_months": "expected orders of the next 12 months",
    "product.next": "product most likely to be wanted next",
    "replenish.due": "day something bought regularly is due again",
    "replenish.product": "product that is due again",
    "profit.last_12_months": "profit of the last 12 months",
    "discount.habit": "share of orders bought at a discount",
    "service.cost_last_12_months": "service cost of the last 12 months",
    "active.probability": "probability of being active",
    "next_order.due": "day the next order is due",
    "next_order.earliest": "earliest likely day of the next order",
    "next_order.latest": "latest likely day of the next order",
    "channel.preferred": "preferred channel by response",
    "interest.category": "favourite category",
    "interest.brand": "favourite brand",
    "interest.vendor": "favourite vendor",
}

TOLD_AS: tuple[str, ...] = ("expected margin of the next 12 months", "expected spending of the next 12 months")
"""What a score is called where the analysis that kept it says more than its name does."""
