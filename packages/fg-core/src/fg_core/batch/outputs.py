"""Record of a batch of games: arrays, one row per game and one column per round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core import distributions
from fg_core.checkpoint import Checkpoint
from fg_core.config import SimulationConfig
from fg_core.distributions import ShapeArrays
from fg_core.errors import ConfigError
from fg_core.forecast import QUANTILE_LEVELS
from fg_core.frozen import FrozenMapping, frozen_mapping
from fg_core.mixture import mixture_quantile

from .calibration import QuantileCalibration
from .kept_shapes import joined_shapes

__all__ = ["BatchOutputs", "DoubtRecord", "HorizonArrays"]

Array = NDArray[np.float64]
_PLAIN = ("values", "targets", "prints", "attacks", "disturbances", "p_bad", "costs")


@dataclass(frozen=True, eq=False)
class HorizonArrays:
    """Forecasts of one horizon; arrays of shape (game, round) or (game, round, ...).

    What a forecast is stands in the column of the round that issued it; how it fared, in the
    column of the round that booked it (`horizon - 1` later), NaN where none fell due.

    Args:
        mean: Expected values issued, in the unit of the series.
        variance: Variances of these forecasts, in that unit squared.
        score: Scores booked: the CRPS, or the absolute error, as `reward` says.
        error: Target minus mean, of the forecasts booked.
        weights: Weights of the mixture's components, where they were kept (zero, with mean 0 and
            scale 1, for one that a game's forecast does not have); the second half is the branch
            that replaces the print.
        means: Means of the components, in the unit of the series.
        scales: Standard deviations of the components, in the unit of the series.
        deltas: Change that each forecaster stated with the print used, where it was kept; NaN for
            none.
        stated_scales: Standard deviations that the forecasters stated; NaN for none.
        calibration: Adaptation of the quantiles, with parameters of shape (game, round, parameter),
            where the components were kept and the aggregator adapts quantiles; None: they are those
            of the mixtures.
        labels: Names of the components, where they were kept.
        stating: Names of the forecasters that stated a whole distribution: `deltas` and
            `stated_scales` have its moments alone.
        shapes: Distributions of the components that are not normal, where the components were
            kept, leading axes (game, round, component); None: all are normal.
        stated_shapes: Distributions that the forecasters stated, where what they said was kept,
            leading axes (game, round, forecaster); None: none was stated.
        unavailable: Why forecasters had no forecast, by game and round, then by name, where what
            they said was kept.
    """

    mean: Array
    variance: Array
    score: Array
    error: Array
    _: KW_ONLY
    weights: Array | None = None
    means: Array | None = None
    scales: Array | None = None
    deltas: Array | None = None
    stated_scales: Array | None = None
    calibration: QuantileCalibration | None = None
    labels: tuple[str, ...] = ()
    stating: tuple[str, ...] = ()
    shapes: ShapeArrays | None = None
    stated_shapes: ShapeArrays | None = None
    unavailable: Mapping[tuple[int, int], Mapping[str, str]] = field(
        default_factory=lambda: frozen_mapping()
    )

    def quantiles(self, levels: ArrayLike = QUANTILE_LEVELS) -> Array:
        """Return the quantiles that were issued.

        Args:
            levels: Levels, shape (level,), strictly between 0 and 1.

        Returns:
            Quantiles, shape (game, round, level), in the unit of the series.

        Raises:
            ConfigError: The components were not kept.
        """
        if self.weights is None or self.means is None or self.scales is None:
            raise ConfigError('quantiles need the components: run_batch(..., keep=("components",))')
        wanted = levels if self.calibration is None else self.calibration.levels(levels)
        if self.shapes is None:
            return mixture_quantile(wanted, self.weights, self.means, self.scales)
        n, rounds, k = self.weights.shape
        weights, means, scales = (
            one.reshape(n * rounds, k) for one in (self.weights, self.means, self.scales)
        )
        shapes = self.shapes.map(lambda array: array.reshape(n * rounds, *array.shape[2:]))
        wanted = np.atleast_1d(np.asarray(wanted, dtype=np.float64))
        if wanted.ndim > 1:
            wanted = wanted.reshape(n * rounds, -1)
        return np.asarray(distributions.quantile(wanted, weights, means, scales, shapes)).reshape(
            n, rounds, -1
        )

    def joined(self, later: HorizonArrays) -> HorizonArrays:
        """Return these rounds and later ones of the same games as one.

        Raises:
            ConfigError: Other things were kept of the later ones.
        """
        rounds = self.mean.shape[1]
        labels = tuple(dict.fromkeys((*self.labels, *later.labels)))
        places = [labels.index(label) for label in later.labels]
        moved = {(game, r + rounds): why for (game, r), why in later.unavailable.items()}
        found: dict[str, Any] = {
            "unavailable": FrozenMapping({**self.unavailable, **moved}),
            "labels": labels,
            "stating": tuple(dict.fromkeys((*self.stating, *later.stating))),
        }
        for item in fields(self):
            if item.name in found or item.name in ("shapes", "stated_shapes"):
                continue
            mine, theirs = getattr(self, item.name), getattr(later, item.name)
            if (mine is None) != (theirs is None):
                raise ConfigError(
                    f"{item.name} were kept of one part of the games alone: play both parts "
                    "with the same `keep`"
                )
            if isinstance(mine, QuantileCalibration):
                both = _joined(mine.parameters, theirs.parameters)
                found[item.name] = QuantileCalibration(mine.rule, both)
                continue
            fill = 1.0 if item.name == "scales" else 0.0
            if mine is not None and item.name in ("weights", "means", "scales"):
                theirs = _placed(theirs, places, fill)
            found[item.name] = None if mine is None else _joined(mine, theirs, fill)
        if found["weights"] is not None:
            found["shapes"] = joined_shapes(
                self.shapes,
                later.shapes,
                (rounds, later.mean.shape[1]),
                places or range(found["weights"].shape[2]),
                found["weights"].shape[2],
            )
        if found["deltas"] is not None:
            k = found["deltas"].shape[2]
            found["stated_shapes"] = joined_shapes(
                self.stated_shapes,
                later.stated_shapes,
                (rounds, later.mean.shape[1]),
                range(k),
                k,
            )
        return HorizonArrays(**found)


@dataclass(frozen=True, eq=False)
class DoubtRecord:
    """Doubt of one defender about each reported value; arrays of shape (game, round).

    Args:
        delta: Correction of the reported value, in the unit of the series.
        p_bad: Probability that the value is bad, in [0, 1].
        scale: Standard deviation of what it would put in the value's place, in that unit.

    All of them are NaN in rounds that a game does not have.
    """

    delta: Array
    p_bad: Array
    scale: Array

    def joined(self, later: DoubtRecord) -> DoubtRecord:
        """Return the doubts of these rounds and of later ones of the same games as one."""
        return DoubtRecord(
            _joined(self.delta, later.delta),
            _joined(self.p_bad, later.p_bad),
            _joined(self.scale, later.scale),
        )


@dataclass(frozen=True, eq=False)
class BatchOutputs:
    """Games of one seed; arrays of shape (game, round), in the unit of the series.

    Args:
        values: True values at the start of each round.
        targets: True values after each round.
        prints: Values that all agents but the adversaries saw at the start.
        attacks: Changes that the adversaries added.
        disturbances: Disturbances by nature.
        p_bad: Defenders' combined probability that the print was bad.
        costs: Costs of the attacks for the adversaries.
        horizons: Forecasts by horizon.
        config: Settings of the games.
        seed: Seed of the games.
        first_game: Number of the first game.
        first_t: Number of the period that the games begin in; shape (game,) where they differ.
        step_scale: One-step scale that budgets and defenses were measured in, in the unit of the
            series; shape (game,) where games differ.
        reward: Loss that the team is paid by: "crps" or "error".
        attack_spent: Units of attack used, shape (game,).
        prints_doubted: Number of reported values that were probably bad, shape (game,).
        weights: Last confirmed weights of the aggregator per horizon, shape (game, forecaster).
        forecasters: Names of the forecasters.
        missing: Number of forecasts that a forecaster did not have, by name, shape (game,).
        missing_reasons: Number of such forecasts by name and kind of reason (see
            `fg_core.reasons`).
        attribution: Credit by agent, where it was asked for, in the round that books it (see
            `StepResult.reward_breakdown`); NaN where nothing was booked.
        doubts: Doubt of each defender by name, in the order of the registry, where it was kept;
            `p_bad` above is what they come to together.
        slow_agents: Names of the agents without an array form, which were asked game by game.
        notes: Remarks for a reader.
        continuation: Checkpoint where the games stopped, where it was kept:
            `ForecastGame.run_batch(..., resume=it)` plays on.

    Games that were resumed have the rounds since then; what they spent and missed is that of the
    whole games.
    """

    values: Array
    targets: Array
    prints: Array
    attacks: Array
    disturbances: Array
    p_bad: Array
    costs: Array
    _: KW_ONLY
    horizons: Mapping[int, HorizonArrays]
    config: SimulationConfig
    seed: int
    first_game: int
    first_t: int | Array
    step_scale: float | Array
    reward: str
    attack_spent: Array
    prints_doubted: Array
    weights: Mapping[int, Array]
    forecasters: tuple[str, ...]
    missing: Mapping[str, Array] = field(default_factory=lambda: frozen_mapping())
    missing_reasons: Mapping[str, Mapping[str, Array]] = field(
        default_factory=lambda: frozen_mapping()
    )
    attribution: Mapping[str, Array] = field(default_factory=lambda: frozen_mapping())
    doubts: Mapping[str, DoubtRecord] = field(default_factory=lambda: frozen_mapping())
    slow_agents: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    continuation: Checkpoint | None = field(default=None, repr=False)

    def joined(self, later: BatchOutputs) -> BatchOutputs:
        """Return this part of some games and the one that was resumed from its end as one.

        It equals the games played in one go, to the last bit.

        Args:
            later: Outputs that `ForecastGame.run_batch(..., resume=self.continuation)` returned.

        Returns:
            Outputs of all rounds, shape (game, round).

        Raises:
            ConfigError: The other part does not begin where this one ends, or other things were
                kept of it.
        """
        mine = (self.seed, self.first_game, self.n_games, self.first_t + self.rounds)
        theirs = (later.seed, later.first_game, later.n_games)
        if mine[:3] != theirs or not np.array_equal(mine[3], later.first_t):
            raise ConfigError(
                f"these are no two parts of the same games: the first ends in period {mine[3]} "
                f"(seed {mine[0]}, {mine[2]} games from {mine[1]}), the second begins in period "
                f"{later.first_t} (seed {later.seed}, {later.n_games} games from "
                f"{later.first_game}); join what run_batch(..., resume=first.continuation) returned"
            )
        if set(self.doubts) != set(later.doubts):
            raise ConfigError(
                "doubts were kept of one part of the games alone: play both parts with the same "
                "`keep`"
            )
        plain: dict[str, Any] = {
            name: _joined(getattr(self, name), getattr(later, name)) for name in _PLAIN
        }
        return replace(
            later,
            **plain,
            first_t=self.first_t,
            horizons=FrozenMapping(
                {h: arrays.joined(later.horizons[h]) for h, arrays in self.horizons.items()}
            ),
            attribution=FrozenMapping(
                {
                    name: _joined(mine, later.attribution[name])
                    for name, mine in self.attribution.items()
                }
            ),
            doubts=FrozenMapping(
                {name: mine.joined(later.doubts[name]) for name, mine in self.doubts.items()}
            ),
        )

    @property
    def n_games(self) -> int:
        """Number of games."""
        return int(self.targets.shape[0])

    @property
    def rounds(self) -> int:
        """Number of rounds of each game."""
        return int(self.targets.shape[1])

    @property
    def first(self) -> HorizonArrays:
        """The forecasts of the first horizon."""
        return self.horizons[self.config.horizons[0]]

    @property
    def means(self) -> Array:
        """Means of the forecasts issued for the first horizon."""
        return self.first.mean

    @property
    def variances(self) -> Array:
        """Variances of the forecasts issued for the first horizon."""
        return self.first.variance

    @property
    def errors(self) -> Array:
        """Target minus mean of the first horizon's forecasts, in the round that booked them."""
        return self.first.error

    @property
    def crps(self) -> Array:
        """CRPS of the first horizon's forecasts, in the round that booked them.

        Raises:
            ConfigError: The games were played for the absolute error.
        """
        if self.reward != "crps":
            raise ConfigError('the CRPS was not computed: run_batch(..., reward="crps") does')
        return self.first.score

    @cached_property
    def team_rewards(self) -> Array:
        """The team's reward of each round; 0 where nothing was booked."""
        return np.where(np.isnan(self.first.score), 0.0, -self.first.score)

    @cached_property
    def adversary_rewards(self) -> Array:
        """The adversaries' reward of each round: the team's loss less what attacks cost."""
        nothing = np.isnan(self.first.score)
        return np.where(nothing, -self.costs, self.first.score - self.costs)


def _placed(array: Array, places: Sequence[int], fill: float) -> Array:
    """Return components of rounds with each in another column.

    Args:
        array: Shape (game, round, column).
        places: Where the first columns go; further ones hold nothing.
        fill: What the others hold.
    """
    if places == list(range(len(places))):
        return array
    found = np.full((*array.shape[:2], max(array.shape[2], max(places) + 1)), fill)
    found[:, :, places] = array[:, :, : len(places)]
    return found


def _joined(first: Array, second: Array, fill: float = 0.0) -> Array:
    """Return rounds and later rounds as one; `fill` for components that one part does not have."""
    if first.ndim == 3 and first.shape[2] != second.shape[2]:
        width = max(first.shape[2], second.shape[2])
        parts = []
        for part in (first, second):
            wide = np.full((*part.shape[:2], width), fill)
            wide[:, :, : part.shape[2]] = part
            parts.append(wide)
        first, second = parts
    found = np.concatenate([first, second], axis=1)
    found.flags.writeable = False
    return found
