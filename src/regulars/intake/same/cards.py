"""What of each customer is compared: names, addresses and numbers in one form however they were written."""

from __future__ import annotations

from regulars.engines.duckdb import DuckDBEngine, literal
from regulars.intake.identities import SHORTEST
from regulars.intake.rows import make_temp
from regulars.intake.union import VISITOR

TITLES = ("mr", "mrs", "ms", "miss", "dr", "prof", "sir", "herr", "frau", "dhr", "mevr", "bapak", "bpk", "ibu")
ONE_MAILBOX = ("gmail.com", "googlemail.com")
"""Dots in the name before the @ mean nothing there, and both are one: https://support.google.com/mail/answer/7436150."""

VOWEL_MARKS = r"\x{0900}-\x{109F}\x{1780}-\x{17FF}\x{3040}-\x{30FF}"
"""Letters of the Indian and Burmese scripts, Thai, Lao, Tibetan, Khmer and kana: without marks राम is रीमा."""


def words(text: str) -> str:
    """An SQL list of the words of a text, folded, without accents and titles."""
    titles = ", ".join(map(literal, TITLES))
    return (f"list_filter(string_split_regex({unaccented(text)}, '[^\\pL\\pN\\pM]+'), "
            f"w -> w <> '' AND w NOT IN ({titles}))")


def plain(text: str) -> str:
    """A text without spaces and signs, NULL where nothing is left."""
    return f"nullif(regexp_replace({unaccented(text)}, '[^\\pL\\pN\\pM]+', '', 'g'), '')"


def unaccented(text: str) -> str:
    """A text folded, without what may be left out of its letters; nothing of it where marks are its vowels."""
    folded = f"fold({text})"
    return f"CASE WHEN regexp_matches({folded}, '[{VOWEL_MARKS}]') THEN {folded} ELSE strip_accents({folded}) END"


def make_cards(engine: DuckDBEngine) -> int:
    """Temp table ``same_cards``, a row a customer by number ``n``; returns how many. A browser's visitor is nobody yet.

    What is not known is NULL, and is no evidence either way.
    """
    _make_names(engine)
    _make_mailboxes(engine)
    _make_phones(engine)
    bare = "EXISTS (FROM identities i WHERE i.customer_id = c.customer_id AND starts_with(i.kind, 'name:'))"
    make_temp(engine, "same_cards", f"""
        SELECT row_number() OVER () AS n, c.customer_id, k.name, k.given, k.family, m.boxes, m.mail_names, p.phones,
            {plain('c.postcode')} AS postcode, {plain('c.city')} AS city,
            CASE WHEN regexp_matches(c.street, '[0-9]') THEN {plain('c.street')} END AS street, c.birth_date AS birth,
            m.boxes IS NULL AND p.phones IS NULL AND k.name IS NOT NULL AND {bare} AS bare
        FROM customers c LEFT JOIN same_names k USING (customer_id) LEFT JOIN same_boxes m USING (customer_id)
            LEFT JOIN same_phones p USING (customer_id)
        WHERE NOT starts_with(c.customer_id, {literal(VISITOR)})""")
    return int(engine.value("SELECT count(*) FROM same_cards"))


def _make_names(engine: DuckDBEngine) -> None:
    make_temp(engine, "same_names", names("customers"))


def names(people: str) -> str:
    """SELECT of customer_id, name, given, family: the words of a name in alphabetical order ("Ek, Anna" is "Anna Ek"),
    and the given and the family name among them. ``people`` has customer_id, name, first_name and last_name.

    Of a family name only the last word counts: "van Dijk" is "Dijk" where a source has but one column.
    """
    return f"""
        WITH said AS (SELECT customer_id, first_name, last_name,
                coalesce(nullif(trim(name), ''), nullif(concat_ws(' ', first_name, last_name), '')) AS said
            FROM {people}),
        split AS (SELECT customer_id, {words('said')} AS every, {words('first_name')} AS firsts,
                {words('last_name')} AS lasts, CASE WHEN contains(said, ',') THEN {words("split_part(said, ',', 1)")}
                ELSE [] END AS before_comma
            FROM said WHERE said IS NOT NULL AND NOT contains(said, '@'))
        SELECT customer_id, array_to_string(list_sort(every), ' ') AS name,
            coalesce(firsts[1], every[len(before_comma) + 1]) AS given,
            coalesce(lasts[-1], before_comma[-1], CASE WHEN len(every) > 1 THEN every[-1] END) AS family
        FROM split WHERE len(every) > 0"""


def _make_mailboxes(engine: DuckDBEngine) -> None:
    """Every mailbox of a customer however it is written, and names before the @ that are long enough to say much."""
    known = ", ".join(map(literal, ONE_MAILBOX))
    make_temp(engine, "same_boxes", f"""
        WITH said AS (SELECT customer_id, value AS email FROM identities WHERE kind = 'email' UNION ALL
                SELECT customer_id, fold(email) FROM customers WHERE email IS NOT NULL),
        split AS (SELECT customer_id, split_part(split_part(email, '@', 1), '+', 1) AS local,
                split_part(email, '@', 2) AS domain FROM said WHERE email LIKE '_%@_%'),
        boxed AS (SELECT customer_id, CASE WHEN domain IN ({known}) THEN replace(local, '.', '') || '@gmail.com'
                ELSE local || '@' || domain END AS box, regexp_replace(local, '[^\\pL\\pN]', '', 'g') AS mail_name
            FROM split WHERE local <> '')
        SELECT customer_id, list(DISTINCT box) AS boxes, list(DISTINCT mail_name) FILTER (length(mail_name) >= 5)
            AS mail_names FROM boxed GROUP BY 1""")


def _make_phones(engine: DuckDBEngine) -> None:
    """Digits of every number without the zeros before them, so that one with the country's code ends like one without;
    not what is one digit over and over."""
    make_temp(engine, "same_phones", f"""
        WITH said AS (SELECT customer_id, value AS phone FROM identities WHERE kind = 'phone' UNION ALL
                SELECT customer_id, phone FROM customers WHERE phone IS NOT NULL),
        dialled AS (SELECT customer_id, ltrim(regexp_replace(phone, '[^0-9]', '', 'g'), '0') AS digits FROM said)
        SELECT customer_id, list(DISTINCT digits) AS phones FROM dialled
        WHERE length(digits) >= {SHORTEST} AND len(list_distinct(string_split(right(digits, 6), ''))) > 1 GROUP BY 1""")
