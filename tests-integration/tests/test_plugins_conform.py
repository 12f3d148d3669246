"""Every plugin that is installed keeps the promises of its protocol."""

import pytest

from fg_core import Registry
from fg_core.plugins import GROUPS
from fg_core.testing import CHECKS

INSTALLED = [(group, name) for group in GROUPS for name in Registry(group).names()]


def test_every_group_has_a_check():
    assert set(CHECKS) == set(GROUPS)


@pytest.mark.parametrize(("group", "name"), INSTALLED, ids=lambda part: part.split(".")[-1])
def test_it_conforms(group, name):
    CHECKS[group](Registry(group).load(name)())


def test_what_this_version_promises_is_there():
    assert {"us_macro", "synthetic"} <= set(Registry("fg_core.sources").names())
    assert {"pool", "bayesian", "ensemble"} <= set(Registry("fg_core.aggregators").names())
    assert {"random_walk", "drift", "seasonal_naive", "ar", "equal_weights"} <= set(
        Registry("fg_core.forecasters").names()
    )
