"""Read-only mappings: the values inside frozen dataclasses must not change behind their back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

__all__ = ["FrozenMapping", "altered", "frozen_mapping", "made"]

K = TypeVar("K")
T = TypeVar("T")
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
    new.__dict__.update({name: known[name] for name in value.__dataclass_fields__ if name in known})  # type: ignore[attr-defined]
    new.__dict__.update(changes)
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
