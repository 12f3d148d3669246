"""Exclusions: their file, and the rows that they take out of the data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from fg_backtest import AgentsWith, Exclusion, backtest, check, forecast, read_exclusions
from fg_backtest.as_known import series_as_known
from fg_backtest.exclusions import add_exclusions, excluded_rows
from fg_backtest.schema import OriginRecord
from fg_core import ConfigError, DataError, Dataset

MakeDataset = Callable[..., Dataset]

DAY = date(2026, 1, 5)
HEAD = "unique_id,ds,value,reason,decided\n"


def of(dataset: Dataset, row: int, decided: date = DAY, name: str = "a") -> Exclusion:
    one = dataset.series(name)[row]
    return Exclusion(name, one.timestamp.date(), one.value, "typed wrongly, says Ann", decided)


def test_a_file_is_written_added_to_and_read(tmp_path: Path, make_dataset: MakeDataset) -> None:
    path, dataset = tmp_path / "made" / "bad.csv", make_dataset(30, ("a", "b, c"))
    first, second = of(dataset, 3), of(dataset, 4, name="b, c")
    assert add_exclusions(path, [first]) == 1
    assert add_exclusions(path, [first, second]) == 1
    assert read_exclusions(path) == (first, second)
    # Decided once more of another value: the newer takes its place, an equal one changes nothing.
    again = replace(first, value=first.value + 1.0, decided=date(2026, 2, 1))
    before = path.read_bytes()
    assert add_exclusions(path, [replace(first, decided=date(2026, 2, 1))]) == 0
    assert path.read_bytes() == before
    assert add_exclusions(path, [again]) == 1
    assert read_exclusions(path) == (again, second)
    path.write_text("decided,reason,value,ds,unique_id\n2026-01-05,,2.5,1951Q2,a\n")
    assert read_exclusions(path) == (Exclusion("a", date(1951, 4, 1), 2.5, "", DAY),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("unique_id,ds,value\n", "no column reason, decided"),
        (
            "unique_id,ds,value,reason,decided\na,1951Q2,x,,2026-01-05\n",
            "line 2: could not convert",
        ),
        (HEAD + "a,1951Q2,nan,,2026-01-05\n", "a finite value"),
        (HEAD + ",1951Q2,1,,2026-01-05\n", "a series and a finite"),
        (HEAD + "a,soon,1,,2026-01-05\n", "line 2: "),
        (HEAD + "a,1951Q2,1,,today\n", "line 2: Invalid isoformat"),
        (
            HEAD + "a,1951Q2,1,,2026-01-05\n" * 2,
            "'a' 1951-04-01 is there twice",
        ),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_place(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=message) as refused:
        read_exclusions(path)
    assert str(refused.value).startswith("exclusions bad.csv")
    assert str(tmp_path) not in str(refused.value)
    with pytest.raises(DataError, match="there is no such file"):
        read_exclusions(tmp_path / "none.csv")


def test_rows_are_found_by_series_period_and_value_and_all_else_is_said(
    make_dataset: MakeDataset,
) -> None:
    dataset = make_dataset(30, ("a", "b"))
    revised = replace(of(dataset, 8), value=77.5)
    absent = replace(of(dataset, 9), ds=date(1900, 1, 1))
    elsewhere = replace(of(dataset, 9), unique_id="z")
    found = excluded_rows(dataset, [of(dataset, 7), revised, absent, elsewhere])
    assert found.rows == {"a": {7: DAY}}
    kept = found.without(dataset)
    assert [row for row in dataset if row not in kept.observations] == [dataset.series("a")[7]]
    details = kept.provenance.details
    assert details["exclusions"] == 1
    assert len(str(details["exclusions_sha256"])) == 64
    notices = " ".join(kept.provenance.notices)
    assert "Excluded as bad: a 1951Q4 (" in notices
    assert "Not excluded, since revised: a 1952Q1 (77.5 was excluded, the value is" in notices
    assert "periods that are not in the data: a 1900-01-01." in notices
    assert "series that are not in the data: z." in notices
    assert "exclusions" not in excluded_rows(dataset, [revised]).told(dataset).provenance.details
    assert excluded_rows(dataset, []).without(dataset) == dataset


def test_the_hash_is_of_what_was_replayed_in_any_order(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(30)
    both = [of(dataset, 7), of(dataset, 9)]
    hashes = {
        excluded_rows(dataset, some).told(dataset).provenance.details["exclusions_sha256"]
        for some in (both, both[::-1], both[:1])
    }
    assert len(hashes) == 2


def test_a_forecast_is_made_as_if_the_row_were_not_there(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(50)
    rows = dataset.series("a")
    for row in (40, 49):
        without = replace(dataset, observations=rows[:row] + rows[row + 1 :])
        bare = forecast(without, agents="baselines")["a"]
        found = forecast(dataset, agents="baselines", exclusions=[of(dataset, row)])
        assert found["a"].periods == bare.periods
        for one, other in zip(found["a"].horizons, bare.horizons, strict=True):
            assert one.issued == other.issued
            assert one.period == other.period
        assert found.provenance.details["exclusions"] == 1


@pytest.fixture
def series(make_dataset: MakeDataset) -> Dataset:
    """A series of 72 rows, scored from row 43 on and played from row 23 on."""
    return make_dataset(72)


FIRST = 43


def by_row(dataset: Dataset, exclusions: list[Exclusion] | None) -> dict[int, list[OriginRecord]]:
    """Return the records of each origin, one per horizon, by row."""
    found = backtest(dataset, horizons=(1, 4), exclusions=exclusions)
    cells = (found.cell("a", h).origins or () for h in (1, 4))
    return {one[0].origin: list(one) for one in zip(*cells, strict=True)}


def said(record: OriginRecord) -> tuple[object, ...]:
    return record.ensemble, record.claims, record.p_bad, record.base


def test_an_origin_of_a_backtest_sees_what_was_decided_before_it(series: Dataset) -> None:
    rows = series.series("a")
    # Row 50 was excluded while row 55 was the newest: row 56 is the first origin without it.
    decided = 56
    plain = by_row(series, None)
    mixed = by_row(series, [of(series, 50, rows[decided - 1].timestamp.date())])
    without = replace(series, observations=rows[:50] + rows[51:])
    span = {"start": rows[decided].timestamp, "warmup": rows[23].timestamp}
    alone = backtest(without, horizons=(1, 4), **span)  # type: ignore[arg-type]
    assert list(mixed) == list(plain) == list(range(FIRST, 71))
    for row, records in mixed.items():
        for i, h in enumerate((1, 4)):
            target = None if row + h in (50, *range(72, 80)) else rows[row + h].value
            assert records[i].target == target
            if row < decided:
                assert said(records[i]) == said(plain[row][i])
            else:
                later = (alone.cell("a", h).origins or ())[row - decided]
                assert later.origin == row - 1
                assert said(records[i]) == said(later)
                assert records[i].period == later.period
    assert said(mixed[70][0]) != said(plain[70][0])


def revised(dataset: Dataset) -> Dataset:
    """Return the dataset with values that come out late and are revised half a year later."""
    rows, earlier = [], []
    for i, row in enumerate(dataset.series("a")):
        out = row.timestamp + timedelta(days=130)
        first = replace(row, value=row.value + 0.3 * (i % 3 - 1), available_at=out)
        if i % 4:
            earlier.append(first)
            rows.append(replace(row, available_at=out + timedelta(days=180)))
        else:
            rows.append(first)
    return replace(dataset, observations=tuple(rows), earlier_values=tuple(earlier))


@pytest.mark.slow
def test_so_it_is_where_values_are_late_and_revised(series: Dataset) -> None:
    dataset = revised(series)
    rows = dataset.series("a")
    known = series_as_known(dataset, "a")
    assert known.n_revisions > 20
    bad = of(dataset, 50, known.moments[55].date())
    without = excluded_rows(dataset, [bad]).without(dataset)
    assert len(without.values_of("a")) == len(dataset.values_of("a")) - 2
    plain, mixed = by_row(dataset, None), by_row(dataset, [bad])
    again = backtest(dataset, horizons=(1, 4), exclusions=[bad], refit_every=0)
    begin = rows[again.report.series["a"].first_played].timestamp
    span = {"start": rows[56].timestamp, "warmup": begin, "refit_every": 0}
    alone = backtest(without, horizons=(1, 4), **span)  # type: ignore[arg-type]
    for row in range(FIRST, 71):
        if row < 56:
            assert [said(one) for one in mixed[row]] == [said(one) for one in plain[row]]
    for h in (1, 4):
        later = {one.period: one for one in alone.cell("a", h).origins or ()}
        mine = {one.period: one for one in again.cell("a", h).origins or ()}
        assert len(later) > 10
        for period, one in later.items():
            assert said(mine[period]) == said(one)
            assert mine[period].target == one.target
    assert check(dataset, agents="baselines")["a"].reported == rows[-1].value


def test_what_comes_after_an_origin_moves_nothing_there(series: Dataset) -> None:
    rows = series.series("a")
    # Two decisions, the earlier about the later print.
    bad = [of(series, 46, rows[60].timestamp.date()), of(series, 52, rows[53].timestamp.date())]
    later = [row if i <= 65 else replace(row, value=row.value + 5.0) for i, row in enumerate(rows)]
    mine, other = by_row(series, bad), by_row(replace(series, observations=tuple(later)), bad)
    for row in range(FIRST, 66):
        assert [said(one) for one in mine[row]] == [said(one) for one in other[row]]
    assert said(mine[66][0]) != said(other[66][0])


def test_what_was_decided_when_all_was_over_moves_no_forecast(series: Dataset) -> None:
    plain, found = backtest(series), backtest(series, exclusions=[of(series, 50)])
    assert found.report.provenance.content_hash == plain.report.provenance.content_hash
    assert found.report.provenance.details["exclusions"] == 1
    for h in (1, 4):
        mine, other = (one.cell("a", h) for one in (found, plain))
        assert mine.unscored == other.unscored + 1
        for a, b in zip(mine.origins or (), other.origins or (), strict=True):
            assert said(a) == said(b)
    assert found.report.series["a"].prints_doubted == plain.report.series["a"].prints_doubted


def test_agents_of_a_panel_are_refused_where_a_series_cannot_be_played_alone(
    series: Dataset,
) -> None:
    rows, shared = series.series("a"), AgentsWith("shared_pool")
    bad = of(series, 50, rows[55].timestamp.date())
    with pytest.raises(ConfigError, match="fitted on all series at once"):
        backtest(series, agent_factory=shared, horizons=(1,), exclusions=[bad])


def test_what_is_known_in_advance_of_an_excluded_last_period_stays_known(
    make_dataset: MakeDataset,
) -> None:
    dataset = replace(make_dataset(50), known_ahead=frozenset({"lead"}))
    row = dataset.series("a")[-1]
    found = excluded_rows(dataset, [of(dataset, 49)]).without(dataset)
    assert {**found.future_context["a"]} == {row.timestamp: {"lead": row.macro_context["lead"]}}
    forecast(found, agents="baselines", horizons=(1,))
