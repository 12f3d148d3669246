"""Worlds that are calibrated on series of known law."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from scipy.optimize import least_squares

from fg_core import ConfigError, DataError, Dataset, Observation, Provenance, ScenarioGenerator
from fg_core.calendar import target_periods
from fg_core.fans import calibrate
from fg_core.transcendental import exp

BEGIN = datetime(1990, 1, 1, tzinfo=UTC)
TREND, EFFECT, LASTS, RATE, NOISE = 0.1, 0.5, 0.6, -0.3, 0.5


def observations(values, contexts, name="x"):
    times = target_periods(BEGIN, "M", range(1, len(values) + 1))
    rows = zip(times, values, contexts, strict=True)
    return tuple(
        Observation(time, float(value), context, time, name, "made")
        for time, value, context in rows
    )


def known_law(n, seed=1):
    """Return rows of a series of known law, beside a rate of mean 4 and deviation 2."""
    rng = np.random.default_rng(seed)
    rates = 4.0 + 2.0 * rng.standard_normal(n)
    values, pressure = [20.0], 0.0
    for rate in rates[:-1]:
        shock = NOISE * rng.standard_normal()
        values.append(values[-1] + TREND + EFFECT * pressure + RATE * (rate - 4.0) + shock)
        pressure = LASTS * pressure + shock
    return observations(values, [{"rate": float(rate)} for rate in rates])


ROWS = known_law(800)


def test_coefficients_of_a_known_law_are_found():
    found = calibrate(ROWS, ["rate"], residual_window=None)
    rate, law = found.columns["rate"], found.world.exogenous_law
    # Standard errors of n = 800 changes; six of them, so that no seed would fail.
    assert abs(rate.coefficient - RATE) < 6.0 * rate.standard_error < 0.09
    assert law.effect == pytest.approx(EFFECT, abs=6.0 / np.sqrt(800))
    assert law.persistence == pytest.approx(LASTS, abs=6.0 / np.sqrt(800))
    assert found.world.noise_std == pytest.approx(NOISE, rel=6.0 / np.sqrt(1600))
    # A trend is told no better than noise that lasts: the sum of what a shock does is 2.25.
    assert found.world.base_trend == pytest.approx(TREND, abs=6 * 2.25 * NOISE / np.sqrt(800))
    assert found.world.coeff_map["rate"] == pytest.approx(rate.coefficient * rate.scale)


def test_the_grid_is_as_good_as_an_optimiser():
    rows = known_law(120, seed=3)
    found = calibrate(rows, ["rate"], residual_window=None)
    changes = np.diff([row.value for row in rows])
    rates = np.array([row.macro_context["rate"] for row in rows[:-1]])

    def errors(p):
        pressure, left = 0.0, []
        for change, rate in zip(changes, rates, strict=True):
            left.append(change - p[0] - p[1] * pressure - p[3] * rate)
            pressure = p[2] * pressure + left[-1]
        return left

    best = least_squares(errors, [0.0, 0.3, 0.3, 0.0])
    assert found.residuals @ found.residuals == pytest.approx(2.0 * best.cost, rel=1e-5)
    assert found.initial.exogenous == pytest.approx(
        np.convolve(found.residuals, found.world.exogenous_law.persistence ** np.arange(119))[118]
    )


def test_without_pressure_it_is_plain_least_squares():
    rows = known_law(80, seed=5)
    found = calibrate(rows, ["rate"], pressure=False, residual_window=None, noise="residuals")
    changes = np.diff([row.value for row in rows])
    rates = np.array([row.macro_context["rate"] for row in rows])
    design = np.column_stack([np.ones(79), rates[:-1]])
    expected, rest = np.linalg.lstsq(design, changes, rcond=None)[:2]
    assert found.columns["rate"].coefficient == pytest.approx(expected[1])
    world = found.world
    assert world.exogenous_law.effect == 0.0
    assert world.base_trend == pytest.approx(expected @ [1.0, rates.mean()])
    assert world.noise_std == pytest.approx(np.sqrt(rest[0] / 77))
    residuals = np.array(world.residuals)
    assert residuals.size == 79
    assert np.mean(residuals**2) == pytest.approx(world.noise_std**2)


def test_only_the_last_residuals_and_rows_count():
    changed = (*known_law(40, seed=8), *ROWS[40:200])
    found, other = (calibrate(rows, window=150) for rows in (ROWS[:200], changed))
    assert found.world == other.world
    assert len(calibrate(ROWS[:200], noise="residuals", residual_window=25).world.residuals) == 25


def test_conditions_are_in_the_units_of_columns():
    generator = ScenarioGenerator.calibrated(ROWS[:80], columns=["rate"])
    high, low = (generator.generate(None, 40, 5, given={"rate": rate}) for rate in (6.0, 4.0))
    effect = generator.calibration.columns["rate"].coefficient
    gap = high.paths() - low.paths()
    assert gap == pytest.approx(np.tile(2.0 * effect * np.arange(5), (40, 1)))
    assert high.given == {"rate": (6.0,)}


def test_logarithms_are_calibrated_and_read_back():
    values = np.array([row.value for row in ROWS[:80]]) / 50.0
    plain, rows = (observations(one, [{}] * 80) for one in (values, exp(values)))
    fans = [
        ScenarioGenerator.calibrated(one, log=log).generate(None, 60, 4)
        for one, log in ((rows, True), (plain, False))
    ]
    assert fans[0].paths() == pytest.approx(exp(fans[1].paths()))
    assert fans[0].series.values[-1] == rows[-1].value


def test_steps_of_a_dataset_are_dated():
    dataset = Dataset(ROWS[:60], Provenance("made", "", "", ""), frequency="M", units={"x": "%"})
    fan = ScenarioGenerator.calibrated(dataset).generate(None, 5, 3)
    assert [time.date().isoformat() for time in fan.times] == [
        *("1995-02-01", "1995-03-01", "1995-04-01"),
    ]
    assert (fan.series.name, fan.series.unit) == ("x", "%")
    with pytest.raises(ConfigError, match="end of the calendar"):
        ScenarioGenerator.calibrated(dataset).generate(None, 1, 100_000)
    with pytest.raises(DataError, match="has no series 'y'"):
        ScenarioGenerator.calibrated(dataset, "y")
    ahead = replace(dataset, known_ahead={"rate"})
    with pytest.raises(DataError, match="'rate' is known in advance"):
        ScenarioGenerator.calibrated(ahead, "x", ["rate"])
    both = replace(dataset, observations=(*ROWS[:60], *observations([1.0], [{}], "y")))
    with pytest.raises(DataError, match="a fan is of one series: name one of x, y"):
        ScenarioGenerator.calibrated(both)


def with_context(rows, **columns):
    return observations(
        [row.value for row in rows],
        [{name: numbers[i] for name, numbers in columns.items()} for i in range(len(rows))],
    )


SOME = ROWS[:40]
RATES = [row.macro_context["rate"] for row in SOME]


@pytest.mark.parametrize(
    ("rows", "columns", "message"),
    [
        ((), (), "there are no rows"),
        (ROWS[:16], (), "'x' has 16 rows that can be used, and calibrating needs 17"),
        (ROWS[:20], ["rate"], "calibrating on 1 columns needs 21"),
        (SOME, ["rat"], r"no context column 'rat'; it has \(nearest first\) rate"),
        (observations(range(40), [{}] * 40), (), "always changes by 1"),
        (with_context(SOME, a=[1.0] * 40), ["a"], "context 'a' of series 'x' never changes"),
        (with_context(SOME, a=RATES, b=RATES), ["a", "b"], "depend on each other"),
        ((*SOME[:30], *with_context(ROWS, b=[1.0] * 800)[30:60]), ["rate"], "missing at 1992-08"),
        ((*SOME, *observations([1.0], [{}], "y")), (), "rows of several"),
    ],
)
def test_data_that_cannot_be_used_are_refused_in_one_line(rows, columns, message):
    with pytest.raises(DataError, match=message) as caught:
        calibrate(rows, columns)
    assert "\n" not in str(caught.value)


def test_first_rows_without_a_column_are_left_out():
    rows = (*observations([row.value for row in SOME], [{}] * 40)[:5], *SOME[5:])
    assert calibrate(rows, ["rate"]).world == calibrate(SOME[5:], ["rate"]).world


def test_wrong_options_are_refused():
    with pytest.raises(ConfigError, match='noise must be "normal" or "residuals", got \'uniform\''):
        calibrate(SOME, noise="uniform")
    with pytest.raises(ConfigError, match="residual_window must be a whole number >= 2"):
        calibrate(SOME, residual_window=1)
    with pytest.raises(DataError, match="values of 0 or less"):
        calibrate(observations([-1.0, *range(1, 40)], [{}] * 40), log=True)
