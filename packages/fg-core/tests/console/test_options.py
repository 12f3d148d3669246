from __future__ import annotations

from itertools import pairwise

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core.console import SEED, read_horizons, read_names, read_pairs

NAMES = st.lists(st.text("abc_1", min_size=1), min_size=1)


@given(names=NAMES, data=st.data())
def test_commas_and_repeated_options_mean_the_same(names: list[str], data: st.DataObject) -> None:
    cuts = data.draw(st.sets(st.integers(1, len(names))))
    ends = [0, *sorted(cuts | {len(names)})]
    given_ = tuple(" , ".join(names[a:b]) for a, b in pairwise(ends))
    assert read_names(None, None, given_) == list(dict.fromkeys(names))


@pytest.mark.parametrize("given_", [("a,,b",), ("",), ("a", " "), ("a,",)])
def test_an_empty_name_is_refused(given_: tuple[str, ...]) -> None:
    with pytest.raises(click.BadParameter, match="an empty name; give names with single commas"):
        read_names(None, None, given_)


@given(numbers=st.lists(st.integers(1, 10**9), min_size=1, unique=True))
def test_horizons_are_read(numbers: list[int]) -> None:
    assert read_horizons(None, None, ", ".join(map(str, numbers))) == tuple(numbers)
    assert read_horizons(None, None, None) is None


def test_ranges_of_horizons_are_read() -> None:
    assert read_horizons(None, None, "1-12") == tuple(range(1, 13))
    assert read_horizons(None, None, "2, 4 - 6,9-9") == (2, 4, 5, 6, 9)


@given(names=st.lists(st.text('ab, "', min_size=1).map(str.strip).filter(bool), min_size=1))
def test_quoted_names_may_have_commas(names: list[str]) -> None:
    quoted = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    assert read_names(None, None, (quoted,)) == list(dict.fromkeys(names))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3-1", "'3-1' is not a list"),
        ("0-2", "'0-2' is not a list"),
        ("1-", "'1-' is not a list"),
        ("1-99999", "a range has at most 10000"),
        ("1-4,3", "names a horizon twice"),
        ("", "'' is not a list of whole numbers such as 1,4"),
        ("0", "'0' is not a list"),
        ("1,-4", "'1,-4' is not a list"),
        ("1;4", "'1;4' is not a list"),
        ("²", "is not a list"),
        ("4,1,4", "'4,1,4' names a horizon twice"),
    ],
)
def test_what_is_no_horizon_is_refused(text: str, message: str) -> None:
    with pytest.raises(click.BadParameter, match=message):
        read_horizons(None, None, text)


@pytest.mark.parametrize("text", ["origin", "=quarter", " = x", ""])
def test_a_pair_needs_a_name_and_a_sign(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not NAME=VALUE, such as origin=quarter"):
        read_pairs("origin=quarter")(None, None, (text,))


def test_seeds_are_those_of_the_generator() -> None:
    assert SEED.convert("18446744073709551615", None, None) == 2**64 - 1
    for text in ("-1", "18446744073709551616", "many"):
        with pytest.raises(click.BadParameter):
            SEED.convert(text, None, None)
