from __future__ import annotations

import pytest

from fg_backtest import AgentsWith, LineUp, agents
from fg_backtest.agents import (
    agents_named,
    contenders,
    describe,
    describe_factory,
    line_up_notes,
    line_up_of,
)
from fg_core import (
    AgentRegistry,
    ConfigError,
    Drift,
    EqualWeightPool,
    PoolAggregator,
    RandomWalk,
    SimulationConfig,
    default_agent_factory,
)
from fg_core.errors import PluginLoadError, UnknownPluginError
from fg_core.pooling.rules import BayesWeights

# The rule itself, which all other tests are kept from.
DEFAULT_LINE_UP = agents.default_line_up


def test_agents_with_an_aggregator_are_the_default_ones_otherwise() -> None:
    config = SimulationConfig()
    assert AgentsWith("pool")(config) == default_agent_factory(config)


def test_an_unknown_aggregator_lists_those_there_are() -> None:
    with pytest.raises(UnknownPluginError, match="pool"):
        AgentsWith("pol")(SimulationConfig())


def test_more_forecasters_join_the_default_ones() -> None:
    config = SimulationConfig()
    made = AgentsWith("pool", ("seasonal_naive",))(config)
    assert made.names == (*default_agent_factory(config).names, "seasonal_naive")


@pytest.mark.parametrize(
    ("names", "kind", "message"),
    [
        (("arimaa",), UnknownPluginError, "no plugin 'arimaa' in group fg_core.forecasters"),
        (("drift",), ConfigError, "forecaster 'drift': one named 'drift' is there already; there"),
        (("runtime", "runtime"), ConfigError, "forecaster 'runtime': one named"),
    ],
)
def test_forecasters_that_cannot_join(
    names: tuple[str, ...], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        AgentsWith("pool", names)(SimulationConfig())


def test_a_plugin_that_is_no_forecaster_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fake:
        def __init__(self, group: str) -> None:
            self.group = group

        def load(self, name: str) -> object:
            return PoolAggregator if self.group == "fg_core.aggregators" else dict

    monkeypatch.setattr(agents, "Registry", Fake)
    with pytest.raises(PluginLoadError, match=r"'odd' of fg_core.forecasters makes a dict, which"):
        AgentsWith("pool", ("odd",))(SimulationConfig())


def test_contenders_are_forecasters_then_the_two_pools() -> None:
    registry = AgentRegistry((RandomWalk(), Drift()))
    assert contenders(registry) == ("random_walk", "drift", "equal_weights", "ensemble")


def test_the_benchmark_must_be_there() -> None:
    with pytest.raises(ConfigError, match=r"'random_walk'.*there are drift.*RandomWalk\(\)"):
        contenders(AgentRegistry((Drift(),)))


@pytest.mark.parametrize("name", ["equal_weights", "ensemble"])
def test_no_forecaster_takes_the_name_of_a_pool(name: str) -> None:
    with pytest.raises(ConfigError, match=f"named '{name}'.*another name"):
        contenders(AgentRegistry((RandomWalk(), EqualWeightPool(name=name))))


def test_settings_of_agents_are_told() -> None:
    told = describe(
        AgentRegistry((RandomWalk(),), aggregator=PoolAggregator(BayesWeights(alpha=0.9)))
    )
    assert "alpha=0.9" in told["aggregator"]["pool"]
    assert told["refactorer"] == {}


def test_an_address_in_memory_is_not_told() -> None:
    class Mine(RandomWalk):
        __repr__ = object.__repr__

    told = describe(AgentRegistry((Mine(),)))["forecasters"]["random_walk"]
    assert told.endswith("Mine")
    assert " at 0x" not in told


def test_factories_are_told_by_where_they_are_or_their_settings() -> None:
    assert describe_factory(default_agent_factory) == "fg_core.registry:default_agent_factory"
    assert describe_factory(AgentsWith("pool")) == ("AgentsWith(aggregator='pool', forecasters=())")


def test_a_lineup_brings_its_forecasters_and_its_pool() -> None:
    config = SimulationConfig()
    assert LineUp("baselines")(config) == default_agent_factory(config)
    made = LineUp("baselines", "pool", ("seasonal_naive",))(config)
    assert made.names == (*default_agent_factory(config).names, "seasonal_naive")
    assert made.aggregator == PoolAggregator()


def test_an_unknown_lineup_lists_those_there_are() -> None:
    with pytest.raises(UnknownPluginError, match=r"known, nearest first: .*baselines"):
        LineUp("baseline")(SimulationConfig())


@pytest.mark.parametrize(
    ("installed", "expected"),
    [(("baselines", "default", "macro"), "default"), (("baselines",), "baselines")],
)
def test_the_line_up_of_fg_agents_plays_where_it_is_installed(
    monkeypatch: pytest.MonkeyPatch, installed: tuple[str, ...], expected: str
) -> None:
    monkeypatch.setattr(agents, "default_line_up", DEFAULT_LINE_UP)
    monkeypatch.setattr(agents.Registry, "names", lambda self: installed)
    assert agents.default_line_up() == expected
    assert line_up_of(agents_named()) == expected
    assert line_up_of(agents_named("macro", "pool")) == "macro"


def test_agents_of_ones_own_are_no_line_up() -> None:
    assert line_up_of(default_agent_factory) == "baselines"
    assert line_up_of(lambda config: default_agent_factory(config)) == ""
    assert line_up_notes("", "us_macro") == ()
    assert "fg-agents" in line_up_notes("baselines", "toy")[0]
    assert line_up_notes("macro", "toy") == ("Line-up: macro.",)
    assert "before 1985" in line_up_notes("default", "us_macro")[1]
