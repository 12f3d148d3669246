"""Fixed facts about a data service, and the protocol of a source that asks it.

A service is described once, by a `DataService`: its name, address, pace, default series, and where
its figures come from in words. The transport, the cache and the commands read this description, so
that none of them knows any service by name. A source that is to have the cache, `fg-data vintages`
and `--aligned` is a plugin that satisfies `HistorySource`, which its description is a part of.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date, datetime
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from fg_core import ConfigError, Dataset, Provenance, Query
from fg_data.cache import cache_location
from fg_data.http import SPACING_SECONDS, ConditionalTransport, HttpTransport, Transport
from fg_data.vintages import VintageHistory

from .options import HistoryOptions
from .series_set import DescribedT, SeriesHistories

__all__ = [
    "DataService",
    "HistoryService",
    "HistorySource",
    "MakesUp",
    "NeedsKey",
    "SyntheticDataWarning",
]

_ANSWERS = "answers"

_SelfT_co = TypeVar("_SelfT_co", covariant=True)


@dataclass(frozen=True)
class DataService(Generic[DescribedT]):
    """Fixed facts about a data service.

    Args:
        name: Name of the source, which is that of its plugin and of its folder in the cache.
        title: Name of the service in prose.
        base_url: Address of the service.
        default_series: Series of a query that names none.
        metadata: Type of what the service says about a series: a dataclass, kept in the cache.
        provenance: Function from histories and metadata, by name of the series, and the day of
            retrieval to where the figures come from, with every notice and citation that they need.
        url_variable: Environment variable that goes before the address while it is the default
            one; empty: none.
        key_variable: Environment variable of the key; empty: the service asks for none.
        spacing_seconds: Least time between two requests to the service.
        row_frequency: Frequency of the series that have rows where a query names none; series of
            other frequencies stand in their context. Empty: all are brought to the lowest.
        keeps_vintages: Whether the service tells every figure that it ever published. If not, its
            answers are snapshots: the cache keeps each as a vintage, and a history is what the
            fetches saw.
        conditional: Whether answers are kept beside the cache, in the folder `answers`, and are
            asked for again only if they changed, for services that name the state of an answer.
        required_notices: Notices that the terms of use require wherever the data are shown, before
            anything else. They are notices of `provenance` too.

    Raises:
        ConfigError: No default series.
    """

    name: str
    title: str
    base_url: str
    default_series: tuple[str, ...]
    metadata: type[DescribedT]
    provenance: Callable[[Mapping[str, VintageHistory], Mapping[str, DescribedT], date], Provenance]
    _: KW_ONLY
    url_variable: str = ""
    key_variable: str = ""
    spacing_seconds: float = SPACING_SECONDS
    row_frequency: str = ""
    keeps_vintages: bool = True
    conditional: bool = False
    required_notices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("default_series", "required_notices"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if not self.default_series:
            raise ConfigError(f"the service {self.name!r} needs at least one default series")

    def transport(self) -> Transport:
        """Return the transport to the service, at the pace that all processes of a user share."""
        transport = HttpTransport(spacing_seconds=self.spacing_seconds)
        if not self.conditional:
            return transport
        return ConditionalTransport(transport, cache_location().folder / _ANSWERS)

    def address(self, base_url: str) -> str:
        """Return the address to ask, without a slash at its end.

        Args:
            base_url: Address that the caller set; the environment goes before the default one only.

        Returns:
            Address without parameters.
        """
        if base_url == self.base_url and self.url_variable:
            base_url = os.environ.get(self.url_variable, "").strip() or base_url
        return base_url.rstrip("/")

    def names(self, series: str | Iterable[str]) -> tuple[str, ...]:
        """Return the names of series, each once.

        Returns:
            Names in the order in which they were asked for.

        Raises:
            ConfigError: There are none.
        """
        names = (series,) if isinstance(series, str) else tuple(dict.fromkeys(series))
        if not names:
            raise ConfigError(
                f"no series is asked for; name at least one, such as {self.default_series[0]}"
            )
        return names

    def options(self, texts: Mapping[str, str]) -> HistoryOptions:
        """Return the options of a query to this service.

        Returns:
            Options of the types that their fields state.

        Raises:
            ConfigError: An unknown option, or one that does not read as what it must be.
        """
        return HistoryOptions.from_texts(texts, source=self.name)


class HistoryService(Protocol[DescribedT]):
    """Service that the cache asks for histories."""

    def fetch_multi_series(
        self, series: Sequence[str], *, release_lag: int | None = None
    ) -> SeriesHistories[DescribedT]:
        """Return whole histories; a series that fails does not spoil the others.

        Args:
            series: Names.
            release_lag: Days from the end of a period to its release, where neither the service nor
                the table says.

        Returns:
            Histories and metadata by series, and the error of each series that failed.

        Raises:
            ForecastGameError: What no series would survive, such as a key that is not accepted.
        """
        ...


@runtime_checkable
class HistorySource(Protocol):
    """A plugin of `fg_core.sources` that has histories: every figure, and when it was known.

    Its histories are kept in the cache, shown by `fg-data vintages`, aligned and checked, with
    nothing more to write. `histories.asking` has the functions that such a source is made of.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def service(self) -> DataService[Any]: ...  # noqa: D102
    def fetch(self, query: Query, as_of: datetime | None = None) -> Dataset: ...  # noqa: D102
    def fetch_multi_series(  # noqa: D102
        self, series: Sequence[str], *, release_lag: int | None = None
    ) -> SeriesHistories[Any]: ...


class SyntheticDataWarning(UserWarning):
    """Made-up figures stand in for those that were asked for."""


@runtime_checkable
class NeedsKey(Protocol):
    """A source that makes figures up where its key is missing, with a `SyntheticDataWarning`."""

    @property
    def has_key(self) -> bool: ...  # noqa: D102


@runtime_checkable
class MakesUp(Protocol[_SelfT_co]):
    """A source whose made-up figures are a function of a seed."""

    def with_seed(self, seed: int) -> _SelfT_co: ...  # noqa: D102
