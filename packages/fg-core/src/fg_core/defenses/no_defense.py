r"""No defense: every print is believed.

$$\Delta = 0, \qquad p_\text{bad} = 0$$
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from fg_core.protocols import Suspicion

__all__ = ["NoDefense"]


@dataclass(frozen=True)
class NoDefense:
    """Believes everything; what the other defenses are compared with.

    >>> bool(NoDefense().doubt((), 5.0, 1.0, 1.0) == Suspicion(0.0, 0.0, 0.0))
    True
    """

    name: str = "none"

    def start(self) -> tuple[Any, ...]:
        """Return an empty memory."""
        return ()

    def doubt(
        self,
        memory: tuple[Any, ...],  # noqa: ARG002 - nothing to remember
        displacement: Any,
        scale: Any,  # noqa: ARG002 - nothing to compare with
        step_scale: Any,  # noqa: ARG002
    ) -> Suspicion:
        """Return no doubt."""
        nothing = np.zeros(np.shape(displacement))
        return Suspicion(nothing, nothing, nothing)

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
