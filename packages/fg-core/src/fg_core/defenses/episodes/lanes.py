"""Values made of arrays with a leading game axis: of several games as one, and of some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Self

import numpy as np

__all__ = ["Lanes"]


class Lanes:
    """A dataclass all of whose fields are arrays with a leading game axis.

    An axis of length 1 stands for any number of games that are alike.
    """

    @classmethod
    def stack(cls, parts: Sequence[Self]) -> Self:
        """Return what belongs to several games as one, in their order."""
        names = [field.name for field in fields(cls)]  # type: ignore[arg-type]
        return cls(*[np.concatenate([getattr(one, name) for one in parts]) for name in names])

    def rows(self, games: slice) -> Self:
        """Return what belongs to some of the games."""
        names = [field.name for field in fields(self)]  # type: ignore[arg-type]
        arrays: list[Any] = [getattr(self, name) for name in names]
        return type(self)(*[one[games] if len(one) > 1 else one for one in arrays])
