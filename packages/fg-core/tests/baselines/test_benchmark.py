"""The published peer benchmark, reproduced through `act` and against plain numpy.

US macro series of statsmodels; last observed quarter 1985Q1 to 2009Q2, expanding window, refit
at every fourth origin with parameters frozen in between, Gaussian CRPS.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr

from fg_core.baselines import AutoRegression, RandomWalk, SeasonalNaive
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

SERIES = ("infl", "unemp", "tbilrate", "growth")
HORIZONS = (1, 4)
# Rows of the published table: four series at horizon 1, then at horizon 4; then the mean skill.
PUBLISHED = {
    "naive": ((1.472, 0.153, 0.317, 1.625, 1.844, 0.468, 0.869, 2.496), 0.000),
    "snaive": ((1.603, 0.479, 0.879, 1.807, 1.624, 0.486, 0.860, 1.814), -0.467),
    "ar4": ((1.193, 0.112, 0.319, 1.326, 1.297, 0.409, 0.836, 1.461), 0.189),
}
OURS: dict[str, Any] = {
    "naive": RandomWalk(),
    "snaive": SeasonalNaive(4),
    "ar4": AutoRegression(4),
}


@pytest.fixture(scope="module")
def macro() -> dict[str, Any]:
    """Values by series, and the index of 1985Q1 in each."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from statsmodels.datasets import macrodata

        data = macrodata.load_pandas().data
    quarters = [(int(y), int(q)) for y, q in zip(data.year, data.quarter, strict=True)]
    first, last = quarters.index((1985, 1)), quarters.index((2009, 2))
    out = {}
    for name in SERIES:
        if name == "growth":
            values, lost = 400.0 * np.diff(np.log(data.realgdp.to_numpy())), 1
        else:
            lost = 1 if name == "infl" else 0  # its first value is a placeholder
            values = data[name].to_numpy(dtype=float)[lost:]
        out[name] = (values, first - lost, last - lost)
    return out


def origins(first: int, last: int) -> Iterator[tuple[int, int]]:
    """Each origin with the origin of the fit in force."""
    for t in range(first, last + 1):
        yield t, t - (t - first) % 4


def crps(mean: Any, scale: Any, value: Any) -> Any:
    z = (value - mean) / scale
    density = np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
    return scale * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi))


def plain_naive(train: Any, seen: Any, h: int) -> tuple[float, float]:
    return seen[-1], np.sqrt(np.mean(np.diff(train) ** 2)) * np.sqrt(h)


def plain_snaive(train: Any, seen: Any, h: int) -> tuple[float, float]:
    return seen[-4:][(h - 1) % 4], np.sqrt(np.mean((train[4:] - train[:-4]) ** 2))


def plain_ar4(train: Any, seen: Any, h: int) -> tuple[float, float]:
    n, p = train.size, 4
    design = np.column_stack([np.ones(n - p), *(train[p - k : n - k] for k in range(1, p + 1))])
    beta = np.linalg.lstsq(design, train[p:], rcond=None)[0]
    errors = train[p:] - design @ beta
    companion = np.vstack([beta[1:], np.eye(p)[:-1]])
    state, power, total = seen[-1 : -p - 1 : -1].copy(), np.eye(p), 0.0
    for _ in range(h):
        state = companion @ state
        state[0] += beta[0]
        total += power[0, 0] ** 2
        power = power @ companion
    return state[0], np.sqrt(total * (errors @ errors) / (errors.size - p - 1))


PLAIN: dict[str, Callable[[Any, Any, int], tuple[float, float]]] = {
    "naive": plain_naive,
    "snaive": plain_snaive,
    "ar4": plain_ar4,
}


def forecast(name: str, values: Any, first: int, last: int) -> dict[int, Any]:
    """Mean and scale per horizon, shape (origin, 2), by our forecaster through `act`."""
    rows: dict[int, list[tuple[float, float]]] = {h: [] for h in HORIZONS}
    fits: dict[int, Any] = {}
    for t, refit in origins(first, last):
        if refit not in fits:
            fits[refit] = OURS[name].fit(TrainingWindow(values[: refit + 1], refit))
        history = tuple(values[t - 12 : t].tolist())
        state = ForecastState(t, float(values[t]), 0.0, 0.0, history=history)
        for h in HORIZONS:
            action = fits[refit].act(state, h)
            rows[h].append((state.value + action.delta, action.scale))
    return {h: np.array(r) for h, r in rows.items()}


@pytest.mark.parametrize("name", list(OURS))
def test_equals_plain_numpy(name: str, macro: dict[str, Any]) -> None:
    for values, first, last in macro.values():
        ours = forecast(name, values, first, last)
        for h in HORIZONS:
            plain = [
                PLAIN[name](values[: refit + 1], values[: t + 1], h)
                for t, refit in origins(first, last)
            ]
            np.testing.assert_allclose(ours[h], plain, rtol=0, atol=1e-9)


def test_reproduces_the_published_table(macro: dict[str, Any]) -> None:
    table: dict[str, list[float]] = {name: [] for name in OURS}
    for h in HORIZONS:
        for values, first, last in macro.values():
            scored = [t for t, _ in origins(first, last) if t + h < values.size]
            assert len(scored) == {1: 98, 4: 95}[h]
            target = values[[t + h for t in scored]]
            for name, row in table.items():
                mean, scale = forecast(name, values, first, last)[h][: len(scored)].T
                row.append(float(np.mean(crps(mean, scale, target))))
    naive = np.array(table["naive"])
    for name, (cells, skill) in PUBLISHED.items():
        assert [round(cell, 3) for cell in table[name]] == list(cells), name
        mean_skill = float(np.mean(1.0 - np.array(table[name]) / naive))
        assert round(mean_skill, 3) == skill
