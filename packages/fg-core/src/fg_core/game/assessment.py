r"""Combination of the doubts of several defenders into one.

Doubts about the newest print alone become one such doubt: deltas add, probabilities combine as
$p = 1 - \prod_i (1 - p_i)$, scales add in quadrature. A plain correction has $p = 1$. The forecast
is then a mixture of two branches: the reported value used, with weight $1 - p$, and the reported
value replaced by itself plus `delta`, with weight $p$.

A defender that lists alternatives is independent of the others, and the forecast is a mixture of
more branches (see `branches`). Of those that doubt earlier prints as well there may be one in a
game: what two of them say of one print cannot be taken together without knowing what both saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core.alternatives import AlternativeArrays
from fg_core.batch.forecast_arrays import broadcast_to_games
from fg_core.errors import AgentError

from .branches import Branch, branches_of, independent
from .inflation import Spread

__all__ = ["AssessmentLanes"]

Array = NDArray[np.float64]


_NONE = np.zeros(1, dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class AssessmentLanes:
    """Doubt about the newest reported values in each of many games.

    Args:
        delta: Correction of the newest value, in the unit of the series; shape (game,) or one
            number.
        p_bad: Probability that it is false, in [0, 1].
        scale: Standard deviation of what would take its place, in the unit of the series.
        doubtful: Games in which it changes anything, shape (game,); None: all.
        listed: Alternatives of one defender that doubts more than the newest value, or it in
            several ways; None: it does not.
        branches: Hypotheses of all defenders together, where one of them lists alternatives.
        name: Name of the defender; empty: it is that of several.

    >>> both = [AssessmentLanes(-1.0, 0.5, 3.0), AssessmentLanes(0.5, 0.5, 4.0)]
    >>> float(AssessmentLanes.of(both, 1).p_bad[0])
    0.75
    """

    delta: Any
    p_bad: Any
    scale: Any
    doubtful: NDArray[np.bool_] | None = None
    listed: AlternativeArrays | None = None
    branches: tuple[Branch, ...] = ()
    name: str = ""

    @classmethod
    def listing(cls, name: str, listed: AlternativeArrays) -> Self:
        """Return the doubt of a defender that lists alternatives.

        Where these say no more than a doubt about the newest value alone, it is that.

        Args:
            name: Name of the defender.
            listed: Alternatives, with a column for each game.
        """
        if _is_plain(listed).all():
            return cls(*_first_alone(listed), name=name)
        return cls(*listed.summary(), listed=listed, name=name)

    @classmethod
    def of(cls, doubts: Sequence[AssessmentLanes], n: int) -> Self | None:
        """Return the doubt of all defenders together; None where there are none.

        Args:
            doubts: Doubts, one per defender.
            n: Number of games.

        Raises:
            AgentError: Two defenders doubt earlier values in one game.
        """
        if not doubts:
            return None
        if any(one.listed is not None for one in doubts):
            return cls._of_lists(doubts, n)
        only = doubts[0]
        parts = (only.delta, only.p_bad, only.scale)
        if n == len(doubts) == 1 and all(isinstance(one, np.ndarray) for one in parts):
            idle = only.p_bad[0] == 0.0 or (only.delta[0] == 0.0 and only.scale[0] == 0.0)
            return cls(only.delta, only.p_bad, only.scale, _NONE if idle else None)
        delta, p_bad, scale = (broadcast_to_games(part, n) for part in _combined(doubts))
        if np.count_nonzero(p_bad) == np.count_nonzero(scale) == n:
            return cls(delta, p_bad, scale, None)
        doubtful = (p_bad != 0.0) & ((delta != 0.0) | (scale != 0.0))
        return cls(delta, p_bad, scale, doubtful)

    @classmethod
    def _of_lists(cls, doubts: Sequence[AssessmentLanes], n: int) -> Self:
        _require_one_of_several(doubts)
        if len(doubts) == 1 and doubts[0].listed is not None:
            branches = branches_of(doubts[0].listed)
        else:
            # Game by game, a defender doubts the newest value alone or lists alternatives: what a
            # game makes of it must not depend on what is listed in another.
            plain, lists = zip(*[_parted(one) for one in doubts], strict=True)
            alone = cls.of(plain, n)
            assert alone is not None
            likely = np.asarray(alone.p_bad)
            if alone.doubtful is not None:
                likely = np.where(alone.doubtful, likely, 0.0)
            spread = Spread(np.asarray(alone.scale), np.ones((1, n)))
            branches = [Branch(likely, np.asarray(alone.delta)[np.newaxis], (spread,))]
            for one, listed in zip(doubts, lists, strict=True):
                if listed is not None:
                    branches = independent(branches, branches_of(listed, one.name))
        delta, p_bad, scale = (broadcast_to_games(part, n) for part in _combined(doubts))
        doubtful = np.any([one.doubtful for one in branches], axis=0)
        return cls(delta, p_bad, scale, doubtful, branches=tuple(branches))

    def certain(self) -> Self:
        """Return the doubt of defenders who were sure that a print is bad, wherever they doubt it.

        Hypotheses of several keep the proportions of their probabilities.
        """
        if not self.branches:
            return replace(self, p_bad=np.ones_like(np.atleast_1d(self.p_bad)))
        total = np.sum([one.probability for one in self.branches], axis=0)
        share = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0.0)
        branches = tuple([one.weighing(share) for one in self.branches])
        return replace(self, p_bad=np.where(total > 0.0, 1.0, 0.0), branches=branches)

    @property
    def is_idle(self) -> bool:
        """Whether it changes nothing in any game."""
        return self.doubtful is not None and np.count_nonzero(self.doubtful) == 0


def _combined(doubts: Sequence[AssessmentLanes]) -> tuple[Any, Any, Any]:
    if len(doubts) == 1:
        only = doubts[0]
        return only.delta, only.p_bad, only.scale
    delta, good, variance = 0.0, 1.0, 0.0
    for one in doubts:
        delta = delta + one.delta
        good = good * (1.0 - one.p_bad)
        variance = variance + one.scale * one.scale
    return delta, 1.0 - good, np.sqrt(variance)


def _is_plain(listed: AlternativeArrays) -> NDArray[np.bool_]:
    """Return the games whose alternatives are no more than a doubt about the newest value.

    Nothing but the first of them has any probability there, and it moves the newest value alone.
    """
    others = (listed.probability[1:] != 0.0).any(axis=0)
    earlier = (listed.pattern[0, 1:] != 0.0).any(axis=0)
    return np.asarray(~(others | earlier))


def _first_alone(listed: AlternativeArrays) -> tuple[Array, Array, Array]:
    """Return the first alternative as a doubt about the newest value."""
    share = listed.pattern[0, 0]
    return listed.delta[0] * share, listed.probability[0], listed.scale[0] * np.abs(share)


def _parted(doubt: AssessmentLanes) -> tuple[AssessmentLanes, AlternativeArrays | None]:
    """Return a doubt about the newest value, and what is listed in the other games."""
    listed = doubt.listed
    if listed is None:
        return doubt, None
    plain = _is_plain(listed)
    delta, p_bad, scale = [np.where(plain, one, 0.0) for one in _first_alone(listed)]
    rest = replace(listed, probability=np.where(plain, 0.0, listed.probability))
    return AssessmentLanes(delta, p_bad, scale), rest


def _require_one_of_several(doubts: Sequence[AssessmentLanes]) -> None:
    """Refuse two defenders that doubt earlier values in one game."""
    seen: list[tuple[str, NDArray[np.bool_]]] = []
    for one in doubts:
        if one.listed is None:
            continue
        earlier = (one.listed.pattern[:, 1:] != 0.0).any(axis=1)
        own = (earlier & (one.listed.probability != 0.0)).any(axis=0)
        for other, games in seen:
            if (own & games).any():
                raise AgentError(
                    f"defenders {other!r} and {one.name!r} both doubt several prints: what two say "
                    "of an earlier print does not combine; let one of them doubt the newest print "
                    "alone, or leave it out"
                )
        seen.append((one.name, own))
