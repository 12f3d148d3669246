r"""Which of the newest prints are false: exclusive hypotheses, for one game and for many.

A defender that doubts several prints lists alternatives. Alternative $i$ has the probability
$p_i$; were it true, the $k$-th newest print would have to be moved by $\delta_i g_{i,k}$, where
$g_i$ is its *pattern* (newest print first) and $\delta_i$ has the standard deviation $v_i$ (the
errors of several prints are one error, so their sizes vary together). With probability
$1 - \sum_i p_i$ all prints are true. A doubt about the newest print alone is one alternative with
the pattern (1,).

The *summary* of alternatives is what they say of the newest print. With $q_i = p_i / p$ over those
that move it, $p = \sum_i p_i$ their probability, it is the correction $d = \sum_i q_i \delta_i
g_{i,0}$ with the variance $\sum_i q_i \{(v_i g_{i,0})^2 + (\delta_i g_{i,0} - d)^2\}$.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .errors import AgentError
from .transcendental import hypot

__all__ = [
    "SUMMARY_TOLERANCE",
    "Alternative",
    "AlternativeArrays",
    "OutlierAssessment",
    "check_alternatives",
    "summary_of",
    "total_of",
]

Array = NDArray[np.float64]

SUMMARY_TOLERANCE = 1e-9
"""Relative error of a summary beside the alternatives that it should belong to."""
_ROUNDING = 1e-12
"""By how much a sum of probabilities may be above one."""
_RANGES = {
    "probability": (0.0, 1.0),
    "delta": (-np.inf, np.inf),
    "scale": (0.0, np.inf),
    "pattern": (-np.inf, np.inf),
}
_RANGE_IN_WORDS = {
    "probability": "in [0, 1]",
    "delta": "finite",
    "scale": "finite and at least 0",
    "pattern": "finite",
}


@dataclass(frozen=True)
class Alternative:
    """One of several exclusive hypotheses about which unsettled prints are false.

    Its numbers are checked by the `AgentAction` that lists it, whose error names the agent.

    Args:
        probability: Probability of the hypothesis, in [0, 1].
        delta: Size of the correction along the pattern, in the unit of the series.
        pattern: Newest print first: the k-th newest print is moved by `delta * pattern[k]`. At most
            as long as there are unsettled prints, `state.n_unrevealed + 1`.
        scale: Standard deviation of `delta`, at least 0, in the unit of the series.

    >>> both = Alternative(0.4, -2.0, (1.0, 1.0), scale=0.5)
    >>> both.corrections
    (-2.0, -2.0)
    """

    probability: float
    delta: float
    pattern: tuple[float, ...]
    scale: float = 0.0

    @property
    def corrections(self) -> tuple[float, ...]:
        """Corrections of the prints, newest first, in the unit of the series."""
        return tuple([self.delta * share for share in self.pattern])


def check_alternatives(actor: str, alternatives: Sequence[Alternative]) -> None:
    """Refuse alternatives that are none, are out of range, or exceed a probability of one.

    Args:
        actor: Name of the agent.
        alternatives: Alternatives that it returned.

    Raises:
        AgentError: It names the agent and what is wrong.
    """
    if not isinstance(alternatives, tuple):
        raise AgentError(
            f"agent {actor!r} returned alternatives of type {type(alternatives).__name__}: they "
            "must be a tuple"
        )
    for one in alternatives:
        if not isinstance(one, Alternative):
            raise AgentError(
                f"agent {actor!r} returned a {type(one).__name__} among its alternatives: each "
                "must be an Alternative"
            )
        if not isinstance(one.pattern, tuple):
            raise AgentError(
                f"agent {actor!r} returned an alternative with a pattern of type "
                f"{type(one.pattern).__name__}: it must be a tuple of numbers, newest print first, "
                "as tuple(pattern) makes of any sequence"
            )
        if not one.pattern:
            raise AgentError(
                f"agent {actor!r} returned an alternative with an empty pattern: it must have a "
                "number for the newest print at least"
            )
        for what, (low, high) in _RANGES.items():
            given = getattr(one, what)
            for number in given if what == "pattern" else (given,):
                _check(actor, what, number, low, high)
    total = sum([one.probability for one in alternatives])
    if total > 1.0 + _ROUNDING:
        raise AgentError(
            f"agent {actor!r} returned alternatives whose probabilities sum to {total}: they are "
            "exclusive, so the sum must be at most 1"
        )


def _check(actor: str, what: str, number: object, low: float, high: float) -> None:
    if isinstance(number, bool) or not isinstance(number, Real):
        raise AgentError(
            f"agent {actor!r} returned an alternative with a {what} of {number!r}: it must be a "
            "number"
        )
    if not (math.isfinite(number) and low <= float(number) <= high):
        raise AgentError(
            f"agent {actor!r} returned an alternative with a {what} of {number}: it must be "
            f"{_RANGE_IN_WORDS[what]}"
        )


@dataclass(frozen=True, eq=False)
class AlternativeArrays:
    """Alternatives of a defender in each of many games; as `Alternative`, elementwise over games.

    A game with fewer alternatives than others has a probability of 0 in the last rows.

    Args:
        probability: Probabilities of the hypotheses, shape (alternative, game), or (alternative, 1)
            where all games have the same.
        delta: Sizes of the corrections, of the shape of `probability`, in the unit of the series.
        pattern: Patterns of the corrections, shape (alternative, print) or (alternative, print,
            game), newest print first.
        scale: Standard deviations of `delta`, of the shape of `probability`, or one number; in the
            unit of the series.

    >>> both = AlternativeArrays(np.array([[0.4, 0.0]]), np.array([[-2.0, 1.0]]), [[1.0, 1.0]])
    >>> both.for_games("mine", 2).pattern.shape
    (1, 2, 2)
    """

    probability: Any
    delta: Any
    pattern: Any
    scale: Any = 0.0

    @classmethod
    def of(cls, rows: Sequence[Sequence[Alternative]]) -> AlternativeArrays:
        """Return the alternatives of several games as arrays.

        Args:
            rows: Alternatives of each game, checked.
        """
        n = len(rows)
        m = max([len(row) for row in rows])
        prints = max([len(one.pattern) for row in rows for one in row], default=1)
        probability, delta, scale = np.zeros((3, m, n))
        pattern = np.zeros((m, prints, n))
        for game, row in enumerate(rows):
            for i, one in enumerate(row):
                probability[i, game], delta[i, game] = one.probability, one.delta
                scale[i, game] = one.scale
                pattern[i, : len(one.pattern), game] = one.pattern
        return cls(probability, delta, pattern, scale)

    def for_games(self, name: str, n_games: int) -> AlternativeArrays:
        """Return the alternatives with a column for each game, checked.

        Args:
            name: Name of the agent.
            n_games: Number of games.

        Returns:
            Arrays of shape (alternative, game), the pattern (alternative, print, game).

        Raises:
            AgentError: It names the agent and what is wrong.
        """
        found: dict[str, Array] = {}
        for what in ("pattern", "probability", "delta", "scale"):
            given = getattr(self, what)
            array = np.asarray(given)
            if array.dtype.kind not in "fiu":
                raise AgentError(
                    f"agent {name!r} returned alternatives with a {what} of {given!r}: numbers "
                    "are wanted"
                )
            found[what] = array.astype(np.float64, copy=False)
        if found["pattern"].ndim == 2:
            found["pattern"] = found["pattern"][..., np.newaxis]
        m, prints = (*found["pattern"].shape, 0, 0)[:2]
        for what, array in found.items():
            wanted = (m, prints, n_games) if what == "pattern" else (m, n_games)
            # Only games may be left to one: a row of alternatives has no other meaning.
            alike = array.shape == () and what != "pattern"
            fits = array.shape[:-1] == wanted[:-1] and array.shape[-1:] in ((1,), (n_games,))
            if not (alike or (fits and m * prints > 0)):
                raise AgentError(
                    f"agent {name!r} returned alternatives with a {what} of shape "
                    f"{np.shape(getattr(self, what))} for {n_games} games: probability, delta and "
                    "scale must be (alternative, game), the pattern (alternative, print) or "
                    "(alternative, print, game)"
                )
            low, high = _RANGES[what]
            if not (np.isfinite(array) & (low <= array) & (array <= high)).all():
                raise AgentError(
                    f"agent {name!r} returned alternatives with a {what} out of range: it must be "
                    f"{_RANGE_IN_WORDS[what]}"
                )
            found[what] = np.broadcast_to(array, wanted)
        total = total_of(found["probability"])
        if (total > 1.0 + _ROUNDING).any():
            raise AgentError(
                f"agent {name!r} returned alternatives whose probabilities sum to "
                f"{float(total.max())}: they are exclusive, so the sum must be at most 1"
            )
        return AlternativeArrays(**found)

    @property
    def n_prints(self) -> int:
        """Number of prints that the patterns reach over."""
        return int(np.shape(self.pattern)[1])

    def summary(self) -> tuple[Array, Array, Array]:
        """Return correction, probability of being false and scale of the newest print.

        The arrays must have a column for each game; see `for_games`.

        Returns:
            Shape (game,) each, as in the summary of a doubt (see the module).
        """
        first = self.pattern[:, 0]
        moves = first != 0.0
        likely = np.where(moves, self.probability, 0.0)
        p_bad = total_of(likely)
        # Alternatives without any probability count alike: one alone keeps its numbers so.
        count = np.maximum(np.count_nonzero(moves, axis=0), 1)
        some = p_bad > 0.0
        share = np.where(some, likely / np.where(some, p_bad, 1.0), moves / count)
        sizes = np.where(moves, self.delta * first, 0.0)
        delta = total_of(share * sizes)
        scale = np.zeros_like(delta)
        for i in range(first.shape[0]):
            own = hypot(self.scale[i] * np.abs(first[i]), sizes[i] - delta)
            scale = hypot(scale, np.sqrt(share[i]) * own)
        return delta, np.minimum(p_bad, 1.0), scale


@dataclass(frozen=True)
class OutlierAssessment:
    """Assessment of a print by a defense, elementwise over games.

    Args:
        delta: Correction of the print, in the unit of the series.
        p_bad: Probability that the print is bad, in [0, 1].
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
        """Return the assessment of a defender that lists alternatives in each of many games.

        Args:
            actor: Name of the agent.
            alternatives: Alternatives that it lists.
            n_games: Number of games.

        Raises:
            AgentError: The alternatives are of another shape or out of range.

        >>> both = AlternativeArrays([[0.4, 0.2]], [[-2.0, 3.0]], [[1.0, 1.0]])
        >>> OutlierAssessment.doubting("mine", both, 2).delta.tolist()
        [-2.0, 3.0]
        """
        listed = alternatives.for_games(actor, n_games)
        return cls(*listed.summary(), listed)

    def require_summary(self, name: str, listed: AlternativeArrays) -> None:
        """Refuse numbers that are not what the alternatives say of the newest print.

        Args:
            name: Name of the agent.
            listed: Alternatives, with a column for each game.

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
                    "the newest print: use OutlierAssessment.doubting"
                )


def summary_of(alternatives: Sequence[Alternative]) -> tuple[float, float, float]:
    """Return correction, probability of being false and scale of the newest print.

    The bits of `AlternativeArrays.summary`.

    Args:
        alternatives: Exclusive hypotheses, at least one, checked.

    Returns:
        Correction in the unit of the series, probability in [0, 1], and standard deviation of the
        value that takes the print's place, in the unit of the series.

    >>> summary_of((Alternative(0.2, -3.0, (1.0,)), Alternative(0.2, -1.0, (1.0, 1.0))))
    (-2.0, 0.4, 1.0)
    """
    found = AlternativeArrays.of((alternatives,)).summary()
    delta, p_bad, scale = [float(one[0]) for one in found]
    return delta, p_bad, scale


def total_of(rows: Array) -> Array:
    """Return the sum of rows, from the first to the last, so that zeros change no bit.

    Args:
        rows: Numbers, shape (row, ...), in any one unit.

    Returns:
        Sum over the rows, shape (...), in their unit.
    """
    total = np.zeros(rows.shape[1:])
    for row in rows:
        total = total + row
    return total
