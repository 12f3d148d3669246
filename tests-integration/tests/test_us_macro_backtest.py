"""The main job on real data, held against plain numpy and against published figures."""

import numpy as np
import pytest
from scipy.special import ndtr

from fg_backtest import backtest
from fg_data import load_dataset

SERIES = ("infl", "unemp", "tbilrate", "growth")
HORIZONS = (1, 4)
REFIT = 4

# CRPS of AR(4) by OLS on this protocol, measured with independent code: infl, unemp, tbilrate,
# growth at one quarter, then at four.
AR4_CRPS = {
    ("infl", 1): 1.193,
    ("unemp", 1): 0.112,
    ("tbilrate", 1): 0.319,
    ("growth", 1): 1.326,
    ("infl", 4): 1.297,
    ("unemp", 4): 0.409,
    ("tbilrate", 4): 0.836,
    ("growth", 4): 1.461,
}


@pytest.fixture(scope="module")
def dataset():
    return load_dataset("us_macro")


@pytest.fixture(scope="module")
def result(dataset):
    return backtest(dataset, agents="baselines", horizons=HORIZONS)


def crps(mean, sd, y):
    z = (y - mean) / sd
    density = np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
    return sd * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi))


def random_walk(y, h):
    return y[-1], np.sqrt(np.mean(np.diff(y) ** 2) * h)


def ar4(fit, y, h):
    b, s = fit
    path = list(y[-4:])
    for _ in range(h):
        path.append(b[0] + sum(b[k] * path[-k] for k in range(1, 5)))
    psi = [1.0]
    for j in range(1, h):
        psi.append(sum(b[k] * psi[j - k] for k in range(1, min(j, 4) + 1)))
    return path[-1], s * np.sqrt(np.sum(np.square(psi)))


def fit_ar4(y):
    x = np.column_stack([np.ones(len(y) - 4)] + [y[4 - k : -k] for k in range(1, 5)])
    b = np.linalg.lstsq(x, y[4:], rcond=None)[0]
    e = y[4:] - x @ b
    return b, np.sqrt(e @ e / (len(e) - 5))


def plain(dataset, series, h):
    """Walk forward with nothing of ours: expanding window, refit every fourth origin."""
    rows = dataset.series(series)
    y = np.array([row.value for row in rows])
    years = [row.timestamp.year for row in rows]
    first = years.index(1985)
    found = {"random_walk": [], "ar4": []}
    sd, fit = None, None
    for t in range(first, len(y) - 1):
        if (t - first) % REFIT == 0:
            sd, fit = random_walk(y[: t + 1], 1)[1], fit_ar4(y[: t + 1])
        if t + h < len(y):
            found["random_walk"].append((y[t], sd * np.sqrt(h), y[t + h]))
            found["ar4"].append((*ar4(fit, y[: t + 1], h), y[t + h]))
    return {name: np.array(rows).T for name, rows in found.items()}


@pytest.mark.parametrize("h", HORIZONS)
@pytest.mark.parametrize("series", SERIES)
def test_benchmarks_equal_plain_numpy(dataset, result, series, h):
    figures = result.metrics(series, h)
    expected = plain(dataset, series, h)
    for name, (mean, sd, y) in expected.items():
        assert figures[name].n == len(y) == (98 if h == 1 else 95)
        assert figures[name].mae == pytest.approx(np.mean(np.abs(y - mean)), rel=0, abs=1e-9)
        assert figures[name].rmse == pytest.approx(
            np.sqrt(np.mean((y - mean) ** 2)), rel=0, abs=1e-9
        )
        assert figures[name].crps == pytest.approx(np.mean(crps(mean, sd, y)), rel=0, abs=1e-9)
    walk, model = (np.mean(crps(*expected[name])) for name in ("random_walk", "ar4"))
    assert figures["ar4"].skill == pytest.approx(1 - model / walk, abs=1e-9)


def test_ar4_reproduces_the_published_figures(result):
    for (series, h), value in AR4_CRPS.items():
        assert result.metrics(series, h)["ar4"].crps == pytest.approx(value, abs=5.1e-4)
    assert result.summary.contenders["ar4"].mean_skill == pytest.approx(0.189, abs=5e-4)


def test_the_ensemble_earns_its_place(result):
    skills = {name: item.mean_skill for name, item in result.summary.contenders.items()}
    assert skills["random_walk"] == 0.0
    assert skills["ensemble"] >= 0.17
    assert skills["ensemble"] >= skills["equal_weights"]


@pytest.mark.parametrize("series", SERIES)
def test_its_intervals_hold_what_they_promise(result, series):
    for h in HORIZONS:
        assert 0.72 <= result.metrics(series, h)["ensemble"].coverage_80 <= 0.92


@pytest.mark.parametrize("aggregator", ["bayesian", "ensemble"])
def test_other_aggregators_play_the_same_game(dataset, result, aggregator):
    from dataclasses import replace

    from fg_core import Registry, default_agent_factory

    made = Registry("fg_core.aggregators").load(aggregator)()
    other = backtest(
        dataset,
        "unemp",
        horizons=HORIZONS,
        agent_factory=lambda config: replace(default_agent_factory(config), aggregator=made),
    )
    for h in HORIZONS:
        ours, theirs = result.metrics("unemp", h), other.metrics("unemp", h)
        assert theirs["ar4"] == ours["ar4"]
        assert theirs["ensemble"].crps != ours["ensemble"].crps
        assert theirs["ensemble"].skill > 0.0


def test_equal_runs_have_equal_results(dataset, result):
    again = backtest(dataset, agents="baselines", horizons=HORIZONS)
    assert again.results_hash == result.results_hash
