"""What a defense makes of prints, over arrays of games."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .alternatives import SUMMARY_TOLERANCE, AlternativeArrays
from .errors import AgentError

__all__ = ["Suspicion"]


@dataclass(frozen=True)
class Suspicion:
    """What a defense makes of a print, elementwise over games.

    Args:
        delta: How far it would move the print, in the unit of the series.
        p_bad: How probable it is that the print is bad, in [0, 1].
        scale: Standard deviation of the value that it would put in the print's place.
        alternatives: Exclusive hypotheses about which unsettled prints are false (see
            `fg_core.alternatives`); None: it doubts the newest print alone. The other numbers are
            then what they say of the newest print; `doubting` computes them.
    """

    delta: Any
    p_bad: Any
    scale: Any
    alternatives: AlternativeArrays | None = None

    @classmethod
    def doubting(cls, actor: str, alternatives: AlternativeArrays, n_games: int) -> Self:
        """Return the suspicion of a defender that lists alternatives in each of many games.

        Args:
            actor: Name of the agent.
            alternatives: What it lists.
            n_games: How many games.

        Raises:
            AgentError: The alternatives are of another shape or out of range.

        >>> both = AlternativeArrays([[0.4, 0.2]], [[-2.0, 3.0]], [[1.0, 1.0]])
        >>> Suspicion.doubting("mine", both, 2).delta.tolist()
        [-2.0, 3.0]
        """
        listed = alternatives.for_games(actor, n_games)
        return cls(*listed.summary(), listed)

    def require_summary(self, name: str, listed: AlternativeArrays) -> None:
        """Refuse numbers that are not what the alternatives say of the newest print.

        Args:
            name: Name of the agent.
            listed: The alternatives, with a column for each game.

        Raises:
            AgentError: They contradict each other.
        """
        largest = np.abs(listed.delta * listed.pattern[:, 0]) + listed.scale
        size = largest.max(axis=0)
        for what, number in zip(("delta", "p_bad", "scale"), listed.summary(), strict=True):
            unit = 1.0 if what == "p_bad" else size
            off = np.abs(getattr(self, what) - number) > SUMMARY_TOLERANCE * unit
            if off.any():
                raise AgentError(
                    f"agent {name!r} returned a {what} that is not what its alternatives say of "
                    "the newest print: use Suspicion.doubting"
                )
