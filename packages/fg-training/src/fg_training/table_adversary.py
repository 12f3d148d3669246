"""An adversary that hits by a table, and the game with a budget that it is trained in.

It sees the true state (last change and volatility regime), the share of its budget that is left,
and if its table asks for it its own last hit, as its reveal has shown it. What it plays is a hit of
a grid within what is left, as the game would cut it to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core import AgentAction, ForecastGame, ForecastState
from fg_core.attack.dynamic_programming import check_hits
from fg_core.errors import ConfigError
from fg_core.game import Payoffs, payoffs
from fg_core.protocols import AttackBudget, World
from fg_core.revealed import Revealed

from . import _kernels
from .budgeted_game import BudgetedGame, own_features, weaker_hits
from .features import ATTACK_CELLS, CORRECTION_CELLS, PRINT_CELLS, FeatureGrid, state_features
from .observed_values import observed_values
from .table_defender import tabulate_defense
from .table_forecaster import tabulate_corrections
from .tabled_game import TabledGame, check_separates

__all__ = ["TableAdversary", "tabulate_attack"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TableAdversary:
    """Hits as a table says, by the cell of the true state and of the budget that is left.

    A mixed row is drawn from by the agent's own random numbers of the round; without a budget
    there are none, and its likeliest hit is played.

    Args:
        policy: probabilities of the hits per cell.
        hits: hits in one-step scales, 0 among them.
        grid: cells; the last feature is the share of the budget that is left, and the one before it
            may be the own last hit.
        name: name of the agent.
        last_hit: last hit that was revealed, in the unit of the series.

    Raises:
        ConfigError: Rows that are no probabilities of the hits, another number of cells, or
            features that an adversary does not see.

    >>> grid = FeatureGrid(((0.5,),), ("budget",))
    >>> agent = TableAdversary(((0.0, 1.0), (0.0, 1.0)), (0.0, 2.0), grid)
    >>> agent.act(ForecastState(3, 9.0, 0.0, 0.0)).delta
    2.0
    """

    policy: tuple[tuple[float, ...], ...]
    hits: tuple[float, ...]
    grid: FeatureGrid = ATTACK_CELLS
    name: str = "table adversary"
    last_hit: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "hits", tuple(check_hits(self.hits).tolist()))
        rows = tuple(tuple(float(p) for p in row) for row in self.policy)
        object.__setattr__(self, "policy", rows)
        others, _ = own_features(self.grid)
        state_features(ForecastState(0, 0.0, 0.0, 0.0), others.names if others else ())
        if len(rows) != self.grid.n_cells or any(len(row) != len(self.hits) for row in rows):
            raise ConfigError(
                f"a policy of {self.grid.n_cells} cells and {len(self.hits)} hits wanted, got "
                f"{len(rows)} rows"
            )
        table = np.array(rows)
        if not ((table >= 0.0).all() and np.allclose(table.sum(axis=1), 1.0, rtol=0.0, atol=1e-9)):
            raise ConfigError("rows of a policy must be at least 0 and add up to 1")

    @classmethod
    def from_policy(
        cls, policy: ArrayLike, hits: ArrayLike, grid: FeatureGrid = ATTACK_CELLS
    ) -> TableAdversary:
        """Return the adversary of a policy, shape (cell, hit)."""
        rows = np.asarray(policy, dtype=np.float64).tolist()
        return cls(tuple(map(tuple, rows)), tuple(check_hits(hits).tolist()), grid)

    def act(self, state: ForecastState, budget: AttackBudget | None = None) -> AgentAction:
        """Return the hit of the round; pure."""
        left, spent, unit, within = np.inf, 0.0, 1.0, np.inf
        if budget is not None:
            left, spent, unit = float(budget.remaining), float(budget.spent), float(budget.scale)
            within = min(left, float(budget.cap))
        others, cuts = own_features(self.grid)
        edges = self.grid.edges[-1]
        cell = 0 if others is None else int(others.cell(state_features(state, others.names)))
        last = int(np.searchsorted(cuts, self.last_hit / unit if unit > 0.0 else 0.0, "right"))
        cell = cell * (len(cuts) + 1) + last
        cell = cell * (len(edges) + 1) + _kernels.budget_interval(left, spent, edges, len(edges))
        row = self.policy[cell]
        if budget is None:
            place = row.index(max(row))
        else:
            place = _kernels.pick(row, 0, len(row), 1.0, 0.0, float(budget.draws.uniform(0)))
        sizes = [abs(hit) for hit in self.hits]
        place = _kernels.affordable(place, within, sizes, weaker_hits(self.hits))
        return AgentAction(self.name, self.hits[place] * unit)

    def update(self, revealed: Revealed) -> Self:
        """Return it with the hit that a reveal shows; see `Adversary`."""
        if "last_action" not in self.grid.names:
            return self
        return replace(self, last_hit=float(revealed.reported - revealed.state.value))


def tabulate_attack(
    game: ForecastGame,
    initial: ForecastState,
    *,
    hits: ArrayLike,
    budget: float,
    doubts: ArrayLike | None = None,
    corrections: ArrayLike | None = None,
    world: World | None = None,
    grid: FeatureGrid = ATTACK_CELLS,
    team_grid: FeatureGrid | None = None,
) -> tuple[BudgetedGame, Payoffs]:
    """Return the game that an adversary is trained in, as tables of the played game.

    Args:
        game: game with its settings and agents; its own adversaries do not play.
        initial: state that the game begins in.
        hits: hits in one-step scales, shape (hit,), with 0 among them.
        budget: units that all hits of the game may cost, in one-step scales.
        doubts: probabilities that the print is bad, shape (doubt,), that a learning defender may
            choose from.
        corrections: shifts of the pool in one-step scales, shape (correction,), that a learning
            forecaster may choose from, in place of doubts. With neither the game's own team plays,
            and the table has one doubt.
        world: world in which the series moves; None: the simulated world of the settings.
        grid: cells of the adversary.
        team_grid: cells of a team that learns; None: the usual ones of its role.

    Returns:
        The game, with losses and rewards in one-step scales and rounds without a target left out,
        and the payoffs that it is made of.

    Raises:
        ConfigError: A grid that is none, no hit of 0 among the hits, or doubts and corrections.
        DataError: Rounds of the game do not separate, so that a table is not the game.
    """
    sizes = check_hits(hits)
    if doubts is not None and corrections is not None:
        raise ConfigError("a team learns doubts or corrections, not both")
    if doubts is not None:
        tables, table = tabulate_defense(
            *(game, initial),
            hits=sizes,
            doubts=doubts,
            budget=0.0,
            world=world,
            grid=team_grid or PRINT_CELLS,
        )
    elif corrections is not None:
        tables, table = tabulate_corrections(
            *(game, initial),
            hits=sizes,
            corrections=corrections,
            budget=0.0,
            world=world,
            grid=team_grid or CORRECTION_CELLS,
        )
    else:
        table = payoffs(game, initial, sizes, world=world)
        check_separates(table)
        tables = TabledGame.of_payoffs(table, np.zeros(table.attacks.shape, dtype=np.intp), 1, 0.0)
    shape = *table.attacks.shape, tables.n_doubts
    due = np.isfinite(table.scores.reshape(shape)).all(axis=(1, 2))
    others, _ = own_features(grid)
    features = np.zeros(due.size, dtype=np.intp)
    if others is not None:
        seen = observed_values(game, initial, sizes[sizes == 0.0][:1], world)
        features = others.cell(seen.of_values(partial(state_features, names=others.names)))
    found = BudgetedGame(
        replace(tables, budget=float(budget)),
        table.adversary_rewards.reshape(shape)[due] / table.step_scale,
        sizes,
        features[due],
        (0,),
        (float(budget),),
        grid,
    )
    return found, table
