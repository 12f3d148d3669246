"""Every installed agent that has an array form gives the bits of its scalar form."""

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


def with_array_form(group, role):
    found = [(name, Registry(group).load(name)()) for name in Registry(group).names()]
    return [
        pytest.param(agent, role, id=f"{role}-{name}")
        for name, agent in found
        if has_array_form(agent, *METHODS[role])
    ]


AGENTS = [
    *with_array_form("fg_core.forecasters", "forecaster"),
    *with_array_form("fg_core.adversaries", "adversary"),
    *with_array_form("fg_core.aggregators", "aggregator"),
    *(
        pytest.param(DefenderAgent(defense_from_name(name)), "defender", id=f"defender-{name}")
        for name in Registry("fg_core.defenses").names()
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
    check_array_form(agent, role, dataset=panel)
