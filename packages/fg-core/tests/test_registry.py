import pytest

from fg_core import (
    AdversaryAgent,
    AgentRegistry,
    ConfigError,
    DefenderAgent,
    Drift,
    ForecastGame,
    PoolAggregator,
    RandomWalk,
    RefactoringAgent,
    Registry,
    SimulationConfig,
    default_agent_factory,
    four_agent_factory,
)
from fg_core.agents import RefiningAgent
from fg_core.errors import UnknownPluginError
from fg_core.registry import check_names
from fg_core.testing import check_adversary, check_aggregator, check_defender, check_forecaster
from fg_core.testing.fakes import MeanErrorRefiner


def test_agents_are_found_by_name_in_order():
    registry = AgentRegistry((RandomWalk(), Drift()), [AdversaryAgent()], [DefenderAgent()])
    assert registry.names == ("random_walk", "drift")
    assert [a.name for a in registry] == ["random_walk", "drift", "adversary", "defender", "pool"]
    assert registry["drift"] == Drift()
    with pytest.raises(KeyError, match="there are random_walk"):
        registry["nobody"]


def test_names_must_differ_and_not_be_accounts():
    with pytest.raises(ConfigError, match="more than once: random_walk"):
        AgentRegistry((RandomWalk(), RandomWalk()))
    with pytest.raises(ConfigError, match="'team' names an account"):
        AgentRegistry((RandomWalk(name="team"),))
    with pytest.raises(ConfigError, match="at least one forecaster"):
        AgentRegistry(())


def test_default_agents_conform():
    registry = default_agent_factory(SimulationConfig(season_length=4))
    for agent in registry.forecasters:
        check_forecaster(agent)
    check_adversary(registry.adversaries[0])
    check_defender(registry.defenders[0])
    check_aggregator(registry.aggregator)
    assert isinstance(registry.aggregator, PoolAggregator)


def test_settings_choose_agents():
    assert default_agent_factory(SimulationConfig(enable_refactor=False)).refactorer is None
    registry = default_agent_factory(SimulationConfig(adversarial_intensity=2.0, attack_cost=0.5))
    assert registry["adversary"] == AdversaryAgent(aggressiveness=2.0, attack_cost=0.5)
    assert isinstance(registry.refactorer, RefactoringAgent)
    assert "seasonal_naive" not in registry.names


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"defense_model": "dampenin"}, "innovation_gate"),
        ({"disturbance_model": "gausian"}, "gaussian"),
    ],
)
def test_unknown_names_are_errors_that_list_the_known(settings, word):
    with pytest.raises(UnknownPluginError, match=word):
        ForecastGame(SimulationConfig(**settings))


def test_an_unknown_runtime_is_an_error():
    with pytest.raises(UnknownPluginError, match="python"):
        four_agent_factory(SimulationConfig(runtime_backend="pyton"))


def test_nothing_stands_in_for_a_language_model(monkeypatch):
    monkeypatch.setattr("fg_core.registry._LLM_REFINER", "absent")
    with pytest.raises(UnknownPluginError, match="'absent'"):
        ForecastGame(SimulationConfig(enable_llm_refactor=True))


def test_a_refiner_of_that_name_takes_the_refactorers_seat(monkeypatch):
    class Refiners:
        def __init__(self, group):
            assert group == "fg_core.refiners"

        def load(self, name):
            assert name == "ollama"
            return MeanErrorRefiner

    monkeypatch.setattr("fg_core.registry.Registry", Refiners)
    config = SimulationConfig(enable_llm_refactor=True, horizons=(3, 1))
    expected = RefiningAgent(MeanErrorRefiner(), horizon=3)
    assert default_agent_factory(config).refactorer == expected


def test_a_factory_must_return_agents():
    with pytest.raises(ConfigError, match="got list"):
        ForecastGame(SimulationConfig(), agent_factory=lambda config: [RandomWalk()])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"runtime_backend": "pyhton"},
            "runtime_backend: no plugin 'pyhton'.*nearest first: python",
        ),
        ({"disturbance_model": "gausian"}, "disturbance_model: no plugin.*nearest first: gaussian"),
        ({"defense_model": "dampenin"}, "defense_model: no plugin.*nearest first: dampening"),
        ({"defense_model": "stack:clipping, dampenin"}, "defense_model: no plugin 'dampenin'"),
        ({"defense_model": "stack:"}, "names no rule"),
    ],
)
def test_names_that_nobody_provides_are_refused_whoever_plays(settings, message):
    with pytest.raises((UnknownPluginError, ConfigError), match=message):
        check_names(SimulationConfig(**settings))


def test_names_that_are_there_pass_and_nothing_is_imported(monkeypatch):
    def refuse(*_):
        raise AssertionError("imported")

    monkeypatch.setattr(Registry, "load", refuse)
    monkeypatch.setattr("fg_core.plugins._distribution_of", refuse)  # parses metadata, slowly
    check_names(SimulationConfig())
    check_names(
        SimulationConfig(
            runtime_backend="default",
            disturbance_model="regime_shift",
            defense_model="stack:clipping,dampening",
        )
    )


def test_a_language_model_that_is_asked_for_must_be_there(monkeypatch):
    asked = []
    monkeypatch.setattr(Registry, "require", lambda self, name: asked.append((self.group, name)))
    check_names(SimulationConfig(enable_llm_refactor=True))
    assert ("fg_core.refiners", "ollama") in asked
    asked.clear()
    check_names(SimulationConfig())
    assert "fg_core.refiners" not in dict(asked)
