"""What goes in and comes out, as documented in ``openapi.json``. Moments are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field, PlainSerializer, StringConstraints

Moment = Annotated[datetime, PlainSerializer(lambda m: m.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z"),
                                             return_type=str)]
Amount = Annotated[Decimal, PlainSerializer(str, return_type=str)]
Text = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
Rule = Annotated[str, StringConstraints(min_length=1, max_length=100_000)]


class Problem(Schema):
    """RFC 9457: ``type`` is the stable code of the error."""

    type: str
    title: str
    status: int
    detail: str = ""


class SegmentOut(Schema):
    name: str
    rule: str
    note: str
    version: int
    changed_at: Moment
    changed_by: str
    refreshed_at: Moment | None
    members: int | None = Field(description="Of the last refresh; null before the first")
    state: str = Field(description="How far members are known: fresh, updating, stale or failed. Do not act on a stale "
                                   "or failed one")
    reason: str = Field(description="Why it is not fresh: never, rule, facts, time, or why its rule cannot be asked")


class SegmentIn(Schema):
    name: Text
    rule: Rule
    note: Annotated[str, StringConstraints(max_length=2000)] = ""


class SegmentChange(Schema):
    rule: Rule | None = None
    note: Annotated[str, StringConstraints(max_length=2000)] | None = None


class RuleIn(Schema):
    rule: Rule


class Counted(Schema):
    rule: str = Field(description="The canonical text")
    sentence: str
    count: int
    share: float | None
    as_of: Moment


class Member(Schema):
    customer_id: str
    since: Moment
    why: str


class CustomerOut(Schema):
    customer_id: str
    name: str | None
    email: str | None
    phone: str | None
    city: str | None
    country: str | None
    orders: int
    spent: Amount
    last_order_at: Moment | None


class MembershipOut(Schema):
    segment: str
    since: Moment
    until: Moment | None
    why: str


class CustomerWhole(CustomerOut):
    values: dict[str, Any]
    scores: dict[str, Any]
    segments: list[MembershipOut]


class HappeningOut(Schema):
    at: Moment
    kind: str
    sort: str
    what: str
    amount: Amount | None


class ReceiptOut(Schema):
    import_id: str
    file_name: str
    recognised_as: str
    began_at: Moment
    undone_at: Moment | None
    rows_read: int
    rows_refused: int
    added: int
    changed: int
    customers_new: int
    customers_matched: int


class JobOut(Schema):
    id: int
    kind: str
    state: str
    done: int
    total: int | None
    error: str
    result: Any = None


class SegmentPage(Schema):
    items: list[SegmentOut]
    next: str | None = Field(description="Send it as cursor to go on; null at the end")


class MemberPage(Schema):
    items: list[Member]
    next: str | None
    as_of: Moment | None = Field(description="The moment at which they were in")
    state: str = Field(description="How far that is known of now: fresh, updating or stale. Do not act on a stale one")


class CustomerPage(Schema):
    items: list[CustomerOut]
    next: str | None


class ReceiptPage(Schema):
    items: list[ReceiptOut]
    next: str | None


class ChangeOut(Schema):
    seq: int
    segment: str
    customer_id: str
    what: str = Field(description="entered or left")
    at: Moment = Field(description="When it became true")
    noticed_at: Moment
    why: str


class ChangePage(Schema):
    items: list[ChangeOut]
    next: int = Field(description="Send it as since to go on; the same again while nothing changed")


class InsightOut(Schema):
    analysis: str
    method: str
    source: str
    now: Moment
    n: int
    findings: list[str]
    caveats: list[str]
    rows: list[dict[str, Any]]


def plain(found: Mapping[str, Any]) -> dict[str, Any]:
    """Moments and exact numbers as JSON has them."""
    return {name: _value(value) for name, value in found.items()}


def _value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    if isinstance(value, list | tuple):
        return [_value(each) for each in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
