"""Arrays that agents are given in many games at once refuse to be written to."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["read_only"]


def read_only(array: Any) -> Any:
    """Return a view that refuses to be written to; one number is returned as it is.

    For what agents are given in many games at once. It keeps an agent that works in place from
    changing what others are given; one that looks for the writable array behind it still can.
    """
    if not isinstance(array, np.ndarray) or not array.flags.writeable:
        return array
    view = array[...]
    view.flags.writeable = False
    return view
