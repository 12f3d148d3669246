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

DEFENDER_KIND = DocumentKind("forecast-game-table-defender", 2)
FORECASTER_KIND = DocumentKind("forecast-game-table-forecaster", 2)
ADVERSARY_KIND = DocumentKind("forecast-game-table-adversary", 2)
STEP_SCALE = "one_step_scale"
"""Unit of hits and corrections: the one-step scale of the series."""
PREDICTIVE = "predictive"
"""Unit of a defender's surprise: standard deviations of the predictive of the print."""
Agent = TypeVar("Agent")


class _Cells(msgspec.Struct, forbid_unknown_fields=True):
    """What all policies hold: the name of the agent, and its cells."""

    name: str
    features: list[str]
    edges: list[list[float]]

    def grid(self) -> FeatureGrid:
        """Return the cells."""
        return FeatureGrid(tuple(map(tuple, self.edges)), tuple(self.features))


class _Defender(_Cells):
    p_bad: list[float]
    unit: str
    """Unit of the surprise; probabilities have none, nor have the other features."""


class _Forecaster(_Cells):
    corrections: list[float]
    horizon: int
    step_scale: float | None
    unit: str = STEP_SCALE
    """Unit of the corrections; files of version 1 say none and mean this one."""


class _Adversary(_Cells):
    hits: list[float]
    policy: list[list[float]]
    unit: str = STEP_SCALE
    """Unit of the hits; files of version 1 say none and mean this one."""


class _OldDefender(msgspec.Struct, forbid_unknown_fields=True):
    """Version 1: a table over one feature."""

    name: str
    p_bad: list[float]
    feature: str
    edges: list[float]
    scale: str = PREDICTIVE

    def renewed(self) -> _Defender:
        """Return it as of today."""
        return _Defender(self.name, [self.feature], [self.edges], self.p_bad, self.scale)


def _cells(agent: Any) -> tuple[str, list[str], list[list[float]]]:
    """Return the fields of `_Cells`."""
    return agent.name, list(agent.grid.names), [list(cuts) for cuts in agent.grid.edges]


def save_defender(path: str | os.PathLike[str], defender: TableDefender) -> None:
    """Write a trained defender, whole or not at all; `TablePolicyLoader` reads it.

    Args:
        path: path of the file; missing parent folders are made.
        defender: defender to save.

    Raises:
        OSError: The file cannot be written.
    """
    content = _Defender(*_cells(defender), list(defender.p_bad), PREDICTIVE)
    write_document(path, content, DEFENDER_KIND)


def save_forecaster(path: str | os.PathLike[str], agent: TableForecaster) -> None:
    """Write a trained forecaster without its pool, whole or not at all.

    Args:
        path: path of the file; missing parent folders are made.
        agent: forecaster to save.

    Raises:
        OSError: The file cannot be written.
    """
    numbers = list(agent.corrections), agent.horizon, agent.step_scale
    write_document(path, _Forecaster(*_cells(agent), *numbers), FORECASTER_KIND)


def save_adversary(path: str | os.PathLike[str], agent: TableAdversary) -> None:
    """Write a trained adversary, whole or not at all.

    Args:
        path: path of the file; missing parent folders are made.
        agent: adversary to save.

    Raises:
        OSError: The file cannot be written.
    """
    content = _Adversary(*_cells(agent), list(agent.hits), [list(row) for row in agent.policy])
    write_document(path, content, ADVERSARY_KIND)


class _Loader(ABC, Generic[Agent]):
    """Reads policies of one kind: the file, what it holds, and the agent that this makes."""

    name: str
    role: PolicyRole
    _content: ClassVar[type[Any]]
    _old_content: ClassVar[type[Any]]
    """Type of the content in version 1."""
    _kind: ClassVar[DocumentKind]
    _unit: ClassVar[str] = STEP_SCALE
    _of_unit: ClassVar[str]
    """What is in that unit."""

    def load(self, path: str) -> Agent:
        """Return the agent of a file.

        Args:
            path: path of the file.

        Returns:
            The agent, ready to play; a forecaster is around the default pool.

        Raises:
            ArtifactError: The file is damaged, of another format or version, in another unit, or
                its table is none.
            OSError: It cannot be read.
        """
        found: Any = read_document(path, self._content, self._kind, {1: self._old_content})
        if isinstance(found, _OldDefender):
            found = found.renewed()
        if found.unit != self._unit:
            raise ArtifactError(
                f"{path}: {self._of_unit} in units of {found.unit!r}; {self._unit!r} is wanted"
            )
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
    _old_content = _OldDefender
    _kind = DEFENDER_KIND
    _unit = PREDICTIVE
    _of_unit = "a surprise"

    def _agent(self, found: _Defender) -> TableDefender:
        return TableDefender(tuple(found.p_bad), found.grid(), found.name)


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
    _content = _old_content = _Forecaster
    _of_unit = "corrections"
    _kind = FORECASTER_KIND

    def _agent(self, found: _Forecaster) -> TableForecaster:
        return TableForecaster(
            tuple(found.corrections),
            found.grid(),
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
    _content = _old_content = _Adversary
    _of_unit = "hits"
    _kind = ADVERSARY_KIND

    def _agent(self, found: _Adversary) -> TableAdversary:
        rows = tuple(tuple(row) for row in found.policy)
        return TableAdversary(rows, tuple(found.hits), found.grid(), found.name)
