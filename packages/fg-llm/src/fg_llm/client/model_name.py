"""Which model plugins ask: the one that the user's environment names."""

from __future__ import annotations

import os

__all__ = ["MODEL_VARIABLE", "model_name"]

MODEL_VARIABLE = "FG_LLM_MODEL"
"""Environment variable with the name of the model that plugins ask."""

_MODEL = "llama3.2"


def model_name() -> str:
    """Return the name of the model that plugins ask."""
    return os.environ.get(MODEL_VARIABLE) or _MODEL
