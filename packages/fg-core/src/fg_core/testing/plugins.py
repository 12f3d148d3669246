"""Which plugins there are to test: names from metadata, so that no test keeps a list of its own."""

from __future__ import annotations

from fg_core.plugins import Registry

__all__ = ["plugin_names"]


def plugin_names(group: str, distribution: str | None = None) -> tuple[str, ...]:
    """Return one name of each plugin in a group; an alias is no further plugin.

    Args:
        group: group of entry points, one of `fg_core.plugins.GROUPS`.
        distribution: name of the distribution that brings them; None: all that are installed.

    Returns:
        Names, sorted. Nothing is imported.

    Raises:
        PluginError: There is no such group.

    >>> plugin_names("fg_core.executors", "fg-core")
    ('process', 'serial')
    """
    found = {
        item.target: item.name
        for item in reversed(Registry(group).items())
        if distribution in (None, item.distribution)
    }
    return tuple(sorted(found.values()))
