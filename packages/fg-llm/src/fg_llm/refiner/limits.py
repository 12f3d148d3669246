"""What a run of a refiner may spend."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fg_core.errors import ConfigError

__all__ = ["Caps"]


@dataclass(frozen=True)
class Caps:
    """Limits of a run. Which of them ended it is in its result.

    Calls, tokens and rounds end a run at the same question whenever it is repeated. Seconds and a
    stop file do not; a run that they ended is repeated by the number of calls in its result.

    Args:
        rounds: Rounds, each of which accepts one proposal at most.
        candidates: Proposals per round.
        calls: Questions to the model, failed ones included; enough for one round at least.
        tokens: Tokens of questions and answers, as far as the server counts them.
        seconds: Seconds from the first question to the last.

    Raises:
        ConfigError: A number is out of its range, or the calls are not enough for one round.
    """

    rounds: int = 4
    candidates: int = 4
    calls: int = 32
    tokens: int = 200_000
    seconds: float = 600.0

    def __post_init__(self) -> None:
        for name in ("rounds", "candidates", "calls", "tokens"):
            number = getattr(self, name)
            if isinstance(number, bool) or not isinstance(number, int) or number < 1:
                raise ConfigError(f"{name} must be a whole number from 1 on, got {number!r}")
        if not (math.isfinite(self.seconds) and self.seconds > 0.0):
            raise ConfigError(f"seconds must be finite and above 0, got {self.seconds!r}")
        if self.calls < self.candidates:
            raise ConfigError(
                f"{self.calls} calls are not enough for one round of {self.candidates} proposals: "
                "allow more calls, or fewer candidates"
            )
