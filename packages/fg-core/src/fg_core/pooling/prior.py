"""Prior of a pool, before it has seen anything: one vote per idea, not per forecaster.

Fifteen variants of one idea fail together. Where every *group* of forecasters has the same mass,
shared equally within, they have one vote together, and a further variant costs the others nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["group_weights"]

Array = NDArray[np.float64]


def group_weights(groups: NDArray[np.intp], present: NDArray[np.bool_]) -> Array:
    r"""Return weights that give every group the same mass, shared equally within the group.

    $w_i = 1 / (G\, n_{g(i)})$ with $G$ groups that have a forecaster present and $n_g$ present
    ones in group $g$. With every forecaster in a group of its own these are equal weights.

    Args:
        groups: Number of each forecaster's group, shape (forecaster,), from 0.
        present: Whether a forecaster is present, shape (..., forecaster); absent ones have weight
            zero.

    Returns:
        Shape (..., forecaster); rows sum to one, or are all zero where none is present.

    >>> everyone = np.array([True, True, True])
    >>> group_weights(np.array([0, 0, 1]), everyone).tolist()
    [0.25, 0.25, 0.5]
    """
    here = np.asarray(present, dtype=np.bool_)
    member = groups == np.arange(int(groups.max()) + 1)[:, np.newaxis]
    # Counts are whole numbers: exact in any order of addition.
    sizes = np.count_nonzero(here[..., np.newaxis, :] & member, axis=-1)
    n_groups = np.count_nonzero(sizes, axis=-1)[..., np.newaxis]
    return np.where(here, 1.0 / np.maximum(n_groups * sizes[..., groups], 1), 0.0)
