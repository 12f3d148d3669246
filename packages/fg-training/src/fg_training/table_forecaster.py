"""A forecaster's seat for a table: it corrects what the pool says, by the cell of the observation.

It wraps the aggregator, whose `aggregate` sees the observation. The correction depends on the
state alone (the print and the revealed values before it), so rounds stay apart, and a game that is
corrected scores in every round what the payoff table says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core import (
    AgentAction,
    Aggregator,
    ForecastGame,
    ForecastState,
    PoolAggregator,
    ProbabilisticForecast,
)
from fg_core.batch import MixtureArrays
from fg_core.errors import ConfigError
from fg_core.game import Payoffs, payoffs
from fg_core.protocols import RevealedForecast, World
from fg_core.window import TrainingWindow

from .features import CORRECTION_CELLS, FeatureGrid, state_features
from .observed_values import observed_values
from .tabled_game import TabledGame, check_separates

__all__ = ["TableForecaster", "corrections_that_pay", "tabulate_corrections"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TableForecaster:
    """An aggregator that moves the forecast of another one as far as a table says.

    Args:
        corrections: shift of the forecast per cell, in one-step scales.
        grid: cells of the observation, of the features of `state_features`.
        pool: aggregator whose forecast is moved.
        horizon: horizon of the forecasts that are moved, in rounds; others are left alone.
        name: name of the agent.
        step_scale: one-step scale in the unit of the series; None: that of the training window,
            which is the game's where its settings give none.

    Raises:
        ConfigError: Another number of cells, features that a state does not have, corrections that
            are not finite, or a scale or a horizon out of its range.

    >>> grid = FeatureGrid(((0.0,),), ("surprise",))
    >>> TableForecaster((-0.5, 0.5), grid).correction(
    ...     ForecastState(2, 3.0, 0.0, 0.0, history=(1.0, 2.0)))
    0.5
    """

    corrections: tuple[float, ...]
    grid: FeatureGrid = CORRECTION_CELLS
    pool: Aggregator = field(default_factory=PoolAggregator)
    horizon: int = 1
    name: str = "table forecaster"
    step_scale: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "corrections", tuple(float(x) for x in self.corrections))
        if len(self.corrections) != self.grid.n_cells:
            raise ConfigError(
                f"{len(self.corrections)} corrections for {self.grid.n_cells} cells of "
                f"{', '.join(self.grid.names)}"
            )
        if not np.isfinite(self.corrections).all():
            raise ConfigError(f"corrections must be finite, got {self.corrections!r}")
        state_features(ForecastState(0, 0.0, 0.0, 0.0), self.grid.names)
        if isinstance(self.horizon, bool) or not isinstance(self.horizon, int) or self.horizon < 1:
            raise ConfigError(f"horizon must be a whole number of at least 1: {self.horizon!r}")
        if self.step_scale is not None and not 0.0 <= self.step_scale < np.inf:
            raise ConfigError(f"step_scale must be finite and at least 0, got {self.step_scale!r}")

    @classmethod
    def from_policy(
        cls, policy: ArrayLike, corrections: ArrayLike, grid: FeatureGrid = CORRECTION_CELLS
    ) -> TableForecaster:
        """Return the forecaster that plays the mean correction of a mixed policy.

        The CRPS is convex in a shift of the forecast, so the mean correction costs at most what the
        corrections of the policy cost on average.

        Args:
            policy: probabilities of the corrections, shape (cell, correction).
            corrections: shifts in one-step scales, shape (correction,).
            grid: cells of the observation.

        Returns:
            A forecaster around the default pool; `correcting` puts it around another one.
        """
        mean = np.asarray(policy, dtype=np.float64) @ np.asarray(corrections, dtype=np.float64)
        return cls(tuple(mean.tolist()), grid)

    def correcting(self, pool: Aggregator) -> Self:
        """Return this forecaster around another aggregator."""
        return replace(self, pool=pool)

    def correction(self, state: ForecastState) -> float:
        """Return the correction of a forecast that is made from a state, in one-step scales."""
        return self.corrections[int(self.grid.cell(state_features(state, self.grid.names)))]

    # ------------------------------------------------------------------------ as an aggregator

    def start(self, names: Sequence[str], window: TrainingWindow, horizons: Sequence[int]) -> Self:
        """Return it around a pool that was started; see `Aggregator`."""
        scale = window.step_scale if self.step_scale is None else self.step_scale
        return replace(self, pool=self.pool.start(names, window, horizons), step_scale=scale)

    def with_groups(self, groups: Mapping[str, str]) -> Self:
        """Return it around a pool that knows the groups of the forecasters, where that asks."""
        inner: Any = self.pool
        return (
            replace(self, pool=inner.with_groups(groups)) if hasattr(inner, "with_groups") else self
        )

    def weights(self, horizon: int = 1) -> Mapping[str, float]:
        """Return the weights of the pool."""
        inner: Any = self.pool
        found: Mapping[str, float] = inner.weights(horizon)
        return found

    def aggregate(
        self,
        state: ForecastState,
        actions: Sequence[AgentAction | None],
        *,
        horizon: int = 1,
        inflation: Sequence[float] = (),
    ) -> ProbabilisticForecast:
        """Return the pool's forecast, moved; see `Aggregator`."""
        found = self.pool.aggregate(state, actions, horizon=horizon, inflation=inflation)
        return _moved(found, self._shift(state, horizon))

    def update(self, outcome: RevealedForecast) -> Self:
        """Return it around a pool that has learned from its own, uncorrected forecast."""
        own = _moved(outcome.forecast, -self._shift(outcome.state, outcome.horizon))
        return replace(self, pool=self.pool.update(replace(outcome, forecast=own)))

    def _shift(self, state: ForecastState, horizon: int) -> float:
        """Return the correction in the unit of the series; 0 for another horizon."""
        if horizon != self.horizon:
            return 0.0
        if self.step_scale is None:
            raise ConfigError(f"{self.name!r} must be started on a training window first")
        return self.correction(state) * self.step_scale


def _moved(forecast: ProbabilisticForecast, shift: float) -> ProbabilisticForecast:
    if shift == 0.0:
        return forecast
    return MixtureArrays.of((forecast,)).shifted(shift).each[0]


def tabulate_corrections(
    game: ForecastGame,
    initial: ForecastState,
    *,
    hits: ArrayLike,
    corrections: ArrayLike,
    budget: float,
    world: World | None = None,
    grid: FeatureGrid = CORRECTION_CELLS,
) -> tuple[TabledGame, Payoffs]:
    """Return the game between hits and corrections of the pool, as tables of the played game.

    Args:
        game: game with its settings, forecasters and aggregator; who defends or attacks in it does
            not play.
        initial: state that the game begins in.
        hits: hits in one-step scales, shape (hit,), with 0 among them.
        corrections: shifts of the forecast in one-step scales, shape (correction,).
        budget: most that hits may come to per round in expectation, in one-step scales.
        world: world in which the series moves; None: the simulated world of the settings.
        grid: cells of the observation.

    Returns:
        The tabled game, whose doubts are the corrections, with losses in one-step scales and rounds
        without a target left out, and the payoffs that it is made of.

    Raises:
        ConfigError: A grid that is none, or no hit of 0 among the hits.
        DataError: Rounds of the game do not separate, so that a table is not the game.
    """
    bare = ForecastGame(
        game.config,
        seed=game.seed,
        registry=replace(game.registry, adversaries=(), defenders=()),
        game=game.game,
    )
    table = payoffs(bare, initial, hits, corrections=corrections, world=world)
    check_separates(table)
    seen = observed_values(bare, initial, table.hits, world)
    cells = grid.cell(seen.of_prints(partial(state_features, names=grid.names)))
    return TabledGame.of_payoffs(table, cells, grid.n_cells, budget), table


def corrections_that_pay(
    game: TabledGame,
    policy: ArrayLike,
    hits: ArrayLike,
    corrections: ArrayLike,
    errors: float = 2.0,
) -> Array:
    """Return a policy whose corrections have paid in training, by more than luck would.

    Where there is nothing to correct, a cell of few rounds still finds a correction that seemed to
    pay. So a cell keeps its own only where it beat no correction by so many standard errors over
    the rounds of training; else it has the best constant correction, if that did so over all
    rounds; else none.

    Args:
        game: tabled game whose doubts are the corrections.
        policy: probabilities of the corrections, shape (cell, correction).
        hits: probabilities of the hits that it was trained under, shape (round, hit).
        corrections: shifts in one-step scales, shape (correction,), 0 among them.
        errors: number of standard errors, at least 0.

    Returns:
        Shape (cell, correction).

    Raises:
        ConfigError: 0 is not among the corrections.
    """
    none = np.flatnonzero(np.asarray(corrections) == 0.0)
    if none.size == 0:
        raise ConfigError("0 must be among the corrections: not to correct")
    rows = np.asarray(policy, dtype=np.float64)
    weights = np.asarray(hits, dtype=np.float64)
    pure = np.eye(game.n_doubts)
    constant = pure[int((game.losses * weights[:, :, None]).sum(axis=(0, 1)).argmin())]
    uncorrected = game.losses[:, :, none[0]]
    all_rounds = np.zeros(game.cells.shape, dtype=np.intp)
    gain = uncorrected - game.losses @ constant
    fallback = constant if _pays(gain, weights, all_rounds, 1, errors)[0] else pure[none[0]]
    gain = uncorrected - game.loss_of_hits(rows)
    kept = _pays(gain, weights, game.cells, game.n_cells, errors)
    return np.where(kept[:, None], rows, fallback)


def _pays(
    gain: Array, weights: Array, cells: NDArray[np.intp], n_cells: int, errors: float
) -> NDArray[np.bool_]:
    """Return by cell whether the mean gain is so many standard errors above 0, shape (cell,)."""
    count, total, squares = np.zeros(n_cells), np.zeros(n_cells), np.zeros(n_cells)
    for found, part in ((count, weights), (total, weights * gain), (squares, weights * gain**2)):
        np.add.at(found, cells, part)
    seen = np.maximum(count, 1e-300)
    mean = total / seen
    error = np.sqrt(np.maximum(squares / seen - mean**2, 0.0) / seen)
    return np.asarray((count > 1.0) & (mean > errors * error))
