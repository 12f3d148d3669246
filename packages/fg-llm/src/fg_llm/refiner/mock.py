"""A model without a server: it answers by rules from the numbers that it is told.

It shows what a refiner does with answers that are right; it says nothing of any language model.
"""

from __future__ import annotations

import json
from typing import Any

from fg_llm.client import ChatRequest, ScriptedModel

__all__ = ["mock_model"]

_SHARES = (500, 250, 750, 350, 600, 150, 900, 450)
_WINDOWS = ("error_32", "error_8")


def mock_model() -> ScriptedModel:
    """Return a model that proposes to take back a share of the mean error.

    Asked for an adjustment it answers the mean error; asked for a program, one that adds a share
    of the mean error that is left, another one for each proposal.
    """
    return ScriptedModel(_answer, "mock")


def _answer(request: ChatRequest) -> str:
    told = json.loads(request.user)
    if "adjust_milli" in request.schema["properties"]:
        milli = round(1000.0 * told["all"]["mean_error"])
        return json.dumps({"nonce": told["nonce"], "adjust_milli": milli})
    return json.dumps({"nonce": told["nonce"], "prog": _program(told)})


def _program(told: dict[str, Any]) -> list[dict[str, Any]]:
    k = told["proposal"] - 1 + 4 * (told["round"] - 1)
    share = _SHARES[k // len(_WINDOWS) % len(_SHARES)] + k // (len(_WINDOWS) * len(_SHARES))
    return [
        {"op": "feat", "name": _WINDOWS[k % len(_WINDOWS)]},
        {"op": "num", "milli": share},
        {"op": "mul", "a": 0, "b": 1},
    ]
