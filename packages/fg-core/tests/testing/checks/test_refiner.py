"""The check of refiners passes what keeps its promises and fails each way of breaking one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from fg_core.errors import ForecastUnavailable
from fg_core.protocols import RevealedForecast
from fg_core.testing import MeanErrorRefiner, check_refiner
from fg_core.testing.mutants import counted, refused


@dataclass(frozen=True)
class Proposes(MeanErrorRefiner):
    how: Callable[[Sequence[RevealedForecast]], Any] = lambda _: 0.0

    def propose(self, outcomes: Sequence[RevealedForecast]) -> Any:
        return self.how(outcomes)


def unsure(outcomes: Sequence[RevealedForecast]) -> float:
    if len(outcomes) < 2:
        raise ForecastUnavailable("too few forecasts")
    return float("nan") if len(outcomes) > 30 else 0.1


def forges(outcomes: Sequence[RevealedForecast]) -> float:
    for one in outcomes:
        object.__setattr__(one, "target", 0.0)
    return 0.0


def test_a_refiner_may_have_nothing_to_propose() -> None:
    check_refiner(Proposes(how=unsure))
    check_refiner(Proposes(how=lambda _: float("nan")))


def test_good_refiners_pass() -> None:
    check_refiner(MeanErrorRefiner(0.1))


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (Proposes(how=lambda _: 0.11), "propose lies in"),
        (Proposes(how=lambda f: -0.11 if len(f) > 30 else 0.0), "propose lies in"),
        (Proposes(how=lambda f: min(0.1, f[-1].target) if f else 0.0), "propose lies in"),
        (Proposes(how=lambda f: f[0].target * 0.0), "propose works; it raised IndexError"),
        (Proposes(how=lambda _: float("inf")), "propose is finite"),
        (Proposes(how=lambda _: None), "propose is a number"),
        (Proposes(how=counted(lambda n, _: 0.1 / n)), "propose is pure"),
        (Proposes(how=forges), "leaves its arguments as they were"),
        (Proposes(limit=-0.1), "limit lies in"),
        (Proposes(limit=float("inf")), "limit is finite"),
        (Proposes(name=""), "name is text"),
    ],
)
def test_a_broken_refiner_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_refiner(broken), promise)
