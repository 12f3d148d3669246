"""The transcendental functions that games, pools and scores compute with.

Their last bits differ from one library to the next, and between `math` and numpy on one machine,
so they are taken from here alone: a program that plays a game elsewhere (compiled, or in another
language) and wants the same bits replaces these and nothing else. All work elementwise on arrays
of 64-bit floats. What is correctly rounded everywhere (`+ - * /`, square roots) needs no place.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import cos, exp, expm1, hypot, log, log1p, logaddexp, sin

from ._special_functions import betaln, erf, erfcx, exprel, ndtr, ndtri, owens_t, stdtr, stdtrit

__all__ = [
    "betaln",
    "cos",
    "erf",
    "erfcx",
    "exp",
    "expm1",
    "exprel",
    "hypot",
    "log",
    "log1p",
    "logaddexp",
    "ndtr",
    "ndtri",
    "owens_t",
    "sin",
    "stdtr",
    "stdtrit",
]


def _where_nothing_touches(function: Any) -> Any:
    """Return a function of one array whose bits do not depend on where the array lies.

    Before numpy 2, a result that happens to begin where the last step over a strided argument ends
    was taken for an overlap, and computed by another library: from one call to the next, the last
    bit of the same logarithm could change. A copy without gaps touches nothing.
    """

    def apart(x: Any, /, **options: Any) -> Any:
        x = np.asarray(x)
        whole = x.flags.c_contiguous or x.flags.f_contiguous
        return function(x if whole else x.copy(order="K"), **options)

    return apart


if np.lib.NumpyVersion(np.__version__) < "2.0.0":
    exp, expm1, log, log1p = (_where_nothing_touches(f) for f in (exp, expm1, log, log1p))
