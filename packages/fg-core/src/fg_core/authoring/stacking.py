"""Stacking of forecasters: one agent per lane becomes one agent for all lanes.

A lane is a row of arrays: one game, or one series that many games share. A stacked agent has an
array of shape (lane,) wherever its fit has a number, and only its array form is used. Sums and
products are elementwise, so that a lane has the bits of its own agent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

__all__ = ["are_alike", "lanes_of", "square_root", "stack_fits", "stacked"]


def are_alike(owner: type[Any], agents: Sequence[Any]) -> bool:
    """Return whether agents differ in nothing but their fits, and all are fitted.

    Args:
        owner: Class that stacks them. A class that says something else than `owner` in
            `act_array`, `sensitivity_array` or `sensitivities_array` has to stack its agents
            itself.
        agents: Agents, one per lane.

    Returns:
        True only where one agent can stand for all of them.

    >>> from fg_core import Drift, TrainingWindow
    >>> one, two = (Drift().fit(TrainingWindow([1.0, 2.0, v])) for v in (3.0, 4.0))
    >>> are_alike(Drift, [one, two]), are_alike(Drift, [one, replace(two, name="other")])
    (True, False)
    """
    if not agents:
        return False
    kind = type(agents[0])
    if any(
        getattr(kind, name, None) is not getattr(owner, name, None)
        for name in ("act_array", "sensitivity_array", "sensitivities_array")
    ):
        return False
    settings = {**vars(agents[0]), "fitted": None}
    return all(
        type(agent) is kind
        and agent.fitted is not None
        and {**vars(agent), "fitted": None} == settings
        for agent in agents
    )


def lanes_of(fits: Sequence[Any], name: str) -> Any:
    """Return one number of each fit.

    Args:
        fits: Fits, one per lane.
        name: Name of a field that is a number in each of them.

    Returns:
        Shape (lane,), in the unit of the field. (`Any`, since fields of a fit are declared as
        numbers, which they are but in a stacked agent.)
    """
    return np.array([getattr(fit, name) for fit in fits], dtype=np.float64)


def stack_fits(owner: type[Any], agents: Sequence[Any], *names: str) -> Any:
    """Return one agent whose fit has arrays over lanes.

    Args:
        owner: Class that stacks them; see `are_alike`.
        agents: Agents, one per lane.
        names: Names of the fields of the fit that may differ from lane to lane.

    Returns:
        An agent of the same class, or None where the agents differ in anything else.

    >>> from fg_core import Drift, TrainingWindow
    >>> each = [Drift().fit(TrainingWindow([1.0, 2.0, v])) for v in (3.0, 5.0)]
    >>> stack_fits(Drift, each, "slope", "step_scale").fitted.slope.tolist()
    [1.0, 2.0]
    """
    if not are_alike(owner, agents):
        return None
    fits = [agent.fitted for agent in agents]
    same = set(vars(fits[0])).difference(names)
    if any(getattr(fit, name) != getattr(fits[0], name) for fit in fits for name in same):
        return None
    joint = replace(fits[0], **{name: lanes_of(fits, name) for name in names})
    return replace(agents[0], fitted=joint)


def square_root(number: Any) -> Any:
    """Return the square root of a number, or of each in an array: correctly rounded both ways.

    Args:
        number: Number at least 0, or array of such numbers.

    Returns:
        Square root, a number or an array of the same shape.

    >>> square_root(4.0), square_root(np.array([4.0, 9.0])).tolist()
    (2.0, [2.0, 3.0])
    """
    return np.sqrt(number) if isinstance(number, np.ndarray) else math.sqrt(number)


def stacked(agents: Sequence[Any]) -> Any:
    """Return one agent for the lanes of these, by the `stack` of their class.

    The very same agent in every lane needs no stacking.

    Args:
        agents: Agents, one per lane, at least one.

    Returns:
        An agent, or None where they have no such form.
    """
    first = agents[0]
    if all(agent is first for agent in agents):
        return first
    return type(first).stack(agents) if hasattr(type(first), "stack") else None
