"""A reveal in many games, as arrays and game by game."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import MixtureArrays, StateArrays
from fg_core.batch.lazy import lazy
from fg_core.frozen import construct_unchecked, replace_unchecked
from fg_core.protocols import Revealed

__all__ = ["RevealedLanes"]

Array = NDArray[np.float64]
Lanes = NDArray[np.intp]


class RevealedLanes:
    """A reveal in many games, as arrays and, for agents that want it, game by game.

    Args:
        revealed: Fields of `Revealed`, with arrays.
    """

    def __init__(self, revealed: Revealed) -> None:
        self.arrays: Any = revealed

    @classmethod
    def of(
        cls,
        state: StateArrays,
        reported: Array,
        *,
        predictive: MixtureArrays | None = None,
        reward: Array | None = None,
        settled: bool = True,
        origin: int | None = None,
    ) -> RevealedLanes:
        """Return the reveal of a period's values.

        Args:
            state: States of the period, with its values as they stand.
            reported: Values as they were reported when they came out, one per lane, in the unit of
                the series.
            predictive: Forecasts of these values.
            reward: Reward of the team, for the forecast of these values.
            settled: Whether they are settled.
            origin: Origin at which they became known.
        """
        fields: dict[str, Any] = {"predictive": predictive, "reward": reward, "settled": settled}
        fields["origin"] = origin
        return cls(
            construct_unchecked(Revealed, state=state, reported=reported, own_reward=None, **fields)
        )

    @lazy
    def each(self) -> tuple[Revealed, ...]:
        """The reveal of each game."""
        arrays = self.arrays
        states = arrays.state.each
        if len(states) == 1:
            own, reward = arrays.own_reward, arrays.reward
            alone = construct_unchecked(
                Revealed,
                state=states[0],
                reported=float(arrays.reported[0]),
                predictive=None if arrays.predictive is None else arrays.predictive.each[0],
                reward=None if reward is None else float(reward[0]),
                own_reward=None if own is None else float(own[0]),
                settled=arrays.settled,
                origin=arrays.origin,
            )
            return (alone,)
        reported = np.broadcast_to(arrays.reported, (len(states),)).tolist()
        nothing = [None] * len(states)
        expected = nothing if arrays.predictive is None else arrays.predictive.each
        rewards = nothing if arrays.reward is None else arrays.reward.tolist()
        own = arrays.own_reward
        owns = nothing if own is None else np.broadcast_to(own, (len(states),)).tolist()
        rows = zip(states, reported, expected, rewards, owns, strict=True)
        return tuple(
            construct_unchecked(
                Revealed,
                state=s,
                reported=reported,
                predictive=p,
                reward=reward,
                own_reward=mine,
                settled=arrays.settled,
                origin=arrays.origin,
            )
            for s, reported, p, reward, mine in rows
        )

    def with_own(self, own: Any) -> RevealedLanes:
        """Return the reveal as one agent sees it, with that agent's reward."""
        return (
            self if own is None else RevealedLanes(replace_unchecked(self.arrays, own_reward=own))
        )

    def unsettled(self) -> RevealedLanes:
        """Return the reveal as it is told to whoever may still doubt the values."""
        return RevealedLanes(replace_unchecked(self.arrays, settled=False))

    def take(self, lanes: Lanes) -> RevealedLanes:
        """Return the reveal in some of the games."""
        one = self.arrays
        return RevealedLanes(
            replace_unchecked(
                one,
                state=one.state.take(lanes),
                reported=np.broadcast_to(one.reported, (one.state.n_games,))[lanes],
                predictive=None if one.predictive is None else one.predictive.take(lanes),
                reward=None if one.reward is None else one.reward[lanes],
            )
        )
