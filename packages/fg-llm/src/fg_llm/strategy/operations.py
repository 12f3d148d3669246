r"""Operations of the strategy language: what each takes, gives and computes.

Every operation is defined for every input and uses only what IEEE 754 rounds correctly (sums,
products, quotients, square roots), so that any implementation gives the same bits. With
$L = 10^{12}$, the result of every operation on numbers is *held*: NaN becomes 0, what lies outside
$[-L, L]$ becomes the nearer end, and a zero is positive. Further:

| operation | rule |
|---|---|
| `div a b` | 0 where $\lvert b \rvert < 10^{-9}$ |
| `sqrt a` | $\sqrt{\lvert a \rvert}$ |
| `softsign a` | $a / (1 + \lvert a \rvert)$ |
| `sign a` | 1, 0 or -1 |
| `min a b`, `max a b` | by `<`; the first of equal numbers |
| `clamp a low high` | `min (max a low) high`, and `low` where `high < low` |
| `if c a b` | `a` where `c` holds, else `b` |

Each rule is written once, over an `Arithmetic`: that of Python's numbers, or that of arrays.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = [
    "COMMUTATIVE",
    "FLIPPED",
    "NUMBER_LIMIT",
    "OPERATIONS",
    "PYTHON_NUMBERS",
    "Arithmetic",
    "Operation",
    "held",
]

NUMBER_LIMIT = 1e12
"""Largest magnitude of a number in the language."""

SMALLEST_DIVISOR = 1e-9
"""Smallest magnitude of a divisor; the quotient by a smaller one is 0."""

COMMUTATIVE = frozenset({"add", "mul", "min", "max", "and", "or"})
"""Operations whose two operands may change places without changing a bit."""

FLIPPED = {"gt": "lt", "ge": "le"}
"""Comparisons that are others with the operands exchanged."""


@dataclass(frozen=True)
class Arithmetic:
    """The four things that numbers and arrays do by different means.

    Args:
        where: `where(c, a, b)`, `a` where `c` holds, else `b`.
        sqrt: Square root of what is not negative.
        both: Whether two conditions hold.
        negate: Whether a condition does not hold.
    """

    where: Callable[[Any, Any, Any], Any]
    sqrt: Callable[[Any], Any]
    both: Callable[[Any, Any], Any]
    negate: Callable[[Any], Any]


PYTHON_NUMBERS = Arithmetic(
    where=lambda c, a, b: a if c else b,
    sqrt=math.sqrt,
    both=lambda a, b: a and b,
    negate=lambda a: not a,
)
"""Arithmetic of Python's floats and booleans."""


@dataclass(frozen=True)
class Operation:
    """One operation of the language.

    Args:
        takes: Kind of each operand: `num` or `bool`; `same` is either, but the same for all `same`.
        gives: Kind of the result.
        compute: Result from an `Arithmetic` and the operands; held afterwards where it is a number.
        rule: What it computes, in a few words, as it is told to a model.
    """

    takes: tuple[str, ...]
    gives: str
    compute: Callable[..., Any]
    rule: str


def held(k: Arithmetic, x: Any) -> Any:
    """Return a number of the language: finite, within the limits, and never -0.0.

    Args:
        k: Arithmetic of the number.
        x: Any float, or an array of floats.

    Returns:
        `x`, with NaN as 0, cut to [-`NUMBER_LIMIT`, `NUMBER_LIMIT`], and zero as +0.0.

    >>> held(PYTHON_NUMBERS, float("nan")), held(PYTHON_NUMBERS, -1e300)
    (0.0, -1000000000000.0)
    """
    x = k.where(x == x, x, 0.0)  # NaN alone differs from itself
    x = k.where(x > NUMBER_LIMIT, NUMBER_LIMIT, x)
    return k.where(x < -NUMBER_LIMIT, -NUMBER_LIMIT, x) + 0.0


def _min(k: Arithmetic, a: Any, b: Any) -> Any:
    return k.where(b < a, b, a)


def _max(k: Arithmetic, a: Any, b: Any) -> Any:
    return k.where(b > a, b, a)


def _div(k: Arithmetic, a: Any, b: Any) -> Any:
    tiny = abs(b) < SMALLEST_DIVISOR
    return k.where(tiny, 0.0, a / k.where(tiny, 1.0, b))


def _clamp(k: Arithmetic, a: Any, low: Any, high: Any) -> Any:
    return k.where(high < low, low, _min(k, _max(k, a, low), high))


def _sign(k: Arithmetic, a: Any) -> Any:
    return k.where(a > 0.0, 1.0, k.where(a < 0.0, -1.0, 0.0))


def _number(n: int, compute: Callable[..., Any], rule: str) -> Operation:
    return Operation(("num",) * n, "num", compute, rule)


def _comparison(compute: Callable[..., Any], rule: str) -> Operation:
    return Operation(("num", "num"), "bool", compute, rule)


OPERATIONS = {
    "add": _number(2, lambda _, a, b: a + b, "a + b"),
    "sub": _number(2, lambda _, a, b: a - b, "a - b"),
    "mul": _number(2, lambda _, a, b: a * b, "a * b"),
    "div": _number(2, _div, "a / b, 0 where |b| < 1e-9"),
    "neg": _number(1, lambda _, a: -a, "-a"),
    "abs": _number(1, lambda _, a: abs(a), "|a|"),
    "min": _number(2, _min, "the smaller of a and b"),
    "max": _number(2, _max, "the larger of a and b"),
    "clamp": _number(3, _clamp, "a, cut to [b, c]"),
    "sqrt": _number(1, lambda k, a: k.sqrt(abs(a)), "the square root of |a|"),
    "softsign": _number(1, lambda _, a: a / (1.0 + abs(a)), "a / (1 + |a|)"),
    "sign": _number(1, _sign, "1, 0 or -1"),
    "lt": _comparison(lambda _, a, b: a < b, "a < b"),
    "le": _comparison(lambda _, a, b: a <= b, "a <= b"),
    "gt": _comparison(lambda _, a, b: a > b, "a > b"),
    "ge": _comparison(lambda _, a, b: a >= b, "a >= b"),
    "and": Operation(("bool", "bool"), "bool", lambda k, a, b: k.both(a, b), "a and b"),
    "or": Operation(
        ("bool", "bool"),
        "bool",
        lambda k, a, b: k.negate(k.both(k.negate(a), k.negate(b))),
        "a or b",
    ),
    "not": Operation(("bool",), "bool", lambda k, a: k.negate(a), "not a"),
    "if": Operation(
        ("bool", "same", "same"), "same", lambda k, c, a, b: k.where(c, a, b), "b if a, else c"
    ),
}
"""Operations by name; literals (`num`) and features (`feat`) are no operations."""
