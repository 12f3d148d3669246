"""Memory of the defenses that learn nothing from reveals."""

from __future__ import annotations

from typing import Any

__all__ = ["Memoryless"]


class Memoryless:
    """The half of a defense that remembers; here it has nothing to.

    >>> Memoryless().learn(Memoryless().start(), 3.0, 0.5, 1.0, 1.0)
    ()
    """

    def start(self) -> tuple[Any, ...]:
        """Return an empty memory."""
        return ()

    def learn(
        self,
        memory: tuple[Any, ...],
        revision: Any,  # noqa: ARG002 - nothing to learn
        surprise: Any,  # noqa: ARG002
        scale: Any,  # noqa: ARG002
        step_scale: Any,  # noqa: ARG002
    ) -> tuple[Any, ...]:
        """Return the memory as it was."""
        return memory
