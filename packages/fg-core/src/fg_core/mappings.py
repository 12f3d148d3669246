"""Read-only mappings, without numpy; `fg_core.frozen` says what they protect from."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, Mapping, ValuesView
from typing import Any, Final, Self, TypeVar, final, overload

__all__ = ["FrozenMapping", "frozen_mapping", "numbers_by_name", "with_item"]

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

    def __reduce__(self) -> tuple[Any, ...]:
        items = _items_of(self)
        # The empty one that all share is so in another process too.
        return (type(self), (dict(items),)) if items else (frozen_mapping, ())


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

    Args:
        values: Mapping to copy; None: an empty one.

    Returns:
        Read-only mapping of the same entries.

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


def with_item(values: Mapping[K, V], key: K, value: V) -> FrozenMapping[K, V]:
    """Return a read-only mapping with one entry set; all others stay.

    Args:
        values: Mapping whose entries are taken over.
        key: Key of the entry.
        value: Value of the entry.

    Returns:
        `FrozenMapping({**values, key: value})`, at a fraction of its cost where `values` is frozen.

    >>> with_item(frozen_mapping({"a": 1.0}), "b", 2.0)
    FrozenMapping({'a': 1.0, 'b': 2.0})
    """
    items = _items_of(values) if type(values) is FrozenMapping else values
    return FrozenMapping({**items, key: value})


def numbers_by_name(row: Mapping[str, float], names: Iterable[str]) -> list[float | None]:
    """Return `row.get(name)` of each name, at once.

    Args:
        row: Number per name.
        names: Names that are looked up.

    Returns:
        Number of each name in the order of `names`; None where the row has none.

    >>> numbers_by_name(frozen_mapping({"a": 1.0}), ("a", "b"))
    [1.0, None]
    """
    items = _items_of(row) if type(row) is FrozenMapping else row
    return list(map(items.get, names))
