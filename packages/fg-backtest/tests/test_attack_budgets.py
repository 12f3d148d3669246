"""Budgets of attacks: what is read, what it comes to, and what is refused."""

import pytest

from fg_backtest.attack_budgets import budget_rule, units_of
from fg_core import ConfigError


@pytest.mark.parametrize(
    ("given", "units"),
    [(4, 4.0), ("8", 8.0), ("10%x3", 15.0), (" 2.5% x 0.5 ", 0.625), ("100%x.5", 25.0)],
)
def test_units_and_shares_of_fifty_points(given, units):
    assert budget_rule(given).of_points(50) == pytest.approx(units)


@pytest.mark.parametrize(
    "given", ["10x3", "x3", "10%", "10%x", "-1", "nan", "inf", 0, "0%x3", "120%x1", "10%x0", None]
)
def test_what_is_no_budget_is_refused(given):
    with pytest.raises(ConfigError, match="budget"):
        budget_rule(given)


def test_budgets_increase_once_points_are_known():
    assert units_of((2.0, "10%x3"), None) == (2.0,)
    assert units_of(("5%x3", "10%x3"), (40, 40)) == pytest.approx((6.0, 12.0))
    assert units_of((20.0, "10%x3"), (40,)) == pytest.approx((12.0, 20.0))
    for budgets in ((), (4.0, 4.0), (4.0, 2.0)):
        with pytest.raises(ConfigError):
            units_of(budgets, (40,))
    with pytest.raises(ConfigError, match="series have 40 to 50"):
        units_of(("10%x3",), (40, 50))
