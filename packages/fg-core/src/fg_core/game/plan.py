"""Which games are played together, and for how long; as they begin, or as they stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fg_core.blas import single_blas_thread
from fg_core.checkpoint import Checkpoint
from fg_core.errors import ConfigError
from fg_core.lookback import check_lookback
from fg_core.protocols import World
from fg_core.state import ForecastState

from .block import Block, begin, rows_before
from .groups import GameGroup, Slice, apart, slices_of
from .looking_ahead import look_ahead
from .panels import panel_slices, require_panel
from .preparation import Prepared, Setting, prepare, rounds_to_play
from .resume import require_same
from .schedule import Schedule

__all__ = ["Plan"]


class Plan:
    """Games as they begin or as they stopped: which are played together, and for how long.

    Args:
        setting: Settings, agents and nature of the games.
        groups: Games that begin alike.
        worlds: World of each group.
        seed: Seed of groups that name none.
        games_per_block: Largest number of games that are played together.
        resume: Checkpoint that they go on from; None: they begin.
        goes_on: Whether they may go on later: games whose worlds end, or tell their values, at
            different times are not played together then.
    """

    def __init__(
        self,
        setting: Setting,
        groups: Sequence[GameGroup],
        worlds: Sequence[World],
        seed: int,
        games_per_block: int,
        resume: Checkpoint | None,
        *,
        goes_on: bool = False,
    ) -> None:
        groups, worlds = look_ahead(setting.config, groups, worlds)
        self._setting = setting
        self._groups = groups
        self.worlds = worlds
        self._seed = seed
        self._prepared: list[Prepared] = []
        self._schedules: list[Schedule] = []
        described = _described(setting, groups, seed)
        if resume is not None:
            self.start = require_same(resume, described)
            self._slices: tuple[tuple[Slice, ...], ...] = tuple(
                block.slices for block in self.start.blocks
            )
            self.lengths: list[int] = [self._left(block) for block in self.start.blocks]
            return
        self.start = described
        rounds = [
            rounds_to_play(setting.config, group.initial, world, group.rounds)[0]
            for group, world in zip(groups, worlds, strict=True)
        ]
        sizes = [setting.series_together(one.n_games) for one in groups]
        self._schedules = [
            Schedule.of(
                world,
                setting.config.reveal_lag,
                group.initial.t,
                max(n, world.rounds(group.initial) or 0),
            )
            for group, world, n in zip(groups, worlds, rounds, strict=True)
        ]
        if setting.attribution and not all(one.is_plain for one in self._schedules):
            raise ConfigError(
                "agents cannot be credited in a world with vintages, where a value may be revised "
                "after it was scored: leave attribution out, or give attribution=False"
            )
        # Compared between groups alone: the past of a single one is looked up when it is prepared.
        before = [0]
        if len(groups) > 1:
            before = [
                rows_before(setting.config, group.initial, world, schedule, setting.reads_back)
                for group, world, schedule in zip(groups, worlds, self._schedules, strict=True)
            ]
        watching = setting.registry.panel_agents
        if watching:
            require_panel(watching, groups, worlds, rounds, before, self._schedules)
            self._slices = panel_slices(groups, games_per_block)
        else:
            kinds: list[object] = [
                (
                    group.initial.t,
                    n,
                    rows,
                    schedule,
                    self._later(group, world) if goes_on else None,
                    (id(world), id(group.initial)) if size == 1 else size,
                )
                for group, world, n, rows, schedule, size in zip(
                    groups, worlds, rounds, before, self._schedules, sizes, strict=True
                )
            ]
            kinds = apart(kinds, sizes)
            self._slices = slices_of(kinds, [one.n_games for one in groups], games_per_block)
        self.lengths = [rounds[block[0].group] for block in self._slices]

    def _later(self, group: GameGroup, world: World) -> tuple[int | None, Schedule | None]:
        """Return how many rounds the world allows, and its schedule as far as it is known."""
        allowed = world.rounds(group.initial)
        if allowed is None or not hasattr(world, "vintage"):
            return allowed, None
        lag, first_t = self._setting.config.reveal_lag, group.initial.t
        return allowed, Schedule.of(world, lag, first_t, allowed)

    def schedule(self, block: Block, rounds: int) -> Schedule:
        """Return when values are printed and settled in a block.

        Args:
            block: Games, as they begin or as they stopped.
            rounds: Number of (further) rounds that are played.

        Raises:
            ConfigError: Games that go on ask for forecasts further ahead than they began with.
        """
        config, places = self._setting.config, [one.group for one in block.slices]
        if self._schedules:
            return self._schedules[places[0]]
        end = block.played + rounds
        found, *others = [
            Schedule.of(world, config.reveal_lag, block.first_t, end)
            for world in {id(self.worlds[i]): self.worlds[i] for i in places}.values()
        ]
        if any(one != found for one in others):
            raise ConfigError(
                "the games to be resumed were played together, and values of their worlds now come "
                "out at different origins: play them in calls of their own"
            )
        wanted = found.distances(config.horizons, block.first_t, block.first_t + end)
        if not set(wanted) <= set(block.horizons):
            raise ConfigError(
                f"the games to be resumed forecast {block.horizons} periods ahead of the newest "
                f"value; their world now delays values so that {wanted} are needed"
            )
        return found

    @property
    def largest_block(self) -> int:
        """Largest number of games that are played together."""
        return max(sum(one.count for one in block) for block in self._slices)

    def _left(self, block: Block) -> int:
        """Return how many rounds the games of a block have before them.

        Raises:
            ConfigError: Some have more than others.
        """
        state: ForecastState = block.checkpoint.state.each[0]
        config, played = self._setting.config, block.played
        left = {
            rounds_to_play(
                config, state, self.worlds[one.group], self._groups[one.group].rounds, played
            )[0]
            for one in block.slices
        }
        if len(left) > 1:
            several = " or ".join(str(n) for n in sorted(left))
            raise ConfigError(
                f"the games to be resumed were played together, and have {several} rounds left: "
                "give all groups the same `rounds`, or play them in calls of their own"
            )
        return left.pop()

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks, each made when its turn comes."""
        if self.start.blocks:
            yield from self.start.blocks
            return
        prepared: dict[int, Prepared] = {}
        known: dict[tuple[int, int], Prepared] = {}
        for slices in self._slices:
            keys = {
                one.group: (id(self.worlds[one.group]), id(self._groups[one.group].initial))
                for one in slices
            }
            new: dict[tuple[int, int], int] = {}
            for number, key in keys.items():
                if key not in known:
                    new.setdefault(key, number)
            if new:
                known |= zip(new, self._prepare(list(new.values())), strict=True)
            prepared |= {number: known[key] for number, key in keys.items()}
            yield begin(self._setting, self._groups, self.worlds, prepared, slices, self._seed)

    def _prepare(self, numbers: Sequence[int]) -> list[Prepared]:
        """Return the start of the games of some groups, whose agents are fitted together."""
        config, first = self._setting.config, numbers[0]
        starts = [(self._groups[i].initial, self.worlds[i]) for i in numbers]
        schedule = self._schedules[first]
        rounds, _, _ = rounds_to_play(config, *starts[0], self._groups[first].rounds)
        with single_blas_thread():
            found = prepare(config, self._setting.registry, starts, schedule)
        # What is settled last decides how far a fit lies behind.
        slowest = replace(config, reveal_lag=max(1, schedule.longest_lag))
        for one in found:
            check_lookback(
                one.agents.forecasters,
                config if schedule.is_plain else slowest,
                rounds,
                one.horizons,
            )
        return found


def _described(setting: Setting, groups: Sequence[GameGroup], seed: int) -> Checkpoint:
    """Return the checkpoint of games that have not begun, without the games."""
    first = groups[0]
    return Checkpoint(
        setting.config,
        seed if first.seed is None else first.seed,
        first.game,
        n_games=sum(one.n_games for one in groups),
        initial=first.initial,
        rounds=0,
        disturbed=setting.disturbed,
        reward=setting.reward,
        attribution=setting.attribution,
        agents=tuple(agent.name for agent in setting.registry),
        groups=tuple(
            (one.initial, seed if one.seed is None else one.seed, one.game, one.n_games)
            for one in groups
        ),
        blocks=(),
    )
