"""Batches of games: block by block over arrays, or game by game where that is not possible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from fg_core.batch import BatchOutputs, StateArrays
from fg_core.batch.memory import require_memory
from fg_core.errors import ConfigError
from fg_core.protocols import World
from fg_core.record import GameOutputs
from fg_core.state import ForecastState

from .array_play import ArrayPlay
from .array_team import ArrayTeam, why_not
from .batch_record import BatchRecord, BatchRequest
from .learning import Learning
from .ledger import ArrayLedger
from .preparation import Prepared, Setting, prepare, rounds_to_play

__all__ = ["GAMES_PER_BLOCK", "play_batch"]

GAMES_PER_BLOCK = 4000
"""Measured (`benchmarks/array_engine.py --block`): larger blocks gain little from here on, and what
a round works on still fits the cache."""

_ROWS_OF_DRAWS = 64 * 5
_ROWS_OF_ROUND = 60
_ROWS_OF_CLAIM = 12


def play_batch(
    setting: Setting,
    initial: ForecastState,
    rounds: int | None,
    world: World,
    request: BatchRequest,
    alone: Callable[[int], GameOutputs],
) -> BatchOutputs:
    """Play neighbouring games, the first of which is `setting.game`; see `run_batch`.

    Args:
        setting: What the games are.
        initial: The state that they begin in.
        rounds: How many are wanted; None: as the settings say.
        world: Where the series moves.
        request: What is wanted of the batch.
        alone: Plays one game by itself, given its number.
    """
    config = setting.config
    if setting.game + request.n_games > 2**58:
        raise ConfigError("the numbers of the games go beyond 2^58 - 1")
    n_rounds, _, _ = rounds_to_play(config, initial, world, rounds)
    start = prepare(config, setting.registry, initial, world)
    record = BatchRecord(setting, initial, start, n_rounds, request)
    block = min(request.games_per_block, request.n_games)
    require_memory(
        record.needed_bytes + _working_bytes(setting, start, block, n_rounds),
        request.memory_limit,
        f"{request.n_games} games of {n_rounds} rounds",
        "play fewer games at a time (their numbers go on from `game`), fewer rounds, or keep less",
    )
    record.allocate()
    slow, reason = _why_slow(setting, start, initial, world)
    if reason:
        note = f"played game by game, slowly, because {reason}"
        for i in range(request.n_games):
            record.write_game(i, alone(setting.game + i))
        return record.outputs(slow, (note,))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for first in range(0, request.n_games, block):
            n = min(block, request.n_games - first)
            slow = _play_block(setting, initial, world, start, record, first, n, n_rounds, request)
    notes: tuple[str, ...] = ()
    if slow:
        verb = "has" if len(slow) == 1 else "have"
        notes = (f"{', '.join(slow)} {verb} no array form: asked game by game, slowly",)
    return record.outputs(slow, notes)


def _working_bytes(setting: Setting, start: Prepared, block: int, n_rounds: int) -> int:
    """Return about how much memory a block of games takes beside the record of all."""
    config = setting.config
    claims = len(start.team.forecasters) * sum(h + 1 for h in (*config.horizons, config.reveal_lag))
    rows = 3 * (n_rounds + config.lookback) + _ROWS_OF_DRAWS + _ROWS_OF_ROUND
    return 8 * block * (rows + _ROWS_OF_CLAIM * claims)


def _why_slow(
    setting: Setting, start: Prepared, initial: ForecastState, world: World
) -> tuple[tuple[str, ...], str]:
    """Return who keeps whole games from being played as arrays, and why; empty: nobody."""
    team, config = start.team, setting.config
    if config.refit_every > 0:
        fitted = tuple(agent.name for agent in team.forecasters if hasattr(agent, "fit"))
        if fitted:
            return fitted, "forecasters are refitted in every game (refit_every)"
    slow = why_not(team)
    if slow:
        return slow, f"{', '.join(slow)} cannot act on arrays"
    if not hasattr(world, "advance_array"):
        return (), f"the world {type(world).__name__} has no array form"
    singles = ArrayTeam.of(team, 1).slow
    if singles and (initial.segment_values or start.training.segments):
        return singles, "the series has segments, and not all agents have an array form"
    return (), ""


def _play_block(
    setting: Setting,
    initial: ForecastState,
    world: Any,
    start: Prepared,
    record: BatchRecord,
    first: int,
    n_games: int,
    n_rounds: int,
    request: BatchRequest,
) -> tuple[str, ...]:
    config = setting.config
    state = _initial_arrays(initial, n_games)
    ledger = ArrayLedger(
        start.training,
        initial,
        n_games,
        lookback=config.lookback,
        withheld=world.withheld,
        observe_exogenous=config.observe_exogenous,
    )
    ledger.enter(state)
    team = ArrayTeam.of(start.team, n_games)
    play = ArrayPlay(
        config,
        world,
        # Where anybody was refitted in the game, this function would not have been called.
        Learning(team, ledger, replace(config, refit_every=0), initial.t),
        ledger,
        setting.disturbance,
        setting.seed,
        setting.game + first,
        n_games,
        start.step_scale,
        start.persistence,
        request.disturbed,
        request.reward,
        request.attribution,
    )
    games = slice(first, first + n_games)
    for r in range(n_rounds):
        done = play.round(state)
        record.write_round(r, games, done)
        state = done.after
    record.write_end(games, play)
    return team.slow


def _initial_arrays(initial: ForecastState, n_games: int) -> StateArrays:
    def everywhere(number: float) -> Any:
        return np.full(n_games, float(number))

    return StateArrays(
        initial.t,
        everywhere(initial.value),
        everywhere(initial.exogenous),
        everywhere(initial.hidden_shift),
        initial.segment_id,
        initial.macro_context,
        tuple(everywhere(number) for number in initial.history),
        initial.n_unrevealed,
        everywhere(initial.displacement),
    )
