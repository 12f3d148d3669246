"""A refiner in the refactorer's seat: asked now and then, kept on a short leash."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np

from fg_core.errors import AgentError, ConfigError, ForecastGameError
from fg_core.frozen import FrozenMapping, frozen_mapping
from fg_core.protocols import Refiner, RevealedForecast
from fg_core.reasons import add_reason, in_short

__all__ = ["ADJUSTMENT_LIMIT", "TOTAL_LIMIT", "RefiningAgent"]

ADJUSTMENT_LIMIT = 0.1
"""Largest adjustment of a refiner, in standard deviations of the forecasts that it corrects."""

TOTAL_LIMIT = 3.0
"""Largest sum of a refiner's increments, in the same standard deviations."""

_NOTHING_PROPOSED = "it proposed NaN, which is no adjustment"


@dataclass(frozen=True)
class RefiningAgent:
    """Corrects the pool by what a refiner proposes from revealed forecasts.

    After every `every` revealed forecasts of one horizon the refiner is shown the latest of them
    (at most `memory`, oldest first), and its proposal replaces the one before. A proposal is in
    standard deviations of the forecasts, so that one limit suits series of any unit: the bias is
    the proposal, cut to the limit, times the median standard deviation of the forecasts that the
    refiner was shown. It stays as it is until the refiner is asked again. Forecasts of other
    horizons are not corrected.

    A refiner with `propose_increment` adds to the adjustment in force instead, by at most the limit
    each time. The sum stays within `total_limit`, and between 0 and the mean error of the forecasts
    that are kept: whatever is proposed, it corrects no more than there is to correct.

    A refiner that has nothing to propose (NaN, or an error of ours such as `ForecastUnavailable`
    or `SourceUnavailableError`) leaves the pool uncorrected until it is asked again, or, where it
    goes by increments, the adjustment as it was; `fallbacks` says how often and why. Any other
    error is a fault of its program and ends the game.

    It has no array form: a batch asks game by game.

    Args:
        refiner: Proposes the adjustment.
        every: Revealed forecasts from one question to the next; at least 1.
        memory: Revealed forecasts that are kept, so the most that a refiner is shown; at least 1.
        horizon: Horizon of the forecasts that it is shown and that are corrected, in rounds.
        limit: Largest adjustment, or increment, in standard deviations; the refiner's own limit
            holds as well.
        total_limit: Largest sum of increments, in standard deviations.
        name: Name of the agent.
        outcomes: Revealed forecasts that are kept, oldest first; set by `update`.
        n_revealed: Number of revealed forecasts of this horizon so far; set by `update`.
        n_asked: Number of times that the refiner was asked; set by `update`.
        adjustment: Adjustment in force, in standard deviations; set by `update`.
        scale: Standard deviation that it is multiplied by, in the unit of the series; set by
            `update`.
        fallbacks: Number of times that the refiner was asked in vain, by reason; set by `update`.

    Raises:
        ConfigError: A number is out of its range.

    >>> from fg_core.testing.fakes import MeanErrorRefiner
    >>> from fg_core.testing.examples import example_outcomes
    >>> agent = RefiningAgent(MeanErrorRefiner(), every=4)
    >>> for outcome in example_outcomes(4):
    ...     agent = agent.update(outcome)
    >>> agent.n_asked, abs(agent.bias()) <= 0.1 * agent.scale
    (1, True)
    """

    refiner: Refiner
    _: KW_ONLY
    every: int = 8
    memory: int = 64
    horizon: int = 1
    limit: float = ADJUSTMENT_LIMIT
    total_limit: float = TOTAL_LIMIT
    name: str = "refiner"
    outcomes: tuple[RevealedForecast, ...] = field(default=(), repr=False)
    n_revealed: int = 0
    n_asked: int = 0
    adjustment: float = 0.0
    scale: float = 0.0
    fallbacks: Mapping[str, int] = field(default_factory=lambda: frozen_mapping())

    waits_for_reveals: ClassVar[bool] = True
    """It learns from revealed values alone: see `fg_core.protocols.Refactorer`."""

    def __post_init__(self) -> None:
        for name in ("every", "memory", "horizon"):
            number = getattr(self, name)
            if isinstance(number, bool) or not isinstance(number, int) or number < 1:
                raise ConfigError(f"{name} must be a whole number from 1 on, got {number!r}")
        for name in ("limit", "total_limit"):
            number = getattr(self, name)
            if not (math.isfinite(number) and number >= 0.0):
                raise ConfigError(f"{name} must be finite and at least 0, got {number!r}")
        object.__setattr__(self, "outcomes", tuple(self.outcomes))
        object.__setattr__(self, "fallbacks", frozen_mapping(self.fallbacks))

    def bias(self, horizon: int = 1) -> float:
        """Return what is added to forecasts of this horizon, in the unit of the series."""
        return self.adjustment * self.scale if horizon == self.horizon else 0.0

    def update(self, outcome: RevealedForecast) -> Self:
        """Return the agent after one forecast whose target is revealed.

        Raises:
            AgentError: The refiner failed otherwise than by an error of ours, or proposed
                something that is no number.
        """
        if outcome.horizon != self.horizon:
            return self
        kept = (*self.outcomes, outcome)[-self.memory :]
        learned = replace(self, outcomes=kept, n_revealed=self.n_revealed + 1)
        return learned._asked() if learned.n_revealed % self.every == 0 else learned

    def _asked(self) -> Self:
        """Return the agent with a new proposal, or with the reason for having none."""
        proposal, reason = self._proposal()
        if reason:
            counts = dict(self.fallbacks)
            add_reason(counts, in_short(f"refiner {self.refiner.name!r}: {reason}"))
            kept = self.adjustment if self._by_increments else 0.0
            return replace(
                self, n_asked=self.n_asked + 1, adjustment=kept, fallbacks=FrozenMapping(counts)
            )
        limit = min(self.limit, self.refiner.limit)
        adjustment = min(max(proposal, -limit), limit)
        scale = float(np.median([one.forecast.scale for one in self.outcomes]))
        if self._by_increments:
            adjustment = self._held(self.adjustment + adjustment, scale)
        return replace(self, n_asked=self.n_asked + 1, adjustment=adjustment, scale=scale)

    def _held(self, total: float, scale: float) -> float:
        """Return a sum of increments that goes no further than it may."""
        errors = [one.target - one.forecast.mean for one in self.outcomes]
        error = sum(errors) / len(errors) / scale if scale > 0.0 else 0.0
        low = max(min(0.0, error), -self.total_limit)
        return min(max(total, low), min(max(0.0, error), self.total_limit))

    @property
    def _by_increments(self) -> bool:
        return hasattr(self.refiner, "propose_increment")

    def _proposal(self) -> tuple[float, str]:
        """Return what the refiner proposes, and why it proposes nothing (else an empty text)."""
        name = self.refiner.name
        try:
            found: Any = (
                self.refiner.propose_increment(self.outcomes, self.adjustment)  # type: ignore[attr-defined]
                if self._by_increments
                else self.refiner.propose(self.outcomes)
            )
        except ForecastGameError as error:
            return math.nan, f"{type(error).__name__}: {error}"
        except Exception as error:
            raise AgentError(
                f"refiner {name!r} failed in propose(): {type(error).__name__}: {error}"
            ) from error
        if isinstance(found, bool) or not isinstance(found, Real):
            raise AgentError(
                f"refiner {name!r} proposed {found!r}: a number is wanted, in standard deviations "
                "of the forecasts (NaN for no adjustment)"
            )
        proposal = float(found)
        return proposal, _NOTHING_PROPOSED if math.isnan(proposal) else ""
