"""Episodes of a team and of an adversary that sees its budget running out.

An episode is every series of a `BudgetedGame` once, from the full budget on. In each round the
adversary hits by what it sees, the team answers by the cell that the hit leaves, and both learn
from what was played; a frozen side only plays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.errors import ConfigError
from fg_core.rng import ROUNDS_PER_BLOCK, uniform_block

from . import _kernels
from .budgeted_game import BudgetedGame, own_features, weaker_hits
from .compiled import compiled_kernel, is_available
from .hit_search import improved_hits
from .q_table import QTableAgent
from .schedules import SHORT, LearningRates, Schedule

__all__ = [
    "RIVAL_RATES",
    "Challenger",
    "Duel",
    "DuelTotals",
    "fixed_team",
    "improved_policy",
    "rival_loss",
    "train_challenger",
]

Array = NDArray[np.float64]
Places = NDArray[np.intp]
_TABLES = ("q", "policy", "average", "visits")
_LONG = 1_000_000
"""Rounds of a run from which on loading compiled code pays."""

RIVAL_RATES = LearningRates(Schedule(1.0, 20.0), SHORT.winning)
"""Rates of an adversary: a mean over visits, in which the first ones are soon forgotten."""


@dataclass(frozen=True, eq=False)
class DuelTotals:
    """What an episode came to, means per round.

    Args:
        team_error: mean absolute temporal difference of the team.
        rival_error: that of the adversary.
        loss: mean loss of the team.
        rival_reward: mean reward of the adversary.
        spent: share of all budgets that was spent; 0 where a budget is infinite or 0.
        hits: place of each round's hit among the hits of the game, shape (round,).
        doubts: number of the doubt that answered it, shape (round,).
    """

    team_error: float
    rival_error: float
    loss: float
    rival_reward: float
    spent: float
    hits: Places
    doubts: Places


class Duel:
    """A game with its tables laid out for play.

    Args:
        game: game that is played.

    >>> import numpy as np
    >>> from fg_training import TabledGame
    >>> tables = TabledGame.of_matrix([[0.0, -1.0]], costs=[0.0, 1.0], budget=1.0)
    >>> game = BudgetedGame(tables, tables.losses, [0.0, 1.0], [0], (0,), (1.0,))
    >>> rival = QTableAgent(game.grid.n_cells, 2, exploration=0.0)
    >>> rival.start_from([0.0, 1.0])
    >>> Duel(game).play(fixed_team(game), rival, np.array([0.5]), np.array([0.5])).loss
    1.0
    """

    def __init__(self, game: BudgetedGame) -> None:
        self.game = game

    @cached_property
    def _arrays(self) -> tuple[Any, ...]:
        game = self.game
        return (
            game.tables.losses.ravel(),
            game.rewards.ravel(),
            game.tables.cells.ravel().astype(np.int64),
            game.tables.costs.ravel(),
            np.abs(game.hits),
            np.array(weaker_hits(game.hits), dtype=np.int64),
            game.features.astype(np.int64),
            np.array(game.grid.edges[-1], dtype=np.float64),
            game.last.ravel().astype(np.int64),
        )

    @cached_property
    def _sizes(self) -> tuple[int, ...]:
        game = self.game
        unhit = int(np.searchsorted(own_features(game.grid)[1], 0.0, side="right"))
        counts = game.n_hits, game.tables.n_doubts, len(game.grid.edges[-1])
        return *counts, game.n_last, unhit

    @cached_property
    def _lists(self) -> tuple[Any, ...]:
        return tuple(one.tolist() for one in self._arrays)

    def play(
        self,
        team: QTableAgent,
        rival: QTableAgent,
        team_uniforms: Array,
        rival_uniforms: Array,
        *,
        first: int = 0,
        compiled: bool = False,
    ) -> DuelTotals:
        """Play an episode, learning in place.

        Args:
            team: learner with a state per cell and an action per doubt.
            rival: learner with a state per cell of the game's grid and an action per hit.
            team_uniforms: random numbers of the team, shape (round,).
            rival_uniforms: random numbers of the adversary, shape (round,).
            first: number of the first round in the run, for rates by the clock of the run.
            compiled: whether by the compiled path; the same bits.

        Returns:
            Totals of the episode.

        Raises:
            ConfigError: A learner of another size, or numba is wanted and not installed.
        """
        game = self.game
        for name, agent, wanted in (
            ("team", team, (game.tables.n_cells, game.tables.n_doubts)),
            ("adversary", rival, (game.grid.n_cells, game.n_hits)),
        ):
            if agent.q.shape != wanted:
                raise ConfigError(
                    f"the {name} has {agent.n_states} states and {agent.n_actions} actions, the "
                    f"game {wanted[0]} and {wanted[1]}"
                )
        n = game.n_rounds
        tables: list[Any] = []
        for agent in (team, rival):
            flat = [np.ascontiguousarray(getattr(agent, name)).ravel() for name in _TABLES]
            tables += flat if compiled else [one.tolist() for one in flat]
            tables.append(agent.settings())
        kernel: Callable[..., float] = compiled_kernel("duel") if compiled else _kernels.duel
        hits: Any = np.zeros(n, dtype=np.int64)
        doubts: Any = np.zeros(n, dtype=np.int64)
        totals: Any = np.zeros(4)
        draws: list[Any] = [team_uniforms, rival_uniforms]
        if not compiled:
            hits, doubts, totals = hits.tolist(), doubts.tolist(), totals.tolist()
            draws = [one.tolist() for one in draws]
        sizes = self._sizes
        spent, whole = 0.0, 0.0
        for begin, end, budget in game.stretches:
            layout = self._arrays if compiled else self._lists
            spent += kernel(
                *layout, *sizes, begin, end, budget, first + begin, *draws, *tables, hits, doubts,
                totals,
            )  # fmt: skip
            whole += budget
        for agent, place in ((team, 0), (rival, 5)):
            for name, table in zip(_TABLES, tables[place:], strict=False):
                old = getattr(agent, name)
                setattr(agent, name, np.array(table, dtype=np.float64).reshape(old.shape))
        share = spent / whole if 0.0 < whole < np.inf else 0.0
        team_error, rival_error, loss, reward = (float(total) / n for total in totals)
        played = [np.array(one, dtype=np.intp) for one in (hits, doubts)]
        return DuelTotals(team_error, rival_error, loss, reward, share, played[0], played[1])


def fixed_team(game: BudgetedGame) -> QTableAgent:
    """Return a team that does not learn, for a game with one doubt (`BudgetedGame.against`).

    Raises:
        ConfigError: The game has several doubts.
    """
    if game.tables.n_doubts != 1:
        raise ConfigError(f"a game with one doubt wanted, got {game.tables.n_doubts} doubts")
    team = QTableAgent(game.tables.n_cells, 1, exploration=0.0)
    team.frozen = True
    return team


def uniforms(seed: int, stream: str, who: str, run: int, episode: int, n: int) -> Array:
    """Return the random numbers of an episode, shape (n,)."""
    blocks = -(-n // ROUNDS_PER_BLOCK)
    return uniform_block(seed, stream, who, run, blocks, episode, 0).ravel()[:n]


@dataclass(frozen=True, eq=False)
class Challenger:
    """An adversary that was trained from nothing against a team that stands still.

    Args:
        policy: its policy without exploration, shape (cell, hit).
        hits: places of the hits that it plays, shape (round,).
        loss: mean loss of the team under them.
        coverage: share of its cells that it has ever been in.
    """

    policy: Array
    hits: Places
    loss: float
    coverage: float


def train_challenger(
    game: BudgetedGame, episodes: int, *, seed: int, run: int = 0, exploration: float = 0.1
) -> Challenger:
    """Return the worst adversary that training finds against a team, within its budgets.

    Trained are one that looks to the end of a series and one that looks no further than the round.
    The worst of them and of the hits that are the same in every round is improved cell by cell
    (`improved_hits`), as is not hitting at all; what is returned is the worse of these two. What it
    costs is a lower bound of `BudgetedGame.worst_loss`.

    Args:
        game: game with one doubt, as `BudgetedGame.against` returns it.
        episodes: episodes of training, at least 0.
        seed: seed of its random numbers, which no training has.
        run: number of the challenger among those of one seed.
        exploration: share of its hits at random while it learns.

    Returns:
        The challenger, and what the team loses to it where it no longer explores.
    """
    duel, team = Duel(game.of_damage()), fixed_team(game)
    shape, n = (game.grid.n_cells, game.n_hits), game.n_rounds
    fast = episodes * n >= _LONG and is_available()
    unused = np.full(n, 0.5)
    found: list[Challenger] = []
    for discount in (1.0, 0.0):
        rival = QTableAgent(*shape, rates=RIVAL_RATES, exploration=exploration, discount=discount)
        for episode in range(episodes):
            drawn = uniforms(seed, "challenger", "adversary", run, episode, n)
            duel.play(team, rival, unused, drawn, first=episode * n, compiled=fast)
        found.append(_as_learned(duel, rival.policy, rival.coverage))
    found += [
        _as_learned(duel, np.tile(np.eye(game.n_hits)[hit], (shape[0], 1)), 0.0)
        for hit in range(game.n_hits)
    ]
    learned = max(found, key=lambda one: one.loss)
    policy, loss = improved_policy(game, learned.policy)
    if loss <= learned.loss:
        return learned
    return _as_learned(duel, policy, learned.coverage)


def improved_policy(game: BudgetedGame, policy: Array) -> tuple[Array, float]:
    """Return the worst table that is found by changes of single cells, and what the team loses.

    Args:
        game: game with one doubt, as `BudgetedGame.against` returns it.
        policy: policy that is improved, shape (cell, hit), of which the likeliest hits count; the
            other beginning is not to hit.

    Returns:
        Policy of one hit per cell, shape (cell, hit), and the mean loss of the team.
    """
    found = improved_hits(game, policy.argmax(axis=1)), _from_no_hit(game)
    table, loss = max(found, key=lambda one: one[1])
    return np.eye(game.n_hits)[table], loss


@lru_cache(maxsize=2)
def _from_no_hit(game: BudgetedGame) -> tuple[Places, float]:
    """Return what is found from not hitting: the same for all challengers of a team."""
    none = int(np.flatnonzero(game.hits == 0.0)[0])
    return improved_hits(game, np.full(game.grid.n_cells, none))


def _as_learned(duel: Duel, policy: Array, coverage: float) -> Challenger:
    """Return what a policy, played greedily, does to the only team of a game."""
    game = duel.game
    rival = QTableAgent(game.grid.n_cells, game.n_hits, exploration=0.0)
    rival.start_from(np.eye(game.n_hits)[policy.argmax(axis=1)])
    rival.frozen = True
    unused = np.full(game.n_rounds, 0.5)
    last = duel.play(fixed_team(game), rival, unused, unused)
    return Challenger(rival.policy, last.hits, last.loss, coverage)


def rival_loss(game: BudgetedGame, policy: Array) -> float:
    """Return the mean loss of a team under an adversary's likeliest hits.

    Args:
        game: game with one doubt, as `BudgetedGame.against` returns it.
        policy: policy of the adversary, shape (cell, hit).
    """
    return _as_learned(Duel(game), policy, 0.0).loss
