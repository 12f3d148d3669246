"""The arrays that a batch of games is written into, round by round or game by game."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import BatchOutputs, HorizonArrays
from fg_core.errors import ConfigError
from fg_core.frozen import FrozenMapping
from fg_core.record import GameOutputs, IssuedForecast

from .array_play import ArrayPlay
from .array_round import ArrayRound
from .preparation import Setting
from .snapshot import BatchSnapshot

__all__ = ["BatchRecord", "BatchRequest", "Keep"]

Keep = Literal["components", "claims", "continuation"]

Array = NDArray[np.float64]
_PLAIN = ("prints", "attacks", "disturbances", "p_bad", "costs")
_FORECAST = ("mean", "variance", "score", "error")
_COMPONENTS = ("weights", "means", "scales")
_CLAIMS = ("deltas", "claimed")


@dataclass(frozen=True)
class BatchRequest:
    """What is wanted of a batch; see `ForecastGame.run_batch`.

    Raises:
        ConfigError: An option is out of range.
    """

    n_games: int
    keep: Collection[Keep]
    games_per_block: int
    memory_limit: int | None

    def __post_init__(self) -> None:
        for name in ("n_games", "games_per_block"):
            number = getattr(self, name)
            if isinstance(number, bool) or not isinstance(number, int) or number < 1:
                raise ConfigError(f"{name} must be a whole number >= 1, got {number!r}")
        unknown = sorted(set(self.keep) - set(get_args(Keep)))
        if unknown:
            known = ", ".join(get_args(Keep))
            raise ConfigError(f"keep knows {known}, got {unknown[0]!r}")


class BatchRecord:
    """Arrays of shape (round, game) or (round, column, game); a round is one piece of memory."""

    def __init__(
        self, setting: Setting, start: BatchSnapshot, n_rounds: int, request: BatchRequest
    ) -> None:
        self._setting = setting
        self._start = start
        self._request = request
        self._n_rounds = n_rounds
        agents = setting.registry
        self._names = agents.names
        self._hostile = frozenset(agent.name for agent in agents.adversaries)
        k = len(self._names)
        widths = dict.fromkeys(_FORECAST, 0)
        if "components" in request.keep:
            widths |= dict.fromkeys(_COMPONENTS, 2 * k if agents.defenders else k)
        if "claims" in request.keep:
            widths |= dict.fromkeys(_CLAIMS, k)
        self._widths = widths
        credited = [*self._names, *(agent.name for agent in agents.defenders)]
        if setting.disturbed:
            credited += [agent.name for agent in agents.adversaries]
        self._credited = credited if setting.attribution else []

    @property
    def needed_bytes(self) -> int:
        """How much memory the arrays take."""
        rows = len(_PLAIN) + 1 + len(self._credited)
        rows += len(self._setting.config.horizons) * sum(max(1, w) for w in self._widths.values())
        return 8 * rows * self._request.n_games * (self._n_rounds + 1)

    def allocate(self) -> None:
        """Make the arrays."""
        n, rounds = self._request.n_games, self._n_rounds
        self._path = np.empty((rounds + 1, n))
        self._plain = {name: np.zeros((rounds, n)) for name in _PLAIN}
        self._credit = {name: np.full((rounds, n), np.nan) for name in self._credited}
        self._spent = np.zeros(n)
        self._missing: dict[str, Array] = {}
        self._reasons: dict[str, dict[str, Array]] = {}
        self._weights: dict[int, Array] = {}
        fill = {"score": np.nan, "error": np.nan, "scales": 1.0}
        self._horizons = {
            h: {
                name: np.full((rounds, width, n) if width else (rounds, n), fill.get(name, 0.0))
                for name, width in self._widths.items()
            }
            for h in self._setting.config.horizons
        }

    def write_start(self, games: slice, values: Any) -> None:
        """Write the values that neighbouring games begin with."""
        self._path[0, games] = values

    # ------------------------------------------------------------------------------- as arrays

    def write_round(self, r: int, games: slice, done: ArrayRound) -> None:
        """Write one round of neighbouring games."""
        self._path[r + 1, games] = done.after.value
        self._plain["prints"][r, games] = done.printed
        self._plain["attacks"][r, games] = done.attack
        self._plain["disturbances"][r, games] = done.disturbance
        self._plain["p_bad"][r, games] = done.p_bad
        self._plain["costs"][r, games] = done.cost
        for h, forecast in done.issued.items():
            into = self._horizons[h]
            into["mean"][r, games] = forecast.mean
            into["variance"][r, games] = forecast.variance
            width = forecast.means.shape[1]
            for name in _COMPONENTS if "weights" in into else ():
                into[name][r, :width, games] = getattr(forecast, name).T
            for name in _CLAIMS if "deltas" in into else ():
                into[name][r, :, games] = getattr(done.used[h].actions, name).T
        for h, (score, error) in done.scored.items():
            self._horizons[h]["score"][r, games] = score
            self._horizons[h]["error"][r, games] = error
        for agent, credit in done.credit.items():
            self._credit[agent][r, games] = credit

    def write_end(self, games: slice, play: ArrayPlay) -> None:
        """Write what is known after the last round of neighbouring games."""
        self._spent[games] = play.spent
        for name, count in play.missing.items():
            self._missing_of(name)[games] = count
        for name, kinds in play.reasons.items():
            for kind, count in kinds.items():
                self._reasons_of(name, kind)[games] = count
        for h in play.learning.horizons:
            self._weights_of(h)[games] = play.learning.team.aggregator.weights_array(h)

    def _missing_of(self, name: str) -> Array:
        return self._missing.setdefault(name, np.zeros(self._request.n_games))

    def _reasons_of(self, name: str, kind: str) -> Array:
        kinds = self._reasons.setdefault(name, {})
        return kinds.setdefault(kind, np.zeros(self._request.n_games))

    def _weights_of(self, horizon: int) -> Array:
        empty = np.zeros((self._request.n_games, len(self._names)))
        return self._weights.setdefault(horizon, empty)

    # ----------------------------------------------------------------------------- game by game

    def write_game(self, i: int, out: GameOutputs) -> None:
        """Write one game that was played by itself."""
        unit_cost = self._setting.config.attack_cost / out.step_scale
        for r, step in enumerate(out.steps):
            self._path[r + 1, i] = step.target
            effort = 0.0
            for action in step.actions:
                effort += abs(action.delta) if action.actor in self._hostile else 0.0
            row = {
                "prints": step.observation.value,
                "attacks": step.attack,
                "disturbances": step.disturbance,
                "p_bad": step.issued[0].p_bad,
                "costs": unit_cost * effort,
            }
            for name, number in row.items():
                self._plain[name][r, i] = number
            for issued in step.issued:
                self._write_issued(r, i, issued)
            for item in step.scored:
                into = self._horizons[item.issued.horizon]
                paid_by_crps = self._setting.reward == "crps"
                into["score"][r, i] = item.crps if paid_by_crps else abs(item.error)
                into["error"][r, i] = item.error
            for agent, credit in self._credit.items():
                credit[r, i] = step.reward_breakdown.get(agent, np.nan)
        self._spent[i] = out.convergence["attack_spent"]
        for name, count in out.convergence["missing"].items():
            self._missing_of(name)[i] = count
        for name, kinds in out.convergence["missing_reasons"].items():
            for kind, count in kinds.items():
                self._reasons_of(name, kind)[i] = count
        for h, weights in out.weights.items():
            self._weights_of(h)[i] = [weights[name] for name in self._names]

    def _write_issued(self, r: int, i: int, issued: IssuedForecast) -> None:
        into, forecast = self._horizons[issued.horizon], issued.forecast
        into["mean"][r, i], into["variance"][r, i] = forecast.mean, forecast.variance
        if "deltas" in into:
            for j, action in enumerate(issued.actions):
                into["deltas"][r, j, i] = np.nan if action is None else action.delta
                silent = action is None or action.scale is None
                into["claimed"][r, j, i] = np.nan if silent else action.scale  # type: ignore[union-attr]
        if "weights" not in into:
            return
        parts = forecast.components
        rows = [([1.0], [forecast.mean], [max(forecast.scale, 1e-300)])]
        found: Any = rows[0] if parts is None else (parts.weights, parts.means, parts.scales)
        for name, numbers in zip(_COMPONENTS, found, strict=True):
            if len(numbers) > into[name].shape[1]:
                into[name] = _widened(into[name], len(numbers), 1.0 if name == "scales" else 0.0)
            into[name][r, : len(numbers), i] = numbers

    # ---------------------------------------------------------------------------------- the end

    def outputs(self, end: BatchSnapshot) -> BatchOutputs:
        """Return everything that was written, read-only, with the games first.

        Args:
            end: Where the games stopped; its standings may be left out.
        """
        setting = self._setting
        return BatchOutputs(
            _games_first(self._path[:-1]),
            _games_first(self._path[1:]),
            **{name: _games_first(array) for name, array in self._plain.items()},
            horizons=FrozenMapping(
                {
                    h: HorizonArrays(**{name: _games_first(array) for name, array in found.items()})
                    for h, found in self._horizons.items()
                }
            ),
            config=setting.config,
            seed=setting.seed,
            first_game=setting.game,
            first_t=self._start.t,
            step_scale=self._start.step_scale,
            reward=setting.reward,
            attack_spent=_games_first(self._spent),
            weights=FrozenMapping(self._weights),
            forecasters=self._names,
            missing=FrozenMapping(self._missing),
            attribution=FrozenMapping({a: _games_first(c) for a, c in self._credit.items()}),
            missing_reasons=FrozenMapping(
                {name: FrozenMapping(kinds) for name, kinds in self._reasons.items()}
            ),
            slow_agents=end.slow,
            notes=end.notes,
            continuation=end if "continuation" in self._request.keep else None,
        )


def _games_first(array: Array) -> Array:
    view = np.moveaxis(array, -1, 0)
    view.flags.writeable = False
    return view


def _widened(array: Array, width: int, fill: float) -> Array:
    rounds, old, n = array.shape
    wide = np.full((rounds, width, n), fill)
    wide[:, :old] = array
    return wide
