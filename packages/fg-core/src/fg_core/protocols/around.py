"""Contracts of what stands around the game: source, executor, evaluator, validation scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from fg_core.config import SimulationConfig
from fg_core.dataset import Dataset
from fg_core.errors import ConfigError
from fg_core.frozen import frozen_mapping

__all__ = [
    "REQUIREMENT_KINDS",
    "DataSource",
    "Evaluator",
    "Executor",
    "Query",
    "Requirement",
    "ScenarioOutcome",
    "ValidationScenario",
]


@dataclass(frozen=True)
class Query:
    """Request to a data source.

    Args:
        series: Names of the series; empty: all that the source has by default.
        start: First period wanted; None: from the beginning.
        end: Last period wanted; None: to the end.
        seed: Seed for sources that make their numbers up.
        location: Path of the data, for sources that read what a user points at.
        options: Further options of a source, by name; each source says which it knows.
    """

    series: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    _: KW_ONLY
    seed: int = 7
    location: str = ""
    options: Mapping[str, str] = field(default_factory=lambda: frozen_mapping())

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", frozen_mapping(self.options))


REQUIREMENT_KINDS = ("extra", "data", "key", "program")
"""An optional dependency, a dataset, a key of a service, and a program to be run."""


@dataclass(frozen=True)
class Requirement:
    """Something that a validation scenario cannot run without, and how to get it.

    Args:
        kind: Kind of the requirement, one of `REQUIREMENT_KINDS`.
        name: Name of the requirement: `fg-agents[xgboost]`, `us_macro`, `FRED_API_KEY`, `ghc`.
        how: Way to get it, in one line.

    Raises:
        ConfigError: An unknown kind, or no name, or no word on how to get it.

    >>> str(Requirement("key", "FRED_API_KEY", "ask for one at fred.stlouisfed.org"))
    'key FRED_API_KEY (ask for one at fred.stlouisfed.org)'
    """

    kind: str
    name: str
    how: str

    def __post_init__(self) -> None:
        if self.kind not in REQUIREMENT_KINDS:
            kinds = ", ".join(REQUIREMENT_KINDS)
            raise ConfigError(f"the kind of a requirement is one of {kinds}, got {self.kind!r}")
        for name in ("name", "how"):
            text = getattr(self, name)
            if not isinstance(text, str) or not text.strip() or "\n" in text:
                raise ConfigError(f"{name} of a requirement must be one line of text, got {text!r}")

    def __str__(self) -> str:
        return f"{self.kind} {self.name} ({self.how})"


@dataclass(frozen=True)
class ScenarioOutcome:
    """Outcome of a validation scenario.

    Args:
        status: "passed", "failed" or "skipped".
        message: Message that says what was checked, what failed, or what is missing.
        figures: Measured numbers by name.
        skipped: Parts that were not run, each with what is missing for it, one of the requirements;
            of a scenario that passed or failed with the others.
    """

    status: str
    message: str
    figures: Mapping[str, float]
    _: KW_ONLY
    skipped: tuple[str, ...] = ()


@runtime_checkable
class DataSource(Protocol):
    """Delivers observations as they were known at a moment (`as_of`; None: all that is known)."""

    @property
    def name(self) -> str: ...
    def fetch(self, query: Query, as_of: datetime | None = None) -> Dataset: ...


@runtime_checkable
class Executor(Protocol):
    """Runs independent tasks.

    `stream(function, tasks)` yields `(position, result)` as results come, in any order, each
    position of `tasks` once. A task that raises yields its exception as the result and ends no
    other (so no task returns an exception). `map` returns the results in the order of the tasks
    and raises the exception of the first task that raised one; `fg_core.executors.ordered` makes
    a `map` of any `stream`. `function` is importable by name and pure, so that a task may run in
    another process, be run twice, and still give the one result. A stream that is closed early
    starts no further task.
    """

    @property
    def name(self) -> str: ...
    def stream(self, function: Any, tasks: Sequence[Any]) -> Iterator[tuple[int, Any]]: ...
    def map(self, function: Any, tasks: Sequence[Any]) -> list[Any]: ...


@runtime_checkable
class Evaluator(Protocol):
    """Scores a configuration; lower is better. Must not look at test data.

    `agents` makes the agents that play from the settings (an `AgentFactory` of
    `fg_core.registry`); None: those that the evaluator plays of its own accord.
    """

    def evaluate(
        self,
        config: SimulationConfig,
        agents: Callable[[SimulationConfig], Any] | None = None,
    ) -> float: ...


@runtime_checkable
class ValidationScenario(Protocol):
    """A named check of behaviour that can fail.

    `description` says in one line what is checked, `requires` what it cannot run without. Where
    something of that is missing, the outcome is "skipped" and names it; where only a part cannot be
    run, the part and what is missing stand in `ScenarioOutcome.skipped`. One that can also ask a
    service over the network has `run_live(seed)` beside `run`, which asks nobody.
    """

    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def requires(self) -> Sequence[Requirement]: ...
    def run(self, seed: int) -> ScenarioOutcome: ...
