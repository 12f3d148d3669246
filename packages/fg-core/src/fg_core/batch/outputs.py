"""What a batch of games leaves behind: arrays, one row a game and one column a round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core.config import SimulationConfig
from fg_core.errors import ConfigError
from fg_core.forecast import QUANTILE_LEVELS
from fg_core.frozen import frozen_mapping
from fg_core.mixture import mixture_quantile

__all__ = ["BatchOutputs", "HorizonArrays"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HorizonArrays:
    """The forecasts of one horizon; arrays of shape (game, round) or (game, round, ...).

    What a forecast is stands in the column of the round that issued it; how it fared, in the
    column of the round that booked it (`horizon - 1` later), NaN where none fell due.

    Args:
        mean: Expected values issued, in the unit of the series.
        variance: Their variances, in that unit squared.
        score: Scores booked: the CRPS, or the absolute error, as `reward` says.
        error: Target minus mean, of the forecasts booked.
        weights: Weights of the mixture's components, where they were kept (zero, with mean 0 and
            scale 1, for one that a game's forecast does not have); the second half is the branch
            that replaces the print.
        means: Their means.
        scales: Their standard deviations.
        deltas: What each forecaster said with the print used, where it was kept; NaN for none.
        claimed: The standard deviations that they claimed; NaN for none.
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
    claimed: Array | None = None

    def quantiles(self, levels: ArrayLike = QUANTILE_LEVELS) -> Array:
        """Return quantiles of the forecasts issued, shape (game, round, level).

        Raises:
            ConfigError: The components were not kept.
        """
        if self.weights is None or self.means is None or self.scales is None:
            raise ConfigError('quantiles need the components: run_batch(..., keep=("components",))')
        return mixture_quantile(levels, self.weights, self.means, self.scales)


@dataclass(frozen=True, eq=False)
class BatchOutputs:
    """Games of one seed; arrays of shape (game, round), in the unit of the series.

    Args:
        values: True values at the start of each round.
        targets: True values after each round.
        prints: What everyone but the adversaries saw at the start.
        attacks: What the adversaries added.
        disturbances: What nature did.
        p_bad: The defenders' combined probability that the print was bad.
        costs: What the attacks cost the adversaries.
        horizons: The forecasts, by horizon.
        config: The settings of the games.
        seed: Their seed.
        first_game: Number of the first of them.
        first_t: Number of the period that they begin in.
        step_scale: The one-step scale that budgets and defenses were measured in.
        reward: What the team is paid by: "crps" or "error".
        attack_spent: Units of attack used, shape (game,).
        weights: Per horizon, the aggregator's last confirmed weights, shape (game, forecaster).
        forecasters: Names of the forecasters.
        missing: How many forecasts a forecaster did not have, by name, shape (game,).
        attribution: Credit by agent, where it was asked for; NaN where nothing was booked.
        slow_agents: Names of the agents without an array form, which were asked game by game.
        notes: Remarks for a reader.
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
    first_t: int
    step_scale: float
    reward: str
    attack_spent: Array
    weights: Mapping[int, Array]
    forecasters: tuple[str, ...]
    missing: Mapping[str, Array] = field(default_factory=lambda: frozen_mapping())
    attribution: Mapping[str, Array] = field(default_factory=lambda: frozen_mapping())
    slow_agents: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def n_games(self) -> int:
        """How many games."""
        return int(self.targets.shape[0])

    @property
    def rounds(self) -> int:
        """How many rounds each."""
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
