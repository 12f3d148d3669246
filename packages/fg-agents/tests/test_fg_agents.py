from importlib.metadata import version

import fg_agents
from fg_core import Registry


def test_version_is_the_distributions():
    assert fg_agents.__version__ == version("fg-agents")


def test_aggregators_are_plugged_in():
    registry = Registry("fg_core.aggregators")
    assert registry.load("bayesian") is fg_agents.BayesianAggregator
    assert registry.load("ensemble") is fg_agents.EnsembleAggregatorAgent
    assert registry.distribution("bayesian") == "fg-agents"
