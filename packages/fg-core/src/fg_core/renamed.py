"""Old names of settings, which work for one minor version more."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

from .errors import ConfigError

__all__ = ["renamed_settings"]

T = TypeVar("T", bound=type[Any])


def renamed_settings(**new_names: str) -> Callable[[T], T]:
    """Return a decorator of a class that still takes and shows settings under their old names.

    Args:
        new_names: New name of each setting, by its old one.

    Returns:
        A decorator: the class warns (`DeprecationWarning`) where an old name is used, as a keyword
        or as an attribute, and raises `ConfigError` where a setting is given by both names.

    >>> from dataclasses import dataclass
    >>> @renamed_settings(reach="width")
    ... @dataclass(frozen=True)
    ... class Rule:
    ...     width: float = 1.0
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     Rule(reach=2.0)
    Rule(width=2.0)
    >>> str(caught[0].message)
    'Rule: the setting reach is called width now'
    """

    def decorate(kind: T) -> T:
        begin = kind.__init__

        def message(old: str) -> str:
            return f"{kind.__name__}: the setting {old} is called {new_names[old]} now"

        @functools.wraps(begin)
        def init(self: Any, *args: Any, **settings: Any) -> None:
            for old, new in new_names.items():
                if old in settings:
                    if new in settings:
                        raise ConfigError(f"{message(old)}; give it once")
                    warnings.warn(message(old), DeprecationWarning, stacklevel=2)
                    settings[new] = settings.pop(old)
            begin(self, *args, **settings)

        def reader(old: str) -> property:
            def read(self: Any) -> Any:
                warnings.warn(message(old), DeprecationWarning, stacklevel=2)
                return getattr(self, new_names[old])

            return property(read, doc=f"The old name of `{new_names[old]}`.")

        kind.__init__ = init
        for old in new_names:
            setattr(kind, old, reader(old))
        return kind

    return decorate
