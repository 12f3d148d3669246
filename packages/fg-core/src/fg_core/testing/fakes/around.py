"""A source, an evaluator and a scenario, as simple as can be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from fg_core.config import SimulationConfig
from fg_core.dataset import Dataset
from fg_core.errors import DataError
from fg_core.frozen import frozen_mapping
from fg_core.protocols import (
    Query,
    Requirement,
    ScenarioOutcome,
)
from fg_core.registry import AgentFactory, registry_from

__all__ = ["DistanceEvaluator", "FixedSource", "PassingScenario"]


@dataclass(frozen=True)
class FixedSource:
    """Delivers one dataset, as far as it was available by then.

    Args:
        dataset: Dataset that is delivered, as far as it was available.
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
class DistanceEvaluator:
    """Scores a configuration by how far one of its numbers is from the best one.

    It plays no game, but settings of which the given agents cannot be made have no score.

    >>> DistanceEvaluator("attack_cap", 0.5).evaluate(SimulationConfig(attack_cap=2.0))
    1.5
    """

    field_name: str
    best: float

    def evaluate(self, config: SimulationConfig, agents: AgentFactory | None = None) -> float:
        """Return the distance.

        Raises:
            ForecastGameError: The agents cannot be made.
        """
        if agents is not None:
            registry_from(agents(config))
        return abs(float(getattr(config, self.field_name)) - self.best)


@dataclass(frozen=True)
class PassingScenario:
    """A validation scenario that ends as it is told to.

    >>> PassingScenario().run(7).status
    'passed'
    """

    name: str = "passing"
    status: str = "passed"
    description: str = "nothing is checked, and the outcome is the one that was asked for"
    requires: tuple[Requirement, ...] = ()

    def run(self, seed: int) -> ScenarioOutcome:
        """Return the outcome."""
        message = "nothing to check"
        if self.status == "skipped":
            message = f"missing: {', '.join(need.name for need in self.requires)}"
        return ScenarioOutcome(self.status, message, frozen_mapping({"seed": float(seed)}))
