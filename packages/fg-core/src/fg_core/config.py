"""The settings of a game, validated where they are made."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field

from .errors import ConfigError
from .frozen import frozen_mapping

__all__ = ["SimulationConfig"]


@dataclass(frozen=True)
class SimulationConfig:
    """Settings of a game. Every field has a default; out-of-range values are errors.

    Args:
        horizon: Number of rounds (not the forecast horizon: that is `horizons`).
        max_rounds: Upper limit on the number of rounds, whatever is asked.
        max_round_timeout_s: Kept for compatibility, without effect: wall-clock time decides nothing
            in a game.
        base_noise_std: Standard deviation of the noise of a simulated world, per round.
        disturbance_prob: Probability of a disturbance in a round.
        disturbance_scale: Scale of disturbances, in units of the world (`World.unit`).
        adversarial_intensity: Multiplies disturbances, and the hits of the adversary of
            `default_agent_factory`. Adversaries that are handed over have sizes of their own.
        runtime_backend: Plugin name of the strategy runtime of `ForecastingAgent`.
        disturbance_model: Plugin name of the disturbance.
        defense_model: Plugin name of the default defender's defense, or of a defender.
        enable_refactor: Whether a refactorer corrects the mean revealed error.
        enable_llm_refactor: Whether a language model proposes the corrections.
        attack_cost: Cost of one unit (step scale) of attack for the adversaries.
        horizons: Forecast horizons, in rounds; rewards are those of the first.
        reveal_lag: Rounds until a value is revealed to the agents, at least 1.
        lookback: Number of earlier periods that agents see in `ForecastState.history`.
        attack_cap: Largest attack in one round, in step scales.
        attack_total: Largest sum of absolute attacks in one game, in step scales.
        step_scale: Standard deviation of one-step changes; None: from the training window.
        persistence: Share of a displacement that lasts a round in a replayed world (1 for a
            level, less for a rate); None: from the training window.
        observe_exogenous: Whether agents see `exogenous`.
        base_trend: Trend per round of a simulated world.
        coeff_map: Effect of (standardised) macro columns on a simulated world.
        refit_every: Forecasters are fitted anew at every n-th origin; 0: never in the game.
        train_window: Length of the window that fits see, in periods; None: all (expanding).
        fit_gap: Latest periods that fits do not see (embargo).
        season_length: Periods in a season; 1: no season.
        known_ahead: Names of the context columns that are known in advance, for agent factories
            that add forecasters for them. What states show of them comes from the world.

    Raises:
        ConfigError: A value is outside its range (also a ValueError).

    >>> SimulationConfig(disturbance_prob=1.5)
    Traceback (most recent call last):
    ...
    fg_core.errors.ConfigError: disturbance_prob must be in [0, 1], got 1.5
    """

    horizon: int = 100
    max_rounds: int = 200
    max_round_timeout_s: float = 1.0
    base_noise_std: float = 0.15
    disturbance_prob: float = 0.1
    disturbance_scale: float = 1.0
    adversarial_intensity: float = 1.0
    runtime_backend: str = "python"
    disturbance_model: str = "gaussian"
    defense_model: str = "innovation_gate"
    enable_refactor: bool = True
    enable_llm_refactor: bool = False
    attack_cost: float = 0.0
    _: KW_ONLY
    horizons: tuple[int, ...] = (1,)
    reveal_lag: int = 1
    lookback: int = 64
    attack_cap: float = 1.0
    attack_total: float = 10.0
    step_scale: float | None = None
    persistence: float | None = None
    observe_exogenous: bool = False
    base_trend: float = 0.4
    coeff_map: Mapping[str, float] = field(default_factory=lambda: frozen_mapping())
    refit_every: int = 0
    train_window: int | None = None
    fit_gap: int = 0
    season_length: int = 1
    known_ahead: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "horizons", tuple(self.horizons))
        except TypeError:
            raise ConfigError(
                f"horizons must be whole numbers in a tuple, got {self.horizons!r}"
            ) from None
        if not isinstance(self.coeff_map, Mapping):
            raise ConfigError(f"coeff_map must map columns to numbers, got {self.coeff_map!r}")
        object.__setattr__(self, "coeff_map", frozen_mapping(self.coeff_map))
        for column, effect in self.coeff_map.items():
            _number(f"coeff_map[{column!r}]", effect, "must be finite", lambda _: True)
        for name, low in _WHOLE.items():
            _whole(name, getattr(self, name), low)
        for name in _NOT_NEGATIVE:
            _number(name, getattr(self, name), "must be >= 0", lambda x: x >= 0.0)
        _number("base_trend", self.base_trend, "must be finite", lambda _: True)
        _number(
            "disturbance_prob", self.disturbance_prob, "must be in [0, 1]", lambda x: 0 <= x <= 1
        )
        _number("max_round_timeout_s", self.max_round_timeout_s, "must be > 0", lambda x: x > 0)
        if self.step_scale is not None:
            _number("step_scale", self.step_scale, "must be > 0", lambda x: x > 0)
        if self.persistence is not None:
            _number("persistence", self.persistence, "must be in [0, 1]", lambda x: 0 <= x <= 1)
        if self.train_window is not None:
            _whole("train_window", self.train_window, 2)
        for h in self.horizons:
            _whole("horizons", h, 1)
        if not self.horizons or len(set(self.horizons)) != len(self.horizons):
            raise ConfigError(f"horizons must be distinct and not empty, got {self.horizons}")
        named = self.known_ahead
        if not isinstance(named, tuple) or not all(isinstance(name, str) for name in named):
            raise ConfigError(f"known_ahead must be names of columns in a tuple, got {named!r}")
        for name in ("runtime_backend", "disturbance_model", "defense_model"):
            if not isinstance(getattr(self, name), str) or not getattr(self, name):
                raise ConfigError(f"{name} must be a plugin name, got {getattr(self, name)!r}")
        for name in ("enable_refactor", "enable_llm_refactor", "observe_exogenous"):
            if not isinstance(getattr(self, name), bool):
                raise ConfigError(f"{name} must be true or false, got {getattr(self, name)!r}")


_WHOLE = {
    "horizon": 0,
    "max_rounds": 0,
    "reveal_lag": 1,
    "lookback": 1,
    "refit_every": 0,
    "fit_gap": 0,
    "season_length": 1,
}
_NOT_NEGATIVE = (
    "base_noise_std",
    "disturbance_scale",
    "adversarial_intensity",
    "attack_cost",
    "attack_cap",
    "attack_total",
)


def _whole(name: str, value: object, low: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < low:
        raise ConfigError(f"{name} must be a whole number >= {low}, got {value!r}")


def _number(name: str, value: object, rule: str, holds: Callable[[float], bool]) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{name} {rule}, got {value!r}")
    try:
        number = float(value)
    except OverflowError:
        raise ConfigError(f"{name} is too large for a floating-point number") from None
    # An unlimited budget is a meaningful wish; an infinite anything else is not.
    unlimited = number == math.inf and name in ("attack_cap", "attack_total")
    if not (unlimited or (math.isfinite(number) and holds(number))):
        raise ConfigError(f"{name} {rule}, got {value!r}")
