import pytest

from fg_core import ConfigError, InnovationGate, Registry
from fg_core.defenses import (
    BiasGuard,
    Clipping,
    Dampening,
    DefenseStack,
    Ensemble,
    NoDefense,
    defense_from_name,
)
from fg_core.errors import UnknownPluginError
from fg_core.testing import plugin_names

ALIASES = {
    InnovationGate: ("innovation_gate", "default"),
    NoDefense: ("none", "identity", "noop"),
    Dampening: ("dampening",),
    Clipping: ("clipping", "clip"),
    BiasGuard: ("bias_guard", "bias"),
    Ensemble: ("ensemble", "filter_ensemble"),
}


@pytest.mark.parametrize(("cls", "names"), ALIASES.items(), ids=str)
def test_names_and_aliases(cls, names):
    for name in names:
        assert defense_from_name(name) == cls()
    assert cls().name == names[0]


def test_every_rule_is_found_by_its_own_name():
    for name in plugin_names("fg_core.defenses", "fg-core"):
        rule = Registry("fg_core.defenses").load(name)()
        assert rule == defense_from_name(name) == defense_from_name(rule.name)


def test_stacks_of_any_length():
    assert defense_from_name("stack:clipping") == DefenseStack((Clipping(),))
    assert defense_from_name("stack: clip , dampening") == DefenseStack((Clipping(), Dampening()))
    long = defense_from_name("stack:" + ",".join(["bias_guard"] * 7))
    assert len(long.rules) == 7
    assert defense_from_name(long.name) == long


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("stack:", "names no rule"),
        ("stack:clipping,", "names an empty rule"),
        ("stack:,clipping", "names an empty rule"),
        ("stack:clipping,stack:dampening,none", "a stack inside a stack"),
        ("stack:stack:clipping", "a stack inside a stack"),
    ],
)
def test_what_is_no_stack_says_how_to_write_one(name, message):
    with pytest.raises(ConfigError, match=message) as caught:
        defense_from_name(name)
    assert "stack:clipping,dampening" in str(caught.value)


def test_unknown_names_list_the_known_nearest_first():
    with pytest.raises(UnknownPluginError, match="nearest first: dampening, "):
        defense_from_name("dampenin")
    with pytest.raises(UnknownPluginError, match=r"'clippin' .* first: clipping, .*stack:clippin"):
        defense_from_name("stack:clippin,dampening")
