"""The memory of several defenses in one tuple: what stacks and ensembles have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from fg_core.errors import ConfigError
from fg_core.protocols import Defense

__all__ = ["each_with_memory", "learn_all", "per_unit", "require_defenses", "start_all"]


def require_defenses(what: str, members: Sequence[Any]) -> tuple[Defense, ...]:
    """Return the members as a tuple.

    Args:
        what: Name of what is made of the members, for the message.
        members: Defenses, at least one.

    Returns:
        Defenses in the same order.

    Raises:
        ConfigError: There are none, or one is no defense.
    """
    found = tuple(members)
    if not found:
        raise ConfigError(f"{what} needs at least one defense")
    for member in found:
        if isinstance(member, type) or not isinstance(member, Defense):
            raise ConfigError(f"{what} is made of defenses, got {member!r}")
    return found


def start_all(members: Sequence[Defense]) -> tuple[Any, ...]:
    """Return the memories of all members before any reveal, one after the other.

    Args:
        members: Defenses.

    Returns:
        Arrays of all memories as one tuple, in the order of the members.
    """
    return tuple(part for member in members for part in member.start())


def each_with_memory(
    members: Sequence[Defense], memory: tuple[Any, ...]
) -> Iterator[tuple[Defense, tuple[Any, ...]]]:
    """Yield each member with its own part of the memory.

    Args:
        members: Defenses.
        memory: Arrays of all memories, as `start_all` returns them.

    Yields:
        Defense, and the arrays of its memory.
    """
    first = 0
    for member in members:
        last = first + len(member.start())
        yield member, memory[first:last]
        first = last


def learn_all(
    members: Sequence[Defense],
    memory: tuple[Any, ...],
    revision: Any,
    surprise: Any,
    scale: Any,
    step_scale: Any,
) -> tuple[Any, ...]:
    """Return the memories after each member learned from what was revealed of the whole print.

    Args:
        members: Defenses.
        memory: Arrays of all memories, as `start_all` returns them.
        revision: Print minus revealed value, a number or shape (game,), in the unit of the series.
        surprise: Revealed value minus predictive mean, likewise.
        scale: Standard deviation of the predictive, likewise, above 0.
        step_scale: One-step scale, likewise, above 0.

    Returns:
        Arrays of all memories after the reveal, as one tuple in the order of the members.
    """
    return tuple(
        part
        for member, own in each_with_memory(members, memory)
        for part in member.learn(own, revision, surprise, scale, step_scale)
    )


def per_unit(total: Any, probability: Any) -> Any:
    """Return `total` / `probability`, and 0 where the probability is 0.

    Args:
        total: Number or array, in any unit.
        probability: Probability in [0, 1], of a shape that broadcasts.

    Returns:
        Quotient, of the shape to which both broadcast, in the unit of `total`.

    >>> per_unit(np.array([0.0, 1.0]), np.array([0.0, 0.5]))
    array([0., 2.])
    """
    possible = np.where(probability > 0.0, probability, 1.0)
    return np.where(probability > 0.0, total / possible, 0.0)
