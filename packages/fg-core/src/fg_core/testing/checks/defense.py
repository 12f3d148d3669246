"""Conformance of defenses."""

from __future__ import annotations

import numpy as np

from fg_core.protocols import Defense, OutlierAssessment
from fg_core.testing._play import Promises, fingerprint

from ._elementwise import N_GAMES, over_games, require_equal, spread

__all__ = ["check_defense"]


def check_defense(defense: Defense) -> None:
    """Check a defense: pure, finite, elementwise, p_bad in [0, 1], memory left as it was.

    Args:
        defense: Defense that is checked.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.fakes import HalfwayDefense
    >>> check_defense(HalfwayDefense())
    """
    promises = Promises("Defense", defense)
    promises.members("start", "doubt", "learn")
    promises.named()
    start = promises.pure("start", defense.start)
    promises.require(
        isinstance(start, tuple), "memory is a tuple of arrays", f"start returned {start!r}"
    )
    displacement = spread("displacement", -6.0, 6.0)
    displacement[:3] = (0.0, 1e6, -1e6)
    scale = spread("scale", 0.1, 2.0)
    scale[3] = 1e-9
    step_scale = spread("step_scale", 0.2, 1.5)
    memory, alone = start, [start] * N_GAMES
    for i in range(6):
        shift = np.roll(displacement, i)
        found = promises.pure("doubt", defense.doubt, memory, shift, scale, step_scale)
        single = [
            promises.call(
                "doubt",
                defense.doubt,
                alone[g],
                float(shift[g]),
                float(scale[g]),
                float(step_scale[g]),
            )
            for g in range(N_GAMES)
        ]
        for one in (found, *single):
            promises.require(
                isinstance(one, OutlierAssessment),
                "doubt returns an OutlierAssessment",
                f"got {one!r}",
            )
        for name in ("delta", "p_bad", "scale"):
            numbers = over_games(promises, name, getattr(found, name))
            require_equal(promises, name, numbers, [getattr(one, name) for one in single])
            if name == "p_bad":
                inside = (numbers >= 0.0) & (numbers <= 1.0)
                promises.require(
                    bool(inside.all()), "p_bad lies in [0, 1]", f"got {numbers[~inside][:1]}"
                )
            if name == "scale":
                promises.require(
                    bool((numbers >= 0.0).all()), "scale is at least 0", f"got {numbers.min()}"
                )
        # Half of the prints turn out to have been right: their revision is 0.
        revision = np.where(np.arange(N_GAMES) % 2 == 0, 0.0, shift)
        surprise = np.roll(displacement, 2 * i + 1) - 0.5 * revision
        memory = promises.pure(
            "learn", defense.learn, memory, revision, surprise, scale, step_scale
        )
        alone = [
            promises.call(
                "learn",
                defense.learn,
                alone[g],
                float(revision[g]),
                float(surprise[g]),
                float(scale[g]),
                float(step_scale[g]),
            )
            for g in range(N_GAMES)
        ]
        for one in (memory, *alone):
            promises.require(
                isinstance(one, tuple) and len(one) == len(start),
                "learn returns a memory like the one of start",
                f"start has {len(start)} parts, learn returned {one!r}",
            )
    promises.require(
        fingerprint(defense.start()) == fingerprint(start),
        "start does not depend on what was learned",
        f"it was {start!r} and is {defense.start()!r}",
    )
