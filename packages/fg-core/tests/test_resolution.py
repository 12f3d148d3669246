"""The resolution of a series, and hits rounded to it."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fg_core.errors import DataError
from fg_core.resolution import MAX_DECIMALS, decimals_of, round_hit

DECIMALS = st.integers(0, 6)


def decimals_in(value):
    """How many decimals the shortest form has, by another way."""
    exponent = Decimal(repr(float(value))).normalize().as_tuple().exponent
    return max(0, -exponent)


@st.composite
def recorded(draw, size=10**7):
    """A value with that many decimals, and their number."""
    d = draw(DECIMALS)
    return draw(st.integers(-size, size)) / 10**d, d


# ------------------------------------------------------------------------------- decimals_of


@given(DECIMALS, st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=30))
def test_it_finds_what_nine_in_ten_need(d, numbers):
    values = [n / 10**d for n in numbers]
    need = sorted(decimals_in(v) for v in values)
    found = decimals_of(values)
    assert found in need
    fits = sum(n <= found for n in need)
    assert 10 * fits >= 9 * len(need)
    assert found == 0 or 10 * sum(n <= found - 1 for n in need) < 9 * len(need)


def test_a_series_recorded_with_two_decimals_has_two():
    values = np.round(np.random.default_rng(1).normal(size=200).cumsum(), 2)
    assert decimals_of(values) == 2
    assert decimals_of(values * 100 // 1) == 0


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1e-05, 2e-05], 5),
        ([1.5e-07], 8),
        ([1e-10], 10),
        ([1e-11], None),
        ([5e300, -2e22], 0),
        ([0.0, -0.0], 0),
        ([123456789012.25], 2),
        ([], None),
        ([float("nan")], None),
        ([float("nan"), float("inf"), 0.5], 1),
        ([0.5, 1 / 3, 2 / 3], None),
        ([0.5, 1 / 3], 1),
        ([7.2, 7.1, 7.199999999999999], 1),
    ],
)
def test_examples(values, expected):
    assert decimals_of(values) == expected


def test_growth_rates_have_no_resolution():
    levels = np.round(np.exp(np.random.default_rng(2).normal(size=150).cumsum() * 0.01) * 100, 1)
    assert decimals_of(levels) == 1
    assert decimals_of(np.diff(np.log(levels))) is None
    assert decimals_of(100 * np.diff(levels) / levels[:-1]) is None


def test_few_rows_with_a_digit_more_do_not_count():
    values = np.round(np.random.default_rng(3).normal(size=100), 1)
    values[:9] = np.round(np.random.default_rng(4).normal(size=9), 3)
    assert decimals_of(values) == 1


# --------------------------------------------------------------------------------- round_hit


@given(recorded(), st.floats(-1e6, 1e6))
def test_a_report_has_no_more_decimals_and_no_larger_hit(value_and_d, hit):
    value, d = value_and_d
    reported, effective = round_hit(value, hit, d)
    assert decimals_in(reported) <= d
    assert abs(effective) <= abs(hit)
    assert effective * hit >= 0.0
    # Towards the truth, by less than a step: another step would be more than was asked for.
    aim = Fraction(value) + Fraction(hit)
    left = (aim - Fraction(float(reported))) * (1 if hit >= 0.0 else -1)
    slack = Fraction(2.0**-50) * (abs(Fraction(value)) + abs(Fraction(hit)))
    assert -slack <= left <= Fraction(1, 10**d) + slack


@given(recorded(), st.floats(-1.0, 1.0))
def test_the_value_and_the_hit_that_counts_are_the_report(value_and_d, share):
    value, d = value_and_d
    hit = 0.5 * value * share
    reported, effective = round_hit(value, hit, d)
    assert value + effective == reported


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), DECIMALS)
def test_in_general_they_are_within_the_rounding_of_the_sum(value, hit, d):
    reported, effective = round_hit(value, hit, d)
    assert abs(value + effective - reported) <= 2.0**-52 * (abs(value) + abs(effective))
    assert decimals_in(reported) <= d or reported == value


@given(recorded(size=10**6), st.integers(-(10**4), 10**4))
def test_a_hit_of_whole_steps_is_kept_whole(value_and_d, steps):
    value, d = value_and_d
    n = round(value * 10**d)
    hit = steps / 10**d
    assume(float(value + hit) == (n + steps) / 10**d)
    reported, effective = round_hit(value, hit, d)
    assert reported == (n + steps) / 10**d
    assert effective == pytest.approx(hit, rel=1e-9)


@pytest.mark.parametrize("d", range(5))
def test_sums_that_are_on_the_grid_or_just_below_it(d):
    grid = np.arange(1.0, 20_001.0) / 10**d
    for value in (0.0, 1.0, 0.3 if d else 2.0):
        for sign in (-1.0, 1.0):
            hit = sign * (grid - value)
            on = (value * sign + hit == sign * grid) & (grid > value)
            reported, effective = round_hit(sign * value, hit, d)
            assert on.sum() >= 10_000
            assert (reported == sign * grid)[on].all()
            assert (np.abs(effective) <= np.abs(hit)).all()
    below = np.nextafter(grid, 0.0)
    assert (round_hit(0.0, below, d)[0] == np.arange(20_000) / 10**d).all()


def test_a_hit_is_never_charged_more_than_was_asked_for():
    assert 2.4 - 2.3 > 0.1
    assert [float(x) for x in round_hit(2.3, 0.1, 1)] == [2.4, 0.1]


@given(recorded(), st.floats(0.0, 0.99))
def test_a_hit_of_less_than_a_step_is_none(value_and_d, share):
    value, d = value_and_d
    for sign in (-1.0, 1.0):
        reported, effective = round_hit(value, sign * share / 10**d, d)
        assert (reported, effective) == (value, 0.0)


@given(st.floats(allow_infinity=False, allow_nan=False), st.integers(-1, MAX_DECIMALS))
def test_no_hit_leaves_the_value_bit_for_bit(value, d):
    for nothing in (0.0, -0.0):
        reported, effective = round_hit(value, nothing, d)
        assert reported.tobytes() == np.float64(value).tobytes()
        assert effective.tobytes() == np.float64(0.0).tobytes()


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_without_a_resolution_nothing_is_rounded(value, hit):
    for d in (None, -1):
        reported, effective = round_hit(value, hit, d)
        assert reported == value + hit or hit == 0.0
        assert effective == hit or reported == value
        assert abs(effective) <= abs(hit)


@given(recorded(), st.floats(-1e6, 1e6))
def test_up_and_down_are_mirror_images(value_and_d, hit):
    value, d = value_and_d
    up, down = round_hit(value, hit, d), round_hit(-value, -hit, d)
    assert up[0] == -down[0]
    assert up[1] == -down[1]


@given(st.lists(st.tuples(recorded(), st.floats(-1e3, 1e3)), min_size=1, max_size=8))
def test_lanes_have_their_own_resolution_and_the_bits_of_one_alone(lanes):
    values = np.array([value for (value, _), _ in lanes])
    ds = np.array([d for (_, d), _ in lanes])
    hits = np.array([hit for _, hit in lanes])
    reported, effective = round_hit(values, hits, ds)
    for i, ((value, d), hit) in enumerate(lanes):
        alone = round_hit(value, hit, d)
        assert alone[0].tobytes() == reported[i].tobytes()
        assert alone[1].tobytes() == effective[i].tobytes()


def test_a_value_with_more_digits_is_hit_onto_the_grid():
    reported, effective = round_hit(2.3456, 0.5, 2)
    assert reported == 2.84
    assert 2.3456 + effective == 2.84
    assert [float(x) for x in round_hit(2.3456, 0.003, 2)] == [2.3456, 0.0]


def test_zero_is_reported_without_a_sign():
    reported, _ = round_hit(0.3, -0.3, 1)
    assert str(reported) == "0.0"


def test_numbers_without_decimals_to_spare_are_left():
    assert [float(x) for x in round_hit(1e17, 1600.0, 2)] == [1e17 + 1600.0, 1600.0]
    assert [float(x) for x in round_hit(1e300, 1e299, 10)] == [1.1e300, pytest.approx(1e299)]
    assert np.isnan(round_hit(1.0, np.nan, 2)).all()
    assert round_hit(1.0, np.inf, 2)[0] == np.inf


@pytest.mark.parametrize("decimals", [-2, MAX_DECIMALS + 1, 1.0, [0, 11], "two"])
def test_a_resolution_out_of_range_is_refused(decimals):
    with pytest.raises(DataError, match="whole numbers from -1"):
        round_hit([1.0, 2.0], 0.5, decimals)


# ---------------------------------------------------------------------------- what digits tell


def log_odds(hits, total):
    return np.log(hits / (total - hits))


def classifier_auc(reported, is_hit):
    """Area under the curve, on the second half, of a look-up on digits learned on the first."""
    patterns = [(decimals_in(x), repr(float(x))[-1], repr(float(x))[-2:]) for x in reported]
    half = len(patterns) // 2
    seen = {}
    for pattern, hit in zip(patterns[:half], is_hit[:half], strict=True):
        for key in enumerate(pattern):
            total = seen.setdefault(key, [1.0, 2.0])
            total[0] += hit
            total[1] += 1.0
    score = np.array(
        [
            sum(
                np.log(a / (n - a))
                for a, n in (seen.get((i, k), (1.0, 2.0)) for i, k in enumerate(p))
            )
            for p in patterns[half:]
        ]
    )
    hits, others = score[is_hit[half:]], score[~is_hit[half:]]
    above = (hits[:, np.newaxis] > others).mean()
    level = (hits[:, np.newaxis] == others).mean()
    # Standard deviation where digits tell nothing: Mann & Whitney (1947), Ann. Math. Stat. 18.
    spread = np.sqrt((len(hits) + len(others) + 1) / (12.0 * len(hits) * len(others)))
    return above + 0.5 * level, spread


@pytest.mark.parametrize("d", [0, 1, 2, 3])
def test_a_classifier_of_digits_finds_all_hits_that_are_not_rounded_and_none_that_are(d):
    rng = np.random.default_rng(100 + d)
    values = np.round(20.0 + 10.0 * rng.normal(size=4000), d)
    hits = np.where(rng.random(4000) < 0.3, 6.0 * rng.normal(size=4000), 0.0)
    assert decimals_of(values[:200]) == d
    plain, _ = classifier_auc(values + hits, hits != 0.0)
    assert plain > 0.999
    reported, effective = round_hit(values, hits, d)
    found, spread = classifier_auc(reported, effective != 0.0)
    assert abs(found - 0.5) < 4.0 * spread
