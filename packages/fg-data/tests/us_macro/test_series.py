from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from statsmodels.datasets import macrodata

from fg_core import DataError, Dataset, Observation, Provenance, frozen_mapping
from fg_core.testing import (
    ALL_COLUMNS,
    ConformanceError,
    check_masking,
    explained_by_context,
)
from fg_data.release_lags import available_at
from fg_data.us_macro import (
    CONTEXT_COLUMNS,
    DETERMINING_COLUMNS,
    SERIES,
    MacroTable,
    growth_contributions,
    load_table,
    observations_from_table,
)
from fg_data.us_macro.series import log_growth

TABLE = load_table()
RAW = macrodata.load_pandas().data
ROWS = {name: observations_from_table(TABLE, name) for name in SERIES}

# What each context column is made of, written down a second time.
MADE_OF = {
    "infl": "infl",
    "unemp": "unemp",
    "tbilrate": "tbilrate",
    "growth": "realgdp",
    "cons_growth": "realcons",
    "inv_growth": "realinv",
    "m1_growth": "m1",
    "dpi_growth": "realdpi",
}


def independent_column(name: str) -> dict[datetime, float]:
    """The column by plain numpy from statsmodels' copy, by quarter; NaN where there is none."""
    level = RAW[MADE_OF.get(name, name)].to_numpy()
    if name.endswith("growth"):
        level = np.append(np.nan, 400.0 * np.diff(np.log(level)))
    elif name in ("infl", "realint"):
        level = np.append(np.nan, level[1:])
    return dict(zip(TABLE.quarters, level.tolist(), strict=True))


# ------------------------------------------------------------------------------------- values


@pytest.mark.parametrize("name", SERIES)
def test_values_agree_with_independent_code(name: str) -> None:
    expected = {q: v for q, v in independent_column(name).items() if not math.isnan(v)}
    assert [row.timestamp for row in ROWS[name]] == list(expected)
    np.testing.assert_allclose(
        [row.value for row in ROWS[name]], list(expected.values()), rtol=1e-12, atol=1e-12
    )


def test_inflation_is_the_file_s_and_that_is_log_growth_of_prices() -> None:
    infl = ROWS["infl"]
    assert len(infl) == 202
    assert [row.value for row in infl] == RAW["infl"].tolist()[1:]
    prices = RAW["cpi"].to_numpy()
    recomputed = 400.0 * np.diff(np.log(prices))
    assert np.abs(recomputed - [row.value for row in infl]).max() <= 0.005 + 1e-9


@given(st.floats(1e-3, 1e6), st.floats(0.5, 2.0))
def test_log_growth_is_that_of_math_to_the_last_bits(before: float, ratio: float) -> None:
    now = before * ratio
    assert log_growth(now, before) == pytest.approx(
        400.0 * math.log1p((now - before) / before), rel=1e-12, abs=1e-12
    )


def test_growth_of_what_is_not_positive_is_an_error() -> None:
    with pytest.raises(DataError, match=r"growth from 1.0 to -2.0: levels must be positive"):
        log_growth(-2.0, 1.0)


# --------------------------------------------------------------------------- published by then


@pytest.mark.parametrize("name", SERIES)
def test_every_context_is_exactly_what_had_been_published(name: str) -> None:
    published = {
        column: [
            (available_at(column, quarter, 3), value)
            for quarter, value in independent_column(column).items()
            if not math.isnan(value)
        ]
        for column in set(CONTEXT_COLUMNS) - {name} - DETERMINING_COLUMNS[name]
    }
    for row in ROWS[name]:
        expected = {
            column: value
            for column, releases in published.items()
            for moment, value in releases
            if moment <= row.available_at
        }
        assert dict(row.macro_context) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_inflation_of_a_quarter_stands_beside_growth_of_the_quarter_before() -> None:
    growth = {row.timestamp: row.value for row in ROWS["growth"]}
    unemp = {row.timestamp: row.value for row in ROWS["unemp"]}
    quarters = TABLE.quarters
    row = ROWS["infl"][100]
    position = quarters.index(row.timestamp)
    assert row.macro_context["growth"] == growth[quarters[position - 1]]
    assert row.macro_context["unemp"] == unemp[quarters[position]]


def test_what_is_not_published_yet_is_absent() -> None:
    assert dict(ROWS["tbilrate"][0].macro_context) == {}
    assert set(ROWS["infl"][0].macro_context) == {"unemp", "tbilrate", "m1_growth"}


def _tampered(table: MacroTable, cells: Callable[[str, datetime], bool]) -> MacroTable:
    """The table with every chosen cell replaced by garbage."""
    return replace(
        table,
        columns=frozen_mapping(
            {
                name: tuple(
                    value * 3.7 + 11.0 if cells(name, quarter) else value
                    for quarter, value in zip(table.quarters, values, strict=True)
                )
                for name, values in table.columns.items()
            }
        ),
    )


@pytest.mark.parametrize("name", SERIES)
@given(st.integers(1, 202))
@settings(max_examples=max(3, settings.default.max_examples // 12), deadline=None)
def test_later_rows_of_the_file_change_nothing_known_earlier(name: str, cut: int) -> None:
    cut_at = TABLE.quarters[cut]
    tampered = _tampered(TABLE, lambda _, quarter: quarter >= cut_at)
    assert tampered != TABLE
    _assert_same_before(ROWS[name], observations_from_table(tampered, name), cut_at)


@pytest.mark.parametrize("name", SERIES)
@given(st.dates(datetime(1960, 1, 1).date(), datetime(2009, 12, 31).date()))  # noqa: DTZ001
@settings(max_examples=max(3, settings.default.max_examples // 12), deadline=None)
def test_unpublished_cells_change_nothing_known_earlier(name: str, day: datetime) -> None:
    moment = datetime(day.year, day.month, day.day, tzinfo=TABLE.quarters[0].tzinfo)
    tampered = _tampered(TABLE, lambda column, q: available_at(column, q, 3) > moment)
    _assert_same_before(ROWS[name], observations_from_table(tampered, name), moment)


def _assert_same_before(
    clean: Sequence[Observation], tampered: Sequence[Observation], moment: datetime
) -> None:
    known = [row for row in clean if row.available_at <= moment]
    assert [row for row in tampered if row.available_at <= moment] == known


def test_the_metamorphic_test_can_fail() -> None:
    tampered = _tampered(TABLE, lambda column, q: column == "unemp" and q == TABLE.quarters[50])
    assert observations_from_table(tampered, "infl") != ROWS["infl"]


# ------------------------------------------------------------- contexts that give nothing away


def _dataset(rows: Sequence[Observation]) -> Dataset:
    return Dataset(tuple(rows), Provenance("us_macro", "a part of it", "none", "one"))


def _with_planted(rows: Sequence[Observation], planted: dict[str, dict[datetime, float]]) -> list:
    return [
        replace(
            row,
            macro_context={
                **row.macro_context,
                **{name: values[row.timestamp] for name, values in planted.items()},
            },
        )
        for row in rows
    ]


@pytest.mark.parametrize("reveal_lag", [1, 2, 3])
@pytest.mark.parametrize("name", SERIES)
def test_the_context_does_not_give_the_value_away(name: str, reveal_lag: int) -> None:
    check_masking(_dataset(ROWS[name]), reveal_lag=reveal_lag)


@pytest.mark.parametrize("name", SERIES)
def test_the_whole_quarter_beside_a_value_does_not_give_it_away(name: str) -> None:
    check_masking(_dataset(observations_from_table(TABLE, name, together=True)))


@pytest.mark.parametrize("name", ["infl", "unemp", "tbilrate", "growth", "m1"])
def test_together_all_columns_are_those_of_the_own_quarter(name: str) -> None:
    rows = observations_from_table(TABLE, name, together=True)
    assert [(r.timestamp, r.value) for r in rows] == [(r.timestamp, r.value) for r in ROWS[name]]
    columns = {c: independent_column(c) for c in set(CONTEXT_COLUMNS) - DETERMINING_COLUMNS[name]}
    for row in rows:
        assert row.available_at == available_at("realgdp", row.timestamp, 3)
        now = {c: column[row.timestamp] for c, column in columns.items()}
        known = {c: value for c, value in now.items() if not np.isnan(value)}
        assert dict(row.macro_context) == pytest.approx(known, rel=1e-9, abs=1e-9)


def test_planted_prices_for_inflation_are_caught() -> None:
    planted = _with_planted(ROWS["infl"], {"cpi": independent_column("cpi")})
    assert explained_by_context(planted)["cpi"] > 0.99
    with pytest.raises(ConformanceError, match="gives its value away"):
        check_masking(_dataset(planted))
    check_masking(_dataset(planted), withheld={"cpi"})


def test_a_planted_real_rate_for_the_bill_rate_is_caught() -> None:
    rows = ROWS["tbilrate"][1:]
    real_rate, inflation = independent_column("realint"), independent_column("infl")
    planted = _with_planted(rows, {"realint": real_rate, "infl": inflation})
    shares = explained_by_context(planted)
    # Neither of them alone tells the bill rate, which is their sum.
    assert max(shares["realint"], shares["infl"]) < 0.9
    assert shares[ALL_COLUMNS] > 0.99
    with pytest.raises(ConformanceError, match="all columns together"):
        check_masking(_dataset(planted))
    # Inflation of the quarter is published after the bill rate, so it stands in the next row:
    # too late for whoever learns the bill rate before that, in time where it is revealed later.
    alone = _dataset(_with_planted(rows, {"realint": real_rate}))
    check_masking(alone)
    with pytest.raises(ConformanceError, match="all columns together"):
        check_masking(alone, reveal_lag=2)


@pytest.mark.parametrize(("level", "column"), [("realgdp", "growth"), ("m1", "m1_growth")])
def test_planted_growth_of_a_level_is_caught(level: str, column: str) -> None:
    planted = _with_planted(ROWS[level][1:], {column: independent_column(column)})
    assert explained_by_context(planted)[column] > 0.99


@pytest.mark.parametrize("name", SERIES)
def test_no_context_holds_its_own_series_or_what_determines_it(name: str) -> None:
    forbidden = DETERMINING_COLUMNS[name] | {name, "cpi", "realint", "realgovt"}
    seen = {column for row in ROWS[name] for column in row.macro_context}
    assert not seen & forbidden
    assert seen == set(CONTEXT_COLUMNS) - forbidden


@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        ("infl", {"infl"}),
        ("unemp", {"unemp"}),
        ("tbilrate", {"tbilrate"}),
        # Consumption and investment explain 85 % of growth's news: under the bar, left out anyway.
        ("growth", {"growth", "cons_growth", "inv_growth"}),
        ("realint", {"tbilrate", "infl"}),
    ],
)
def test_what_stands_beside_a_series(name: str, left_out: set[str]) -> None:
    assert set(ROWS[name][-1].macro_context) == set(CONTEXT_COLUMNS) - left_out


def test_growth_of_a_level_never_stands_beside_the_level() -> None:
    for column, level in MADE_OF.items():
        assert column in DETERMINING_COLUMNS[level]


# ----------------------------------------------------------------------------------- segments


def test_segments_of_growth_add_up() -> None:
    for row in ROWS["growth"]:
        parts = row.segment_values
        assert set(parts) == {"consumption", "investment", "government", "remainder"}
        size = max(abs(part) for part in parts.values())
        assert abs(sum(parts.values()) - row.value) <= 1e-12 * max(size, abs(row.value))


def test_segments_are_those_of_logarithmic_mean_weights() -> None:
    raw = RAW[["realgdp", "realcons", "realinv", "realgovt"]].to_numpy()
    log_mean = np.diff(raw[:, 0]) / np.diff(np.log(raw[:, 0]))
    expected = 400.0 * np.diff(raw[:, 1:], axis=0) / log_mean[:, None]
    ours = [
        [row.segment_values[k] for k in ("consumption", "investment", "government")]
        for row in ROWS["growth"]
    ]
    np.testing.assert_allclose(ours, expected, rtol=1e-9)


def test_only_growth_has_segments() -> None:
    for name in set(SERIES) - {"growth"}:
        assert all(not row.segment_values for row in ROWS[name])


LEVELS = st.tuples(st.floats(1.0, 1e4), st.floats(1.0, 1e4))


@given(LEVELS, LEVELS, LEVELS)
def test_contributions_add_up_and_stay_finite_whatever_the_change(
    total: tuple[float, float], a: tuple[float, float], b: tuple[float, float]
) -> None:
    parts = growth_contributions(total, {"a": a, "b": b})
    size = max(map(abs, parts.values()))
    assert math.isfinite(size)
    growth = log_growth(total[1], total[0])
    assert sum(parts.values()) == pytest.approx(growth, rel=1e-12, abs=1e-12 * max(size, 1.0))


@given(st.floats(10.0, 1e4), st.floats(-5.0, 5.0), st.floats(1e-9, 1e-6))
def test_contributions_go_over_smoothly_into_no_change(
    level: float, change: float, tiny: float
) -> None:
    assume(level * (1.0 + tiny) != level)
    parts = {"a": (5.0, 5.0 + change)}
    still = growth_contributions((level, level), parts)["a"]
    moving = growth_contributions((level, level * (1.0 + tiny)), parts)["a"]
    assert moving == pytest.approx(still, rel=1e-5, abs=1e-12)


def test_parts_that_add_up_leave_no_remainder() -> None:
    parts = growth_contributions((100.0, 103.0), {"a": (60.0, 61.0), "b": (40.0, 42.0)})
    assert parts["remainder"] == pytest.approx(0.0, abs=1e-12)
