"""Every installed agent that has an array form gives the bits of its scalar form."""

from dataclasses import replace

import pytest

from fg_core import DefenderAgent, Query, Registry
from fg_core.batch import has_array_form
from fg_core.defenses import defense_from_name
from fg_core.testing import check_array_form

METHODS = {
    "forecaster": ("act_array",),
    "adversary": ("delta",),
    "aggregator": ("aggregate_array", "weights_array"),
}


def distinct(group):
    """One name of each thing in a group: its package tests that aliases load the same."""
    return sorted({item.target: item.name for item in Registry(group).items()}.values())


# One of each role in every run, the others among the slow: their packages compare array and scalar
# forms of their own agents in every run.
QUICK = ("ar_shrunk", "against_trend", "pool", "innovation_gate")


def cases(role, agents):
    for name, agent in agents:
        marks = () if name in QUICK else pytest.mark.slow
        yield pytest.param(agent, role, id=f"{role}-{name}", marks=marks)


def with_array_form(group, role):
    found = [(name, Registry(group).load(name)()) for name in distinct(group)]
    return cases(role, [one for one in found if has_array_form(one[1], *METHODS[role])])


AGENTS = [
    *with_array_form("fg_core.forecasters", "forecaster"),
    *with_array_form("fg_core.adversaries", "adversary"),
    *with_array_form("fg_core.aggregators", "aggregator"),
    *cases(
        "defender",
        [(name, DefenderAgent(defense_from_name(name))) for name in distinct("fg_core.defenses")],
    ),
]


def test_there_are_such_agents_in_every_role():
    roles = [param.values[1] for param in AGENTS]
    assert set(roles) == {"forecaster", "adversary", "aggregator", "defender"}
    assert roles.count("forecaster") >= 5


@pytest.mark.parametrize(("agent", "role"), AGENTS)
def test_the_array_form_is_the_scalar_form(agent, role):
    # Some forecasters want the columns of a macro panel beside the series.
    panel = Registry("fg_core.sources").load("us_macro")().fetch(Query(series=("infl",)))
    if agent.name.startswith("negative_binomial"):  # for counts alone
        counts = [replace(row, value=float(round(abs(row.value)))) for row in panel]
        panel = replace(panel, observations=tuple(counts))
    check_array_form(agent, role, dataset=panel)
