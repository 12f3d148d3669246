"""The check of disturbances passes what keeps its promises and fails each way of breaking one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from fg_core.config import SimulationConfig
from fg_core.testing import StepDisturbance, check_disturbance
from fg_core.testing.mutants import NotFrozen, counted, refused


def disturbance(
    rule: Callable[[Any, Any, Any, SimulationConfig], Any],
    uniforms_wanted: Any = 1,
    normals_wanted: Any = 1,
) -> Any:
    @dataclass(frozen=True)
    class Mutant(StepDisturbance):
        n_uniforms: Any = uniforms_wanted
        n_normals: Any = normals_wanted

        def sample(self, state: Any, uniforms: Any, normals: Any, config: SimulationConfig) -> Any:
            return rule(state, uniforms, normals, config)

    return Mutant()


def fires(uniforms: Any, config: SimulationConfig) -> Any:
    return (np.asarray(uniforms[0]) <= config.disturbance_prob) * config.adversarial_intensity


def test_a_disturbance_that_uses_state_and_normals_passes() -> None:
    check_disturbance(
        disturbance(
            lambda s, u, n, c: (
                fires(u, c) * np.sign(s.value) * (n[0] + 0.01 * s.t + np.abs(s.exogenous))
            )
        )
    )
    check_disturbance(disturbance(lambda *_: 0.0, 0, 0))


def test_good_disturbances_pass() -> None:
    check_disturbance(StepDisturbance(0.5))


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (disturbance(lambda s, u, n, c: float(np.max(u[0])) * 0.0 + 1.0), "nothing happens where"),
        (
            disturbance(lambda s, u, n, c: fires(u, replace(c, adversarial_intensity=1.0))),
            "nothing happens where adversarial_intensity is 0",
        ),
        (
            disturbance(lambda s, u, n, c: fires(u, c) * np.mean(n[0])),
            "elementwise: a game alone and in a batch",
        ),
        (
            # Differs in the last bit only: numpy's pairwise sum against one number.
            disturbance(lambda s, u, n, c: fires(u, c) * (n[0] + np.sum(s.value) * 1e-16)),
            "elementwise",
        ),
        (
            disturbance(lambda s, u, n, c: fires(u, c) * 1.0 if np.all(s.value > 0) else 0.0),
            "elementwise",
        ),
        (disturbance(lambda s, u, n, c: fires(u, c) * np.nan), "sample is finite"),
        (disturbance(lambda s, u, n, c: np.zeros((2, 3))), "one number a game"),
        (disturbance(lambda s, u, n, c: None), "one number a game|sample is finite"),
        (
            disturbance(counted(lambda k, s, u, n, c: fires(u, c) * float(k))),
            "sample is pure",
        ),
        (disturbance(lambda s, u, n, c: 1.0 if s.value > 0 else 0.0), "sample works"),
        (disturbance(lambda *_: 0.0, -1), "n_uniforms is a whole number"),
        (disturbance(lambda *_: 0.0, 1, 1.0), "n_normals is a whole number"),
        (NotFrozen(), "it has n_uniforms, n_normals, sample"),
    ],
)
def test_a_broken_disturbance_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_disturbance(broken), promise)


def test_a_disturbance_may_not_write_into_its_draws() -> None:
    def scribbles(state: Any, uniforms: Any, normals: Any, config: Any) -> Any:
        normals *= 0.5
        return np.zeros_like(normals[0])

    refused(lambda: check_disturbance(disturbance(scribbles)), "leaves its arguments as they were")
