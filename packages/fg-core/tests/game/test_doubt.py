import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import AgentAction, Components, ProbabilisticForecast
from fg_core.game.doubt import NO_DOUBT, Doubt, combine_doubts, mix_branches, shifted

probability = st.floats(0.0, 1.0)


def mixture(*rows, labels=()):
    return ProbabilisticForecast.from_components(Components(*zip(*rows, strict=True), labels))


def test_deltas_add_probabilities_combine_scales_in_quadrature():
    doubt = combine_doubts(
        [
            AgentAction("a", 1.0, scale=3.0, p_bad=0.5),
            AgentAction("b", -3.0, scale=4.0, p_bad=0.2),
        ]
    )
    assert doubt == Doubt(-2.0, pytest.approx(0.6), 5.0)


def test_a_plain_correction_is_certain():
    assert combine_doubts([AgentAction("a", 0.5)]) == Doubt(0.5, 1.0, 0.0)
    assert combine_doubts([]) == NO_DOUBT
    assert NO_DOUBT.is_idle
    assert Doubt(1.0, 0.0, 1.0).is_idle
    assert not Doubt(0.0, 0.5, 1.0).is_idle


@given(st.lists(probability, min_size=1, max_size=6))
def test_more_doubts_never_make_a_print_less_doubtful(ps):
    doubts = [AgentAction(str(i), 0.0, p_bad=p) for i, p in enumerate(ps)]
    together = combine_doubts(doubts).p_bad
    assert max(ps) - 1e-12 <= together <= 1.0


@given(probability, st.floats(-5, 5), st.floats(-5, 5))
def test_mixing_branches_is_the_law_of_total_expectation(p, a, b):
    used = mixture((0.4, a, 1.0), (0.6, a + 1.0, 2.0), labels=("x", "y"))
    instead = mixture((1.0, b, 0.5), labels=("x",))
    mixed = mix_branches(used, instead, p)
    assert mixed.mean == pytest.approx((1 - p) * used.mean + p * instead.mean, abs=1e-9)
    second = (1 - p) * (used.variance + used.mean**2) + p * (instead.variance + instead.mean**2)
    assert mixed.variance == pytest.approx(second - mixed.mean**2, abs=1e-8)
    assert mixed.components.labels[-1] == "x|replaced"


def test_certain_doubt_leaves_the_replaced_branch_alone():
    used, instead = mixture((1.0, 0.0, 1.0)), mixture((1.0, 9.0, 2.0))
    assert mix_branches(used, instead, 1.0).moments == instead.moments


def test_shifting_moves_the_mean_and_nothing_else():
    forecast = mixture((0.5, 0.0, 1.0), (0.5, 4.0, 2.0), labels=("x", "y"))
    moved = shifted(forecast, 0.25)
    assert moved.mean == pytest.approx(forecast.mean + 0.25)
    assert moved.variance == pytest.approx(forecast.variance)
    assert moved.components.labels == ("x", "y")
    assert shifted(forecast, 0.0) is forecast


def test_a_forecast_without_components_is_one_gaussian():
    mixed = mix_branches(ProbabilisticForecast(1.0, 4.0), ProbabilisticForecast(3.0, 1.0), 0.5)
    assert np.array_equal(mixed.components.scales, [2.0, 1.0])
    assert mixed.mean == 2.0
