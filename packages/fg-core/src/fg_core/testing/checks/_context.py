"""Conformance of what a forecaster declares about the context columns that it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fg_core.frozen import frozen_mapping
from fg_core.state import ForecastState
from fg_core.testing._play import HORIZONS, Promises, bind
from fg_core.testing.examples import example_reveals
from fg_core.window import TrainingWindow

__all__ = ["judge_columns_read"]

_AHEAD = max(HORIZONS)


def judge_columns_read(
    promises: Promises, agent: Any, window: TrainingWindow, states: Sequence[ForecastState]
) -> None:
    """Change the numbers of columns that are not read, everywhere: no forecast moves by a bit."""
    contexts = (*window.contexts, *(state.macro_context for state in states))
    names = sorted({name for row in contexts for name in row})
    read = promises.pure("columns_read", agent.columns_read, names)
    promises.require(
        set(read) <= set(names),
        "columns_read returns some of the columns that it is given",
        f"of {names} it reads {sorted(read)}",
    )
    others = frozenset(names) - set(read)
    if not others:
        return
    before, after = (_played(promises, agent, window, states, own) for own in (frozenset(), others))
    promises.require(
        before == after,
        "columns that columns_read leaves out move nothing",
        f"other numbers in {', '.join(sorted(others))} gave another forecast",
    )


def _played(
    promises: Promises,
    agent: Any,
    window: TrainingWindow,
    states: Sequence[ForecastState],
    changed: frozenset[str],
) -> tuple[Any, ...]:
    """Return what an agent says before and after each reveal, with changes in some columns."""
    last = window.contexts[-_AHEAD:]

    def seen(state: ForecastState) -> ForecastState:
        return replace(
            state,
            macro_context=_changed(state.macro_context, state.t, changed),
            known_ahead=tuple(_changed(row, i, changed) for i, row in enumerate(last)),
        )

    rows = [_changed(row, i, changed) for i, row in enumerate(window.contexts)]
    given = replace(window, contexts=rows)
    if hasattr(agent, "fit_panel"):
        agent = promises.call("fit_panel", agent.fit_panel, [given])[0]
    elif hasattr(agent, "fit"):
        agent = promises.call("fit", agent.fit, given)
    shown = [seen(state) for state in states]
    calls = [(state, horizon) for state in shown for horizon in HORIZONS]
    said = [promises.replay("act", [bind(agent.act, *call) for call in calls])]
    if hasattr(agent, "update"):
        for revealed in example_reveals(window):
            told = replace(revealed, state=seen(revealed.state))
            agent = promises.call("update", agent.update, told)
        said.append(promises.replay("act", [bind(agent.act, *call) for call in calls]))
    return tuple(said)


def _changed(row: Mapping[str, float], place: int, columns: frozenset[str]) -> Mapping[str, float]:
    """Return a context with other numbers in some columns, where it has them."""
    numbers = {name: 7.0 - 2.0 * row[name] + place % 3 for name in columns & row.keys()}
    return frozen_mapping({**row, **numbers})
