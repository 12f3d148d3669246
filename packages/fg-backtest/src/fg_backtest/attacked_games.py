"""Games under attack: scripts of hits on recorded series, played as one batch per defense."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from fg_core import (
    AgentRegistry,
    ConfigError,
    DefenderAgent,
    ForecastGame,
    RandomWalk,
    Registry,
    ScriptedAdversary,
)
from fg_core.agents import EventFlip, OnColumns, OneSidedHits, RandomHits, TwoQuarterHit
from fg_core.agents.by_name import defender_from_name, is_defender
from fg_core.defenses import STACK_PREFIX, defense_from_name
from fg_core.errors import UnknownPluginError
from fg_core.game import separation_reasons
from fg_core.game.batch_record import Keep
from fg_core.policies import Policy
from fg_core.protocols import Adversary, Defender

from .series_block import SeriesBlock

__all__ = ["AttackedSeries", "BlockUnderAttack", "adversary_named", "defenders_named", "started"]

Array = NDArray[np.float64]

NO_DEFENSE = "none"


def adversary_named(name: str, cap: float) -> Adversary:
    """Return an adversary by plugin name; hits of one size are as large as the cap.

    Args:
        name: name of a plugin of `fg_core.adversaries`.
        cap: largest hit, in step scales.

    Returns:
        The adversary, with its own settings.

    Raises:
        UnknownPluginError: There is no such plugin.
    """
    made: Adversary = Registry("fg_core.adversaries").load(name)()
    if isinstance(made, RandomHits | TwoQuarterHit | OneSidedHits | EventFlip | OnColumns):
        return replace(made, size=cap)
    return made


def defenders_named(name: str) -> tuple[Defender, ...]:
    """Return the defenders of a name.

    Args:
        name: "none"; a plugin of `fg_core.defenders`; a plugin of `fg_core.defenses`, or "stack:"
            with several of them, joined by "," or "+".

    Returns:
        Defenders that play in place of those of the line-up.

    Raises:
        ConfigError: A stack of fewer than two.
        UnknownPluginError: There is no such plugin.

    >>> defenders_named("none"), [one.name for one in defenders_named("clipping")]
    ((), ['clipping'])
    """
    if name == NO_DEFENSE:
        return ()
    if is_defender(name):
        return (defender_from_name(name),)
    joined = name.replace("+", ",")
    if name.startswith(STACK_PREFIX) and "," not in joined:
        raise ConfigError(
            f"{name!r} is a stack of one: join its defenses by +, as in stack:clipping+dampening"
        )
    try:
        defense = defense_from_name(joined)
    except UnknownPluginError as error:
        defenders = ", ".join(Registry("fg_core.defenders").names())
        raise UnknownPluginError(f"{name!r} is no defender ({defenders}) and {error}") from error
    return (DefenderAgent(defense, name),)


@dataclass(frozen=True)
class _From:
    """An adversary that is at work from one period on."""

    adversary: Any
    first_t: int

    @property
    def name(self) -> str:
        return str(self.adversary.name)

    def act(self, state: Any, budget: Any = None) -> Any:
        found = self.adversary.act(state, budget)
        return found if state.t >= self.first_t else replace(found, delta=0.0, context={})


@dataclass(frozen=True)
class _LearningFrom(_From):
    """The same of an adversary that is fitted and told of reveals."""

    learns_from_revisions: ClassVar[bool] = True

    def fit(self, window: Any) -> Any:
        return replace(self, adversary=self.adversary.fit(window))

    def update(self, revealed: Any) -> Any:
        return replace(self, adversary=self.adversary.update(revealed))


def started(adversary: Any, first_t: int) -> _From:
    """Return an adversary that is at work from one period on.

    Args:
        adversary: the adversary.
        first_t: number of the period.

    Returns:
        The adversary; one that learns still does so from the first round on.
    """
    learns = hasattr(adversary, "fit") and hasattr(adversary, "update")
    return (_LearningFrom if learns else _From)(adversary, first_t)


@dataclass(frozen=True, eq=False)
class AttackedSeries:
    """Games of one series; arrays have a row per script and a column per scored origin.

    Args:
        scores: CRPS by horizon and by the origin of the forecast, in the unit of the series; NaN
            where there is no target.
        units: size of the hits that counted, in step scales.
        step_scale: one-step scale, in the unit of the series.
        issued: distributions that were issued, by horizon; intervals are read off where they are
            asked for, since few games of a search are.
        targets: values that forecasts are scored against, by horizon; NaN where there is none.
    """

    scores: Mapping[int, Array]
    units: Array
    step_scale: float
    issued: Mapping[int, Any]
    targets: Mapping[int, Array]

    def covered(self, horizon: int, games: Any) -> Array:
        """Return whether targets were in the central 80 % interval, shape (scored origin,).

        Args:
            horizon: steps ahead.
            games: number of the game, or, where rounds separate, of that whose round is meant by
                scored origin.

        Returns:
            1.0 or 0.0; NaN where there is no target.
        """
        n = self.units.shape[1]
        where = (np.broadcast_to(games, (n,)), np.arange(n))
        ends = _intervals(self.issued[horizon], where)
        targets = self.targets[horizon][where]
        inside = (ends[:, 0] <= targets) & (targets <= ends[:, 1])
        return np.where(np.isnan(targets), np.nan, inside.astype(np.float64))


@dataclass(frozen=True, eq=False)
class BlockUnderAttack:
    """Series of a block that are played with scripts of hits.

    Args:
        game: settings and agents; its adversaries and defenders are not played.
        block: the series.
        policies: trained defenders and adversaries, by the name that they are played under.
    """

    game: ForecastGame
    block: SeriesBlock
    policies: Mapping[str, Policy] = field(default_factory=dict)

    def adversary(self, name: str, cap: float) -> Adversary:
        """Return the adversary of a policy, or of a plugin as `adversary_named` does."""
        if name in self.policies:
            trained: Adversary = self.policies[name].agent
            return trained
        return adversary_named(name, cap)

    def defenders(self, name: str) -> tuple[Defender, ...]:
        """Return the defender of a policy, or those that `defenders_named` returns."""
        return (self.policies[name].agent,) if name in self.policies else defenders_named(name)

    def first_scored(self, name: str) -> int:
        """Return the number of rounds of a series before those that are scored and hit."""
        schedule = self.block.schedules[name]
        return schedule.first_scored - schedule.first_played

    def counted(self, name: str) -> int:
        """Return the number of rounds of a series that are scored and hit."""
        return self.block.schedules[name].rounds - self.first_scored(name)

    def step_scales(self) -> dict[str, float]:
        """Return the one-step scale of the games on each series, in its unit."""
        config = replace(self._config(), horizons=(1,))
        game = ForecastGame(config, registry=AgentRegistry((RandomWalk(),)))
        groups = [replace(group, rounds=1) for group in self.block.groups()]
        out = game.run_groups(groups)
        scales = np.broadcast_to(out.step_scale, (out.n_games,)).tolist()
        return dict(zip(self.block.names, scales, strict=True))

    def scripts(
        self, adversary: Adversary, budget: float, cap: float, seeds: Sequence[int]
    ) -> dict[str, Array]:
        """Return the hits of an adversary on each series, which depend on no defense.

        Adversaries see the true series and their budget, and nothing of forecasts; so a game with
        the random walk alone has the same hits as any other.

        Args:
            adversary: the adversary, at work from the first scored origin on.
            budget: units that may be spent, in step scales.
            cap: largest hit, in step scales.
            seeds: seeds of the games.

        Returns:
            Hits in the unit of the series by its name, shape (seed, scored origin).
        """
        groups, begins = self.block.groups(), list(map(self.first_scored, self.block.names))
        by_first_hit: dict[int, list[int]] = {}
        for i, group in enumerate(groups):
            by_first_hit.setdefault(group.initial.t + begins[i], []).append(i)
        config = replace(self._config(), attack_cap=cap, attack_total=budget, horizons=(1,))
        found = {}
        for first_t, places in by_first_hit.items():
            delayed: Any = started(adversary, first_t)
            registry = AgentRegistry((RandomWalk(),), (delayed,))
            # Games of series have numbers of their own, so that hits on them are independent.
            out = ForecastGame(config, registry=registry).run_groups(
                [
                    replace(groups[i], seed=seed, game=crc32(self.block.names[i].encode()))
                    for i in places
                    for seed in seeds
                ]
            )
            for row, i in enumerate(places):
                name, begin = self.block.names[i], begins[i]
                rounds = slice(begin, self.block.schedules[name].rounds)
                found[name] = out.attacks[row * len(seeds) : (row + 1) * len(seeds), rounds]
        return found

    def reasons(self, defense: str) -> tuple[str, ...]:
        """Return why rounds do not separate with this defense, in words; empty: they do."""
        game = self._game(defense, ())
        return tuple(
            dict.fromkeys(
                reason
                for group in self.block.groups()
                if group.world is not None
                for reason in separation_reasons(game, group.world)
            )
        )

    def play(
        self,
        defense: str,
        scripts: Mapping[str, Array],
        columns: Mapping[str, Mapping[str, Array]] | None = None,
    ) -> dict[str, AttackedSeries]:
        """Play scripts of hits on each series, all of them as one batch with shared fits.

        Args:
            defense: name of the defense, as for `defenders_named`.
            scripts: hits in the unit of the series by its name, shape (script, scored origin),
                within the budget.
            columns: hits on context columns in the unit of the column, by name of the series and
                column, likewise; None: there are none.

        Returns:
            Scores by series.
        """
        groups, first = [], 0
        played = {name: rows for name, rows in scripts.items() if len(rows)}
        begun = dict(zip(self.block.names, self.block.groups(), strict=True))
        first_t = min(begun[name].initial.t for name in played)
        end = max(begun[name].initial.t + self.block.schedules[name].rounds for name in played)
        rows_of: dict[str, slice] = {}
        hits = np.zeros((sum(len(rows) for rows in played.values()), end - first_t))
        beside = {name: np.zeros_like(hits) for one in (columns or {}).values() for name in one}
        for name, rows in played.items():
            group = replace(begun[name], game=first, n_games=len(rows))
            rows_of[name] = slice(first, first + len(rows))
            begin = group.initial.t - first_t + self.first_scored(name)
            where = (rows_of[name], slice(begin, begin + rows.shape[1]))
            hits[where] = rows
            for column, on_it in (columns or {}).get(name, {}).items():
                beside[column][where] = on_it
            groups.append(group)
            first += len(rows)
        script = ScriptedAdversary(hits, first_t=first_t, context=beside)
        game = self._game(defense, (script,))
        keep: tuple[Keep, ...] = ("components",)
        out = game.run_groups(groups, keep=keep, games_per_block=max(first, 1))
        scales = np.broadcast_to(out.step_scale, (out.n_games,))
        found = {}
        for name, games in rows_of.items():
            begin, rounds = self.first_scored(name), self.block.schedules[name].rounds
            scale = float(scales[games.start])
            found[name] = AttackedSeries(
                {
                    h: _by_origin(one.score[games], h, begin, rounds)
                    for h, one in out.horizons.items()
                },
                np.abs(out.attacks[games, begin:rounds]) / scale,
                scale,
                {h: _part(one, (games, slice(begin, rounds))) for h, one in out.horizons.items()},
                {h: _by_origin(out.targets[games], h, begin, rounds) for h in out.horizons},
            )
        return found

    def _config(self) -> Any:
        # Nature is quiet, as in a backtest, so that all attacks on a series share its fits.
        return replace(
            self.game.config, disturbance_prob=0.0, attack_cap=np.inf, attack_total=np.inf
        )

    def _game(self, defense: str, adversaries: tuple[Adversary, ...]) -> ForecastGame:
        registry = replace(
            self.game.registry, adversaries=adversaries, defenders=self.defenders(defense)
        )
        if registry.panel_agents:
            raise ConfigError(
                f"{', '.join(registry.panel_agents)}: agents that see all series at once cannot be "
                "played under attack on one series; choose other agents"
            )
        return ForecastGame(self._config(), seed=self.game.seed, registry=registry)


def _by_origin(booked: Array, horizon: int, begin: int, rounds: int) -> Array:
    """Return what rounds booked by the origin of the forecast, from the first scored one on."""
    found = np.full((booked.shape[0], rounds - begin), np.nan)
    known = max(0, rounds - begin - horizon + 1)
    found[:, :known] = booked[:, begin + horizon - 1 : begin + horizon - 1 + known]
    return found


def _part(arrays: Any, where: Any) -> Any:
    """Return the distributions of some games and rounds."""
    calibration = arrays.calibration
    if calibration is not None:
        calibration = replace(calibration, parameters=calibration.parameters[where])
    return replace(
        arrays,
        weights=arrays.weights[where],
        means=arrays.means[where],
        scales=arrays.scales[where],
        calibration=calibration,
        shapes=None if arrays.shapes is None else arrays.shapes.map(lambda one: one[where]),
    )


def _intervals(issued: Any, where: Any) -> Array:
    """Return the ends of the central 80 % intervals, shape (round, 2)."""
    # A game of its own for each round: the arrays keep their axes of games and rounds.
    part = _part(issued, tuple(places[np.newaxis] for places in where))
    (ends,) = np.asarray(part.quantiles((0.1, 0.9)))
    return np.asarray(ends)
