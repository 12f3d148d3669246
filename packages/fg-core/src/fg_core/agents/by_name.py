"""From a name, as settings and commands give it, to a defender."""

from __future__ import annotations

from typing import Any

from fg_core.defenses import STACK_PREFIX, defense_from_name
from fg_core.plugins import Registry
from fg_core.protocols import Defender

from .defender import DefenderAgent

__all__ = ["defender_from_name", "is_defender"]


def is_defender(name: str) -> bool:
    """Return whether a name is that of a plugin of the group `fg_core.defenders`.

    Args:
        name: Name of a defender, a defense or a stack; nothing is imported.
    """
    return not name.startswith(STACK_PREFIX) and name in Registry("fg_core.defenders").names()


def defender_from_name(name: str) -> Defender:
    """Return the defender of that name.

    Args:
        name: Name of a plugin of the group `fg_core.defenders`, such as "episode_filter", or of a
            defense or a stack of defenses, as for `fg_core.defenses.defense_from_name`.

    Returns:
        Defender, or one that plays the defense.

    Raises:
        ConfigError: A stack that is not well formed.
        UnknownPluginError: There is neither a defender nor a defense of this name.
        PluginError: A plugin does not load.

    >>> defender_from_name("episode_filter").name, defender_from_name("dampening").name
    ('episode_filter', 'defender')
    """
    if is_defender(name):
        found: Any = Registry("fg_core.defenders").load(name)()
        return found  # type: ignore[no-any-return]
    return DefenderAgent(defense_from_name(name))
