"""From the name of a defense, as settings and commands give it, to the defense."""

from __future__ import annotations

from fg_core.errors import ConfigError, UnknownPluginError
from fg_core.plugins import Registry
from fg_core.protocols import Defense

from .stack import DefenseStack

__all__ = ["STACK_PREFIX", "defense_from_name", "rules_of"]

STACK_PREFIX = "stack:"
"""A name that begins with this is followed by the rules of a stack, separated by commas."""


def defense_from_name(name: str) -> Defense:
    """Return the defense of that name: a plugin, or a stack of plugins.

    Args:
        name: Name of a plugin of the group `fg_core.defenses`, such as "dampening", or "stack:" and
            several of them in the order in which they act, such as "stack:clipping,dampening".
            Spaces around the names do not matter.

    Returns:
        Defense of that plugin, or the stack.

    Raises:
        ConfigError: A stack without rules, with an empty name, or inside a stack.
        UnknownPluginError: There is no defense of this name; the message lists those there are,
            the nearest first.
        PluginError: A plugin does not load.

    >>> defense_from_name("stack:clipping,dampening").name
    'stack:clipping,dampening'
    """
    names = rules_of(name)
    if not name.startswith(STACK_PREFIX):
        return _plugin(name)
    try:
        return DefenseStack(tuple(_plugin(part) for part in names))
    except UnknownPluginError as error:
        raise UnknownPluginError(f"{error} (wanted for {name!r})") from None


def rules_of(name: str) -> tuple[str, ...]:
    """Return the names of the plugins that a defense is made of; loads none of them.

    Args:
        name: Name of the defense, as for `defense_from_name`.

    Returns:
        The rules of a stack in their order, or the one name.

    Raises:
        ConfigError: A stack without rules, with an empty name, or inside a stack.

    >>> rules_of("stack:clipping, dampening"), rules_of("dampening")
    (('clipping', 'dampening'), ('dampening',))
    """
    if not name.startswith(STACK_PREFIX):
        return (name,)
    names = [part.strip() for part in name.removeprefix(STACK_PREFIX).split(",")]
    if not all(names):
        raise ConfigError(
            f"defense {name!r} names {'no rule' if names == [''] else 'an empty rule'}; "
            "write it like 'stack:clipping,dampening'"
        )
    for part in names:
        if part.startswith(STACK_PREFIX):
            raise ConfigError(
                f"defense {name!r} has a stack inside a stack; name its rules one after the "
                "other, like 'stack:clipping,dampening,bias_guard'"
            )
    return tuple(names)


def _plugin(name: str) -> Defense:
    defense: Defense = Registry("fg_core.defenses").load(name)()
    return defense
