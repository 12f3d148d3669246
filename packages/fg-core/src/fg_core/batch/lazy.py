"""A value that is computed when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

__all__ = ["lazy"]

T = TypeVar("T")


class lazy(Generic[T]):  # noqa: N801 - it is used like `property`
    """As `functools.cached_property`, which takes a lock at every first use before Python 3.12.

    >>> class Square:
    ...     side = 3.0
    ...
    ...     @lazy
    ...     def area(self):
    ...         return self.side * self.side
    >>> Square().area
    9.0
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self._name = compute.__name__
        self.__doc__ = compute.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> lazy[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object, owner: type) -> lazy[T] | T:
        """Return the value, or this descriptor when the class is asked."""
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._compute(instance)
        return value
