"""Rules by name: the edge at which texts, and settings of older calls, become objects."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from fg_core import ConfigError, PoolAggregator
from fg_core.pooling import Likelihood, SharedPoolAggregator, rule_by_name
from fg_core.pooling.rules import (
    RULES,
    BayesWeights,
    CrpsLearningWeights,
    ForgettingGridWeights,
    LogScoreWeights,
    RankWeights,
)

OPTIONS = {
    "alpha": 0.9,
    "alphas": [0.8, 1.0],
    "floor": 0.0,
    "likelihood": "student_t",
    "degrees_of_freedom": 4.0,
    "loss_discount": 0.7,
}
HEAVY = Likelihood("student_t", 4.0)


@pytest.mark.parametrize("name", RULES)
def test_a_name_is_the_default_rule_and_an_older_call_is_a_rule(name: str) -> None:
    rule = RULES[name]()
    assert rule.name == name
    assert rule_by_name(name) == rule
    assert PoolAggregator(name) == PoolAggregator(mode=name) == PoolAggregator(rule)
    assert hash(rule) == hash(RULES[name]())
    older = PoolAggregator(mode=name, **OPTIONS)  # settings that a rule does not have are left out
    assert older == PoolAggregator(rule_by_name(name, **OPTIONS))
    assert replace(older, name="other").rule == older.rule


def test_settings_of_older_calls_reach_the_rule() -> None:
    assert rule_by_name("bayesian", **OPTIONS) == BayesWeights(0.9, 0.0, HEAVY)
    assert rule_by_name("forgetting_grid", **OPTIONS) == ForgettingGridWeights(
        (0.8, 1.0), 0.0, HEAVY, score_discount=0.99
    )
    assert rule_by_name("log_score", **OPTIONS) == LogScoreWeights(HEAVY, 0.7)
    assert rule_by_name("crps_learning", **OPTIONS) == CrpsLearningWeights(0.7)
    assert PoolAggregator(alpha=0.9).rule == BayesWeights(0.9)
    assert SharedPoolAggregator(mode="forgetting_grid").rule == ForgettingGridWeights()
    assert SharedPoolAggregator().name == "shared_pool"


def test_a_subclass_that_is_a_dataclass_takes_rules_and_their_names() -> None:
    @dataclass(frozen=True)
    class Mine(PoolAggregator):
        extra: int = 0

    assert Mine().rule == BayesWeights()
    assert Mine("rank", extra=2) == Mine(RankWeights(), extra=2)
    assert replace(Mine("rank"), extra=2).rule == RankWeights()


def test_two_ways_of_saying_it_are_one_too_many() -> None:
    with pytest.raises(ConfigError, match=r"alpha beside a rule: give settings to .* RankWeights"):
        PoolAggregator(RankWeights(), alpha=0.9)
    with pytest.raises(ConfigError, match="rule 'rank' and mode 'equal'"):
        PoolAggregator("rank", mode="equal")
    with pytest.raises(TypeError, match="unexpected keyword argument 'alfa'"):
        PoolAggregator(alfa=0.9)


@pytest.mark.parametrize("name", ["best", "banksy"])
def test_an_unknown_name_lists_the_known_ones(name: str) -> None:
    with pytest.raises(ConfigError, match=f"no pool rule '{name}'.*bates_granger"):
        PoolAggregator(name)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("alpha", 0.0),
        ("alphas", ()),
        ("alphas", (0.9, 1.1)),
        ("floor", -1.0),
        ("floor", float("nan")),
        ("discount", 0.0),
        ("score_discount", 1.5),
        ("prior_weight", 0.0),
    ],
)
def test_a_constant_outside_its_range_is_refused_by_every_rule_that_has_it(option, value) -> None:
    having = [rule for rule in RULES.values() if hasattr(rule(), option)]
    assert having
    for rule in having:
        with pytest.raises(ConfigError, match=f"{option} must be"):
            rule(**{option: value})


@pytest.mark.parametrize(("kind", "freedom"), [("laplace", 5.0), ("student_t", 2.0)])
def test_a_likelihood_is_one_of_two(kind, freedom) -> None:
    with pytest.raises(ConfigError, match=r"likelihood must be|degrees_of_freedom must be"):
        Likelihood(kind, freedom)
