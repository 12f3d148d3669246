"""The made-up series that stand in for the service when no key is there."""

from __future__ import annotations

import json
import warnings
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from fg_core import DataError, Query
from fg_core.testing import check_data_source
from fg_data.fred import (
    DEFAULT_SERIES,
    FRED_NOTICE,
    FredMacroAdapter,
    SyntheticDataWarning,
    aggregate_history,
)
from fg_data.fred.synthetic import synthetic_history
from fg_data.synthetic import synthetic_paths
from fg_data.vintages import VintageHistory

SEEDS = range(12)
DAY = timedelta(days=1)


@pytest.fixture
def proxy() -> FredMacroAdapter:
    """An adapter without a key; the fixture of this folder takes those of the machine away."""
    return FredMacroAdapter()


@pytest.fixture
def calm():
    """Take the warning, which one test below is about."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntheticDataWarning)
        yield


# ----------------------------------------------------------------------- it is never taken for real


@pytest.mark.parametrize(
    "ask",
    [
        lambda a: a.history("GDP"),
        lambda a: a.snapshot("GDP"),
        lambda a: a.metadata("GDP"),
        lambda a: a.tags("GDP"),
        lambda a: a.search("gross"),
        lambda a: a.vintage_dates("GDP"),
        lambda a: a.release_dates("GDP"),
        lambda a: a.fetch("GDP"),
        lambda a: a.fetch_multi_series(),
    ],
)
def test_every_answer_comes_with_one_warning_that_points_here(proxy, ask) -> None:
    with pytest.warns(
        SyntheticDataWarning, match="FRED_API_KEY is not set: these numbers are"
    ) as w:
        ask(proxy)
    assert [one.filename for one in w] == [__file__]


def test_it_is_marked_wherever_it_goes(proxy, calm) -> None:
    for data in (proxy.fetch(Query()), proxy.fetch_multi_series()):
        provenance = data.provenance
        assert provenance.is_synthetic
        assert (provenance.source, provenance.fallback_for) == ("synthetic", "fred")
        assert FRED_NOTICE not in provenance.notices
        assert any("made up (seed 7), they are not FRED's" in n for n in provenance.notices)
    assert {row.source for row in proxy.fetch(Query())} == {"synthetic"}
    assert "Synthetic" in proxy.metadata("GDP").title
    for name in DEFAULT_SERIES:
        assert "made-up numbers" in proxy.history(name).notes[0]


def test_a_failing_service_is_an_error_and_never_the_proxy(service, quick, key, refuse) -> None:
    service.before = lambda request: refuse("down", 503)
    adapter = FredMacroAdapter(api_key=key, base_url=service.url, transport=quick)
    found = adapter.fetch_multi_series()
    assert (dict(found.histories), set(found.errors)) == ({}, set(DEFAULT_SERIES))
    assert found.provenance.source == "fred"


# --------------------------------------------------------------------------------------- one schema


@pytest.mark.slow
def test_it_keeps_the_promises_of_a_data_source(proxy, calm) -> None:
    check_data_source(proxy)
    check_data_source(proxy, Query(("CPIAUCSL", "GDP"), options={"frequency": "Q"}))


def test_by_default_the_monthly_series_have_rows_and_the_others_stand_beside(proxy, calm) -> None:
    data = proxy.fetch(Query())
    assert (data.frequency, data.series_ids) == ("M", ("CPIAUCSL", "UNRATE", "FEDFUNDS"))
    row = data.series("UNRATE")[100]
    assert set(row.macro_context) == {"CPIAUCSL", "GDP", "FEDFUNDS", "T10YIE"}
    for name, value in row.macro_context.items():
        assert value == proxy.history(name).latest(row.available_at).value
    assert any(n.startswith("GDP, T10YIE: of another frequency") for n in data.provenance.notices)
    everything = proxy.fetch(Query(options={"frequency": "Q"}))
    assert (everything.frequency, everything.series_ids) == ("Q", DEFAULT_SERIES)


def test_the_series_come_as_the_real_ones_do(proxy, calm) -> None:
    found = proxy.fetch_multi_series()
    assert {name: h.frequency for name, h in found.histories.items()} == {
        "CPIAUCSL": "M",
        "GDP": "Q",
        "UNRATE": "M",
        "FEDFUNDS": "M",
        "T10YIE": "B",
    }
    assert not found.errors
    for name, history in found.histories.items():
        about = found.metadata[name]
        # Metadata and rows agree on frequency, as they do at the service.
        assert about.period_frequency(has_weekends=False) == history.frequency
        assert history.assumed_before is None
        firsts = history.first_prints()
        assert (firsts[0].period, firsts[-1].period.year) >= (
            datetime(2005, 1, 1, tzinfo=UTC),
            2024,
        )
        assert all(known.available_at > known.period for known in firsts)
    assert proxy.vintage_dates("GDP")[0] == date(2005, 4, 28)


def test_gdp_has_three_estimates_a_month_apart_then_annual_ones() -> None:
    history = synthetic_history("GDP", 7)
    for known in history.first_prints():
        days = [one.published.date() - DAY for one in history.revisions(known.period)]
        if len(days) < 8:
            continue  # a revision that rounds to nothing is none
        month = known.period.month + 2  # the last one of the quarter
        assert [(day.month - month) % 12 for day in days[:3]] == [1, 2, 3]
        assert all(26 <= day.day <= 28 and day.weekday() < 5 for day in days[:3])
        assert all((day.month, day.day) == (9, 26) for day in days[3:])
    assert sum(len(history.revisions(k.period)) == 8 for k in history.first_prints()) > 60


def test_unemployment_comes_on_first_fridays() -> None:
    for known in synthetic_history("UNRATE", 7).first_prints():
        day = known.available_at.date() - DAY
        assert day.weekday() == 4
        assert day.day <= 7
        assert (day - known.period.date()).days < 40


def test_daily_values_are_of_weekdays_and_holidays_are_marked() -> None:
    history = synthetic_history("T10YIE", 7)
    assert all(one.period.weekday() < 5 for one in history.prints)
    assert len(history.prints) == 5217  # all weekdays of twenty years
    missing = {one.period.date() for one in history.prints if one.value is None}
    assert {date(2013, 7, 4), date(2013, 12, 25), date(2013, 11, 28)} <= missing
    assert 60 <= len(missing) <= 100


@pytest.mark.slow
def test_revisions_end_at_the_path_of_the_synthetic_source() -> None:
    paths = synthetic_paths(3)
    for name in ("CPIAUCSL", "UNRATE", "FEDFUNDS"):
        history = synthetic_history(name, 3)
        last = [known.value for known in history.as_of(datetime(2040, 1, 1, tzinfo=UTC))]
        assert last == list(paths[name])
    gdp = synthetic_history("GDP", 3).as_of(datetime(2040, 1, 1, tzinfo=UTC))
    quarterly = np.array(paths["GDP"]).reshape(-1, 3).mean(axis=1)
    assert [known.value for known in gdp] == pytest.approx(list(quarterly), abs=6e-4)
    ends = aggregate_history(synthetic_history("T10YIE", 3), "M", "eop").first_prints()
    off = [abs(known.value - end) for known, end in zip(ends, paths["T10YIE"], strict=True)]
    assert np.median(off) == 0.0  # but for months whose last weekday is a holiday


def test_it_is_a_pure_function_of_the_seed(calm) -> None:
    for name in DEFAULT_SERIES:
        assert synthetic_history(name, 3).prints == FredMacroAdapter(seed=3).history(name).prints
        assert synthetic_history(name, 3).prints != synthetic_history(name, 4).prints
    first = FredMacroAdapter().fetch(Query(("GDP",), seed=3))
    assert list(first) == list(FredMacroAdapter(seed=3).fetch(Query(("GDP",), seed=99)))
    assert list(first) != list(FredMacroAdapter().fetch(Query(("GDP",), seed=4)))
    # Series are drawn apart: another one beside it changes nothing.
    beside = FredMacroAdapter().fetch(Query(("UNRATE", "GDP"), seed=3, options={"frequency": "Q"}))
    assert [r.value for r in beside.series("GDP")] == [r.value for r in first]


def test_snapshots_are_what_stood(proxy, calm) -> None:
    moment = datetime(2010, 6, 15, tzinfo=UTC)
    for name in DEFAULT_SERIES:
        known = proxy.history(name).as_of(moment)
        found = proxy.snapshot(name, as_of=moment)
        assert [(p.period, p.value) for p in found.prints if p.value is not None] == [
            (k.period, k.value) for k in known
        ]
    growth = proxy.snapshot("CPIAUCSL", units="pc1", frequency="Q", start=date(2010, 1, 1))
    assert growth.prints[0].period == datetime(2010, 1, 1, tzinfo=UTC)
    assert -5 < growth.prints[0].value < 10


def test_what_is_not_there_says_what_is(proxy, calm) -> None:
    with pytest.raises(DataError, match=r"'CPI': FRED_API_KEY is not set, .* CPIAUCSL"):
        proxy.history("CPI")
    with pytest.raises(DataError, match="no figures as asked; its periods go from 2005"):
        proxy.history("GDP", start=date(2030, 1, 1))
    assert [one.series_id for one in proxy.search("inflation price")] == ["CPIAUCSL", "T10YIE"]


# ------------------------------------------------------------------------ as plausible as real ones
#
# Bands are wide on purpose: the real figures are one draw, of 2000 to 2019 for what follows the
# business cycle (the pandemic would make every band meaningless), of 2024 on for the daily series.
# For each statistic the mean over seeds must lie within a factor or a distance of the real one.


def recorded_path(fixtures_dir: Path, name: str, until: str = "2019-12-31") -> dict[str, float]:
    body = json.loads((fixtures_dir / f"fred/series_observations_{name}.json").read_text())
    return {
        row["date"]: float(row["value"])
        for row in body["observations"]
        if row["value"] != "." and row["date"] <= until
    }


@pytest.fixture
def real(fixtures_dir) -> dict[str, np.ndarray]:
    files = {
        "CPIAUCSL": "CPIAUCSL_from2000_rt2026-07-14",
        "UNRATE": "UNRATE_from2000_rt2026-07-02",
        "FEDFUNDS": "FEDFUNDS_from2000_rt2026-07-01",
        "GDP": "GDP_from2000_rt2026-03-14",
    }
    found = {k: np.array(list(recorded_path(fixtures_dir, v).values())) for k, v in files.items()}
    daily = recorded_path(fixtures_dir, "T10YIE_from2024_rebuilt", "2026-12-31")
    return {**found, "T10YIE": np.array(list(daily.values()))}


def final(history: VintageHistory) -> np.ndarray:
    return np.array([k.value for k in history.as_of(datetime(2040, 1, 1, tzinfo=UTC))])


@pytest.fixture(scope="module")
def made_up() -> list[dict[str, np.ndarray]]:
    return [{name: final(synthetic_history(name, s)) for name in DEFAULT_SERIES} for s in SEEDS]


def steps(name: str, path: np.ndarray) -> np.ndarray:
    """One-step changes: percent for what grows, points for rates."""
    return 100 * np.diff(np.log(path)) if name in ("CPIAUCSL", "GDP") else np.diff(path)


def autocorrelation(x: np.ndarray) -> float:
    centred = x - x.mean()
    return float((centred[1:] * centred[:-1]).sum() / (centred**2).sum())


def quarters(path: np.ndarray) -> np.ndarray:
    return path[: len(path) // 3 * 3].reshape(-1, 3).mean(axis=1)


@pytest.mark.parametrize("name", DEFAULT_SERIES)
def test_the_scale_of_one_step_changes_is_within_a_factor_of_two(real, made_up, name) -> None:
    there = steps(name, real[name]).std()
    here = np.mean([steps(name, path[name]).std() for path in made_up])
    assert there / 2 < here < there * 2


@pytest.mark.parametrize("name", ["CPIAUCSL", "GDP"])
def test_mean_growth_is_within_a_half(real, made_up, name) -> None:
    there = steps(name, real[name]).mean()
    here = np.mean([steps(name, path[name]).mean() for path in made_up])
    assert there / 1.5 < here < there * 1.5


@pytest.mark.parametrize(
    ("name", "of_changes", "distance"),
    [
        ("CPIAUCSL", True, 0.2),  # of monthly inflation
        ("GDP", True, 0.4),  # of quarterly growth
        ("UNRATE", False, 0.05),
        ("FEDFUNDS", False, 0.05),
        ("T10YIE", False, 0.05),
        ("T10YIE", True, 0.15),
    ],
)
def test_persistence_is_near(real, made_up, name, of_changes, distance) -> None:
    def persistence(path: np.ndarray) -> float:
        return autocorrelation(steps(name, path) if of_changes else path)

    here = np.mean([persistence(path[name]) for path in made_up])
    assert abs(here - persistence(real[name])) < distance


def together(path: dict[str, np.ndarray]) -> dict[str, float]:
    """Correlations that economists have names for, in quarters."""
    unrate, rate = quarters(path["UNRATE"]), quarters(path["FEDFUNDS"])
    growth = steps("GDP", path["GDP"])
    return {
        "Okun: growth and the change of unemployment": float(
            np.corrcoef(growth, np.diff(unrate))[0, 1]
        ),
        "policy: unemployment and the rate": float(np.corrcoef(unrate, rate)[0, 1]),
        "policy: their changes": float(np.corrcoef(np.diff(unrate), np.diff(rate))[0, 1]),
    }


def test_cross_correlations_have_the_sign_and_the_rough_size(real, made_up) -> None:
    there = together(real)
    here = [together(path) for path in made_up]
    for name, value in there.items():
        mean = float(np.mean([one[name] for one in here]))
        assert value < 0 > mean, name
        assert abs(mean - value) < 0.55, name


def test_first_prints_are_off_by_about_as_much_as_real_ones(fixtures_dir) -> None:
    """GDP: the mean absolute change of growth from the advance estimate to the latest figures."""
    body = json.loads(
        (
            fixtures_dir / "alfred/series_observations_GDP_realtime_1776_to_2019-01-01.json"
        ).read_text()
    )
    by_quarter: dict[str, list[dict[str, str]]] = {}
    for row in body["observations"]:
        if row["date"] >= "2000-01-01":
            by_quarter.setdefault(row["date"], []).append(row)

    def growth(value: float, before: float) -> float:
        return 100 * np.log(value / before)

    real: list[float] = []
    names = sorted(by_quarter)
    for before, name in pairwise(names):
        first = by_quarter[name][0]
        base = next(
            r for r in by_quarter[before]
            if r["realtime_start"] <= first["realtime_start"] <= r["realtime_end"]
        )  # fmt: skip
        early = growth(float(first["value"]), float(base["value"]))
        late = growth(float(by_quarter[name][-1]["value"]), float(by_quarter[before][-1]["value"]))
        real.append(abs(late - early))

    made: list[float] = []
    for seed in SEEDS:
        history = synthetic_history("GDP", seed)
        last = {k.period: k.value for k in history.as_of(datetime(2040, 1, 1, tzinfo=UTC))}
        periods = sorted(last)
        for known, before in zip(history.first_prints()[1:], periods, strict=False):
            then = {k.period: k.value for k in history.as_of(known.available_at)}
            early = growth(known.value, then[before])
            made.append(abs(growth(last[known.period], last[before]) - early))
    assert np.mean(real) / 3 < np.mean(made) < np.mean(real) * 3
