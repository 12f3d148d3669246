"""Strategies as data, and their refinement by a language model, for Forecast Game.

Names are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fg_core.lazy_names import lazy_names

__all__ = [
    "FEATURES",
    "LANGUAGE_VERSION",
    "OPERATIONS",
    "REFINER_FEATURES",
    "BridgeError",
    "HaskellRLMRuntime",
    "HaskellSession",
    "ModelStrategyRuntime",
    "Node",
    "OllamaChat",
    "OllamaRefactorClient",
    "OpenAIChat",
    "Program",
    "PromptStrategyRuntime",
    "RecordedModel",
    "RecursiveStrategyRefiner",
    "StrategyError",
    "StrategyRefiner",
    "__version__",
    "canonical_text",
    "check_program",
    "constant_value",
    "evaluate",
    "evaluate_arrays",
    "random_program",
    "read_program",
    "strategy_hash",
]

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .client import OllamaChat, OpenAIChat, RecordedModel
    from .haskell import BridgeError, HaskellSession
    from .refactor_client import OllamaRefactorClient
    from .refiner import REFINER_FEATURES, RecursiveStrategyRefiner, StrategyRefiner
    from .runtimes import HaskellRLMRuntime, ModelStrategyRuntime, PromptStrategyRuntime
    from .strategy import (
        FEATURES,
        LANGUAGE_VERSION,
        OPERATIONS,
        Node,
        Program,
        StrategyError,
        canonical_text,
        check_program,
        constant_value,
        evaluate,
        evaluate_arrays,
        random_program,
        read_program,
        strategy_hash,
    )
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".client": ("OllamaChat", "OpenAIChat", "RecordedModel"),
            ".haskell": ("BridgeError", "HaskellSession"),
            ".refactor_client": ("OllamaRefactorClient",),
            ".refiner": ("REFINER_FEATURES", "RecursiveStrategyRefiner", "StrategyRefiner"),
            ".runtimes": ("HaskellRLMRuntime", "ModelStrategyRuntime", "PromptStrategyRuntime"),
            ".strategy": (
                "FEATURES",
                "LANGUAGE_VERSION",
                "OPERATIONS",
                "Node",
                "Program",
                "StrategyError",
                "canonical_text",
                "check_program",
                "constant_value",
                "evaluate",
                "evaluate_arrays",
                "random_program",
                "read_program",
                "strategy_hash",
            ),
        },
    )
