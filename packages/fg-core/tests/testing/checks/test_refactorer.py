"""The check of refactorers passes what keeps its promises and fails each way of breaking one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

import pytest

from fg_core.protocols import RevealedForecast
from fg_core.testing import NoBias, check_refactorer
from fg_core.testing.mutants import Counter, NotFrozen, refused


@dataclass(frozen=True)
class SlowBias:
    """A good refactorer."""

    name: str = "slow"
    now: float = 0.0
    share: float = 0.05

    def bias(self, horizon: int = 1) -> float:
        return self.now

    def update(self, outcome: RevealedForecast) -> Self:
        error = outcome.target - outcome.forecast.mean
        return replace(self, now=self.now + self.share * (error - self.now))


@dataclass(frozen=True)
class WrongSign(SlowBias):
    def update(self, outcome: RevealedForecast) -> Self:
        error = outcome.forecast.mean - outcome.target
        return replace(self, now=self.now + self.share * (error - self.now))


@dataclass(frozen=True)
class Chases(SlowBias):
    """Adds up errors that it is not part of, so it never stops."""

    def update(self, outcome: RevealedForecast) -> Self:
        return replace(self, now=self.now + 0.02 * (outcome.target - outcome.forecast.mean))


@dataclass(frozen=True)
class Drifts(SlowBias):
    """Goes up by more than it goes down."""

    def update(self, outcome: RevealedForecast) -> Self:
        error = outcome.target - outcome.forecast.mean
        step = 0.001 if error >= 0 else -0.0005
        return replace(self, now=self.now + step)


@dataclass(frozen=True)
class BiasInPlace(SlowBias):
    def update(self, outcome: RevealedForecast) -> Self:
        object.__setattr__(self, "now", super().update(outcome).now)
        return self


@dataclass(frozen=True)
class BlowsUp(SlowBias):
    share: float = 2.5


@dataclass(frozen=True)
class RandomBias(SlowBias):
    count: Counter = field(default_factory=Counter)

    def bias(self, horizon: int = 1) -> float:
        return 1.0 / self.count()


def test_good_refactorers_pass() -> None:
    check_refactorer(NoBias())
    check_refactorer(SlowBias())


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (WrongSign(), "moves towards the mean revealed error"),
        (Chases(), "does not go past"),
        (Drifts(), "does not drift"),
        (BiasInPlace(), "update returns a new object"),
        (BlowsUp(), "does not go past|bias is finite|moves towards"),
        (RandomBias(), "bias is pure"),
        (NotFrozen(), "it has bias, update"),
    ],
    ids=lambda x: type(x).__name__ if not isinstance(x, str) else "",
)
def test_a_broken_refactorer_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_refactorer(broken), promise)
