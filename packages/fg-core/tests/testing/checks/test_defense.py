"""The check of defenses passes what keeps its promises and fails each way of breaking one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from fg_core.protocols import OutlierAssessment
from fg_core.testing import HalfwayDefense, check_defense
from fg_core.testing.mutants import NotFrozen, counted, refused


@dataclass(frozen=True)
class DefenseBase(HalfwayDefense):
    """A good defense whose memory matters."""

    def start(self) -> tuple[Any, ...]:
        return (0.0, 0.0)

    def doubt(self, memory: Any, displacement: Any, scale: Any, step_scale: Any) -> Any:
        bad, n = memory
        rate = (0.5 + bad) / (10.0 + n)
        return OutlierAssessment(-displacement * 0.5, rate * (scale / (scale + 1.0)), scale * 1.0)

    def learn(self, memory: Any, revision: Any, surprise: Any, scale: Any, step_scale: Any) -> Any:
        bad, n = memory
        return (0.9 * bad + (np.abs(revision) > step_scale), 0.9 * n + 1.0)


def defense(**methods: Callable[..., Any]) -> Any:
    return dataclass(frozen=True)(type("Mutant", (DefenseBase,), dict(methods)))()


def doubt_with(**changes: Callable[..., Any]) -> Any:
    def doubt(self: Any, memory: Any, displacement: Any, scale: Any, step_scale: Any) -> Any:
        good = DefenseBase.doubt(self, memory, displacement, scale, step_scale)
        return replace(good, **{k: f(displacement, scale, step_scale) for k, f in changes.items()})

    return defense(doubt=doubt)


@dataclass(frozen=True)
class DefenseInPlace(DefenseBase):
    def start(self) -> tuple[Any, ...]:
        return (np.zeros(1),)

    def doubt(self, memory: Any, displacement: Any, scale: Any, step_scale: Any) -> Any:
        return OutlierAssessment(displacement * 0.0, 0.0 * scale, scale * 1.0)

    def learn(self, memory: Any, revision: Any, surprise: Any, scale: Any, step_scale: Any) -> Any:
        memory[0][...] = 1.0
        return memory


@dataclass(frozen=True)
class DefenseRemembers(DefenseBase):
    seen: list[float] = field(default_factory=list)

    def start(self) -> tuple[Any, ...]:
        return (float(len(self.seen)), 0.0)

    def learn(self, memory: Any, revision: Any, surprise: Any, scale: Any, step_scale: Any) -> Any:
        if not self.seen:
            self.seen.append(1.0)
        return super().learn(memory, revision, surprise, scale, step_scale)


def test_a_defense_that_learns_passes() -> None:
    check_defense(DefenseBase())


def test_good_defenses_pass() -> None:
    check_defense(HalfwayDefense())


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (doubt_with(p_bad=lambda e, s, u: np.abs(e) / 5.0), "p_bad lies in"),
        (doubt_with(p_bad=lambda e, s, u: -0.1 + 0.0 * e), "p_bad lies in"),
        (doubt_with(scale=lambda e, s, u: -s), "scale is at least 0"),
        (doubt_with(delta=lambda e, s, u: -e / np.where(e == 0, np.nan, e)), "delta is finite"),
        (doubt_with(delta=lambda e, s, u: -np.mean(e)), "delta is elementwise"),
        (doubt_with(p_bad=lambda e, s, u: np.zeros(3)), "one number a game"),
        (doubt_with(delta=counted(lambda k, e, s, u: e * k)), "doubt is pure"),
        (defense(doubt=lambda *_: (0.0, 0.0, 1.0)), "doubt returns an OutlierAssessment"),
        (defense(start=lambda *_: [0.0, 0.0]), "memory is a tuple"),
        (defense(learn=lambda *_: (0.0,)), "learn returns a memory like"),
        (defense(learn=lambda *_: None), "learn returns a memory like"),
        (
            defense(learn=lambda _, m, r, v, s, u: (m[0] + np.sum(np.abs(r)), m[1] + 1.0)),
            "p_bad lies in|elementwise",
        ),
        (
            defense(learn=lambda _, m, r, v, s, u: (m[0] + np.mean(np.abs(v) > s), m[1] + 1.0)),
            "elementwise",
        ),
        (DefenseInPlace(), "learn leaves its arguments"),
        (DefenseRemembers(), "start does not depend"),
        (NotFrozen(), "it has start, doubt, learn"),
    ],
)
def test_a_broken_defense_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_defense(broken), promise)
