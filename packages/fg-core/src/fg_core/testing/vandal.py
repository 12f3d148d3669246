"""An agent that tries to change whatever it is given.

What agents are given is shared with other agents, the world and later rounds. `vandalise` tries
every ordinary path to change a thing: items, attributes, methods that change, flags of arrays, and
all that these lead to. Shape and type of an array are set as well, but are no change by themselves:
an array may be the agent's own. Left alone is what takes Python itself apart
(`object.__setattr__`, `__dict__` or `__init__` of a frozen dataclass; see `fg_core.frozen`).
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import (
    Callable,
    Collection,
    Iterator,
    Mapping,
    MutableMapping,
    MutableSequence,
    MutableSet,
    Set,
)
from dataclasses import dataclass, field, is_dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import numpy as np

from fg_core.batch.handing import handed
from fg_core.errors import ForecastGameError

from ._play import fingerprint

__all__ = ["Vandal", "vandalise"]

_ATOMS = (type(None), bool, int, float, complex, str, bytes, np.generic, type, date, timedelta)
_REFUSALS = (
    AttributeError,
    ArithmeticError,
    BufferError,
    ForecastGameError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
)
_OWN = frozenset({"AgentDraws", "DrawArrays", "Stream", "StreamArrays"})
"""An agent's random numbers are its own; no other agent reads them."""

_SUCCESSORS = frozenset(
    {"fit", "restored", "start", "take", "update", "update_array", "with_groups"}
)
_WRONG = 99.0


class _Thief:
    """Keeps what it is compared or joined with."""

    def __init__(self) -> None:
        self.loot: list[Any] = []

    def __eq__(self, other: object) -> bool:
        self.loot.append(other)
        return False

    def __ror__(self, other: object) -> None:
        self.loot.append(other)

    __hash__ = None  # type: ignore[assignment]


def vandalise(
    thing: Any, targets: Collection[str] | None = None, *, owner: str = "arguments"
) -> tuple[str, ...]:
    """Try to change a thing and all that it leads to, and say what could be changed.

    Args:
        thing: Anything; if it can be changed, it is.
        targets: Names of the types that are attacked; None: all. Arrays and containers of Python
            count as part of the object that holds them, read-only mappings as an object.
        owner: Name of the type that counts for `thing` where it is such a part itself.

    Returns:
        One entry a change: type that was attacked, and the path to it. Empty: all was refused.

    >>> from fg_core.frozen import frozen_mapping
    >>> vandalise({"a": [1.0]}), vandalise(frozen_mapping({"a": 1.0}))
    (("arguments: ['a']", 'arguments: '), ())
    """
    attack = _Attack(targets)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numpy warns of what it will refuse in future
        attack.visit(thing, thing, owner, "")
    return tuple(attack.done)


class _Attack:
    """One walk over a thing; parts before the whole, each once."""

    def __init__(self, targets: Collection[str] | None) -> None:
        self.done: list[str] = []
        self._targets = targets
        self._seen: dict[int, Any] = {}  # the values keep the keys from being used again

    def visit(self, thing: Any, whole: Any, owner: str, path: str) -> None:
        """Attack `thing`, which is a part of `whole`, an object of the type `owner`."""
        kind = type(thing)
        if isinstance(thing, _ATOMS) or id(thing) in self._seen or kind.__name__ in _OWN:
            return
        self._seen[id(thing)] = thing
        if not _is_part(thing):
            whole, owner = thing, kind.__name__
        for name, part in list(_parts(thing)):
            self.visit(part, whole, owner, f"{path}{name}")
        if self._targets is not None and owner not in self._targets:
            return
        before = _look(whole)
        for attempt in _attempts(thing):
            with contextlib.suppress(*_REFUSALS):
                attempt()
        if _look(whole) != before:
            self.done.append(f"{owner}: {path}")
        if isinstance(thing, np.ndarray):
            # An array that is the agent's own may be turned as it likes. Where others hold it too,
            # they are moved, or fail.
            for name, turned in (("shape", (thing.size, 1)), ("dtype", np.int64)):
                with contextlib.suppress(*_REFUSALS):
                    setattr(thing, name, turned)


def _look(thing: Any) -> Any:
    """Return what would differ if a thing were changed."""
    attributes = {} if is_dataclass(thing) else getattr(thing, "__dict__", {})
    return fingerprint(thing), fingerprint(attributes)


def _is_part(thing: Any) -> bool:
    return isinstance(thing, np.ndarray) or type(thing).__module__ == "builtins"


def _parts(thing: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a thing leads to, by the path to it."""
    if isinstance(thing, Mapping):
        yield from ((f"[{key!r}]", thing[key]) for key in thing)
        yield from (("<stolen>", part) for part in _stolen(thing))
    elif isinstance(thing, tuple | MutableSequence | Set):
        yield from ((f"[{i}]", part) for i, part in enumerate(thing))
    if isinstance(thing, np.ndarray):
        yield ".base", thing.base
    elif type(thing).__module__ != "builtins":
        for name in _names(thing):
            with contextlib.suppress(*_REFUSALS):
                part = getattr(thing, name)
                if not callable(part):
                    yield f".{name}", part


def _names(thing: Any) -> list[str]:
    return [name for name in dir(thing) if not name.startswith("__")]


def _stolen(thing: Any) -> list[Any]:
    thief = _Thief()
    with contextlib.suppress(*_REFUSALS):
        bool(thing == thief)
    with contextlib.suppress(*_REFUSALS):
        thing | thief
    return [part for part in thief.loot if part is not thing]


def _attempts(thing: Any) -> Iterator[Callable[[], Any]]:
    """Yield ways to change a thing itself."""
    if isinstance(thing, np.ndarray):
        yield partial(thing.setflags, write=True)
        yield partial(setattr, thing.flags, "writeable", True)
        yield partial(thing.fill, _WRONG)
        yield partial(_set_item, thing.data if thing.size else thing, 0, _WRONG)
        return
    if isinstance(thing, Mapping):
        for key in list(thing):
            yield partial(_set_item, thing, key, _WRONG)
        yield partial(_set_item, thing, "vandal", _WRONG)
        yield partial(thing.__init__, {"vandal": _WRONG})  # type: ignore[misc]
    if isinstance(thing, MutableMapping | MutableSequence | MutableSet):
        yield thing.clear
    if isinstance(thing, MutableSequence):
        yield partial(thing.append, _WRONG)
    if type(thing).__module__ != "builtins":
        for name in [*_names(thing), "vandal"]:
            yield partial(delattr, thing, name)
            yield partial(setattr, thing, name, _WRONG)


def _set_item(thing: Any, key: Any, value: Any) -> None:
    thing[key] = value


@dataclass(frozen=True, eq=False)
class Vandal:
    """Does what another agent does, and tries to change everything that it is given.

    It has the methods of that agent, its array form included, whatever its role.

    Args:
        inner: Agent whose part it plays.
        targets: Names of the types that it attacks (see `vandalise`); None: all.
        done: Changes that it managed to make: method, type and path. Successors share it.

    >>> from fg_core.state import ForecastState
    >>> from fg_core.testing import ConstantForecaster
    >>> vandal = Vandal(ConstantForecaster(0.5))
    >>> vandal.act(ForecastState(0, 3.0, 0.0, 0.0)).delta, vandal.done
    (0.5, [])
    """

    inner: Any
    targets: Collection[str] | None = None
    done: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "inner" not in self.__dict__:
            raise AttributeError(name)
        found = getattr(self.inner, name)
        return partial(self._call, name) if callable(found) else found

    def _call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        # What it answers or remembers may hold arrays that it was given, and these are turned.
        given = {key: handed(thing) for key, thing in kwargs.items()}
        answer = getattr(self.inner, name)(*map(handed, args), **given)
        if self.targets is None or len(self.targets):
            for thing in (*args, *kwargs.values()):
                self.done.extend(f"{name}: {what}" for what in vandalise(thing, self.targets))
        if name in _SUCCESSORS and answer is not None:
            return self if answer is self.inner else replace(self, inner=answer)
        return answer
