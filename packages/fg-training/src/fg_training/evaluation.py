"""What teams lose to attacks: to a challenger, to the worst case, and to attacks of other kinds.

Every team is judged under attacks that were made for it (a challenger that is trained afresh, and
the exact worst case of an adversary that knows the future), and under attacks that nobody was
trained against. All of them have the same budget.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from fg_core import Adversary, AgentRegistry, DefenderAgent, ForecastGame
from fg_core.agents import AdversaryAgent, LargestHit, RandomHits, SlowPoison, TwoQuarterHit
from fg_core.defenses import defense_from_name
from fg_core.executors import executor_for
from fg_core.game import separation_reasons

from .budgeted_game import join_budgeted
from .duel import train_challenger
from .recorded_games import HITS, RecordedGame
from .table_adversary import tabulate_attack

__all__ = ["ATTACKS", "FIXED_DEFENSES", "TeamScore", "fixed_teams", "score_teams"]

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


@dataclass(frozen=True)
class TeamScore:
    """Mean losses of a team per round, in one-step scales.

    Args:
        name: name of the team.
        clean: loss where nobody hits.
        attacks: loss by attack.
        challenger: loss under a challenger that was trained against this team; None: its rounds do
            not separate, so that there is no table to train in.
        worst: loss under the worst hits, exact; None: as for the challenger.
    """

    name: str
    clean: float
    attacks: Mapping[str, float]
    challenger: float | None
    worst: float | None


@dataclass(frozen=True, eq=False)
class _Task:
    name: str
    agent: Any
    games: tuple[RecordedGame, ...]
    budget: float
    episodes: int
    seed: int
    attacks: Mapping[str, Adversary] = field(default_factory=dict)


def fixed_teams() -> dict[str, Any]:
    """Return agents of teams that were not trained, by name; None: nobody defends."""
    agents: dict[str, Any] = {"none": None}
    for name in FIXED_DEFENSES:
        agents[name] = DefenderAgent(defense_from_name(name))
    return agents


def score_teams(
    teams: Mapping[str, Any],
    games: Sequence[RecordedGame],
    *,
    budget: float,
    episodes: int,
    seed: int,
    attacks: Mapping[str, Adversary] = ATTACKS,
    jobs: int = 1,
) -> tuple[TeamScore, ...]:
    """Return what teams lose on recorded series.

    Args:
        teams: by name a defender, a `TableForecaster`, or None: nobody defends.
        games: games of the series, without anyone who attacks or defends.
        budget: units that hits may cost per round, in one-step scales; of a series that, times its
            rounds.
        episodes: episodes of training of each challenger.
        seed: seed of challengers and of attacks that draw.
        attacks: adversaries by name, each played against each team.
        jobs: number of processes; the numbers are the same for any.

    Returns:
        Scores, in the order of the teams.
    """
    tasks = [
        _Task(name, agent, tuple(games), budget, episodes, seed, dict(attacks))
        for name, agent in teams.items()
    ]
    return tuple(executor_for(jobs).map(_score, tasks))


def team_registry(registry: AgentRegistry, agent: Any) -> AgentRegistry:
    """Return the agents of a game with a team's agent in its seat.

    Args:
        registry: agents of the game.
        agent: a defender, an agent that corrects the pool (`correcting`), or None: neither.

    Returns:
        The same forecasters, with that agent.
    """
    if agent is None:
        return registry
    if hasattr(agent, "correcting"):
        return replace(registry, aggregator=agent.correcting(registry.aggregator))
    return replace(registry, defenders=(agent,))


def _score(task: _Task) -> TeamScore:
    tables = []
    losses: dict[str, list[Any]] = {name: [] for name in ("", *task.attacks)}
    for one in task.games:
        bare = one.game
        config = replace(bare.config, attack_cap=_CAP, attack_total=task.budget * one.rounds)
        team = team_registry(bare.registry, task.agent)

        def played(adversaries: tuple[Adversary, ...]) -> Any:
            game = ForecastGame(
                config,  # noqa: B023 - called within this turn of the loop
                seed=task.seed,
                registry=replace(team, adversaries=adversaries),  # noqa: B023
            )
            out = game.run_batch(one.initial, 1, world=one.world)  # noqa: B023
            found = np.asarray(out.first.score[0]) / out.step_scale
            return found[np.isfinite(found)]

        losses[""].append(played(()))
        for name, adversary in task.attacks.items():
            losses[name].append(played((adversary,)))
        game = ForecastGame(bare.config, seed=bare.seed, registry=team)
        if separation_reasons(game, one.world):
            continue
        tables.append(
            tabulate_attack(
                game, one.initial, hits=HITS, budget=task.budget * one.rounds, world=one.world
            )[0]
        )
    means = {name: float(np.concatenate(parts).mean()) for name, parts in losses.items()}
    clean = means.pop("")
    if len(tables) < len(task.games):
        return TeamScore(task.name, clean, means, None, None)
    whole = join_budgeted(tables)
    challenger = train_challenger(whole, task.episodes, seed=task.seed).loss
    worst = whole.worst_loss(np.ones((whole.tables.n_cells, 1)))
    return TeamScore(task.name, clean, means, challenger, worst)
