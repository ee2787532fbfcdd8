"""Certificates: whether a segment is worth having, test by test, with verdict, number, range and reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.insight.buckets.features import Feature, offered
from regulars.insight.buckets.found import GROWN, sampled, values_of
from regulars.insight.buckets.space import Flags, Floats, balanced, measured
from regulars.insight.certificate import behaviour, counts, lasting
from regulars.insight.certificate.together import together
from regulars.insight.certificate.verdicts import TESTS, Tested, unknown
from regulars.insight.certificate.words import LABELS, VERDICTS, say
from regulars.insight.common import Analysis, Facts, Result, asked
from regulars.insight.common.called import called
from regulars.insight.common.groups import EVERYONE, grouped, saved_rules
from regulars.insight.common.refusals import why
from regulars.model.phrases import Own, Sentence, phrases
from regulars.rules import Condition

text, counted = phrases("regulars.insight", "certificate")

SET_OF_ALL = ""
NO_TEST = {"money": "no_orders", "discounts": "no_orders", "prices": "too_few_prices", "reachable": "no_consent",
           "actionable": "no_messages"}
"""What is said where a count has no row for a segment."""
SCHEMA = pa.schema([
    ("segment", pa.string()), ("test", pa.string()), ("verdict", pa.string()), ("value", pa.float64()),
    ("low", pa.float64()), ("high", pa.float64()), ("n", pa.int64()), ("other", pa.float64()), ("count", pa.int64()),
    ("reason", pa.string()), ("word", pa.string())])


@dataclass(frozen=True)
class Certificate(Analysis):
    """Tests of a rule (``segment``), or of saved segments and of them together.

    Rows are tests with ``verdict`` pass, warn, fail or unknown (nothing recorded could tell), ``value`` with its
    interval from ``low`` to ``high``, ``n`` of whom it is known, ``other`` what it is held against, and ``reason``.
    Rows without a segment are of all of them together. `sentence` says a row.
    """

    segments: tuple[str, ...] = field(default=(), metadata={
        "help": "Saved segments to test, by name; all of them where neither these nor a rule is said."})
    seed: int = field(default=1, metadata={"help": "The same seed gives the same resamples."})

    def run(self, shop: Facts, now: datetime) -> Result:
        rules, texts, left_out = self._rules(shop)
        asked(1, len(rules), why("segments"), why("A certificate"), why("Save segments first."))
        with grouped(shop, rules, None, now) as table:
            sizes = dict(shop.engine.rows(f"SELECT grp, count(*) FROM {table} GROUP BY grp"))
            groups = [g for g in range(len(rules)) if sizes.get(g, 0)]
            asked(1, sum(sizes.get(g, 0) for g in range(len(rules))), why("members"), why("A certificate"))
            profile = _profile(shop, table, groups, now, self.seed)
            names = list(rules)
            found = {names[g]: own for g, own in _tested(shop, table, rules, texts, groups, profile, now,
                                                         self.seed).items()}
            if len(groups) > 1:
                found[SET_OF_ALL] = list(together(shop, table, profile.points,
                                                  {names[g]: profile.inside[g] for g in groups}))
        rows = pa.Table.from_pylist([{**asdict(t), "segment": name or None} for name, own in found.items()
                                     for t in own], SCHEMA)
        n = max(sizes[g] for g in groups) if self.segment is not None else sizes[EVERYONE]
        return Result("certificate", _method(), "Cohen 1988; Hedges 1981; Newcombe 1998; Wilson 1927; Benjamini & "
                      "Hochberg 1995; Fleiss, Levin & Paik 2003", now, n, self.said, rows,
                      _findings(found, profile.by_value, self._called(shop)), [*_caveats(found, profile), *left_out],
                      {"features": [asdict(f) for f in profile.features]})

    def _called(self, shop: Facts) -> Mapping[str, Own | Sentence]:
        """What to call a rule that is asked of by itself."""
        return {} if self.segment is None or self.segments else {self.segment: called(shop, self.segment)}

    def _rules(self, shop: Facts) -> tuple[dict[str, str | Condition], list[str], Sequence[Sentence]]:
        """The rules to test, by name, their texts as they were written, and what is said of segments left out."""
        if self.segment is not None and not self.segments:
            return {self.segment: self.segment}, [self.segment], ()
        found = saved_rules(shop, self.segments)
        saved = found.rules
        written = dict(shop.engine.rows("SELECT name, rule FROM segments"))
        within = {n: r if self.segment is None else f"({r}) and ({self.segment})" for n, r in saved.items()}
        return within, [f"{written[n]} {self.segment or ''}" for n in saved], found.caveats


@dataclass(frozen=True)
class _Profile:
    """Behaviour of the customers looked at: plain and balanced points, and who of them is in which group."""

    features: tuple[Feature, ...]
    points: Floats
    even: Floats
    inside: Mapping[int, Flags]
    looked_at: int

    @property
    def by_value(self) -> dict[str, Feature]:
        return {f.value: f for f in self.features}


def _profile(shop: Facts, table: str, groups: Sequence[int], now: datetime, seed: int) -> _Profile:
    everyone = f"(SELECT customer_id FROM {table} WHERE grp = {EVERYONE})"
    with sampled(shop, everyone, seed, GROWN) as few:
        features = offered(shop, few, now)
        values = values_of(shop, features, now, few)
    points = measured(values, features)
    members = shop.engine.query(f"SELECT customer_id, grp FROM {table} WHERE grp <> {EVERYONE}")
    code, ids = members.column("grp"), values.column("customer_id")
    inside = {g: np.asarray(pc.is_in(ids, value_set=members.filter(pc.equal(code, g)).column("customer_id")).to_numpy(),
                            bool) for g in groups}
    return _Profile(tuple(features), points, balanced(points, [f.block for f in features]), inside, values.num_rows)


def _tested(shop: Facts, table: str, rules: Mapping[str, str | Condition], texts: Sequence[str],
            groups: Sequence[int], profile: _Profile, now: datetime, seed: int) -> dict[int, list[Tested]]:
    """Every test of every group, in the order of `TESTS`."""
    mixed = {g: behaviour.mixedness(profile.even, profile.inside[g]) for g in groups}
    counted_ = {"money": counts.money(shop, table, now), "reachable": counts.reachable(shop, table),
                "actionable": counts.actionable(shop, table, now), "discounts": counts.discounts(shop, table, now),
                "prices": counts.prices(shop, table, now), "lasting": lasting.lasting(shop, rules, now),
                "breadth": lasting.breadth(shop, table, now, mixed)}
    sizes = dict(shop.engine.rows(f"SELECT grp, count(*) FROM {table} GROUP BY grp"))
    found = {}
    for g in groups:
        inside = profile.inside[g]
        own = {t: by.get(g) or unknown(t, NO_TEST.get(t, "too_few")) for t, by in counted_.items()}
        differs = behaviour.effects(profile.points, profile.features, inside)
        own["distinct"] = unknown("distinct", "everybody") if inside.all() else \
            behaviour.distinct(differs, texts[g], int(inside.sum()))
        own["steady"] = behaviour.steady(profile.points, inside, seed)
        own["substantial"] = counts.substantial(sizes[g], sizes[EVERYONE])
        found[g] = [own[t] for t in TESTS]
    return found


def sentence(row: Mapping[str, Any], features: Mapping[str, Feature]) -> Sentence:
    """A row of the result as a sentence; ``features`` as `features_of` gives them."""
    return say(Tested(**{f.name: row[f.name] for f in fields(Tested)}), features)


def features_of(result: Result) -> dict[str, Feature]:
    """The features that rows name."""
    return {f["value"]: Feature(**f) for f in result.numbers["features"]}


def label(code: str) -> Sentence:
    """A test or a verdict in words."""
    return LABELS.get(code) or VERDICTS[code]


def _method() -> Sentence:
    return text("Each test gives a verdict by a stated threshold, a number and its 95% interval; differences in "
                "behaviour are those that survive correction for their number, beyond what the rule asks itself.")


def _findings(found: Mapping[str, Sequence[Tested]], features: Mapping[str, Feature],
              names: Mapping[str, Own | Sentence]) -> list[Sentence]:
    """How many tests each passes; the tests themselves where there is one segment only."""
    said: list[Sentence] = []
    for name, own in found.items():
        passed = sum(t.verdict == "pass" for t in own)
        if name:
            failed = sum(t.verdict == "fail" for t in own)
            said.append(_score(names.get(name, Own(name)), passed, len(own), failed))
        if len(found) == 1 or not name:
            said += [say(t, features) for t in own]
    return said


def _score(segment: Own | Sentence, passed: int, tests: int, failed: int) -> Sentence:
    if not failed:
        return text("{segment}: {n} of {tests} tests are passed, and none is failed.", segment=segment, n=passed,
                    tests=tests)
    return counted("{segment} passes {n} of {tests} tests; it fails {failed}.",
                   "{segment} passes {n} of {tests} tests; it fails {failed}.", passed, segment=segment, tests=tests,
                   failed=failed)


def _caveats(found: Mapping[str, Sequence[Tested]], profile: _Profile) -> list[Sentence]:
    said = []
    missing = {t.test for own in found.values() for t in own if t.verdict == "unknown"}
    if missing:
        said.append(text("Not everything could be tested, for want of data: {tests}.",
                         tests=[LABELS[t] for t in TESTS if t in missing]))
    if profile.looked_at >= GROWN:
        said.append(counted("Behaviour was compared on {n} customer drawn at random.",
                            "Behaviour was compared on {n} customers drawn at random.", profile.looked_at))
    return said


__all__ = ["Certificate", "features_of", "label", "sentence"]
