"""How the conformance checks play: calls are made twice, and compared to the last bit."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import lru_cache, partial
from typing import Any, NoReturn

import numpy as np

from fg_core.errors import ForecastGameError, ForecastUnavailable
from fg_core.forecast import ProbabilisticForecast

__all__ = ["HORIZONS", "ConformanceError", "Promises", "fingerprint"]

HORIZONS = (1, 2, 3, 4, 5, 6, 7, 8)
"""The forecast horizons that every forecaster, backend and pool is played at."""


class ConformanceError(ForecastGameError, AssertionError):
    """Something plugged in does not keep a promise of its protocol."""


def fingerprint(value: Any) -> Any:
    """Return something hashable that is equal for two values if they are equal to the last bit.

    >>> fingerprint({"a": [0.0]}) == fingerprint({"a": (0.0,)})
    True
    >>> fingerprint(0.0) == fingerprint(-0.0)
    False
    """
    return _reader(type(value))(value)  # type: ignore[arg-type]  # a type is hashable


@lru_cache(maxsize=1024)
def _reader(kind: type) -> Callable[[Any], Any]:
    """Return what makes the fingerprint of values of a type: the type alone decides how.

    Checks spend most of their time in fingerprints, and most of that would be spent asking each
    value anew what it is.
    """
    if issubclass(kind, float | np.floating):
        return lambda value: ("float", _pack_double(value))
    if issubclass(kind, type(None) | bool | int | str | bytes):
        return _itself
    if issubclass(kind, np.ndarray | np.generic):
        return lambda value: ("array", value.dtype.str, value.shape, value.tobytes())
    if issubclass(kind, Mapping):
        return _of_mapping
    if issubclass(kind, set | frozenset):
        return lambda value: ("set", frozenset(map(fingerprint, value)))
    if issubclass(kind, ProbabilisticForecast):
        # Not the quantiles: they follow from the rest, and are the dearest part of a forecast.
        return lambda value: (
            "forecast",
            *map(fingerprint, (value.mean, value.variance, value.components)),
        )
    if is_dataclass(kind) and not issubclass(kind, type):
        # What does not count in comparisons is a cache, which may fill between two calls.
        label, names = kind.__qualname__, tuple(f.name for f in fields(kind) if f.compare)
        return lambda value: (
            label,
            tuple((name, fingerprint(getattr(value, name))) for name in names),
        )
    if issubclass(kind, Sequence):
        return _of_sequence
    # Whatever else it is, it can at least be told from another by its own equality.
    return _itself


_pack_double = struct.Struct("<d").pack


def _itself(value: Any) -> Any:
    return value


def _of_mapping(value: Mapping[Any, Any]) -> Any:
    items = [(fingerprint(key), fingerprint(part)) for key, part in value.items()]
    return ("mapping", frozenset(items))


def _of_sequence(value: Sequence[Any]) -> Any:
    if value and all(issubclass(kind, float | np.floating) for kind in set(map(type, value))):
        return ("floats", struct.pack(f"<{len(value)}d", *value))
    return ("sequence", tuple(map(fingerprint, value)))


class Promises:
    """What is promised by one object under one protocol, and the ways to put it to the proof.

    Args:
        protocol: Name of the protocol.
        subject: What is checked.
    """

    def __init__(self, protocol: str, subject: Any) -> None:
        self.protocol = protocol
        self.who = f"{type(subject).__module__}.{type(subject).__qualname__}"
        self.subject = subject
        self.refusals: tuple[type[Exception], ...] = ()

    def broken(self, promise: str, found: str, cause: BaseException | None = None) -> NoReturn:
        """Raise the error that says which promise was broken, and by what."""
        raise ConformanceError(
            f"{self.who} does not keep a promise of {self.protocol}: {promise}; {found}"
        ) from cause

    def require(self, holds: bool, promise: str, found: str) -> None:
        """Raise unless the promise holds."""
        if not holds:
            self.broken(promise, found)

    def members(self, *names: str, of: Any = None) -> None:
        """Require attributes of the subject, or of something that it returned."""
        thing = self.subject if of is None else of
        missing = [name for name in names if not hasattr(thing, name)]
        self.require(
            not missing,
            f"it has {', '.join(names)}",
            f"{type(thing).__name__} has no {', '.join(missing)}",
        )

    def named(self) -> str:
        """Require a name that stays, and return it."""
        self.members("name")
        name = self.subject.name
        self.require(
            isinstance(name, str) and bool(name), "name is text and not empty", f"got {name!r}"
        )
        self.require(name == self.subject.name, "name stays", f"it was {name!r} a moment ago")
        return str(name)

    def frozen(self, thing: Any) -> None:
        """Require that no attribute can be set: agents are values that games share."""
        parameters = getattr(type(thing), "__dataclass_params__", None)
        if parameters is not None and parameters.frozen:
            return
        probe = "fg_conformance_probe"
        try:
            setattr(thing, probe, 1)
        except (AttributeError, TypeError):
            if parameters is None:
                return
        else:
            delattr(thing, probe)
        self.broken(
            "it is frozen (a frozen dataclass, or no attribute can be set)",
            f"an attribute of {type(thing).__name__} could be set",
        )

    def call(self, what: str, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Call once; arguments may not change, and any error that is no refusal is a fault.

        `ForecastUnavailable` always is a refusal, `refusals` are what else is one just now.
        """
        before = fingerprint((args, options))
        try:
            result = function(*args, **options)
        except self._refused():
            raise
        except Exception as error:  # noqa: BLE001 - a stranger's code may raise anything
            self.broken(f"{what} works", f"it raised {type(error).__name__}: {error}", error)
        self.require(
            fingerprint((args, options)) == before,
            f"{what} leaves its arguments as they were",
            "an argument changed",
        )
        return result

    def pure(self, what: str, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Call twice: equal results to the last bit, or a refusal both times.

        Raises:
            ForecastUnavailable: It was refused.
        """
        first = self._attempt(what, function, *args, **options)
        second = self._attempt(what, function, *args, **options)
        if fingerprint(first) != fingerprint(second):
            self.broken(
                f"{what} is pure: equal arguments give equal results",
                f"first {first!r}, then {second!r}",
            )
        if isinstance(first, _Unavailable):
            raise ForecastUnavailable(first.why)
        return first

    def _refused(self) -> tuple[type[Exception], ...]:
        return (ForecastUnavailable, *self.refusals)

    def _attempt(self, *args: Any, **options: Any) -> Any:
        try:
            return self.call(*args, **options)
        except self._refused() as error:
            return _Unavailable(str(error))

    def number(
        self, what: str, value: Any, *, low: float = -math.inf, high: float = math.inf
    ) -> float:
        """Require one finite number within bounds, and return it."""
        is_number = isinstance(value, int | float | np.floating) and not isinstance(value, bool)
        self.require(is_number, f"{what} is a number", f"got {value!r}")
        number = float(value)
        self.require(math.isfinite(number), f"{what} is finite", f"got {number}")
        self.require(
            low <= number <= high, f"{what} lies in [{low:g}, {high:g}]", f"got {number!r}"
        )
        return number

    def replay(self, what: str, calls: Sequence[Callable[[], Any]]) -> tuple[Any, ...]:
        """Make calls forwards and backwards: what one returns may not depend on the others."""
        forwards = [_quiet(call) for call in calls]
        backwards = [_quiet(call) for call in reversed(calls)]
        backwards.reverse()
        for there, back in zip(forwards, backwards, strict=True):
            self.require(
                there == back,
                f"{what} is pure: what was called before does not matter",
                "called in the reverse order, it returned something else",
            )
        return tuple(forwards)

    def unchanged(
        self, what: str, before: tuple[Any, ...], calls: Sequence[Callable[[], Any]]
    ) -> None:
        """Require that calls still return what they returned before `what` was called."""
        self.require(
            tuple(_quiet(call) for call in calls) == before,
            f"{what} returns a new object and leaves the old one as it was",
            f"after {what}, the old one behaves otherwise",
        )


class _Unavailable:
    def __init__(self, why: str) -> None:
        self.why = why

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Unavailable)

    def __hash__(self) -> int:
        return hash(_Unavailable)

    def __repr__(self) -> str:
        return f"ForecastUnavailable({self.why!r})"


def _quiet(call: Callable[[], Any]) -> Any:
    """Return the fingerprint of a result, or of an error's type (an unfitted model may raise)."""
    try:
        return fingerprint(call())
    except Exception as error:  # noqa: BLE001 - a stranger's code may raise anything
        return ("raised", type(error).__qualname__)


def bind(function: Callable[..., Any], *args: Any, **options: Any) -> Callable[[], Any]:
    """Return a call without arguments, for `Promises.replay`."""
    return partial(function, *args, **options)
