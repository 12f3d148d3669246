r"""The branches of a doubt: which prints are moved, how far, and how probable that is.

Each alternative of a defender is a branch. Where alternatives of one defender stand beside the
doubt of others they are independent: branches of both are taken together with the product of their
probabilities, $p_i q_j$, and each alone with $p_i (1 - \sum_j q_j)$; corrections add, and what
their sizes' uncertainty adds to a forecast does so in quadrature. The forecast is the mixture over
the branches, and over the one that uses all prints, $1 - \sum p$.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core import distributions
from fg_core.alternatives import AlternativeArrays, total_of
from fg_core.batch import MixtureArrays, StateArrays
from fg_core.frozen import construct_unchecked

from .inflation import Spread, moved
from .team import Experts

__all__ = ["Branch", "branches_of", "independent", "mix_branches", "replaced_forecasts"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Branch:
    """One hypothesis about the unsettled prints in each of many games.

    Args:
        probability: Probability of the hypothesis, shape (game,); 0 where it changes nothing.
        corrections: Correction of each print, shape (print, game), newest first, in the unit of the
            series.
        spreads: Uncertainty of the corrections.
        label: Name of what it replaces, for the labels of components. It must not depend on how
            many alternatives are listed in other games.
    """

    probability: Array
    corrections: Array
    spreads: tuple[Spread, ...]
    label: str = ""

    def weighing(self, factor: Array) -> Branch:
        """Return the branch with its probability times a factor, shape (game,)."""
        return replace(self, probability=self.probability * factor)

    @property
    def doubtful(self) -> NDArray[np.bool_]:
        """Games in which it matters, shape (game,)."""
        return np.asarray(self.probability != 0.0)


def branches_of(listed: AlternativeArrays, name: str = "") -> list[Branch]:
    """Return a branch for each alternative; one that changes nothing gets a probability of 0.

    Args:
        listed: Alternatives of a defender, with a column for each game.
        name: Name of the defender, where others stand beside it.

    Returns:
        Exclusive branches in the order of the alternatives; corrections of shape (print, game), in
        the unit of the series.
    """
    found = []
    rows = zip(listed.probability, listed.delta, listed.scale, listed.pattern, strict=True)
    for i, (probability, delta, scale, pattern) in enumerate(rows, start=1):
        label = f"{name} {i}" if name else "" if i == 1 else f"{i}"
        corrections = delta * pattern
        changes = ((corrections != 0.0) | (scale * pattern != 0.0)).any(axis=0)
        likely = np.where(changes, probability, 0.0)
        found.append(Branch(likely, corrections, (Spread(scale, pattern),), label))
    return found


def independent(first: Sequence[Branch], second: Sequence[Branch]) -> list[Branch]:
    """Return the exclusive branches of two independent doubts: each alone, then both.

    Args:
        first: Exclusive branches of one doubt.
        second: Exclusive branches of another doubt.

    Returns:
        Exclusive branches of both; m and n of them give m + n + m n.
    """
    none_of_first, none_of_second = _rest(first), _rest(second)
    found = [a.weighing(none_of_second) for a in first]
    found += [b.weighing(none_of_first) for b in second]
    for a in first:
        for b in second:
            corrections = _added(a.corrections, b.corrections)
            both = a.probability * b.probability
            label = f"{a.label} + {b.label}".strip()
            found.append(Branch(both, corrections, (*a.spreads, *b.spreads), label))
    return found


def _rest(branches: Sequence[Branch]) -> Array:
    """Return the probability that no branch is true, shape (game,)."""
    total = total_of(np.stack([one.probability for one in branches]))
    # Exclusive probabilities may sum to more than one in the last bits.
    return np.asarray(np.maximum(1.0 - total, 0.0))


def _added(first: Array, second: Array) -> Array:
    long, short = (first, second) if len(first) >= len(second) else (second, first)
    found = long.copy()
    found[: len(short)] += short
    return found


def replaced_forecasts(
    experts: Experts, observation: StateArrays, branches: Sequence[Branch], horizon: int
) -> list[MixtureArrays | None]:
    """Return the forecast of each branch; None for one that matters in no game.

    Args:
        experts: Experts with the settled values that they have learned from.
        observation: States that agents see, with the prints as they were reported.
        branches: Branches, with the prints that each moves.
        horizon: Horizon of the forecasts, in rounds.

    Returns:
        Forecasts of all games, one per branch, in the unit of the series.
    """
    found: list[MixtureArrays | None] = []
    for branch in branches:
        wanted = branch.doubtful
        if not wanted.any():
            found.append(None)
            continue
        instead = moved(observation, branch.corrections)
        said = experts.forecast(instead, horizon, spreads=branch.spreads, wanted=wanted)
        found.append(said.forecast)
    return found


def mix_branches(
    used: MixtureArrays,
    replaced: Sequence[MixtureArrays | None],
    probabilities: Sequence[Array],
    labels: Sequence[str] = ("",),
) -> MixtureArrays:
    """Return the mixture of the forecasts that use all prints and of those that replace some.

    Components of a branch that replaces prints are labelled `name|replaced`, followed by the label
    of the branch if it has one. Components of weight zero change no bit of any score.

    Args:
        used: Forecasts with the reported values used; they have the rest of the weight.
        replaced: Forecasts with reported values replaced, by branch; None: the branch has no
            weight.
        probabilities: Weights of these branches, shape (game,) each, in [0, 1].
        labels: Labels of these branches.

    Returns:
        Mixture per game, in the unit of the series.
    """
    n = used.means.shape[0]
    alone = n == 1
    likely: Any = [float(one[0]) for one in probabilities] if alone else probabilities
    total = likely[0]
    for further in likely[1:]:
        total = total + further
    rest = 1.0 - total
    if len(likely) > 1:
        # Exclusive probabilities may sum to more than one in the last bits.
        rest = max(rest, 0.0) if alone else np.maximum(rest, 0.0)
    parts, weights, own = [used], [rest], [""]
    if alone and rest == 0.0:
        parts, weights, own = [], [], []
    for one, weight, label in zip(replaced, likely, labels, strict=True):
        if one is not None:
            parts.append(one)
            weights.append(weight)
            own.append(f"replaced {label}" if label else "replaced")
    names = _names(tuple([tuple(part.labels) for part in parts]), tuple(own))
    shapes, width = parts[0].shapes, parts[0].means.shape[1]
    for part in parts[1:]:
        m = part.means.shape[1]
        if shapes is not None or part.shapes is not None:
            shapes = distributions.beside_each_other(shapes, width, part.shapes, m)
        width += m
    whole = True
    for part in parts:
        whole = whole and part.present is None
    if alone and whole:
        rows = [w * one.weights for w, one in zip(weights, parts, strict=True)]
        mixed: MixtureArrays = construct_unchecked(
            MixtureArrays,
            weights=np.concatenate(rows, axis=1),
            means=np.concatenate([one.means for one in parts], axis=1),
            scales=np.concatenate([one.scales for one in parts], axis=1),
            labels=names,
            present=None,
            calibration=None,
            shapes=shapes,
        )
        return used.calibrating(mixed)
    present = None if whole else np.ones((n, width), dtype=np.bool_)
    begin = 0
    for part in parts:
        here = slice(begin, begin + part.means.shape[1])
        begin = here.stop
        if present is not None and part.present is not None:
            present[:, here] = part.present
    # Component by component in memory, as `fg_core.batch.forecast_arrays.columns` has it.
    found = np.concatenate([w * one.weights.T for w, one in zip(weights, parts, strict=True)]).T
    means = np.concatenate([one.means.T for one in parts]).T
    scales = np.concatenate([one.scales.T for one in parts]).T
    return used.calibrating(MixtureArrays.unsealed(found, means, scales, names, present, shapes))


@lru_cache(maxsize=256)
def _names(labels: tuple[tuple[str, ...], ...], branches: tuple[str, ...]) -> tuple[str, ...]:
    """Return the labels of the components of all branches; that without replacement has none."""
    return tuple(
        [
            f"{label}|{branch}" if branch else label
            for own, branch in zip(labels, branches, strict=True)
            for label in own
        ]
    )
