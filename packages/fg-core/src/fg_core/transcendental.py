"""The transcendental functions that games, pools and scores compute with.

Their last bits differ from one library to the next, and between `math` and numpy on one machine,
so they are taken from here alone: whoever plays a game elsewhere (compiled, or in another
language) and wants the same bits replaces these and nothing else. All work elementwise on arrays
of 64-bit floats. What is correctly rounded everywhere (`+ - * /`, square roots) needs no place.
"""

from __future__ import annotations

from numpy import exp, expm1, hypot, log, log1p, logaddexp
from scipy.special import betaln, erf, erfcx, exprel, ndtr, ndtri

__all__ = [
    "betaln",
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
]
