"""A source, an executor, an evaluator and a scenario, as simple as can be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fg_core.config import SimulationConfig
from fg_core.errors import DataError
from fg_core.frozen import frozen_mapping
from fg_core.observation import Dataset
from fg_core.protocols import (
    Query,
    ScenarioOutcome,
)

__all__ = ["DistanceEvaluator", "FixedSource", "PassingScenario", "SerialExecutor"]


@dataclass(frozen=True)
class FixedSource:
    """Delivers one dataset, as far as it was available by then.

    Args:
        dataset: All there is.
        name: Name of the source.

    >>> from fg_core.testing.examples import example_dataset
    >>> len(FixedSource(example_dataset(8)).fetch(Query(("alpha",))))
    8
    """

    dataset: Dataset
    name: str = "fixed"

    def fetch(self, query: Query, as_of: datetime | None = None) -> Dataset:
        """Return the rows that are wanted and were available.

        Raises:
            DataError: An unknown series, or nothing was available.
        """
        for series in query.series:
            self.dataset.series(series)
        rows = tuple(
            row
            for row in self.dataset
            if (not query.series or row.series_id in query.series)
            and (query.start is None or row.timestamp >= query.start)
            and (query.end is None or row.timestamp <= query.end)
            and (as_of is None or row.available_at <= as_of)
        )
        if not rows:
            raise DataError(f"source {self.name!r} has no rows for {query} as of {as_of}")
        return replace(self.dataset, observations=rows)


@dataclass(frozen=True)
class SerialExecutor:
    """Runs one task after the other, here.

    >>> SerialExecutor().map(abs, [-2, 1])
    [2, 1]
    """

    name: str = "serial"

    def map(self, function: Callable[[Any], Any], tasks: Sequence[Any]) -> list[Any]:
        """Return the results in the order of the tasks."""
        return [function(task) for task in tasks]


@dataclass(frozen=True)
class DistanceEvaluator:
    """Scores a configuration by how far one of its numbers is from the best one.

    >>> DistanceEvaluator("attack_cap", 0.5).evaluate(SimulationConfig(attack_cap=2.0))
    1.5
    """

    field_name: str
    best: float

    def evaluate(self, config: SimulationConfig) -> float:
        """Return the distance."""
        return abs(float(getattr(config, self.field_name)) - self.best)


@dataclass(frozen=True)
class PassingScenario:
    """A validation scenario that ends as it is told to.

    >>> PassingScenario().run(7).status
    'passed'
    """

    name: str = "passing"
    status: str = "passed"

    def run(self, seed: int) -> ScenarioOutcome:
        """Return the outcome."""
        return ScenarioOutcome(
            self.status, "nothing to check", frozen_mapping({"seed": float(seed)})
        )
