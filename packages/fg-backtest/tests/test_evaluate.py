"""Every figure follows from the per-origin records, by formulas written out here once more."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from fg_backtest import BacktestResult, backtest, read_report, recompute
from fg_backtest.evaluate import _beaten_by
from fg_backtest.report import without_origins
from fg_backtest.schema import Contender
from fg_core import (
    AgentAction,
    AgentRegistry,
    DataError,
    Dataset,
    ForecastUnavailable,
    RandomWalk,
)


def assert_equal(a: Any, b: Any) -> None:
    if isinstance(a, dict):
        assert a.keys() == b.keys()
        for key in a:
            assert_equal(a[key], b[key])
    elif isinstance(a, list | tuple):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            assert_equal(x, y)
    elif isinstance(a, float):
        assert a == pytest.approx(b, rel=1e-12, abs=1e-12)
    else:
        assert a == b


def test_a_report_gives_all_its_figures_again(played: BacktestResult, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    played.write(path)
    report = read_report(path)
    again = recompute(report)
    assert_equal(msgspec.to_builtins(again), msgspec.to_builtins(report))


def test_wrong_figures_do_not_come_again(played: BacktestResult) -> None:
    cell = played.cell("a", 1)
    ensemble = msgspec.structs.replace(cell.contenders["ensemble"], crps=0.0)
    wrong = msgspec.structs.replace(cell, contenders={**cell.contenders, "ensemble": ensemble})
    series = played.report.series["a"]
    series = msgspec.structs.replace(series, horizons={**series.horizons, "1": wrong})
    report = msgspec.structs.replace(played.report, series={**played.report.series, "a": series})
    assert recompute(report) == played.report


def test_a_summary_has_nothing_to_compute_from(played: BacktestResult) -> None:
    with pytest.raises(DataError, match=r"the report holds the summary only.*--summary-only"):
        recompute(without_origins(played.report))


def expected_distance(d: float, s: float) -> float:
    return d * math.erf(d / s / math.sqrt(2.0)) + s * math.sqrt(2.0 / math.pi) * math.exp(
        -0.5 * (d / s) ** 2
    )


def crps_mixture(w: list[float], m: list[float], s: list[float], y: float) -> float:
    to_y = sum(w[i] * expected_distance(y - m[i], s[i]) for i in range(len(w)))
    pairs = sum(
        w[i] * w[j] * expected_distance(m[i] - m[j], math.hypot(s[i], s[j]))
        for i, j in product(range(len(w)), repeat=2)
    )
    return to_y - pairs / 2.0


def mixture_cdf(w: list[float], m: list[float], s: list[float], x: float) -> float:
    return sum(
        wi * 0.5 * math.erfc(-(x - mi) / si / math.sqrt(2.0))
        for wi, mi, si in zip(w, m, s, strict=True)
    )


@pytest.mark.parametrize("h", ["1", "4"])
@pytest.mark.parametrize("contender", ["ensemble", "equal_weights"])
def test_mixtures_from_the_json_alone(played: BacktestResult, h: str, contender: str) -> None:
    report = json.loads(json.dumps(played.to_dict()))
    cell = report["series"]["b"]["horizons"][h]
    errors, scores, covered = [], [], []
    for origin in cell["origins"]:
        if contender == "ensemble":
            parts = origin["ensemble"]["components"]
            w, m, s = parts["weights"], parts["means"], parts["scales"]
            mean = sum(wi * mi for wi, mi in zip(w, m, strict=True))
            variance = sum(
                wi * (si**2 + (mi - mean) ** 2) for wi, mi, si in zip(w, m, s, strict=True)
            )
            assert origin["ensemble"]["mean"] == pytest.approx(mean, abs=1e-12)
            assert origin["ensemble"]["variance"] == pytest.approx(variance, abs=1e-12)
            for level, q in zip(
                report["quantile_levels"], origin["ensemble"]["quantiles"], strict=True
            ):
                assert mixture_cdf(w, m, s, q) == pytest.approx(level, abs=1e-9)
        else:
            claims = list(origin["claims"].values())
            w = [1.0 / len(claims)] * len(claims)
            m, s = ([claim[key] for claim in claims] for key in ("mean", "scale"))
            mean = float(np.mean(m))
        if origin["target"] is None:
            continue
        errors.append(origin["target"] - mean)
        scores.append(crps_mixture(w, m, s, origin["target"]))
        covered.append(0.1 <= mixture_cdf(w, m, s, origin["target"]) <= 0.9)
    found = cell["contenders"][contender]
    assert found["n"] == len(errors)
    assert found["mae"] == pytest.approx(np.mean(np.abs(errors)), abs=1e-12)
    assert found["crps"] == pytest.approx(np.mean(scores), abs=1e-9)
    assert found["coverage_80"] == np.mean(covered)
    walk = cell["contenders"]["random_walk"]["crps"]
    assert found["skill"] == pytest.approx(1.0 - np.mean(scores) / walk, abs=1e-9)


@dataclass(frozen=True)
class Moody:
    """Has no forecast at every third origin, no scale at every fifth and certainty at others."""

    name: str = "moody"

    def act(self, state: Any, horizon: int = 1) -> AgentAction:
        if state.t % 3 == 0:
            raise ForecastUnavailable(f"not in period {state.t}")
        scale = None if state.t % 5 == 0 else 0.0 if state.t % 7 == 0 else 1.0
        return AgentAction(self.name, 0.1, scale=scale)


def test_gaps_by_hand(make_dataset: Callable[..., Dataset]) -> None:
    """A certainty is no density, and what is not scored is not counted."""
    registry = AgentRegistry((RandomWalk(), Moody()))
    played = backtest(make_dataset(), horizons=(1, 4), agent_factory=lambda config: registry)
    for h in (1, 4):
        cell = played.cell("a", h)
        assert cell.origins is not None
        known = [one for one in cell.origins if one.target is not None]
        assert {one.origin for one in cell.origins} - {one.origin for one in known} == (
            set() if h == 1 else {96, 97, 98}
        )
        silent = [one for one in known if one.origin % 3 == 0]
        assert cell.missing == {"random_walk": 0, "moody": len(silent)}
        assert cell.missing_reasons == {"moody": {"not in period #": len(silent)}}
        said = [one for one in known if one.origin % 3]
        dense = [one for one in said if one.origin % 5 and one.origin % 7]
        found = cell.contenders["moody"]
        assert 0 < found.n_density == len(dense) < found.n == len(said)
        of_pool = []
        for one in known:
            walk, scale = one.claims["random_walk"].mean, one.claims["random_walk"].scale
            assert scale is not None
            assert one.target is not None
            parts = [(walk, scale), *([(one.base + 0.1, 1.0)] if one in dense else [])]
            weights = [1.0 / len(parts)] * len(parts)
            means, scales = ([part[i] for part in parts] for i in (0, 1))
            of_pool.append(crps_mixture(weights, means, scales, one.target))
        pool = cell.contenders["equal_weights"]
        assert pool.n == pool.n_density == len(known)
        assert pool.crps == pytest.approx(np.mean(of_pool), abs=1e-12)


def test_the_summary_is_the_mean_over_cells(played: BacktestResult) -> None:
    assert played.summary.cells == 4
    for name, total in played.summary.contenders.items():
        cells = [played.metrics(series, h)[name] for series in "ab" for h in (1, 4)]
        assert total.mean_skill == pytest.approx(np.mean([m.skill for m in cells]), abs=1e-12)
        assert total.mean_coverage_80 == pytest.approx(
            np.mean([m.coverage_80 for m in cells]), abs=1e-12
        )
    assert played.summary.contenders["random_walk"].mean_skill == 0.0


def test_what_beats_the_ensemble_is_told_best_first() -> None:
    skills = {"random_walk": 0.0, "ar": 0.2, "ar4": 0.3, "equal_weights": 0.1, "ensemble": 0.1}
    contenders = {name: Contender(skill, 0.8, 8) for name, skill in skills.items()}
    assert _beaten_by(contenders) == ("ar4", "ar")
    contenders["ar"] = Contender(0.2, 0.8, 7)  # over other cells: no comparison
    assert _beaten_by(contenders) == ("ar4",)
    contenders["ensemble"] = Contender(None, None, 0)
    assert _beaten_by(contenders) == ()


def test_intervals_are_those_that_were_issued(played: BacktestResult) -> None:
    """Quantiles that are not those of the mixture decide coverage and interval score, no more."""
    cell = played.cell("a", 1)
    origins = tuple(
        msgspec.structs.replace(
            one,
            ensemble=msgspec.structs.replace(
                one.ensemble, quantiles=tuple(0.3 * q for q in one.ensemble.quantiles)
            ),
        )
        for one in cell.origins
    )
    changed = msgspec.structs.replace(cell, origins=origins)
    series = played.report.series["a"]
    series = msgspec.structs.replace(series, horizons={**series.horizons, "1": changed})
    report = msgspec.structs.replace(played.report, series={**played.report.series, "a": series})
    found = recompute(report).series["a"].horizons["1"].contenders
    known = [(one.ensemble.quantiles, one.target) for one in origins if one.target is not None]
    inside = [q[0] <= y <= q[-1] for q, y in known]
    penalty = [(q[-1] - q[0]) + 10.0 * (max(q[0] - y, 0.0) + max(y - q[-1], 0.0)) for q, y in known]
    assert found["ensemble"].coverage_80 == np.mean(inside)
    assert found["ensemble"].interval_score_80 == pytest.approx(np.mean(penalty))
    assert found["ensemble"].coverage_80 != cell.contenders["ensemble"].coverage_80
    assert found["ensemble"].crps == cell.contenders["ensemble"].crps
    assert found["ensemble"].log_score == cell.contenders["ensemble"].log_score
    others = {name: one for name, one in cell.contenders.items() if name != "ensemble"}
    assert {name: found[name] for name in others} == others


def test_a_report_with_quantiles_at_other_levels_is_scored_by_its_mixtures(
    played: BacktestResult,
) -> None:
    report = msgspec.structs.replace(played.report, quantile_levels=(0.05, 0.25, 0.5, 0.75, 0.95))
    assert_equal(
        msgspec.to_builtins(recompute(report).series), msgspec.to_builtins(played.report.series)
    )
