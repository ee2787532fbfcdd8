"""SQL kept from look to look is the SQL that would be compiled anew."""

from __future__ import annotations

import re
from datetime import timedelta
from operator import methodcaller
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from regulars.rules import Compiler, Question, When, parse
from regulars.segments.compiled import Compiled
from tests.rules.shops import NOWS, ZONES, stage
from tests.rules.trees import rules
from tests.rules.world import at
from tests.segments.moving_shop import GAPS

NAMES = re.compile(r"[a-z]_[0-9a-f]{20}")
"""Names of columns and steps are made of what they are of and of the moment."""
MORE = (*GAPS, timedelta(days=30), timedelta(days=365))
LATER = "Asia/Jakarta", NOWS[0], [timedelta(days=1), timedelta(days=31)]


@given(st.lists(rules.map(methodcaller("text")), min_size=1, max_size=2), st.sampled_from(ZONES), st.sampled_from(NOWS),
       st.lists(st.sampled_from(MORE), min_size=2, max_size=2))
@example(["age >= 30"], *LATER)
@example(["anniversary(signed_up_at) in next 14 days"], *LATER)
@example(["max(events.day) = today"], *LATER)
@example(["any(events where DAY = yesterday)"], *LATER)
@settings(max_examples=settings.default.max_examples // 20)  # type: ignore[union-attr]
def test_a_kept_text_moved_on_is_the_one_compiled_anew(texts: list[str], place: str, start: str,
                                                       gaps: list[timedelta]) -> None:
    zone, kept, asked = ZoneInfo(place), Compiled(), [parse(text) for text in texts]
    world, moment = stage(0).world, at(start, zone)
    for gap in (timedelta(0), *gaps):
        moment += gap
        when = When(moment, zone)

        def compile_(when: When = when) -> str:
            questions = {f"m{i}": Question(rule, when) for i, rule in enumerate(asked)}
            return Compiler(world.vocabulary, questions).plan().sql(world.engine.compile, world.engine.staged)
        assert _plain(kept.sql("asked", asked, world.vocabulary, [when], compile_)) == _plain(compile_())


def _plain(sql: str) -> str:
    """The text with its names numbered as they come."""
    seen: dict[str, str] = {}
    return NAMES.sub(lambda name: seen.setdefault(name[0], f"n{len(seen)}"), sql)
