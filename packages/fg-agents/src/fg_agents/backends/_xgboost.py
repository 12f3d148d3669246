"""The one place that imports xgboost: when it is needed, and on one thread for every caller.

Two threads gain nothing on a few hundred rows, and are ten times slower than one where another
program wants the same core. Some steps, such as reading a model, start all threads that OpenMP
allows whatever the parameters say: so OpenMP is held to one as well.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.errors import PluginLoadError

from ._reduction import FloatArray
from ._statsmodels import missing_extra
from ._threads import one_thread

__all__ = ["boost", "evaluate", "library"]

_LARGEST = 2.0**100
"""Columns go to the library as single precision, which ends near 2^128."""


def library(who: str) -> Any:
    """Return the module xgboost, of whichever distribution.

    Raises:
        PluginLoadError: It is not installed, or it is and does not load.
    """
    try:
        return _load()
    except ImportError as error:
        raise missing_extra(who, "xgboost and threadpoolctl", "xgboost") from error
    except ValueError as error:  # its own errors derive from this one
        first = (str(error).strip() or repr(error)).splitlines()[0]
        raise PluginLoadError(f"{who}: xgboost is installed and does not load: {first}") from error


def boost(
    columns: FloatArray, target: FloatArray, parameters: Mapping[str, object], rounds: int
) -> bytes:
    """Return the trees that xgboost grows, in its own binary format (UBJSON, no pickle).

    Args:
        columns: Finite columns, shape (row, column).
        target: Finite targets, shape (row,).
        parameters: Parameters by their names in xgboost; the number of threads is not one to
            choose.
        rounds: Number of trees per output.
    """
    xgboost = _load()
    settings = {**parameters, "nthread": 1, "verbosity": 0}
    with one_thread("openmp"):
        matrix = xgboost.DMatrix(_single(columns), label=_single(target), nthread=1)
        trees = xgboost.train(settings, matrix, num_boost_round=rounds, verbose_eval=False)
        return bytes(trees.save_raw(raw_format="ubj"))


def evaluate(trees: bytes, columns: FloatArray) -> FloatArray:
    """Return the sums of the trees' leaves, shape (row,), or (row, output) where there are more."""
    found = _booster(trees).inplace_predict(_single(columns))
    return np.asarray(found, dtype=np.float64)


def _single(columns: FloatArray) -> NDArray[np.float32]:
    # Beyond what it was trained on a tree says the same however far: cutting changes nothing.
    return np.clip(columns, -_LARGEST, _LARGEST).astype(np.float32)


@lru_cache(maxsize=128)
def _booster(trees: bytes) -> Any:
    booster = _load().Booster({"nthread": 1, "verbosity": 0})
    with one_thread("openmp"):
        booster.load_model(bytearray(trees))
    return booster


@lru_cache(maxsize=1)
def _load() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import threadpoolctl  # noqa: F401 - wanted by `one_thread`: now, or not at all
        import xgboost
    return xgboost
