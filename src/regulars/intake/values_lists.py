"""Cells that hold several texts."""

from __future__ import annotations

ITEM = '"(?:[^"]|"")*"|[^,;|"]+'


def texts(cell: str, sql_type: str) -> str:
    """VARCHAR[]: a JSON or quoted list, else the items between commas, semicolons or bars."""
    if sql_type.endswith("[]"):
        items = cell.removesuffix("::VARCHAR")
    else:
        items = f"regexp_extract_all(regexp_replace({cell}, '^\\s*\\[|\\]\\s*$', '', 'g'), '{ITEM}')"
    trimmed = f"list_transform({items}, lambda x: trim(x::VARCHAR, ' \"\t\r\n'))"
    return f"nullif(list_filter({trimmed}, lambda x: x <> ''), [])"
