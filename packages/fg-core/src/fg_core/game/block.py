"""A block of games that are played together: how it begins, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import StateArrays
from fg_core.config import SimulationConfig
from fg_core.protocols import World
from fg_core.state import ForecastState

from .adversary import Adversary
from .defender import Defender
from .draws import LaneSeed
from .groups import GameGroup, Slice
from .history import GameHistory
from .knowledge import Knowledge
from .learning import Learning
from .ledger import Ledger
from .play import Play
from .players import Players, players_of
from .preparation import Prepared, Setting
from .round_arrays import Counters
from .schedule import Schedule
from .team import Experts
from .vintage_ledger import VintageLedger
from .world_batch import WorldBatch, ask_world, states_of

__all__ = ["Block", "BlockCheckpoint", "begin", "play_of", "rows_before", "stopped"]

Array = NDArray[np.float64]
Lanes = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class BlockCheckpoint:
    """State of a block of games between two rounds.

    Args:
        state: Worlds' states, one lane per path.
        history: Record so far.
        knowledge: Knowledge of the experts.
        players: Adversaries and defenders.
        counters: Counters carried between rounds.
    """

    state: StateArrays
    history: GameHistory
    knowledge: Knowledge
    players: Players
    counters: Counters


@dataclass(frozen=True, eq=False)
class Block:
    """Games that are played together.

    Args:
        slices: Games of the block, by group.
        first_t: Number of the first period of the games.
        played: Number of rounds that they have played.
        seeds: Source of random numbers.
        path_of: Path of each game; None: each game has a path of its own.
        step_scale: One-step scale, one number or shape (game,), in the unit of the series.
        persistence: Persistence of displacements, one number or shape (path,).
        decimals: Resolution of what is reported, one number or shape (game,); None: none.
        slow: Names of the agents that are asked game by game.
        horizons: Horizons that forecasts are made for and learned from, in rounds.
        checkpoint: State of the games.
    """

    slices: tuple[Slice, ...]
    first_t: int
    played: int
    seeds: LaneSeed
    path_of: Lanes | None
    step_scale: Any
    persistence: Any
    decimals: Any
    slow: tuple[str, ...]
    horizons: tuple[int, ...]
    checkpoint: BlockCheckpoint

    @property
    def n_games(self) -> int:
        """Number of games."""
        return self.seeds.n

    @property
    def rows(self) -> slice | Lanes:
        """Places of the games among all games."""
        first = self.slices[0].row
        if first + self.n_games == self.slices[-1].row + self.slices[-1].count:
            return slice(first, first + self.n_games)
        return np.concatenate(
            [np.arange(one.row, one.row + one.count, dtype=np.intp) for one in self.slices]
        )


def begin(
    setting: Setting,
    groups: Sequence[GameGroup],
    worlds: Sequence[World],
    prepared: Mapping[int, Prepared],
    slices: tuple[Slice, ...],
    seed: int,
) -> Block:
    """Return a block of games before their first round.

    Args:
        setting: Settings, agents and nature of the games.
        groups: Games that begin alike.
        worlds: World of each group.
        prepared: Start that the games of each of these groups share, by number of the group.
        slices: Games of the block, by group.
        seed: Seed of groups that name none.

    Returns:
        Block in which no round has been played.
    """
    config = setting.config
    n = sum(one.count for one in slices)
    ours = [prepared[one.group] for one in slices]
    shared = (
        n > len(slices)
        and setting.shares_experts
        and setting.is_quiet
        and all(getattr(worlds[one.group], "replays", False) for one in slices)
    )
    # One lane per path: a slice where its games share their series, else a game.
    repeats = [1 if shared else one.count for one in slices]
    n_paths = sum(repeats)
    alike = len({id(one) for one in ours}) == 1
    per_path = ours[:1] if alike else _repeated(ours, repeats)
    per_game = ours[:1] if alike else _repeated(ours, [one.count for one in slices])
    path_of = None
    if shared:
        path_of = np.repeat(np.arange(len(slices), dtype=np.intp), [one.count for one in slices])
    initial = states_of(_repeated([groups[one.group].initial for one in slices], repeats))
    runs = []
    for one in slices:
        own = groups[one.group].seed
        runs.append((seed if own is None else own, groups[one.group].game + one.first, one.count))
    seeds = LaneSeed(tuple(runs))
    adversaries = players_of([one.agents.adversaries for one in per_game], n, "delta")
    defenders = players_of([one.agents.defenders for one in per_game], n, "act_array")
    past = [one.past for one in per_path]
    history = GameHistory.until(
        past,
        initial,
        _kept_rows(config, ours[0].schedule.longest_lag, min([len(one.training) for one in past])),
        n,
    )
    if path_of is not None:
        history = replace(history, reported=tuple(one[path_of] for one in history.values))
    return Block(
        slices,
        initial.t,
        0,
        seeds,
        path_of,
        _one_or_all([one.step_scale for one in per_game], n),
        _one_or_all([one.persistence for one in per_path], n_paths),
        None
        if all(one.decimals < 0 for one in per_game)
        else _one_or_all([one.decimals for one in per_game], n),
        ours[0].slow,
        ours[0].horizons,
        BlockCheckpoint(
            initial,
            history,
            Knowledge(
                Experts.of(
                    [one.agents for one in per_path],
                    n_paths,
                    seeds,
                    len(slices) if setting.registry.panel_agents else 1,
                )
            ),
            Players(
                tuple(Adversary(one, seeds) for one in adversaries),
                tuple(Defender(one.drawing("defender", seeds)) for one in defenders),
            ),
            Counters(),
        ),
    )


def rows_before(
    config: SimulationConfig,
    initial: ForecastState,
    world: World,
    schedule: Schedule,
    reads_back: int | None = None,
) -> int:
    """Return how many periods before games agents may see, of the first forecasts too.

    Games whose pasts differ in this cannot be played together. Where agents say how far back they
    read at most, and a past reaches that far, it counts as if it were long enough for the settings:
    played together, all games are then shown as many earlier values as that with the shortest past.

    Args:
        config: Settings of the games.
        initial: State that the games begin in.
        world: World in which the series moves.
        schedule: Periods in which values are printed and settled.
        reads_back: Number of earlier values that agents read at most; None: not known.

    Returns:
        Number of periods, at least 0.
    """
    lag = schedule.longest_lag
    if getattr(world, "replays", False):
        # A record: all of its earlier periods.
        known = initial.t - getattr(world, "first_t", 0)
    else:
        known = len(ask_world(world, "training", initial))
    if reads_back is not None and known >= reads_back + config.fit_gap + 2 * lag:
        return config.lookback + lag
    return _kept_rows(config, lag, known)


def _kept_rows(config: SimulationConfig, lag: int, known: int) -> int:
    return min(config.lookback + lag, known)


def _repeated(items: Sequence[Any], counts: Sequence[int]) -> list[Any]:
    return [item for item, count in zip(items, counts, strict=True) for _ in range(count)]


def _one_or_all(numbers: Sequence[Any], n: int) -> Any:
    if len(set(numbers)) == 1:
        return numbers[0]
    return np.repeat(numbers, n // len(numbers)) if len(numbers) < n else np.array(numbers)


def play_of(
    setting: Setting,
    block: Block,
    worlds: Sequence[World],
    *,
    schedule: Schedule,
    undefended: bool,
    crps: bool,
) -> Play:
    """Return the play of a block from where it stands.

    Args:
        setting: Settings, agents and nature of the games.
        block: Games that are played.
        worlds: World of each group.
        schedule: Periods in which values are printed and settled.
        undefended: Whether forecasts without any doubt are kept.
        crps: Whether every forecast is scored by its CRPS.

    Returns:
        Play that goes on after the last round of the block.
    """
    config, checkpoint = setting.config, block.checkpoint
    counts = [1 if block.path_of is not None else one.count for one in block.slices]
    ours = [worlds[one.group] for one in block.slices]
    moving = (ours[0],) if len({id(one) for one in ours}) == 1 else tuple(_repeated(ours, counts))
    options: Any = {
        "games": block.seeds.games,
        "lookback": config.lookback,
        "observe_exogenous": config.observe_exogenous,
    }
    ledger = (
        Ledger(checkpoint.history, block.path_of, **options)
        if schedule.is_plain
        else VintageLedger(
            checkpoint.history,
            block.path_of,
            worlds=moving,
            schedule=schedule,
            horizons=config.horizons,
            **options,
        )
    )
    learning = Learning(
        checkpoint.knowledge,
        ledger,
        block.path_of,
        config,
        block.first_t,
        schedule,
        block.horizons,
    )
    return Play(
        config,
        setting.registry.names,
        WorldBatch(moving, ledger.n_paths, partial(schedule.ahead, horizons=config.horizons)),
        learning,
        checkpoint.players,
        ledger,
        block.path_of,
        setting.disturbance,
        block.seeds,
        block.step_scale,
        block.persistence,
        block.decimals,
        setting.disturbed,
        setting.attribution,
        setting.reward,
        undefended,
        crps,
        checkpoint.counters,
    )


def stopped(block: Block, play: Play, state: StateArrays, rounds: int) -> Block:
    """Return a block where it stands after some more rounds.

    Args:
        block: Games before these rounds.
        play: Play of these rounds.
        state: States of the worlds after them.
        rounds: Number of rounds that were played.

    Returns:
        Block from which the games can go on.
    """
    history = play.ledger.history
    if play.config.refit_every == 0:
        # No agent looks further back than this from the next round on.
        history = history.since(play.schedule.settled(state.t) - play.config.lookback)
    return replace(
        block,
        played=block.played + rounds,
        checkpoint=BlockCheckpoint(
            state, history, play.learning.knowledge, play.players, play.counters
        ),
    )
