"""What the check of array forms catches."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from fg_core import (
    AdversaryAgent,
    AgentAction,
    AutoRegression,
    ConfigError,
    DefenderAgent,
    ForecastUnavailable,
    PoolAggregator,
    RandomWalk,
    RefactoringAgent,
    SeasonalNaive,
)
from fg_core.alternatives import AlternativeArrays
from fg_core.batch import ActionArrays
from fg_core.protocols import OutlierAssessment
from fg_core.testing import (
    ConformanceError,
    ListingDefender,
    SilentDefender,
    check_array_form,
)


@dataclass(frozen=True)
class Backwards:
    """Expects the value to go back part of the way to where it has been revealed last."""

    name: str = "backwards"
    seen: object = 0.0

    def fit(self, window):
        return replace(self, seen=float(window.values[-1]))

    def update(self, revealed):
        return replace(self, seen=revealed.value)

    def act(self, state, horizon=1):
        if state.value > 23.0:
            raise ForecastUnavailable("too high")
        return AgentAction(self.name, 0.3 * (self.seen - state.value))

    def update_array(self, revealed):
        return replace(self, seen=revealed.value)

    def act_array(self, state, horizon=1):
        delta = 0.3 * (self.seen - state.value)
        return ActionArrays(np.where(state.value > 23.0, np.nan, delta), reason="too high")


class OtherBits(Backwards):
    """Adds in another order."""

    def act_array(self, state, horizon=1):
        delta = 0.3 * self.seen - 0.3 * state.value
        return ActionArrays(np.where(state.value > 23.0, np.nan, delta))


class NeverAbsent(Backwards):
    """Has a forecast where the scalar form has none."""

    def act_array(self, state, horizon=1):
        return ActionArrays(0.3 * (self.seen - state.value))


class Forgetful(Backwards):
    """Learns nothing in a batch."""

    def update_array(self, revealed):
        return self


@dataclass(frozen=True)
class Stuck:
    """Learns from values alone, as arrays, and cannot give a game what its series has learned."""

    name: str = "stuck"
    seen: object = 25.0
    learns_from_values = True

    def update(self, revealed):
        return replace(self, seen=0.5 * self.seen + 0.5 * revealed.value)

    def act(self, state, horizon=1):
        return AgentAction(self.name, 0.1 * (self.seen - state.value))

    def update_array(self, revealed):
        return self.update(revealed)

    def act_array(self, state, horizon=1):
        return ActionArrays(0.1 * (self.seen - state.value))


class Taking(Stuck):
    """Can."""

    def take(self, lanes):
        return self if np.ndim(self.seen) == 0 else replace(self, seen=self.seen[lanes])


class TakingTheFirst(Stuck):
    """Gives every game what the first series has learned."""

    def take(self, lanes):
        return self if np.ndim(self.seen) == 0 else replace(self, seen=self.seen[0 * lanes])


class StuckBias(RefactoringAgent):
    """A refactorer that has no `take`."""

    @property
    def take(self):
        raise AttributeError("take")


class Overridden(RandomWalk):
    """Another rule than the one that has the array form."""

    def act(self, state, horizon=1):
        return AgentAction(self.name, 0.1, scale=1.0)


@dataclass(frozen=True)
class Mute:
    """Has an array form, and nothing to say."""

    name: str = "mute"

    def act(self, state, horizon=1):
        raise ForecastUnavailable("no column 'moon'")

    act_array = act


@dataclass(frozen=True)
class Wild:
    """An adversary with two minds."""

    name: str = "wild"
    off: float = 0.0

    def act(self, state, budget=None):
        return AgentAction(self.name, 0.3)

    def delta(self, state, budget=None):
        return 0.3 + self.off


@dataclass(frozen=True)
class Wary:
    """A defender with two minds."""

    name: str = "wary"
    off: float = 0.0

    def act(self, state, predictive):
        return AgentAction(self.name, 0.5, p_bad=0.25, scale=1.0)

    def act_array(self, state, predictive):
        return OutlierAssessment(0.5, 0.25 + self.off, 1.0)


class ListsLess(ListingDefender):
    """Leaves out the last alternative in a batch."""

    def act(self, state, predictive):
        return super().act(state, predictive)

    def act_array(self, state, predictive):
        listed = super().act_array(state, predictive).alternatives
        rows = slice(0, max(1, len(listed.probability) - 1))
        fewer = AlternativeArrays(*(part[rows] for part in vars(listed).values()))
        return OutlierAssessment.doubting(self.name, fewer, state.n_games)


class Loud(PoolAggregator):
    """Pools otherwise in a batch."""

    def aggregate(self, state, actions, *, horizon=1, inflation=()):
        return super().aggregate(state, actions, horizon=horizon, inflation=inflation)

    def aggregate_array(self, panel, *, horizon=1, inflation=None):
        made = super().aggregate_array(panel, horizon=horizon, inflation=inflation)
        return replace(made, means=made.means + 1e-12)


def slow(*case):
    return pytest.param(*case, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    ("agent", "role"),
    [
        (Backwards(), "forecaster"),
        (Taking(), "forecaster"),
        slow(AutoRegression(max_order=3), "forecaster"),
        slow(SeasonalNaive(), "forecaster"),
        (Wild(), "adversary"),
        slow(AdversaryAgent(), "adversary"),
        (Wary(), "defender"),
        slow(DefenderAgent(), "defender"),
        (ListingDefender(sensitivities_wanted=3), "defender"),
        (PoolAggregator("rank"), "aggregator"),
        (RefactoringAgent(step_size=0.5), "refactorer"),
    ],
    ids=lambda part: part if isinstance(part, str) else type(part).__name__,
)
def test_it_passes_what_keeps_the_promise(agent, role):
    check_array_form(agent, role)


@pytest.mark.parametrize(
    ("agent", "role", "message"),
    [
        (OtherBits(), "forecaster", "the bits of the scalar form"),
        (NeverAbsent(), "forecaster", "in a batch and nan in a game by itself"),
        (Forgetful(), "forecaster", "the delta of 'backwards'"),
        (Wild(off=1e-15), "adversary", "the attack of game 0 in round 0"),
        (Wary(off=1e-15), "defender", "p_bad of game 0 in round 0"),
        (ListsLess(), "defender", "the mean, h = 3 of game 0 in round 3"),
        (Loud(), "aggregator", "of game 0 in round 0 is"),
        (Mute(), "forecaster", "it has a forecast in one of these games"),
        (Stuck(), "forecaster", r"'stuck' returned a delta of shape|could not be broadcast"),
        (TakingTheFirst(), "forecaster", r"two series: does it take\(lanes\)\?"),
        (StuckBias(step_size=0.5), "refactorer", "a game works; it raised"),
        (Overridden(), "forecaster", "random_walk has no array form"),
        (SilentDefender(), "defender", "no array form"),
    ],
    ids=lambda part: part if isinstance(part, str) else type(part).__name__,
)
def test_it_catches(agent, role, message):
    with pytest.raises(ConformanceError, match=message):
        check_array_form(agent, role)


def test_roles_are_known():
    with pytest.raises(ConfigError, match="role must be one of forecaster, adversary"):
        check_array_form(RandomWalk(), "prophet")
