from __future__ import annotations

import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import ConfigError, DataError
from fg_data.cache import ARCHIVED, FETCHED, CacheWarning, KeptVintage, VintageStore

FIRST = datetime(2024, 4, 10, 12, tzinfo=UTC)
Values = dict[datetime, float | None]


def month(number: int) -> datetime:
    return datetime(2023 + number // 12, number % 12 + 1, 1, tzinfo=UTC)


def fetches(store: VintageStore, found: list[Values]) -> list[bool]:
    return [
        store.add("CLI", values, FIRST + timedelta(days=day), frequency="M", units="index")
        for day, values in enumerate(found)
    ]


@given(
    st.lists(
        st.dictionaries(st.integers(0, 4).map(month), st.none() | st.integers(0, 3).map(float)),
        min_size=1,
        max_size=6,
    )
)
def test_the_history_gives_back_every_fetch(
    tmp_path_factory: pytest.TempPathFactory, found: list[Values]
) -> None:
    found = [values for values in found if values]
    if not found:
        return
    store = VintageStore(tmp_path_factory.mktemp("store"), "oecd")
    news = fetches(store, found)
    assert news == [n == 0 or found[n] != found[n - 1] for n in range(len(found))]
    history = store.history("CLI")
    for day, values in enumerate(found):
        known = {one.period: one.value for one in history.as_of(FIRST + timedelta(days=day))}
        assert known == {p: v for p, v in values.items() if v is not None}
    assert history.as_of(FIRST - timedelta(seconds=1)) == ()


def test_dates_of_the_first_fetch_by_a_rule_but_never_after_it(tmp_path: Path) -> None:
    store = VintageStore(tmp_path, "oecd")
    fetches(store, [{month(0): 1.0, month(15): 2.0}, {month(0): 1.0, month(15): 3.0}])
    history = store.history("CLI", available_at=lambda period: period + timedelta(days=40))
    published = [one.published for one in history.prints]
    assert published == [month(0) + timedelta(days=40), FIRST, FIRST + timedelta(days=1)]
    assert history.assumed_before == FIRST


def test_a_period_that_vanishes_is_withdrawn(tmp_path: Path) -> None:
    store = VintageStore(tmp_path, "oecd")
    fetches(
        store, [{month(0): 1.0, month(1): 2.0}, {month(0): 1.0}, {month(0): 1.0, month(1): 2.0}]
    )
    history = store.history("CLI")
    known = [len(history.as_of(FIRST + timedelta(days=day))) for day in range(3)]
    assert known == [2, 1, 2]


def test_files_are_never_changed(tmp_path: Path) -> None:
    store = VintageStore(tmp_path, "oecd")
    fetches(store, [{month(0): 1.0}])
    (only,) = tmp_path.rglob("*.json")
    before = only.read_bytes()
    fetches(store, [{month(0): 1.0}, {month(0): 2.0}])
    assert only.read_bytes() == before
    assert len(list(tmp_path.rglob("*.json"))) == 2


def test_series_whose_names_differ_in_case_alone_stay_apart(tmp_path: Path) -> None:
    store = VintageStore(tmp_path, "oecd")
    for name, value in (("a/b", 1.0), ("A/b", 2.0)):
        store.add(name, {month(0): value}, FIRST, frequency="M", units="")
    assert store.series_ids() == ("A/b", "a/b")
    assert store.history("a/b").prints[0].value == 1.0
    folders = {path.parent.name.lower() for path in tmp_path.rglob("*.json")}
    assert len(folders) == 2


def test_a_damaged_or_misplaced_file_is_set_aside(tmp_path: Path) -> None:
    store = VintageStore(tmp_path, "oecd")
    fetches(store, [{month(0): 1.0}, {month(0): 2.0}])
    first, second = sorted(tmp_path.rglob("*.json"))
    other = VintageStore(tmp_path, "bis")
    other.add("CLI", {month(0): 5.0}, FIRST, frequency="M", units="index")
    (theirs,) = (tmp_path / "bis").rglob("*.json")
    theirs.write_bytes(first.read_bytes())
    with (
        pytest.warns(CacheWarning, match="is of series 'CLI' of 'oecd'; it was moved here; it was"),
        pytest.raises(DataError, match="no vintage of series 'CLI' of 'bis'"),
    ):
        other.history("CLI")
    assert [path.name for path in theirs.parent.iterdir()] == [f"{theirs.name}.damaged-1"]
    first.write_bytes(first.read_bytes()[:-20])
    with pytest.warns(CacheWarning, match=r"set aside as .*\.damaged-1, and the history"):
        history = store.history("CLI")
    assert [(one.value, one.published) for one in history.prints] == [
        (2.0, FIRST + timedelta(days=1))
    ]
    # A file under the name of another moment would be a leak or a loss.
    second.rename(second.with_name(first.name))
    with (
        pytest.warns(CacheWarning, match="is of another moment"),
        pytest.raises(DataError, match="no vintage"),
    ):
        store.history("CLI")


@settings(max_examples=settings.default.max_examples // 2)
@given(
    st.lists(
        st.tuples(
            st.tuples(st.integers(0, 4), st.integers(0, 4)).map(sorted).map(tuple) | st.none(),
            st.dictionaries(st.integers(0, 4), st.integers(0, 2).map(float), min_size=1),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_a_narrower_window_withdraws_nothing_outside_it(
    tmp_path_factory: pytest.TempPathFactory,
    asked: list[tuple[tuple[int, int] | None, dict[int, float]]],
) -> None:
    store = VintageStore(tmp_path_factory.mktemp("store"), "oecd")
    known: dict[int, float] = {}
    expected: list[tuple[datetime, dict[datetime, float]]] = []
    for day, (window, values) in enumerate(asked):
        low, high = window or (0, 4)
        found = {n: x for n, x in values.items() if low <= n <= high}
        if not found:
            continue
        # Written here anew: a fetch replaces what it asked for, and nothing else.
        known = {n: x for n, x in known.items() if not low <= n <= high} | found
        moment = FIRST + timedelta(days=day)
        store.add(
            "CLI",
            {month(n): x for n, x in found.items()},
            moment,
            frequency="M",
            units="index",
            start=None if window is None else month(low),
            end=None if window is None else month(high),
        )
        expected.append((moment, {month(n): x for n, x in known.items()}))
    if not expected:
        return
    history = store.history("CLI")
    for moment, then in expected:
        assert {one.period: one.value for one in history.as_of(moment)} == then


@settings(max_examples=settings.default.max_examples // 2)
@given(
    st.lists(st.integers(0, 2).map(float), min_size=2, max_size=7),
    st.lists(st.booleans(), min_size=7, max_size=7),
)
def test_older_vintages_may_be_added_later(
    tmp_path_factory: pytest.TempPathFactory, values: list[float], later: list[bool]
) -> None:
    """Each moment has the figure that was seen then, in whatever order the files came."""
    moments = [FIRST + timedelta(days=day) for day in range(len(values))]
    store = VintageStore(tmp_path_factory.mktemp("store"), "oecd")
    first = [n for n in range(len(values)) if not later[n]]
    for n in (*first, *(n for n in range(len(values)) if later[n])):
        status = ARCHIVED if later[n] else FETCHED
        store.add(
            "CLI", {month(0): values[n]}, moments[n], frequency="M", units="index", status=status
        )
    history = store.history("CLI")
    for n in first:
        assert [one.value for one in history.as_of(moments[n])] == [values[n]], n
    for n in range(len(values)):
        # What was added between two fetches that found the same may have been confirmed since.
        (known,) = history.as_of(moments[n])
        assert known.value == values[n], n


def test_a_vintage_keeps_label_origin_status_and_when_it_was_seen_last(tmp_path: Path) -> None:
    store = VintageStore(tmp_path, "imf")
    day = timedelta(days=1)
    facts = {"frequency": "Y", "units": "percent"}
    store.add("G", {month(0): 2.0}, FIRST, label="April", origin="https://a.example", **facts)
    store.add("G", {month(0): 2.0}, FIRST + day, label="April", **facts)
    store.add("G", {month(0): 1.5}, FIRST - 90 * day, label="January", status=ARCHIVED, **facts)
    store.add("G", {month(0): 2.5}, FIRST + 9 * day, start=month(0), end=month(2), **facts)
    assert store.vintages("G") == (
        KeptVintage(FIRST - 90 * day, "January", "", ARCHIVED, (None, None), 1, None),
        KeptVintage(FIRST, "April", "https://a.example", FETCHED, (None, None), 1, FIRST + day),
        KeptVintage(FIRST + 9 * day, "", "", FETCHED, (month(0), month(2)), 1, None),
    )
    assert store.vintages("H") == ()


def test_values_from_before_the_first_fetch_are_called_revised(tmp_path: Path) -> None:
    store = VintageStore(tmp_path, "oecd")
    facts = {"frequency": "M", "units": "index"}
    narrow = {"start": month(4), "end": month(5)}
    store.add("CLI", {month(4): 1.0, month(5): 1.0}, FIRST, **narrow, **facts)
    later = FIRST + timedelta(days=30)
    store.add("CLI", {month(n): 1.0 for n in (0, 4, 5, 14, 15)}, later, **facts)
    history = store.history("CLI", available_at=lambda period: period + timedelta(days=30))
    (note,) = history.notes
    assert "the values of 5 periods are from before the first fetch on record (2024-04-10)" in note
    assert "not first prints" in note
    published = {one.period: one.published for one in history.prints}
    assert published[month(0)] == month(0) + timedelta(days=30)
    assert published[month(14)] == month(14) + timedelta(days=30)  # before the record begins
    assert published[month(15)] == later  # after it: nobody saw it earlier
    # A period that was asked for and not there is new when it comes.
    end = later + timedelta(days=1)
    store.add("CLI", {month(n): 1.0 for n in (0, 4, 5, 14, 15, 16)}, end, **facts)
    grown = store.history("CLI", available_at=lambda period: period + timedelta(days=1))
    assert grown.prints[-1].published == end
    assert grown.notes == history.notes


@pytest.mark.slow
def test_processes_that_write_at_a_time_wait_for_each_other(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import sys
        from datetime import UTC, datetime, timedelta
        from pathlib import Path
        from fg_data.cache import ARCHIVED, VintageStore
        store = VintageStore(Path(sys.argv[1]), "oecd")
        begin = datetime(2024, 1, 1, tzinfo=UTC)
        for day in range(20):
            moment = begin + timedelta(days=3 * day + int(sys.argv[2]))
            store.add("CLI", {begin: float(3 * day + int(sys.argv[2]))}, moment, frequency="M",
                      units="index", status=ARCHIVED)
        """
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path), str(number)])
        for number in range(3)
    ]
    assert [one.wait() for one in processes] == [0, 0, 0]
    history = VintageStore(tmp_path, "oecd").history("CLI")
    assert [one.value for one in history.prints] == [float(number) for number in range(60)]


def test_what_cannot_be_kept(tmp_path: Path) -> None:
    store = VintageStore(tmp_path, "oecd")
    with pytest.raises(DataError, match="no values to keep"):
        fetches(store, [{}])
    with pytest.raises(DataError, match="has no time zone"):
        store.add("CLI", {month(0): 1.0}, datetime(2024, 1, 1), frequency="M", units="")  # noqa: DTZ001
    fetches(store, [{month(0): 1.0}])
    for earlier in (FIRST, FIRST - timedelta(days=1)):
        with pytest.raises(DataError, match="cannot be kept behind one of"):
            store.add("CLI", {month(0): 2.0}, earlier, frequency="M", units="index")
    with pytest.raises(ConfigError, match="status is fetched or archived"):
        store.add("CLI", {month(0): 2.0}, FIRST, frequency="M", units="", status="kept")
    with pytest.raises(DataError, match="2023-01-01 is out of the window"):
        store.add("CLI", {month(0): 2.0}, FIRST, frequency="M", units="", start=month(1))
    with pytest.raises(DataError, match="cannot be kept behind one of"):
        store.add("CLI", {month(0): 2.0}, FIRST, frequency="M", units="index", status=ARCHIVED)
    with pytest.raises(ConfigError, match="cannot be the name of a folder"):
        VintageStore(tmp_path, "../oecd")
    with pytest.raises(DataError, match=r"no vintage of series 'CPI' .* kept: CLI"):
        store.history("CPI")
