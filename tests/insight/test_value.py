"""Worth, against the published figures of its papers, against plain integration, and against what it made up itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import approx_fprime
from scipy.special import gammaln, hyp2f1

from regulars.errors import Refused, TooLittleData
from regulars.insight.common import Result
from regulars.insight.value import ranges
from regulars.insight.value.bgnbd import BGNBD
from regulars.insight.value.fitting import fit
from regulars.insight.value.gammagamma import GammaGamma, Spend, SpendFit
from regulars.insight.value.paretonbd import ParetoNBD
from regulars.insight.value.predicting import Horizon
from regulars.insight.value.ranges import Buying
from regulars.insight.value.rows import Rows
from regulars.shop import Shop
from tests.insight.cdnow import make_cdnow
from tests.insight.conftest import NOW

BG = (0.2426, 4.4136, 0.7929, 2.4259)
PARETO = (0.5534, 10.5802, 0.6061, 11.6562)
MODELS: list[Buying] = [BGNBD(), ParetoNBD()]


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with make_cdnow(tmp_path_factory.mktemp("cdnow")) as shop:
        yield shop


def worth(shop: Shop, model: str, **parameters: Any) -> Result:
    return shop.insight("value", "1998-07-01", model=model, until="1997-09-30", **parameters)


def rows(*people: tuple[int, float, float]) -> Rows:
    x, t_x, until = zip(*people, strict=True)
    return Rows(np.array(x), np.array(t_x), np.array(until), np.ones(len(people)))


SOME = rows((0, 0.0, 38.9), (1, 5.0, 30.0), (2, 30.43, 38.86), (12, 30.0, 39.0), (26, 30.86, 31.0), (3, 1.0, 200.0))


@pytest.mark.parametrize(("model", "published", "log_likelihood"), [
    ("bg-nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}, -9582.4),
    ("pareto-nbd", {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}, -9595.0)])
def test_the_parameters_of_the_paper(cdnow: Shop, model: str, published: dict[str, float],
                                     log_likelihood: float) -> None:
    """Table 2 of Fader, Hardie and Lee (2005), "Counting your customers" the easy way, Marketing Science 24(2)."""
    found = worth(cdnow, model)
    assert {name: round(found.parameters[name], 3) for name in published} == published
    assert round(found.numbers["log_likelihood"], 1) == log_likelihood
    assert found.numbers["fit"]["converged"]
    assert found.numbers["fit"]["agreeing"] == found.numbers["fit"]["starts"] == 3
    assert not found.numbers["fit"]["with_priors"]


def test_the_parameters_to_their_last_digits(cdnow: Shop) -> None:
    """Four digits as other implementations give them for the same data (the R package BTYD, Hardie's spreadsheets)."""
    bg, pareto = worth(cdnow, "bg-nbd"), worth(cdnow, "pareto-nbd")
    assert [round(bg.parameters[n], 4) for n in ("r", "alpha", "a", "b")] == [0.2426, 4.4136, 0.7929, 2.4259]
    assert round(bg.numbers["log_likelihood"], 3) == -9582.429
    assert round(pareto.numbers["log_likelihood"], 3) == -9594.976


def test_the_customers_and_orders_of_the_paper(cdnow: Shop) -> None:
    """2,357 customers, 2,457 repeat orders of 946 of them in 39 weeks, 1,882 in the 39 weeks after."""
    found = worth(cdnow, "bg-nbd")
    assert (found.n, found.numbers["repeat_orders"], found.numbers["ordered_again"]) == (2357, 2457, 946)
    held = found.numbers["holdout"]
    assert (held["actual_orders"], held["units"], held["to"]) == (1882, 39.0, date(1998, 6, 30))
    assert [row["customers"] for row in held["by_frequency"]] == [1411, 439, 214, 100, 62, 38, 29, 64]
    assert sum(row["customers"] * row["actual"] for row in held["by_frequency"]) == pytest.approx(1882)
    assert held["track"][-1] == {"units": 39.0, "actual": 1882, "expected": held["expected_orders"]}
    assert all(a["expected"] < b["expected"] for a, b in zip(held["track"], held["track"][1:], strict=False))


def test_the_gamma_gamma_parameters_of_the_note(cdnow: Shop) -> None:
    """Fader and Hardie (2013), The gamma-gamma model of monetary value, note 025: p 6.25, q 3.74, gamma 15.44."""
    found = worth(cdnow, "bg-nbd").numbers["gamma_gamma"]
    assert (round(found["p"], 2), round(found["q"], 2), round(found["gamma"], 2)) == (6.25, 3.74, 15.44)
    assert round(found["log_likelihood"], 2) == -4055.92
    assert (found["n"], found["mean_held"]) == (946, False)


def test_the_expected_orders_of_hardies_spreadsheet() -> None:
    """Fader, Hardie and Lee (2005), Implementing the BG/NBD model in Excel: 2 by 30.43 of 38.86, 39 on: 1.226."""
    found = BGNBD().expected((0.243, 4.414, 0.793, 2.426), rows((2, 30.43, 38.86)), np.array([39.0]))
    assert round(float(found[0, 0]), 3) == 1.226


def test_the_customer_of_the_walkthrough_of_btyd() -> None:
    """The R package BTYD's walkthrough, Pareto/NBD: customer 1516 (26, 30.86, 31) is active with .9979."""
    assert round(float(ParetoNBD().alive(PARETO, rows((26, 30.86, 31.0)))[0]), 4) == 0.9979


def test_bg_nbd_agrees_with_its_closed_form() -> None:
    """Equation (10) of the paper, with the hypergeometric function."""
    r, alpha, a, b = BG
    for t in (0.5, 39.0, 400.0):
        left = np.where(SOME.x > 0, a / np.maximum(b + SOME.x - 1, 1) * ((alpha + SOME.T) / (alpha + SOME.t_x)) **
                        (r + SOME.x), 0)
        whole = 1 - ((alpha + SOME.T) / (alpha + SOME.T + t)) ** (r + SOME.x) * \
            hyp2f1(r + SOME.x, b + SOME.x, a + b + SOME.x - 1, t / (alpha + SOME.T + t))
        expected = (a + b + SOME.x - 1) / (a - 1) * whole / (1 + left)
        assert BGNBD().expected(BG, SOME, np.array([t]))[:, 0] == pytest.approx(expected, rel=1e-6)


def test_pareto_nbd_agrees_with_its_closed_form() -> None:
    """Likelihood and probability of being active by the hypergeometric functions of Fader and Hardie (2005), A note on
    deriving the Pareto/NBD model; expected orders by their (41)."""
    r, alpha, s, beta = PARETO
    model = ParetoNBD()
    for x, t_x, until in zip(SOME.x, SOME.t_x, SOME.T, strict=True):
        k, high = r + s + x, max(alpha, beta)
        of = s + 1 if alpha >= beta else r + x
        part = [hyp2f1(k, of, k + 1, abs(alpha - beta) / (high + t)) / (high + t) ** k for t in (t_x, until)]
        active = 1 / ((alpha + until) ** (r + x) * (beta + until) ** s)
        both = active + s / k * (part[0] - part[1])
        known = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + np.log(both)
        one = rows((int(x), float(t_x), float(until)))
        assert model.log_likelihood(np.log(PARETO), one)[0] == pytest.approx(known, rel=1e-7)
        alive = active / both
        assert model.alive(PARETO, one)[0] == pytest.approx(alive, rel=1e-6)
        orders = alive * (r + x) * (beta + until) / ((alpha + until) * (s - 1)) * \
            (1 - ((beta + until) / (beta + until + 39)) ** (s - 1))
        assert model.expected(PARETO, one, np.array([39.0]))[0, 0] == pytest.approx(orders, rel=1e-6)


@pytest.mark.parametrize("parameters", [(0.05, 0.2, 3.0, 800.0), (40.0, 900.0, 0.02, 0.1), (2.0, 3.0, 1.0, 3.0),
                                        (0.5, 500.0, 30.0, 2.0)])
def test_the_pareto_nbd_integral_is_right_far_from_the_usual(parameters: tuple[float, ...]) -> None:
    """Where the hypergeometric functions cancel: against adaptive integration of those who left."""
    r, alpha, s, beta = parameters
    for x, t_x, until in ((0, 0.0, 100.0), (1, 40.0, 100.0), (60, 10.0, 100.0), (300, 99.0, 100.0)):
        def of(t: float, x: int = x, t_x: float = t_x) -> float:
            return float(np.exp((r + x) * np.log((alpha + t_x) / (alpha + t)) + (s + 1) * np.log((beta + t_x) /
                                                                                                 (beta + t))))
        width = min(until - t_x, 40 * (alpha + t_x) / (r + x + s), 40 * (beta + t_x) / (r + x + s))
        left = sum(quad(of, a, b, epsabs=0, epsrel=1e-11, limit=500)[0]
                   for a, b in ((t_x, t_x + width), (t_x + width, until)) if b > a)
        log_left = np.log(s * left) - (r + x) * np.log(alpha + t_x) - (s + 1) * np.log(beta + t_x)
        log_active = -(r + x) * np.log(alpha + until) - s * np.log(beta + until)
        known = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + np.logaddexp(log_left, log_active)
        found, _ = ParetoNBD().log_likelihood(np.log(parameters), rows((x, t_x, until)))
        assert found == pytest.approx(known, abs=1e-8, rel=1e-9)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.name)
@pytest.mark.parametrize("theta", [(-1.0, 1.0, 0.2, 1.5), (1.0, 3.0, -1.0, 4.0)])
def test_the_gradient_is_that_of_the_likelihood(model: Buying, theta: tuple[float, ...]) -> None:
    at = np.array(theta)
    slope = model.log_likelihood(at, SOME)[1]
    assert slope == pytest.approx(approx_fprime(at, lambda t: model.log_likelihood(t, SOME)[0], 1e-7), abs=2e-4)


def test_the_gradient_of_spend_is_that_of_its_likelihood() -> None:
    at, spend = np.log([6.0, 3.0, 15.0]), Spend(np.array([1.0, 2.0, 7.0]), np.array([3.0, 40.0, 25.0]))
    slope = GammaGamma().log_likelihood(at, spend)[1]
    assert slope == pytest.approx(approx_fprime(at, lambda t: GammaGamma().log_likelihood(t, spend)[0], 1e-7), abs=1e-4)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.name)
def test_nothing_overflows_where_numbers_are_large(model: Buying) -> None:
    """Fader and Hardie (2013), note 027: the plain form fails from a few hundred orders on."""
    value, slope = model.log_likelihood(np.log(BG), rows((5000, 990.0, 1000.0), (900, 3.0, 3000.0)))
    assert np.isfinite(value)
    assert np.isfinite(slope).all()
    assert np.isfinite(model.expected(BG, rows((5000, 990.0, 1000.0)), np.array([52.0]))).all()


@pytest.mark.parametrize(("model", "truth"), [(MODELS[0], (0.8, 6.0, 0.7, 2.5)), (MODELS[1], (0.8, 6.0, 0.9, 20.0))],
                         ids=["bg-nbd", "pareto-nbd"])
def test_what_it_makes_up_it_finds_again(model: Buying, truth: tuple[float, ...]) -> None:
    """8,000 customers made up by known parameters: found within four standard errors."""
    rng = np.random.default_rng(7)
    made = model.simulate(truth, rng.uniform(20, 80, 8_000), rng)
    found = fit(model, made, 1)
    errors = np.sqrt(np.diag(np.linalg.inv(found.curvature * found.n)))
    assert found.converged
    assert np.all(np.abs(found.theta - np.log(truth)) < 4 * errors)


@pytest.mark.parametrize(("model", "truth"), [(MODELS[0], BG), (MODELS[1], PARETO)], ids=["bg-nbd", "pareto-nbd"])
def test_the_future_it_draws_is_the_one_it_expects(model: Buying, truth: tuple[float, ...]) -> None:
    many = Rows(np.repeat(SOME.x, 20_000), np.repeat(SOME.t_x, 20_000), np.repeat(SOME.T, 20_000), np.ones(120_000))
    drawn = model.future(truth, many, 39.0, np.random.default_rng(3)).reshape(6, -1).mean(axis=1)
    assert drawn == pytest.approx(model.expected(truth, SOME, np.array([39.0]))[:, 0], rel=0.05, abs=0.02)


def test_where_the_likelihood_is_flat_priors_hold_and_are_named() -> None:
    """Thirty customers of whom two came back: r alone could be anything."""
    few = rows(*[(0, 0.0, 30.0 + i) for i in range(28)], (1, 3.0, 40.0), (1, 9.0, 40.0))
    for model in MODELS:
        found = fit(model, few, 1)
        assert found.with_priors
        assert found.converged
        assert np.abs(found.theta).max() < 10


def test_where_the_mean_of_all_is_not_to_be_had_it_is_held_at_the_one_seen() -> None:
    """Trade and gifts: amounts a hundredfold apart have no mean by the free model."""
    rng = np.random.default_rng(5)
    mean = np.concatenate([rng.uniform(8, 12, 400), rng.uniform(900, 1100, 40)])
    found = SpendFit.of(Spend(np.full(440, 3.0), mean), 1)
    p, q, gamma = found.parameters
    assert found.held
    assert p * gamma / (q - 1) == pytest.approx(mean.mean())


def test_the_ranges_hold_what_they_should() -> None:
    """Four in five: of 25 shops made up by known parameters, the true r lies in the range of about 20."""
    hits = 0
    for seed in range(25):
        rng = np.random.default_rng(seed)
        whole = np.floor(rng.uniform(150, 273, 500))
        made = BGNBD().simulate((0.5, 5.0, 0.8, 2.5), whole / 7, rng)
        found = fit(BGNBD(), made, 1)
        low, high = _range_of_r(found, made, rng)
        hits += low <= 0.5 <= high
    assert 14 <= hits <= 24


class OfAFew(BGNBD):
    largest = 800


def test_the_ranges_of_a_large_shop_are_as_wide_as_the_sample_it_was_fitted_on_makes_them() -> None:
    """Four in five, too, where 800 of 20,000 customers were looked at: of 25 such shops about 20."""
    hits = 0
    for seed in range(25):
        rng = np.random.default_rng(seed)
        whole = np.floor(rng.uniform(150, 273, 20_000))
        made = BGNBD().simulate((0.5, 5.0, 0.8, 2.5), whole, rng)
        kinds, _ = Rows.of(made.x, np.ceil(made.t_x).astype(int), made.T.astype(int), 1.0)
        found = fit(OfAFew(), kinds, 1)
        assert (found.n, found.fitted, found.sampled) == (20_000, 800, True)
        low, high = _range_of_r(found, kinds, rng)
        hits += low <= 0.5 <= high
    assert 14 <= hits <= 24


def test_a_sample_is_of_customers_and_not_of_their_kinds() -> None:
    """Nine in ten of a thousand are of one kind out of eleven."""
    kinds = Rows(np.arange(11), np.arange(11.0), np.full(11, 20.0), np.array([900.0] + [10.0] * 10))
    shares = [kinds.thinned(10, np.random.default_rng(seed)) for seed in range(200)]
    assert {some.n for some in shares} == {10}
    assert np.mean([some.weight[some.x == 0].sum() for some in shares]) == pytest.approx(9, abs=0.2)


def _range_of_r(found: Any, made: Rows, rng: np.random.Generator) -> tuple[float, float]:
    drawn = ranges.draw(BGNBD(), found, made, 30, rng)
    held = ranges.range_of(drawn.parameters[:, 0])
    return held.low, held.high


def test_months_are_those_of_the_calendar_and_later_counts_less() -> None:
    """From 31 January: 28 days to the end of February, 59 to 31 March. One order in each month at 21% a year."""
    horizon = Horizon.of(date(2026, 1, 31), 3, 0.21, 1.0)
    assert horizon.times.tolist() == [28, 59, 89]
    worth_now = np.array([1.0, 2.0, 3.0]) @ horizon.weights
    assert worth_now == pytest.approx(1.21 ** (-1 / 12) + 1.21 ** (-2 / 12) + 1.21 ** (-3 / 12))


def test_undiscounted_worth_is_orders_times_what_is_paid(cdnow: Shop) -> None:
    found = worth(cdnow, "bg-nbd", discount=0.0, top=2357).rows.to_pylist()
    p, q, gamma = 6.25, 3.74, 15.44
    once = next(row for row in found if row["order_days"] == 1)
    assert float(once["worth"]) == pytest.approx(once["expected_orders"] * p * gamma / (q - 1), rel=0.01)


def test_a_result_names_its_ranges_and_its_fit(cdnow: Shop) -> None:
    found = worth(cdnow, "pareto-nbd")
    low, high = found.numbers["expected"]["orders_range"]
    assert low < found.numbers["expected"]["orders"] < high
    low, high = found.numbers["expected"]["worth_range"]
    assert low < found.numbers["expected"]["worth"] < high
    for name in ("r", "alpha", "s", "beta"):
        low, high = found.numbers["parameter_ranges"][name]
        assert low < found.parameters[name] < high
    inside = [row["range"][0] <= row["actual"] <= row["range"][1] for row in found.numbers["by_frequency"]]
    assert sum(inside) >= 5
    assert found.scores is None


def test_the_unit_changes_no_more_than_the_unit(cdnow: Shop) -> None:
    weeks, days = worth(cdnow, "bg-nbd"), worth(cdnow, "bg-nbd", unit="day")
    assert days.parameters["alpha"] == pytest.approx(7 * weeks.parameters["alpha"], rel=1e-4)
    assert days.numbers["expected"]["orders"] == pytest.approx(weeks.numbers["expected"]["orders"], rel=1e-4)


def test_scores_of_the_demo_shop_know_who_is_active(demo_shop: Shop) -> None:
    """Of each made-up customer the truth says whether they were still there: the probability tells them apart."""
    kept = demo_shop.insight("value", NOW).scores
    assert kept is not None
    demo_shop.engine.register("value_test", kept.table.select(["customer_id", "active.probability"]))
    truth = demo_shop.folder / "demo" / "ground_truth.parquet"
    pairs = demo_shop.engine.rows(f"""SELECT t.alive, v."active.probability" FROM read_parquet('{truth}') t
        JOIN value_test v USING (customer_id) WHERE t.alive IS NOT NULL AND t.loss_probability IS NOT NULL""")
    demo_shop.engine.unregister("value_test")
    alive = np.array([a for a, _ in pairs])
    rank = np.argsort(np.argsort([p for _, p in pairs])) + 1
    area = (rank[alive].sum() - alive.sum() * (alive.sum() + 1) / 2) / (alive.sum() * (~alive).sum())
    assert area > 0.85


def test_the_next_order_is_due_within_its_range_and_after_today(demo_shop: Shop) -> None:
    kept = demo_shop.insight("value", NOW).scores
    assert kept is not None
    due = [r for r in kept.table.to_pylist() if r["next_order.due"]]
    assert len(due) > 500
    assert all(date(2026, 11, 22) < r["next_order.earliest"] <= r["next_order.due"] for r in due)
    assert all(r["next_order.due"] <= r["next_order.latest"] for r in due if r["next_order.latest"])
    assert all(r["active.probability"] >= 0.5 for r in due)


def test_rules_ask_of_worth(small_shop: Shop) -> None:
    small_shop.keep(small_shop.insight("value", NOW))
    found = small_shop.count("value.next_12_months > 100 and active.probability >= 0.5", NOW)
    assert 0 < found < small_shop.count("any(orders)", NOW)
    assert small_shop.count("next_order.due in next 30 days", NOW) > 0


def test_worth_is_margin_where_margins_are_known_and_is_called_what_it_is(
        small_shop: Shop, odd_shops: dict[str, Shop]) -> None:
    margin = small_shop.insight("value", NOW, amount="margin")
    assert margin.parameters["amount"] == "margin" and "expected to bring a margin of" in str(margin.findings[0])
    assert odd_shops["no margins"].insight("value", NOW).parameters["amount"] == "total"
    paid = small_shop.insight("value", NOW)
    assert paid.parameters["amount"] == "total" and "expected to pay" in str(paid.findings[0])
    small_shop.keep(paid)
    rule = "value.next_12_months > 100"
    assert small_shop.sentence(rule) == "Expected spending of the next 12 months is more than 100"
    assert small_shop.sentence(rule, "ru").startswith("Ожидаемые траты за следующие 12 месяцев")


def test_too_few_who_came_back_are_refused(cdnow: Shop) -> None:
    with pytest.raises(TooLittleData, match="at least 20 customers who ordered on a second day, and there are 0"):
        worth(cdnow, "bg-nbd", segment="count(orders) = 1")


@pytest.mark.parametrize(("parameters", "said"), [
    ({"model": "nbd"}, "no model called 'nbd'"), ({"unit": "year"}, "no unit"), ({"months": 0}, "months must be from"),
    ({"discount": -1.0}, "discount must be"), ({"until": "yesterday"}, "not a day"),
    ({"until": "2030-01-01"}, "not before")])
def test_what_cannot_be_is_refused(cdnow: Shop, parameters: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        cdnow.insight("value", "1998-07-01", **parameters)
