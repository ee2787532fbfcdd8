"""The tables of a shop, as data: schema, intake, checks and documentation are all made from here.

A *stated* column holds what a source said. A *settled* column is worked out by the shop from stated ones inside the
transaction that changed them (see ``intake/settle.py``), so that a reader never has to join to know, say, whether an
order counts or what a line earned.
"""

from __future__ import annotations

from dataclasses import dataclass

from regulars.model.types import Type


@dataclass(frozen=True)
class Column:
    """One column: ``hidden`` ones are no attribute or fact column of the rule language."""

    name: str
    type: Type
    note: str = ""
    settled: bool = False
    hidden: bool = False


@dataclass(frozen=True)
class Table:
    """``key`` is the natural key by which a second import of the same row adds nothing."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    note: str = ""
    clustered_by: tuple[str, ...] = ()

    def column(self, name: str) -> Column | None:
        return next((c for c in self.columns if c.name == name), None)

    @property
    def stated(self) -> tuple[Column, ...]:
        """The columns a source may fill, bookkeeping aside."""
        return tuple(c for c in self.columns if not c.settled and c.name != "source")


def read_columns(text: str) -> tuple[Column, ...]:
    """Read ``name type [settled] [hidden] [-- note]`` lines: a table reads better as a table."""
    found = []
    for line in text.strip().splitlines():
        head, _, note = line.strip().partition("--")
        name, kind, *flags = head.split()
        found.append(Column(name, Type[kind], note.strip(), "settled" in flags, "hidden" in flags))
    return tuple(found)


CUSTOMERS = Table("customers", ("customer_id",), read_columns("""
    customer_id TEXT hidden
    at MOMENT hidden            -- known to the shop since, where a source says so
    first_seen MOMENT settled hidden -- the moment of the first fact
    described YESNO settled hidden   -- a source described this person, not only a fact of theirs
    source TEXT hidden
    kind TEXT                   -- customer, subscriber or prospect
    name TEXT
    first_name TEXT
    last_name TEXT
    email TEXT
    phone TEXT
    gender TEXT
    birth_date DATE
    language TEXT
    street TEXT
    city TEXT
    region TEXT
    postcode TEXT
    country TEXT
    latitude NUMBER
    longitude NUMBER
    occupation TEXT
    income_band TEXT
    education TEXT
    social_class TEXT
    life_stage TEXT
    household_size WHOLE
    home_owner YESNO
    lifestyle TEXT
    web_savviness WHOLE         -- 1-10
    browser TEXT
    device TEXT
    acquisition_channel TEXT
    referrer TEXT
    referred_by TEXT            -- customer_id of who brought them
    signed_up_at MOMENT
    plan TEXT
    plan_status TEXT
    plan_since DATE
    account_id TEXT
    preferred_channel TEXT
    email_consent YESNO
    email_consent_at MOMENT
    email_consent_origin TEXT
    sms_consent YESNO
    sms_consent_at MOMENT
    sms_consent_origin TEXT
    phone_consent YESNO
    phone_consent_at MOMENT
    phone_consent_origin TEXT
    post_consent YESNO
    post_consent_at MOMENT
    post_consent_origin TEXT
    social_followers WHOLE
    social_handles TEXTS
    brands_followed TEXTS
    tags TEXTS
"""), "people: customers, subscribers, prospects", ("customer_id",))

IDENTITIES = Table("identities", ("kind", "value"), read_columns("""
    kind TEXT                   -- id, email, phone, or the platform that gave the number
    value TEXT
    customer_id TEXT
    source TEXT
"""), "every address, number and platform id by which someone is known")

ACCOUNTS = Table("accounts", ("account_id",), read_columns("""
    account_id TEXT
    at MOMENT hidden
    source TEXT hidden
    name TEXT
    industry TEXT
    employees WHOLE
    revenue MONEY
    founded WHOLE
    stage TEXT
    country TEXT
    buying_process TEXT
    parent_account_id TEXT
"""), "companies: the people at one are customers with its account_id")

PRODUCTS = Table("products", ("product_id",), read_columns("""
    product_id TEXT
    source TEXT hidden
    name TEXT
    category TEXT
    brand TEXT
    vendor TEXT
    tags TEXTS
    price MONEY
    unit_cost MONEY
    released_at MOMENT
    attributes JSON
"""), "what is sold, by SKU, with its cost")

ORDERS = Table("orders", ("order_id",), read_columns("""
    order_id TEXT
    customer_id TEXT hidden
    at MOMENT
    source TEXT hidden
    status TEXT                 -- paid, pending, cancelled, refunded or failed
    channel TEXT
    total MONEY                 -- what was charged, refunds not taken off; from the lines where no source states it
    subtotal MONEY
    discount MONEY              -- what was taken off: the order's own discount and those of its lines, each once
    shipping MONEY
    tax MONEY
    refunded MONEY              -- as stated, else what was given back
    promo_code TEXT
    currency TEXT
    payment_method TEXT
    shipping_method TEXT
    occasion TEXT
    campaign TEXT
    country TEXT hidden         -- as the order says it, also where it says no customer
    total_stated MONEY hidden
    refunded_stated MONEY hidden
    discount_stated MONEY hidden
    counted YESNO settled       -- paid and not cancelled
    discounted YESNO settled    -- something was taken off, be it unknown how much by a code
    items DECIMAL settled       -- pieces bought
    margin MONEY settled        -- the sum over the lines, unknown if any line's is
    returned YESNO settled      -- anything given back or refunded
"""), "orders of every status", ("customer_id", "at"))

LINES = Table("lines", ("order_id", "line"), read_columns("""
    order_id TEXT
    line WHOLE
    customer_id TEXT hidden
    at MOMENT
    source TEXT hidden
    product_id TEXT
    product_name TEXT hidden    -- as it stood on the order
    quantity DECIMAL
    unit_price MONEY
    discount MONEY
    unit_cost MONEY             -- at the time
    returned_stated DECIMAL hidden
    returned_quantity DECIMAL settled -- stated, or from the returns matched to this line
    amount MONEY settled        -- quantity x unit_price - discount, less what was given back for it
    margin MONEY settled        -- amount - (quantity - returned) x unit_cost
    returned YESNO settled
    channel TEXT settled        -- of the order
    promo_code TEXT settled     -- of the order
    counted YESNO settled       -- of the order
"""), "order lines", ("customer_id", "at"))

RETURNS = Table("returns", ("return_id",), read_columns("""
    return_id TEXT
    customer_id TEXT
    at MOMENT
    source TEXT
    document TEXT               -- the cancelling invoice or refund it stood on
    product_id TEXT
    quantity DECIMAL
    amount MONEY
    of_order TEXT               -- the order it undoes, where the source says which
    of_line WHOLE
    order_id TEXT settled       -- the line it undoes, unknown where none was found
    line WHOLE settled
"""), "what came back, matched to the line it undoes where one was found", ("customer_id", "at"))

MESSAGES = Table("messages", ("message_id",), read_columns("""
    message_id TEXT hidden
    customer_id TEXT hidden
    at MOMENT
    source TEXT hidden
    type TEXT                   -- sent, delivered, opened, clicked, bounced, complained, unsubscribed, replied …
    channel TEXT                -- email, sms, phone, post
    campaign TEXT
    link TEXT
    machine YESNO               -- a robot or a privacy proxy did it
"""), "one message, or one thing that happened to it", ("customer_id", "at"))

VISITS = Table("visits", ("visit_id",), read_columns("""
    visit_id TEXT hidden
    customer_id TEXT hidden
    at MOMENT
    source TEXT hidden
    url TEXT
    product TEXT
    category TEXT
    browser TEXT
    device TEXT
    referrer TEXT
    utm_source TEXT
    utm_medium TEXT
    utm_campaign TEXT
    properties JSON
"""), "page and screen views", ("customer_id", "at"))

CHECKOUTS = Table("checkouts", ("checkout_id",), read_columns("""
    checkout_id TEXT hidden
    customer_id TEXT hidden
    at MOMENT
    source TEXT hidden
    total MONEY
    completed YESNO
    properties JSON
"""), "started checkouts", ("customer_id", "at"))

EVENTS = Table("events", ("event_id",), read_columns("""
    event_id TEXT hidden
    customer_id TEXT hidden
    at MOMENT
    source TEXT hidden
    name TEXT
    properties JSON
"""), "anything else that happened, by its name", ("customer_id", "at"))

TICKETS = Table("tickets", ("ticket_id",), read_columns("""
    ticket_id TEXT hidden
    customer_id TEXT hidden
    at MOMENT                   -- when it was opened
    source TEXT hidden
    opened MOMENT
    closed MOMENT
    channel TEXT
    topic TEXT
    effort WHOLE                -- 1-10
    minutes NUMBER
    status TEXT
    satisfaction NUMBER
"""), "service cases", ("customer_id", "at"))

ANSWERS = Table("answers", ("survey", "respondent", "question"), read_columns("""
    survey TEXT
    respondent TEXT hidden
    question TEXT
    customer_id TEXT hidden
    at MOMENT
    source TEXT hidden
    value TEXT
    number NUMBER
"""), "survey answers", ("customer_id", "at"))

COSTS = Table("costs", ("cost_id",), read_columns("""
    cost_id TEXT
    at MOMENT
    source TEXT
    campaign TEXT
    channel TEXT
    kind TEXT                   -- advertising, printing, tools
    amount MONEY
"""), "what was spent to reach people")

TABLES: dict[str, Table] = {t.name: t for t in (
    CUSTOMERS, IDENTITIES, ACCOUNTS, PRODUCTS, ORDERS, LINES, RETURNS, MESSAGES, VISITS, CHECKOUTS, EVENTS, TICKETS,
    ANSWERS, COSTS)}

FACT_TABLES: tuple[Table, ...] = (ORDERS, LINES, MESSAGES, VISITS, CHECKOUTS, EVENTS, TICKETS, ANSWERS)
"""The tables of which a customer has rows: what a merge moves and what an erasure removes."""
