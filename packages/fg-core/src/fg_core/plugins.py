"""The one reader of plugins: names from metadata, imports on demand.

A plugin is an entry point of an installed distribution. Its group says what it is, its name what
users call it, and its target is a class or a factory that can be called without arguments:

    [project.entry-points."fg_core.forecasters"]
    my_model = "my_package.models:MyForecaster"

Names are exact; an alias is a second entry point with the same target. Nothing is ever skipped in
silence: an unknown name, two distributions that claim one name, and a plugin that does not load
are errors that say what to do.

Which package to install for a name that is not there is a matter of its group: this module knows no
plugin by name, ours or others'. A package that is missing has no metadata, so what it would bring
stands in the metadata of this one: an extra of the distribution fg-core that is called like a group
(`fg-core[sources]`) names the packages that bring more of that group, and installs them.

This module is the only place of the project that imports what it was told at run time. (A linter
does not see such an import, so `importlib.import_module` is banned elsewhere, but for the literal
tables of `fg_core.lazy_names`.)
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, requires
from typing import Any

from .errors import PluginClashError, PluginError, PluginLoadError, UnknownPluginError
from .mappings import FrozenMapping
from .nearest import nearest_first

__all__ = ["GROUPS", "INSTALL_HINT", "PluginInfo", "Registry", "refresh"]

GROUPS: FrozenMapping[str, str] = FrozenMapping(
    {
        "fg_core.sources": "data sources: observations as they were known at a moment",
        "fg_core.forecasters": "forecasters: the expected change of a series",
        "fg_core.adversaries": "adversaries: who tampers with the prints",
        "fg_core.defenders": "defenders: who doubts the prints",
        "fg_core.aggregators": "aggregators: from many forecasts to one distribution",
        "fg_core.lineups": "line-ups: forecasters together with the pool that suits them",
        "fg_core.backends": "model backends: the statistical models behind forecasters",
        "fg_core.disturbances": "disturbances: what nature does to a series",
        "fg_core.defenses": "defenses: the rules by which defenders doubt",
        "fg_core.runtimes": "strategy runtimes: what runs a written strategy",
        "fg_core.executors": "executors: where independent tasks run",
        "fg_core.policies": "policy loaders: saved policies back to agents",
        "fg_core.refiners": "refiners: small corrections proposed from revealed forecasts",
        "fg_core.evaluators": "evaluators: the score of a configuration",
        "fg_core.scenarios": "validation scenarios: checks of behaviour that can fail",
    }
)
"""Every group of plugins, and what it holds in one line."""

INSTALL_HINT = (
    "install it from this project's workspace, its wheels or your own index: "
    "on the public index the name fg-core belongs to a stranger"
)
"""How to install a package of ours; every error that names a missing one says so."""

_OWN_DISTRIBUTION = "fg-core"
_NO_DISTRIBUTION = "(no distribution)"


@dataclass(frozen=True)
class PluginInfo:
    """One plugin as its metadata describe it.

    Args:
        name: Name that users call it by.
        target: `module:attribute`.
        distribution: Name of the distribution that brings it.
        version: Version of that distribution.

    >>> PluginInfo("mine", "my_package:Mine", "my-package", "1.0").distribution
    'my-package'
    """

    name: str
    target: str
    distribution: str
    version: str


@lru_cache(maxsize=8)
def _installed(path: tuple[str, ...]) -> tuple[EntryPoint, ...]:  # noqa: ARG001 - the cache key
    """Return all entry points of our groups; one read of the metadata per `sys.path`."""
    everything = entry_points()
    return tuple(point for group in GROUPS for point in everything.select(group=group))


@lru_cache(maxsize=8)
def _providers(path: tuple[str, ...]) -> FrozenMapping[str, str]:  # noqa: ARG001 - the cache key
    """Return the packages that bring more plugins, by group, as the extras of fg-core name them."""
    try:
        requirements = requires(_OWN_DISTRIBUTION) or ()
    except PackageNotFoundError:  # imported from a tree of sources, which has no metadata
        return FrozenMapping()
    found: dict[str, list[str]] = {}
    for text in requirements:
        name = re.match(r"[\w.-]+", text)
        extra = re.search(r"""\bextra\s*==\s*["']([\w.-]+)["']""", text)
        if name and extra and (group := f"fg_core.{extra[1]}") in GROUPS:
            found.setdefault(group, []).append(name[0])
    return FrozenMapping({group: " or ".join(names) for group, names in found.items()})


def refresh() -> None:
    """Forget the metadata that were read, after a package was installed while the program runs.

    A change of `sys.path` needs no refresh.

    >>> refresh()
    """
    _installed.cache_clear()
    _providers.cache_clear()


class Registry:
    """The plugins of one group.

    It is not a mapping: `in` and `items` of a mapping would import every plugin to answer.

    Args:
        group: Group of the plugins, one of `GROUPS`.
        entry_points: Entry points to read instead of the installed distributions, for tests; those
            of other groups are ignored.

    Raises:
        PluginError: There is no such group; the message lists those there are.

    >>> point = EntryPoint("counter", "collections:Counter", "fg_core.sources")
    >>> registry = Registry("fg_core.sources", [point])
    >>> registry.names()
    ('counter',)
    >>> registry.load("counter")()
    Counter()
    """

    __slots__ = ("_points", "group")

    group: str

    def __init__(self, group: str, entry_points: Iterable[EntryPoint] | None = None) -> None:
        if group not in GROUPS:
            known = ", ".join(nearest_first(group, GROUPS))
            raise PluginError(f"no group of plugins {group!r}; there are {known}")
        found = _installed(tuple(sys.path)) if entry_points is None else entry_points
        self.group = group
        self._points = tuple(point for point in found if point.group == group)

    def __repr__(self) -> str:
        return f"Registry({self.group!r}, names={list(self.names())})"

    def names(self) -> tuple[str, ...]:
        """Return the names, sorted. Imports nothing."""
        return tuple(sorted({point.name for point in self._points}))

    def items(self) -> tuple[PluginInfo, ...]:
        """Return what the metadata say of each plugin, by name. Imports nothing.

        Of a name that two distributions claim, both are listed: this is where a user looks for
        the culprit that `load` complains about.
        """
        found = {
            PluginInfo(point.name, point.value, *_distribution_of(point)) for point in self._points
        }
        return tuple(sorted(found, key=lambda p: (p.name, p.distribution, p.version, p.target)))

    def require(self, name: str) -> None:
        """Refuse a name of which there is not one plugin. Reads no metadata beside the list.

        Args:
            name: Name of the plugin.

        Raises:
            UnknownPluginError: There is no plugin of this name.
            PluginClashError: There are several.
        """
        self._point(name)

    def distribution(self, name: str) -> str:
        """Return the name of the distribution that brings a plugin.

        Raises:
            UnknownPluginError: There is no plugin of this name.
            PluginClashError: There are several.
        """
        return _distribution_of(self._point(name))[0]

    def load(self, name: str) -> Callable[..., Any]:
        """Import one plugin and return its target: a class, or a factory without arguments.

        Raises:
            UnknownPluginError: There is no plugin of this name; the message lists those there
                are, the nearest first, and what to install.
            PluginClashError: Two distributions bring different plugins of this name.
            PluginLoadError: It does not load. The cause is the original error.
        """
        point = self._point(name)
        try:
            target = point.load()
        except (Exception, SystemExit) as error:  # a stranger's module can raise anything
            raise PluginLoadError(
                f"{self._failed(point)}: {_short(error)}{_extra(point)}"
            ) from error
        if not callable(target):
            raise PluginLoadError(
                f"{self._failed(point)}: the target is {type(target).__name__}, "
                "not a class or a factory"
            )
        return target  # type: ignore[no-any-return]

    def _point(self, name: str) -> EntryPoint:
        found = [point for point in self._points if point.name == name]
        if not found:
            raise self._unknown(name)
        # An editable install may list one distribution twice, always with the same target.
        by_target = {point.value: point for point in reversed(found)}
        if len(by_target) > 1:
            claims = " and ".join(
                f"{' '.join(_distribution_of(point))} ({point.value})"
                for point in sorted(
                    by_target.values(), key=lambda p: (_distribution_of(p), p.value)
                )
            )
            raise PluginClashError(
                f"plugin {name!r} of group {self.group} is claimed by {claims}; "
                "uninstall one of them, or have one renamed"
            )
        return found[0]

    def _unknown(self, name: str) -> UnknownPluginError:
        names = self.names()
        if names:
            known = f"known, nearest first: {', '.join(nearest_first(name, names))}"
        else:
            known = "none is installed"
        provider = _providers(tuple(sys.path)).get(self.group)
        if provider is None:
            remedy = f"if a package brings it, {INSTALL_HINT}"
        else:
            some = "more" if names else "some"
            remedy = f"{provider} brings {some}; if it is missing, {INSTALL_HINT}"
        return UnknownPluginError(f"no plugin {name!r} in group {self.group}; {known}; {remedy}")

    def _failed(self, point: EntryPoint) -> str:
        distribution = " ".join(_distribution_of(point))
        return (
            f"plugin {point.name!r} of group {self.group} does not load "
            f"(target {point.value}, from {distribution})"
        )


def _distribution_of(point: EntryPoint) -> tuple[str, str]:
    if point.dist is None:
        return _NO_DISTRIBUTION, ""
    return point.dist.name, point.dist.version


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _extra(point: EntryPoint) -> str:
    # Asked for its extras, a target that cannot be parsed fails; without brackets it has none.
    if "[" not in point.value or point.dist is None:
        return ""
    return f"; it needs {point.dist.name}[{','.join(point.extras)}]: {INSTALL_HINT}"
