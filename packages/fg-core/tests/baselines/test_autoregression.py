from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest

from fg_core.baselines import AutoRegression, AutoRegressionFit
from fg_core.errors import AgentError, ConfigError, DataError, ForecastUnavailable
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow


def simulate(n: int, seed: int, phi: tuple[float, ...] = (0.5, 0.2, -0.3)) -> Any:
    rng = np.random.default_rng(seed)
    path = np.zeros(n + 50)
    for t in range(len(phi), path.size):
        lags = path[t - len(phi) : t][::-1]
        path[t] = 0.7 + float(np.dot(phi, lags)) + rng.standard_normal()
    return path[50:]


def state_at(values: Any, lookback: int = 12) -> ForecastState:
    history = tuple(float(v) for v in values[-1 - lookback : -1])
    return ForecastState(len(values), float(values[-1]), 0.0, 0.0, history=history)


def fitted(forecaster: AutoRegression) -> AutoRegressionFit:
    assert forecaster.fitted is not None
    return forecaster.fitted


@pytest.mark.parametrize("order", [0, 1, 2, 4, 8])
@pytest.mark.parametrize("level", [0.0, 5.0, -300.0])
def test_equals_lstsq(order: int, level: float) -> None:
    y = simulate(90, order) + level
    columns = [np.ones(y.size - order)]
    columns += [y[order - k : y.size - k] for k in range(1, order + 1)]
    design = np.column_stack(columns)
    beta, *_ = np.linalg.lstsq(design, y[order:], rcond=None)
    residuals = y[order:] - design @ beta
    got = fitted(AutoRegression(order).fit(TrainingWindow(y)))
    assert got.order == order
    np.testing.assert_allclose(got.phi, beta[1:], rtol=0, atol=1e-10)
    assert got.intercept == pytest.approx(beta[0], rel=1e-10, abs=1e-10)
    sigma = math.sqrt(residuals @ residuals / (residuals.size - order - 1))
    assert got.step_scale == pytest.approx(sigma, rel=1e-10)


def test_equals_statsmodels() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from statsmodels.tsa.ar_model import AutoReg, ar_select_order

        for seed in range(3):
            y = simulate(120, seed) + 3.0
            theirs = AutoReg(y, 3, trend="c").fit()
            ours = AutoRegression(3).fit(TrainingWindow(y))
            got = fitted(ours)
            np.testing.assert_allclose([got.intercept, *got.phi], theirs.params, atol=1e-10)
            path = theirs.forecast(6)
            for horizon in range(1, 7):
                level = y[-1] + ours.act(state_at(y), horizon).delta
                assert level == pytest.approx(path[horizon - 1], abs=1e-9)
            for criterion in ("aic", "bic"):
                chosen = AutoRegression(criterion=criterion).fit(TrainingWindow(y))
                lags = ar_select_order(y, 8, ic=criterion, trend="c").ar_lags or [0]
                assert fitted(chosen).order == max(lags)


def test_hand_computed_path_and_scale() -> None:
    # y = 1 + y1 / 2 - y2 / 4: psi = 1, 1/2, 0, -1/8
    fit = AutoRegressionFit((0.5, -0.25), 1.0, 0.0, 1.0, 2.0)
    ar = AutoRegression(2, fitted=fit)
    state = ForecastState(2, 4.0, 0.0, 0.0, history=(8.0,))
    # levels: 1 + 2 - 2 = 1; 1 + 0.5 - 1 = 0.5; 1 + 0.25 - 0.25 = 1
    assert [ar.act(state, h).delta for h in (1, 2, 3)] == [-3.0, -3.5, -3.0]
    scales = [2.0, 2.0 * math.sqrt(1.25), 2.0 * math.sqrt(1.25), 2.0 * math.sqrt(1.265625)]
    assert [ar.act(state, h).scale for h in (1, 2, 3, 4)] == pytest.approx(scales, rel=1e-15)
    assert [ar.sensitivity(state, h) for h in (1, 2, 3)] == [0.5, 0.0, -0.125]


def test_order_zero_forecasts_the_mean() -> None:
    ar = AutoRegression(0).fit(TrainingWindow(np.array([1.0, 2.0, 6.0])))
    state = ForecastState(3, 4.0, 0.0, 0.0)
    assert ar.act(state).delta == pytest.approx(-1.0)
    assert ar.act(state, 5).scale == pytest.approx(math.sqrt(7.0))
    assert ar.sensitivity(state) == 0.0
    assert fitted(ar).spectral_radius == 0.0


def test_finds_the_order_of_a_long_series() -> None:
    window = TrainingWindow(simulate(3000, 1))
    assert fitted(AutoRegression(criterion="bic").fit(window)).order == 3
    noise = TrainingWindow(np.random.default_rng(3).standard_normal(2000))
    assert fitted(AutoRegression(criterion="bic").fit(noise)).order == 0


def test_the_criterion_as_published() -> None:
    # AICc of every order on the common sample, from lstsq and the formula.
    highest, chosen = 8, set()
    for seed in range(60):
        y = simulate(26, seed)
        scores = []
        for order in range(highest + 1):
            columns = [np.ones(y.size - highest)]
            columns += [y[highest - k : y.size - k] for k in range(1, order + 1)]
            design = np.column_stack(columns)
            beta, *_ = np.linalg.lstsq(design, y[highest:], rcond=None)
            n, k = y.size - highest, order + 2
            rss = float(np.sum((y[highest:] - design @ beta) ** 2))
            scores.append(n * math.log(rss / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1))
        best = int(np.argmin(scores))
        assert fitted(AutoRegression().fit(TrainingWindow(y))).order == best
        chosen.add(best)
    assert len(chosen) > 2


@pytest.mark.parametrize("factor", [2.0**-140, 2.0**140])
def test_the_unit_decides_nothing_however_odd(factor: float) -> None:
    y = simulate(60, 4)
    plain = AutoRegression().fit(TrainingWindow(y))
    scaled = AutoRegression().fit(TrainingWindow(y * factor))
    assert fitted(plain).phi
    assert fitted(scaled).phi == fitted(plain).phi
    assert fitted(scaled).step_scale == fitted(plain).step_scale * factor
    assert scaled.act(state_at(y * factor)).delta == plain.act(state_at(y)).delta * factor


@pytest.mark.parametrize("order", [None, 0, 1, 4])
@pytest.mark.parametrize("level", [0.0, 0.1, -7.3, 1e9])
def test_a_constant_stays_where_it_is(order: int | None, level: float) -> None:
    ar = AutoRegression(order).fit(TrainingWindow(np.full(24, level)))
    assert fitted(ar).phi == (0.0,) * (order or 0)
    state = ForecastState(24, level, 0.0, 0.0, history=(level,) * 6)
    for horizon in (1, 5):
        action = ar.act(state, horizon)
        assert action.delta == 0.0
        assert action.scale is not None
        assert 0.0 < action.scale <= 1e-15 * max(1.0, abs(level))


@pytest.mark.parametrize("order", [1, 2, 4, None])
@pytest.mark.parametrize("slope", [0.7, -1.1, 1 / 3])
def test_an_exact_trend_goes_on(order: int | None, slope: float) -> None:
    values = np.array([3.0 + slope * t for t in range(40)])
    ar = AutoRegression(order).fit(TrainingWindow(values))
    # Any lags that sum to 1 fit; the shortest solution spreads them evenly, and no criterion
    # prefers one set of rounding errors to another.
    lags = order or 1
    assert fitted(ar).phi == pytest.approx((1 / lags,) * lags, abs=1e-9)
    for horizon in (1, 3):
        assert ar.act(state_at(values), horizon).delta == pytest.approx(slope * horizon, abs=1e-9)


def test_one_outlier_before_a_constant_is_no_news_about_lags() -> None:
    # The lags of the common sample are 0.1 throughout: nothing but rounding errors in them.
    ar = AutoRegression().fit(TrainingWindow(np.array([1.0] + [0.1] * 30)))
    assert max(map(abs, fitted(ar).phi), default=0.0) < 1.0
    assert abs(ar.act(state_at([0.1] * 20)).delta) < 0.1


def test_explosive_roots_are_left_alone() -> None:
    values = [2.0 * 1.25**t for t in range(30)]
    ar = AutoRegression(1).fit(TrainingWindow(np.array(values)))
    assert fitted(ar).spectral_radius == pytest.approx(1.25)
    state = state_at(values)
    assert state.value + ar.act(state, 4).delta == pytest.approx(values[-1] * 1.25**4)
    with pytest.raises(ForecastUnavailable, match=r"horizon 4000 .* overflows \(largest root 1.25"):
        ar.act(state, 4000)


def test_spectral_radius_of_known_roots() -> None:
    # (1 - 0.9 L)(1 + 0.5 L) = 1 - 0.4 L - 0.45 L^2
    assert AutoRegressionFit((0.4, 0.45), 0.0, 0.0, 1.0, 1.0).spectral_radius == pytest.approx(0.9)


def test_a_short_window_limits_the_orders_tried() -> None:
    for n in range(4, 14):
        ar = AutoRegression(criterion="aic").fit(TrainingWindow(simulate(n, n)))
        assert fitted(ar).order <= (n - 4) // 2


def test_says_what_is_wrong() -> None:
    y = simulate(30, 0)
    state = state_at(y, lookback=2)
    with pytest.raises(ConfigError, match="order -1 given, 0 or more wanted"):
        AutoRegression(-1)
    with pytest.raises(ConfigError, match="max_order -2 given"):
        AutoRegression(max_order=-2)
    with pytest.raises(ConfigError, match="criterion 'hqic' given, one of aicc, bic, aic wanted"):
        AutoRegression(criterion="hqic")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="'ar' needs at least 10 training rows, got 9"):
        AutoRegression(4).fit(TrainingWindow(y[:9]))
    with pytest.raises(DataError, match="at least 4 training rows, got 3"):
        AutoRegression().fit(TrainingWindow(y[:3]))
    for call in (AutoRegression().act, AutoRegression().sensitivity):
        with pytest.raises(AgentError, match="'ar' is not fitted"):
            call(state)
    ar = AutoRegression(4).fit(TrainingWindow(y))
    with pytest.raises(AgentError, match=r"needs 3 earlier values in .*, got 2: set lookback to 3"):
        ar.act(state)
    with pytest.raises(AgentError, match="cannot use inf"):
        ar.act(ForecastState(9, 1.0, 0.0, 0.0, history=(1.0, math.inf, 2.0)))


def test_works_on_the_shortest_windows() -> None:
    for order in range(4):
        y = simulate(2 * order + 2, order + 3)
        action = AutoRegression(order).fit(TrainingWindow(y)).act(state_at(y, order))
        assert math.isfinite(action.delta)
        assert action.scale is not None
        assert action.scale > 0.0
