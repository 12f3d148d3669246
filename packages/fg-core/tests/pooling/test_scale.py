import numpy as np
import pytest

from fg_core.pooling import ScaleRule, discounted_add


def by_definition(z, rule):
    d = rule.discount ** np.arange(len(z))[::-1]
    top = rule.prior + d @ np.minimum(np.square(z), rule.cap)
    return np.clip(np.sqrt(top / (rule.prior + d.sum())), rule.lowest, rule.highest)


@pytest.mark.parametrize("spread", [0.1, 0.7, 1.0, 1.6, 9.0])
def test_recursion_equals_the_formula(spread):
    rule = ScaleRule()
    z = spread * np.random.default_rng(1).normal(size=80)
    total, count = np.zeros(1), np.zeros(1)
    for value in z:
        new = rule.capped(np.array([value]))
        total, count = discounted_add(total, count, new, rule.discount)
    assert rule.factor(total, count)[0] == pytest.approx(by_definition(z, rule), rel=1e-12)


def test_one_wild_error_is_capped():
    rule = ScaleRule()
    wild = discounted_add(np.zeros(1), np.zeros(1), rule.capped(np.array([1e9])), rule.discount)
    cap = discounted_add(np.zeros(1), np.zeros(1), rule.capped(np.array([3.0])), rule.discount)
    assert rule.factor(*wild) == rule.factor(*cap)


def test_nothing_seen_changes_nothing():
    total, count = np.array([2.0, 3.0]), np.array([1.0, 4.0])
    after = discounted_add(total, count, np.array([np.nan, 1.0]), 0.5)
    assert after[0].tolist() == [2.0, 2.5]
    assert after[1].tolist() == [1.0, 3.0]
