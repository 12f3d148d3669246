"""Scenario fans of a simulated world, plain or under attack."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import datetime
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core.batch.memory_limit import require_memory
from fg_core.calendar import closed_weekdays, own_frequency, target_periods
from fg_core.config import SimulationConfig
from fg_core.dataset import Dataset
from fg_core.errors import ConfigError, DataError
from fg_core.frozen import FrozenMapping
from fg_core.game import ForecastGame
from fg_core.nearest import nearest_first
from fg_core.observation import Observation
from fg_core.plugins import Registry
from fg_core.registry import AgentFactory, AgentRegistry, registry_from
from fg_core.rng import check_seed
from fg_core.state import ForecastState
from fg_core.transcendental import exp
from fg_core.worlds import SimulatedWorld

from .calibrating import Calibration, calibrate
from .outcomes import outcome_paths
from .percentiles import checked_percentiles
from .scenario_fan import FanSeries, ScenarioFan

__all__ = ["PERCENTILES", "ScenarioGenerator"]

Array = NDArray[np.float64]

PERCENTILES = (10.0, 25.0, 50.0, 75.0, 90.0)
"""Percentiles of a fan unless others are asked for."""

_FLOATS = 4
"""Arrays of the size of all paths that are in memory for each quantity of a fan."""


@dataclass(frozen=True)
class ScenarioGenerator:
    """Monte Carlo replications of a simulated world.

    Args:
        world: World in which the series moves.
        config: Settings of disturbances, and of the games of attacked fans.
        seed: Whole number in [0, 2^64); every random number follows from it.
        calibration: Record that the world was calibrated on: the fan then begins at its last row,
            and context is given in the units of its columns.
        series: What is known of the series, for tables and charts.

    Raises:
        ConfigError: A bad seed, or a world that is not simulated.

    >>> generator = ScenarioGenerator(SimulatedWorld(0.5, 1.0), seed=3)
    >>> start = ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0)
    >>> fan = generator.generate(start, n_paths=400, horizon=2)
    >>> fan.percentiles().shape, bool(abs(fan.percentiles()[0, 2] - 10.5) < 0.5)
    ((2, 5), True)
    """

    world: SimulatedWorld
    config: SimulationConfig = field(default_factory=SimulationConfig)
    seed: int = 7
    _: KW_ONLY
    calibration: Calibration | None = None
    series: FanSeries = field(default_factory=FanSeries)

    def __post_init__(self) -> None:
        check_seed(self.seed)
        if not isinstance(self.world, SimulatedWorld):
            raise ConfigError(
                f"fans are made of a SimulatedWorld, got a {type(self.world).__name__}"
            )

    @classmethod
    def calibrated(
        cls,
        data: Dataset | Sequence[Observation],
        series: str = "",
        columns: Sequence[str] = (),
        *,
        config: SimulationConfig | None = None,
        seed: int = 7,
        **options: Any,
    ) -> Self:
        """Return a generator whose world is calibrated on a recorded series.

        Args:
            data: A dataset, or the rows of one series.
            series: Name of the series in a dataset; empty: the only one.
            columns: Context columns that move the series.
            config: Settings of disturbances and games; None: those by default.
            seed: Seed of the paths.
            options: Options of `calibrate`.

        Returns:
            Generator whose fans begin at the last row.

        Raises:
            DataError: As for `calibrate`; no such series, or several, and none is named; or a
                column that is known in advance.
            ConfigError: As for `calibrate`.
        """
        described = FanSeries(series)
        rows = data
        if isinstance(data, Dataset):
            if not series and len(data.series_ids) > 1:
                raise DataError(f"a fan is of one series: name one of {', '.join(data.series_ids)}")
            name = series or data.series_ids[0]
            ahead = [column for column in columns if column in data.known_ahead]
            if ahead:
                raise DataError(
                    f"context {ahead[0]!r} is known in advance and moves the value of its own "
                    "period, and the world of a fan is moved by what was known a period before: a "
                    "forecast uses such columns"
                )
            rows = data.series(name)
            frequency = own_frequency([row.timestamp.date() for row in rows], data.frequency)
            described = FanSeries(name, data.units.get(name, ""), frequency)
        found = calibrate(rows, columns, **options)
        described = replace(described, name=found.series_id, values=found.values, times=found.times)
        settings = SimulationConfig() if config is None else config
        return cls(found.world, settings, seed, calibration=found, series=described)

    def generate(
        self,
        initial: ForecastState | None = None,
        n_paths: int = 10_000,
        horizon: int = 8,
        *,
        percentiles: Sequence[float] = PERCENTILES,
        given: Mapping[str, float | Sequence[float]] | None = None,
        disturbed: bool = False,
        agents: AgentRegistry | AgentFactory | None = None,
        first_path: int = 0,
        paths_per_block: int = 4096,
    ) -> ScenarioFan:
        """Simulate the series, and return its paths as a fan.

        Path g is game g of the seed: all quantities of a path have the same noise, so that they
        differ by disturbances and attacks alone. No bit depends on the size of the blocks.

        Args:
            initial: State that all paths begin in, in the unit that the world moves; None: the last
                row that it was calibrated on.
            n_paths: Number of paths, at least 1.
            horizon: Number of steps, at least 1.
            percentiles: Percentiles of the fan, above 0, below 100 and increasing.
            given: Path per context column, in the unit of the column: one number for all steps, or
                a number for each of the first steps, of which the last one lasts. The first is
                that of the period after `initial`, and so moves the value of the second step.
            disturbed: Whether nature disturbs, as `config` says, in a second quantity beside the
                clean outcome.
            agents: Agents that play in the world, adversaries among them, for the print and the
                forecast, or a factory of them; None: none.
            first_path: Number of the first path.
            paths_per_block: Number of paths that are simulated together.

        Returns:
            The fan: "clean" outcomes, "disturbed" ones where asked for; with agents, the "print"
            that they are shown of each period, and the mean of the "forecast" that they issue
            for it one period before, from the print of that.

        Raises:
            ConfigError: A number or percentile out of range, a column that the world does not
                have, paths that do not fit in memory, or a disturbance that no package provides.
            DataError: No initial state, or a value left the range of numbers.
            AgentError: An agent failed.

        >>> world = SimulatedWorld(0.0, 0.0, {"rate": -0.5})
        >>> start = ForecastState(0, 10.0, 0.0, 0.0, macro_context={"rate": 0.0})
        >>> fan = ScenarioGenerator(world).generate(start, 2, 3, given={"rate": (2.0, 4.0)})
        >>> fan.paths()[0].tolist()
        [10.0, 9.0, 7.0]
        """
        levels = checked_percentiles(percentiles)
        for name, number, least in (
            ("n_paths", n_paths, 1),
            ("horizon", horizon, 1),
            ("first_path", first_path, 0),
            ("paths_per_block", paths_per_block, 1),
        ):
            if isinstance(number, bool) or not isinstance(number, int) or number < least:
                raise ConfigError(f"{name} must be a whole number >= {least}, got {number!r}")
        start = self._start(initial)
        series, times = self._described(start, horizon)
        world = self._on_given_paths(start, given or {}, horizon)
        attacked = agents is not None
        names = ("clean",) + ("disturbed",) * disturbed + ("print", "forecast") * attacked
        require_memory(
            8 * _FLOATS * len(names) * n_paths * horizon,
            None,
            f"{n_paths:,} paths of {horizon} steps",
            "ask for fewer paths",
        )
        config = self.config if disturbed else replace(self.config, disturbance_prob=0.0)
        if agents is not None and not isinstance(agents, AgentRegistry):
            agents = registry_from(agents(config))
        found = {name: np.empty((horizon, n_paths)) for name in names}
        for begin in range(0, n_paths, paths_per_block):
            count = min(paths_per_block, n_paths - begin)
            block = self._block(world, start, config, first_path + begin, count, horizon, names)
            if agents is not None:
                block |= self._played(
                    world, start, config, agents, first_path + begin, count, horizon
                )
            for name, paths in block.items():
                found[name][:, begin : begin + count] = paths
        if self.calibration is not None and self.calibration.log:
            with np.errstate(over="ignore"):
                found = {name: np.asarray(exp(paths)) for name, paths in found.items()}
            if not all(np.isfinite(paths).all() for paths in found.values()):
                raise DataError("a value left the range of numbers: its logarithm is too large")
        for paths in found.values():
            paths.flags.writeable = False
        return ScenarioFan(
            FrozenMapping(found),
            levels,
            series,
            times,
            start.t,
            FrozenMapping({name: _as_path(name, path) for name, path in (given or {}).items()}),
        )

    def _start(self, initial: ForecastState | None) -> ForecastState:
        if initial is not None:
            return initial
        if self.calibration is None:
            raise DataError("a fan begins in a state: give `initial`, or calibrate the world")
        return self.calibration.initial

    def _on_given_paths(
        self, start: ForecastState, given: Mapping[str, Any], horizon: int
    ) -> SimulatedWorld:
        """Return the world with the context that is given for the periods to come."""
        if not given:
            return self.world
        paths = dict(self.world.context_paths)
        if paths and self.world.paths_from != start.t + 1:
            raise ConfigError(
                "the world has context paths of its own, which begin in another period than those "
                "that are given: give one of the two"
            )
        for name, one in given.items():
            if name not in self.world.coeff_map:
                known = ", ".join(nearest_first(name, self.world.coeff_map)) or "none"
                raise ConfigError(
                    f"context column {name!r} does not move this world, so that nothing can depend "
                    f"on it; columns that do (nearest first): {known}"
                )
            path = _as_path(name, one)
            if len(path) > horizon:
                raise ConfigError(
                    f"context {name!r} is given for {len(path)} steps, and the fan has {horizon}"
                )
            scale = self.calibration.columns[name] if self.calibration is not None else None
            paths[name] = path if scale is None else tuple(map(scale.standardised, path))
        return replace(self.world, context_paths=FrozenMapping(paths), paths_from=start.t + 1)

    def _block(
        self,
        world: SimulatedWorld,
        start: ForecastState,
        config: SimulationConfig,
        first: int,
        count: int,
        horizon: int,
        names: Sequence[str],
    ) -> dict[str, Array]:
        found = {}
        for name in ("clean", "disturbed"):
            if name in names:
                rule = None
                if name == "disturbed":
                    rule = Registry("fg_core.disturbances").load(config.disturbance_model)()
                found[name] = outcome_paths(
                    world,
                    start,
                    count,
                    horizon,
                    seed=self.seed,
                    first_path=first,
                    disturbance=rule,
                    config=config,
                )
        return found

    def _played(
        self,
        world: SimulatedWorld,
        start: ForecastState,
        config: SimulationConfig,
        agents: AgentRegistry,
        first: int,
        count: int,
        horizon: int,
    ) -> dict[str, Array]:
        """Return what is reported, and forecast one step before, of each period."""
        rounds = horizon + 1  # the last one for the print of the last period
        config = replace(config, horizons=(1,), max_rounds=max(rounds, config.max_rounds))
        game = ForecastGame(config, seed=self.seed, registry=agents, game=first)
        played = game.run_batch(start, count, rounds, world=world, reward="error")
        return {"print": played.prints[:, 1:].T, "forecast": played.means[:, :-1].T}

    def _described(
        self, start: ForecastState, horizon: int
    ) -> tuple[FanSeries, tuple[datetime, ...]]:
        """Return what is known of the series, and the times of the steps where they are."""
        known = self.series
        at_end = self.calibration is not None and start is self.calibration.initial
        if not (at_end and known.times and known.frequency):
            log = self.calibration is not None and self.calibration.log
            values = np.array([start.value], dtype=np.float64)
            return replace(known, values=np.asarray(exp(values)) if log else values, times=()), ()
        closed = closed_weekdays([time.date() for time in known.times])
        steps = range(1, horizon + 1)
        try:
            return known, target_periods(known.times[-1], known.frequency, steps, closed=closed)
        except OverflowError:
            raise ConfigError(
                f"horizon {horizon} goes beyond the end of the calendar; ask for fewer steps"
            ) from None


def _as_path(name: str, given: Any) -> tuple[float, ...]:
    """Return what is given of a column as one number per step."""
    several = isinstance(given, Sequence | np.ndarray) and not isinstance(given, str)
    try:
        path = tuple(map(float, given if several else (given,)))
    except (TypeError, ValueError):
        path = ()
    if not path or isinstance(given, str) or not all(map(math.isfinite, path)):
        raise ConfigError(
            f"context {name!r} must be given as a finite number, or one per step, got {given!r}"
        )
    return path
