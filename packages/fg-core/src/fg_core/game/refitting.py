"""Forecasters that are fitted anew: one by one, those of a kind at once, or on whole panels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.batch.forecast_arrays import is_current
from fg_core.errors import AgentError, ForecastGameError
from fg_core.window import TrainingWindow

from .agent_batch import AgentBatch
from .asking import fit, fit_panel, sees_panels, several

__all__ = ["fitted", "refitted"]

Lanes = NDArray[np.intp]
Key = tuple[int, int]


def fitted(forecasters: Sequence[Any], windows: Sequence[TrainingWindow]) -> list[tuple[Any, ...]]:
    """Return forecasters fitted before a game, on the window of each of some series.

    Forecasters that see panels are fitted on all windows at once; those of a kind are fitted
    together where it knows how.

    Args:
        forecasters: Forecasters in the order of the registry.
        windows: Windows to fit on, one per series.

    Returns:
        Forecasters of each series; `Unfitted` where the arithmetic of a fit failed.
    """
    jobs = _Jobs()
    found = [
        fit_panel(agent, windows)
        if sees_panels(agent)
        else [jobs.ask(agent, window) for window in windows]
        for agent in forecasters
    ]
    jobs.work()
    return [tuple(map(jobs.result, own)) for own in zip(*found, strict=True)]


def refitted(
    forecasters: Sequence[AgentBatch],
    windows: Sequence[TrainingWindow],
    ready: Sequence[AgentBatch] | None = None,
    reuse: Lanes | None = None,
    n_series: int = 1,
) -> tuple[AgentBatch, ...]:
    """Return forecasters fitted anew; a fit that fails numerically leaves an `Unfitted`.

    Forecasters that see panels are fitted on whole panels.

    Args:
        forecasters: Forecasters in the order of the registry.
        windows: Values that the fits may see, one window per lane.
        ready: Forecasters fitted before on the same windows, taken over where a fit depends on
            nothing else, that is where they do not also learn by `update`.
        reuse: Lane of `ready` for each lane, -1 where it is fitted here, shape (lane,); None: all
            lanes are fitted here. Lanes of a panel are taken over together or not at all.
        n_series: Number of series of a panel.

    Returns:
        Forecasters with a fit per lane, in the order of the registry.
    """
    jobs = _Jobs()
    found: list[list[Any] | None] = []
    for i, one in enumerate(forecasters):
        theirs = None if ready is None or reuse is None else ready[i].each
        if sees_panels(one.members[0]):
            found.append(_on_panels(one, windows, theirs, reuse, n_series))
        elif any(hasattr(member, "fit") for member in one.distinct):
            found.append(
                [
                    theirs[reuse[lane]]
                    if theirs is not None
                    and reuse is not None
                    and reuse[lane] >= 0
                    and not hasattr(agent, "update")
                    else jobs.ask(agent, window)
                    for lane, (agent, window) in enumerate(
                        zip(one.lane_by_lane(), windows, strict=True)
                    )
                ]
            )
        else:
            found.append(None)
    jobs.work()
    return tuple(
        one if agents is None else one.of_members([jobs.result(agent) for agent in agents])
        for one, agents in zip(forecasters, found, strict=True)
    )


class _Jobs:
    """Fits that are wanted: each is done once, and those of a kind together where it knows how."""

    def __init__(self) -> None:
        self._wanted: dict[Key, tuple[Any, TrainingWindow]] = {}
        self._done: dict[Key, Any] = {}

    def ask(self, agent: Any, window: TrainingWindow) -> _Promise:
        """Ask for a fit, and return what stands for it until it is done."""
        key = id(agent), id(window)
        self._wanted[key] = agent, window
        return _Promise(key)

    def work(self) -> None:
        """Do all fits that were asked for."""
        kinds: dict[Any, list[Key]] = {}
        for key, (agent, window) in self._wanted.items():
            kind: Any = type(agent)
            if hasattr(kind, "fit_together") and is_current(kind, "fit_together"):
                kinds.setdefault(kind, []).append(key)
            else:
                self._done[key] = fit(agent, window)
        for kind, keys in kinds.items():
            # Those on one window follow each other.
            order = {window: place for place, (_, window) in enumerate(keys)}
            keys.sort(key=lambda key: order[key[1]])
            fitted = _fitted_together(kind, [self._wanted[key] for key in keys])
            self._done.update(zip(keys, fitted, strict=True))

    def result(self, agent: Any) -> Any:
        """Return what came of a fit that was asked for; another agent as it is."""
        return self._done[agent.key] if isinstance(agent, _Promise) else agent


class _Promise:
    """A fit that has been asked for."""

    def __init__(self, key: Key) -> None:
        self.key = key


def _fitted_together(kind: Any, pairs: Sequence[tuple[Any, TrainingWindow]]) -> list[Any]:
    agents, windows = [agent for agent, _ in pairs], [window for _, window in pairs]
    try:
        found = kind.fit_together(agents, windows)
    except ForecastGameError:
        raise
    except Exception as error:
        names = ", ".join(dict.fromkeys(repr(agent.name) for agent in agents))
        raise AgentError(
            f"agents {names} failed in fit_together(): {type(error).__name__}: {error}"
        ) from error
    return several(agents[0], "fit_together", "act", found, len(agents))


def _on_panels(
    one: AgentBatch,
    windows: Sequence[TrainingWindow],
    theirs: Sequence[Any] | None,
    reuse: Lanes | None,
    n_series: int,
) -> list[Any]:
    """Return a forecaster fitted on whole panels, one agent per lane."""
    own = one.each
    count = len(windows) // n_series
    seen: dict[tuple[int, ...], list[Any]] = {}
    found: list[Any] = [None] * len(windows)
    for k in range(count):
        lanes = slice(k, None, count)
        agent, panel = own[k], windows[lanes]
        if theirs is not None and reuse is not None and not hasattr(agent, "update"):
            at = reuse[lanes].tolist()
            if min(at) >= 0:
                found[lanes] = [theirs[i] for i in at]
                continue
        key = (id(agent), *map(id, panel))
        if key not in seen:
            seen[key] = fit_panel(agent, panel)
        found[lanes] = seen[key]
    return found
