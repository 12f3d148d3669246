"""Tests of forecasters of intermittent demand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from fg_agents.counts import (
    DemandForecaster,
    EmpiricalMethod,
    NegativeBinomialMethod,
    SmoothedMethod,
    croston,
    empirical,
    intermittent_forecasters,
    negative_binomial,
    sba,
    tsb,
)
from fg_agents.counts.negative_binomial import negative_binomial_masses
from fg_core import (
    ConfigError,
    Dataset,
    ForecastState,
    ForecastUnavailable,
    TrainingWindow,
    dataset_from_table,
)
from fg_core.distributions import StatedDistribution, stated_arrays
from fg_core.testing import check_array_form, check_forecaster

FORECASTERS = [pytest.param(one, id=one.name) for one in intermittent_forecasters()]


def path(n: int = 60, seed: int = 0, share: float = 0.3) -> Any:
    rng = np.random.default_rng(seed)
    return (rng.random(n) < share) * rng.integers(1, 8, n) * 1.0


def demand_dataset() -> Dataset:
    months = [f"{2001 + t // 12}-{t % 12 + 1:02}" for t in range(120)]
    return dataset_from_table({"month": months, "y": path(120).tolist()}, ds="month", y="y")


def at(values: Any, t: int) -> ForecastState:
    return ForecastState(t, float(values[t]), 0.0, 0.0, history=tuple(values[:t].tolist()))


def states(values: Any, first: int) -> list[ForecastState]:
    return [at(values, t) for t in range(first, first + 6)]


@pytest.mark.parametrize("agent", FORECASTERS)
def test_conforms(agent: DemandForecaster) -> None:
    values = path(80)
    check_forecaster(agent, window=TrainingWindow(values[:60], end_t=59), states=states(values, 59))


@pytest.mark.slow
def test_many_games_are_as_each_alone() -> None:
    for agent in (tsb(), empirical()):
        check_array_form(agent, "forecaster", dataset=demand_dataset())


@pytest.mark.parametrize("agent", FORECASTERS)
def test_stacked_lanes_are_as_each_alone(agent: DemandForecaster) -> None:
    paths = [path(70, seed, share) for seed, share in ((1, 0.1), (2, 0.5), (3, 0.9))]
    fitted = [agent.fit(TrainingWindow(own[:60], end_t=59)) for own in paths]
    whole = type(agent).stack(fitted)
    assert whole is not None
    for t in (59, 60, 64):
        shape = whole._shapes(_Lanes(t), *_lanes(paths, t), 1)[0]
        for i, one in enumerate(fitted):
            alone = one.act(at(paths[i], t)).shape
            assert StatedDistribution.of(shape, i) == alone
    assert type(agent).stack([fitted[0], replace(fitted[1], name="other")]) is None


class _Lanes:
    def __init__(self, t: int) -> None:
        self.t = t


def _lanes(paths: Any, t: int) -> Any:
    whole = np.array(paths)
    return whole[:, t], tuple(whole[:, k] for k in range(t))


@pytest.mark.parametrize("agent", FORECASTERS)
def test_values_since_the_fit_count_as_those_of_the_fit(agent: DemandForecaster) -> None:
    """Up to rounding, and up to the places that a fit draws together."""
    values = path(70)
    early = agent.fit(TrainingWindow(values[:60], end_t=59)).act(at(values, 66)).shape
    late = agent.fit(TrainingWindow(values[:67], end_t=66)).act(at(values, 66)).shape
    assert early is not None
    assert late is not None
    assert early.mean == pytest.approx(late.mean, rel=1e-9)
    for x in (0.0, 1.0, 3.0, 7.0):
        assert early.cdf(x) == pytest.approx(late.cdf(x), abs=1e-6)


def _croston(values: Any, alpha: float) -> tuple[float, float]:
    """Croston (1972) as it is written: smoothed size and interval, from the first of each."""
    size = interval = 0.0
    since = 1.0
    for value in values:
        if value > 0.0:
            size = value if size == 0.0 else size + alpha * (value - size)
            interval = since if interval == 0.0 else interval + alpha * (since - interval)
            since = 1.0
        else:
            since += 1.0
    return size, interval


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from([0.0, 0.0, 0.0, 1.0, 2.0, 5.0, 11.0]), min_size=6, max_size=60))
def test_croston_and_relatives_have_the_means_of_their_recursions(values: list[float]) -> None:
    window = TrainingWindow(values, end_t=len(values) - 1)
    state = at(np.array(values), len(values) - 1)
    if not any(values):
        with pytest.raises(ForecastUnavailable, match="no demand in its window"):
            croston().fit(window)
        return
    size, interval = _croston(values, 0.1)
    probability = float(values[0] > 0.0)
    for value in values[1:]:
        probability += 0.1 * ((value > 0.0) - probability)
    for agent, mean in (
        (croston(), size / interval),
        (sba(), 0.95 * size / interval),
        (tsb(), probability * size),
    ):
        shape = agent.fit(window).act(state).shape
        assert shape is not None
        assert shape.mean == pytest.approx(mean, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.02, 30.0), st.floats(0.5, 8.0))
def test_quantiles_of_counts_are_those_of_their_law(mean: float, dispersion: float) -> None:
    variance = mean * dispersion
    masses = negative_binomial_masses(np.array([mean]), np.array([variance]))[0]
    law = (
        stats.nbinom(mean * mean / (variance - mean), mean / variance)
        if dispersion > 1.001
        else stats.poisson(mean)
    )
    counts = np.arange(masses.size)
    if not 1.0 < dispersion < 1.001:
        np.testing.assert_allclose(masses, law.pmf(counts), atol=3e-6)
    stated = StatedDistribution.of(stated_arrays(places=counts, probabilities=masses))
    for level in (0.1, 0.25, 0.5, 0.75, 0.9, 0.975, 0.999):
        # A level within rounding of a step may go either way.
        at_level = law.ppf([level - 1e-5, level + 1e-5])
        assert at_level[0] <= stated.quantile(level)[0] <= at_level[1]


def test_negative_binomial_has_the_moments_of_the_window() -> None:
    values = np.random.default_rng(1).negative_binomial(0.8, 0.4, 200) * 1.0
    shape = negative_binomial().fit(TrainingWindow(values, end_t=199)).act(at(values, 199)).shape
    assert shape is not None
    assert shape.mean == pytest.approx(values.mean(), abs=1e-4)
    assert shape.scale == pytest.approx(values.std(ddof=1), rel=1e-3)


def test_empirical_quantiles_are_those_of_the_window() -> None:
    values = path(50)
    shape = empirical().fit(TrainingWindow(values, end_t=49)).act(at(values, 49)).shape
    assert shape is not None
    levels = [0.13, 0.5, 0.77, 0.93]
    assert (
        shape.quantile(levels).tolist()
        == np.quantile(values, levels, method="inverted_cdf").tolist()
    )


def test_only_tsb_lets_demand_end() -> None:
    values = np.concatenate([path(60, share=0.5), np.zeros(40)])
    first, last = (
        {
            agent.name: agent.fit(TrainingWindow(values[: t + 1], end_t=t)).act(at(values, t)).shape
            for agent in (croston(), tsb())
        }
        for t in (59, 99)
    )
    assert last["croston"].mean == pytest.approx(first["croston"].mean)  # type: ignore[union-attr]
    assert last["tsb"].mean < 0.05 * first["tsb"].mean  # type: ignore[union-attr]


def test_broken_sizes_keep_their_mean_in_few_places() -> None:
    values = np.where(path(200) > 0.0, np.random.default_rng(2).lognormal(1.0, 1.0, 200), 0.0)
    window = TrainingWindow(values, end_t=199)
    shape = empirical().fit(window).act(at(values, 199)).shape
    assert shape is not None
    assert len(shape.masses) <= 33
    assert shape.mean == pytest.approx(values.mean())
    assert shape.cdf(0.0) == pytest.approx(np.mean(values == 0.0))
    with pytest.raises(ForecastUnavailable, match=r"'negative_binomial': .* not whole numbers"):
        negative_binomial().fit(window)


def test_what_is_no_demand_is_refused() -> None:
    values = path(60)
    with pytest.raises(ForecastUnavailable, match="a value of its window is below zero"):
        croston().fit(TrainingWindow(values - 1.0))
    fitted = tsb().fit(TrainingWindow(values, end_t=59))
    with pytest.raises(ForecastUnavailable, match="was shown a value below zero"):
        fitted.act(ForecastState(60, -1.0, 0.0, 0.0))
    with pytest.raises(ForecastUnavailable, match="counts end at"):
        negative_binomial().fit(TrainingWindow([0.0, 0.0, 1000.0, 0.0]))
    for wrong in (
        lambda: SmoothedMethod(alpha=0.0),
        lambda: SmoothedMethod("other"),  # type: ignore[arg-type]
        lambda: EmpiricalMethod(0.0),
        lambda: NegativeBinomialMethod(-1.0),
    ):
        with pytest.raises(ConfigError):
            wrong()
