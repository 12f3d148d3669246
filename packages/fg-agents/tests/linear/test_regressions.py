"""Rules speak of the columns that they are about, and of no others."""

import numpy as np
import pytest

from fg_agents.linear import DataPanel, is_curve, okun, phillips, taylor
from fg_core import TrainingWindow

NAME = {"inflation": "infl", "unemployment": "unemp", "rate": "tbilrate", "activity": "growth"}
RULES = {
    "okun": (okun(), {"unemployment", "activity"}),
    "okun wide": (okun(wide=True), {"unemployment", "activity", "rate"}),
    "phillips": (phillips(), {"inflation", "unemployment"}),
    "taylor": (taylor(), {"rate", "inflation", "unemployment"}),
    "taylor of activity": (taylor(of_activity=True), {"rate", "activity", "unemployment"}),
    "is": (is_curve(), {"activity", "rate", "inflation"}),
    "is wide": (is_curve(wide=True), {"activity", "rate"}),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("role", NAME)
def test_a_rule_forecasts_what_it_is_about(quarters, rule, role):
    specification, about = RULES[rule]
    context = [name for other, name in NAME.items() if other != role]
    panel = DataPanel.of(quarters(own=NAME[role], columns=(*context, "m1_growth")))
    fits = specification.fits(panel, [119])
    if role not in about:
        assert "the series is none of these" in fits.reasons[0]
        return
    columns = {NAME[other] for other in about if other != role}
    assert set(fits.systems[0].system.names) == {"value", *columns}


def test_other_columns_change_no_digit(quarters):
    window = quarters()
    noisy = TrainingWindow(
        window.values,
        window.end_t,
        contexts=[{**row, "m1_growth": row["m1_growth"] ** 2} for row in window.contexts],
    )
    for specification, about in RULES.values():
        if "unemployment" in about:
            free = type(specification)(
                **{**vars(specification), "cutoff": None}  # weights do look at all columns
            )
            one, other = (
                free.fits(DataPanel.of(w), [119]).systems[0].model for w in (window, noisy)
            )
            np.testing.assert_array_equal(one.lags, other.lags)


def test_settings_take_precedence():
    assert okun(discount=0.9, tightness=0.1).tightness == 0.1
    assert phillips(difference=()).difference == ()
    assert taylor(columns=("money",)).columns == ("money",)
    assert is_curve(sums=()).sums == ()
