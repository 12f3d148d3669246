"""Read-only mappings and arrays: what frozen dataclasses hold must not change behind their back.

What agents are given is shared: by other agents, by the world, by later rounds. So nothing that is
given can be changed by an ordinary path: assignment to an item or an attribute, flags, shape or
type of an array, a method, an object that an attribute leads to. Not defended against is code that
takes Python itself apart: `object.__setattr__`, `__dict__` or `__init__` of a frozen dataclass, the
garbage collector, private names of modules, patched classes. `fg_core.testing.check_read_only` is
the test.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import DataError
from .mappings import FrozenMapping, frozen_mapping, numbers_by_name

__all__ = [
    "FrozenArray",
    "FrozenMapping",
    "construct_unchecked",
    "extend_unchecked",
    "frozen_array",
    "frozen_mapping",
    "numbers_by_name",
    "replace_unchecked",
]

T = TypeVar("T")


def frozen_array(values: ArrayLike) -> NDArray[np.float64]:
    """Return a copy of `values` as floats that cannot be made writable.

    Its memory is that of immutable bytes. (An array that owns its memory can be made writable
    again by any holder of it.) Shape and type of the returned array itself can still be set, so
    what is shared is better kept in a `FrozenArray`.

    Args:
        values: Numbers, any shape.

    Returns:
        Same shape, in C order.

    >>> frozen_array([1.0, 2.0]).setflags(write=True)
    Traceback (most recent call last):
    ...
    ValueError: cannot set WRITEABLE flag to True of this array
    """
    array = np.asarray(values, dtype=np.float64)
    return np.frombuffer(array.tobytes()).reshape(array.shape)


class FrozenArray:
    """A field of a frozen dataclass: floats of one axis, which cannot be changed.

    It keeps immutable bytes, and every access returns a new array over them: not even the shape of
    what another reader holds can be changed.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True, eq=False)
    ... class Path:
    ...     values: FrozenArray = FrozenArray()
    >>> Path([1, 2]).values
    array([1., 2.])
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> NDArray[np.float64]: ...
    def __get__(self, instance: object | None, owner: type) -> Self | NDArray[np.float64]:
        if instance is None:
            # Without a value on the class, a dataclass takes the field for one without default.
            raise AttributeError(self._name)
        kept: bytes = instance.__dict__[self._name]
        return np.frombuffer(kept)

    def __set__(self, instance: object, values: NDArray[np.float64]) -> None:
        # Reached from `__init__` alone: a frozen dataclass refuses assignment before it comes here.
        array = np.asarray(values, dtype=np.float64)
        if array.ndim != 1:
            raise DataError(f"{self._name} must be numbers along one axis, got shape {array.shape}")
        instance.__dict__[self._name] = array.tobytes()


def replace_unchecked(value: T, /, **changes: Any) -> T:
    """Return a copy of a dataclass with other fields, which are not checked again.

    As `dataclasses.replace`, at a fraction of its cost, for the rounds of a game: code that calls
    it knows that the new fields are in range and of their final type. What the value has cached
    beside its fields is left behind.

    >>> from fg_core.state import ForecastState
    >>> replace_unchecked(ForecastState(3, 1.0, 0.0, 0.0), value=2.0).value
    2.0
    """
    known = value.__dict__
    new: T = object.__new__(type(value))
    fields, names = new.__dict__, value.__dataclass_fields__.keys()  # type: ignore[attr-defined]
    if "_take" in known:  # handed to an agent, which has looked at some of the fields
        fields.update([(name, getattr(value, name)) for name in names])
    else:
        fields.update(known)
        for name in known.keys() - names:
            del fields[name]
    fields.update(changes)
    return new


def construct_unchecked(kind: type[T], **fields: Any) -> T:
    """Return a dataclass with these fields, all of them, which are not checked.

    As `kind(**fields)`, for the rounds of a game; see `replace_unchecked`.

    Args:
        kind: Frozen dataclass.
        fields: Values of all of its fields, by name.

    Returns:
        Instance of `kind`.

    >>> from fg_core.action import AgentMessage
    >>> construct_unchecked(AgentMessage, sender="a", receiver="b", payload="c").sender
    'a'
    """
    new: T = object.__new__(kind)
    new.__dict__.update(fields)
    return new


def extend_unchecked(kind: type[T], fields: Mapping[str, Any], name: str, value: Any) -> T:
    """Return a dataclass with these fields and one more, all of them, which are not checked.

    As `construct_unchecked(kind, **fields, name=value)`, which copies the fields twice.

    Args:
        kind: Frozen dataclass.
        fields: Values of all of its fields but one, by name.
        name: Name of that field.
        value: Value of that field.

    Returns:
        Instance of `kind`.

    >>> from fg_core.action import AgentMessage
    >>> extend_unchecked(AgentMessage, {"sender": "a", "receiver": "b"}, "payload", "c").payload
    'c'
    """
    new: T = object.__new__(kind)
    known = new.__dict__
    known.update(fields)
    known[name] = value
    return new
