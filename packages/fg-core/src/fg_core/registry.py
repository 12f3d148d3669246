"""Agents by name, and how a configuration becomes a set of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from .agents import AdversaryAgent, RefactoringAgent, RefiningAgent
from .agents.by_name import defender_from_name, is_defender
from .baselines import AutoRegression, Drift, ForecastingAgent, RandomWalk, SeasonalNaive
from .config import SimulationConfig
from .defenses.by_name import rules_of
from .errors import ConfigError, UnknownPluginError
from .plugins import Registry
from .pooling import PoolAggregator
from .protocols import Adversary, Aggregator, Defender, Forecaster, Refactorer, Refiner

if TYPE_CHECKING:
    from .policies import PolicySource

__all__ = [
    "AgentFactory",
    "AgentRegistry",
    "FourAgents",
    "check_names",
    "default_agent_factory",
    "four_agent_factory",
]

_RESERVED = frozenset({"team", "adversaries"})
_LLM_REFINER = "ollama"


@dataclass(frozen=True)
class AgentRegistry:
    """The agents of a game, by role and by name.

    An aggregator that has `with_groups` is told the groups of the forecasters that have one.

    Args:
        forecasters: Forecasters of the pool, at least one.
        adversaries: They share one budget and are served in this order.
        defenders: Defenders, whose doubts combine.
        aggregator: Pools the forecasters.
        refactorer: Agent that corrects the mean error; None: it is not corrected.

    Raises:
        ConfigError: No forecaster, two agents of one name, or the name of an account of rewards.

    >>> registry = AgentRegistry(forecasters=(RandomWalk(),))
    >>> registry["random_walk"].name
    'random_walk'
    """

    forecasters: tuple[Forecaster, ...]
    adversaries: tuple[Adversary, ...] = ()
    defenders: tuple[Defender, ...] = ()
    aggregator: Aggregator = field(default_factory=PoolAggregator)
    refactorer: Refactorer | None = None

    def __post_init__(self) -> None:
        for role in ("forecasters", "adversaries", "defenders"):
            object.__setattr__(self, role, tuple(getattr(self, role)))
        if not self.forecasters:
            raise ConfigError("a game needs at least one forecaster")
        groups = {a.name: a.group for a in self.forecasters if hasattr(a, "group")}
        if groups and hasattr(self.aggregator, "with_groups"):
            object.__setattr__(self, "aggregator", self.aggregator.with_groups(groups))
        names = [agent.name for agent in self]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ConfigError(f"agent names must differ; more than once: {', '.join(twice)}")
        taken = sorted(_RESERVED & set(names))
        if taken:
            raise ConfigError(f"{taken[0]!r} names an account of rewards and cannot name an agent")

    def __iter__(self) -> Iterator[Any]:
        yield from (*self.forecasters, *self.adversaries, *self.defenders, self.aggregator)
        if self.refactorer is not None:
            yield self.refactorer

    def __getitem__(self, name: str) -> Any:
        for agent in self:
            if agent.name == name:
                return agent
        raise KeyError(f"no agent {name!r}; there are {', '.join(a.name for a in self)}")

    def with_policies(self, *policies: PolicySource) -> AgentRegistry:
        """Return the agents with trained ones among them, each in the place of its role.

        A defender plays in place of the others; a correction wraps the aggregator; forecasters and
        adversaries join those that are there.

        Args:
            policies: Paths of policy files, or policies; see `fg_core.policies`.

        Returns:
            Registry with the agents of the policies.

        Raises:
            ArtifactError: A file is missing, damaged, no policy, or made for other features.
            UnknownPluginError: No loader of its format is installed; the message says what to
                install.
            ConfigError: Two defenders or two corrections, or an agent that has the name of another.
        """
        from .policies import by_role, load_policies

        trained = by_role(load_policies(policies))
        aggregator = self.aggregator
        for correction in trained["correction"]:
            aggregator = correction.correcting(aggregator)
        return replace(
            self,
            forecasters=(*self.forecasters, *trained["forecaster"]),
            adversaries=(*self.adversaries, *trained["adversary"]),
            defenders=trained["defender"] or self.defenders,
            aggregator=aggregator,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the forecasters, in order."""
        return tuple(agent.name for agent in self.forecasters)

    @property
    def panel_agents(self) -> tuple[str, ...]:
        """Names of the agents that see all series of a batch at once.

        These are forecasters with `fit_panel`, and an aggregator with `update_panel`.
        """
        found = [one.name for one in self.forecasters if hasattr(one, "fit_panel")]
        if hasattr(self.aggregator, "update_panel"):
            found.append(self.aggregator.name)
        return tuple(found)


FourAgents: TypeAlias = tuple[Forecaster, Adversary, Defender, Refactorer]
AgentFactory: TypeAlias = Callable[[SimulationConfig], AgentRegistry | FourAgents]


def registry_from(agents: AgentRegistry | FourAgents) -> AgentRegistry:
    """Return what an `AgentFactory` made as a registry: it may be one, or the four agents.

    Args:
        agents: Registry, or forecaster, adversary, defender and refactorer; the pool is then of one
            member.

    Returns:
        Registry of the agents.

    Raises:
        ConfigError: `agents` is neither.
    """
    if isinstance(agents, AgentRegistry):
        return agents
    if not isinstance(agents, tuple) or len(agents) != 4:
        raise ConfigError(
            "an agent factory returns an AgentRegistry or the four agents (forecaster, "
            f"adversary, defender, refactorer), got {type(agents).__name__}"
        )
    forecaster, adversary, defender, refactorer = agents
    return AgentRegistry((forecaster,), (adversary,), (defender,), refactorer=refactorer)


def default_agent_factory(config: SimulationConfig) -> AgentRegistry:
    """Return the baseline forecasters, a fixed adversary, the configured defender and a pool.

    Args:
        config: Settings of the games.

    Returns:
        Registry of the agents, not yet fitted.

    Raises:
        UnknownPluginError: `config` names a defense or refiner that no installed package provides.
    """
    seasonal = (SeasonalNaive(),) if config.season_length > 1 else ()
    forecasters = (
        RandomWalk(),
        Drift(),
        *seasonal,
        AutoRegression(order=4, name="ar4"),
        AutoRegression(name="ar"),
    )
    return AgentRegistry(
        forecasters,
        (_adversary(config),),
        (_defender(config),),
        PoolAggregator(),
        _refactorer(config),
    )


def baselines() -> AgentFactory:
    """Return `default_agent_factory`: the line-up that needs nothing but this package."""
    return default_agent_factory


def four_agent_factory(config: SimulationConfig) -> FourAgents:
    """Return one forecaster (the configured strategy runtime), adversary, defender, refactorer.

    Args:
        config: Settings of the games.

    Returns:
        Forecaster, adversary, defender and refactorer, not yet fitted.

    Raises:
        UnknownPluginError: `config` names a runtime, defense or refiner that no installed package
            provides.
    """
    runtime = Registry("fg_core.runtimes").load(config.runtime_backend)()
    return (
        ForecastingAgent(runtime=runtime),
        _adversary(config),
        _defender(config),
        _refactorer(config) or RefactoringAgent(step_size=0.0),
    )


def check_names(config: SimulationConfig) -> None:
    """Refuse settings that name a plugin which no installed package provides.

    A game with agents of its own uses neither the runtime nor the defense of the settings; a name
    that is misspelt there would go unnoticed. Nothing is imported.

    Args:
        config: Settings of the games.

    Raises:
        UnknownPluginError: A runtime, disturbance, defense (or rule of a stack) or, where
            `enable_llm_refactor` is on, refiner of that name is not there; the message says which
            setting names it and lists the names that are there, the nearest first.
        PluginClashError: Two distributions bring a plugin of that name.
        ConfigError: `defense_model` is a stack that is not well formed.

    >>> try:
    ...     check_names(SimulationConfig(runtime_backend="pyhton"))
    ... except UnknownPluginError as error:
    ...     print(str(error).split(";")[0])
    runtime_backend: no plugin 'pyhton' in group fg_core.runtimes
    """
    _check("runtime_backend", "fg_core.runtimes", config.runtime_backend)
    _check("disturbance_model", "fg_core.disturbances", config.disturbance_model)
    for rule in () if is_defender(config.defense_model) else rules_of(config.defense_model):
        _check("defense_model", "fg_core.defenses", rule)
    if config.enable_llm_refactor:
        _check("enable_llm_refactor", "fg_core.refiners", _LLM_REFINER)


def _check(setting: str, group: str, name: str) -> None:
    try:
        Registry(group).require(name)
    except UnknownPluginError as error:
        raise UnknownPluginError(f"{setting}: {error}") from None


def _adversary(config: SimulationConfig) -> AdversaryAgent:
    return AdversaryAgent(
        aggressiveness=config.adversarial_intensity, attack_cost=config.attack_cost
    )


def _defender(config: SimulationConfig) -> Defender:
    return defender_from_name(config.defense_model)


def _refactorer(config: SimulationConfig) -> Refactorer | None:
    if config.enable_llm_refactor:
        # Nothing stands in for a language model: without the plugin this is an error.
        refiner: Refiner = Registry("fg_core.refiners").load(_LLM_REFINER)()
        return RefiningAgent(refiner, horizon=config.horizons[0])
    return RefactoringAgent() if config.enable_refactor else None
