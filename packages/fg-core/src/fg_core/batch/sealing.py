"""Arrays that agents are given in many games at once: over memory that cannot be written to."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["read_only"]


def read_only(array: Any) -> Any:
    """Return an array over immutable memory; one number is returned as it is.

    An array that owns its memory can be marked read-only, and an agent can take the mark away
    again, or look for the writable array behind a view. The memory of this one is a `bytes` object
    (see `fg_core.window.immutable_array`); what is over such memory already is not copied.

    Args:
        array: Array of any shape and type; the order of its axes in memory is kept.

    Returns:
        Array of the same shape, type and numbers that cannot be made writable.

    >>> read_only(np.zeros(2)).setflags(write=True)
    Traceback (most recent call last):
    ...
    ValueError: cannot set WRITEABLE flag to True of this array
    """
    if not isinstance(array, np.ndarray):
        return array
    if not array.flags.writeable:
        memory: Any = array.base
        while isinstance(memory, np.ndarray):
            memory = memory.base
        if isinstance(memory, bytes):
            return array
    if array.ndim == 1:
        # A view, so that the array that it has for its base is used for nothing (see `handing`).
        return np.frombuffer(array.tobytes(), array.dtype).view()
    if array.ndim > 1 and array.flags.f_contiguous:
        turned = array.T
        return np.frombuffer(turned.tobytes(), array.dtype).reshape(turned.shape).T
    return np.frombuffer(array.tobytes(), array.dtype).reshape(array.shape)
