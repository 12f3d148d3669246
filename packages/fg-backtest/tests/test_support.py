"""Tests of series that are played in logarithms, or cannot fall below zero."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
import pytest

from fg_backtest import backtest, forecast, read_report
from fg_backtest.evaluate import recompute
from fg_backtest.support import Support, SupportRule, often_zero
from fg_core import (
    AgentRegistry,
    DataError,
    Dataset,
    Observation,
    PoolAggregator,
    Provenance,
    RandomWalk,
    SimulationConfig,
    default_agent_factory,
)
from fg_core.calendar import add_months, period_end
from fg_core.censored import CensoredForecast
from fg_core.components import Components
from fg_core.forecast import ProbabilisticForecast
from fg_core.testing.fakes import IntermittentForecaster
from fg_core.transforms import ExpMap, TransformedForecast

N = 64


def table(**values: Sequence[float]) -> dict[str, Any]:
    quarters = [f"{1990 + t // 4}Q{t % 4 + 1}" for t in range(N)]
    return {"quarter": quarters, **{name: list(path) for name, path in values.items()}}


def growing(seed: int = 0) -> list[float]:
    rng = np.random.default_rng(seed)
    found: list[float] = np.exp(np.cumsum(rng.normal(0.03, 0.1, N))).tolist()
    return found


def demand(seed: int = 0) -> list[float]:
    rng = np.random.default_rng(seed)
    found: list[float] = np.maximum(rng.normal(-0.2, 2.0, N).round(), 0.0).tolist()
    return found


def played(values: Mapping[str, Sequence[float]], **settings: Any) -> Any:
    settings = {"agent_factory": default_agent_factory, "season_length": 1, **settings}
    return backtest(table(**values), ds="quarter", y=list(values), **settings)


def mixture(one: Any) -> ProbabilisticForecast:
    parts = one.ensemble.components
    own = (np.array(numbers) for numbers in (parts.weights, parts.means, parts.scales))
    return ProbabilisticForecast.from_components(Components(*own))


# ---------------------------------------------------------------------------------- logarithms


def test_log_plays_the_logarithms_and_reads_them_back() -> None:
    """The same game as on a table of logarithms, with forecasts in the unit of the series."""
    values = growing()
    found = played({"y": values}, log=True).report.series["y"]
    by_hand = played({"y": np.log(values).tolist()}).report.series["y"]
    assert found.support == "log"
    for h, cell in found.horizons.items():
        scores = []
        for one, own in zip(cell.origins, by_hand.horizons[h].origins, strict=True):
            assert one.ensemble.components == own.ensemble.components
            assert {n: (c.mean, c.scale) for n, c in one.claims.items()} == {
                n: (c.mean, c.scale) for n, c in own.claims.items()
            }
            issued = TransformedForecast(mixture(one), ExpMap())
            assert one.ensemble.mean == pytest.approx(issued.mean, rel=1e-12)
            assert one.ensemble.variance == pytest.approx(issued.variance, rel=1e-9)
            assert one.ensemble.quantiles == pytest.approx(issued.quantiles, rel=1e-9)
            assert one.base == pytest.approx(values[one.origin])
            if one.target is not None:
                assert one.target == values[one.origin + int(h)]
                scores.append((issued.crps(one.target), issued.log_score(one.target)))
        ours = cell.contenders["ensemble"]
        assert (ours.crps, ours.log_score) == pytest.approx(np.mean(scores, axis=0), rel=1e-9)
        # Intervals are mapped, so that they hold what they held.
        assert ours.coverage_80 == by_hand.horizons[h].contenders["ensemble"].coverage_80
        assert ours.pit_counts == by_hand.horizons[h].contenders["ensemble"].pit_counts
    changes = np.diff(values[: found.first_played + 1])
    assert found.step_scale == pytest.approx(changes.std(), rel=0.05)
    assert by_hand.step_scale == pytest.approx(
        np.diff(np.log(values))[: changes.size].std(), rel=0.05
    )


def test_unit_of_a_series_in_logarithms_scales_its_scores() -> None:
    values = growing(1)
    one = played({"y": values}, log=True).report.series["y"].horizons["1"].contenders
    two = played({"y": [1000.0 * v for v in values]}, log=True).report.series["y"]
    for name, metrics in two.horizons["1"].contenders.items():
        assert metrics.crps == pytest.approx(1000.0 * (one[name].crps or 0.0), rel=1e-6)
        assert metrics.skill == pytest.approx(one[name].skill, abs=1e-6)


def test_value_without_logarithm_is_said_in_one_line() -> None:
    values = growing()
    values[17] = 0.0
    with pytest.raises(DataError, match=r"series 'y' is 0 in 1994Q2, and --log needs .* above"):
        played({"y": values}, log=True)
    with pytest.warns(UserWarning, match="left out one series: series 'y' is 0 in 1994Q2"):
        found = played({"y": values, "x": growing(2)}, log=True)
    assert list(found.report.series) == ["x"]


def test_today_in_logarithms() -> None:
    found = forecast(
        table(y=growing()), ds="quarter", y="y", agents="baselines", horizons=(1, 4), log=True
    )["y"]
    for one in found.horizons:
        issued = one.issued.forecast
        assert one.forecast.quantile(0.5) == pytest.approx(np.exp(issued.quantile(0.5)))
        assert one.probability(below=0.0) == 0.0
        assert one.probability(above=2.0) == pytest.approx(1.0 - issued.cdf(np.log(2.0)))
    assert (found.paths(50) > 0.0).all()


# ------------------------------------------------------------------------------ none below zero


def test_nothing_is_forecast_below_zero_and_scored_as_issued() -> None:
    found = played({"y": demand()}, nonnegative=True).report.series["y"]
    free = played({"y": demand()}, nonnegative=False).report.series["y"]
    assert (found.support, free.support) == ("nonnegative", "real")
    for h, cell in found.horizons.items():
        scores, pits = [], []
        for one, own in zip(cell.origins, free.horizons[h].origins, strict=True):
            assert one.ensemble.components == own.ensemble.components
            issued = CensoredForecast(mixture(one))
            assert min(one.ensemble.quantiles) >= 0.0
            assert one.ensemble.mean == pytest.approx(issued.mean)
            assert one.ensemble.mean > own.ensemble.mean
            if one.target is not None:
                scores.append(issued.crps(one.target))
                pits.append(issued.pit(one.target))
        ours = cell.contenders["ensemble"]
        assert ours.crps == pytest.approx(np.mean(scores))
        assert ours.pit_counts == tuple(np.histogram(pits, bins=10, range=(0.0, 1.0))[0].tolist())
        for name, metrics in cell.contenders.items():
            assert (metrics.crps or 0.0) < (free.horizons[h].contenders[name].crps or 0.0)


def test_often_zero_is_censored_with_a_notice_until_a_value_is_below() -> None:
    values = demand()
    with pytest.warns(UserWarning, match="series 'y' is often zero and never below"):
        found = played({"y": values}).report.series["y"]
    assert (found.support, found.below_zero_from) == ("nonnegative", None)
    last = found.horizons["1"].origins[-2].origin
    values[last] = -1.0
    with pytest.warns(UserWarning, match="series 'y' is often zero and never below"):
        later = played({"y": values}).report.series["y"]
    assert later.below_zero_from == last
    for one, own in zip(later.horizons["1"].origins, found.horizons["1"].origins, strict=True):
        if one.origin < last:
            assert one.ensemble == own.ensemble  # what came later was not known
        else:
            assert one.ensemble.mean == pytest.approx(mixture(one).mean)
    with pytest.raises(DataError, match=r"is -1 in \d{4}Q\d, and --nonnegative needs values of"):
        played({"y": values}, nonnegative=True)


def test_today_without_values_below_zero() -> None:
    settings = {"ds": "quarter", "y": "y", "agents": "baselines", "horizons": (1, 2)}
    found = forecast(table(y=demand()), **settings, nonnegative=True)["y"]
    assert all(one.probability(below=0.0) == 0.0 for one in found.horizons)
    assert found.horizons[0].probability(above=0.0) < 1.0
    assert found.quantiles((0.05, 0.5, 0.95)).min() == 0.0
    paths = found.paths(400)
    assert paths.min() == 0.0
    assert paths[:, 0].mean() == pytest.approx(found.horizons[0].forecast.mean, rel=0.15)
    columns = forecast(table(y=demand()), **settings, nonnegative=False).columns((0.05,))
    assert min(columns["q5"]) < 0.0


def test_rule_of_what_is_often_zero() -> None:
    assert often_zero(np.array([0.0, 0.01, 5.0, 5.0]))
    assert not often_zero(np.array([0.0, -0.01, 5.0, 5.0]))
    assert not often_zero(np.linspace(1.0, 2.0, 30))
    assert not often_zero(np.empty(0))
    rows: tuple[Any, ...] = ()
    assert SupportRule(log=True).of(rows, 0) == Support("log")


# ------------------------------------------------------------------------- stated distributions


def _agents(_: SimulationConfig) -> AgentRegistry:
    return AgentRegistry((RandomWalk(), IntermittentForecaster()), aggregator=PoolAggregator())


def test_stated_distributions_are_scored_as_stated_and_read_again(tmp_path: Any) -> None:
    result = played({"y": demand()}, agent_factory=_agents, nonnegative=True)
    cell = result.report.series["y"].horizons["1"]
    scores = []
    for one in cell.origins:
        stated = one.claims["intermittent"].shape
        assert stated.places == (0.0,)
        assert stated.masses == pytest.approx((0.6,))
        assert any(shape is not None for shape in one.ensemble.components.shapes)
        if one.target is not None:
            action = IntermittentForecaster().act(_state())
            scores.append(action.shape.crps(one.target))
    assert cell.contenders["intermittent"].crps == pytest.approx(np.mean(scores))
    assert cell.contenders["intermittent"].log_score is None
    result.write(tmp_path / "report.json")
    again = read_report(tmp_path / "report.json")
    assert msgspec.structs.replace(again, created="") == msgspec.structs.replace(
        result.report, created=""
    )
    for name, metrics in recompute(again).series["y"].horizons["1"].contenders.items():
        for field in ("mae", "crps", "coverage_80", "skill"):
            assert getattr(metrics, field) == pytest.approx(
                getattr(cell.contenders[name], field), rel=1e-9
            )


def _state() -> Any:
    from fg_core import ForecastState

    return ForecastState(0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("settings", [{"log": True}, {"nonnegative": True}])
def test_figures_are_recomputed_from_the_report(settings: dict[str, Any]) -> None:
    report = played({"y": growing(3)}, **settings).report
    found = recompute(report).series["y"].horizons["1"].contenders
    for name, metrics in report.series["y"].horizons["1"].contenders.items():
        for field in ("mae", "rmse", "crps", "interval_score_80", "log_score", "skill"):
            assert getattr(found[name], field) == pytest.approx(getattr(metrics, field), rel=1e-9)


def test_stated_distribution_of_a_logarithm_is_refused() -> None:
    with pytest.raises(DataError, match=r"\(intermittent\) cannot be scored in logarithms"):
        played({"y": growing()}, agent_factory=_agents, log=True)


def test_table_has_the_means_in_the_unit_of_the_series() -> None:
    pytest.importorskip("pandas")
    frame = played({"y": growing()}, log=True).to_frame()
    drift = frame["random_walk"] / frame["y"]
    assert 0.3 < drift.min() < drift.max() < 3.0


def test_values_that_are_revised_are_played_in_logarithms_too() -> None:
    start = datetime(1990, 1, 1, tzinfo=UTC)
    rows, earlier = [], []
    for t, value in enumerate(growing(5)):
        period = add_months(start, 3 * t)
        out = period_end(period, "Q") + timedelta(30)
        earlier.append(Observation(period, 1.1 * value, {}, out, "y", "made"))
        rows.append(replace(earlier[-1], value=value, available_at=out + timedelta(200)))

    def dataset(change: Callable[[float], float]) -> Dataset:
        parts = [tuple(replace(r, value=change(r.value)) for r in part) for part in (rows, earlier)]
        of = Provenance("made", "made up", "", "two vintages")
        return Dataset(parts[0], of, frequency="Q", earlier_values=parts[1])

    settings: dict[str, Any] = {"agent_factory": default_agent_factory, "horizons": (1,)}
    found = backtest(dataset(float), **settings, log=True).cell("y", 1).origins
    by_hand = backtest(dataset(lambda x: float(np.log(x))), **settings).cell("y", 1).origins
    assert found is not None
    assert by_hand is not None
    for one, own in zip(found, by_hand, strict=True):
        assert one.ensemble.components == own.ensemble.components
        assert one.base == pytest.approx(np.exp(own.base))
        assert own.target is None or one.target == pytest.approx(np.exp(own.target))
