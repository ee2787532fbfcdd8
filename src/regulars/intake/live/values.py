"""What a path of a message is worth: expressions over alias ``m`` of ``live_new``, NULL where unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from regulars.engines.duckdb import literal, quoted
from regulars.intake import values_words
from regulars.model.types import Type

Read = Callable[[str], str]
MONEY = "DECIMAL(18,4)"
EARLIEST, LATEST = "1000-01-01", "9000-01-01"
"""Days outside are taken for unknown: Python, which reads facts, knows the years 1 to 9999, and a zone or a window of a
rule is added to either end. A birthday without a year is written by some as one in 1604."""
LONGEST_NUMBER = r"^[-+]?[0-9]{0,13}([.][0-9]*)?([eE][-+]?[0-9]{1,2})?$"
ORDER_ID = (
    "coalesce(json_extract_string({m}.properties, '$.order_id'), json_extract_string({m}.properties, '$.orderId'))"
)
STEPS = "('order paid', 'order updated')"
"""Events that tell more of an order that was made before."""
ORDERED = "('order completed', 'completed order', 'order placed', 'order paid', 'order updated')"
WORDS: Mapping[str, str] = {
    "$at": 'm."at"',
    "$ordered": "CASE WHEN m.event IN " + STEPS + ' THEN coalesce((SELECT any_value(o."at") FROM '
    f'orders o WHERE o.order_id = {ORDER_ID.format(m="m")}), (SELECT min(n."at") FROM live_orders n WHERE n.id = '
    f'{ORDER_ID.format(m="m")})) ELSE m."at" END',
    "$id": "m.message_id",
    "$user": "coalesce(m.user_id, m.anonymous_id)",
    "$event": "m.event",
    "$name": "m.name",
    "$category": "json_extract_string(m.body, '$.category')",
    "$item": "m.message_id || '-' || nth",
    "$opened": "(SELECT any_value(t.opened) FROM tickets t WHERE t.ticket_id = "
    "coalesce(json_extract_string(m.properties, '$.ticket_id'), "
    "json_extract_string(m.properties, '$.conversation_id'), json_extract_string(m.properties, '$.id')))",
}
AGENT = "json_extract_string(m.context, '$.userAgent')"
BROWSERS = (
    ("edg", "Edge"),
    ("opr/", "Opera"),
    ("samsungbrowser", "Samsung"),
    ("firefox", "Firefox"),
    ("fxios", "Firefox"),
    ("chrome", "Chrome"),
    ("crios", "Chrome"),
    ("safari", "Safari"),
)


def path(text: str) -> str:
    """Text at a path: trimmed, NULL for nothing, null, an object or a list."""
    if text.startswith("="):
        return literal(text[1:])
    if text == "$browser":
        return (
            "CASE "
            + " ".join(f"WHEN contains(lower({AGENT}), {literal(k)}) THEN {literal(v)}" for k, v in BROWSERS)
            + " END"
        )
    if text == "$device":
        return (
            f"CASE WHEN regexp_matches({AGENT}, '(?i)ipad|tablet') THEN 'tablet' WHEN regexp_matches({AGENT}, "
            f"'(?i)mobi|iphone|android') THEN 'mobile' WHEN {AGENT} IS NOT NULL THEN 'desktop' END"
        )
    if text in WORDS:
        return WORDS[text]
    holder, pointer = _where(text)
    return cleaned(f"json_extract_string({holder}, {literal(pointer)})")


class Texts:
    """The texts that one SELECT reads, those of each holder by one call: where few messages come, a call for each text
    is most of the work."""

    def __init__(self) -> None:
        self._pointers: dict[str, dict[str, int]] = {}

    def at(self, text: str) -> str:
        """As `path`, over the rows that are selected with `columns`."""
        if text[0] in "=$":
            return path(text)
        holder, pointer = _where(text)
        known = self._pointers.setdefault(holder, {})
        return f"m.{_texts_of(holder)}[{known.setdefault(pointer, len(known) + 1)}]"

    def columns(self) -> str:
        """What is selected of ``m``: everything, and the texts."""
        lists = [
            f"list_transform(json_extract_string({holder}, [{', '.join(map(literal, pointers))}]), "
            f"x -> {cleaned('x')}) AS {_texts_of(holder)}"
            for holder, pointers in self._pointers.items()
        ]
        return ", ".join(["m.*", *lists])


def _texts_of(holder: str) -> str:
    return quoted(f"texts of {holder.removeprefix('m.')}")


def cleaned(read: str) -> str:
    """Trimmed, NULL for nothing, an object or a list."""
    return f"nullif(trim(CASE WHEN left({read}, 1) NOT IN ('{{', '[') THEN {read} END), '')"


def _where(text: str) -> tuple[str, str]:
    head, _, rest = text.partition(".")
    holder = "item" if head == "item" else f"m.{head}"
    return holder, "$" + "".join(f'."{part}"' for part in rest.split(".")) if rest else "$"


def raw(text: str) -> str:
    """JSON at a path."""
    holder, pointer = _where(text)
    return holder if pointer == "$" else f"json_extract({holder}, {literal(pointer)})"


def first(paths: Sequence[str], read: Read = path) -> str:
    """Text at the first path that is known."""
    found = [read(p) for p in paths]
    return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"


def moment(text: str) -> str:
    """A moment as naive UTC: ISO 8601, one without a zone is in UTC; or seconds or milliseconds since 1970.

    NULL where it is none, or not between `EARLIEST` and `LATEST`.
    """
    read = within(f"try_cast({text} AS TIMESTAMPTZ)", "TIMESTAMPTZ", " 00:00:00+00")
    number = f"try_cast({text} AS DOUBLE)"
    seconds = f"CASE WHEN abs({number}) > 1e11 THEN {number} / 1000 ELSE {number} END"
    return (
        f"CASE WHEN regexp_full_match({text}, '[0-9]{{9,13}}([.][0-9]+)?') THEN "
        f"make_timestamp(CAST(({seconds}) * 1000000 AS BIGINT)) "
        f"ELSE timezone('UTC', {read}) END"
    )


def within(read: str, kind: str, midnight: str = "") -> str:
    """The date or moment, NULL where it is not between `EARLIEST` and `LATEST`; ``read`` is worked out once."""
    return (
        f"list_filter([{read}], x -> x BETWEEN {kind} {literal(EARLIEST + midnight)} "
        f"AND {kind} {literal(LATEST + midnight)})[1]"
    )


def amount(text: str) -> str:
    """A number exact to four decimals; NULL where it is none or too large."""
    return f"CASE WHEN regexp_full_match({text}, {literal(LONGEST_NUMBER)}) THEN try_cast({text} AS {MONEY}) END"


def yes_no(text: str) -> str:
    """By the words that cells of files say it with, as "unsubscribed"; NULL where it is said otherwise."""
    yes, no = (", ".join(map(literal, sorted(said))) for said in (values_words.YES, values_words.NO))
    word = f"replace(lower({text}), ' ', '_')"
    return f"CASE WHEN {word} IN ({yes}) THEN true WHEN {word} IN ({no}) THEN false END"


def as_type(text: str, kind: Type) -> str:
    """Text as a value of the type."""
    if kind in (Type.MONEY, Type.DECIMAL):
        return amount(text)
    if kind is Type.MOMENT:
        return moment(text)
    if kind is Type.YESNO:
        return yes_no(text)
    if kind is Type.NUMBER:
        return f"(SELECT CASE WHEN isfinite(x) THEN x END FROM (SELECT try_cast({text} AS DOUBLE) AS x))"
    if kind is Type.WHOLE:
        return f"try_cast(try_cast({text} AS DOUBLE) AS BIGINT)"
    if kind is Type.DATE:
        return within(f"try_cast(left({text}, 10) AS DATE)", "DATE")
    return text


def in_steps(name: str, paths: Sequence[str], kind: Type, read: Read) -> tuple[dict[str, str], str]:
    """As `column`, in two steps: the texts that are read, by their names, and the value as an expression over these."""
    if kind is Type.MOMENT and not WORDS.keys() & set(paths):
        texts = {f"{name} {nth}": read(p) for nth, p in enumerate(paths)}
        return texts, f"coalesce({', '.join(moment(quoted(t)) for t in texts)}, NULL)"
    if kind in (Type.JSON, Type.TEXTS, Type.MOMENT):
        return {name: column(paths, kind, read)}, quoted(name)
    return {name: first(paths, read)}, as_type(quoted(name), kind)


def column(paths: Sequence[str], kind: Type, read: Read = path) -> str:
    """A column's value out of its paths."""
    if kind is Type.JSON:
        return raw(paths[0])
    if kind is Type.TEXTS:
        listed = f"try_cast({raw(paths[0])} AS VARCHAR[])"
        return f"coalesce({listed}, string_split({read(paths[0])}, ','))"
    if kind is Type.MOMENT:
        found = [WORDS[p] if p in ("$at", "$opened", "$ordered") else moment(read(p)) for p in paths]
        return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"
    return as_type(first(paths, read), kind)
