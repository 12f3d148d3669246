from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import ArtifactError, ConfigError, DataError
from fg_data.cache import VintageStore

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


def test_a_damaged_or_misplaced_file_is_named(tmp_path: Path) -> None:
    store = VintageStore(tmp_path, "oecd")
    fetches(store, [{month(0): 1.0}])
    (only,) = tmp_path.rglob("*.json")
    other = VintageStore(tmp_path, "bis")
    other.add("CLI", {month(0): 5.0}, FIRST, frequency="M", units="index")
    (theirs,) = (tmp_path / "bis").rglob("*.json")
    theirs.write_bytes(only.read_bytes())
    with pytest.raises(ArtifactError, match="is of series 'CLI' of 'oecd'; it was moved here"):
        other.history("CLI")
    only.write_bytes(only.read_bytes()[:-20])
    with pytest.raises(ArtifactError, match=only.name):
        store.history("CLI")


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
    with pytest.raises(ConfigError, match="cannot be the name of a folder"):
        VintageStore(tmp_path, "../oecd")
    with pytest.raises(DataError, match=r"no vintage of series 'CPI' .* kept: CLI"):
        store.history("CPI")
