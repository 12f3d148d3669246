"""Strategy runtimes: what computes the answers of a written strategy."""

from .haskell import HaskellRLMRuntime
from .model import (
    MODEL_VARIABLE,
    ModelStrategyRuntime,
    chat_runtime,
    llm_runtime,
    mock_llm_runtime,
    ollama_runtime,
)
from .prompt import PromptStrategyRuntime

__all__ = [
    "MODEL_VARIABLE",
    "HaskellRLMRuntime",
    "ModelStrategyRuntime",
    "PromptStrategyRuntime",
    "chat_runtime",
    "llm_runtime",
    "mock_llm_runtime",
    "ollama_runtime",
]
