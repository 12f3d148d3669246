"""A series of quarters among months: its steps, targets and labels are quarters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fg_backtest import WalkForwardBacktester, forecast
from fg_backtest.latest.table import forecast_table
from fg_core import Dataset, Observation, Provenance
from fg_core.calendar import next_period, period_end

N_YEARS = 16
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def mixed() -> Dataset:
    rows = []
    for name, frequency, n in (("monthly", "M", 12 * N_YEARS), ("gdp", "Q", 4 * N_YEARS)):
        period = datetime(2005, 1, 1, tzinfo=UTC)
        for k in range(n):
            known = period_end(period, frequency) + 20 * DAY
            rows.append(Observation(period, 2.0 + (7 * k) % 11, {}, known, name, "made"))
            period = next_period(period, frequency)
    return Dataset(tuple(rows), Provenance("made", "two frequencies", "none", "one"), frequency="M")


def test_a_backtest_counts_steps_of_the_series_itself(mixed: Dataset) -> None:
    result = WalkForwardBacktester(horizons=(1, 3), refit_every=12).run(mixed)
    assert {n: one.frequency for n, one in result.report.series.items()} == {
        "monthly": "M",
        "gdp": "Q",
    }
    text = result.table(by_window=True)
    of_gdp, of_months = text[text.index("gdp: ") :], text[: text.index("gdp: ")]
    for words, other in (("1 quarter ahead", "1 month ahead"), ("3 quarters", "3 months")):
        assert words in of_gdp
        assert other in of_months
        assert words not in of_months
    assert "2020Q3" in of_gdp  # the last scored origin


def test_the_latest_forecast_is_for_the_next_quarter(mixed: Dataset) -> None:
    made = forecast(mixed, horizons=(1, 2, 5), agents="baselines")
    targets = {
        name: [one.period.date().isoformat() for one in made[name].horizons] for name in made
    }
    assert targets == {
        "monthly": ["2021-01-01", "2021-02-01", "2021-05-01"],
        "gdp": ["2021-01-01", "2021-04-01", "2022-01-01"],
    }
    text = forecast_table(made, (0.8,))
    of_gdp = text[text.index("gdp: forecasts from 2020Q4") :]
    assert "2021Q2" in of_gdp
    assert "1 quarter ahead" in of_gdp
    assert "2021-05" in text[: text.index("gdp: ")]
