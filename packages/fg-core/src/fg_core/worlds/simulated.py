"""A simulated series: the transition of the game with noise, and a past to fit on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import StateArrays
from fg_core.batch.lazy import lazy
from fg_core.batch.states import LaneContexts, contexts_of, known_ahead_of
from fg_core.config import SimulationConfig
from fg_core.errors import ConfigError
from fg_core.frozen import FrozenMapping, frozen_mapping, replace_unchecked
from fg_core.rng import Stream
from fg_core.segments import rescale_segments
from fg_core.state import ForecastState
from fg_core.transcendental import ndtr
from fg_core.transition import ExogenousLaw, evolve_by_law, evolved_numbers, next_context
from fg_core.window import TrainingWindow

__all__ = ["BURN_IN", "SimulatedWorld"]

BURN_IN = 80
"""Periods simulated before a game that comes without a history: agents fit on them."""

_ENOUGH_HISTORY = 12


@dataclass(frozen=True)
class SimulatedWorld:
    """Moves along `evolve_state`.

    What is known in advance is what the initial state says (`ForecastState.known_ahead`); nothing
    is known of later periods.

    Args:
        base_trend: Trend per round.
        noise_std: Standard deviation of the noise per round.
        coeff_map: Effect of (standardised) macro columns.
        seed: Seed of the burn-in. All games of one seed share their past; their futures differ.
        season_length: Handed to fits.
        exogenous_law: Law of the exogenous pressure.
        residuals: Noise that is drawn from instead of the normal distribution, each number as
            probable as any other, in the unit of the series; empty: normal noise. A larger normal
            draw is a larger residual.
        context_paths: Path per context column, one number per period, in the unit that `coeff_map`
            is for. A column stays at the last number of its path. Agents see each number in its
            own period, and not in advance.
        paths_from: Period of the first number of each path.

    Raises:
        ConfigError: Residuals or paths that are no finite numbers, or an empty path.

    >>> world = SimulatedWorld(0.4, 0.0)
    >>> state = ForecastState(t=0, value=1.0, exogenous=0.0, hidden_shift=0.0)
    >>> world.advance(state, noise=0.0, disturbance=0.0).value
    1.4
    >>> tight = SimulatedWorld(0.0, 0.0, {"rate": -0.5}, context_paths={"rate": (1.0, 2.0)})
    >>> for _ in range(4):
    ...     state = tight.advance(state, noise=0.0, disturbance=0.0)
    >>> state.value, dict(state.macro_context)
    (-1.5, {'rate': 2.0})
    """

    base_trend: float
    noise_std: float
    coeff_map: Mapping[str, float] = field(default_factory=lambda: frozen_mapping())
    seed: int = 7
    season_length: int = 1

    withheld: frozenset[str] = frozenset()
    _: KW_ONLY
    exogenous_law: ExogenousLaw = field(default_factory=ExogenousLaw)
    residuals: tuple[float, ...] = ()
    context_paths: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: frozen_mapping())
    paths_from: int = 1

    def __post_init__(self) -> None:
        residuals = _finite_numbers(self.residuals)
        if residuals is None:
            raise ConfigError("residuals of a simulated world must be finite")
        object.__setattr__(self, "residuals", residuals)
        if self.context_paths:
            paths = {name: _finite_numbers(path) for name, path in self.context_paths.items()}
            for name, path in paths.items():
                if not path:
                    raise ConfigError(
                        f"the path of context {name!r} must be finite numbers, one per period, got "
                        f"{self.context_paths[name]!r}"
                    )
            object.__setattr__(self, "context_paths", FrozenMapping(paths))

    @classmethod
    def from_config(cls, config: SimulationConfig, seed: int) -> Self:
        """Return the world that `config` describes."""
        return cls(
            config.base_trend,
            config.base_noise_std,
            config.coeff_map,
            seed,
            config.season_length,
        )

    def training(self, initial: ForecastState) -> TrainingWindow:
        """Return the past of `initial`.

        That is `initial.history` if it has at least 12 values. A shorter one is completed
        backwards by `BURN_IN` undisturbed periods of this very world, shifted as a whole so that
        they end where the known past begins: agents have something honest to fit on, and no
        variance has to be guessed.
        """
        known = initial.history
        if len(known) < _ENOUGH_HISTORY:
            known = (*self._burn_in(initial, known[0] if known else initial.value), *known)
        return TrainingWindow(np.array(known), initial.t - 1, season_length=self.season_length)

    def _burn_in(self, initial: ForecastState, end: float) -> list[float]:
        draws = Stream(self.seed, "burn-in")
        world = replace(self, context_paths=frozen_mapping()) if self.context_paths else self
        state = replace(initial, t=0, history=(), segment_values=frozen_mapping(), known_ahead=())
        path = []
        for i in range(BURN_IN):
            path.append(state.value)
            state = world.advance(state, noise=draws.normal(i), disturbance=0.0)
        shift = end - state.value
        return [value + shift for value in path]

    def rounds(self, initial: ForecastState) -> int | None:  # noqa: ARG002 - endless
        """Return None: a simulation never ends by itself."""
        return None

    def unit(self, step_scale: float) -> float:  # noqa: ARG002 - in the unit of the series
        """Return 1: disturbances of a simulated world are in the unit of the series."""
        return 1.0

    def advance(
        self,
        state: ForecastState,
        *,
        noise: float,
        disturbance: float,
        persistence: float = 1.0,  # noqa: ARG002 - displacements of records only
    ) -> ForecastState:
        """Return the next state; `noise` is a standard normal draw."""
        after = evolve_by_law(
            state,
            self.exogenous_law,
            base_trend=self.base_trend,
            noise=self._noise(noise),
            disturbance=disturbance,
            coeff_map=self.coeff_map,
        )
        if self.context_paths:
            after = replace(after, macro_context=self._on_paths(after.macro_context, after.t))
        if not after.segment_values:
            return after
        return replace(after, segment_values=rescale_segments(after.segment_values, after.value))

    def advance_array(
        self,
        state: StateArrays,
        *,
        noise: NDArray[np.float64],
        disturbance: NDArray[np.float64],
        persistence: float = 1.0,  # noqa: ARG002 - displacements of records only
    ) -> StateArrays:
        """Return what `advance` returns, for many games, without their segments."""
        value, exogenous = evolved_numbers(
            state,
            self.base_trend,
            self._noise(noise),
            disturbance,
            self.coeff_map,
            self.exogenous_law,
        )
        known: dict[str, Any] = {}
        if state.known_ahead:
            pairs = list(zip(state.contexts(), state.each_known_ahead(), strict=True))
            if any(pair[0] is not pairs[0][0] or pair[1] is not pairs[0][1] for pair in pairs):
                known["macro_context"] = contexts_of([next_context(*pair) for pair in pairs])
                known["known_ahead"] = known_ahead_of([ahead[1:] for _, ahead in pairs])
            else:
                known["macro_context"] = next_context(*pairs[0])
                known["known_ahead"] = pairs[0][1][1:]
        if self.context_paths:
            shown = known.get("macro_context", state.macro_context)
            known["macro_context"] = (
                contexts_of([self._on_paths(row, state.t + 1) for row in shown.rows])
                if isinstance(shown, LaneContexts)
                else self._on_paths(shown, state.t + 1)
            )
        return replace_unchecked(
            state,
            t=state.t + 1,
            value=value,
            exogenous=exogenous,
            hidden_shift=disturbance,
            history=(*state.history[1:], state.value) if state.history else (),
            **known,
        )

    @lazy
    def _sorted_residuals(self) -> NDArray[np.float64]:
        return np.sort(np.array(self.residuals, dtype=np.float64))

    def _noise(self, normal: Any) -> Any:
        """Return noise in the unit of the series, from standard normal draws."""
        if not self.residuals:
            return self.noise_std * normal
        n = len(self.residuals)
        places = np.minimum(n * ndtr(normal), n - 1).astype(np.intp)
        found = self._sorted_residuals[places]
        return float(found) if np.ndim(normal) == 0 else found

    def _on_paths(self, context: Mapping[str, float], t: int) -> Mapping[str, float]:
        """Return the context of period `t`, with the numbers that paths have for it."""
        i = t - self.paths_from
        if i < 0:
            return context
        given = {name: path[min(i, len(path) - 1)] for name, path in self.context_paths.items()}
        return FrozenMapping({**context, **given})


def _finite_numbers(given: Any) -> tuple[float, ...] | None:
    """Return numbers as floats; None: they are no finite numbers."""
    try:
        found = tuple(map(float, given))
    except (TypeError, ValueError):
        return None
    return found if all(map(math.isfinite, found)) else None
