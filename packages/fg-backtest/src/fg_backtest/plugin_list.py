"""The list of plugins that are installed, from metadata alone: no plugin is imported, nor numpy."""

from __future__ import annotations

from fg_core.plugins import GROUPS, Registry

__all__ = ["list_plugins"]


def list_plugins() -> int:
    """Print every plugin: group, name, target, distribution and version."""
    for group, what in GROUPS.items():
        print(f"{group} ({what})")
        items = Registry(group).items()
        names = max((len(item.name) for item in items), default=0)
        targets = max((len(item.target) for item in items), default=0)
        for item in items:
            source = f"{item.distribution} {item.version}".rstrip()
            print(f"  {item.name:<{names}}  {item.target:<{targets}}  {source}")
        if not items:
            print("  (none is installed)")
    return 0
