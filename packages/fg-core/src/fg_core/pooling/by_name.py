"""Rules by name, for options, files and older calls: the edge at which texts become objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypedDict, Unpack, cast

from fg_core.errors import ConfigError
from fg_core.nearest import nearest_first

from .likelihood import Likelihood
from .rules import RULES, WeightRule

__all__ = ["RuleOptions", "as_rule", "chosen_rule", "rule_by_name"]


class RuleOptions(TypedDict, total=False):
    """Settings by which rules were told before they were objects; `mode` is the name of the rule.

    They are accepted until fg-core 0.3.
    """

    mode: str
    alpha: float
    alphas: Sequence[float]
    floor: float
    likelihood: str
    degrees_of_freedom: float
    loss_discount: float


def rule_by_name(name: str, **options: Unpack[RuleOptions]) -> WeightRule:
    """Return a rule by its name.

    Args:
        name: Name of a rule of `RULES`.
        options: Settings of rules. Those that this rule does not have are left out, so that one set
            of options serves every name; `loss_discount` is the `discount` of a rule, `likelihood`
            and `degrees_of_freedom` are its `Likelihood`.

    Returns:
        The rule, with its defaults where an option is missing.

    Raises:
        ConfigError: There is no such rule, or an option of it is outside its range.

    >>> rule_by_name("rank", loss_discount=0.9, alpha=0.95)
    RankWeights(discount=0.9)
    """
    if name not in RULES:
        known = ", ".join(nearest_first(str(name), RULES))
        raise ConfigError(f"no pool rule {name!r}; there are, nearest first: {known}")
    given: dict[str, Any] = dict(options)
    kind, freedom = given.pop("likelihood", "gaussian"), given.pop("degrees_of_freedom", 5.0)
    given["likelihood"] = Likelihood(kind, freedom)
    if "loss_discount" in given:
        given["discount"] = given.pop("loss_discount")
    rule = RULES[name]
    own = {item.name for item in fields(cast(Any, rule)) if item.init}
    return rule(**{key: value for key, value in given.items() if key in own})


def as_rule(rule: WeightRule | str, defaults: RuleOptions | None = None) -> WeightRule:
    """Return a rule that was given as such or by its name.

    Args:
        rule: Rule, or its name.
        defaults: Settings of a rule that is given by its name; None: its own.

    Returns:
        The rule.

    Raises:
        ConfigError: As for `rule_by_name`.

    >>> as_rule("rank") == as_rule(as_rule("rank"))
    True
    """
    if isinstance(rule, WeightRule):
        return rule
    options = cast(RuleOptions, {**(defaults or {}), "mode": str(rule)})
    name = options.pop("mode")
    return rule_by_name(name, **options)


def chosen_rule(
    owner: str, rule: WeightRule | str | None, options: RuleOptions, defaults: RuleOptions
) -> WeightRule:
    """Return the rule that an aggregator was told, as an object or by name and options.

    Args:
        owner: Name of the class that was told, for messages.
        rule: Rule, or its name; None: that of the options.
        options: Settings as keywords, `mode` among them.
        defaults: Settings for those that are missing, `mode` among them.

    Returns:
        The rule.

    Raises:
        ConfigError: An object and settings beside it, two names, or as for `rule_by_name`.
        TypeError: An option that no rule has.

    >>> chosen_rule("Mine", None, {"alpha": 0.9}, {"mode": "bayesian", "floor": 0.0}).alpha
    0.9
    """
    unknown = options.keys() - RuleOptions.__annotations__.keys()
    if unknown:
        raise TypeError(f"{owner}() got an unexpected keyword argument {min(unknown)!r}")
    if isinstance(rule, WeightRule):
        if options:
            raise ConfigError(
                f"{owner}: {', '.join(sorted(options))} beside a rule: give settings to the rule "
                f"itself, {type(rule).__name__}(...)"
            )
        return rule
    if rule is not None and "mode" in options:
        raise ConfigError(f"{owner}: rule {rule!r} and mode {options['mode']!r}: give one of them")
    found = cast(RuleOptions, {**defaults, **options})
    return as_rule(rule or found["mode"], found)
