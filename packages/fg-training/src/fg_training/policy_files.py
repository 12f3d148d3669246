"""Trained forecasters and adversaries as files; those of defenders are in `checkpoint`.

A file is a document (`fg_core.documents`) whose format names its loader, a plugin of the group
`fg_core.policies`.
"""

from __future__ import annotations

import os
from typing import Literal

import msgspec

from fg_core.documents import DocumentKind, read_document, write_document
from fg_core.errors import ArtifactError, ConfigError

from .features import FeatureGrid
from .table_adversary import TableAdversary
from .table_forecaster import TableForecaster

__all__ = [
    "TableAdversaryLoader",
    "TableForecasterLoader",
    "save_adversary",
    "save_forecaster",
]

FORECASTER_KIND = DocumentKind("forecast-game-table-forecaster", 1)
ADVERSARY_KIND = DocumentKind("forecast-game-table-adversary", 1)


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


class TableForecasterLoader:
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
    role: Literal["correction"] = "correction"

    def load(self, path: str) -> TableForecaster:
        """Return the forecaster of a file.

        Args:
            path: path of the file.

        Returns:
            The forecaster, around the default pool.

        Raises:
            ArtifactError: The file is damaged, of another format or version, or its table is none.
            OSError: It cannot be read.
        """
        found = read_document(path, _Forecaster, FORECASTER_KIND)
        try:
            return TableForecaster(
                tuple(found.corrections),
                _grid(found.edges, found.features),
                horizon=found.horizon,
                name=found.name,
                step_scale=found.step_scale,
            )
        except ConfigError as error:
            raise ArtifactError(f"{path}: {error}") from error


class TableAdversaryLoader:
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
    role: Literal["adversary"] = "adversary"

    def load(self, path: str) -> TableAdversary:
        """Return the adversary of a file.

        Args:
            path: path of the file.

        Returns:
            The adversary, ready to play.

        Raises:
            ArtifactError: The file is damaged, of another format or version, or its table is none.
            OSError: It cannot be read.
        """
        found = read_document(path, _Adversary, ADVERSARY_KIND)
        try:
            rows = tuple(tuple(row) for row in found.policy)
            grid = _grid(found.edges, found.features)
            return TableAdversary(rows, tuple(found.hits), grid, found.name)
        except ConfigError as error:
            raise ArtifactError(f"{path}: {error}") from error


def _grid(edges: list[list[float]], names: list[str]) -> FeatureGrid:
    return FeatureGrid(tuple(tuple(cuts) for cuts in edges), tuple(names))
