"""Strategy runtimes: what computes the answers of a written strategy."""

from .haskell import HaskellRLMRuntime
from .prompt import PromptStrategyRuntime

__all__ = ["HaskellRLMRuntime", "PromptStrategyRuntime"]
