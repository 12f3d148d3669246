"""Strategy runtimes: what computes the answers of a written strategy."""

from .prompt import PromptStrategyRuntime

__all__ = ["PromptStrategyRuntime"]
