r"""The law of motion of a simulated series: one pure function.

$$\begin{aligned}
v' &= v + b + 0.4\,x + \varepsilon + d + \textstyle\sum_k c_k m_k \\
x' &= 0.6\,x + 0.2\,d \\
s' &= d
\end{aligned}$$

with value $v$, trend $b$, exogenous pressure $x$, noise $\varepsilon$, disturbance $d$, macro
coefficients $c_k$ on (standardised) macro values $m_k$, and hidden shift $s$. `ExogenousLaw` holds
0.4, 0.6 and 0.2, and a fourth number that is 0 unless said otherwise: how much of the noise goes
into the pressure, $x' = 0.6\,x + 0.2\,d + n\,\varepsilon$.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import ConfigError
from .frozen import FrozenMapping
from .state import ForecastState

__all__ = [
    "EXOGENOUS_EFFECT",
    "EXOGENOUS_PERSISTENCE",
    "ExogenousLaw",
    "evolve_by_law",
    "evolve_state",
    "evolved_numbers",
    "next_context",
]

EXOGENOUS_EFFECT = 0.4
EXOGENOUS_PERSISTENCE = 0.6
DISTURBANCE_TO_EXOGENOUS = 0.2


@dataclass(frozen=True)
class ExogenousLaw:
    """Law of the exogenous pressure: what it does to the value, and what becomes of it.

    With `from_noise` at 1 and no disturbances, changes of the value are an ARMA(1,1) process: the
    autoregressive coefficient is the persistence, and that of the moving average is effect minus
    persistence.

    Args:
        effect: Effect on the next value, per unit of pressure.
        persistence: Share of the pressure that lasts a period, in [-1, 1].
        from_disturbance: Pressure that a disturbance of 1 leaves.
        from_noise: Pressure that a noise of 1 leaves.

    Raises:
        ConfigError: A number is not finite, or the persistence is outside [-1, 1].
    """

    effect: float = EXOGENOUS_EFFECT
    persistence: float = EXOGENOUS_PERSISTENCE
    from_disturbance: float = DISTURBANCE_TO_EXOGENOUS
    from_noise: float = 0.0

    def __post_init__(self) -> None:
        for name in ("effect", "persistence", "from_disturbance", "from_noise"):
            if not math.isfinite(getattr(self, name)):
                raise ConfigError(f"{name} of the exogenous pressure must be finite")
        if abs(self.persistence) > 1.0:
            raise ConfigError(
                f"persistence of the exogenous pressure must be in [-1, 1], got {self.persistence}"
            )


_LAW = ExogenousLaw()


def evolve_state(
    state: ForecastState,
    *,
    base_trend: float,
    noise: float,
    disturbance: float,
    coeff_map: Mapping[str, float] | None = None,
) -> ForecastState:
    """Return the state one round later. Pure: equal arguments give equal results.

    Args:
        state: State now.
        base_trend: Trend per round.
        noise: Noise of this round, in the unit of the series.
        disturbance: Disturbance of this round, in the unit of the series.
        coeff_map: Effect per column of `state.macro_context`; columns that the state does not
            have count nothing (not yet published). Values are taken as they are: standardise
            them first, or a column in index points will swamp the rest.

    Returns:
        The next state. A `history` keeps its length: the oldest number leaves, `state.value`
        joins; an empty one stays empty. Segments and macro context stay as they were; a world
        that has segments rescales them to the new value. What is known in advance comes one
        period nearer, and the context takes over what was known of the new period.

    >>> state = ForecastState(t=0, value=10.0, exogenous=1.0, hidden_shift=0.0)
    >>> evolve_state(state, base_trend=0.4, noise=0.0, disturbance=0.0).value
    10.8
    """
    return evolve_by_law(
        state,
        _LAW,
        base_trend=base_trend,
        noise=noise,
        disturbance=disturbance,
        coeff_map=coeff_map,
    )


def evolve_by_law(
    state: ForecastState,
    exogenous_law: ExogenousLaw,
    *,
    base_trend: float,
    noise: float,
    disturbance: float,
    coeff_map: Mapping[str, float] | None = None,
) -> ForecastState:
    """Return what `evolve_state` does, with another law of the exogenous pressure.

    Args:
        state: State now.
        exogenous_law: Law of the exogenous pressure.
        base_trend: As for `evolve_state`.
        noise: As for `evolve_state`.
        disturbance: As for `evolve_state`.
        coeff_map: As for `evolve_state`.

    Returns:
        The next state.
    """
    value, exogenous = evolved_numbers(
        state, base_trend, noise, disturbance, coeff_map, exogenous_law
    )
    return ForecastState(
        state.t + 1,
        value,
        exogenous,
        disturbance,
        state.segment_id,
        state.segment_values,
        next_context(state.macro_context, state.known_ahead),
        (*state.history[1:], state.value) if state.history else (),
        n_unrevealed=state.n_unrevealed,
        displacement=state.displacement,
        game=state.game,
        known_ahead=state.known_ahead[1:],
    )


def next_context(
    context: Mapping[str, float], known_ahead: tuple[Mapping[str, float], ...]
) -> Mapping[str, float]:
    """Return the context of the next period: what was known of it in advance, else as it was.

    Args:
        context: Context of this period: number per column, in the unit of the column.
        known_ahead: Contexts of the periods that follow, as far as they are known in advance, as in
            `ForecastState`.

    Returns:
        Number per column, in the unit of the column.

    >>> next_context({"rate": 4.0, "sale": 0.0}, ({"sale": 1.0},))
    FrozenMapping({'rate': 4.0, 'sale': 1.0})
    """
    if not known_ahead or not known_ahead[0]:
        return context
    return FrozenMapping({**context, **known_ahead[0]})


def evolved_numbers(
    state: Any,
    base_trend: float,
    noise: Any,
    disturbance: Any,
    coeff_map: Mapping[str, float] | None,
    exogenous_law: ExogenousLaw = _LAW,
) -> tuple[Any, Any]:
    """Return the next value and the next exogenous pressure.

    Args:
        state: State of one game, or states of many as arrays.
        base_trend: Expected change per period without anything else, in the unit of the series.
        noise: Noise of this period, a number or shape (game,), in the unit of the series.
        disturbance: Disturbance of this period, likewise.
        coeff_map: Effect on the value per unit of a context column, by column; None: no effects.
        exogenous_law: Law of the exogenous pressure.

    Returns:
        Value and exogenous pressure, in the unit of the series; numbers, or shape (game,) each.
    """
    value = state.value + base_trend + exogenous_law.effect * state.exogenous + noise + disturbance
    if coeff_map:
        for name, coefficient in coeff_map.items():
            if name in state.macro_context:
                value = value + coefficient * state.macro_context[name]
    law = exogenous_law
    exogenous = law.persistence * state.exogenous + law.from_disturbance * disturbance
    if law.from_noise:
        exogenous = exogenous + law.from_noise * noise
    return value, exogenous
