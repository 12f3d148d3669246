"""A fan: simulated paths of a series, with percentiles at each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.batch.lazy import lazy
from fg_core.errors import ConfigError
from fg_core.frames import frame_of
from fg_core.frozen import frozen_mapping

from .percentiles import EventProbability, percentile_errors, percentiles_of_sorted

__all__ = ["FanSeries", "ScenarioFan"]

Array = NDArray[np.float64]

_SHOWN_VALUES = 60


@dataclass(frozen=True, eq=False)
class FanSeries:
    """What is known of the series of a fan, for tables and charts.

    Args:
        name: Name of the series.
        unit: Unit in words, such as "% a year".
        frequency: Frequency, such as "Q"; empty: steps are numbered, not dated.
        values: Values so far, shape (row,), in the unit of the series; the last one is where a fan
            begins.
        times: First moments of their periods.
    """

    name: str = ""
    unit: str = ""
    frequency: str = ""
    values: Array = field(default_factory=lambda: np.empty(0))
    times: tuple[datetime, ...] = ()


@dataclass(frozen=True, eq=False)
class ScenarioFan:
    """Simulated paths of a series, from which percentiles and probabilities follow.

    The quantities of a fan are, as far as they were asked for: "clean" and "disturbed" outcomes,
    the "print" that is reported of each period, and the mean of the "forecast" issued for it.
    Methods are of the outcome unless they are told otherwise: disturbed if there is one.

    Args:
        by_quantity: Paths by quantity, shape (step, path) each, in the unit of the series.
        levels: Percentiles that are shown.
        series: What is known of the series.
        times: First moments of the periods of the steps; empty: not known.
        start: Number of the period before the first step.
        given: Context that the paths are conditional on, by column, in its unit.

    >>> paths = np.array([[1.0, 2.0, 3.0], [1.0, 4.0, 9.0]])
    >>> fan = ScenarioFan({"clean": paths}, (50.0,))
    >>> fan.percentiles().tolist(), fan.probability(above=3.5).by_step.round(3).tolist()
    ([[2.0], [4.0]], [0.0, 0.667])
    """

    by_quantity: Mapping[str, Array]
    levels: tuple[float, ...]
    series: FanSeries = field(default_factory=FanSeries)
    times: tuple[datetime, ...] = ()
    start: int = 0
    given: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: frozen_mapping())

    def __repr__(self) -> str:
        of = f" of {self.series.name}" if self.series.name else ""
        return (
            f"<ScenarioFan{of}: {', '.join(self.quantities)}; {self.n_paths:,} paths, "
            f"{self.horizon} steps>"
        )

    @property
    def quantities(self) -> tuple[str, ...]:
        """Names of the quantities."""
        return tuple(self.by_quantity)

    @property
    def outcome(self) -> str:
        """Name of the quantity that methods are of unless told otherwise."""
        return "disturbed" if "disturbed" in self.by_quantity else "clean"

    @property
    def n_paths(self) -> int:
        """Number of paths."""
        return int(self.by_quantity[self.outcome].shape[1])

    @property
    def horizon(self) -> int:
        """Number of steps."""
        return int(self.by_quantity[self.outcome].shape[0])

    def paths(self, quantity: str = "") -> Array:
        """Return the paths of a quantity.

        Args:
            quantity: Name of the quantity; empty: the outcome.

        Returns:
            Shape (path, step), in the unit of the series, read-only.

        Raises:
            ConfigError: The fan has no such quantity.
        """
        return self.by_quantity[self._named(quantity)].T

    def percentiles(self, quantity: str = "", levels: Sequence[float] = ()) -> Array:
        """Return percentiles at each step; a higher one is never below a lower one.

        Args:
            quantity: Name of the quantity; empty: the outcome.
            levels: Percentiles above 0 and below 100, increasing; empty: those of the fan.

        Returns:
            Shape (step, percentile), in the unit of the series.

        Raises:
            ConfigError: The fan has no such quantity, or a percentile is out of range.
        """
        return percentiles_of_sorted(self._by_size(quantity), self._levels(levels))

    def errors(self, quantity: str = "", levels: Sequence[float] = ()) -> Array:
        """Return the Monte Carlo standard errors of the percentiles.

        Args:
            quantity: As for `percentiles`.
            levels: As for `percentiles`.

        Returns:
            Shape (step, percentile), in the unit of the series; NaN for a single path.

        Raises:
            ConfigError: As for `percentiles`.
        """
        return percentile_errors(self._by_size(quantity), self._levels(levels))

    def means(self, quantity: str = "") -> Array:
        """Return the mean of the paths at each step.

        Args:
            quantity: Name of the quantity; empty: the outcome.

        Returns:
            Shape (step,), in the unit of the series.

        Raises:
            ConfigError: The fan has no such quantity.
        """
        found: Array = np.mean(self.by_quantity[self._named(quantity)], axis=1)
        return found

    def probability(
        self, *, above: float | None = None, below: float | None = None, quantity: str = ""
    ) -> EventProbability:
        """Return the probability that values are above one limit, and below another.

        Args:
            above: Limit that values are above, in the unit of the series; None: any.
            below: Limit that values are below; None: any.
            quantity: Name of the quantity; empty: the outcome.

        Returns:
            Probabilities by step, and of at least one step, with Monte Carlo standard errors.

        Raises:
            ConfigError: No limit, one that is no number, or the fan has no such quantity.
        """
        if above is None and below is None:
            raise ConfigError("an event has a limit: give `above`, `below` or both")
        if any(limit is not None and np.isnan(limit) for limit in (above, below)):
            raise ConfigError("the limit of an event must be a number, got nan")
        values = self.by_quantity[self._named(quantity)]
        low = -np.inf if above is None else above
        high = np.inf if below is None else below
        return EventProbability.of((values > low) & (values < high))

    def columns(
        self, *, above: Sequence[float] = (), below: Sequence[float] = ()
    ) -> dict[str, list[Any]]:
        """Return the fan as columns of a table.

        Args:
            above: Limits in the unit of the series; the column of 3.0 is named "above_3" and holds
                the probability of more.
            below: Limits likewise; the column of 3.0 is named "below_3".

        Returns:
            Columns `unique_id`, `quantity`, `ds` (first day of the period; None where not known),
            `step`, `mean`, for each percentile `p10` and its Monte Carlo standard error
            `p10_error`, and the probabilities; a row per quantity and step.
        """
        names = [f"p{level:g}" for level in self.levels]
        found: dict[str, list[Any]] = {
            key: [] for key in ("unique_id", "quantity", "ds", "step", "mean")
        }
        for name in names:
            found |= {name: [], f"{name}_error": []}
        for kind, limits in (("above", above), ("below", below)):
            found |= {f"{kind}_{limit:g}": [] for limit in limits}
        days: list[Any] = [time.date() for time in self.times]
        days = days or [None] * self.horizon
        for quantity in self.quantities:
            found["unique_id"] += [self.series.name] * self.horizon
            found["quantity"] += [quantity] * self.horizon
            found["ds"] += days
            found["step"] += range(1, self.horizon + 1)
            found["mean"] += self.means(quantity).tolist()
            columns = zip(names, self.percentiles(quantity).T, self.errors(quantity).T, strict=True)
            for name, numbers, errors in columns:
                found[name] += numbers.tolist()
                found[f"{name}_error"] += errors.tolist()
            for limit in above:
                event = self.probability(above=limit, quantity=quantity)
                found[f"above_{limit:g}"] += event.by_step.tolist()
            for limit in below:
                event = self.probability(below=limit, quantity=quantity)
                found[f"below_{limit:g}"] += event.by_step.tolist()
        return found

    def to_frame(self, *, above: Sequence[float] = (), below: Sequence[float] = ()) -> Any:
        """Return the fan as a pandas data frame.

        Args:
            above: Limits, as for `columns`.
            below: Limits, as for `columns`.

        Returns:
            The columns of `columns`, with `ds` as timestamps.

        Raises:
            ConfigError: pandas is not installed (the extra fg-core[frames]).
        """
        return frame_of(self.columns(above=above, below=below))

    def plot(self, quantity: str = "", bands: Sequence[float] = (0.5, 0.8)) -> Any:
        """Return a chart of the last values and the fan of a quantity.

        Args:
            quantity: Name of the quantity; empty: the outcome.
            bands: Probabilities of the central intervals that are shaded, in (0, 1).

        Returns:
            A matplotlib figure; `.savefig("fan.png")` writes it.

        Raises:
            ConfigError: matplotlib is not installed (the extra fg-core[plot]), the fan has no such
                quantity, or a probability is out of range.
        """
        from fg_core.plotting import fan_chart

        name = self._named(quantity)
        wrong = [band for band in bands if not 0.0 < band < 1.0]
        if wrong or not len(bands):
            raise ConfigError(f"bands must be above 0 and below 1, got {list(bands)}")
        edges = {
            band: self.percentiles(name, (50.0 - 50.0 * band, 50.0 + 50.0 * band)) for band in bands
        }
        values = self.series.values[-_SHOWN_VALUES:]
        times: Sequence[Any] = self.series.times[-_SHOWN_VALUES:]
        ahead: Sequence[Any] = self.times
        medians = self.percentiles(name, (50.0,))[:, 0]
        if not ahead:  # periods are numbered
            ahead = range(self.start + 1, self.start + self.horizon + 1)
            times, values = (self.start,), values[-1:]
        conditions = ", ".join(
            f"{column} {_path_text(path)}" for column, path in self.given.items()
        )
        title = self.series.name
        if len(self.quantities) > 1:
            title = f"{title} ({name})".strip()
        if conditions:
            title += f" given {conditions}"
        return fan_chart(
            times,
            values,
            ahead,
            medians,
            edges,
            title=title,
            unit=self.series.unit,
        )

    def _levels(self, levels: Sequence[float]) -> Sequence[float]:
        return levels if len(levels) else self.levels

    def _named(self, quantity: str) -> str:
        name = quantity or self.outcome
        if name not in self.by_quantity:
            raise ConfigError(
                f"the fan has no quantity {name!r}; it has {', '.join(self.quantities)}"
            )
        return name

    @lazy
    def _sorted(self) -> dict[str, Array]:
        return {}

    def _by_size(self, quantity: str) -> Array:
        name = self._named(quantity)
        if name not in self._sorted:
            self._sorted[name] = np.sort(self.by_quantity[name], axis=1)
        return self._sorted[name]


def _path_text(path: tuple[float, ...]) -> str:
    """Return the numbers of a path, repeated ones once.

    >>> _path_text((5.0,)), _path_text((5.0, 4.0))
    ('5', '5, 4')
    """
    return f"{path[0]:g}" if len(set(path)) == 1 else ", ".join(f"{one:g}" for one in path)
