"""Public names of a package, imported when they are first used (PEP 562).

A command answers `--help` and a tool reads plugins without the second that numpy, scipy and a
hundred modules take, and a program loads the modules it uses and no others. In the `__init__` of a
package:

    __all__ = ["Dataset", "DatasetBundle", "crps"]

    if TYPE_CHECKING:
        from .dataset import Dataset, DatasetBundle
        from .scoring import crps
    else:
        __getattr__, __dir__ = lazy_names(
            __name__, {".dataset": ("Dataset", "DatasetBundle"), ".scoring": ("crps",)}
        )

Type checkers and editors read the imports and `__all__`, Python reads the table. Each must be
literal, so a test compares them. A name that is also that of a module of the package cannot be
lazy: once imported, the module would hide it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module  # noqa: TID251 - the names are literals, beside imports of them
from importlib.util import find_spec
from typing import Any

__all__ = ["lazy_names"]


def lazy_names(
    package: str, names: Mapping[str, Iterable[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` of a package that imports its names on first use.

    A public module of the package is an attribute as well, without an import of its own:
    `import fg_core` is enough for `fg_core.scoring.mae`.

    Args:
        package: `__name__` of the package.
        names: names that a module exports, by the module as an import in the package names it.

    Returns:
        `__getattr__`, which raises AttributeError for a name that is neither in the table nor that
        of a public module, and `__dir__`.

    >>> get, names = lazy_names("fg_core", {".errors": ("DataError",)})
    >>> get("DataError")
    <class 'fg_core.errors.DataError'>
    """
    homes = {name: module for module, found in names.items() for name in found}
    module = sys.modules[package]

    def __getattr__(name: str) -> Any:  # noqa: N807 - it becomes the package's own
        if name in homes:
            value = getattr(import_module(homes[name], package), name)
        elif not name.startswith("_") and find_spec(f"{package}.{name}") is not None:
            value = import_module(f"{package}.{name}")
        else:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        setattr(module, name, value)  # the next access finds it without coming here
        return value

    def __dir__() -> list[str]:  # noqa: N807
        return sorted({*vars(module), *homes})

    return __getattr__, __dir__
