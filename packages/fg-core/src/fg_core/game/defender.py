"""A defender in many games, asked once or game by game, and what it says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.alternatives import Alternative, AlternativeArrays
from fg_core.batch import MixtureArrays, StateArrays
from fg_core.batch.handing import handed_to
from fg_core.batch.sealing import read_only
from fg_core.errors import AgentError
from fg_core.frozen import replace_unchecked
from fg_core.protocols import OutlierAssessment

from .agent_batch import AgentBatch
from .asking import call, is_per_lane, refuse_parts, require_numbers
from .assessment import AssessmentLanes
from .revealed_lanes import RevealedLanes

__all__ = ["Defender", "doubts_earlier_prints", "sensitivities_wanted"]

Array = NDArray[np.float64]

_RANGES = {"delta": (-np.inf, np.inf), "p_bad": (0.0, 1.0), "scale": (0.0, np.inf)}


def _within(what: str, numbers: Any) -> bool:
    """Return whether floats are finite and in the range of what a defender returns."""
    low, high = _RANGES[what]
    inside = np.isfinite(numbers)
    if low > -np.inf:
        inside &= numbers >= low
    if high < np.inf:
        inside &= numbers <= high
    return int(np.count_nonzero(inside)) == np.size(numbers)


@dataclass(frozen=True, eq=False)
class Defender:
    """A defender in each of many games.

    Args:
        agents: Defender of each game.
    """

    agents: AgentBatch

    @property
    def name(self) -> str:
        """Name of the agent."""
        return self.agents.name

    def learned(self, revealed: RevealedLanes, own: Any) -> Self:
        """Return the defender after a reveal."""
        return type(self)(self.agents.learned(revealed, own))

    @property
    def sensitivities_wanted(self) -> int:
        """To how many of the last revealed values it wants the pool's sensitivities; 0: to none."""
        return sensitivities_wanted(self.agents.members[0])

    def doubt(
        self,
        t: int,
        state: StateArrays,
        predictive: MixtureArrays,
        sensitivities: Array | None = None,
    ) -> tuple[AssessmentLanes, tuple[AgentAction, ...]]:
        """Return the doubt about each reported value, and its action where it was asked by itself.

        Args:
            t: Round, whose random numbers are drawn.
            state: States that agents see.
            predictive: Forecast of their values from revealed values.
            sensitivities: Sensitivities of the pool to the last revealed values, shape (value,
                game), newest first; None: they are not needed.
        """
        if self.agents.is_array:
            return self._asked_once(t, state, predictive, sensitivities), ()
        said: list[AgentAction] = []
        rows = zip(self.agents.each, state.each, predictive.each, strict=True)
        for lane, (agent, s, expected) in enumerate(rows):
            bound = self.agents.bound(agent, t, lane)
            if sensitivities is None:
                action = call(bound, "act", s, expected)
            else:
                own = tuple(sensitivities[:, lane].tolist())
                action = call(bound, "act", s, expected, sensitivities=own)
            if not isinstance(action, AgentAction):
                raise AgentError(
                    f"defender {self.name!r} returned a {type(action).__name__}: an AgentAction "
                    "is wanted"
                )
            refuse_parts(self.name, "defender", action, "context", "shape")
            said.append(
                action if action.actor == self.name else replace_unchecked(action, actor=self.name)
            )
        for one in said:
            if one.alternatives != ():
                return self._listing(said, state.n_unrevealed + 1), tuple(said)
        numbers = [
            [one.delta for one in said],
            [_certain(one.p_bad) for one in said],
            [one.scale or 0.0 for one in said],
        ]
        return AssessmentLanes(*np.array(numbers, dtype=np.float64)), tuple(said)

    def _listing(self, said: Sequence[AgentAction], unsettled: int) -> AssessmentLanes:
        """Return the doubt of a defender that lists alternatives in some of the games."""
        rows = [
            one.alternatives
            or (Alternative(_certain(one.p_bad), one.delta, (1.0,), one.scale or 0.0),)
            for one in said
        ]
        listed = AlternativeArrays.of(rows)
        self._require_unsettled(listed, unsettled)
        return AssessmentLanes.listing(self.name, listed)

    def _require_unsettled(self, listed: AlternativeArrays, unsettled: int) -> None:
        if listed.n_prints > unsettled:
            raise AgentError(
                f"defender {self.name!r} returned an alternative over {listed.n_prints} prints: "
                f"{unsettled} {'is' if unsettled == 1 else 'are'} not settled yet "
                "(state.n_unrevealed + 1)"
            )

    def _asked_once(
        self,
        t: int,
        state: StateArrays,
        predictive: MixtureArrays,
        sensitivities: Array | None,
    ) -> AssessmentLanes:
        one, n = self.agents.one, state.n_games
        more = {} if sensitivities is None else {"sensitivities": read_only(sensitivities)}
        given = handed_to(one, state), handed_to(one, predictive)
        found = call(self.agents.bound(one, t), "act_array", *given, **more)
        if not isinstance(found, OutlierAssessment):
            raise AgentError(
                f"defender {self.name!r} returned a {type(found).__name__}, "
                "which must be an OutlierAssessment"
            )
        for what in _RANGES:
            numbers = getattr(found, what)
            if is_per_lane(numbers, n) and _within(what, numbers):
                continue
            require_numbers(self.name, what, numbers)
            if np.shape(numbers) not in ((), (n,)):
                raise AgentError(
                    f"defender {self.name!r} returned a {what} of shape {np.shape(numbers)} for "
                    f"{n} games"
                )
            if np.count_nonzero(np.isfinite(numbers)) != np.size(numbers):
                raise AgentError(f"defender {self.name!r} returned a {what} that is not finite")
            low, high = _RANGES[what]
            if np.count_nonzero(numbers < low) or np.count_nonzero(numbers > high):
                raise AgentError(
                    f"defender {self.name!r} returned a {what} that is not in [{low}, {high}]"
                )
        if found.alternatives is None:
            return AssessmentLanes(found.delta, found.p_bad, found.scale)
        if not isinstance(found.alternatives, AlternativeArrays):
            raise AgentError(
                f"defender {self.name!r} returned alternatives of type "
                f"{type(found.alternatives).__name__}: AlternativeArrays are wanted"
            )
        listed = found.alternatives.for_games(self.name, n)
        self._require_unsettled(listed, state.n_unrevealed + 1)
        found.require_summary(self.name, listed)
        return AssessmentLanes.listing(self.name, listed)


def _certain(p_bad: float | None) -> float:
    """Return the probability of a doubt; a plain correction is certain."""
    return 1.0 if p_bad is None else p_bad


def sensitivities_wanted(defender: Any) -> int:
    """Return to how many of the last revealed values a defender wants the pool's sensitivities.

    Args:
        defender: Defender, which may say so by an attribute of this name; 0 where it does not.

    Returns:
        Number of values, at least 0.

    Raises:
        AgentError: The attribute is no whole number of at least 0.
    """
    wanted = getattr(defender, "sensitivities_wanted", 0)
    if isinstance(wanted, bool) or not isinstance(wanted, int) or wanted < 0:
        raise AgentError(
            f"defender {defender.name!r}: sensitivities_wanted is {wanted!r}, and must be a whole "
            "number of at least 0"
        )
    return wanted


def doubts_earlier_prints(defender: Any) -> bool:
    """Return whether a defender says, by an attribute of this name, that it doubts earlier prints.

    Args:
        defender: Defender; one that does not say so may do it all the same, which the round finds
            out.

    Returns:
        Whether the attribute is there and true.
    """
    return bool(getattr(defender, "doubts_earlier_prints", False))
