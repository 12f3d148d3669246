"""Read-only mappings: the values inside frozen dataclasses must not change behind their back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

__all__ = ["FrozenMapping", "frozen_mapping"]

K = TypeVar("K")
V = TypeVar("V")


class FrozenMapping(Mapping[K, V]):
    """A mapping that cannot be changed; equal to any mapping with the same items, picklable.

    (`types.MappingProxyType` can neither be pickled nor hashed, so it cannot cross processes.)

    >>> FrozenMapping({"unemp": 5.8})["unemp"]
    5.8
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[K, V] | None = None) -> None:
        self._items: dict[K, V] = dict(items) if items else {}

    def __getitem__(self, key: K) -> V:
        return self._items[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return f"FrozenMapping({self._items!r})"

    def __reduce__(self) -> tuple[type[FrozenMapping[K, V]], tuple[dict[K, V]]]:
        return (type(self), (dict(self._items),))


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
    if isinstance(values, FrozenMapping):
        return values
    if not values:
        return _EMPTY  # type: ignore[return-value]
    return FrozenMapping(values)
