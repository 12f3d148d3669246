"""Members of the pools of a grid, and their prior weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fg_core import ConfigError
from fg_core.pooling import group_weights

__all__ = ["Membership"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Membership:
    """The sets of a grid for certain forecasters.

    Args:
        groups: Number of each forecaster's group, (k,).
        members: Members of each set, (s, k).
    """

    groups: NDArray[np.intp]
    members: NDArray[np.bool_]
    _priors: dict[bytes, tuple[Array, NDArray[np.bool_]]] = field(default_factory=dict, init=False)

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        groups: Mapping[str, str],
        member_sets: Sequence[Sequence[str]],
    ) -> Self:
        """Return the sets that have members; those that come to the same members count once.

        Args:
            names: Names of the forecasters.
            groups: Group of each, by name; one that is not named is a group of its own.
            member_sets: Groups that make up a set; none: all forecasters.

        Returns:
            Members of each set, shape (set, forecaster).

        Raises:
            ConfigError: No set has a member.

        >>> found = Membership.of(("a", "b"), {"a": "old", "b": "new"}, (("old",), (), ("both",)))
        >>> found.members.tolist()
        [[True, False], [True, True]]
        """
        rows: list[tuple[bool, ...]] = []
        for wanted in member_sets:
            row = tuple(not wanted or groups.get(name) in wanted for name in names)
            if any(row) and row not in rows:
                rows.append(row)
        if not rows:
            raise ConfigError(
                f"no set of the grid has a member: its sets are of the groups "
                f"{', '.join(sorted({g for one in member_sets for g in one}))}, and the "
                f"forecasters are of {', '.join(sorted(set(groups.values()))) or 'no group'}"
            )
        numbers: dict[tuple[bool, str], int] = {}
        keys = [(name in groups, groups.get(name, name)) for name in names]
        found = [numbers.setdefault(key, len(numbers)) for key in keys]
        return cls(np.array(found, dtype=np.intp), np.array(rows, dtype=np.bool_))

    @property
    def everyone(self) -> NDArray[np.bool_]:
        """All forecasters, (k,)."""
        return np.ones(self.groups.shape, dtype=np.bool_)

    def prior(self, present: NDArray[np.bool_]) -> tuple[Array, NDArray[np.bool_]]:
        """Return the prior weights of those present, and which sets have any.

        Args:
            present: Forecasters that have a forecast, (..., k).

        Returns:
            Weights of shape (..., s, 1, 1, k), and an array of shape (..., s).
        """
        if present.ndim > 1:
            return self._prior(present)
        key = present.tobytes()
        if key not in self._priors:
            self._priors[key] = self._prior(present)
        return self._priors[key]

    def _prior(self, present: NDArray[np.bool_]) -> tuple[Array, NDArray[np.bool_]]:
        among = self.members & present[..., np.newaxis, :]
        alive = np.asarray(among.any(axis=-1), dtype=np.bool_)
        return group_weights(self.groups, among)[..., :, np.newaxis, np.newaxis, :], alive
