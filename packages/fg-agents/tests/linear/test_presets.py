"""The lists: whole, in groups, and for whichever series they suit."""

import numpy as np
import pytest

from fg_agents.linear import (
    Roles,
    context_forecasters,
    macro_forecasters,
    plugins,
    univariate_forecasters,
)
from fg_core import AutoRegression, TrainingWindow
from fg_core.testing import check_forecaster, example_states, example_window

NAME = {"inflation": "infl", "unemployment": "unemp", "rate": "tbilrate", "activity": "growth"}


def test_groups_of_one_idea_each():
    groups = {}
    for agent in macro_forecasters():
        groups.setdefault(agent.group, []).append(agent.name)
    assert {group: len(names) for group, names in groups.items()} == {
        "univariate": 8,
        "real": 6,
        "money": 4,
        "rules": 8,
    }
    assert {agent.group for agent in univariate_forecasters(4)} == {"univariate", "seasonal"}
    assert {agent.group for agent in context_forecasters()} == {"context"}


@pytest.mark.parametrize(
    "agents", [macro_forecasters(), univariate_forecasters(12), context_forecasters()]
)
def test_names_and_specifications_differ(agents):
    assert len({agent.name for agent in agents}) == len(agents)
    assert len({agent.specification for agent in agents}) == len(agents)


SILENT = {
    "inflation": {
        "level_10",
        "okun",
        "okun_wide",
        "okun_wide_97",
        "taylor_activity_95",
        "is_curve_wide",
    },
    "unemployment": {"level_10", "level_40", "is_curve", "is_curve_wide"},
    "rate": {"level_10", "level_40", "okun", "phillips"},
    "activity": {"level_40", "phillips", "taylor"},
}


@pytest.mark.parametrize("role", NAME)
def test_who_has_a_forecast_of_what(role, quarters):
    context = [name for other, name in NAME.items() if other != role]
    window = quarters(own=NAME[role], columns=(*context, "m1_growth", "dpi_growth"))
    agents = [agent.fit(window) for agent in macro_forecasters()]
    assert {agent.name for agent in agents if agent.reason} == SILENT[role]


@pytest.mark.parametrize("agent", macro_forecasters(), ids=lambda agent: agent.name)
def test_macro_forecasters_conform(agent, quarters, states):
    for role in NAME:
        context = [name for other, name in NAME.items() if other != role]
        whole = quarters(own=NAME[role], columns=context)
        window = whole.last(None, gap=3)
        if not agent.fit(window).reason:
            check_forecaster(
                agent, window=window, states=[states(whole, row) for row in (117, 118, 119)]
            )
            return
    raise AssertionError(f"{agent.name} has no forecast of any role")


@pytest.mark.parametrize(
    ("agent", "rows"),
    [  # each on one of both windows in every run
        pytest.param(
            agent, rows, id=f"{agent.name}-{rows}", marks=pytest.mark.slow if (i + j) % 2 else ()
        )
        for i, agent in enumerate([*univariate_forecasters(4), *context_forecasters()])
        for j, rows in enumerate((120, 60))
    ],
)
def test_others_conform_on_any_series(agent, rows):
    check_forecaster(agent, window=example_window(rows))


def test_a_series_without_columns_is_left_to_the_univariate():
    window = TrainingWindow(np.random.default_rng(0).standard_normal(60), 59)
    heard = {agent.name for agent in macro_forecasters() if not agent.fit(window).reason}
    assert heard == {"linear_walk", "linear_ar4", "ar_shrunk", "ari_shrunk", "ar_97", "ari_95"}


def test_columns_of_other_names(quarters):
    window = quarters(own="Arbeitslose", columns=("HICP", "EURIBOR", "BIP"))
    names = {"inflation": ("HICP",), "rate": ("EURIBOR",), "activity": ("BIP",)}
    roles = Roles({**names, "unemployment": ("Arbeitslose",)})
    told = {agent.name: agent.fit(window) for agent in macro_forecasters(roles=roles)}
    assert told["okun"].fitted.system.names == ("value", "BIP")
    assert told["real"].fitted.system.names == ("value", "HICP", "EURIBOR", "BIP")
    untold = {agent.name: agent.fit(window) for agent in macro_forecasters()}
    assert untold["okun"].reason
    assert untold["real"].reason


def test_the_least_squares_one_is_that_of_the_core():
    window = example_window(80)
    agent = next(a for a in univariate_forecasters(cutoff=None) if a.name == "linear_ar4")
    for state in example_states(window)[:1]:
        ours, theirs = agent.fit(window).act(state, 4), AutoRegression(4).fit(window).act(state, 4)
        assert ours.delta == pytest.approx(theirs.delta, rel=1e-6)
        assert ours.scale == pytest.approx(theirs.scale, rel=1e-6)


def test_the_cutoff_reaches_everybody():
    for make in (macro_forecasters, univariate_forecasters, context_forecasters):
        assert {agent.specification.cutoff for agent in make(cutoff=None)} == {None}
        assert {agent.specification.cutoff for agent in make()} == {6.0}


@pytest.mark.parametrize("name", plugins.__all__)
def test_forecasters_by_name_conform(name):
    agent = getattr(plugins, name)()
    assert agent.name == name
    check_forecaster(agent)
