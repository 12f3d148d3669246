"""Trained policies as files: defenders, forecasters and adversaries.

A file is a document (`fg_core.documents`) whose format names its loader, a plugin of the group
`fg_core.policies`.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

from fg_core.documents import DocumentKind, read_document, write_document
from fg_core.errors import ArtifactError, ConfigError
from fg_core.protocols import PolicyRole

from .features import FeatureGrid
from .table_adversary import TableAdversary
from .table_defender import TableDefender
from .table_forecaster import TableForecaster

__all__ = [
    "TableAdversaryLoader",
    "TableForecasterLoader",
    "TablePolicyLoader",
    "save_adversary",
    "save_defender",
    "save_forecaster",
]

DEFENDER_KIND = DocumentKind("forecast-game-table-defender", 1)
FORECASTER_KIND = DocumentKind("forecast-game-table-forecaster", 1)
ADVERSARY_KIND = DocumentKind("forecast-game-table-adversary", 1)
Agent = TypeVar("Agent")


class _Defender(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    p_bad: list[float]
    feature: str
    edges: list[float]
    scale: str = "predictive"
    """Unit of the feature: standard deviations of the predictive of the print."""


class _Forecaster(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    corrections: list[float]
    features: list[str]
    edges: list[list[float]]
    horizon: int
    step_scale: float | None


class _Adversary(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    hits: list[float]
    policy: list[list[float]]
    features: list[str]
    edges: list[list[float]]


def save_defender(path: str | os.PathLike[str], defender: TableDefender) -> None:
    """Write a trained defender, whole or not at all; `TablePolicyLoader` reads it.

    Args:
        path: path of the file; missing parent folders are made.
        defender: defender to save.

    Raises:
        OSError: The file cannot be written.
    """
    grid = defender.grid
    content = _Defender(defender.name, list(defender.p_bad), grid.names[0], list(grid.edges[0]))
    write_document(path, content, DEFENDER_KIND)


def save_forecaster(path: str | os.PathLike[str], agent: TableForecaster) -> None:
    """Write a trained forecaster without its pool, whole or not at all.

    Args:
        path: path of the file; missing parent folders are made.
        agent: forecaster to save.

    Raises:
        OSError: The file cannot be written.
    """
    grid = agent.grid
    content = _Forecaster(
        agent.name,
        list(agent.corrections),
        list(grid.names),
        [list(cuts) for cuts in grid.edges],
        agent.horizon,
        agent.step_scale,
    )
    write_document(path, content, FORECASTER_KIND)


def save_adversary(path: str | os.PathLike[str], agent: TableAdversary) -> None:
    """Write a trained adversary, whole or not at all.

    Args:
        path: path of the file; missing parent folders are made.
        agent: adversary to save.

    Raises:
        OSError: The file cannot be written.
    """
    grid = agent.grid
    content = _Adversary(
        agent.name,
        list(agent.hits),
        [list(row) for row in agent.policy],
        list(grid.names),
        [list(cuts) for cuts in grid.edges],
    )
    write_document(path, content, ADVERSARY_KIND)


class _Loader(ABC, Generic[Agent]):
    """Reads policies of one kind: the file, what it holds, and the agent that this makes."""

    name: str
    role: PolicyRole
    _content: ClassVar[type[Any]]
    _kind: ClassVar[DocumentKind]

    def load(self, path: str) -> Agent:
        """Return the agent of a file.

        Args:
            path: path of the file.

        Returns:
            The agent, ready to play; a forecaster is around the default pool.

        Raises:
            ArtifactError: The file is damaged, of another format or version, or its table is none.
            OSError: It cannot be read.
        """
        found = read_document(path, self._content, self._kind)
        try:
            return self._agent(found)
        except ConfigError as error:
            raise ArtifactError(f"{path}: {error}") from error

    @abstractmethod
    def _agent(self, found: Any) -> Agent:
        """Return the agent of what a file holds; what makes none is a ConfigError."""


class TablePolicyLoader(_Loader[TableDefender]):
    """Reads trained defenders: the plugin `table_defender` of the group `fg_core.policies`.

    >>> import tempfile
    >>> from pathlib import Path
    >>> agent = TableDefender((0.0, 0.9), FeatureGrid(((2.0,),), ("surprise",)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_defender(Path(folder) / "policy.json", agent)
    ...     TablePolicyLoader().load(str(Path(folder) / "policy.json")) == agent
    True
    """

    name = "table_defender"
    role: PolicyRole = "defender"
    _content = _Defender
    _kind = DEFENDER_KIND

    def _agent(self, found: _Defender) -> TableDefender:
        if found.scale != "predictive":
            raise ConfigError(
                f"the table was trained on a {found.feature} in units of {found.scale!r}; a table "
                "defender sees it in standard deviations of the predictive"
            )
        grid = _grid([found.edges], [found.feature])
        return TableDefender(tuple(found.p_bad), grid, found.name)


class TableForecasterLoader(_Loader[TableForecaster]):
    """Reads trained forecasters: the plugin `table_forecaster` of the group `fg_core.policies`.

    What it returns is around the default pool; `correcting` puts it around another one.

    >>> import tempfile
    >>> from pathlib import Path
    >>> agent = TableForecaster((0.0, 0.5), FeatureGrid(((0.0,),), ("surprise",)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_forecaster(Path(folder) / "policy.json", agent)
    ...     TableForecasterLoader().load(str(Path(folder) / "policy.json")) == agent
    True
    """

    name = "table_forecaster"
    role: PolicyRole = "correction"
    _content = _Forecaster
    _kind = FORECASTER_KIND

    def _agent(self, found: _Forecaster) -> TableForecaster:
        return TableForecaster(
            tuple(found.corrections),
            _grid(found.edges, found.features),
            horizon=found.horizon,
            name=found.name,
            step_scale=found.step_scale,
        )


class TableAdversaryLoader(_Loader[TableAdversary]):
    """Reads trained adversaries: the plugin `table_adversary` of the group `fg_core.policies`.

    >>> import tempfile
    >>> from pathlib import Path
    >>> agent = TableAdversary(
    ...     ((1.0, 0.0), (0.5, 0.5)), (0.0, 2.0), FeatureGrid(((0.5,),), ("budget",)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_adversary(Path(folder) / "policy.json", agent)
    ...     TableAdversaryLoader().load(str(Path(folder) / "policy.json")) == agent
    True
    """

    name = "table_adversary"
    role: PolicyRole = "adversary"
    _content = _Adversary
    _kind = ADVERSARY_KIND

    def _agent(self, found: _Adversary) -> TableAdversary:
        rows = tuple(tuple(row) for row in found.policy)
        grid = _grid(found.edges, found.features)
        return TableAdversary(rows, tuple(found.hits), grid, found.name)


def _grid(edges: list[list[float]], names: list[str]) -> FeatureGrid:
    return FeatureGrid(tuple(tuple(cuts) for cuts in edges), tuple(names))
