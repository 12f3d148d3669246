"""The one place that imports statsmodels: when it is needed, and without its side effects.

Importing statsmodels resets warning filters of the whole process; here they are put back.
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import Any, NamedTuple

from fg_core.errors import PluginLoadError
from fg_core.plugins import INSTALL_HINT

__all__ = ["Models", "missing_extra", "models"]


class Models(NamedTuple):
    """Parts of statsmodels that the backends use."""

    sarimax: Any
    ets: Any


def missing_extra(who: str, package: str, extra: str) -> PluginLoadError:
    """Return the error for a package that is not installed; it names the extra that brings it.

    >>> print(missing_extra("ARIMABackend", "statsmodels", "statsmodels"))
    ... # doctest: +ELLIPSIS
    ARIMABackend needs statsmodels: install the extra fg-agents[statsmodels]; install it from ...
    """
    return PluginLoadError(
        f"{who} needs {package}: install the extra fg-agents[{extra}]; {INSTALL_HINT}"
    )


def models(who: str) -> Models:
    """Return the classes of statsmodels.

    Raises:
        PluginLoadError: statsmodels is not installed.
    """
    try:
        return _load()
    except ImportError as error:
        raise missing_extra(who, "statsmodels", "statsmodels") from error


@lru_cache(maxsize=1)
def _load() -> Models:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from statsmodels.tsa.exponential_smoothing.ets import ETSModel
        from statsmodels.tsa.statespace.sarimax import SARIMAX
    return Models(SARIMAX, ETSModel)
