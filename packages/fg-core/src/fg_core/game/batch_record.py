"""The arrays that a batch of games is written into, round by round or game by game."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import BatchOutputs, DoubtRecord, ForecastArrays, HorizonArrays, MixtureArrays
from fg_core.batch.calibration import CalibrationRule, QuantileCalibration
from fg_core.batch.kept_shapes import ShapeRecord
from fg_core.checkpoint import Checkpoint
from fg_core.distributions import ShapeArrays
from fg_core.errors import ConfigError
from fg_core.frozen import FrozenMapping

from .block import Block
from .play import Play
from .preparation import Setting
from .round_arrays import RoundArrays

__all__ = ["BatchRecord", "BatchRequest", "Keep"]

Keep = Literal["components", "claims", "doubts", "continuation"]

Array = NDArray[np.float64]
Games = slice | NDArray[np.intp]
_PLAIN = ("prints", "attacks", "disturbances", "p_bad", "costs")
_FORECAST = ("mean", "variance", "score", "error")
_COMPONENTS = ("weights", "means", "scales")
_FORECASTS = ("deltas", "stated_scales")
_DOUBT = ("delta", "p_bad", "scale")


@dataclass(frozen=True)
class BatchRequest:
    """Options of a batch; see `ForecastGame.run_batch`.

    Raises:
        ConfigError: An option is out of range.
    """

    keep: Collection[Keep]
    games_per_block: int
    memory_limit: int | None

    def __post_init__(self) -> None:
        number = self.games_per_block
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise ConfigError(f"games_per_block must be a whole number >= 1, got {number!r}")
        unknown = sorted(set(self.keep) - set(get_args(Keep)))
        if unknown:
            known = ", ".join(get_args(Keep))
            raise ConfigError(f"keep knows {known}, got {unknown[0]!r}")


class BatchRecord:
    """Arrays of shape (round, game) or (round, column, game); a round is one piece of memory.

    Args:
        setting: Settings, agents and nature of the games.
        n_games: Number of games.
        lengths: Number of rounds that the games of each block play.
        request: Arrays that are kept.
    """

    def __init__(
        self, setting: Setting, n_games: int, lengths: Sequence[int], request: BatchRequest
    ) -> None:
        self._setting = setting
        self._request = request
        self._n_rounds = max(lengths)
        self._is_even = len(set(lengths)) == 1
        self._n_games = n_games
        agents = setting.registry
        self._names = agents.names
        k = len(self._names)
        self._usual = list(self._names)
        if agents.defenders:
            self._usual += [f"{name}|replaced" for name in self._names]
        widths = dict.fromkeys(_FORECAST, 0)
        if "components" in request.keep:
            widths |= dict.fromkeys(_COMPONENTS, 2 * k if agents.defenders else k)
        if "claims" in request.keep:
            widths |= dict.fromkeys(_FORECASTS, k)
        self._widths = widths
        credited = [*self._names, *(agent.name for agent in agents.defenders)]
        if setting.disturbed:
            credited += [agent.name for agent in agents.adversaries]
        self._credited = credited if setting.attribution else []
        self._doubting = [agent.name for agent in agents.defenders if "doubts" in request.keep]

    @property
    def needed_bytes(self) -> int:
        """Memory that the arrays take."""
        rows = len(_PLAIN) + 1 + len(self._credited) + len(_DOUBT) * len(self._doubting)
        rows += len(self._setting.config.horizons) * sum(max(1, w) for w in self._widths.values())
        return 8 * rows * self._n_games * (self._n_rounds + 1)

    def allocate(self) -> None:
        """Make the arrays."""
        n, rounds = self._n_games, self._n_rounds
        # Where all games are equally long, every place is written.
        blank: Any = np.empty if self._is_even else partial(np.full, fill_value=np.nan)
        self._path = blank((rounds + 1, n))
        self._plain = {name: blank((rounds, n)) for name in _PLAIN}
        self._credit = {name: np.full((rounds, n), np.nan) for name in self._credited}
        self._doubts = {
            name: {part: np.full((rounds, n), np.nan) for part in _DOUBT} for name in self._doubting
        }
        self._spent = np.zeros(n)
        self._doubted = np.zeros(n)
        self._missing: dict[str, Array] = {}
        self._reasons: dict[str, dict[str, Array]] = {}
        self._unavailable: dict[int, dict[tuple[int, int], dict[str, str]]] = {
            h: {} for h in self._setting.config.horizons
        }
        self._calibrations: dict[int, tuple[CalibrationRule, Array]] = {}
        self._stating: dict[int, set[str]] = {h: set() for h in self._setting.config.horizons}
        self._shapes = {h: ShapeRecord(n, rounds) for h in self._setting.config.horizons}
        self._stated = {h: ShapeRecord(n, rounds) for h in self._setting.config.horizons}
        self._labels: dict[int, list[str]] = {h: [] for h in self._setting.config.horizons}
        self._weights: dict[int, Array] = {}
        self._step_scale = np.full(n, np.nan)
        self._first_t = np.zeros(n, dtype=np.intp)
        fill = {"weights": 0.0, "means": 0.0, "scales": 1.0}

        def made(name: str, width: int) -> Array:
            if name in ("mean", "variance"):
                array: Array = blank((rounds, n))
                return array
            shape = (rounds, width, n) if width else (rounds, n)
            return np.full(shape, fill.get(name, np.nan))

        self._horizons = {
            h: {name: made(name, width) for name, width in self._widths.items()}
            for h in self._setting.config.horizons
        }

    def write_start(self, games: Games, block: Block, values: Array) -> None:
        """Write what games of a block begin with.

        Args:
            games: Places of the games in the batch.
            block: Games that are played together.
            values: Values of the series, shape (game,), in its unit.
        """
        self._path[0, games] = values
        self._step_scale[games] = block.step_scale
        self._first_t[games] = block.first_t + block.played

    def write_round(self, r: int, games: Games, done: RoundArrays) -> None:
        """Write one round of the games of a block."""
        self._path[r + 1, games] = done.targets
        self._plain["prints"][r, games] = done.reported
        self._plain["attacks"][r, games] = done.attack
        self._plain["disturbances"][r, games] = done.disturbance
        self._plain["costs"][r, games] = done.cost
        for h, issued in done.issued.items():
            into, forecast = self._horizons[h], issued.forecast
            self._plain["p_bad"][r, games] = issued.p_bad
            into["mean"][r, games] = forecast.mean
            into["variance"][r, games] = forecast.variance
            stated = issued.experts.forecast_arrays.shapes
            if stated is not None:
                self._stating[h] |= self._stating_of(issued.experts.forecast_arrays)
                if "deltas" in into:
                    places, k = np.arange(self._n_games)[games], np.arange(len(self._names))
                    self._stated[h].write(r, places, k, stated)
            if "weights" in into:
                self._write_components(h, r, games, forecast)
            for name in _FORECASTS if "deltas" in into else ():
                into[name][r][:, games] = getattr(issued.experts.forecast_arrays, name).T
            if "deltas" in into and not issued.experts.forecast_arrays.is_full:
                self._write_reasons(h, r, games, issued.experts.forecast_arrays)
        for h, (_, score, error) in done.scored.items():
            self._horizons[h]["score"][r, games] = score
            self._horizons[h]["error"][r, games] = error
        if self._doubts and done.response.doubts:
            # One per defender, in the order of the registry.
            for parts, doubt in zip(self._doubts.values(), done.response.doubts, strict=True):
                for part in _DOUBT:
                    parts[part][r, games] = getattr(doubt, part)
        for agent, credit in done.credit.items():
            self._credit[agent][r, games] = credit

    def _stating_of(self, forecast_arrays: ForecastArrays) -> set[str]:
        """Return the names of the forecasters that state a distribution in some game."""
        if forecast_arrays.shapes is None:
            return set()
        some = np.flatnonzero(forecast_arrays.shapes.stated.any(axis=0))
        return {self._names[i] for i in some.tolist()}

    def _write_components(self, h: int, r: int, games: Games, forecast: MixtureArrays) -> None:
        """Write the components of forecasts, each into the column of its label."""
        into, known = self._horizons[h], self._labels[h]
        labels = list(forecast.labels) or [f"component {i}" for i in range(forecast.means.shape[1])]
        if not known and set(labels) <= set(self._usual):
            # A column of its own for each from the start: parts of games that are resumed are
            # joined column by column, and not each of them has every branch.
            known += self._usual
        if known[: len(labels)] == labels or not known:
            columns: Any = slice(0, len(labels))
            known[: len(labels)] = labels
        else:
            known += [label for label in labels if label not in known]
            columns = np.array([known.index(label) for label in labels], dtype=np.intp)
        for name in _COMPONENTS:
            if len(known) > into[name].shape[1]:
                into[name] = _widened(into[name], len(known), 1.0 if name == "scales" else 0.0)
            parts = getattr(forecast, name).T
            if isinstance(columns, slice):
                into[name][r][columns, games] = parts
            else:
                places = np.arange(self._n_games)[games]
                into[name][r][columns[:, np.newaxis], places] = parts
        if forecast.shapes is not None:
            at = np.arange(len(labels)) if isinstance(columns, slice) else columns
            self._shapes[h].write(r, np.arange(self._n_games)[games], at, forecast.shapes)
        if forecast.calibration is not None and forecast.calibration.adapts:
            self._write_calibration(h, r, games, forecast.calibration)

    def _write_calibration(
        self, h: int, r: int, games: Games, calibration: QuantileCalibration
    ) -> None:
        """Write how quantiles were adapted; NaN where they were not."""
        width = calibration.parameters.shape[-1]
        if h not in self._calibrations:
            parameters = np.full((self._n_rounds, width, self._n_games), np.nan)
            self._calibrations[h] = calibration.rule, parameters
        self._calibrations[h][1][r][:, games] = calibration.parameters.T

    def _write_reasons(
        self, horizon: int, r: int, games: Games, forecast_arrays: ForecastArrays
    ) -> None:
        places = np.arange(self._n_games)[games]
        for i in forecast_arrays.absentees:
            name = self._names[i]
            for reason, lanes in forecast_arrays.why_absent(i).items():
                for place in places[lanes].tolist():
                    said = self._unavailable[horizon].setdefault((place, r), {})
                    said[name] = reason

    def write_end(self, games: Games, play: Play) -> None:
        """Write what is known after the last round of the games of a block."""
        self._spent[games] = play.tampering.spent
        self._doubted[games] = play.doubted
        for name, count in play.missing.items():
            self._missing_of(name)[games] = count
        for name, kinds in play.reasons.items():
            for kind, count in kinds.items():
                self._reasons_of(name, kind)[games] = count
        experts = play.learning.experts
        for h in play.learning.horizons:
            found = experts.aggregator.weights(h, self._names)
            if found is not None:
                spread = found if play.path_of is None else found[play.path_of]
                self._weights_of(h)[games] = spread

    def _missing_of(self, name: str) -> Array:
        return self._missing.setdefault(name, np.zeros(self._n_games))

    def _reasons_of(self, name: str, kind: str) -> Array:
        kinds = self._reasons.setdefault(name, {})
        return kinds.setdefault(kind, np.zeros(self._n_games))

    def _weights_of(self, horizon: int) -> Array:
        empty = np.zeros((self._n_games, len(self._names)))
        return self._weights.setdefault(horizon, empty)

    # ---------------------------------------------------------------------------------- the end

    def outputs(
        self, end: Checkpoint, slow: tuple[str, ...], notes: tuple[str, ...]
    ) -> BatchOutputs:
        """Return everything that was written, read-only, with the games first.

        Args:
            end: Checkpoint where the games stopped; its blocks may be left out.
            slow: Names of the agents that were asked game by game.
            notes: Remarks for a reader.
        """
        setting = self._setting
        return BatchOutputs(
            _games_first(self._path[:-1]),
            _games_first(self._path[1:]),
            **{name: _games_first(array) for name, array in self._plain.items()},
            horizons=FrozenMapping(
                {
                    h: HorizonArrays(
                        **{name: _games_first(array) for name, array in found.items()},
                        unavailable=FrozenMapping(
                            {at: FrozenMapping(why) for at, why in self._unavailable[h].items()}
                        ),
                        labels=tuple(self._labels[h]),
                        stating=tuple(n for n in self._names if n in self._stating[h]),
                        calibration=self._calibration(h),
                        shapes=self._shapes_of(h, found),
                        stated_shapes=self._stated[h].arrays(len(self._names)),
                    )
                    for h, found in self._horizons.items()
                }
            ),
            config=setting.config,
            seed=end.seed,
            first_game=end.game,
            first_t=_one_if_alike(self._first_t),
            step_scale=_one_if_alike(self._step_scale),
            reward=setting.reward,
            attack_spent=_games_first(self._spent),
            prints_doubted=_games_first(self._doubted),
            weights=FrozenMapping(self._weights),
            forecasters=self._names,
            missing=FrozenMapping(self._missing),
            attribution=FrozenMapping({a: _games_first(c) for a, c in self._credit.items()}),
            missing_reasons=FrozenMapping(
                {name: FrozenMapping(kinds) for name, kinds in self._reasons.items()}
            ),
            doubts=FrozenMapping(
                {
                    name: DoubtRecord(**{part: _games_first(one) for part, one in parts.items()})
                    for name, parts in self._doubts.items()
                }
            ),
            slow_agents=slow,
            notes=notes,
            continuation=end if "continuation" in self._request.keep else None,
        )

    def _shapes_of(self, horizon: int, found: Mapping[str, Array]) -> ShapeArrays | None:
        if "weights" not in found:
            return None
        return self._shapes[horizon].arrays(found["weights"].shape[1])

    def _calibration(self, horizon: int) -> QuantileCalibration | None:
        if horizon not in self._calibrations:
            return None
        rule, parameters = self._calibrations[horizon]
        return QuantileCalibration(rule, _games_first(parameters))


def _one_if_alike(numbers: NDArray[Any]) -> Any:
    """Return the number that all games share, or the numbers of each."""
    if (numbers == numbers[0]).all():
        return numbers[0].item()
    numbers.setflags(write=False)
    return numbers


def _games_first(array: Array) -> Array:
    view = np.moveaxis(array, -1, 0)
    view.flags.writeable = False
    return view


def _widened(array: Array, width: int, fill: float) -> Array:
    rounds, old, n = array.shape
    wide = np.full((rounds, width, n), fill)
    wide[:, :old] = array
    return wide
