"""The game as a parallel environment of PettingZoo, for learners that are not ours.

It needs the extra `fg-training[pettingzoo]`. Rewards are read from the payoff table of the played
game (`fg_core.game.payoffs`), so that they are those of the game to the last bit.

A round has an order (tamper, defend, forecast), while the agents of a parallel environment act at
once. So the adversary acts a step ahead: in the step in which the others answer the print of round
t, it chooses the hit on the print of round t + 1. The first print of an episode is as it is.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core import ForecastGame, ForecastState
from fg_core.errors import ConfigError
from fg_core.game import payoffs
from fg_core.plugins import INSTALL_HINT
from fg_core.protocols import World
from fg_core.rng import check_seed, uniform_block

from .features import FeatureGrid
from .table_defender import PRINT_CELLS, tabulate_defense

try:
    from gymnasium.spaces import Discrete, MultiDiscrete
    from pettingzoo import ParallelEnv
except ImportError as error:
    raise ConfigError(
        f"the environment needs PettingZoo, the extra fg-training[pettingzoo]: {INSTALL_HINT}"
    ) from error

__all__ = ["ForecastEnvironment"]

Array = NDArray[np.float64]
Observations = dict[str, NDArray[np.int64]]
Infos = dict[str, dict[str, Any]]

FORECASTER = "forecaster_0"
DEFENDER = "defender_0"
ADVERSARY = "adversary_0"
BUDGET_LEVELS = 11
"""Levels of the budget that is left, in tenths, rounded down."""


class ForecastEnvironment(ParallelEnv):  # type: ignore[misc]  # PettingZoo is not typed strictly
    """Forecaster, defender and adversary in the rounds of a game.

    | agent | action | observes |
    |---|---|---|
    | `forecaster_0` | correction of the pool | cells of the print and of the last true value |
    | `defender_0` | doubt about the print | the same |
    | `adversary_0` | hit on the next print | cell of that print, and tenths of its budget left |

    A cell is that of the surprise: the print less what was forecast for it, in standard deviations
    of that forecast. Forecaster and defender are paid minus the CRPS of the round, the adversary
    the CRPS less the cost of its hit, all in one-step scales. A hit that costs more than is left of
    the budget is not played; `infos["adversary_0"]["action_mask"]` says which can be. An episode is
    a stretch of rounds whose beginning is drawn, and it ends by truncation.

    Args:
        game: game with its settings, forecasters and aggregator; who defends or attacks in it does
            not play.
        initial: state that the game begins in.
        hits: hits in one-step scales, shape (hit,), with 0 among them.
        doubts: probabilities that the print is bad, shape (doubt,).
        corrections: shifts of the forecast in one-step scales, shape (correction,).
        budget: units that hits may cost in an episode, in one-step scales.
        world: world in which the series moves; None: the simulated world of the settings.
        episode_rounds: rounds in an episode; None: all of the game.
        grid: cells of the surprise.
        seed: seed of the episodes until `reset` is given another, in [0, 2^64).

    Raises:
        ConfigError: A grid that is none, no hit of 0 among the hits, or a number out of its range.
        DataError: Rounds of the game do not separate, so that a table is not the game.
    """

    metadata: ClassVar[dict[str, Any]] = {
        "name": "forecast_game_v0",
        "render_modes": [],
        "is_parallelizable": True,
    }
    render_mode = None

    def __init__(
        self,
        game: ForecastGame,
        initial: ForecastState,
        *,
        hits: ArrayLike,
        doubts: ArrayLike,
        corrections: ArrayLike,
        budget: float,
        world: World | None = None,
        episode_rounds: int | None = None,
        grid: FeatureGrid = PRINT_CELLS,
        seed: int = 0,
    ) -> None:
        if not budget >= 0.0:
            raise ConfigError(f"budget must be at least 0, got {budget!r}")
        self._seed, self._episode = check_seed(seed), -1
        tables, _ = tabulate_defense(
            game, initial, hits=hits, doubts=doubts, budget=0.0, world=world, grid=grid
        )
        pairs = [(p, 1.0) for p in np.asarray(doubts, dtype=np.float64).tolist()]
        table = payoffs(game, initial, hits, pairs, corrections, world=world)
        due = np.isfinite(table.scores).all(axis=(1, 2, 3))
        self._losses: Array = table.scores[due] / table.step_scale
        self._gains: Array = table.adversary_rewards[due] / table.step_scale
        self._costs: Array = table.budget_used[due]
        self._cells = tables.cells
        self._usual = int(grid.cell(np.zeros(len(grid.edges))))
        self._calm = int(np.flatnonzero(table.hits == 0.0)[0])
        rounds = len(self._losses)
        self.max_cycles = rounds if episode_rounds is None else episode_rounds
        if not 1 <= self.max_cycles <= rounds:
            raise ConfigError(
                f"episode_rounds must be from 1 to the {rounds} rounds of the game, got "
                f"{episode_rounds!r}"
            )
        self.budget = float(budget)
        self.possible_agents = [FORECASTER, DEFENDER, ADVERSARY]
        self.agents: list[str] = []
        n_hits, n_doubts, n_corrections = self._losses.shape[1:]
        seen = [grid.n_cells, grid.n_cells]
        self.observation_spaces = {
            FORECASTER: MultiDiscrete(seen),
            DEFENDER: MultiDiscrete(seen),
            ADVERSARY: MultiDiscrete([grid.n_cells, BUDGET_LEVELS]),
        }
        self.action_spaces = {
            FORECASTER: Discrete(n_corrections),
            DEFENDER: Discrete(n_doubts),
            ADVERSARY: Discrete(n_hits),
        }
        self._round, self._played, self._hit, self._left = 0, 0, self._calm, self.budget
        self._begin_episode()

    def observation_space(self, agent: str) -> Any:
        """Return the space of what an agent observes, the same object each time."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Any:
        """Return the space of an agent's actions, the same object each time."""
        return self.action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observations, Infos]:
        """Begin an episode.

        Args:
            seed: seed of this episode and of those after it; None: the next one of the seed before.
            options: not used.

        Returns:
            Observations and infos, by agent.
        """
        del options
        if seed is not None:
            self._seed, self._episode = check_seed(seed), -1
        self._episode += 1
        self._begin_episode()
        self.agents = list(self.possible_agents)
        return self._observations(), self._infos()

    def step(
        self, actions: dict[str, int]
    ) -> tuple[Observations, dict[str, float], dict[str, bool], dict[str, bool], Infos]:
        """Play a round.

        Args:
            actions: place of each agent's action on its grid.

        Returns:
            Observations, rewards, terminations, truncations and infos, by agent.

        Raises:
            ConfigError: The episode is over, or an action is missing or not in its space.
        """
        if not self.agents:
            raise ConfigError("the episode is over: call reset first")
        for agent in self.agents:
            if agent not in actions or not self.action_spaces[agent].contains(actions[agent]):
                raise ConfigError(
                    f"action of {agent} must be in {self.action_spaces[agent]}, got "
                    f"{actions.get(agent)!r}"
                )
        place = (self._round, self._hit, int(actions[DEFENDER]), int(actions[FORECASTER]))
        team = -float(self._losses[place])
        rewards = {FORECASTER: team, DEFENDER: team, ADVERSARY: float(self._gains[place])}
        wanted = int(actions[ADVERSARY])
        self._hit = wanted if self._affordable()[wanted] else self._calm
        self._played += 1
        self._round += 1
        if self._round < len(self._losses):
            self._left -= float(self._costs[self._round, self._hit])
        agents = self.agents
        over = self._played >= min(self.max_cycles, len(self._losses))
        observations, infos = self._observations(), self._infos()
        if over:
            self.agents = []
        return (
            observations,
            rewards,
            dict.fromkeys(agents, False),
            dict.fromkeys(agents, over),
            infos,
        )

    def state(self) -> NDArray[np.int64]:
        """Return what all agents together observe, shape (6,), for critics that see everything."""
        found = self._observations()
        return np.concatenate([found[agent] for agent in self.possible_agents])

    def render(self) -> None:
        """Do nothing: there is no picture of a round."""

    def close(self) -> None:
        """Do nothing: nothing is open."""

    def _begin_episode(self) -> None:
        spare = len(self._losses) - min(self.max_cycles, len(self._losses))
        draw = uniform_block(self._seed, "environment", "", max(self._episode, 0), 1, 0, 0)[0, 0]
        self._round = int(draw * (spare + 1))
        self._played = 0
        self._hit = self._calm
        self._left = self.budget

    def _affordable(self) -> NDArray[np.bool_]:
        """Return which hits on the next print can be paid, shape (hit,)."""
        ahead = min(self._round + 1, len(self._losses) - 1)
        return np.asarray(self._costs[ahead] <= self._left)

    def _observations(self) -> Observations:
        last = len(self._losses) - 1
        now, before, ahead = min(self._round, last), self._round - 1, min(self._round + 1, last)
        # The value before the first round of the game has no predictive: as on a usual day.
        known = self._cells[before, self._calm] if before >= 0 else self._usual
        team = np.array([self._cells[now, self._hit], known], dtype=np.int64)
        level = BUDGET_LEVELS - 1
        if 0.0 < self.budget < np.inf:
            level = min(level, max(0, int(level * self._left / self.budget)))
        own = np.array([self._cells[ahead, self._calm], level], dtype=np.int64)
        return {FORECASTER: team, DEFENDER: team.copy(), ADVERSARY: own}

    def _infos(self) -> Infos:
        mask = self._affordable().astype(np.int8)
        return {FORECASTER: {}, DEFENDER: {}, ADVERSARY: {"action_mask": mask}}
