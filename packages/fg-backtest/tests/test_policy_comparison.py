from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from fg_backtest import PolicyComparison, compare, price_of_attack
from fg_backtest.datasets import prepared
from fg_core import ConfigError, DefenderAgent, ProbabilisticForecast, RandomHits
from fg_core.defenses import defense_from_name
from fg_core.errors import ArtifactError
from fg_core.policies import Policy

HOW: dict[str, Any] = {
    "agents": "baselines",
    "adversaries": ("two_quarter",),
    "defense": "clipping",
    "horizons": (1,),
    "warmup": 4,
}
TRAINED = Policy(DefenderAgent(defense_from_name("clipping"), "trained"), "defender", "mine")


@pytest.fixture(scope="module")
def dataset() -> Any:
    steps = np.random.default_rng(3).normal(size=(2, 44)).cumsum(axis=1).round(2)
    rows = [(name, t, y) for name, ys in zip("ab", steps, strict=True) for t, y in enumerate(ys)]
    rows = [(name, t, y) for name, t, y in rows if name == "a" or t < 42]
    return prepared(
        {
            "unique_id": [name for name, _, _ in rows],
            "ds": [f"{2001 + t // 4}Q{t % 4 + 1}" for _, t, _ in rows],
            "y": [float(y) for *_, y in rows],
        }
    )


@pytest.fixture(scope="module")
def found(dataset: Any) -> PolicyComparison:
    return compare(dataset, TRAINED, (3.0,), **HOW)


@dataclass(frozen=True)
class Shifted:
    """Adds a number to what a pool forecasts."""

    by: float
    pool: Any = None
    name: str = "shifted"

    def correcting(self, pool: Any) -> Any:
        return replace(self, pool=pool)

    def start(self, names: Any, window: Any, horizons: Any) -> Any:
        return replace(self, pool=self.pool.start(names, window, horizons))

    def aggregate(self, state: Any, actions: Any, **options: Any) -> Any:
        found = self.pool.aggregate(state, actions, **options)
        parts = replace(found.components, means=found.components.means + self.by)
        return found if self.by == 0.0 else ProbabilisticForecast.from_components(parts)

    def update(self, outcome: Any) -> Any:
        return replace(self, pool=self.pool.update(outcome))


def test_a_defender_that_is_the_fixed_one_changes_nothing_and_one_that_is_not_does(
    found: PolicyComparison,
) -> None:
    assert repr(found) == "<PolicyComparison of 'mine', a defender, on 2 series>"
    assert [(row.case, row.defense, row.attack) for row in found.rows if not row.unique_id] == [
        ("clean", "none", ""),
        ("attacked", "none", "two_quarter"),
        ("clean", "clipping", ""),
        ("defended", "clipping", "two_quarter"),
    ]
    for row in found.rows:
        same = row.defense == "clipping"
        assert (row.difference == row.low == row.high == 0.0) is same
        assert row.crps_with - row.crps_without == pytest.approx(row.difference, abs=1e-12)
        assert row.low <= row.difference <= row.high


@pytest.mark.slow
def test_scores_are_those_of_the_price_of_attack(dataset: Any) -> None:
    found = compare(dataset, TRAINED, (3.0,), **{**HOW, "adversaries": ("worst",)})
    price = price_of_attack(
        dataset,
        (3.0,),
        agents="baselines",
        adversaries=("worst",),
        defenses=("clipping",),
        horizons=(1,),
        warmup=4,
    )
    damage = {(r.unique_id, r.defense, r.attack): 1.0 + r.damage for r in price.rows}
    clean = {
        r.unique_id: r.crps_without for r in found.rows if (r.case, r.defense) == ("clean", "none")
    }
    for row in found.rows:
        if row.unique_id:
            expected = damage[row.unique_id, row.defense, row.attack] * clean[row.unique_id]
            assert row.crps_without == pytest.approx(expected, rel=1e-12)
    series = {row.unique_id: row for row in found.rows if row.case == "attacked"}
    n = {name: series[name].n for name in ("a", "b", "")}
    assert n["a"] > n["b"]
    assert n[""] == n["a"] + n["b"]
    mean = (n["a"] * series["a"].difference + n["b"] * series["b"].difference) / n[""]
    assert series[""].difference == pytest.approx(mean)


@pytest.mark.slow
def test_a_correction_is_played_in_every_setting(dataset: Any) -> None:
    nothing, far = (
        compare(dataset, Policy(Shifted(by), "correction", "lift"), (3.0,), **HOW)
        for by in (0.0, 50.0)
    )
    assert all(row.difference == 0.0 for row in nothing.rows)
    assert all(row.low > 1.0 for row in far.rows)
    assert [row.crps_without for row in far.rows] == [row.crps_without for row in nothing.rows]


def test_an_adversary_is_held_against_nobody_and_against_other_attacks(dataset: Any) -> None:
    quiet, wild = (
        compare(dataset, Policy(RandomHits(size=size, name=name), "adversary", name), (3.0,), **HOW)
        for size, name in ((0.0, "quiet"), (3.0, "wild"))
    )
    assert all(row.difference == 0.0 for row in quiet.rows if row.case == "clean")
    assert all(row.difference != 0.0 for row in wild.rows)
    assert {row.attack for row in wild.rows} == {"", "two_quarter"}


def test_it_is_shown_as_table_and_columns(found: PolicyComparison) -> None:
    columns = found.columns()
    assert columns["difference"] == [row.difference for row in found.rows]
    assert columns["case"] == [row.case for row in found.rows]
    lines = found.table().splitlines()
    assert len(lines) == 1 + 4 + 1
    assert f"{found.rows[0].difference:+.4f}" in lines[1]


def test_few_origins_have_no_interval(dataset: Any) -> None:
    found = compare(dataset, TRAINED, (3.0,), **HOW, block=40)
    assert isinstance(found, PolicyComparison)
    assert all(np.isnan((row.low, row.high)).all() for row in found.rows)


def test_wrong_arguments_are_refused_before_anything_is_played(dataset: Any) -> None:
    with pytest.raises(ArtifactError, match="there is no policy file nowhere"):
        compare(dataset, "nowhere.json")
    with pytest.raises(ConfigError, match="against no defense anyway"):
        compare(dataset, TRAINED, **{**HOW, "defense": "none"})
    with pytest.raises(ConfigError, match="has the name of a plugin: rename its file"):
        compare(dataset, replace(TRAINED, name="dampening"), **HOW)
