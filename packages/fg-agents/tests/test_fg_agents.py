from importlib.metadata import version

import pytest

import fg_agents
from fg_core import Registry


def test_version_is_the_distributions():
    assert fg_agents.__version__ == version("fg-agents")


def test_every_public_name_is_there():
    for name in fg_agents.__all__:
        assert getattr(fg_agents, name) is not None
        assert name in dir(fg_agents)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'Pool'"):
        _ = fg_agents.Pool


def test_aggregators_are_plugged_in():
    registry = Registry("fg_core.aggregators")
    assert registry.load("bayesian") is fg_agents.BayesianAggregator
    assert registry.load("ensemble") is fg_agents.EnsembleAggregatorAgent
    assert registry.distribution("bayesian") == "fg-agents"
