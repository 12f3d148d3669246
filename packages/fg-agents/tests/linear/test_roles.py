"""What a series is among its columns, concluded or told."""

import pytest

from fg_agents.linear import KNOWN_COLUMNS, ROLES, Roles
from fg_core import ConfigError

MAIN = {"inflation": "infl", "unemployment": "unemp", "rate": "tbilrate", "activity": "growth"}


@pytest.mark.parametrize("role", MAIN)
def test_the_one_main_role_that_no_column_plays(role):
    context = [name for other, name in MAIN.items() if other != role]
    assert Roles().own_role([*context, "m1_growth"]) == role
    assert Roles().own_role([*context, MAIN[role]]) == ""
    assert Roles().own_role(context[:-1]) == ""
    assert Roles(own="money").own_role(context) == "money"


def test_the_first_of_several_candidates():
    assert Roles().found(["UNRATE", "unemp", "x"]) == {"unemployment": "unemp"}
    own = Roles({"inflation": ("HICP",), "rate": ("EURIBOR",)})
    assert own.found(["HICP", "infl"]) == {"inflation": "HICP"}


def test_known_columns_are_of_roles_that_there_are():
    assert set(KNOWN_COLUMNS) == set(ROLES)
    names = [name for group in KNOWN_COLUMNS.values() for name in group]
    assert len(names) == len(set(names))


def test_unknown_roles_are_refused():
    with pytest.raises(ConfigError, match="unknown role 'prices'; there are inflation"):
        Roles({"prices": ("infl",)})
    with pytest.raises(ConfigError, match="unknown role 'gdp'"):
        Roles(own="gdp")


def test_roles_are_values():
    assert Roles() == Roles(dict(KNOWN_COLUMNS))
    assert hash(Roles()) == hash(Roles(dict(KNOWN_COLUMNS)))


def test_what_differs_from_the_default_is_shown():
    assert repr(Roles()) == "Roles()"
    assert repr(Roles({"rate": ("EURIBOR",)}, "rate")) == (
        "Roles(columns={'rate': ('EURIBOR',)}, own='rate')"
    )
