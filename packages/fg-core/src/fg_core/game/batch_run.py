"""Batches of games: block by block over arrays, or game by game where that is not possible."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from fg_core.batch import BatchOutputs, StateArrays
from fg_core.batch.memory import require_memory
from fg_core.continuation import Continuation
from fg_core.errors import ConfigError
from fg_core.protocols import World
from fg_core.state import ForecastState

from .account import Account
from .array_play import ArrayPlay
from .array_team import ArrayTeam, why_not
from .batch_record import BatchRecord, BatchRequest
from .game_run import play_game
from .learning import Knowledge, Learning
from .ledger import ArrayLedger
from .preparation import Prepared, Setting, prepare, rounds_to_play
from .snapshot import BatchSnapshot, GameSnapshot, Standing, require_same

__all__ = ["GAMES_PER_BLOCK", "play_batch"]

GAMES_PER_BLOCK = 4000
"""Measured (`benchmarks/array_engine.py --block`): larger blocks gain little from here on, and what
a round works on still fits the cache."""

_ROWS_OF_DRAWS = 64 * 5
_ROWS_OF_ROUND = 60
_ROWS_OF_CLAIM = 12
# Of a game that is played by itself, measured: its record while it lasts, by round; and what its
# continuation keeps, of its agents and by period.
_NUMBERS_OF_ROUND = 4_000
_NUMBERS_OF_GAME = 12_000
_NUMBERS_OF_PERIOD = 40


def play_batch(
    setting: Setting,
    initial: ForecastState,
    rounds: int | None,
    world: World,
    request: BatchRequest,
    resume: Continuation | None = None,
) -> BatchOutputs:
    """Play neighbouring games, the first of which is `setting.game`; see `run_batch`.

    Args:
        setting: What the games are.
        initial: The state that they begin in.
        rounds: How many (more) are wanted; None: as the settings say.
        world: Where the series moves.
        request: What is wanted of the batch.
        resume: Where they stopped, if they are to go on.
    """
    config = setting.config
    if setting.game + request.n_games > 2**58:
        raise ConfigError("the numbers of the games go beyond 2^58 - 1")
    if resume is None:
        played, state = 0, initial
    else:
        found = require_same(resume, BatchSnapshot, setting.described(initial, request.n_games))
        played, state = found.rounds, _first_of(found.standings[0].state)
    n_rounds, _, _ = rounds_to_play(config, state, world, rounds, played)
    start = _begun(setting, initial, world, request) if resume is None else found
    record = BatchRecord(setting, start, n_rounds, request)
    require_memory(
        record.needed_bytes + _working_bytes(start, request, n_rounds),
        request.memory_limit,
        f"{request.n_games} games of {n_rounds} rounds",
        "play fewer games at a time (their numbers go on from `game`), fewer rounds, or keep less",
    )
    record.allocate()
    play = _play_alone if start.one_by_one else _play_blocks
    standings = play(setting, start, world, record, n_rounds, request)
    end = replace(start, config=config, rounds=played + n_rounds, standings=standings)
    return record.outputs(end)


def _begun(
    setting: Setting, initial: ForecastState, world: World, request: BatchRequest
) -> BatchSnapshot:
    """Return the games before their first round, all in one standing."""
    begun = prepare(setting.config, setting.registry, initial, world)
    slow, reason = _why_slow(setting, begun, initial, world)
    if reason:
        note = f"played game by game, slowly, because {reason}"
    else:
        slow = ArrayTeam.of(begun.team, 1).slow
        verb = "has" if len(slow) == 1 else "have"
        note = f"{', '.join(slow)} {verb} no array form: asked game by game, slowly" if slow else ""
    return BatchSnapshot(
        **setting.described(initial, request.n_games),
        rounds=0,
        step_scale=begun.step_scale,
        persistence=begun.persistence,
        standings=(Standing(initial, begun.rows, Knowledge(begun.team), Account()),),
        one_by_one=bool(reason),
        slow=slow,
        notes=(note,) if note else (),
    )


def _play_alone(
    setting: Setting,
    start: BatchSnapshot,
    world: World,
    record: BatchRecord,
    n_rounds: int,
    request: BatchRequest,
) -> tuple[Standing, ...]:
    """Play and write each game by itself; return where they stopped, if that is wanted."""
    standings = []
    for i in range(request.n_games):
        snapshot = start.game_snapshot(i)
        record.write_start(slice(i, i + 1), snapshot.standing.state.value)
        alone = replace(setting, game=setting.game + i)
        out = play_game(alone, start.initial, n_rounds, world, snapshot)
        record.write_game(i, out)
        if "continuation" in request.keep and isinstance(out.continuation, GameSnapshot):
            standings.append(out.continuation.standing)
    return tuple(standings)


def _play_blocks(
    setting: Setting,
    start: BatchSnapshot,
    world: World,
    record: BatchRecord,
    n_rounds: int,
    request: BatchRequest,
) -> tuple[Standing, ...]:
    """Play and write the games block by block; return where they stopped, if that is wanted."""
    standings: list[Standing] = []
    first = 0
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for block in _blocks(start, request):
            n = block.state.n_games
            end = _play_block(setting, start, world, block, record, first, n_rounds, request)
            standings += end
            first += n
    return tuple(standings)


def _blocks(start: BatchSnapshot, request: BatchRequest) -> Iterator[Standing]:
    """Yield where each block of games begins."""
    one = start.standings[0]
    if isinstance(one.state, StateArrays):
        yield from start.standings
        return
    for first in range(0, request.n_games, request.games_per_block):
        n = min(request.games_per_block, request.n_games - first)
        team = ArrayTeam.of(one.knowledge.team, n)
        yield Standing(
            _initial_arrays(one.state, n), one.rows.for_games(n), Knowledge(team), one.account
        )


def _working_bytes(start: BatchSnapshot, request: BatchRequest, n_rounds: int) -> int:
    """Return about how much memory the games take beside the record of all, while they play."""
    config = start.config
    n_forecasters = len(start.standings[0].knowledge.team.forecasters)
    claims = n_forecasters * sum(h + 1 for h in (*config.horizons, config.reveal_lag))
    rows = _ROWS_OF_DRAWS + _ROWS_OF_ROUND + _ROWS_OF_CLAIM * claims
    block = min(request.games_per_block, request.n_games)
    needed = 8 * block * (rows + 3 * (n_rounds + config.lookback))
    if start.one_by_one:
        needed += 8 * _NUMBERS_OF_ROUND * n_rounds
    if "continuation" in request.keep:
        kept = _ROWS_OF_CLAIM * claims + 3 * (config.lookback + config.reveal_lag)
        if start.one_by_one:
            kept = _NUMBERS_OF_GAME + _NUMBERS_OF_PERIOD * n_rounds
        needed += 8 * request.n_games * kept
    return needed


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
    start: BatchSnapshot,
    world: Any,
    block: Standing,
    record: BatchRecord,
    first: int,
    n_rounds: int,
    request: BatchRequest,
) -> tuple[Standing, ...]:
    config, state = setting.config, block.state
    n_games = state.n_games
    ledger = ArrayLedger(
        block.rows,
        lookback=config.lookback,
        withheld=world.withheld,
        observe_exogenous=config.observe_exogenous,
    )
    # Where anybody was refitted in the game, it would be played by itself.
    learning = Learning(block.knowledge, ledger, replace(config, refit_every=0), start.initial.t)
    play = ArrayPlay(
        config,
        world,
        learning,
        ledger,
        setting.disturbance,
        setting.seed,
        setting.game + first,
        n_games,
        start.step_scale,
        start.persistence,
        setting.disturbed,
        setting.reward,
        setting.attribution,
        block.account,
    )
    games = slice(first, first + n_games)
    record.write_start(games, state.value)
    for r in range(n_rounds):
        done = play.round(state)
        record.write_round(r, games, done)
        state = done.after
    record.write_end(games, play)
    if "continuation" not in request.keep:
        return ()
    # No agent looks further back than this from the next round on.
    rows = ledger.rows.since(state.t - config.reveal_lag - config.lookback)
    return (Standing(state, rows, learning.knowledge, play.account),)


def _first_of(state: ForecastState | StateArrays) -> ForecastState:
    return state if isinstance(state, ForecastState) else state.each[0]


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
