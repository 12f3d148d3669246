"""Read-only mappings and arrays: what frozen dataclasses hold must not change behind their back.

What agents are given is shared: by other agents, by the world, by later rounds. So nothing that is
given can be changed by an ordinary path: assignment to an item or an attribute, flags, shape or
type of an array, a method, an object that an attribute leads to. Not defended against is code that
takes Python itself apart: `object.__setattr__`, `__dict__` or `__init__` of a frozen dataclass, the
garbage collector, private names of modules, patched classes. `fg_core.testing.check_read_only` is
the test.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, Mapping, ValuesView
from typing import Any, Final, Self, TypeVar, final, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import DataError

__all__ = [
    "FrozenArray",
    "FrozenMapping",
    "altered",
    "frozen_array",
    "frozen_mapping",
    "made",
    "made_of",
    "numbers_by_name",
]

K = TypeVar("K")
T = TypeVar("T")
V = TypeVar("V")


@final
class FrozenMapping(Mapping[K, V]):
    """A mapping that cannot be changed; equal to any mapping with the same items, picklable.

    No attribute leads to the dict with its items. (`types.MappingProxyType` can neither be pickled
    nor hashed, so it cannot cross processes, and it hands its dict to what it is compared with.)

    >>> FrozenMapping({"unemp": 5.8})["unemp"]
    5.8
    """

    __slots__ = ("_items",)

    def __new__(cls, items: Mapping[K, V] | None = None) -> Self:
        """Return a copy of `items`; made here, since an `__init__` could be called again."""
        self = object.__new__(cls)
        _set_items(self, dict(items) if items else {})
        return self

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__!r} object cannot be changed: {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__!r} object cannot be changed: {name!r}")

    def __getitem__(self, key: K) -> V:
        value: V = _items_of(self)[key]
        return value

    @overload
    def get(self, key: K, default: None = None) -> V | None: ...
    @overload
    def get(self, key: K, default: V | T) -> V | T: ...
    def get(self, key: K, default: V | T | None = None) -> V | T | None:
        """Return the value of a key, or `default` where there is none."""
        found: V | T | None = _items_of(self).get(key, default)
        return found

    def __iter__(self) -> Iterator[K]:
        return iter(_items_of(self))

    def __len__(self) -> int:
        return len(_items_of(self))

    def __contains__(self, key: object) -> bool:
        return key in _items_of(self)

    def values(self) -> ValuesView[V]:
        """Return the values, in the order of the keys."""
        return _Values(self)

    def items(self) -> ItemsView[K, V]:
        """Return the pairs of key and value."""
        return _Items(self)

    def __hash__(self) -> int:
        return hash(frozenset(_items_of(self).items()))

    def __repr__(self) -> str:
        return f"FrozenMapping({_items_of(self)!r})"

    def __reduce__(self) -> tuple[type[FrozenMapping[K, V]], tuple[dict[K, V]]]:
        return (type(self), (dict(_items_of(self)),))


class _Values(ValuesView[V]):
    """Values of a `FrozenMapping`, read from its dict at once rather than key by key."""

    __slots__ = ()
    _mapping: Mapping[Any, V]

    def __iter__(self) -> Iterator[V]:
        return iter(_items_of(self._mapping).values())


class _Items(ItemsView[K, V]):
    """Items of a `FrozenMapping`, read from its dict at once rather than key by key."""

    __slots__ = ()
    _mapping: Mapping[K, V]

    def __iter__(self) -> Iterator[tuple[K, V]]:
        return iter(_items_of(self._mapping).items())


# The slot stays; the attribute that leads to it goes, so that no instance shows its dict.
_items_of: Final[Any] = FrozenMapping.__dict__["_items"].__get__
_set_items: Final[Any] = FrozenMapping.__dict__["_items"].__set__
del FrozenMapping._items  # type: ignore[attr-defined]


_EMPTY: FrozenMapping[str, float] = FrozenMapping()


def frozen_mapping(values: Mapping[K, V] | None = None) -> FrozenMapping[K, V]:
    """Return `values` as a read-only mapping; one that is frozen already is returned as it is.

    >>> frozen_mapping({"a": 1.0})["a"]
    1.0
    >>> frozen_mapping({"a": 1.0})["a"] = 2.0
    Traceback (most recent call last):
    ...
    TypeError: 'FrozenMapping' object does not support item assignment
    """
    if type(values) is FrozenMapping:
        return values
    if not values:
        return _EMPTY  # type: ignore[return-value]
    return FrozenMapping(values)


def numbers_by_name(row: Mapping[str, float], names: Iterable[str]) -> list[float | None]:
    """Return `row.get(name)` of each name, at once.

    >>> numbers_by_name(frozen_mapping({"a": 1.0}), ("a", "b"))
    [1.0, None]
    """
    items = _items_of(row) if type(row) is FrozenMapping else row
    return list(map(items.get, names))


def frozen_array(values: ArrayLike) -> NDArray[np.float64]:
    """Return a copy of `values` as floats that nobody can make writable.

    Its memory is that of immutable bytes. (An array that owns its memory can be made writable
    again by whoever holds it.) Shape and type of the returned array itself can still be set, so
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
    """A field of a frozen dataclass: floats of one axis, which nobody can change.

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


def altered(value: T, /, **changes: Any) -> T:
    """Return a copy of a dataclass with other fields, which are not checked again.

    As `dataclasses.replace`, at a fraction of its cost, for the rounds of a game: whoever calls it
    knows that the new fields are in range and of their final type. What the value has cached
    beside its fields is left behind.

    >>> from fg_core.state import ForecastState
    >>> altered(ForecastState(3, 1.0, 0.0, 0.0), value=2.0).value
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


def made(kind: type[T], **fields: Any) -> T:
    """Return a dataclass with these fields, all of them, which are not checked.

    As `kind(**fields)`, for the rounds of a game; see `altered`.

    >>> from fg_core.action import AgentMessage
    >>> made(AgentMessage, sender="a", receiver="b", payload="c").sender
    'a'
    """
    new: T = object.__new__(kind)
    new.__dict__.update(fields)
    return new


def made_of(kind: type[T], fields: Mapping[str, Any], name: str, value: Any) -> T:
    """Return a dataclass with these fields and one more, all of them, which are not checked.

    As `made(kind, **fields, name=value)`, which copies the fields twice.

    >>> from fg_core.action import AgentMessage
    >>> made_of(AgentMessage, {"sender": "a", "receiver": "b"}, "payload", "c").payload
    'c'
    """
    new: T = object.__new__(kind)
    known = new.__dict__
    known.update(fields)
    known[name] = value
    return new
