"""The shop's own books: what it keeps beside the facts. Same form as the fact tables, never imported from a file."""

from __future__ import annotations

from regulars.model.tables import Table, read_columns

META = Table("meta", ("key",), read_columns("""
    key TEXT
    value TEXT
"""), "schema version, and the counter that every change of facts moves on")

IMPORTS = Table("imports", ("import_id",), read_columns("""
    import_id TEXT              -- stands in the source column of every row it added
    began_at MOMENT
    ended_at MOMENT
    file_name TEXT
    file_hash TEXT
    recognised_as TEXT
    undone_at MOMENT
    receipt JSON
"""), "one row an import, with its receipt")

REPLACED = Table("replaced", ("import_id", "table_name", "row_key"), read_columns("""
    import_id TEXT
    table_name TEXT
    row_key TEXT
    before JSON                 -- the row as it was, nothing where the import added it
"""), "what an import changed, so that it can be undone")

REJECTED = Table("rejected", ("import_id", "row"), read_columns("""
    import_id TEXT
    row WHOLE
    reason TEXT
    content JSON
"""), "rows an import refused, as they came")

MAPPINGS = Table("mappings", ("header_hash",), read_columns("""
    header_hash TEXT
    saved_at MOMENT
    source_name TEXT
    mapping JSON                -- column -> field, as the person left it
"""), "the mapping chosen for a set of headers")

FIELDS = Table("fields", ("table_name", "name"), read_columns("""
    table_name TEXT
    name TEXT                   -- as written in rules
    type TEXT
    label TEXT                  -- as it stood in the source
    source TEXT
"""), "columns and properties of the shop's own, scores among them")

MERGES = Table("merges", ("merge_id",), read_columns("""
    merge_id TEXT
    at MOMENT
    kept TEXT
    absorbed TEXT
    reason TEXT                 -- the identity both had, or who asked for it
    source TEXT
    absorbed_row JSON
    undone_at MOMENT
"""), "two customers that proved to be one person")

MERGE_MOVES = Table("merge_moves", ("merge_id", "table_name", "row_key"), read_columns("""
    merge_id TEXT
    table_name TEXT
    row_key TEXT
"""), "the rows a merge moved, so that it can be undone")

SAME_PAIRS = Table("same_pairs", ("one", "other"), read_columns("""
    one TEXT
    other TEXT
    kind TEXT                   -- what speaks most for it
    bits NUMBER                 -- the sum of what speaks for and against
    clear YESNO                 -- one name, and nothing of it says clearly that they are two
    evidence JSON               -- field -> [how it compares, bits]
"""), "pairs of customers who may be one person, as of the last look")

SAME_DECIDED = Table("same_decided", ("one", "other"), read_columns("""
    one TEXT
    other TEXT
    what TEXT                   -- apart, later or one; name or birth: they were joined, and these differ
    at MOMENT
    by TEXT
"""), "what a person said of pairs of customers, and of which merges there is doubt")

SAME_RULES = Table("same_rules", ("kind",), read_columns("""
    kind TEXT
    at MOMENT
    by TEXT
"""), "kinds of pairs that are made one by themselves, because the owner said so")

PLACES = Table("places", ("name",), read_columns("""
    name TEXT
    latitude NUMBER
    longitude NUMBER
"""), "places the shop has saved")

KEPT = Table("kept", ("feature",), read_columns("""
    feature TEXT                -- the column of kept_features it is in
    key TEXT                    -- its canonical text
    as_of MOMENT                -- the moment it is true of
    facts_version WHOLE         -- the state of the facts it was worked out from
"""), "features kept per customer in the table kept_features")

CHANGED_CUSTOMERS = Table("changed_customers", ("facts_version", "customer_id"), read_columns("""
    facts_version WHOLE         -- the state of the facts that the change led to
    at MOMENT                   -- when the shop learnt it
    customer_id TEXT            -- '' is everybody
    tables TEXTS                -- the tables whose facts changed, unknown: any
"""), "whose facts changed, until their memberships are worked out again")

ARRIVED = Table("arrived", ("high", "low", "day"), read_columns("""
    high WHOLE                  -- of the digest of the message's id
    low WHOLE
    day DATE                    -- on which it came, of UTC: an id may be given again to what is made days later
"""), "the messages that came in live in the last month, so that one sent twice counts once")

SET_ASIDE = Table("set_aside", ("number",), read_columns("""
    number WHOLE                -- the order in which messages arrived
    received_at MOMENT
    origin TEXT                 -- the key or connection it came by
    reason TEXT
    body JSON                   -- as it came
"""), "live messages that could not be used, with the reason")

HEARD = Table("heard", ("platform", "kind", "id"), read_columns("""
    platform TEXT
    kind TEXT
    id TEXT
    at MOMENT                   -- of the newest state that was told
    own_key TEXT                -- the shop's own key of it, where that is another than the platform's number
"""), "how new the last word of a platform on each of its objects is, and of libraries on each person they described")

SEGMENTS = Table("segments", ("name",), read_columns("""
    name TEXT
    rule TEXT
    note TEXT
    version WHOLE
    changed_at MOMENT
    changed_by TEXT
    refreshed_at MOMENT         -- the moment its memberships are true of
    refreshed_facts WHOLE       -- the state of the facts they were worked out from
    refreshed_version WHOLE     -- the version of the rule they are of
    members WHOLE               -- how many were in then
    by_schedule YESNO           -- hangs on everybody's values: looked at every so often only
    failed TEXT                 -- why its rule could not be asked at the last look, unknown where it could
"""), "saved rules")

SEGMENT_VERSIONS = Table("segment_versions", ("name", "version"), read_columns("""
    name TEXT
    version WHOLE
    rule TEXT
    note TEXT
    changed_at MOMENT
    changed_by TEXT
"""), "earlier versions are kept")

MEMBERSHIPS = Table("memberships", ("segment", "customer_id", "since"), read_columns("""
    segment TEXT
    customer_id TEXT
    since MOMENT
    until MOMENT                -- unknown while still a member
    why TEXT                    -- what made the row: a first look, new facts, time, another rule
"""), "who is in, who was, from when to when: the only place that says who")

CHANGES = Table("changes", ("seq",), read_columns("""
    seq WHOLE                   -- grows with every row, in the order in which they were written
    segment TEXT
    customer_id TEXT
    what TEXT                   -- entered or left
    at MOMENT                   -- when it became true
    noticed_at MOMENT           -- the moment of the look that found it
    why TEXT
"""), "who came and went, in the order in which it was found: first looks are not among them")

SEGMENT_SIZES = Table("segment_sizes", ("segment", "day"), read_columns("""
    segment TEXT
    day DATE
    members WHOLE
    entered WHOLE
    left WHOLE
"""), "sizes by day, also for days before the segment was written")

SCORES = Table("scores", ("customer_id",), read_columns("""
    customer_id TEXT
"""), "one row a customer; analyses add their columns and name them in fields")

BOOKS: dict[str, Table] = {t.name: t for t in (
    META, IMPORTS, REPLACED, REJECTED, MAPPINGS, FIELDS, MERGES, MERGE_MOVES, SAME_PAIRS, SAME_DECIDED, SAME_RULES,
    PLACES, KEPT, CHANGED_CUSTOMERS, ARRIVED, SET_ASIDE, HEARD, SEGMENTS, SEGMENT_VERSIONS, MEMBERSHIPS, CHANGES,
    SEGMENT_SIZES, SCORES)}

SCHEMA_VERSION = 7
