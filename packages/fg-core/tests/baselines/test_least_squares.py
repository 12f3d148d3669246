"""One QR decomposition says of all orders what a singular value decomposition says of each."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core.authoring import binary_unit
from fg_core.baselines import AutoRegression
from fg_core.baselines._least_squares import (
    Regression,
    _residual_squares,
    highest_order,
    regress,
    select_order,
)
from fg_core.errors import ForecastUnavailable
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

quick = settings(max_examples=settings.default.max_examples * 3 // 2, deadline=None)
EPS = float(np.finfo(np.float64).eps)


def by_svd(reduced: Any, order: int, first: int) -> tuple[Regression, float]:
    """Return the fit by singular value decomposition, and the condition of the lags that count."""
    n = reduced.size
    target = reduced[first:]
    mean = float(np.mean(target))
    residuals = target - mean
    if order == 0:
        return Regression(mean, (), float(residuals @ residuals), n - first), 1.0
    lags = np.stack([reduced[first - k : n - k] for k in range(1, order + 1)], axis=1)
    lag_means = np.mean(lags, axis=0)
    left, singular, right = np.linalg.svd(lags - lag_means, full_matrices=False)
    kept = singular > EPS * max(lags.shape) * float(np.linalg.norm(reduced))
    phi = right[kept].T @ ((left.T[kept] @ residuals) / singular[kept])
    residuals = residuals - (lags - lag_means) @ phi
    fit = Regression(
        mean - float(lag_means @ phi), tuple(phi.tolist()), float(residuals @ residuals), n - first
    )
    return fit, float(singular[0] / singular[kept][-1]) if kept.any() else 1.0


def order_by_svd(reduced: Any, max_order: int, criterion: str) -> tuple[int, list[float]]:
    """Return the order with the smallest criterion, and the criteria."""
    highest = highest_order(reduced.size, max_order)
    scores = []
    for order in range(highest + 1):
        fit, _ = by_svd(reduced, order, highest)
        n, k = fit.n_rows, order + 2
        score = n * math.log(max(fit.rss / n, (64.0 * EPS) ** 2))
        penalty = {"bic": k * math.log(n), "aic": 2.0 * k}.get(
            criterion, 2.0 * k + 2.0 * k * (k + 1) / (n - k - 1)
        )
        scores.append(score + penalty)
    return scores.index(min(scores)), scores


def reduce(values: Any) -> Any:
    centred = np.asarray(values) - values[0]
    return centred / binary_unit(centred)


@st.composite
def series(draw: st.DrawFn) -> Any:
    """Return a walk, noise, a trend, a wave or steps, all with some noise or none."""
    n = draw(st.integers(4, 90))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    t = np.arange(n)
    shape = draw(st.sampled_from(["walk", "noise", "trend", "wave", "steps", "constant", "ar"]))
    noise = draw(st.sampled_from([0.0, 1e-6, 0.01, 1.0]))
    path = {
        "walk": np.cumsum(rng.standard_normal(n)),
        "noise": rng.standard_normal(n),
        "trend": 0.7 * t,
        "wave": np.sin(t / 3.0),
        "steps": (t > n // 2) * 1e9 * 1.0,
        "constant": np.full(n, 0.1),
        "ar": np.zeros(n),
    }[shape]
    if shape == "ar":
        for i in range(2, n):
            path[i] = 1.2 * path[i - 1] - 0.5 * path[i - 2] + rng.standard_normal()
    return draw(st.sampled_from([0.0, 5.0, -1e4])) + path + noise * rng.standard_normal(n)


@quick
@given(series(), st.integers(0, 8))
def test_a_fit_is_that_of_the_singular_value_decomposition(values: Any, order: int) -> None:
    if values.size < 2 * order + 2:
        return
    reduced = reduce(values)
    ours = regress(reduced, order, order)
    theirs, condition = by_svd(reduced, order, order)
    assert ours.n_rows == theirs.n_rows
    # Both err by rounding times the condition of the lags; the fit itself hardly does.
    slack = 1e-9 if condition < 1e4 else 1e-11 * condition
    assert ours.phi == pytest.approx(theirs.phi, rel=1e-9, abs=slack)
    root = math.sqrt(ours.rss / ours.n_rows)
    assert root == pytest.approx(math.sqrt(theirs.rss / theirs.n_rows), abs=1e-12)


@quick
@given(series(), st.integers(0, 8), st.sampled_from(["aicc", "bic", "aic"]))
def test_the_order_is_that_of_one_decomposition_per_order(
    values: Any, max_order: int, criterion: Any
) -> None:
    reduced = reduce(values)
    ours = select_order(reduced, max_order, criterion)
    theirs, scores = order_by_svd(reduced, max_order, criterion)
    # Where two orders are as good as each other, rounding decides.
    assert ours == theirs or scores[ours] - scores[theirs] < 1e-6
    highest = highest_order(reduced.size, max_order)
    squares, n = _residual_squares(reduced, highest)
    for order, rss in enumerate(squares):
        wanted = by_svd(reduced, order, highest)[0].rss
        assert math.sqrt(rss / n) == pytest.approx(math.sqrt(wanted / n), abs=1e-12)
    assert all(fewer >= more - 1e-20 for fewer, more in pairwise(squares))


@quick
@given(series(), st.integers(1, 6))
def test_forecasts_agree_to_a_billionth_of_the_scale(values: Any, horizon: int) -> None:
    model = AutoRegression().fit(TrainingWindow(values)).fitted
    assert model is not None
    reduced = reduce(values)
    theirs, condition = by_svd(reduced, model.order, model.order)
    if condition > 1e5:
        return  # a forecast from other rows than those of the fit magnifies rounding
    history = tuple(values[-9:-1].tolist())
    state = ForecastState(0, float(values[-1]), 0.0, 0.0, history=history)
    path = list(reduced)
    for _ in range(horizon):
        lags = path[: -model.order - 1 : -1]
        path.append(theirs.offset + math.fsum(p * z for p, z in zip(theirs.phi, lags, strict=True)))
    found = AutoRegression(fitted=model).act(state, horizon).delta
    usual = float(np.sqrt(np.mean(np.diff(values) ** 2)))
    size = max(usual, EPS * float(np.max(np.abs(values))))
    assert found == pytest.approx(model.unit * (path[-1] - reduced[-1]), rel=1e-9, abs=1e-9 * size)


@pytest.mark.parametrize("n", [30, 300, 3000])
@pytest.mark.parametrize("slope", [0.7, 1 / 3])
def test_a_trend_of_any_length_has_one_lag(n: int, slope: float) -> None:
    reduced = reduce(5.0 + slope * np.arange(n))
    assert select_order(reduced, 8, "aicc") == order_by_svd(reduced, 8, "aicc")[0] == 1


BEYOND = [1.7e308, -1.7e308, 1.0] * 8
NEARLY = [8e307, -8e307, 1.0] * 8


@pytest.mark.parametrize("values", [BEYOND, NEARLY], ids=["infinite", "no unit"])
@pytest.mark.parametrize("order", [None, 0, 2])
def test_changes_beyond_the_range_of_numbers_are_no_fit(
    values: list[float], order: int | None
) -> None:
    with pytest.raises(ForecastUnavailable, match=r"'ar' cannot be fitted: .* range of floats"):
        AutoRegression(order).fit(TrainingWindow(np.array(values)))


def test_a_decomposition_that_fails_is_no_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise np.linalg.LinAlgError("SVD did not converge")

    monkeypatch.setattr(np.linalg, "svd", fails)
    with pytest.raises(ForecastUnavailable, match="'mine' cannot be fitted: SVD did not converge"):
        AutoRegression(2, name="mine").fit(TrainingWindow(np.arange(20.0)))


def test_a_programming_error_stays_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np.linalg, "qr", None)
    with pytest.raises(TypeError):
        AutoRegression().fit(TrainingWindow(np.arange(20.0) % 5))


def test_a_shift_of_the_level_by_a_billion_is_fitted() -> None:
    draws = np.random.default_rng(0).standard_normal(80)
    values = draws + 1e9 * (np.arange(80) >= 40)
    for order in (None, 1, 4):
        model = AutoRegression(order).fit(TrainingWindow(values)).fitted
        assert model is not None
        assert math.isfinite(model.step_scale)
