"""Scenarios found, run one after the other, and what came of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from fg_core.errors import PluginLoadError, UnknownPluginError
from fg_core.frozen import frozen_mapping
from fg_core.plugins import Registry
from fg_core.protocols import ScenarioOutcome, ValidationScenario

from .due import due_beside

__all__ = ["ScenarioResult", "chosen_names", "load_scenario", "run_scenarios"]

_GROUP = "fg_core.scenarios"


@dataclass(frozen=True)
class ScenarioResult:
    """What came of one scenario.

    Args:
        name: Name of the scenario.
        package: Distribution that brings it.
        description: What it checks, in one line.
        outcome: Its outcome.
        seconds: How long it took.
    """

    name: str
    package: str
    description: str
    outcome: ScenarioOutcome
    seconds: float


def chosen_names(names: Sequence[str] = (), registry: Registry | None = None) -> tuple[str, ...]:
    """Return the scenarios that are meant.

    Args:
        names: Names; empty: all that are installed.
        registry: Scenarios to choose from; None: those that are installed.

    Returns:
        Names, each once, in the order given; of all in that of the alphabet.

    Raises:
        UnknownPluginError: There is no such scenario, or not yet; or none is installed.
    """
    scenarios = registry or Registry(_GROUP)
    there = scenarios.names()
    due = due_beside(there)
    for name in names:
        if name in due:
            raise UnknownPluginError(
                f"scenario {name!r} is not there yet: it comes {due[name]}; there are "
                f"{', '.join(there)}"
            )
        scenarios.distribution(name)
    if not there:
        raise UnknownPluginError("no scenario is installed")
    return tuple(dict.fromkeys(names)) or there


def load_scenario(name: str, registry: Registry | None = None) -> ValidationScenario:
    """Return a scenario by its name.

    Args:
        name: Name of its plugin.
        registry: Scenarios to choose from; None: those that are installed.

    Raises:
        PluginError: There is none, or it does not load.
        PluginLoadError: What loads is no scenario of that name.
    """
    found = (registry or Registry(_GROUP)).load(name)()
    if not isinstance(found, ValidationScenario) or found.name != name:
        raise PluginLoadError(
            f"plugin {name!r} of group {_GROUP} must be a ValidationScenario of that name, got "
            f"{type(found).__name__} {getattr(found, 'name', None)!r}"
        )
    return found


def run_scenarios(
    names: Sequence[str] = (),
    *,
    seed: int = 7,
    live: bool = False,
    registry: Registry | None = None,
    tell: Callable[[Exception], None] | None = None,
) -> Iterator[ScenarioResult]:
    """Run scenarios one after the other, each result as it comes.

    A scenario that does not load, or raises, has failed: that it could not end is what it shows.

    Args:
        names: Names of the scenarios; empty: all that are installed.
        seed: Seed of their random numbers.
        live: Whether those that can ask a service over the network (`run_live`) do so as well.
        registry: Scenarios to choose from; None: those that are installed.
        tell: Called with each exception that a scenario raises.

    Yields:
        One result per scenario.

    Raises:
        UnknownPluginError: As for `chosen_names`, before anything is run.
    """
    scenarios = registry or Registry(_GROUP)
    chosen = chosen_names(names, scenarios)
    return (_run(name, scenarios, seed, live, tell) for name in chosen)


def _run(
    name: str,
    scenarios: Registry,
    seed: int,
    live: bool,
    tell: Callable[[Exception], None] | None,
) -> ScenarioResult:
    brings = scenarios.distribution(name)
    start = time.perf_counter()
    description = ""
    try:
        scenario = load_scenario(name, scenarios)
        description = scenario.description
        run = getattr(scenario, "run_live", scenario.run) if live else scenario.run
        outcome: ScenarioOutcome = run(seed)
    except Exception as error:  # noqa: BLE001 - whatever a scenario raises is its failure, and told
        if tell is not None:
            tell(error)
        said = " ".join(str(error).split())
        text = f"raised {type(error).__name__}: {said}"
        outcome = ScenarioOutcome("failed", text, frozen_mapping({}))
    return ScenarioResult(name, brings, description, outcome, time.perf_counter() - start)
