"""The training set from a local service, end to end: over HTTP, through the cache, into a file."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from fg_core import ConfigError, DataError, Dataset
from fg_core.errors import SourceKeyError, SourceUnavailableError, UnknownSeriesError
from fg_data import find_early_use, find_leaks
from fg_data.cache import CacheWarning
from fg_data.fred import FRED_NOTICE, FredMacroAdapter, SyntheticDataWarning
from fg_data.fred.training import FredTrainingDataBuilder
from fg_data.training import TrainingSet, fit_scaling
from fg_data.vintages import VintageHistory

NAMES = ("CPIAUCSL", "GDP", "UNRATE", "FEDFUNDS", "T10YIE")
FILE = Path("data/cache/fred_training.json")
DAY = timedelta(days=1)

FakeFred = Any


@dataclass
class Clock:
    now: datetime = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def builder(fake_fred: FakeFred, clock: Clock) -> FredTrainingDataBuilder:
    return FredTrainingDataBuilder(fake_fred.adapter(clock=clock), clock=clock)


def rows_of(made: TrainingSet) -> Dataset:
    return made.dataset


# ------------------------------------------------------------------------------- what is in it


def test_three_parts_in_time_with_every_series_in_each(builder: FredTrainingDataBuilder) -> None:
    made = builder.build()
    assert made.dataset.series_ids == NAMES
    parts = [made.bundle.train, made.bundle.valid, made.bundle.test]
    for part in parts:
        assert set(part.series_ids) == set(NAMES)
    for early, late in pairwise(parts):
        assert max(r.timestamp for r in early) < min(r.timestamp for r in late)
        assert max(r.available_at for r in early) < min(r.available_at for r in late)
    assert find_leaks(made.bundle) == ()


def test_no_row_uses_a_value_before_its_publication(
    builder: FredTrainingDataBuilder, five_series: tuple[VintageHistory, ...]
) -> None:
    """By a count of its own: each figure is looked up in the vintage of the row's moment."""
    made = builder.build()
    by_name = {history.series_id: history for history in five_series}
    readings = {name: one.reading for name, one in made.vintages.items()}
    assert readings == {
        "CPIAUCSL": "growth",
        "GDP": "growth",
        "UNRATE": "level",
        "FEDFUNDS": "level",
        "T10YIE": "level",
    }
    n_checked = n_wrong = 0
    for row in made.dataset:
        for name, value in row.macro_context.items():
            if name.endswith("_age_days"):
                continue
            levels = {k.period: k.value for k in by_name[name].as_of(row.available_at)}
            last = max(levels)
            if readings[name] == "growth":
                before = max(period for period in levels if period < last)
                known = levels[last] != levels[before] or value == 0.0
                n_wrong += not known or abs(value) > 100.0
            else:
                n_wrong += value != levels[last]
            n_checked += 1
    assert n_wrong == 0
    assert n_checked > 4 * 0.95 * len(made.dataset)
    assert find_early_use(made.dataset, five_series, readings) == ()


def test_values_are_first_prints_and_not_later_ones(
    builder: FredTrainingDataBuilder, five_series: tuple[VintageHistory, ...]
) -> None:
    made = builder.build()
    history = next(h for h in five_series if h.series_id == "UNRATE")
    firsts = {known.period: known for known in history.first_prints()}
    rows = made.dataset.series("UNRATE")
    for row in rows:
        assert row.value == firsts[row.timestamp].value
        assert row.available_at == firsts[row.timestamp].available_at
    revised = history.as_of(history.vintage_dates[-1])
    latest = {known.period: known.value for known in revised}
    assert sum(latest[row.timestamp] != row.value for row in rows) > 10


def test_it_starts_where_every_series_has_a_value_unless_told(
    builder: FredTrainingDataBuilder,
) -> None:
    made = builder.build()
    # GDP's growth begins with the second quarter of 2018, the others earlier.
    firsts = {name: made.dataset.series(name)[0].timestamp for name in NAMES}
    assert set(firsts.values()) == {datetime(2018, 4, 1, tzinfo=UTC)}
    start, end = datetime(2018, 1, 1, tzinfo=UTC), datetime(2021, 12, 1, tzinfo=UTC)
    cut = replace(builder, start=start, end=end).build()
    assert cut.dataset.series("UNRATE")[0].timestamp == start
    assert cut.dataset.series("CPIAUCSL")[0].timestamp == datetime(2018, 2, 1, tzinfo=UTC)
    assert {cut.dataset.series(name)[-1].timestamp for name in NAMES} == {
        end,
        datetime(2021, 10, 1, tzinfo=UTC),
    }


def test_scaling_is_that_of_the_training_part_and_of_nothing_else(
    builder: FredTrainingDataBuilder, five_series: tuple[VintageHistory, ...], fake_fred: FakeFred
) -> None:
    made = builder.build()
    assert made.scaling == fit_scaling(made.bundle.train)
    scores = [made.scaling.of("UNRATE").scaled(r.value) for r in made.bundle.train.series("UNRATE")]
    assert abs(sum(scores)) < 1e-9
    # Figures of the last two parts double: the scale of the first does not move by a bit.
    end = max(row.available_at for row in made.bundle.train)
    changed = [
        replace(
            history,
            prints=tuple(
                replace(p, value=2.0 * p.value) if p.value is not None and p.published > end else p
                for p in history.prints
            ),
        )
        for history in five_series
    ]
    fake_fred.histories = {history.series_id: history for history in changed}
    again = replace(builder, cache_dir="another").build()
    assert again.scaling == made.scaling
    assert again.bundle.train.observations == made.bundle.train.observations
    assert again.bundle.test.observations != made.bundle.test.observations


def test_provenance_says_what_a_reader_must_know(builder: FredTrainingDataBuilder) -> None:
    of = builder.build().provenance
    assert (of.source, of.is_synthetic, of.fallback_for) == ("fred_training", False, "")
    text = " ".join(of.notices)
    assert FRED_NOTICE in of.notices
    assert "Title of GDP [GDP], retrieved from FRED" in text
    assert "CPIAUCSL, GDP: annualised log growth" in text
    assert "GDP is quarterly, with rows in its own periods only" in text
    assert "T10YIE is business-daily, by its last value in each period of the monthly" in text


def test_rows_older_than_the_archive_are_counted_and_said(
    builder: FredTrainingDataBuilder, fake_fred: FakeFred
) -> None:
    """The archive of one series begins in 2021, with all that was there by then at once."""
    archive = datetime(2021, 3, 6, tzinfo=UTC)
    whole = fake_fred.histories["UNRATE"]
    kept = (p for p in whole.prints if p.superseded is None or p.superseded > archive)
    prints = tuple(replace(p, published=max(p.published, archive)) for p in kept)
    fake_fred.histories["UNRATE"] = replace(whole, prints=prints)
    made = builder.build()
    one = made.vintages["UNRATE"]
    rows = [row for row in made.dataset.series("UNRATE") if row.available_at < archive]
    assert (one.assumed_before, one.n_assumed_rows) == (archive, len(rows))
    assert len(rows) > 20
    # By the table, a week after the month.
    assert {(row.available_at - row.timestamp).days for row in rows} <= {35, 36, 37, 38}
    (notice,) = [n for n in made.provenance.notices if n.startswith("Rows older than the archive")]
    assert f"UNRATE {len(rows)}" in notice


def test_a_series_that_nobody_dates_wants_a_release_lag(
    builder: FredTrainingDataBuilder, fake_fred: FakeFred
) -> None:
    """A series of which the archive keeps no vintages, and the table has no lag."""
    whole = fake_fred.histories["UNRATE"]
    firsts = tuple(p for k, p in enumerate(whole.prints) if p.superseded is None)
    fake_fred.histories["MINE"] = replace(whole, series_id="MINE", prints=firsts)
    fake_fred.unarchived.add("MINE")
    ours = replace(builder, series=("UNRATE", "MINE"))
    with pytest.raises(DataError, match=r"'MINE' has no vintages .* \(release_lag\)"):
        ours.build()
    made = replace(ours, release_lag=30).build()
    rows = made.dataset.series("MINE")
    assert {(row.available_at - row.timestamp).days for row in rows} == {58, 59, 60, 61}
    assert made.vintages["MINE"].n_assumed_rows == len(rows)
    assert replace(ours, release_lag=31).build().path != made.path


def test_ages_and_readings_are_a_choice(builder: FredTrainingDataBuilder) -> None:
    plain = replace(builder, ages=False, readings={"CPIAUCSL": "level"}).build()
    assert not any(
        name.endswith("_age_days") for row in plain.dataset for name in row.macro_context
    )
    assert plain.dataset.units["CPIAUCSL"] == "Index 1982-1984=100"
    assert plain.dataset.series("CPIAUCSL")[0].value > 100.0
    assert plain.path is not None
    assert plain.path.name != "fred_training.json"


def test_a_single_quarterly_series_is_a_quarterly_dataset(
    builder: FredTrainingDataBuilder,
) -> None:
    made = replace(builder, series=("GDP",)).build()
    assert made.dataset.frequency == "Q"
    assert all(not row.macro_context for row in made.dataset)


# ------------------------------------------------------------------------------- the file


def test_the_file_is_where_it_is_said_to_be_and_says_what_is_in_it(
    builder: FredTrainingDataBuilder,
) -> None:
    made = builder.build()
    assert made.path is not None
    assert made.path.resolve() == FILE.resolve()
    document = json.loads(FILE.read_text())
    assert (document["format"], document["version"]) == ("forecast-game-training", 1)
    assert len(document["sha256"]) == 64
    content = document["content"]["value"]
    assert tuple(content["series"]) == NAMES
    assert content["provenance"]["source"] == "fred_training"
    assert FRED_NOTICE in content["provenance"]["notices"]
    assert set(content["split"]) == {"train", "valid", "test"}
    vintage = content["series"]["GDP"]["vintage"]
    assert (vintage["reading"], vintage["frequency"]) == ("growth", "Q")
    assert vintage["fetched_at"] == "2026-11-22T12:00:00Z"
    assert vintage["last"] > vintage["first"]


def test_it_is_read_back_to_the_last_bit_and_nothing_is_asked_again(
    builder: FredTrainingDataBuilder, fake_fred: FakeFred
) -> None:
    made = builder.build()
    n_requests = len(fake_fred.requests)
    again = builder.build()
    assert len(fake_fred.requests) == n_requests
    assert again == made
    assert again.dataset.content_hash == made.dataset.content_hash


def test_other_settings_read_the_same_histories_and_have_a_file_of_their_own(
    builder: FredTrainingDataBuilder, fake_fred: FakeFred
) -> None:
    builder.build()
    before = FILE.read_bytes()
    n_requests = len(fake_fred.requests)
    fewer = replace(builder, series=("UNRATE", "GDP")).build()
    assert len(fake_fred.requests) == n_requests
    assert fewer.dataset.series_ids == ("UNRATE", "GDP")
    assert FILE.read_bytes() == before


@pytest.mark.slow
def test_it_is_built_anew_when_its_figures_are_too_old(
    builder: FredTrainingDataBuilder, fake_fred: FakeFred, clock: Clock
) -> None:
    builder.build()
    clock.now += timedelta(hours=11)
    builder.build()
    assert sorted(fake_fred.asked("series/observations")) == sorted(NAMES)
    clock.now += timedelta(hours=2)
    builder.build()
    # The daily series is stale after half a day, the others after a day.
    asked = fake_fred.asked("series")
    assert {name: asked.count(name) for name in NAMES} == {
        "CPIAUCSL": 1,
        "GDP": 1,
        "UNRATE": 1,
        "FEDFUNDS": 1,
        "T10YIE": 2,
    }
    replace(builder, refresh=True).build()
    assert all(fake_fred.asked("series").count(name) >= 2 for name in NAMES)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b'"growth"', b'"level"', 1),
        lambda data: data.replace(b'"train":', b'"Train":', 1),
    ],
)
def test_a_damaged_file_is_set_aside_and_built_again(
    builder: FredTrainingDataBuilder, damage: Callable[[bytes], bytes]
) -> None:
    made = builder.build()
    whole = FILE.read_bytes()
    FILE.write_bytes(damage(whole))
    with pytest.warns(CacheWarning, match=r"damaged.*set aside as fred_training.json.damaged-1"):
        again = builder.build()
    assert again == made
    assert FILE.read_bytes() != damage(whole)


def test_a_file_whose_rows_and_scaling_disagree_is_refused(
    builder: FredTrainingDataBuilder,
) -> None:
    """With a good checksum: somebody wrote it, and it is wrong all the same."""
    import hashlib

    builder.build()
    text = FILE.read_text()
    body = text[text.index('"content":') + 10 : -2]
    content = json.loads(body)
    content["value"]["scaling"]["series"]["UNRATE"][0] += 1e-9
    body = json.dumps(content)
    head = json.loads(text)
    envelope = {**head, "sha256": hashlib.sha256(body.encode()).hexdigest(), "content": 0}
    FILE.write_text(json.dumps(envelope)[:-2] + body + "}")
    with pytest.warns(CacheWarning, match="its split and scaling are not those of its rows"):
        builder.build()


# ------------------------------------------------------------------------------- no key, no net


def test_the_key_is_in_no_file_and_in_no_text(
    builder: FredTrainingDataBuilder, fake_fred: FakeFred
) -> None:
    made = builder.build()
    files = [path for path in Path().rglob("*") if path.is_file()]
    assert len(files) >= 6
    for path in files:
        assert fake_fred.key.encode() not in path.read_bytes()
    assert fake_fred.key not in repr(made) + repr(builder)


def test_without_a_key_it_is_made_up_said_so_and_kept_nowhere(
    fake_fred: FakeFred, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.delenv("FRED_API_KEY")
    builder = FredTrainingDataBuilder(fake_fred.adapter(), clock=clock)
    with pytest.warns(SyntheticDataWarning, match="FRED_API_KEY is not set"):
        made = builder.build()
    of = made.provenance
    assert (of.source, of.is_synthetic, of.fallback_for) == ("synthetic", True, "fred_training")
    assert {row.source for row in made.dataset} == {"synthetic"}
    assert made.dataset.series_ids == NAMES
    assert made.path is None
    assert list(Path().rglob("*")) == []
    assert fake_fred.requests == []


def test_made_up_and_real_have_one_schema(
    builder: FredTrainingDataBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builder.build()
    monkeypatch.delenv("FRED_API_KEY")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made_up = builder.build()
    for name in NAMES:
        theirs, ours = real.dataset.series(name)[9], made_up.dataset.series(name)[9]
        assert theirs.macro_context.keys() == ours.macro_context.keys()
    assert real.dataset.units == made_up.dataset.units
    assert real.dataset.frequency == made_up.dataset.frequency
    readings = [{n: v.reading for n, v in made.vintages.items()} for made in (real, made_up)]
    assert readings[0] == readings[1]


def test_a_key_that_is_set_later_counts_at_once(
    fake_fred: FakeFred, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.delenv("FRED_API_KEY")
    builder = FredTrainingDataBuilder(fake_fred.adapter(), clock=clock)
    with pytest.warns(SyntheticDataWarning):
        assert builder.build().provenance.is_synthetic
    monkeypatch.setenv("FRED_API_KEY", fake_fred.key)
    assert not builder.build().provenance.is_synthetic
    monkeypatch.delenv("FRED_API_KEY")
    with pytest.warns(SyntheticDataWarning), pytest.warns(CacheWarning, match="offline .* used"):
        assert builder.build().provenance.is_synthetic


def test_offline_uses_what_is_kept_with_or_without_a_key(
    builder: FredTrainingDataBuilder,
    fake_fred: FakeFred,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = builder.build()
    n_requests = len(fake_fred.requests)
    clock.now += 900 * DAY
    offline = replace(builder, offline=True)
    assert offline.build() == made
    monkeypatch.delenv("FRED_API_KEY")
    assert offline.build() == made
    # Another selection of the same histories needs no network either.
    assert replace(offline, series=("UNRATE",)).build().dataset.series_ids == ("UNRATE",)
    monkeypatch.setenv("FG_OFFLINE", "1")
    assert builder.build() == made
    assert len(fake_fred.requests) == n_requests


def test_offline_with_a_key_and_nothing_kept_names_what_is_missing(
    builder: FredTrainingDataBuilder, fake_fred: FakeFred
) -> None:
    with pytest.raises(DataError, match=r"offline, and not in the cache .*history of CPIAUCSL"):
        replace(builder, offline=True).build()
    assert fake_fred.requests == []


def test_an_outage_is_bridged_told_and_not_taken_for_fresh(
    builder: FredTrainingDataBuilder, fake_fred: FakeFred, clock: Clock
) -> None:
    made = builder.build()
    clock.now += 3 * DAY
    fake_fred.broken = True
    with pytest.warns(CacheWarning, match="using what was fetched 3 days ago"):
        stale = builder.build()
    assert stale.dataset.observations == made.dataset.observations
    assert any("could not be refreshed" in notice for notice in stale.provenance.notices)
    fake_fred.broken = False
    again = builder.build()
    assert not any("could not be refreshed" in notice for notice in again.provenance.notices)
    assert again.fetched_at == clock.now


def test_an_outage_with_nothing_kept_is_an_error_and_nothing_is_made_up(
    builder: FredTrainingDataBuilder, fake_fred: FakeFred
) -> None:
    fake_fred.broken = True
    with pytest.raises(SourceUnavailableError):
        builder.build()
    assert not FILE.exists()


def test_a_wrong_key_and_an_unknown_series_are_errors(
    builder: FredTrainingDataBuilder, fake_fred: FakeFred, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnknownSeriesError, match="NOSUCH"):
        replace(builder, series=("UNRATE", "NOSUCH")).build()
    assert len(list(Path("data/cache/fred").glob("*.json"))) == 1
    monkeypatch.setenv("FRED_API_KEY", "x" * 32)
    with pytest.raises(SourceKeyError):
        replace(builder, refresh=True).build()
    assert len(fake_fred.requests) > 0


# ------------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"series": ()}, "wants series, each once; got none"),
        ({"series": ("GDP", "GDP")}, "each once; got GDP, GDP"),
        ({"readings": {"M2SL": "level"}}, "'M2SL', which is not one of the series"),
        ({"readings": {"GDP": "log"}}, "no reading 'log'"),
        ({"train": 0.9, "valid": 0.1}, "leave something for the test part"),
        ({"start": datetime(2000, 1, 1)}, "start .* has no time zone"),  # noqa: DTZ001
    ],
)
def test_settings_that_cannot_be(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        FredTrainingDataBuilder(FredMacroAdapter(api_key=""), **settings).build()


def test_a_window_with_too_few_rows_says_so(builder: FredTrainingDataBuilder) -> None:
    start = datetime(2024, 11, 1, tzinfo=UTC)
    with pytest.raises(DataError, match=r"too few to split|no row of series"):
        replace(builder, start=start).build()
    with pytest.raises(DataError, match="no rows of CPIAUCSL"):
        replace(builder, start=datetime(2031, 1, 1, tzinfo=UTC)).build()
