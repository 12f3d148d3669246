"""Alternatives of a doubt: what they say of the newest print, and what is refused."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import AgentAction, AgentError
from fg_core.alternatives import Alternative, AlternativeArrays, summary_of
from fg_core.protocols import OutlierAssessment

number = st.floats(-1e3, 1e3)
share = st.sampled_from((0.0, 1.0, -1.0, 0.5, 2.0))
alternatives = st.lists(
    st.builds(
        Alternative,
        st.floats(0.0, 0.2),
        number,
        st.lists(share, min_size=1, max_size=3).map(tuple),
        st.floats(0.0, 1e3),
    ),
    min_size=1,
    max_size=5,
)


@given(alternatives)
def test_the_summary_has_the_moments_of_the_newest_prints_correction(listed):
    delta, p_bad, scale = summary_of(listed)
    own = [one for one in listed if one.pattern[0] != 0.0]
    p = math.fsum(one.probability for one in own)
    assert p_bad == pytest.approx(p, abs=1e-12)
    # Those without any probability count alike.
    weights = [one.probability / p if p > 0.0 else 1.0 / len(own) for one in own]
    means = [one.delta * one.pattern[0] for one in own]
    scales = [one.scale * one.pattern[0] for one in own]
    mean = math.fsum(w * m for w, m in zip(weights, means, strict=True))
    assert delta == pytest.approx(mean, abs=1e-9)
    second = [w * (s * s + m * m) for w, m, s in zip(weights, means, scales, strict=True)]
    assert scale**2 + mean**2 == pytest.approx(math.fsum(second), rel=1e-9, abs=1e-9)


@given(st.floats(0.0, 1.0), number, st.floats(0.0, 1e300))
def test_one_alternative_about_the_newest_print_is_its_own_summary(p, delta, scale):
    action = AgentAction.doubting("a", [Alternative(p, delta, (1.0,), scale)])
    assert (action.delta, action.p_bad, action.scale) == (delta, p, scale)


@given(st.lists(alternatives, min_size=1, max_size=4))
def test_many_games_have_the_summaries_of_each(rows):
    arrays = AlternativeArrays.of(rows)
    said = OutlierAssessment.doubting("a", arrays, len(rows))
    for game, row in enumerate(rows):
        alone = summary_of(row)
        assert (said.delta[game], said.p_bad[game], said.scale[game]) == alone


def test_what_is_left_out_of_an_action_is_computed_and_the_rest_compared():
    listed = (Alternative(0.3, 2.0, (1.0, 1.0), 0.5), Alternative(0.1, 5.0, (0.0, 1.0)))
    action = AgentAction("a", 2.0, alternatives=listed)
    assert action == AgentAction.doubting("a", listed)
    assert (action.p_bad, action.scale) == (0.3, 0.5)
    assert "alternatives=(Alternative(probability=0.3" in repr(action)
    for wrong in ({"delta": 2.1}, {"delta": 2.0, "p_bad": 0.4}, {"delta": 2.0, "scale": 0.0}):
        with pytest.raises(AgentError, match=r"'a'.*of the newest print: use AgentAction.doubting"):
            AgentAction("a", alternatives=listed, **wrong)


def test_no_alternatives_are_no_doubt():
    assert AgentAction.doubting("a", ()) == AgentAction("a", 0.0, scale=0.0, p_bad=0.0)


GOOD = (0.3, 1.0, (1.0, 1.0), 0.5)


@pytest.mark.parametrize(
    ("place", "number", "message"),
    [
        (0, -0.1, r"probability of -0.1: it must be in \[0, 1\]"),
        (0, 1.1, "probability of 1.1"),
        (0, True, "probability of True: it must be a number"),
        (0, math.nan, "probability of nan"),
        (1, math.inf, "delta of inf: it must be finite$"),
        (1, "2", "delta of '2': it must be a number"),
        (2, (), "an empty pattern"),
        (2, [1.0], "a pattern of type list: it must be a tuple of numbers"),
        (2, np.ones(2), r"a pattern of type ndarray: .*tuple\(pattern\)"),
        (2, 1.0, "a pattern of type float"),
        (2, (1.0, math.nan), "pattern of nan"),
        (2, (1.0, None), "pattern of None"),
        (3, -1.0, "scale of -1.0: it must be finite and at least 0"),
    ],
)
def test_an_alternative_out_of_range_is_refused_and_names_the_agent(place, number, message):
    wrong = Alternative(*(number if i == place else given for i, given in enumerate(GOOD)))
    with pytest.raises(AgentError, match=f"'mine'.*{message}"):
        AgentAction.doubting("mine", [Alternative(*GOOD), wrong])
    with pytest.raises(AgentError, match=f"'mine'.*{message}"):
        AgentAction("mine", 1.0, alternatives=(Alternative(*GOOD), wrong))


def test_what_is_no_alternative_is_refused():
    with pytest.raises(AgentError, match=r"'mine'.*a float among its alternatives"):
        AgentAction.doubting("mine", [0.5])
    with pytest.raises(AgentError, match=r"'mine'.*alternatives of type list"):
        AgentAction("mine", 1.0, alternatives=[Alternative(*GOOD)])


def test_probabilities_sum_to_at_most_one_up_to_rounding():
    tenths = [Alternative(0.1, 1.0, (1.0,))] * 10
    assert AgentAction.doubting("mine", tenths).p_bad == pytest.approx(1.0)
    more = [*tenths, Alternative(1e-11, 1.0, (1.0,))]
    with pytest.raises(AgentError, match=r"'mine'.*sum to 1.0.*at most 1"):
        AgentAction.doubting("mine", more)


def test_arrays_that_all_games_share_are_given_to_each():
    one = AlternativeArrays([[0.2], [0.1]], [[1.0], [2.0]], [[1.0, 0.0], [1.0, 1.0]], 0.5)
    full = one.for_games("a", 3)
    assert full.probability.tolist() == [[0.2] * 3, [0.1] * 3]
    assert full.pattern.shape == (2, 2, 3)
    assert full.scale.tolist() == [[0.5] * 3] * 2
    np.testing.assert_allclose(full.summary()[0], 4.0 / 3.0)
