"""A defender that doubts by a table, and the game that it is trained in.

What it sees of a print is its *surprise*: the print less the mean that was forecast for it from
revealed values, in standard deviations of that forecast; and of the revealed values before it, if
its table asks for them, drift and speed. So neither a hit of an earlier round nor any value that is
not revealed reaches it, and rounds stay apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core import AgentAction, ForecastGame, ForecastState, ProbabilisticForecast
from fg_core.errors import ConfigError
from fg_core.game import Payoffs, payoffs
from fg_core.protocols import OutlierAssessment, World

from .features import PRINT_CELLS, FeatureGrid, past_features
from .observed_values import observed_values
from .tabled_game import TabledGame, check_separates

__all__ = ["PRINT_CELLS", "TableDefender", "tabulate_defense"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TableDefender:
    """Doubts a print as much as a table says, by the cell that its surprise is in.

    It would put the mean of the predictive in the print's place, with the predictive's own scale.

    Args:
        p_bad: probability that the print is bad, per cell, in [0, 1].
        grid: cells of the surprise, and if wanted of drift and speed (`cells_of_role`).
        name: name of the agent.

    Raises:
        ConfigError: Another number of cells, a probability out of its range, or cells of something
            that a defender does not see.

    >>> agent = TableDefender((0.0, 0.9), FeatureGrid(((2.0,),), ("surprise",)))
    >>> agent.act(ForecastState(3, 9.0, 0.0, 0.0), ProbabilisticForecast(4.0, 4.0)).p_bad
    0.9
    """

    p_bad: tuple[float, ...]
    grid: FeatureGrid = PRINT_CELLS
    name: str = "table defender"

    def __post_init__(self) -> None:
        object.__setattr__(self, "p_bad", tuple(float(p) for p in self.p_bad))
        if not {"surprise"} <= set(self.grid.names) <= {"surprise", "drift", "speed"}:
            raise ConfigError(
                f"a table over {', '.join(self.grid.names)}: this defender sees the surprise, and "
                "beside it drift and speed"
            )
        if len(self.p_bad) != self.grid.n_cells:
            raise ConfigError(
                f"{len(self.p_bad)} probabilities for {self.grid.n_cells} cells of "
                f"{', '.join(self.grid.names)}"
            )
        if not all(0.0 <= p <= 1.0 for p in self.p_bad):
            raise ConfigError(f"probabilities must be from 0 to 1, got {self.p_bad!r}")

    def act_array(self, state: Any, predictive: Any) -> OutlierAssessment:
        """Return what `act` returns, for many games."""
        surprise = _surprises(state.value - predictive.mean, predictive.scale)
        past = None
        if len(self.grid.names) > 1:
            known = np.array(state.history[: len(state.history) - state.n_unrevealed])
            past = np.stack([_past(path, self.grid) for path in known.reshape(-1, surprise.size).T])
        doubts = np.asarray(self.p_bad)[_cells(surprise, past, self.grid)]
        return OutlierAssessment(predictive.mean - state.value, doubts, predictive.scale)

    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> AgentAction:
        """Return the doubt about `state.value`; pure."""
        surprise = _surprises(np.asarray(state.value - predictive.mean), predictive.scale)
        past = None
        if len(self.grid.names) > 1:
            past = past_features(state, _others(self.grid))
        doubt = self.p_bad[int(_cells(surprise, past, self.grid))]
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
            grid: cells of what it sees.
            name: name of the agent.
        """
        mean = np.asarray(policy, dtype=np.float64) @ np.asarray(doubts, dtype=np.float64)
        return cls(tuple(np.clip(mean, 0.0, 1.0).tolist()), grid, name)


def _surprises(error: Array, scale: Any) -> Array:
    """Return errors over scales; where a predictive is certain, any error is beyond all edges."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(error == 0.0, 0.0, error / np.asarray(scale))
    return np.clip(found, -1e300, 1e300)


def _others(grid: FeatureGrid) -> tuple[str, ...]:
    """Return the names of the features beside the surprise."""
    return tuple(name for name in grid.names if name != "surprise")


def _past(path: Array, grid: FeatureGrid) -> Array:
    """Return those features of revealed values, shape (feature,)."""
    return past_features(SimpleNamespace(history=path, n_unrevealed=0), _others(grid))


def _cells(surprise: Array, past: Array | None, grid: FeatureGrid) -> NDArray[np.intp]:
    """Return cells of surprises, shape (...), with other features of shape (..., feature)."""
    if past is None:
        return grid.cell(surprise[..., None])
    others = iter(np.moveaxis(past, -1, 0))
    columns = [surprise if name == "surprise" else next(others) for name in grid.names]
    return grid.cell(np.stack(np.broadcast_arrays(*columns), axis=-1))


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
        grid: cells of what the defender sees.

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
    past = None
    if len(grid.names) > 1:
        none = table.hits[table.hits == 0.0][:1]
        histories = observed_values(watching, initial, none, world).histories
        # A round's features are the same for all of its hits.
        past = np.stack([_past(np.array(one), grid) for one in histories])[:, None]
    cells = _cells(surprise, past, grid)
    return TabledGame.of_payoffs(table, cells, grid.n_cells, budget), table
