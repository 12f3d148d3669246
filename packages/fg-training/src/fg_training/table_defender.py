"""A defender that doubts by a table, and the game that it is trained in.

What it sees of a print is its *surprise*: the print less the mean that was forecast for it from
revealed values, in standard deviations of that forecast. So neither a hit of an earlier round nor
any value that is not revealed reaches it, and rounds stay apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core import AgentAction, ForecastGame, ForecastState, ProbabilisticForecast
from fg_core.errors import ConfigError
from fg_core.game import Payoffs, payoffs
from fg_core.protocols import OutlierAssessment, World

from .features import FeatureGrid
from .tabled_game import TabledGame, check_separates

__all__ = ["PRINT_CELLS", "TableDefender", "tabulate_defense"]

Array = NDArray[np.float64]

PRINT_CELLS = FeatureGrid(
    ((-4.0, -3.0, -2.0, -1.5, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0),), ("surprise",)
)
"""Cells of the surprise of a print, in standard deviations of its predictive."""


@dataclass(frozen=True)
class TableDefender:
    """Doubts a print as much as a table says, by the cell that its surprise is in.

    It would put the mean of the predictive in the print's place, with the predictive's own scale.

    Args:
        p_bad: probability that the print is bad, per cell, in [0, 1].
        grid: cells of the surprise.
        name: name of the agent.

    Raises:
        ConfigError: Another number of cells, a probability out of its range, or cells of something
            else than the surprise.

    >>> agent = TableDefender((0.0, 0.9), FeatureGrid(((2.0,),), ("surprise",)))
    >>> agent.act(ForecastState(3, 9.0, 0.0, 0.0), ProbabilisticForecast(4.0, 4.0)).p_bad
    0.9
    """

    p_bad: tuple[float, ...]
    grid: FeatureGrid = PRINT_CELLS
    name: str = "table defender"

    def __post_init__(self) -> None:
        object.__setattr__(self, "p_bad", tuple(float(p) for p in self.p_bad))
        if self.grid.names != ("surprise",):
            raise ConfigError(
                f"a table over {', '.join(self.grid.names)}: this defender sees the surprise alone"
            )
        if len(self.p_bad) != self.grid.n_cells:
            raise ConfigError(
                f"{len(self.p_bad)} probabilities for {self.grid.n_cells} cells; one per cell of "
                "the surprise"
            )
        if not all(0.0 <= p <= 1.0 for p in self.p_bad):
            raise ConfigError(f"probabilities must be from 0 to 1, got {self.p_bad!r}")

    def act_array(self, state: Any, predictive: Any) -> OutlierAssessment:
        """Return what `act` returns, for many games."""
        surprise = _surprises(state.value - predictive.mean, predictive.scale)
        doubts = np.asarray(self.p_bad)[self.grid.cell(surprise[..., None])]
        return OutlierAssessment(predictive.mean - state.value, doubts, predictive.scale)

    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> AgentAction:
        """Return the doubt about `state.value`; pure."""
        surprise = _surprises(np.asarray(state.value - predictive.mean), predictive.scale)
        doubt = self.p_bad[int(self.grid.cell(surprise[..., None]))]
        return AgentAction(
            self.name, predictive.mean - state.value, scale=predictive.scale, p_bad=doubt
        )

    @classmethod
    def from_policy(
        cls,
        policy: ArrayLike,
        doubts: ArrayLike,
        grid: FeatureGrid = PRINT_CELLS,
        name: str = "table defender",
    ) -> TableDefender:
        """Return the defender that plays the mean doubt of a mixed policy.

        Forecasts under doubts of one scale differ in the weights of their two branches alone, so
        the forecast under the mean doubt is the mixture of the policy's forecasts. The CRPS of a
        mixture is at most the mean CRPS: nothing is lost by not drawing one of them.

        Args:
            policy: probabilities of the doubts, shape (cell, doubt).
            doubts: probabilities that the print is bad, shape (doubt,).
            grid: cells of the surprise.
            name: name of the agent.
        """
        mean = np.asarray(policy, dtype=np.float64) @ np.asarray(doubts, dtype=np.float64)
        return cls(tuple(np.clip(mean, 0.0, 1.0).tolist()), grid, name)


def _surprises(error: Array, scale: Any) -> Array:
    """Return errors over scales; where a predictive is certain, any error is beyond all edges."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(error == 0.0, 0.0, error / np.asarray(scale))
    return np.clip(found, -1e300, 1e300)


@dataclass(frozen=True)
class _Watcher:
    """Doubts nothing, and leaves the predictive of each print in the record."""

    name: str = "watcher"

    def act_array(self, state: Any, predictive: Any) -> OutlierAssessment:
        none = np.zeros_like(predictive.mean)
        return OutlierAssessment(predictive.mean - state.value, none, predictive.scale)

    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> AgentAction:
        return AgentAction(
            self.name, predictive.mean - state.value, scale=predictive.scale, p_bad=0.0
        )


def tabulate_defense(
    game: ForecastGame,
    initial: ForecastState,
    *,
    hits: ArrayLike,
    doubts: ArrayLike,
    budget: float,
    world: World | None = None,
    grid: FeatureGrid = PRINT_CELLS,
) -> tuple[TabledGame, Payoffs]:
    """Return the game between hits and doubts about prints, as tables of the played game.

    Args:
        game: game with its settings, forecasters and aggregator; who defends or attacks in it does
            not play.
        initial: state that the game begins in.
        hits: hits in one-step scales, shape (hit,), with 0 among them.
        doubts: probabilities that the print is bad, shape (doubt,), in [0, 1].
        budget: most that hits may come to per round in expectation, in one-step scales.
        world: world in which the series moves; None: the simulated world of the settings.
        grid: cells of the surprise that the defender sees.

    Returns:
        The tabled game, with losses in one-step scales and rounds without a target left out, and
        the payoffs that it is made of.

    Raises:
        ConfigError: A grid that is none, or no hit of 0 among the hits.
        DataError: Rounds of the game do not separate, so that a table is not the game.
    """
    p_bad = np.asarray(doubts, dtype=np.float64)
    if p_bad.ndim != 1:
        raise ConfigError(f"doubts must be probabilities of shape (doubt,), got {p_bad.shape}")
    pairs = np.column_stack([p_bad, np.ones(p_bad.size)])
    table = payoffs(game, initial, hits, pairs, world=world)
    check_separates(table)
    watched = replace(game.registry, adversaries=(), defenders=(_Watcher(),))
    watching = ForecastGame(game.config, seed=game.seed, registry=watched, game=game.game)
    record = watching.run_batch(initial, 1, world=world, keep={"doubts"})
    assert record.doubts is not None
    seen = record.doubts["watcher"]
    surprise = _surprises(table.attacks - seen.delta[0][:, None], seen.scale[0][:, None])
    cells = grid.cell(surprise[..., None])
    return TabledGame.of_payoffs(table, cells, grid.n_cells, budget), table
