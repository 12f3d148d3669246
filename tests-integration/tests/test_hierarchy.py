"""Bottom-up, top-down and reconciled forecasts of US growth, in the backtest.

Nothing here asks how accurate the agents are after 1984: their settings were chosen on origins up
to 1984Q3, and a threshold on later data would be a choice made with them.
"""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from fg_agents import BottomUpAgent, ReconciledAgent, TopDownAgent
from fg_backtest import backtest
from fg_core import AutoRegression, ReplayWorld, default_agent_factory
from fg_data import load_dataset

HORIZONS = (1, 4)
AGENTS = ("bottom_up", "top_down", "reconciled")
REFIT = 4


def with_hierarchy(config):
    default = default_agent_factory(config)
    ours = (BottomUpAgent(), TopDownAgent(), ReconciledAgent())
    return replace(default, forecasters=(*default.forecasters, *ours))


def with_second_order(config):
    default = default_agent_factory(config)
    member = BottomUpAgent(AutoRegression(2))
    return replace(default, forecasters=(*default.forecasters, member))


@pytest.fixture(scope="module")
def dataset():
    return load_dataset("us_macro", series=("growth", "unemp"))


@pytest.fixture(scope="module")
def result(dataset):
    return backtest(dataset, horizons=HORIZONS, agent_factory=with_hierarchy)


@pytest.mark.parametrize("horizon", HORIZONS)
def test_every_figure_is_reported(result, horizon):
    figures = result.metrics("growth", horizon)
    for name in AGENTS:
        own = figures[name]
        assert own.n == own.n_density == figures["random_walk"].n
        numbers = [own.mae, own.rmse, own.crps, own.log_score, own.interval_score_80, own.skill]
        assert np.isfinite(numbers).all()
        assert 0.0 < own.coverage_80 < 1.0
        assert sum(own.pit_counts) == own.n
    assert len({figures[name].crps for name in (*AGENTS, "ar4")}) == 4
    text = result.table()
    assert all(name in text for name in AGENTS)


@pytest.mark.parametrize("horizon", HORIZONS)
def test_a_series_without_segments_has_no_bottom_up_and_goes_on(result, horizon):
    figures = result.metrics("unemp", horizon)
    for name in ("bottom_up", "reconciled"):
        assert figures[name].n == 0
        assert figures[name].crps is None
    assert figures["top_down"].n == figures["random_walk"].n
    assert np.isfinite(figures["ensemble"].crps)


def test_bottom_up_equals_plain_numpy(dataset):
    result = backtest(dataset, "growth", horizons=HORIZONS, agent_factory=with_second_order)
    rows = dataset.series("growth")
    parts = np.array([list(row.segment_values.values()) for row in rows])
    total = np.array([row.value for row in rows])
    assert parts.sum(axis=1) == pytest.approx(total, abs=1e-9)
    first = [row.timestamp.year for row in rows].index(1985)
    for h in HORIZONS:
        errors, fits = [], []
        for t in range(first, len(rows) - 1):
            if (t - first) % REFIT == 0:
                fits = [fit_ar2(column) for column in parts[: t + 1].T]
            if t + h < len(rows):
                ahead = sum(iterate(b, parts[: t + 1, k], h) for k, b in enumerate(fits))
                errors.append(total[t + h] - ahead)
        found = result.metrics("growth", h)["bottom_up"]
        assert found.n == len(errors)
        assert found.mae == pytest.approx(np.mean(np.abs(errors)), abs=1e-9)
        assert found.rmse == pytest.approx(np.sqrt(np.mean(np.square(errors))), abs=1e-9)


def fit_ar2(y):
    x = np.column_stack([np.ones(len(y) - 2), y[1:-1], y[:-2]])
    return np.linalg.lstsq(x, y[2:], rcond=None)[0]


def iterate(b, y, h):
    path = list(y[-2:])
    for _ in range(h):
        path.append(b[0] + b[1] * path[-1] + b[2] * path[-2])
    return path[-1]


@pytest.mark.parametrize("horizon", [1, 2, 4, 8])
def test_contributions_to_growth_add_up_after_reconciliation(dataset, horizon):
    world = ReplayWorld(dataset.series("growth"))
    for t in range(60, 200, 20):
        known = world.training(world.initial_state(t))
        state = replace(world.initial_state(t), history=tuple(known.values[-20:].tolist()))
        found = ReconciledAgent().fit(known).reconciled(state, horizon)
        assert set(found.segments) == {"consumption", "investment", "government", "remainder"}
        assert abs(sum(found.segments.values()) - found.total) <= 1e-9
        assert found.scale <= TopDownAgent().fit(known).act(state, horizon).scale


@pytest.mark.slow
def test_before_1985_where_their_settings_were_chosen_they_beat_ar4():
    early = load_dataset("us_macro", series="growth", end=datetime(1984, 10, 1, tzinfo=UTC))
    result = backtest(
        early,
        horizons=HORIZONS,
        start=datetime(1970, 1, 1, tzinfo=UTC),
        warmup=0,
        agent_factory=with_hierarchy,
    )
    for h in HORIZONS:
        figures = result.metrics("growth", h)
        assert all(figures[name].skill > figures["ar4"].skill for name in AGENTS)
