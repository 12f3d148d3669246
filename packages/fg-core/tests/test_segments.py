import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core.segments import rescale_segments

sizes = st.dictionaries(st.sampled_from("abcd"), st.floats(-1e6, 1e6), min_size=1)


@given(sizes, st.floats(-1e6, 1e6))
def test_they_add_up_to_the_total(segments, total):
    found = rescale_segments(segments, total)
    size = sum(abs(v) for v in segments.values()) + abs(total)
    assert sum(found.values()) == pytest.approx(total, abs=1e-9 * (1.0 + size))
    assert list(found) == list(segments)


def test_levels_keep_their_shares_and_contributions_their_differences():
    assert dict(rescale_segments({"a": 1.0, "b": 3.0}, 2.0)) == {"a": 0.5, "b": 1.5}
    assert dict(rescale_segments({"a": 2.0, "b": -1.0}, 5.0)) == {"a": 4.0, "b": 1.0}


@given(st.floats(0.1, 10.0), st.floats(1.0, 5.0))
def test_the_old_total_cannot_be_read_from_levels(scale, total):
    shares = {"a": 1.0, "b": 3.0}
    other = {name: scale * value for name, value in shares.items()}
    first, second = rescale_segments(shares, total), rescale_segments(other, total)
    assert first["a"] == pytest.approx(second["a"])


def test_none_stay_none():
    assert dict(rescale_segments({}, 3.0)) == {}
