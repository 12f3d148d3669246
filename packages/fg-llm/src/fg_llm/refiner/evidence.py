"""Revealed forecasts as evidence: cut in time into three stretches, and scored under a strategy.

A strategy is played as `fg_core.agents.RefiningAgent` plays it: asked after every so many revealed
forecasts, its increment added to the correction in force, which is added to forecasts issued later
in units of the median scale of those that are kept. What a forecast is corrected by follows from
forecasts alone whose targets were revealed when it was issued. (The agent holds the sum between 0
and the mean error as well; here, where strategies are compared, nothing but the limit of the sum
holds it, so that one that only pushes is found out.)

The score is the CRPS of the corrected forecast, divided by its standard deviation, which was known
when it was issued: the score stays proper, and series of any unit have one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import MixtureArrays
from fg_core.errors import ConfigError
from fg_core.protocols import RevealedForecast
from fg_llm.strategy.program import Program

from .error_features import Moment, moment_of, standard_error, strategy_increment

__all__ = ["STRETCHES", "Course", "Evidence", "PlayRules", "RevealedPath", "Stretch"]

Array = NDArray[np.float64]
Stretch = Literal["short", "training", "validation", "sealed"]

STRETCHES: dict[Stretch, tuple[float, float]] = {
    "short": (0.0, 0.2),
    "training": (0.0, 0.5),
    "validation": (0.5, 0.75),
    "sealed": (0.75, 1.0),
}
"""Begin and end of each stretch as shares of a path; `short` is the cheap part of training."""


@dataclass(frozen=True)
class PlayRules:
    """How a strategy is played.

    Args:
        every: Revealed forecasts from one question to the next; at least 1.
        memory: Latest revealed forecasts that it is shown; at least 1.
        reveal_lag: Rounds after which a value is revealed, as in the game's settings.
        total_limit: Largest correction, in standard deviations of the forecasts.

    Raises:
        ConfigError: A number is out of its range.
    """

    every: int = 8
    memory: int = 64
    reveal_lag: int = 1
    total_limit: float = 3.0

    def __post_init__(self) -> None:
        for name in ("every", "memory", "reveal_lag"):
            number = getattr(self, name)
            if isinstance(number, bool) or not isinstance(number, int) or number < 1:
                raise ConfigError(f"{name} must be a whole number from 1 on, got {number!r}")
        if not 0.0 <= self.total_limit < np.inf:
            raise ConfigError(
                f"total_limit must be finite and at least 0, got {self.total_limit!r}"
            )


@dataclass(frozen=True)
class Course:
    """A strategy on one path.

    Args:
        corrections: Correction per question, in standard deviations; the first is that before any.
        clamped: Whether each increment was clamped, one per question.
        bias: What is added to each forecast, in the unit of the series.
    """

    corrections: Array
    clamped: tuple[bool, ...]
    bias: Array


@dataclass(frozen=True, eq=False)
class RevealedPath:
    """Revealed forecasts of one series or game, of one horizon, in the order of their origins.

    Args:
        outcomes: Revealed forecasts without any correction.
        rules: How strategies are played on them.

    Raises:
        ConfigError: Horizons differ, or origins do not increase.
        ForecastUnavailable: A forecast has no spread to measure errors by.
    """

    outcomes: tuple[RevealedForecast, ...]
    rules: PlayRules

    def __post_init__(self) -> None:
        object.__setattr__(self, "outcomes", tuple(self.outcomes))
        origins = [one.state.t for one in self.outcomes]
        if len({one.horizon for one in self.outcomes}) > 1:
            raise ConfigError("revealed forecasts of one path must have one horizon")
        if any(a >= b for a, b in pairwise(origins)):
            raise ConfigError(
                "revealed forecasts of one path must be in the order of their origins"
            )

    @cached_property
    def errors(self) -> Array:
        """Errors before any correction, in standard deviations."""
        return np.array([standard_error(one) for one in self.outcomes], dtype=np.float64)

    @cached_property
    def moments(self) -> tuple[Moment, ...]:
        """What a strategy sees at each question."""
        every, memory = self.rules.every, self.rules.memory
        ends = range(every, len(self.outcomes) + 1, every)
        return tuple(moment_of(self.outcomes[max(0, end - memory) : end]) for end in ends)

    @cached_property
    def asked_before(self) -> NDArray[np.intp]:
        """Number of questions that were answered when each forecast was issued."""
        origins = np.array([one.state.t for one in self.outcomes])
        late = self.outcomes[0].horizon + self.rules.reveal_lag if self.outcomes else 0
        known = np.searchsorted(origins, origins - late, side="right")
        return np.asarray(known // self.rules.every, dtype=np.intp)

    @cached_property
    def scales(self) -> Array:
        """Standard deviations of the forecasts, in the unit of the series."""
        return np.array([one.forecast.scale for one in self.outcomes])

    def part(self, stretch: Stretch) -> slice:
        """Return where a stretch lies."""
        begin, end = STRETCHES[stretch]
        n = len(self.outcomes)
        return slice(int(begin * n), int(end * n))

    def course(self, program: Program | None, end: int) -> Course:
        """Return a strategy's corrections of the first `end` forecasts; None corrects nothing."""
        if program is None or end == 0:
            return Course(np.zeros(1), (), np.zeros(end))
        asked = self.asked_before[:end]
        limit = self.rules.total_limit
        corrections, clamped, units = [0.0], [], [0.0]
        for moment in self.moments[: int(asked[-1])]:
            found = strategy_increment(program, moment, corrections[-1])
            corrections.append(max(-limit, min(limit, corrections[-1] + found.value)))
            clamped.append(bool(found.note))
            units.append(moment.scale)
        totals = np.array(corrections)
        return Course(totals, tuple(clamped), (totals * np.array(units))[asked])

    def scores(self, program: Program | None, stretch: Stretch) -> Array:
        """Return the scores of a stretch under a strategy, in standard deviations."""
        part = self.part(stretch)
        bias = self.course(program, part.stop).bias[part]
        return np.asarray(self._crps(part, bias) / self.scales[part])

    def _crps(self, part: slice, bias: Array) -> Array:
        """Return the CRPS of forecasts with a bias added: a forecast moves against its target."""
        if part.stop <= part.start:
            return np.zeros(0)
        key = f"_{part.start}:{part.stop}"
        if key not in self.__dict__:
            shown = self.outcomes[part]
            self.__dict__[key] = (
                MixtureArrays.of([one.forecast for one in shown]),
                np.array([one.target for one in shown]),
            )
        mixtures, targets = self.__dict__[key]
        return np.asarray(mixtures.crps(targets - bias))


@dataclass(frozen=True, eq=False)
class Evidence:
    """Revealed forecasts of one or many series.

    Args:
        paths: Paths, each cut at the same shares of its length.

    >>> from fg_core.testing.examples import example_outcomes
    >>> evidence = Evidence.of([example_outcomes(40)], PlayRules())
    >>> evidence.n, evidence.scores(None, "validation").shape
    (40, (10,))
    """

    paths: tuple[RevealedPath, ...]

    @classmethod
    def of(cls, episodes: Sequence[Sequence[RevealedForecast]], rules: PlayRules) -> Evidence:
        """Return the evidence of episodes, those without forecasts left out."""
        return cls(tuple(RevealedPath(tuple(one), rules) for one in episodes if one))

    @property
    def n(self) -> int:
        """Number of revealed forecasts."""
        return sum(len(path.outcomes) for path in self.paths)

    @property
    def horizon(self) -> int:
        """Horizon of the forecasts."""
        return self.paths[0].outcomes[0].horizon

    def scores(self, program: Program | None, stretch: Stretch) -> Array:
        """Return the mean score per period of a stretch, shape (period,).

        Series hang together, so the forecasts of a period are one observation. Paths are laid
        beside each other by the end of the stretch.
        """
        found = [path.scores(program, stretch) for path in self.paths]
        longest = max((len(one) for one in found), default=0)
        table = np.full((len(found), longest), np.nan)
        for row, one in zip(table, found, strict=True):
            row[longest - len(one) :] = one
        count = np.isfinite(table).sum(axis=0)
        return np.asarray(np.nansum(table, axis=0) / np.maximum(count, 1))
