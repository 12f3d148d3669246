"""What a model is told: numbers by regime, earlier strategies with their scores, the task.

All numbers are of the training stretch: what validation found is told by nothing but the strategy
that is in force. No text of data or of a model is in a prompt: names are ours, and programs are
rebuilt from their checked nodes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fg_llm.client import ChatRequest, question
from fg_llm.strategy.operations import OPERATIONS
from fg_llm.strategy.program import LITERAL_LIMIT, MAX_DEPTH, MAX_NODES, Program

from .archive import Archive, canonical_lines
from .error_features import REFINER_FEATURES
from .evidence import Evidence

__all__ = ["REGIMES", "SCHEMA", "proposal_request", "regime_table"]

REGIMES = ("calm, falling", "calm, rising", "turbulent, falling", "turbulent, rising")
"""Regimes of a series: its latest changes against the usual size, and the sign of their mean."""

_DIGITS = 3
_SHOWN = 6
_SHOWN_LINES = 120
"""Nodes of earlier programs together: servers cut what does not fit, and say nothing."""


def _system() -> str:
    operations = "; ".join(
        f"{name}: {operation.rule}" for name, operation in sorted(OPERATIONS.items())
    )
    features = "; ".join(f"{name}: {text}" for name, text in REFINER_FEATURES.items())
    return (
        "You write a small program that corrects forecasts. After every few outcomes it returns "
        "what to add to the correction in force, in standard deviations of the forecasts; it is "
        "cut to [-0.1, 0.1]. Positive raises the forecasts. An error is outcome minus forecast. "
        "A program is a list of nodes; operands a, b, c are positions of earlier nodes, counted "
        "from 0; the last node is the result, a number. At most "
        f"{MAX_NODES} nodes, {MAX_DEPTH} deep. Nodes: num with milli, a whole number of "
        f"thousandths; feat with name; or an operation. Operations: {operations}. "
        f"Features: {features}. "
        "You are given JSON: the errors of past forecasts by regime under the correction in "
        "force, and earlier programs with the mean gain of each, in thousandths, the best one "
        "last. Answer with JSON: repeat the nonce, and give prog, a program that gains more and "
        "differs from all that are listed. Proposals of one round must differ: yours is the one "
        "whose number is given."
    )


def _node(op: Sequence[str], **properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"op": {"enum": list(op)}, **properties},
        "required": ["op", *properties],
        "additionalProperties": False,
    }


def _schema() -> dict[str, Any]:
    operand = {"type": "integer", "minimum": 0, "maximum": MAX_NODES - 2}
    milli = {"type": "integer", "minimum": -LITERAL_LIMIT, "maximum": LITERAL_LIMIT}
    nodes = [
        _node(["num"], milli=milli),
        _node(["feat"], name={"enum": list(REFINER_FEATURES)}),
    ]
    for n in (1, 2, 3):
        names = sorted(name for name, one in OPERATIONS.items() if len(one.takes) == n)
        nodes.append(_node(names, **dict.fromkeys("abc"[:n], operand)))
    return {
        "type": "object",
        "properties": {
            "nonce": {"type": "string"},
            "prog": {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_NODES,
                "items": {"anyOf": nodes},
            },
        },
        "required": ["nonce", "prog"],
        "additionalProperties": False,
    }


SYSTEM = _system()
SCHEMA: Mapping[str, Any] = _schema()
"""Schema of an answer: without recursion, so that servers can hold a model to it."""


def regime_table(evidence: Evidence, current: Program | None) -> list[dict[str, Any]]:
    """Return errors of the training stretch by regime, under the strategy in force.

    Args:
        evidence: Revealed forecasts.
        current: Strategy in force; None: none.

    Returns:
        Per regime that occurs: its name, the number of forecasts, mean error (`bias`) and mean
        absolute error (`error`) in standard deviations, and the share of the strategy's increments
        that were clamped.
    """
    rows: dict[str, list[float]] = {name: [] for name in REGIMES}
    clamps: dict[str, list[float]] = {name: [] for name in REGIMES}
    for path in evidence.paths:
        part = path.part("training")
        course = path.course(current, part.stop)
        left = path.errors[part] - course.bias[part] / path.scales[part]
        for error, k in zip(left, path.asked_before[part], strict=True):
            if k > 0:
                rows[_regime(path.moments[int(k) - 1].series)].append(float(error))
        for moment, clamped in zip(path.moments, course.clamped, strict=False):
            clamps[_regime(moment.series)].append(float(clamped))
    return [
        {
            "regime": name,
            "n": len(errors),
            "bias": round(float(np.mean(errors)), _DIGITS),
            "error": round(float(np.mean(np.abs(errors))), _DIGITS),
            "clamped": round(float(np.mean(clamps[name] or [0.0])), _DIGITS),
        }
        for name, errors in rows.items()
        if errors
    ]


def proposal_request(
    evidence: Evidence, current: Program | None, archive: Archive, round_number: int, number: int
) -> tuple[ChatRequest, str]:
    """Return the question for one candidate, and the nonce that its answer must repeat.

    Args:
        evidence: Revealed forecasts.
        current: Strategy in force; None: none.
        archive: Strategies that were scored.
        round_number: Number of the round, from 1.
        number: Number of the candidate in its round, from 1.
    """
    data = {
        "round": round_number,
        "proposal": number,
        "regimes": regime_table(evidence, current),
        "in_force": canonical_lines(current) if current is not None else [],
        "earlier": _earlier(archive),
    }
    return question(SYSTEM, data, SCHEMA, number)


def _earlier(archive: Archive) -> list[dict[str, Any]]:
    """Return the best programs with their gains, as many as there is room for, the best last."""
    found: list[dict[str, Any]] = []
    left = _SHOWN_LINES
    for entry in reversed(archive.shown(_SHOWN)):
        lines = canonical_lines(entry.program)
        left -= len(lines)
        if left < 0:
            break
        found.append({"gain_milli": round(1000.0 * entry.gain), "prog": lines})
    return found[::-1]


def _regime(series: Mapping[str, float]) -> str:
    turbulent = series["volatility_ratio"] > 1.0
    rising = series["change_3"] > 0.0
    return REGIMES[2 * turbulent + rising]
