"""Changes of base year are found, and nothing else is taken for one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import Provenance, Query
from fg_data.histories import HistoryOptions, SeriesHistories, dataset_of
from fg_data.level_shifts import level_shifts
from fg_data.quality import check_histories
from fg_data.training import TrainingSettings, assemble
from fg_data.vintages import Print, VintageHistory, day_of_news

DAY = timedelta(days=1)
PROVENANCE = Provenance("test", "made up", "none", "all")


def month(number: int) -> datetime:
    return datetime(2010 + number // 12, number % 12 + 1, 1, tzinfo=UTC)


def rebased(
    seed: int, at: int, factor: float, *, n: int = 60, units: str = "Index", revision: float = 5e-4
) -> VintageHistory:
    """Months out 40 days after they begin, revised a month on; new levels from month `at` on."""
    rng = np.random.default_rng(seed)
    level = 100.0 * np.exp(np.cumsum(0.002 + 0.003 * rng.standard_normal(n)))
    new_base = month(at) + 25 * DAY
    prints: list[Print] = []
    for k in range(n):
        moments = [month(k) + 40 * DAY, month(k + 1) + 40 * DAY]
        values = [level[k] * (1.0 + revision * float(rng.standard_normal())), level[k]]
        if moments[-1] < new_base:
            moments.append(new_base)
            values.append(level[k])
        elif moments[0] < new_base:  # its revision comes with the new base
            moments[1] = new_base
        scaled = [
            round(float(v) * (factor if m >= new_base else 1.0), 3)
            for m, v in zip(moments, values, strict=True)
        ]
        ends = [*moments[1:], None]
        prints += [
            Print(month(k), v, m, end) for m, v, end in zip(moments, scaled, ends, strict=True)
        ]
    return VintageHistory("X", "M", units, tuple(prints))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(14, 50),
    st.sampled_from([0.25, 0.93, 1.04, 3.0]),
)
def test_a_new_base_is_found_when_it_came_and_by_how_much(
    seed: int, at: int, factor: float
) -> None:
    (shift,) = level_shifts(rebased(seed, at, factor))
    assert shift.moment == month(at) + 25 * DAY
    assert shift.factor == pytest.approx(factor, rel=2e-3)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(14, 50))
def test_revisions_of_all_levels_that_differ_are_none(seed: int, at: int) -> None:
    assert level_shifts(rebased(seed, at, 1.0, revision=0.01)) == ()


def test_rates_and_short_series_have_none() -> None:
    assert level_shifts(rebased(1, 30, 2.0, units="Percent")) == ()
    assert level_shifts(rebased(1, 5, 2.0)) == ()


def notices(
    history: VintageHistory, as_of: datetime | None = None, query: Query | None = None, **texts: str
) -> list[str]:
    options = HistoryOptions.from_texts(texts, source="test")
    data = dataset_of({"X": history}, query or Query(("X",)), as_of, options, PROVENANCE)
    return [notice for notice in data.provenance.notices if notice.startswith(("SPLIC", "REBAS"))]


def test_first_prints_over_a_new_base_are_announced_and_nothing_else_is() -> None:
    history = rebased(3, 30, 1.08)
    moment = month(30) + 25 * DAY
    (said,) = notices(history)
    assert f"all levels of X moved at once (+8.00% on {day_of_news(moment)})" in said
    assert notices(history, units="chg") == [said]
    assert notices(history, units="pca") == []
    assert notices(history, vintage="latest") == []
    assert notices(history, as_of=moment - DAY) == []
    assert notices(history, query=Query(("X",), start=month(31))) == []
    assert notices(rebased(3, 30, 1.0)) == []


def test_vintages_over_a_new_base_say_what_forecasts_are_scored_on() -> None:
    history = rebased(3, 30, 1.08)
    (said,) = notices(history, vintage="all")
    assert said.startswith("REBASED: all levels of X moved at once (+8.00% on 2012-07-25)")
    assert notices(history, vintage="all", units="pca") == []
    assert notices(history, as_of=month(30), vintage="all") == []
    assert notices(rebased(3, 30, 1.0), vintage="all") == []


def test_a_training_set_of_levels_says_so_too() -> None:
    history = rebased(3, 30, 1.08)
    fetched = SeriesHistories({"X": history}, {}, {}, PROVENANCE)
    for reading, n_said in (("level", 1), ("growth", 0)):
        settings_ = TrainingSettings(("X",), readings={"X": reading})
        made = assemble(settings_, fetched, source="test")
        said = [n for n in made.provenance.notices if n.startswith("SPLICED")]
        assert len(said) == n_said


def test_a_check_tells_a_new_base_from_odd_revisions() -> None:
    found = check_histories([rebased(3, 30, 1.08)], month(61))
    assert [(one.severity, one.kind) for one in found] == [("oddity", "base")]
    assert "+8.00% on 2012-07-25" in found[0].text
