"""What teams lose to attacks: to a challenger, to the worst case, and to attacks of other kinds.

Every team is judged under attacks that were made for it (challengers that are trained afresh, and
the exact worst case of an adversary that knows the future), and under attacks that nobody was
trained against. All of them have the same budget, and random numbers that no training has drawn.
Teams are compared pair by pair over the same periods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core import Adversary, DefenderAgent, ForecastGame
from fg_core.agents import AdversaryAgent, LargestHit, RandomHits, SlowPoison, TwoQuarterHit
from fg_core.defenses import defense_from_name
from fg_core.errors import ConfigError
from fg_core.executors import executor_for
from fg_core.game import separation_reasons
from fg_core.rng import uniform_block
from fg_core.scoring import BootstrapInterval, block_bootstrap

from .budgeted_game import join_budgeted
from .duel import train_challenger
from .features import FeatureGrid
from .recorded_games import HITS, RecordedGame, team_registry
from .table_adversary import tabulate_attack
from .table_defender import tabulate_defense
from .table_forecaster import tabulate_corrections

__all__ = [
    "ATTACKS",
    "FIXED_DEFENSES",
    "TeamScore",
    "fixed_teams",
    "held_out_seed",
    "paired_difference",
    "score_teams",
    "untrained_share",
]

Array = NDArray[np.float64]

FIXED_DEFENSES = ("dampening", "clipping", "bias_guard", "ensemble", "innovation_gate")
"""Defenses that learn no policy, beside which a trained one is judged."""

ATTACKS: Mapping[str, Adversary] = {
    "random": RandomHits(size=1.7),
    "largest": LargestHit(),
    "slow": SlowPoison(),
    "against trend": AdversaryAgent(),
    "two periods": TwoQuarterHit(size=2.5),
}
"""Attacks that no team is trained against: of other kinds, and of sizes off the grid of hits."""

_CAP = max(HITS)


@dataclass(frozen=True, eq=False)
class TeamScore:
    """Losses of a team per round, in one-step scales; means over all draws.

    Args:
        name: name of the team.
        clean: loss where nobody hits.
        attacks: loss by attack.
        challenger: loss under challengers that were trained against this team; None: its rounds do
            not separate, so that there is no table to train in.
        worst: loss under the worst hits, exact; None: as for the challengers.
        periods: losses by case ("clean" and, where it is known, "challenger"), each of shape
            (period, series), in the order of time; NaN where a series has no round.
    """

    name: str
    clean: float
    attacks: Mapping[str, float]
    challenger: float | None
    worst: float | None
    periods: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Task:
    name: str
    agent: Any
    games: tuple[RecordedGame, ...]
    budget: float
    episodes: int
    seed: int
    draws: int
    attacks: Mapping[str, Adversary] = field(default_factory=dict)


def fixed_teams() -> dict[str, Any]:
    """Return agents of teams that were not trained, by name; None: nobody defends."""
    agents: dict[str, Any] = {"none": None}
    for name in FIXED_DEFENSES:
        agents[name] = DefenderAgent(defense_from_name(name))
    return agents


def held_out_seed(seed: int) -> int:
    """Return the seed of evaluations that belongs to a seed of training, and is another one.

    Args:
        seed: seed of the training, in [0, 2^64).

    >>> held_out_seed(7) not in (7, held_out_seed(8))
    True
    """
    return int(uniform_block(seed, "evaluation", "seed", 0, 1, 0, 0)[0, 0] * 2.0**52)


def paired_difference(own: TeamScore, other: TeamScore, case: str) -> BootstrapInterval | None:
    """Return how much more a team loses than another one over the same periods and series.

    Args:
        own: scores of the team.
        other: scores of the other team, on the same games.
        case: "clean" or "challenger".

    Returns:
        Mean difference with its 95 % interval by the block bootstrap over periods, the series of a
        period together; None: that case is not known of one of them.
    """
    if case not in own.periods or case not in other.periods:
        return None
    return block_bootstrap(own.periods[case] - other.periods[case])


def untrained_share(
    games: Sequence[RecordedGame], role: str, grid: FeatureGrid, visited: NDArray[np.bool_]
) -> tuple[float, float]:
    """Return shares of decisions in cells that training has never been in.

    Args:
        games: games of the series, without anyone who attacks or defends.
        role: "defender", or "forecaster" for corrections of the pool.
        grid: cells of the team.
        visited: whether training has been in a cell, shape (cell,).

    Returns:
        Share where nobody hits, and mean share over all hits of the grid, each in [0, 1].
    """
    parts = []
    for one in games:
        how: dict[str, Any] = {"hits": HITS, "budget": 0.0, "world": one.world, "grid": grid}
        if role == "forecaster":
            table = tabulate_corrections(one.game, one.initial, corrections=[0.0], **how)[0]
        else:
            table = tabulate_defense(one.game, one.initial, doubts=[0.0], **how)[0]
        parts.append(~visited[table.cells])
    missed = np.concatenate(parts)
    none = HITS.index(0.0)
    return float(missed[:, none].mean()), float(np.delete(missed, none, axis=1).mean())


def score_teams(
    teams: Mapping[str, Any],
    games: Sequence[RecordedGame],
    *,
    budget: float,
    episodes: int,
    seed: int,
    attacks: Mapping[str, Adversary] = ATTACKS,
    draws: int = 1,
    jobs: int = 1,
) -> tuple[TeamScore, ...]:
    """Return what teams lose on recorded series.

    Args:
        teams: by name a defender, a `TableForecaster`, or None: nobody defends.
        games: games of the series, without anyone who attacks or defends.
        budget: units that hits may cost per round, in one-step scales; of a series that, times its
            rounds.
        episodes: episodes of training of each challenger.
        seed: seed of challengers and of attacks that draw (`held_out_seed`).
        attacks: adversaries by name, each played against each team.
        draws: number of games of each attack, and of challengers, that losses are means over; at
            least 1.
        jobs: number of processes; the numbers are the same for any.

    Returns:
        Scores, in the order of the teams.

    Raises:
        ConfigError: Fewer than one draw.
    """
    if draws < 1:
        raise ConfigError(f"draws must be at least 1, got {draws!r}")
    tasks = [
        _Task(name, agent, tuple(games), budget, episodes, seed, draws, dict(attacks))
        for name, agent in teams.items()
    ]
    return tuple(executor_for(jobs).map(_score, tasks))


def _score(task: _Task) -> TeamScore:
    tables = []
    losses: dict[str, list[Array]] = {name: [] for name in ("clean", *task.attacks)}
    for one in task.games:
        bare = one.game
        config = replace(bare.config, attack_cap=_CAP, attack_total=task.budget * one.rounds)
        team = team_registry(bare.registry, task.agent)

        def played(adversaries: tuple[Adversary, ...], draws: int) -> Array:
            game = ForecastGame(
                config,  # noqa: B023 - called within this turn of the loop
                seed=task.seed,
                registry=replace(team, adversaries=adversaries),  # noqa: B023
            )
            out = game.run_batch(one.initial, draws, world=one.world)  # noqa: B023
            return np.asarray(np.asarray(out.first.score).mean(axis=0) / out.step_scale)

        losses["clean"].append(played((), 1))
        for name, adversary in task.attacks.items():
            losses[name].append(played((adversary,), task.draws))
        game = ForecastGame(bare.config, seed=bare.seed, registry=team)
        if not separation_reasons(game, one.world):
            total = task.budget * one.rounds
            tables.append(
                tabulate_attack(game, one.initial, hits=HITS, budget=total, world=one.world)
            )
    means = {name: float(np.nanmean(np.concatenate(parts))) for name, parts in losses.items()}
    clean = means.pop("clean")
    periods = {"clean": _by_period(task.games, losses["clean"])}
    if len(tables) < len(task.games):
        return TeamScore(task.name, clean, means, None, None, periods)
    whole = join_budgeted([found for found, _ in tables])
    along = np.zeros(whole.n_rounds)
    for run in range(task.draws):
        hits = train_challenger(whole, task.episodes, seed=task.seed, run=run).hits
        along += whole.tables.losses[np.arange(whole.n_rounds), hits, 0] / task.draws
    parts, first = [], 0
    for _, payoffs in tables:
        # A table leaves out rounds without a target.
        due = np.isfinite(payoffs.scores).all(axis=1)
        part = np.full(due.size, np.nan)
        part[due] = along[first : first + int(due.sum())]
        parts.append(part)
        first += int(due.sum())
    periods["challenger"] = _by_period(task.games, parts)
    worst = whole.worst_loss(np.ones((whole.tables.n_cells, 1)))
    return TeamScore(task.name, clean, means, float(along.mean()), worst, periods)


def _by_period(games: Sequence[RecordedGame], losses: Sequence[Array]) -> Array:
    """Return losses by round of each game as a table, shape (period, game).

    It holds NaN where a game has no round. Periods are those in which forecasts were made, so that
    rounds of one time share a row.
    """
    times = [[row.timestamp for row in one.world.rows[-1 - one.rounds : -1]] for one in games]
    places = {time: k for k, time in enumerate(sorted(set().union(*times)))}
    table = np.full((len(places), len(games)), np.nan)
    for column, (own, found) in enumerate(zip(times, losses, strict=True)):
        table[[places[time] for time in own], column] = found
    return table
