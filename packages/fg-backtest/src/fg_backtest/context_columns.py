"""Context columns that are of no use to the forecasters that play, and who would use them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fg_core import AgentFactory, AgentRegistry, Dataset, Observation, Registry, SimulationConfig
from fg_core.authoring import columns_read
from fg_core.errors import ForecastGameError
from fg_core.mappings import frozen_mapping
from fg_core.plugins import INSTALL_HINT
from fg_core.registry import registry_from

__all__ = ["context_notices", "static_columns", "with_context_notices"]

_LISTED = 5
_LINE_UPS = "fg_core.lineups"


def static_columns(rows: Mapping[str, Sequence[Observation]]) -> tuple[str, ...]:
    """Return the context columns that change in no series.

    Args:
        rows: rows of each series, by name.

    Returns:
        Names of the columns.
    """
    moving: dict[str, bool] = {}
    for ours in rows.values():
        first: dict[str, float] = {}
        for context in _contexts(ours):
            for name, number in context.items():
                moves = first.setdefault(name, number) != number
                moving[name] = moves or moving.get(name, False)
    return tuple(name for name, moves in moving.items() if not moves)


def context_notices(
    rows: Mapping[str, Sequence[Observation]],
    agents: AgentRegistry,
    factory: AgentFactory,
    config: SimulationConfig,
) -> tuple[str, ...]:
    """Return which context columns are of no use, and which line-ups would use them.

    Args:
        rows: rows of each series that is played, by name.
        agents: agents that play.
        factory: factory that made them.
        config: settings that it made them with.

    Returns:
        A line on columns that never change, and one on those that no forecaster reads, each where
        there are any.
    """
    columns = dict.fromkeys(c for ours in rows.values() for told in _contexts(ours) for c in told)
    static = static_columns(rows)
    found = []
    if static:
        found.append(f"Columns that never change are of no use as context: {_listed(static)}.")
    moving = [name for name in columns if name not in static]
    read = frozenset().union(*(columns_read(one, moving) for one in agents.forecasters))
    unread = [name for name in moving if name not in read]
    if unread:
        name = getattr(factory, "name", "") or ("" if _is_custom(factory) else "baselines")
        whose = f"of the line-up {name!r}" if name else "that plays"
        others = _line_ups_that_read(unread, config, name)
        who = f"--agents {' or '.join(others)} has some that do" if others else _nobody()
        found.append(f"No forecaster {whose} uses the context {_listed(unread)}: {who}.")
    return tuple(found)


def with_context_notices(
    dataset: Dataset,
    rows: Mapping[str, Sequence[Observation]],
    agents: AgentRegistry,
    factory: AgentFactory,
    config: SimulationConfig,
) -> Dataset:
    """Return a dataset whose provenance says what `context_notices` says of these rows.

    Args:
        dataset: dataset of the rows.
        rows: as for `context_notices`.
        agents: as for `context_notices`.
        factory: as for `context_notices`.
        config: as for `context_notices`.

    Returns:
        The dataset with further notices.
    """
    more = context_notices(rows, agents, factory, config)
    if not more:
        return dataset
    of = dataset.provenance
    return replace(dataset, provenance=replace(of, notices=(*of.notices, *more)))


def _contexts(rows: Sequence[Observation]) -> list[Mapping[str, float]]:
    """Return the contexts of rows; a row without any most often shares the one empty mapping."""
    nothing: Mapping[str, float] = frozen_mapping()
    return [row.macro_context for row in rows if row.macro_context is not nothing]


def _is_custom(factory: Any) -> bool:
    """Return whether a factory is none of the commands'."""
    return not hasattr(factory, "aggregator")


def _line_ups_that_read(
    columns: Sequence[str], config: SimulationConfig, name: str
) -> tuple[str, ...]:
    """Return the line-ups that have forecasters which declare that they read some columns."""
    registry, found = Registry(_LINE_UPS), []
    for other in registry.names():
        if other == name:
            continue
        try:
            agents = registry_from(registry.load(other)()(config))
        except ForecastGameError:
            continue  # it cannot play here, and so is no remedy
        declared = [one for one in agents.forecasters if hasattr(one, "columns_read")]
        if any(columns_read(one, columns) for one in declared):
            found.append(other)
    return tuple(found)


def _nobody() -> str:
    if len(Registry(_LINE_UPS).names()) > 1:
        return "nor does any other line-up"
    return f"fg-agents has line-ups that do; {INSTALL_HINT}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
