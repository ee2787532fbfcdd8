"""A shop that messages come into, settled at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from regulars.intake.live.log import Log
from regulars.intake.live.requests import Brought, take_apart
from regulars.intake.live.settling import Settled, Settling
from regulars.intake.reasons import read
from regulars.shop import Shop
from regulars.shop.check import check
from regulars.shop.folder import INBOX

NOON = datetime(2026, 11, 23, 12)
Json = dict[str, Any]


class LiveShop:
    """``send`` puts messages on disk and settles them; each gets an id of its own, unless it has one."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.engine = shop, shop.engine
        self.log = Log(shop.folder / INBOX)
        self.sent = 0

    def bring(self, *messages: Any, at: datetime = NOON, origin: str = "key 1", **more: Any) -> Brought:
        for message in messages:
            self.sent += 1
            if isinstance(message, dict):
                message.setdefault("messageId", f"m{self.sent}")
        brought = take_apart({"batch": list(messages), **more}, "batch", origin, at)
        self.log.append([m.line() for m in brought.messages])
        return brought

    def settle(self, at: datetime = NOON) -> Settled:
        done = Settling(self.engine, self.shop.settings, self.log, self.shop.folder / "rates.csv").settle(at)
        assert done is not None
        return done

    def send(self, *messages: Any, at: datetime = NOON, **more: Any) -> Settled:
        self.bring(*messages, at=at, **more)
        done = self.settle(at)
        assert not check(self.engine).problems, check(self.engine).problems
        return done

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.engine.rows(sql)

    def aside(self) -> list[tuple[str, str]]:
        """What is set aside: the message's id, and why."""
        return [
            (json.loads(body)["messageId"] if body.startswith("{") else body, str(read(reason)))
            for body, reason in self.rows("SELECT body::VARCHAR, reason FROM set_aside ORDER BY number")
        ]


def track(event: str, user: str | None = "U1", properties: Json | None = None, **more: Any) -> Json:
    return {"type": "track", "event": event, "userId": user, "properties": properties or {}, **more}


def identify(user: str, traits: Json | None = None, **more: Any) -> Json:
    return {"type": "identify", "userId": user, "traits": traits or {}, **more}


def products(*listed: tuple[str, float, int]) -> Sequence[Json]:
    return [{"sku": sku, "price": price, "quantity": quantity} for sku, price, quantity in listed]
