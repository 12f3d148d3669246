"""Agents for a backtest: the default ones and those of plugins, and what agents are called."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fg_core import (
    AgentFactory,
    AgentRegistry,
    ConfigError,
    Registry,
    SimulationConfig,
    default_agent_factory,
)
from fg_core.errors import PluginLoadError
from fg_core.policies import Policy, PolicySource, load_policies
from fg_core.protocols import Aggregator, Forecaster
from fg_core.registry import registry_from

from .runtimes import RUNTIME, runtime_forecaster

__all__ = [
    "BENCHMARK",
    "ENSEMBLE",
    "EQUAL_WEIGHTS",
    "AgentsWith",
    "LineUp",
    "WithPolicies",
    "agents_named",
    "contenders",
    "default_line_up",
    "describe",
    "describe_factory",
    "forecasters_of",
    "line_up_notes",
    "line_up_of",
    "with_policies",
]

BENCHMARK = "random_walk"
"""Name of the forecaster that skill is measured against."""

EQUAL_WEIGHTS = "equal_weights"
"""Name of the equal-weight pool of the forecasters' own forecasts."""

ENSEMBLE = "ensemble"
"""Name of the forecast that the game issued."""

_BASELINES = "baselines"
_BEST = "default"

# What docs/research says of how line-ups were chosen: on no other source was anything.
_CHOSEN_ON = {
    ("us_macro", name): text
    for name, text in (
        *(
            (
                name,
                f"Settings of {name} were chosen on us_macro with targets before 1985, where its "
                "scores are too good; none was chosen on later ones.",
            )
            for name in (_BASELINES, _BEST)
        ),
        (
            "macro",
            "Settings of macro were chosen on us_macro with targets before 1985, and its "
            "forecasters by a study that had seen later ones, so that its scores are too good.",
        ),
    )
}


@dataclass(frozen=True)
class AgentsWith:
    """An agent factory: the default agents, with an aggregator and more forecasters by plugin name.

    Args:
        aggregator: Name of a plugin of `fg_core.aggregators`.
        forecasters: Names of plugins of `fg_core.forecasters`, which join the default ones.

    >>> AgentsWith("pool", ("seasonal_naive",))(SimulationConfig()).names
    ('random_walk', 'drift', 'ar4', 'ar', 'seasonal_naive')
    """

    aggregator: str = "pool"
    forecasters: tuple[str, ...] = ()

    def __call__(self, config: SimulationConfig) -> AgentRegistry:
        """Return the agents.

        Raises:
            UnknownPluginError: No plugin of that name is installed.
            PluginLoadError: A plugin is not an aggregator, or not a forecaster.
            ConfigError: A forecaster has the name of a default one.
        """
        agents = replace(default_agent_factory(config), aggregator=_aggregator(self.aggregator))
        return _joined(agents, self.forecasters)


@dataclass(frozen=True)
class LineUp:
    """An agent factory: those of a line-up by plugin name, perhaps with others beside them.

    Args:
        name: Name of a plugin of `fg_core.lineups`.
        aggregator: Name of a plugin of `fg_core.aggregators`; empty: that of the line-up.
        forecasters: Names of plugins of `fg_core.forecasters`, which join those of the line-up.

    >>> LineUp("baselines")(SimulationConfig()).names
    ('random_walk', 'drift', 'ar4', 'ar')
    """

    name: str
    aggregator: str = ""
    forecasters: tuple[str, ...] = ()

    def __call__(self, config: SimulationConfig) -> AgentRegistry:
        """Return the agents.

        Raises:
            UnknownPluginError: No plugin of that name is installed.
            PluginLoadError: A plugin is not what its group says.
            ConfigError: A forecaster has the name of another one.
        """
        factory = Registry("fg_core.lineups").load(self.name)()
        agents = registry_from(factory(config))
        if self.aggregator:
            agents = replace(agents, aggregator=_aggregator(self.aggregator))
        return _joined(agents, self.forecasters)


@dataclass(frozen=True)
class WithPolicies:
    """An agent factory: the agents of another one, with trained policies among them.

    Args:
        factory: factory of the other agents.
        policies: policies, as `AgentRegistry.with_policies` takes them.
    """

    factory: AgentFactory
    policies: tuple[Policy, ...]

    def __call__(self, config: SimulationConfig) -> AgentRegistry:
        """Return the agents.

        Raises:
            ConfigError: Two policies that cannot play together, or an agent with the name of
                another.
        """
        return registry_from(self.factory(config)).with_policies(*self.policies)


def with_policies(
    factory: AgentFactory, sources: Iterable[PolicySource], *, log: bool = False
) -> AgentFactory:
    """Return an agent factory with trained policies among its agents.

    Args:
        factory: factory of the other agents.
        sources: paths of policy files, or policies; none: the factory is returned as it is.
        log: whether logarithms are played.

    Returns:
        The factory.

    Raises:
        ArtifactError: A file is missing, damaged, no policy, or made for other features.
        UnknownPluginError: No loader of its format is installed.
        ConfigError: An adversary, which plays under attack alone, or policies where logarithms are
            played, on which none is trained.
    """
    policies = load_policies(sources)
    for one in policies:
        if log:
            raise ConfigError(
                f"policy {one.name!r} was trained on values as they are reported: leave log out"
            )
        if one.role == "adversary":
            raise ConfigError(
                f"policy {one.name!r} is an adversary, which plays under attack alone: "
                "fg-backtest --attack, or price_of_attack"
            )
    return WithPolicies(factory, policies) if policies else factory


def agents_named(
    line_up: str | None = None, aggregator: str = "", forecasters: tuple[str, ...] = ()
) -> AgentsWith | LineUp:
    """Return the agent factory of a line-up by name.

    Args:
        line_up: name of a line-up; "baselines" are the default agents of the game; None: that of
            `default_line_up`.
        aggregator: name of what combines the forecasters; empty: that of the line-up.
        forecasters: names of forecasters that join those of the line-up.

    Returns:
        Factory of the agents, which a backtest calls with the settings of each game.
    """
    name = default_line_up() if line_up is None else line_up
    if name == _BASELINES:
        return AgentsWith(aggregator or "pool", forecasters)
    return LineUp(name, aggregator, forecasters)


def default_line_up() -> str:
    """Return the name of the line-up that plays where the user does not choose one.

    It is "default" where a package that brings it is installed (fg-agents), since on economic
    series that it was not tuned on it forecasts better than "baselines", which is always there
    (docs/performance.md, which also says where it does not). Commands, `backtest` and `forecast`
    all ask here.

    Returns:
        Name of a plugin of `fg_core.lineups`.
    """
    return _BEST if _BEST in Registry("fg_core.lineups").names() else _BASELINES


def line_up_of(factory: AgentFactory) -> str:
    """Return the name of the line-up that a factory makes.

    Args:
        factory: function or object that makes the agents.

    Returns:
        Name of a plugin of `fg_core.lineups`; empty: the agents are the user's own.

    >>> line_up_of(agents_named("baselines")), line_up_of(lambda config: None)
    ('baselines', '')
    """
    if isinstance(factory, WithPolicies):
        return line_up_of(factory.factory)
    if isinstance(factory, LineUp):
        return factory.name
    ours = isinstance(factory, AgentsWith) or factory is default_agent_factory
    return _BASELINES if ours else ""


def line_up_notes(name: str, source: str) -> tuple[str, ...]:
    """Return the notes on a line-up below the tables.

    Args:
        name: name of the line-up, as `line_up_of` returns it.
        source: name of the source of the data.

    Returns:
        Sentences on who plays, and on settings that were chosen on these very data; empty where the
        agents are the user's own.
    """
    if not name:
        return ()
    rule = (
        f" Unless --agents names another, it is {_BEST} where fg-agents is installed, else "
        f"{_BASELINES}."
    )
    chosen = _CHOSEN_ON.get((source, name), "")
    notes = f"Line-up: {name}.{rule if name in (_BEST, _BASELINES) else ''}", chosen
    return tuple(note for note in notes if note)


def _aggregator(name: str) -> Aggregator:
    made = Registry("fg_core.aggregators").load(name)()
    if not isinstance(made, Aggregator):
        raise PluginLoadError(
            f"plugin {name!r} of fg_core.aggregators makes a {type(made).__name__}, which is not "
            "an aggregator: it needs `name`, `start`, `aggregate` and `update`"
        )
    return made


def _joined(agents: AgentRegistry, names: tuple[str, ...]) -> AgentRegistry:
    """Return the agents with more forecasters, by plugin name."""
    more: list[Forecaster] = []
    for name in names:
        one = _forecaster(name)
        if one.name in (*agents.names, *(other.name for other in more)):
            raise ConfigError(
                f"forecaster {name!r}: one named {one.name!r} is there already; there are "
                f"{', '.join(agents.names)}"
            )
        more.append(one)
    return replace(agents, forecasters=(*agents.forecasters, *more)) if more else agents


def _forecaster(name: str) -> Forecaster:
    if name.startswith(RUNTIME):
        return runtime_forecaster(name)
    made = Registry("fg_core.forecasters").load(name)()
    if not isinstance(made, Forecaster):
        raise PluginLoadError(
            f"plugin {name!r} of fg_core.forecasters makes a {type(made).__name__}, which is not a "
            "forecaster: it needs `name` and `act(state, horizon=1)`"
        )
    return made


def contenders(registry: AgentRegistry) -> tuple[str, ...]:
    """Return the names of the rows of a table: forecasters, equal weights, ensemble.

    Args:
        registry: agents of the backtest.

    Returns:
        Names of the rows, in the order of the table; the ensemble is last.

    Raises:
        ConfigError: The benchmark is missing, or a forecaster has the name of another row.
    """
    names = registry.names
    if BENCHMARK not in names:
        raise ConfigError(
            f"no forecaster is named {BENCHMARK!r}, which skill is measured against; there are "
            f"{', '.join(names)}: add fg_core.RandomWalk() to them"
        )
    for name in (EQUAL_WEIGHTS, ENSEMBLE):
        if name in names:
            raise ConfigError(
                f"a forecaster is named {name!r}, which is the name of another row of the report; "
                "give it another name"
            )
    return (*names, EQUAL_WEIGHTS, ENSEMBLE)


def forecasters_of(names: Sequence[str]) -> tuple[str, ...]:
    """Return those of the contenders that are forecasters, in the same order.

    Args:
        names: names of contenders.

    Returns:
        Names of the forecasters; those of equal weights and ensemble are left out.

    >>> forecasters_of(("random_walk", "equal_weights", "ensemble"))
    ('random_walk',)
    """
    return tuple(name for name in names if name not in (EQUAL_WEIGHTS, ENSEMBLE))


def describe(registry: AgentRegistry) -> dict[str, dict[str, str]]:
    """Return each agent's settings as text, by role and name.

    Args:
        registry: agents of the backtest.

    Returns:
        For each role, a mapping from the name of an agent to its settings as text.

    >>> from fg_core import Drift, RandomWalk
    >>> describe(AgentRegistry((RandomWalk(), Drift())))["forecasters"]["drift"]
    "Drift(name='drift', fitted=None)"
    """
    refactorer = () if registry.refactorer is None else (registry.refactorer,)
    roles: tuple[tuple[str, tuple[Any, ...]], ...] = (
        ("forecasters", registry.forecasters),
        ("defenders", registry.defenders),
        ("aggregator", (registry.aggregator,)),
        ("refactorer", refactorer),
    )
    return {role: {agent.name: _settings(agent) for agent in agents} for role, agents in roles}


def describe_factory(factory: AgentFactory) -> str:
    """Return the import path of a factory, or its settings.

    Args:
        factory: function or object that makes the agents.

    Returns:
        "module:name" of a function or class; of any other object its settings as text.

    >>> describe_factory(default_agent_factory)
    'fg_core.registry:default_agent_factory'
    """
    return _settings(factory)


def _settings(thing: Callable[..., Any] | object) -> str:
    name = getattr(thing, "__qualname__", None)
    if name is not None:
        return f"{getattr(thing, '__module__', '')}:{name}"
    text = repr(thing)
    # An address differs from run to run and tells nothing.
    return type(thing).__qualname__ if re.search(r" at 0x[0-9a-f]+", text) else text
