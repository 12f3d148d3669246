r"""What reveals teach of episodes: how frequent, how long, of which shape and size they are.

All counts are discounted. A revision $r$ counts by its size against what could be foreseen,
$b = r^2 / (r^2 + \sigma^2)$, as in the innovation gate. Counted are

- false prints, apart for those after a true print and those right after a revised one, whose prior
  is what was learned of the first;
- length and shape of what was revised at one origin, by the fit of the revisions to each shape;
- its size $|c|$ in classes, each a lognormal density beside a Cauchy density that knows no size;
- whether a false print right after a revised one repeated its error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fg_core.frozen import replace_unchecked
from fg_core.transcendental import exp, log

from .hypotheses import LEVEL, LONGEST, N_SHAPES, RAMP, SPIKE, SWING, shapes_over
from .lanes import Lanes

__all__ = ["EpisodeCounts", "EpisodePrior"]

Array = NDArray[np.float64]

_ROOT_TWO_PI = float(np.sqrt(2.0 * np.pi))
_CLASSES = 0.25 * 2.0 ** (np.arange(14) / 2.0)
"""Middles of the classes of sizes, in standard deviations of one-step changes."""
_CLASSES_LOG = log(_CLASSES)
_WIDTH = 0.35
_NOTICED = 0.2
"""Weight of a revision from which on a print counts as one that was false."""
_STILL = 1e-9
"""In steps: less than this is no revision."""
_MISFIT = 0.04
"""Variance of a revision around its shape, as a share of its mean square."""


def _lengths(longer: float, ramps: float) -> Array:
    """Return prior probabilities of shape and length, shape (shape, length), length 0 unused."""
    found = np.full((N_SHAPES, LONGEST + 1), 1e-4)
    found[:, 0] = 0.0
    found[LEVEL, 1:5] = 1.0 - longer - ramps, 0.8 * longer, 0.08 * longer, 0.02 * longer
    found[[SPIKE, SWING], 2] = 0.1 * longer
    found[RAMP, 2:] += ramps / (LONGEST - 1)
    return np.asarray(found / found.sum())


_LENGTHS = _lengths(0.25, 0.06)


@dataclass(frozen=True)
class EpisodePrior:
    """Prior of episodes, and by how much counts outweigh it.

    Args:
        rate: Probability that an episode begins at a print, in (0, 1).
        rate_weight: How many prints that is worth, above 0.
        forgetting: Discount of counts per event, in (0, 1].
        outlier_scale: Half-width of the size before any is revealed, in standard deviations of
            one-step changes, above 0.
        size_weight: How many episodes that is worth, above 0; infinity: sizes are not learned.
        length_weight: How many episodes the prior of shapes and lengths is worth, above 0.
        repeat: Probability that a false print right after a revised one repeats its error.
        ramp_step: Standard deviation of the step of a ramp, likewise, above 0.
    """

    rate: float = 0.05
    rate_weight: float = 2.0
    forgetting: float = 0.98
    outlier_scale: float = 4.0
    size_weight: float = 2.0
    length_weight: float = 3.0
    repeat: float = 0.2
    ramp_step: float = 0.35


@dataclass(frozen=True, eq=False)
class EpisodeCounts(Lanes):
    """Discounted counts in each of many games.

    Args:
        false: False prints, shape (game, 2): after a true print, and after a revised one.
        prints: All prints, likewise.
        lengths: Episodes by shape and length, shape (game, shape, length).
        sizes: Episodes by class of size, shape (game, class).
        repeats: Repeated errors, and all that could have been, shape (game, 2).
        last: Revision of the latest print but one, in steps; 0: it was not false. Shape (game,).
    """

    false: Array
    prints: Array
    lengths: Array
    sizes: Array
    repeats: Array
    last: Array

    @classmethod
    def start(cls) -> Self:
        """Return the counts of one game before any reveal."""
        shapes = ((2,), (2,), (N_SHAPES, LONGEST + 1), (_CLASSES.size,), (2,), ())
        return cls(*[np.zeros((1, *shape)) for shape in shapes])

    def rates(self, prior: EpisodePrior) -> Array:
        """Return the probability that an episode begins, shape (game, 2) as in `false`."""
        weight = prior.rate_weight
        first = (weight * prior.rate + self.false[:, 0]) / (weight + self.prints[:, 0])
        second = (weight * first + self.false[:, 1]) / (weight + self.prints[:, 1])
        return np.stack([first, second], axis=-1)

    def lasting(self, prior: EpisodePrior) -> Array:
        """Return the probability of a shape and of at least a length, shape (game, shape, length).

        A column more than there are lengths is 0.
        """
        total = prior.length_weight * _LENGTHS + self.lengths
        tails = np.add.accumulate(total[..., ::-1], axis=-1)[..., ::-1]
        whole = tails[..., 0].sum(axis=-1)
        found = tails / whole[:, np.newaxis, np.newaxis]
        return np.concatenate([found, np.zeros_like(found[..., :1])], axis=-1)

    def repeated(self, prior: EpisodePrior) -> Array:
        """Return the probability that a false print repeats the last error, shape (game,)."""
        return (2.0 * prior.repeat + self.repeats[:, 0]) / (2.0 + self.repeats[:, 1])

    def size_density(self, prior: EpisodePrior, sizes: Array) -> Array:
        """Return the density of the size of an episode.

        Args:
            prior: Prior of episodes.
            sizes: Sizes in standard deviations of one-step changes, shape (game, ...).
        """
        far = sizes / prior.outlier_scale
        free: Array = 1.0 / (np.pi * prior.outlier_scale * (1.0 + far * far))
        n = self.sizes.sum(axis=-1)
        if prior.size_weight == np.inf or not (n > 0.0).any():
            return free
        lone = (1,) * (sizes.ndim - 1)
        u = np.abs(sizes) + 1e-9
        z = (log(u)[..., np.newaxis] - _CLASSES_LOG) / _WIDTH
        bumps = exp(-0.5 * z * z) * self.sizes.reshape(-1, *lone, _CLASSES.size)
        known = bumps.sum(axis=-1) / (2.0 * _ROOT_TWO_PI * _WIDTH * u)
        found: Array = (prior.size_weight * free + known) / (
            prior.size_weight + n.reshape(-1, *lone)
        )
        return found

    def repeat_width(self, sd: Array) -> Array:
        """Return the standard deviation around a repeated error, shape (game,), in steps."""
        return np.maximum(0.3 * sd, 0.25 * np.abs(self.last))

    def after(self, prior: EpisodePrior, revisions: Array, sigma: Array, sd: Array) -> Self:
        """Return the counts after the next origin.

        Args:
            prior: Prior of episodes.
            revisions: Old value less new one of the prints before that origin, newest first, shape
                (game, 8), in steps; 0 where nothing moved.
            sigma: Standard deviation of one-step errors, shape (game,), in steps.
            sd: Standard deviation of one-step changes, likewise.
        """
        moved = np.abs(revisions) > _STILL
        keep, found, weight = prior.forgetting, self, np.zeros_like(sigma)
        if moved.any():
            revised = np.asarray(moved.any(axis=-1))
            length = np.where(revised, LONGEST - np.argmax(moved[:, ::-1], axis=-1), 0)
            worst = (revisions * revisions).max(axis=-1)
            weight = np.where(revised, worst / (worst + sigma * sigma), 0.0)
            found = self._after_revision(prior, revisions, length, weight, revised, sd)
        later = self.last != 0.0
        column = np.stack([~later, later], axis=-1)
        return replace_unchecked(
            found,
            prints=np.where(column, keep * self.prints + 1.0, self.prints),
            false=np.where(column, keep * self.false + weight[:, np.newaxis], self.false),
            last=np.where(weight > _NOTICED, revisions[:, 0] * moved[:, 0], 0.0),
        )

    def _after_revision(
        self,
        prior: EpisodePrior,
        revisions: Array,
        length: NDArray[np.intp],
        weight: Array,
        revised: NDArray[np.bool_],
        sd: Array,
    ) -> Self:
        keep, place = prior.forgetting, np.arange(LONGEST)
        inside = place < length[:, np.newaxis]
        ordered = np.take_along_axis(
            revisions, np.maximum(length[:, np.newaxis] - 1 - place, 0), axis=-1
        )
        ordered = np.where(inside, ordered, 0.0)  # from the first print of the episode on
        fitted = _shares(ordered, inside, length)
        late = revised & (length > 1) & (np.abs(revisions[:, 0]) <= _STILL)
        fitted = np.where(late[:, np.newaxis], 0.0, fitted)
        lengths = np.where(revised[:, np.newaxis, np.newaxis], keep * self.lengths, self.lengths)
        here = (np.arange(LONGEST + 1) == length[:, np.newaxis]) & revised[:, np.newaxis]
        for column, shape in enumerate((LEVEL, RAMP, SWING)):
            own = (weight * fitted[:, column])[:, np.newaxis]
            lengths[:, shape] += np.where(here, own, 0.0)
        lengths[:, SPIKE, 2] += np.where(late, weight, 0.0)
        z = (log(np.abs(ordered[:, :1]) / sd[:, np.newaxis] + 1e-9) - _CLASSES_LOG) / _WIDTH
        share = exp(-0.5 * z * z)
        total = share.sum(axis=-1)
        sized = revised & (total > 1e-9)
        share = share / np.where(sized, total, 1.0)[:, np.newaxis]
        gained = (weight * (1.0 - fitted[:, 1]))[:, np.newaxis] * share
        sizes = np.where(sized[:, np.newaxis], keep * self.sizes + gained, self.sizes)
        # Did it repeat the last error?
        asked = (self.last != 0.0) & (weight > _NOTICED)
        width = self.repeat_width(sd)
        off = (revisions[:, 0] - self.last) / width
        alike = 0.5 * exp(-0.5 * off * off) / (_ROOT_TWO_PI * width)
        other = self.size_density(prior, revisions[:, 0] / sd) / sd
        again = alike / (alike + 0.5 * other)
        counted = np.stack([again, np.ones_like(again)], axis=-1) * weight[:, np.newaxis]
        repeats = np.where(asked[:, np.newaxis], keep * self.repeats + counted, self.repeats)
        return replace_unchecked(self, lengths=lengths, sizes=sizes, repeats=repeats)


def _shares(ordered: Array, inside: NDArray[np.bool_], length: NDArray[np.intp]) -> Array:
    """Return how well revisions fit level, ramp and swing, shape (game, 3), summing to one."""
    shapes = shapes_over(LONGEST)[[LEVEL, RAMP, SWING]] * inside[:, np.newaxis, :]
    rows = ordered[:, np.newaxis, :]
    norm = np.maximum((shapes * shapes).sum(axis=-1), 1.0)
    size = (shapes * rows).sum(axis=-1) / norm
    off = rows - size[..., np.newaxis] * shapes
    mean_square = (ordered * ordered).sum(axis=-1)
    misfit = (off * off).sum(axis=-1) / (_MISFIT * mean_square + 1e-12)[:, np.newaxis]
    fit = exp(-0.5 * (misfit - misfit.min(axis=-1, keepdims=True)))
    fit = fit / fit.sum(axis=-1, keepdims=True)
    return np.where((length == 1)[:, np.newaxis], np.array([1.0, 0.0, 0.0]), fit)
