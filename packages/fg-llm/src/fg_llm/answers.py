"""What a language model says is not trusted: read strictly, checked by type, clamped in one place.

A number that leaves `clamp_adjustment` lies within [-0.1, 0.1], whatever went in: text, truth
values, NaN, infinities, numbers of a thousand digits, nothing. No other function makes an
adjustment of an answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .client.errors import AnswerCutError, BadAnswerError
from .strict_json import strict_json

__all__ = [
    "ADJUSTMENT_LIMIT",
    "ADJUSTMENT_SCHEMA",
    "Adjustment",
    "clamp_adjustment",
    "read_adjustment",
    "read_answer",
]

ADJUSTMENT_LIMIT = 0.1
"""Largest adjustment, in standard deviations of the forecasts that it corrects."""

ADJUSTMENT_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "nonce": {"type": "string"},
        "adjust_milli": {"type": "integer", "minimum": -100, "maximum": 100},
    },
    "required": ["nonce", "adjust_milli"],
    "additionalProperties": False,
}
"""JSON schema of the answers that `read_adjustment` reads."""

MAX_ANSWER_CHARACTERS = 16_384


@dataclass(frozen=True)
class Adjustment:
    """An adjustment that may be used, and what had to be done for that.

    Args:
        value: Adjustment, within [-0.1, 0.1].
        note: What was changed: `clamped`, `not finite`, `not a number`, or nothing.
    """

    value: float
    note: str = ""


def clamp_adjustment(found: Any) -> Adjustment:
    """Return the adjustment that any value stands for.

    Args:
        found: Anything; a number in standard deviations of the forecasts.

    Returns:
        A number within [-0.1, 0.1], 0 for what is no finite number, and what was changed.

    >>> clamp_adjustment(0.05), clamp_adjustment(1e300)
    (Adjustment(value=0.05, note=''), Adjustment(value=0.1, note='clamped'))
    >>> clamp_adjustment(float("nan")), clamp_adjustment(True)
    (Adjustment(value=0.0, note='not finite'), Adjustment(value=0.0, note='not a number'))
    """
    if type(found) not in (int, float):  # True is an int to isinstance
        return Adjustment(0.0, "not a number")
    try:
        number = float(found)
    except OverflowError:
        return Adjustment(0.0, "not finite")
    if not math.isfinite(number):
        return Adjustment(0.0, "not finite")
    held = max(-ADJUSTMENT_LIMIT, min(ADJUSTMENT_LIMIT, number)) + 0.0  # no -0.0
    return Adjustment(held, "" if held == number else "clamped")


def read_answer(text: str, nonce: str) -> dict[str, Any]:
    """Return the JSON object that an answer holds.

    Args:
        text: Answer.
        nonce: Word of the prompt that the answer must repeat; a prompt that was cut has lost it.

    Returns:
        Its fields.

    Raises:
        BadAnswerError: It is too long, no strict JSON (NaN, a key twice), or no object.
        AnswerCutError: It does not repeat the nonce.
    """
    if len(text) > MAX_ANSWER_CHARACTERS:
        raise BadAnswerError(f"{len(text)} characters, {MAX_ANSWER_CHARACTERS} are allowed")
    try:
        found = strict_json(text)
    except ValueError:
        raise BadAnswerError("no valid JSON") from None
    if not isinstance(found, dict):
        raise BadAnswerError("a JSON object is wanted")
    if found.get("nonce") != nonce:
        raise AnswerCutError("the answer does not repeat the nonce, so the prompt was cut")
    return found


def read_adjustment(text: str, nonce: str) -> Adjustment:
    """Return the adjustment of an answer such as `{"nonce": "k3", "adjust_milli": -40}`.

    Thousandths, since models and JSON agree on whole numbers alone.

    Args:
        text: Answer.
        nonce: Word of the prompt that it must repeat.

    Returns:
        The adjustment, clamped.

    Raises:
        BadAnswerError: As `read_answer`, or there is no `adjust_milli`.

    >>> read_adjustment('{"nonce": "k3", "adjust_milli": -40}', "k3")
    Adjustment(value=-0.04, note='')
    """
    found = read_answer(text, nonce)
    if "adjust_milli" not in found:
        raise BadAnswerError("there is no adjust_milli")
    milli = found["adjust_milli"]
    return clamp_adjustment(milli / 1000.0 if type(milli) in (int, float) else milli)
