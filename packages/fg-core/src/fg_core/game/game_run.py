"""One game from its first round to its last, or from where it stopped, with its full record."""

from __future__ import annotations

import time
import warnings
from dataclasses import replace

from fg_core.continuation import Continuation
from fg_core.frozen import FrozenMapping, altered, frozen_mapping
from fg_core.protocols import World
from fg_core.record import GameOutputs, StepResult, TrajectoryEntry
from fg_core.state import ForecastState

from .account import Account
from .learning import Knowledge, Learning
from .play import Play
from .preparation import Setting, ledger_of, prepare, rounds_to_play
from .snapshot import GameSnapshot, Standing, require_same
from .team import Team

__all__ = ["play_game"]


def play_game(
    setting: Setting,
    initial: ForecastState,
    rounds: int | None,
    world: World,
    resume: Continuation | None = None,
) -> GameOutputs:
    """Play one game; see `ForecastGame.run`."""
    config = setting.config
    if resume is None:
        played, state = 0, initial
    else:
        found = require_same(resume, GameSnapshot, setting.described(initial, 1))
        played, state = found.rounds, found.standing.state
    n, wanted, allowed = rounds_to_play(config, state, world, rounds, played)
    start = _begun(setting, initial, world) if resume is None else found
    play = _seated(setting, start, world)
    steps: list[StepResult] = []
    entries: list[TrajectoryEntry] = []
    slowest = 0.0
    for i in range(played, played + n):
        began = time.perf_counter()
        step = play.round(state)
        slowest = max(slowest, time.perf_counter() - began)
        steps.append(step)
        entries.append(_entry(i, state, step))
        state = step.next_state
    if slowest > config.max_round_timeout_s:
        warnings.warn(
            f"a round took {slowest:.1f} s, more than max_round_timeout_s = "
            f"{config.max_round_timeout_s} (nothing was cut short)",
            stacklevel=3,
        )
    last = played + n
    end = Standing(state, play.ledger.rows, play.learning.knowledge, play.account)
    return GameOutputs(
        tuple(steps),
        tuple(entries),
        frozen_mapping(
            {
                "rounds_executed": last,
                "max_rounds": config.max_rounds,
                "round_cap_hit": config.max_rounds < wanted and last == config.max_rounds,
                "world_ended": allowed is not None and allowed < wanted and last == allowed,
                "attack_spent": play.spent,
                "prints_doubted": play.doubted,
                "unscored": play.unscored,
                "missing": end.account.missing,
                "missing_reasons": end.account.reasons,
            }
        ),
        config=config,
        seed=setting.seed,
        step_scale=play.step_scale,
        weights=_weights(play.learning),
        continuation=replace(start, config=config, rounds=last, standing=end),
    )


def _begun(setting: Setting, initial: ForecastState, world: World) -> GameSnapshot:
    begun = prepare(setting.config, setting.registry, initial, world)
    return GameSnapshot(
        **setting.described(initial, 1),
        rounds=0,
        step_scale=begun.step_scale,
        persistence=begun.persistence,
        standing=Standing(initial, begun.rows, Knowledge(begun.team), Account()),
    )


def _seated(setting: Setting, start: GameSnapshot, world: World) -> Play:
    standing, config = start.standing, setting.config
    ledger = ledger_of(config, world, standing.rows)
    return Play(
        config,
        world,
        Learning(standing.knowledge, ledger, config, start.initial.t),
        ledger,
        setting.disturbance,
        setting.seed,
        setting.game,
        start.step_scale,
        start.persistence,
        setting.disturbed,
        setting.attribution,
        setting.reward,
        standing.account,
    )


def _entry(i: int, state: ForecastState, step: StepResult) -> TrajectoryEntry:
    return TrajectoryEntry(
        i,
        altered(state, history=()),
        step.actions,
        step.messages,
        step.reward_breakdown,
        step.forecast,
        step.target,
        variance=step.probabilistic.variance,
        disturbance=step.disturbance,
    )


def _weights(learning: Learning[Team]) -> FrozenMapping[int, FrozenMapping[str, float]]:
    aggregator = learning.team.aggregator
    if not hasattr(aggregator, "weights"):
        return FrozenMapping()
    return FrozenMapping({h: aggregator.weights(h) for h in learning.horizons})
