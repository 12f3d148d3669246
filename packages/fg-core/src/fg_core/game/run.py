"""Games from their first round to their last, or from where they stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fg_core.batch import BatchOutputs
from fg_core.batch.memory_limit import require_memory
from fg_core.blas import single_blas_thread
from fg_core.checkpoint import Checkpoint
from fg_core.frozen import FrozenMapping, frozen_mapping
from fg_core.protocols import World
from fg_core.record import GameOutputs, IssuedForecast

from .batch_record import BatchRecord, BatchRequest
from .block import play_of, stopped
from .game_record import GameRecord, counted, issued_of
from .groups import GameGroup
from .plan import Plan
from .preparation import Setting, further_horizons, rounds_to_play

__all__ = ["GAMES_PER_BLOCK", "forecast_groups", "play_alone", "play_groups"]

GAMES_PER_BLOCK = 8000
"""Measured (`benchmarks/array_engine.py blocks`): larger blocks gain little from here on, and what
a round works on still fits the cache."""

_ROWS_OF_DRAWS = 64 * 5
_ROWS_OF_ROUND = 60
_ROWS_OF_FORECAST = 12


def play_alone(
    setting: Setting,
    group: GameGroup,
    world: World,
    seed: int,
    resume: Checkpoint | None = None,
) -> GameOutputs:
    """Play one game and return its full record; see `ForecastGame.run`.

    Args:
        setting: Settings, agents and nature of the games.
        group: Start of the game.
        world: World in which the series moves.
        seed: Seed of its random numbers.
        resume: Checkpoint that it goes on from; None: it begins.

    Returns:
        Record of the rounds that were played, in the unit of the series.
    """
    config = setting.config
    plan = Plan(setting, (group,), (world,), seed, 1, resume)
    (block,) = plan.blocks()
    state = block.checkpoint.state
    played = block.played
    n, wanted, allowed = rounds_to_play(config, state.each[0], world, group.rounds, played)
    schedule = plan.schedule(block, n)
    play = play_of(setting, block, plan.worlds, schedule=schedule, undefended=True, crps=True)
    record = GameRecord(setting.registry.names)
    with single_blas_thread():
        for i in range(played, played + n):
            done = play.round(state)
            record.write(i, state.each[0], done)
            state = done.after
    last = played + n
    names = setting.registry.names
    weights = {}
    for h in play.learning.horizons:
        found = play.learning.experts.aggregator.weights(h, names)
        if found is not None:
            weights[h] = FrozenMapping(dict(zip(names, found[0].tolist(), strict=True)))
    return GameOutputs(
        tuple(record.steps),
        tuple(record.entries),
        frozen_mapping(
            {
                "rounds_executed": last,
                "max_rounds": config.max_rounds,
                "round_cap_hit": config.max_rounds < wanted and last == config.max_rounds,
                "world_ended": allowed is not None and allowed < wanted and last == allowed,
                **counted(play),
            }
        ),
        config=config,
        seed=seed,
        step_scale=float(play.step_scale),
        weights=FrozenMapping(weights),
        continuation=replace(
            plan.start, config=config, rounds=last, blocks=(stopped(block, play, state, n),)
        ),
    )


def play_groups(
    setting: Setting,
    groups: Sequence[GameGroup],
    worlds: Sequence[World],
    seed: int,
    request: BatchRequest,
    resume: Checkpoint | None = None,
) -> BatchOutputs:
    """Play many games and return their arrays; see `ForecastGame.run_groups`.

    Args:
        setting: Settings, agents and nature of the games.
        groups: Games that begin alike.
        worlds: World of each group.
        seed: Seed of groups that name none.
        request: Arrays that are kept, and how games are played.
        resume: Checkpoint that they go on from; None: they begin.

    Returns:
        Arrays with the axes (game, round), games in the order of the groups, in the unit of the
        series.
    """
    plan = Plan(
        setting,
        groups,
        worlds,
        seed,
        request.games_per_block,
        resume,
        goes_on="continuation" in request.keep,
    )
    n_games, n_rounds = plan.start.n_games, max(plan.lengths)
    record = BatchRecord(setting, n_games, plan.lengths, request)
    require_memory(
        record.needed_bytes + _working_bytes(setting, plan, request, n_rounds),
        request.memory_limit,
        f"{n_games} games of {n_rounds} rounds",
        "play fewer games at a time (their numbers go on from `game`), fewer rounds, or keep less",
    )
    record.allocate()
    standings = []
    slow: tuple[str, ...] = ()
    for block, n in zip(plan.blocks(), plan.lengths, strict=True):
        games, slow = block.rows, block.slow
        play = play_of(
            setting,
            block,
            plan.worlds,
            schedule=plan.schedule(block, n),
            undefended=False,
            crps=setting.reward == "crps",
        )
        state = block.checkpoint.state
        record.write_start(games, block, play.ledger.game_value(state.t))
        with single_blas_thread():
            for r in range(n):
                done = play.round(state)
                record.write_round(r, games, done)
                state = done.after
        record.write_end(games, play)
        if "continuation" in request.keep:
            standings.append(stopped(block, play, state, n))
    end = replace(
        plan.start,
        config=setting.config,
        rounds=plan.start.rounds + n_rounds,
        blocks=tuple(standings),
    )
    return record.outputs(end, slow, _notes(slow, worlds))


def forecast_groups(
    setting: Setting,
    groups: Sequence[GameGroup],
    worlds: Sequence[World],
    seed: int,
    resume: Checkpoint | None = None,
    *,
    assessed: bool = False,
) -> tuple[tuple[IssuedForecast, ...], ...]:
    """Play games to their last period and return the forecasts from there.

    Args:
        setting: Settings, agents and nature of the games.
        groups: Games that begin alike.
        worlds: World of each group.
        seed: Seed of groups that name none.
        resume: Checkpoint that they go on from; None: they begin.
        assessed: Whether to keep the assessments of the last values.

    Returns:
        Per game, the forecast of each horizon.
    """
    plan = Plan(setting, groups, worlds, seed, GAMES_PER_BLOCK, resume)
    names = setting.registry.names
    n_games = sum(one.n_games for one in groups)
    found: list[tuple[IssuedForecast, ...]] = [()] * n_games
    for block, n in zip(plan.blocks(), plan.lengths, strict=True):
        schedule = plan.schedule(block, n)
        play = play_of(setting, block, plan.worlds, schedule=schedule, undefended=True, crps=False)
        state = block.checkpoint.state
        with single_blas_thread():
            for _ in range(n):
                state = play.round(state).after
            issued = play.forecast(state, assessed=assessed)
        places = np.arange(n_games)[block.rows].tolist()
        for lane, place in enumerate(places):
            found[place] = tuple(issued_of(one, names, lane) for one in issued.values())
    return tuple(found)


def _notes(agents: Sequence[str], worlds: Sequence[World]) -> tuple[str, ...]:
    slow = list(agents)
    slow += sorted({type(one).__name__ for one in worlds if not hasattr(one, "advance_array")})
    if not slow:
        return ()
    verb = "has" if len(slow) == 1 else "have"
    return (f"{', '.join(slow)} {verb} no array form: asked game by game, slowly",)


def _working_bytes(setting: Setting, plan: Plan, request: BatchRequest, n_rounds: int) -> int:
    """Return about how much memory games take beside the record of all, while they play."""
    config = setting.config
    horizons = (*config.horizons, config.reveal_lag, *further_horizons(setting.registry))
    forecasts = len(setting.registry.forecasters) * sum(h + 1 for h in horizons)
    rows = _ROWS_OF_DRAWS + _ROWS_OF_ROUND + _ROWS_OF_FORECAST * forecasts
    needed = 8 * plan.largest_block * (rows + 3 * (n_rounds + config.lookback))
    if "continuation" in request.keep:
        kept = _ROWS_OF_FORECAST * forecasts + 3 * (config.lookback + config.reveal_lag)
        if config.refit_every > 0:
            kept += 3 * n_rounds
        needed += 8 * plan.start.n_games * kept
    return needed
