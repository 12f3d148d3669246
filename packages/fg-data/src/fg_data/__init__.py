"""Point-in-time data sources for Forecast Game.

Everything public is importable from here (`_api` lists it), and imported when it is first used, so
that `fg-data --help` loads neither numpy nor the network's library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._api import *  # noqa: F403 - its `__all__` says what

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # Python itself looks for names such as __path__ here, which must load nothing.
    if name != "__all__" and name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import _api

    if name == "__all__":
        return ["__version__", *_api.__all__]
    if name not in _api.__all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_api, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__getattr__("__all__")})
