"""Boosted trees: equal to xgboost by hand, repeatable, on one thread, and blind to the future."""

import copy
import json
import math
import os
import pickle
import subprocess
import sys
import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_agents import ModelForecaster, SklearnBackend, XGBoostBackend
from fg_agents.backends import _xgboost
from fg_core import (
    AgentError,
    AgentRegistry,
    AutoRegression,
    ConfigError,
    DataError,
    ForecastGame,
    ForecastState,
    ForecastUnavailable,
    Observation,
    RandomWalk,
    ReplayWorld,
    SimulationConfig,
    TrainingWindow,
)
from fg_core.errors import PluginLoadError
from fg_core.testing import check_forecaster, check_model_backend

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import xgboost

Z_90 = 1.2815515655446004


def series(n=200, seed=0):
    """A seasonal quarterly series, and a context of two columns."""
    rng = np.random.default_rng(seed)
    values = 50.0 + np.cumsum(rng.standard_normal(n)) + np.resize([2.0, 0.0, -3.0, 1.0], n)
    contexts = [{"rate": 3.0 + a, "spread": 9.0 * b} for a, b in rng.standard_normal((n, 2))]
    return values, contexts


def window(n=120, seed=0, season_length=4):
    """The first `n` rows of that."""
    values, contexts = series(max(n, 200), seed)
    return TrainingWindow(values[:n], n - 1, contexts=contexts[:n], season_length=season_length)


def state_at(values, contexts, t):
    past = tuple(values[max(0, t - 12) : t].tolist())
    return ForecastState(t, float(values[t]), 0.0, 0.0, macro_context=contexts[t], history=past)


# ---------------------------------------------------------------- what it computes


def design(values, contexts, t, horizon, lags, season):
    """One row of columns, in plain Python."""
    row = [values[t] - values[0]]
    row += [values[t] - values[t - k] for k in range(1, lags + 1)]
    if season > lags:
        row.append(values[t] - values[t - season])
    if season > 1 and horizon % season:
        row.append(values[t + horizon % season - season] - values[t])
    unit = 2.0 ** np.frexp(np.sqrt(np.mean(np.diff(values[:120]) ** 2)))[1]
    row = [number / unit for number in row]
    first = max(lags, season)
    for name in ("rate", "spread"):
        column = np.array([context[name] for context in contexts[first:120]])
        row.append((contexts[t][name] - column.mean()) / column.std())
    return row, unit


def grown(rows, target, objective):
    """What xgboost itself makes of it, by its other interface."""
    model = xgboost.XGBRegressor(
        n_estimators=40,
        max_depth=2,
        learning_rate=0.1,
        min_child_weight=10,
        reg_lambda=5.0,
        base_score=0.0,
        random_state=0,
        n_jobs=1,
        **objective,
    )
    return model.fit(np.array(rows, dtype=np.float32), target.astype(np.float32))


@pytest.mark.parametrize("scale", ["residual", "quantile"])
@pytest.mark.parametrize(("horizon", "lags", "season"), [(1, 3, 4), (4, 4, 4), (6, 2, 1)])
def test_forecast_and_scale_by_hand(scale, horizon, lags, season):
    values, contexts = series()
    train = window(season_length=season)
    model = XGBoostBackend(lags=lags, scale=scale).fit(train)
    first = max(lags, season if season > 1 else 0)
    origins = range(first, 120 - horizon)
    rows = [design(values, contexts, t, horizon, lags, season) for t in origins]
    unit, rows = rows[0][1], [row for row, _ in rows]
    target = np.array([(values[t + horizon] - values[t]) / unit for t in origins])
    squared = {"objective": "reg:squarederror"}
    outer = {"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.9]}

    def mean_of(n, where):
        mean = float(np.mean(target[:n]))
        return mean + grown(rows[:n], target[:n] - mean, squared).predict(where)

    def width_of(n, where):
        mean = float(np.mean(target[:n]))
        found = grown(rows[:n], target[:n] - mean, outer).predict(where)
        return np.abs(found[:, 1] - found[:, 0]) / 2.0

    state = state_at(values, contexts, 124)
    last = np.array([design(values, contexts, 124, horizon, lags, season)[0]])
    expected = unit * float(mean_of(len(rows), last)[0])
    assert model.predict(state, horizon) == pytest.approx(expected, rel=1e-5, abs=1e-5)

    errors, widths = [], []
    starts = np.linspace(2 * len(rows) // 3, len(rows), 4).astype(int)
    for begin, end in pairwise(starts):
        known = begin - horizon + 1
        there = np.array(rows[begin:end])
        errors.extend(target[begin:end] - mean_of(known, there))
        widths.extend(width_of(known, there) if scale == "quantile" else [])
    expected = np.sqrt(np.mean(np.square(errors)))
    if scale == "quantile":
        narrowest = expected / 16.0
        ratios = sorted(np.abs(errors) / np.maximum(widths, narrowest))
        stretch = ratios[math.ceil(0.8 * (len(ratios) + 1)) - 1] / Z_90
        expected = stretch * max(float(width_of(len(rows), last)[0]), narrowest)
    assert model.predict_scale(state, horizon) == pytest.approx(unit * expected, rel=1e-4)


def test_lags_and_season_come_with_rows():
    def lags(n, season_length=1):
        return XGBoostBackend().fit(window(n, season_length=season_length)).fitted.lags

    assert [lags(n).count for n in (40, 60, 89, 90, 240, 400)] == [1, 2, 2, 3, 8, 8]
    assert [lags(n, 4).season for n in (51, 52)] == [1, 4]
    assert [lags(n, 12).season for n in (75, 76)] == [1, 12]
    assert lags(120, 12).reach == 12


# ------------------------------------------------------------------ what it can learn


def planted(n=500, seed=4):
    """Changes that depend on the size of a column, either side alike: no line sees that."""
    rng = np.random.default_rng(seed)
    hint = rng.standard_normal(n)
    steps = np.where(np.abs(hint) > 1.0, 1.5, -0.7) + 0.3 * rng.standard_normal(n)
    values = np.concatenate([[0.0], np.cumsum(steps[:-1])])
    return values, [{"hint": x, "noise": y} for x, y in zip(hint, rng.random(n), strict=True)]


def test_learns_a_threshold_that_an_autoregression_cannot():
    values, contexts = planted()
    train = TrainingWindow(values[:300], 299, contexts=contexts[:300])
    origins = range(300, 499)
    truth = np.diff(values)[300:]
    means, scales = XGBoostBackend().fit(train).predict_path(values, origins, contexts=contexts)
    line, _ = (
        SklearnBackend(use_context=True).fit(train).predict_path(values, origins, contexts=contexts)
    )
    ar = AutoRegression(4).fit(train)
    own = [ar.act(state_at(values, contexts, t)).delta for t in origins]

    def mse(forecasts):
        return float(np.mean(np.square(truth - forecasts)))

    assert mse(means) < 0.25 * mse(own)
    assert mse(means) < 0.25 * mse(line)
    assert 0.7 < np.sqrt(mse(means)) / scales[0] < 1.4


@pytest.mark.slow
def test_quantile_scale_covers_four_fifths_where_it_is_calm_and_where_it_is_wild():
    # Noise that a column makes six times as large, forecast from windows that move on.
    rng = np.random.default_rng(1)
    wild = rng.random(900) < 0.5
    values = np.cumsum(np.where(wild, 6.0, 1.0) * rng.standard_normal(900))
    values = np.concatenate([[0.0], values[:-1]])
    contexts = [{"wild": float(x)} for x in wild]
    covered = {"quantile": [], "residual": []}
    for first in range(0, 700, 50):
        last = first + 160
        train = TrainingWindow(values[first:last], contexts=contexts[first:last])
        origins = np.arange(last, last + 39)
        truth = values[origins + 1] - values[origins]
        for scale, found in covered.items():
            model = XGBoostBackend(scale=scale).fit(train)
            means, scales = model.predict_path(values, origins, contexts=contexts)
            inside = np.abs(truth - means) < Z_90 * scales
            found.append((inside, wild[origins]))

    def coverage(scale):
        inside, there = np.concatenate([np.stack(pair) for pair in covered[scale]], axis=1)
        there = there.astype(bool)
        return [float(np.mean(part)) for part in (inside, inside[there], inside[~there])]

    assert coverage("quantile") == pytest.approx([0.8, 0.8, 0.8], abs=0.08)
    _, where_wild, where_calm = coverage("residual")
    assert where_wild < 0.72
    assert where_calm > 0.95


# ------------------------------------------------------------------- chance and threads

FITS = """
import numpy as np
from fg_agents import XGBoostBackend
from fg_core import ForecastState, TrainingWindow

rng = np.random.default_rng(3)
values = np.cumsum(rng.standard_normal(120))
contexts = [{"rate": rate} for rate in rng.standard_normal(120).tolist()]
window = TrainingWindow(values, 119, contexts=contexts, season_length=4)
state = ForecastState(
    119, values[-1], 0.0, 0.0, macro_context=contexts[-1], history=tuple(values[-9:-1].tolist())
)
answers = []
for backend in (XGBoostBackend(), XGBoostBackend(scale="quantile", subsample=0.7)):
    model = backend.fit(window)
    for horizon in (1, 4):
        answers += [model.predict(state, horizon).hex(), model.predict_scale(state, horizon).hex()]
        answers.append(model.fitted.at(horizon).trees.hex())
"""


def child(code, **environment):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.slow
def test_the_same_bits_again_and_in_another_process():
    here = {}
    exec(FITS, here)
    first = here["answers"]
    exec(FITS, here)
    assert here["answers"] == first
    assert child(FITS + "print(*answers)", OMP_NUM_THREADS="3") == first


def test_chance_comes_from_its_number_alone():
    values, contexts = series()
    state = state_at(values, contexts, 119)

    def forecast(**settings):
        return XGBoostBackend(**settings).fit(window()).predict(state)

    assert forecast(subsample=0.6) == forecast(subsample=0.6)
    assert forecast(subsample=0.6) != forecast(subsample=0.6, random_state=1)
    assert forecast() == forecast(random_state=1)


@pytest.mark.parametrize("scale", ["residual", "quantile"])
def test_trees_say_that_they_run_on_one_thread(scale):
    trees = XGBoostBackend(scale=scale).fit(window()).fitted.at(1)
    for part in (trees.trees, trees.outer):
        if part is not None:
            settings = json.loads(_xgboost._booster(part).save_config())["learner"]
            assert settings["generic_param"]["nthread"] == "1"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted where Linux lists them")
def test_no_thread_is_started():
    # Threads of the linear algebra may be there before; fits and forecasts add none.
    count = "len(os.listdir('/proc/self/task'))"
    loaded = "import os, warnings; warnings.simplefilter('ignore'); import xgboost, fg_agents"
    code = f"{loaded}\nbefore = {count}\n{FITS}\nprint({count} - before)"
    assert child(code, OMP_NUM_THREADS="4") == ["0"]


# ----------------------------------------------------------------------- a frozen value


def test_a_fit_is_a_value_that_survives_copies():
    values, contexts = series()
    state = state_at(values, contexts, 119)
    model = XGBoostBackend(scale="quantile").fit(window())
    answer = (model.predict(state, 2), model.predict_scale(state, 2))
    assert type(model.fitted.at(2).trees) is bytes
    _xgboost._booster.cache_clear()
    # What it was fitted with counts, also where a copy is given other settings.
    for twin in (
        model,
        copy.copy(model),
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
        replace(model, rounds=3, lags=7),
    ):
        assert (twin.predict(state, 2), twin.predict_scale(state, 2)) == answer
        assert twin.predict(state, 3) == model.predict(state, 3)
    with pytest.raises(AttributeError):
        model.rounds = 3


def test_the_order_of_questions_changes_nothing():
    values, contexts = series()
    state = state_at(values, contexts, 119)
    forwards, backwards = (XGBoostBackend().fit(window()) for _ in range(2))
    there = [forwards.predict(state, horizon) for horizon in (1, 2, 3, 4)]
    back = [backwards.predict(state, horizon) for horizon in (4, 3, 2, 1)]
    assert there == back[::-1]


@pytest.mark.slow
def test_conforms_with_context_on_a_short_window():
    check_model_backend(XGBoostBackend(scale="quantile"), window=window(70, seed=2))
    check_forecaster(ModelForecaster(XGBoostBackend(), "xgboost"), window=window(70, seed=2))


# ---------------------------------------------------------------------- the array path


@pytest.mark.parametrize("scale", ["residual", "quantile"])
@pytest.mark.parametrize("horizon", [1, 3, 4])
def test_the_array_path_is_the_one_by_one_path_bit_by_bit(scale, horizon):
    values, contexts = series()
    model = XGBoostBackend(scale=scale).fit(window())
    contexts[150] = {"rate": 1.0}
    origins = [3, *range(4, 200, 7), 150]
    means, scales = model.predict_path(values, origins, horizon, contexts=contexts)
    for t, mean, spread in zip(origins, means, scales, strict=True):
        if t in (3, 150):  # too near the beginning, and without a column
            assert math.isnan(mean)
            assert math.isnan(spread)
            continue
        state = state_at(values, contexts, t)
        assert mean == model.predict(state, horizon)
        assert spread == model.predict_scale(state, horizon)


def test_the_array_path_refuses_what_it_cannot_use():
    values, contexts = series()
    model = XGBoostBackend().fit(window())
    with pytest.raises(DataError, match="finite"):
        model.predict_path([1.0, math.nan], [0], contexts=contexts[:2])
    with pytest.raises(DataError, match="origins"):
        model.predict_path(values, [200], contexts=contexts)
    with pytest.raises(DataError, match="uses rate, spread, and 0 contexts"):
        model.predict_path(values, [20])
    with pytest.raises(AgentError, match="not fitted"):
        XGBoostBackend().predict_path(values, [20])
    nothing = model.predict_path(values, [0, 1], contexts=contexts)
    assert np.isnan(nothing).all()


# ------------------------------------------------------------------------ no look ahead


@settings(max_examples=10, deadline=None)
@given(later=st.lists(st.floats(-1e3, 1e3), min_size=80, max_size=80), horizon=st.integers(1, 5))
def test_what_comes_later_moves_no_bit(later, horizon):
    values, contexts = series()
    other = [*values[:120], *later]
    changed = [*contexts[:120], *({"rate": x, "spread": -x} for x in later)]
    model = XGBoostBackend().fit(window())
    again = XGBoostBackend().fit(
        TrainingWindow(other, 199, contexts=changed, season_length=4).last(None, gap=80)
    )
    origins = range(4, 120)
    then = model.predict_path(values, origins, horizon, contexts=contexts)
    hindsight = again.predict_path(other, origins, horizon, contexts=changed)
    assert np.array_equal(then, hindsight)


def test_in_the_game_the_future_reaches_nothing():
    def world(values):
        start = datetime(2000, 1, 1, tzinfo=UTC)
        rows = []
        for t, value in enumerate(values.tolist()):
            moment = start + timedelta(days=91 * t)
            context = {"hint": math.sin(value)}
            rows.append(Observation(moment, value, context, moment, "s", "test"))
        return ReplayWorld(tuple(rows), season_length=4)

    def play(values):
        config = SimulationConfig(
            refit_every=4, horizons=(1, 4), enable_refactor=False, horizon=20, max_rounds=20
        )
        agents = AgentRegistry((ModelForecaster(XGBoostBackend(), "xgboost"), RandomWalk()), (), ())
        replay = world(values)
        game = ForecastGame(config, seed=2, registry=agents)
        return game.run(replay.initial_state(80), 20, world=replay, disturbed=False)

    values, _ = series(110)
    changed = values.copy()
    changed[91:] += 7.0
    first, second = play(values), play(changed)
    # The value of period 91 is first seen at the end of round 10.
    for step, other in zip(first.steps[:11], second.steps[:11], strict=True):
        assert step.forecast == other.forecast
    assert first.steps[12].forecast != second.steps[12].forecast
    assert not first.convergence["missing"]


# --------------------------------------------------------------------- open about limits


def test_windows_and_histories_too_short_are_said():
    values, contexts = series()
    state = state_at(values, contexts, 119)
    short = XGBoostBackend().fit(window(31, season_length=1))
    with pytest.raises(ForecastUnavailable, match="32 training rows wanted, got 31"):
        short.predict(state)
    some = XGBoostBackend().fit(window(40, season_length=1))
    assert math.isfinite(some.predict(state, 4))
    with pytest.raises(ForecastUnavailable, match="horizon 5 wants 42 rows, got 40"):
        some.predict(state, 5)
    with pytest.raises(AgentError, match="set lookback to 4 or more"):
        XGBoostBackend().fit(window()).predict(replace(state, history=(1.0,) * 3))


def test_context_that_is_missing_is_said_and_never_guessed():
    values, contexts = series()
    del contexts[2]["rate"], contexts[60]["spread"]
    model = XGBoostBackend().fit(
        TrainingWindow(values[:120], 119, contexts=contexts[:120], season_length=4)
    )
    # The first origin is in row 4, so that the gap in row 2 is none.
    assert model.fitted.columns.names == ("rate",)
    state = state_at(values, contexts, 119)
    assert math.isfinite(model.predict(replace(state, macro_context={"rate": 1.0})))
    with pytest.raises(ForecastUnavailable, match="context column 'rate' is nan"):
        model.predict(replace(state, macro_context={"spread": 1.0}))
    bare = XGBoostBackend().fit(TrainingWindow(values[:120], 119))
    blind = XGBoostBackend(use_context=False).fit(window(season_length=1))
    assert bare.predict(state) == blind.predict(state)


def test_far_beyond_the_training_data_it_says_what_it_said_at_their_edge():
    values, contexts = series()
    model = XGBoostBackend().fit(window())
    state = state_at(values, contexts, 119)
    far = model.predict(replace(state, value=state.value + 1e4))
    assert model.predict(replace(state, value=1e300)) == far


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"lags": 0}, "lags 0 given, a whole number from 1 on"),
        ({"rounds": 0}, "rounds"),
        ({"rounds": 2.5}, "rounds 2.5"),
        ({"max_depth": 11}, "max_depth 11 given, a whole number from 1 to 10"),
        ({"min_child_weight": True}, "min_child_weight"),
        ({"random_state": -1}, "random_state"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"subsample": 1.5}, "subsample"),
        ({"reg_lambda": math.nan}, "reg_lambda"),
        ({"scale": "normal"}, "scale 'normal' given, one of residual, quantile"),
    ],
)
def test_settings_are_checked(options, match):
    with pytest.raises(ConfigError, match=match):
        XGBoostBackend(**options)


def test_a_library_that_does_not_load_is_said(monkeypatch):
    def broken():
        raise ValueError("\nlibgomp is not there\nmore lines")

    monkeypatch.setattr(_xgboost, "_load", broken)
    with pytest.raises(PluginLoadError, match="installed and does not load: libgomp"):
        XGBoostBackend().fit(window())
