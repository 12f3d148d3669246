"""Is the newest print suspicious?"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from fg_backtest import PrintChecks, check, forecast
from fg_backtest.defaults import quiet_settings
from fg_backtest.drawing import Look
from fg_backtest.latest.print_table import print_table
from fg_core import (
    AgentRegistry,
    ConfigError,
    Dataset,
    Observation,
    Provenance,
    SimulationConfig,
)
from fg_core.baselines import RandomWalk

MakeDataset = Callable[..., Dataset]


def moved(dataset: Dataset, by: float, name: str = "a") -> Dataset:
    """Return the dataset with the last print of a series moved."""
    last = dataset.series(name)[-1]
    rows = [replace(row, value=row.value + by) if row is last else row for row in dataset]
    return replace(dataset, observations=tuple(rows))


def scaled(dataset: Dataset, factor: float, shift: float = 0.0) -> Dataset:
    rows = [replace(row, value=factor * row.value + shift) for row in dataset]
    return replace(dataset, observations=tuple(rows))


def checked(dataset: Dataset, **settings: object) -> PrintChecks:
    return check(dataset, agents="baselines", **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(("defender", "off"), [("gate", 1e-12), ("episode_filter", 0.05)])
def test_a_planted_error_is_doubted_and_a_true_print_is_not(
    make_dataset: MakeDataset, defender: str, off: float
) -> None:
    dataset = make_dataset(90, ("a", "b"))
    config = quiet_settings(defender)
    calm, found = (checked(one, config=config) for one in (dataset, moved(dataset, 12.0)))
    assert calm.doubted == ()
    assert found.doubted == ("a",)
    assert list(found) == ["a", "b"]
    one = found["a"]
    assert one.reported == dataset.series("a")[-1].value + 12.0
    assert one.expected == calm["a"].expected
    assert one.surprise == pytest.approx((one.reported - one.expected.mean) / one.expected.scale)
    # The filter forecasts the print by an autoregression of its own.
    assert one.correction == pytest.approx(one.expected.mean - one.reported, rel=off)
    assert found["b"].p_bad == calm["b"].p_bad
    for i, ahead in enumerate(one.forecast.horizons):
        issued = ahead.forecast.mean
        p = one.p_bad
        assert issued == pytest.approx((1.0 - p) * one.used(i).mean + p * one.without(i).mean)
        # Without the print, it hardly matters what the print was; to the gate it does not at all.
        apart = one.without(i).mean - calm["a"].without(i).mean
        assert abs(apart) <= off * abs(one.correction)
    assert repr(found) == "<PrintChecks of 2 series, 1 doubted>"


def test_its_forecasts_are_those_of_forecast(make_dataset: MakeDataset) -> None:
    dataset = moved(make_dataset(70), 12.0)
    found, plain = checked(dataset), forecast(dataset, agents="baselines")
    for mine, other in zip(found["a"].forecast.horizons, plain["a"].horizons, strict=True):
        assert mine.issued == other.issued
    codes = {one.code: one.outcome for one in found.checks()}
    assert codes["FG104"] == "found"


@pytest.mark.parametrize("factor", [2.0**12, 2.0**-12])
def test_units_do_not_matter(make_dataset: MakeDataset, factor: float) -> None:
    dataset = moved(make_dataset(70), 6.0)
    found, plain = checked(scaled(dataset, factor))["a"], checked(dataset)["a"]
    # The pool takes logarithms of densities, which carry the unit in their last bits.
    for name in ("p_bad", "surprise"):
        assert getattr(found, name) == pytest.approx(getattr(plain, name), rel=1e-9)
    assert found.correction == pytest.approx(factor * plain.correction, rel=1e-9)
    assert found.without(0).mean == pytest.approx(factor * plain.without(0).mean, rel=1e-9)


def test_where_the_series_lies_does_not_matter(make_dataset: MakeDataset) -> None:
    dataset = moved(make_dataset(70), 6.0)
    found, plain = checked(scaled(dataset, 1.0, 4096.0))["a"], checked(dataset)["a"]
    assert found.p_bad == pytest.approx(plain.p_bad, rel=1e-6)
    assert found.surprise == pytest.approx(plain.surprise, rel=1e-6)


def test_the_threshold_decides_and_is_a_probability(make_dataset: MakeDataset) -> None:
    dataset = moved(make_dataset(70), 12.0)
    p_bad = checked(dataset)["a"].p_bad
    assert checked(dataset, threshold=p_bad).doubted == ("a",)
    assert checked(dataset, threshold=np.nextafter(p_bad, 1.0)).doubted == ()
    for wrong in (0.0, 1.5, float("nan")):
        with pytest.raises(ConfigError, match="above 0 and at most 1"):
            checked(dataset, threshold=wrong)


def test_agents_without_a_defender_cannot_doubt(make_dataset: MakeDataset) -> None:
    def alone(config: SimulationConfig) -> AgentRegistry:
        return AgentRegistry((RandomWalk(),))

    with pytest.raises(ConfigError, match="the agents have no defender"):
        check(make_dataset(60), agents=alone)


def test_doubted_prints_become_exclusions_and_are_missing_then(make_dataset: MakeDataset) -> None:
    dataset = moved(make_dataset(70, ("a", "b")), 12.0)
    found = checked(dataset)
    (one,) = found.exclusions(date(2026, 3, 1))
    assert (one.unique_id, one.value) == ("a", found["a"].reported)
    assert one.ds == dataset.series("a")[-1].timestamp.date()
    assert one.reason == f"surprise {found['a'].surprise:+.1f} sd, p_bad {found['a'].p_bad:.3f}"
    again = checked(dataset, exclusions=[one])
    assert again.doubted == ()
    assert again["a"].period == dataset.series("a")[-2].timestamp
    assert again["b"].p_bad == found["b"].p_bad


def test_tables_and_files_say_the_same(make_dataset: MakeDataset, tmp_path: Path) -> None:
    found = checked(moved(make_dataset(70, ("a", "b")), 12.0))
    found.write(tmp_path / "found.json")
    rows = json.loads((tmp_path / "found.json").read_text())
    assert [(row["unique_id"], row["horizon"]) for row in rows] == [
        (name, h) for name in ("a", "b") for h in (1, 4)
    ]
    assert [row["doubted"] for row in rows] == [True, True, False, False]
    assert rows[0]["without_print"] == found["a"].without(0).mean
    frame = found.to_frame()
    assert frame["p_bad"].tolist() == [row["p_bad"] for row in rows]
    text = print_table(found)
    assert max(map(len, text.splitlines())) <= 80
    assert "last values of 2 series: 1 doubted (p_bad of 0.05 or more)" in text
    line = next(line for line in text.splitlines() if line.startswith(" a  "))
    assert f"{found['a'].p_bad:.1%}*" in line
    assert print_table(found, look=Look(ascii_only=True)).isascii()


@pytest.mark.slow
def test_errors_are_found_and_true_prints_seldom_doubted_over_many_series() -> None:
    """Random walks cut after many rows; the figures are those of benchmarks/newest_print.py."""
    rng = np.random.default_rng(11)
    shares = {}
    for size in (0.0, 3.0, 5.0, 8.0):
        found: list[Observation] = []
        for number in range(100):
            steps = rng.standard_normal(110 + number % 10)
            values = np.cumsum(steps)
            values[-1] += size * np.std(steps[:-1], ddof=1) * (1.0 if number % 2 else -1.0)
            days = [datetime(2000 + t // 12, t % 12 + 1, 1, tzinfo=UTC) for t in range(values.size)]
            found += [
                Observation(day, value, {}, day, f"s{number}", "made up")
                for day, value in zip(days, values.tolist(), strict=True)
            ]
        provenance = Provenance("made up", "random walks", "none", "none")
        dataset = Dataset(tuple(found), provenance, frequency="M")
        shares[size] = len(checked(dataset, horizons=(1,)).doubted) / 100
    assert shares[0.0] <= 0.03
    assert 0.2 <= shares[3.0] <= 0.6
    assert shares[5.0] >= 0.8
    assert shares[8.0] >= 0.95
