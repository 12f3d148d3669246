"""A source whose rows are those of a training set."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from fg_core import Dataset, Query
from fg_data.histories import DataService

from .training_set import TrainingSet

__all__ = ["TrainingSource"]


@runtime_checkable
class TrainingSource(Protocol):
    """A plugin of `fg_core.sources` that makes training sets of a service's histories.

    Its `service` names the source that the histories are from. It knows the options `refresh` (yes
    or no) and `release_lag` of a query.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def service(self) -> DataService[Any]: ...  # noqa: D102
    def fetch(self, query: Query, as_of: datetime | None = None) -> Dataset: ...  # noqa: D102
    def training_set(self, query: Query) -> TrainingSet: ...  # noqa: D102
