"""The contract of a rule: what an author writes is enough to be played in every form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from fg_core import ConfigError, PoolAggregator, TrainingWindow
from fg_core.pooling import SharedPoolAggregator
from fg_core.pooling.rules import RULES, WeightRule
from fg_core.testing import check_aggregator, check_array_form

WINDOW = TrainingWindow(np.array([1.0, 2.0, 1.0, 3.0, 2.0, 4.0]))


@dataclass(frozen=True)
class Latest(WeightRule):
    """Weights by the CRPS of the last forecast alone; those that were absent have the mean."""

    sharpness: float = 1.0

    name: ClassVar[str] = "latest"

    def start(self, n, prior):
        return (np.zeros(n),)

    def log_weights(self, learned, prior):
        return -self.sharpness * learned[0] + (0.0 if prior is None else np.log(prior))

    def update(self, learned, log_weights, prior, scored):
        loss = scored.losses() / scored.typical_change
        return (np.where(scored.known, np.minimum(loss, 1e3), learned[0]),)


def test_a_rule_that_no_table_names_conforms() -> None:
    assert "latest" not in RULES
    check_aggregator(PoolAggregator(Latest(0.5), groups={"north": "up", "south": "up"}))
    check_array_form(PoolAggregator(Latest(0.5)), "aggregator")


def test_a_panel_wants_a_rule_that_says_it_can() -> None:
    with pytest.raises(ConfigError, match="bayesian, forgetting_grid, not 'latest'"):
        SharedPoolAggregator(Latest())


@pytest.mark.parametrize("name", RULES)
def test_what_was_learned_keeps_its_shapes_and_starts_at_the_prior(name: str) -> None:
    rule, prior = RULES[name](), np.array([0.5, 0.25, 0.25])
    learned = rule.start(3, prior)
    weights, logs = rule.weights(learned, prior)
    assert weights == pytest.approx(prior, abs=1e-12)
    assert np.exp(logs - logs.max()) / np.exp(logs - logs.max()).sum() == pytest.approx(weights)
    pool = PoolAggregator(rule, groups={"b": "x", "c": "x"}, shrinkage=0.0)
    known = pool.start(("a", "b", "c"), WINDOW, (1,)).memory[1].learned
    assert [array.shape for array in known] == [array.shape for array in learned]
