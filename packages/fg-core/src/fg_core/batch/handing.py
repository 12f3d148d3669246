"""Objects that an agent is given in many games: arrays of its own, over memory that all share.

That memory cannot be written to (`sealing`; where it still can, it is sealed when the first agent
looks at it), but the shape and the type of an array can be set in place, and would then be others
for all that hold the same array. So every agent that is asked once for all games is handed new
arrays, which are cheap: no number is copied.

A class that leaves arrays alone, their numbers, shape and type, may say so by a class attribute
`leaves_arrays_alone = True` of its own (not an inherited one, since a subclass may do as it likes);
it is shown the shared arrays, which saves a fifth of the time of a thousand games. An agent that
hands arrays on to a part of its own (a defense, a rule of weights) has a property of that name,
which says what the part says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields
from functools import lru_cache, partial
from typing import Any, SupportsIndex, TypeVar, cast, overload

import numpy as np
from numpy.typing import NDArray

from fg_core.distributions import ShapeArrays
from fg_core.frozen import construct_unchecked
from fg_core.protocols import AttackBudget
from fg_core.revealed import Revealed, RevealedForecast

from .calibration import QuantileCalibration
from .forecast_arrays import ForecastArrays
from .lazy import lazy
from .mixtures import MixtureArrays
from .sealing import read_only
from .states import StateArrays

__all__ = ["handed", "handed_to", "leaves_arrays_alone"]

T = TypeVar("T")


def _renewed(array: NDArray[Any]) -> NDArray[Any]:
    """Return another array over the same immutable memory, or over a copy where it is none.

    By its `base` it leads to the array that the memory was first read as (see `read_only`), whose
    shape and type are those of no other array.
    """
    first: Any = array.base
    memory: Any = first.base if type(first) is np.ndarray else None
    if type(memory) is bytes:
        return array.view()
    return cast(NDArray[Any], read_only(np.array(array))).view()


class _Handed(tuple[NDArray[Any], ...]):
    """Arrays, of which every access gives a new one: most agents look at few of a history."""

    __slots__ = ()

    @overload
    def __getitem__(self, place: SupportsIndex) -> NDArray[Any]: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[NDArray[Any], ...]: ...
    def __getitem__(self, place: SupportsIndex | slice) -> Any:
        found: Any = tuple.__getitem__(self, place)
        return tuple(map(_renewed, found)) if isinstance(place, slice) else _renewed(found)

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return map(_renewed, tuple.__iter__(self))

    def __add__(self, other: Any) -> Any:
        return (*self, *other)


class _Part:
    """A field of what an agent is given, or a value that is computed once: taken when looked at.

    Args:
        name: Its name.
        lazily: How it is computed where it is no field; None: it is a field.
    """

    def __init__(self, name: str, lazily: lazy[Any] | None = None) -> None:
        self._name = name
        self._lazily = lazily

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        known = instance.__dict__
        take = known.get("_take")
        if take is not None:
            value = take(self._name)
        elif self._lazily is not None:  # of a copy with other fields
            return self._lazily.__get__(instance, owner)
        else:
            raise AttributeError(self._name)
        known[self._name] = value
        return value


def _refuse(_self: Any, name: str, *_value: Any) -> None:
    raise FrozenInstanceError(f"cannot assign to or delete field {name!r}")


def _reduced(self: Any) -> tuple[Any, ...]:
    """Return how it is pickled: as what it was handed from."""
    kind = type(self).__mro__[1]
    return (
        construct_unchecked,
        (kind,),
        {item.name: getattr(self, item.name) for item in fields(kind)},
    )


@lru_cache
def _handed_kind(kind: Any) -> type:
    """Return the class of what an agent is given in place of objects of a dataclass."""
    parts: dict[str, Any] = {item.name: _Part(item.name) for item in fields(kind)}
    for one in kind.__mro__:
        parts |= {
            name: _Part(name, part) for name, part in vars(one).items() if isinstance(part, lazy)
        }
    more = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    more |= {"__setattr__": _refuse, "__delattr__": _refuse, "__reduce__": _reduced}
    return type(kind.__name__, (kind,), parts | more)


_GIVEN = frozenset(
    {
        AttackBudget,
        MixtureArrays,
        ForecastArrays,
        QuantileCalibration,
        Revealed,
        RevealedForecast,
        ShapeArrays,
        StateArrays,
    }
)


def _taken(thing: Any, name: str) -> Any:
    """Return a field of `thing`, or what it computes once, as an agent is given it.

    What is computed lazily is computed on what is ours, once for all agents, and so is what is
    sealed.
    """
    value = getattr(thing, name)
    if type(value) is np.ndarray:
        sealed = read_only(value)
        if sealed is not value and name in thing.__dict__:
            thing.__dict__[name] = sealed
        return _renewed(sealed)
    return handed(value)


def handed(thing: T) -> T:
    """Return what an agent is given, with arrays of its own.

    Args:
        thing: Array, or object that holds arrays of many games; anything else is returned as it is.

    Returns:
        Object of the same content, whose arrays are new ones over the same memory: shapes and units
        stay.

    >>> from fg_core.batch.sealing import read_only
    >>> ours = read_only(np.zeros(2))
    >>> theirs = handed(ours)
    >>> theirs is ours, np.shares_memory(ours, theirs)
    (False, True)
    """
    kind: Any = type(thing)
    found: Any = thing
    if kind in _GIVEN:
        found = object.__new__(_handed_kind(kind))
        found.__dict__["_take"] = partial(_taken, thing)
    elif kind is np.ndarray:
        found = _renewed(found)
    elif kind is tuple and found and type(found[0]) is np.ndarray:
        found = _Handed(found)
    elif "_take" in getattr(thing, "__dict__", ()):  # handed on by an agent
        found = object.__new__(kind)
        found.__dict__["_take"] = thing.__dict__["_take"]
    return cast(T, found)


def handed_to(agent: object, thing: T) -> T:
    """Return what this agent is given: the thing itself, if its class leaves arrays alone.

    Args:
        agent: agent that is asked.
        thing: as for `handed`.

    Returns:
        The thing, or, for an agent of any other class, with arrays of its own.
    """
    return thing if leaves_arrays_alone(agent) else handed(thing)


def leaves_arrays_alone(agent: object) -> bool:
    """Return whether an agent, or a part of one, changes no array that it is given.

    Args:
        agent: agent, or part of an agent.

    Returns:
        What its own class says of it; False where that says nothing.

    >>> from fg_core.agents import DefenderAgent
    >>> leaves_arrays_alone(DefenderAgent()), leaves_arrays_alone(object())
    (True, False)
    """
    kind: Any = type(agent)
    if "leaves_arrays_alone" not in kind.__dict__:
        return False
    said: Any = agent
    return bool(said.leaves_arrays_alone)
