"""Trained policies in files, and where they play in a game.

A policy file is a document (`fg_core.documents`) whose `format` names its loader, a plugin of the
group `fg_core.policies`: `forecast-game-table-defender` is read by the loader `table_defender`, and
`acme-table` by `acme_table`. So whoever plays a policy needs to know neither who trained it nor
which package reads it. The loader says in which role its agents play:

| role | where the agent plays |
|---|---|
| `forecaster` | beside the other forecasters, in the pool |
| `correction` | around the pool, whose forecasts it corrects (`PoolCorrection`) |
| `defender` | in place of the other defenders |
| `adversary` | beside the other adversaries |
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, get_args

from .documents import read_format
from .errors import ArtifactError, ConfigError, PluginLoadError, UnknownPluginError
from .plugins import Registry
from .protocols import Adversary, Defender, Forecaster, PolicyRole, PoolCorrection

__all__ = ["Policy", "PolicySource", "by_role", "load_policies", "load_policy", "loader_name"]

GROUP = "fg_core.policies"
_OWN_PREFIX = "forecast-game-"
_SEATS: dict[str, type] = {
    "forecaster": Forecaster,
    "correction": PoolCorrection,
    "defender": Defender,
    "adversary": Adversary,
}


@dataclass(frozen=True)
class Policy:
    """A trained agent, and the role that it plays in.

    Args:
        agent: agent that plays the policy: of its role's protocol in `fg_core.protocols`.
        role: role of the agent.
        name: name of the policy in tables and messages: that of its file, without folder and
            ending.

    Raises:
        ConfigError: A role that there is not, an agent that cannot play in it, or no name.
    """

    agent: Any
    role: PolicyRole
    name: str

    def __post_init__(self) -> None:
        if self.role not in get_args(PolicyRole):
            raise ConfigError(
                f"role of a policy must be one of {', '.join(get_args(PolicyRole))}, got "
                f"{self.role!r}"
            )
        if not isinstance(self.agent, _SEATS[self.role]):
            raise ConfigError(
                f"policy {self.name!r}: a {type(self.agent).__name__} cannot play as "
                f"{self.role}; see fg_core.protocols"
            )
        if not self.name:
            raise ConfigError("a policy must have a name")


PolicySource: TypeAlias = str | os.PathLike[str] | Policy
"""A policy, or the path of its file."""


def loader_name(document_format: str) -> str:
    """Return the name of the loader that reads policies of a format.

    Args:
        document_format: `format` field of the policy file.

    Returns:
        Name of a plugin of the group `fg_core.policies`, whether it is installed or not.

    >>> loader_name("forecast-game-table-defender"), loader_name("acme-table")
    ('table_defender', 'acme_table')
    """
    return document_format.removeprefix(_OWN_PREFIX).replace("-", "_")


def load_policy(source: PolicySource) -> Policy:
    """Read a policy by the loader that its `format` field names.

    Args:
        source: path of the file; a `Policy` is returned as it is.

    Returns:
        The policy, named like its file.

    Raises:
        ArtifactError: The file is missing, cannot be read, is no document, is damaged, or does not
            fit the agent that it is for (features, scale).
        UnknownPluginError: No loader of that format is installed; the message says which package
            brings some.
        PluginLoadError: The loader does not load, or its agent cannot play in the role it names.

    >>> load_policy("nowhere.json")
    Traceback (most recent call last):
    ...
    fg_core.errors.ArtifactError: there is no policy file nowhere.json
    """
    if isinstance(source, Policy):
        return source
    path = os.fspath(source)
    try:
        found = read_format(path)
        name = loader_name(found)
        loader = _loader(path, found, name)
        agent = loader.load(path)
    except FileNotFoundError:
        raise ArtifactError(f"there is no policy file {path}") from None
    except OSError as error:
        raise ArtifactError(f"policy {path} cannot be read: {error.strerror or error}") from error
    try:
        return Policy(agent, getattr(loader, "role", None), Path(path).stem)  # type: ignore[arg-type]
    except ConfigError as error:
        raise PluginLoadError(f"plugin {name!r} of group {GROUP}: {error}") from error


def _loader(path: str, found: str, name: str) -> Any:
    try:
        return Registry(GROUP).load(name)()
    except UnknownPluginError as error:
        raise UnknownPluginError(f"{path} has the format {found[:80]!r}: {error}") from None


def load_policies(sources: Iterable[PolicySource]) -> tuple[Policy, ...]:
    """Read policies whose names must differ.

    Args:
        sources: paths of files, or policies; one path alone is refused, since a text is a
            collection of its letters.

    Returns:
        Policies in that order.

    Raises:
        ConfigError: Two of one name, or a path alone.
        ForecastGameError: As for `load_policy`.
    """
    if isinstance(sources, str | os.PathLike | Policy):
        raise ConfigError(f"policies must be a list of files, got {sources!r}: write [{sources!r}]")
    found = tuple(load_policy(one) for one in sources)
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"two policies are named {twice[0]!r}: rename one of the files")
    return found


def by_role(policies: Iterable[Policy]) -> dict[PolicyRole, tuple[Any, ...]]:
    """Return the agents of policies that play together, by role.

    Args:
        policies: policies.

    Returns:
        Agents of each role, in their order; none for a role that no policy has.

    Raises:
        ConfigError: Two defenders or two corrections, each of which was trained alone.

    >>> by_role(())["defender"]
    ()
    """
    named: dict[PolicyRole, list[Policy]] = {role: [] for role in get_args(PolicyRole)}
    for one in policies:
        named[one.role].append(one)
    for role in ("defender", "correction"):
        if len(named[role]) > 1:
            names = " and ".join(one.name for one in named[role])
            raise ConfigError(f"{names} are trained alone, as {role}: give one of them")
    return {role: tuple(one.agent for one in found) for role, found in named.items()}
