"""The refiner that lets a language model write strategies, and believes none of them.

A round asks a model for programs, refuses what is not well formed or repeats an earlier one, scores
the others on a training stretch, and accepts at most one: if on a later validation stretch it is
better than the strategy in force, by more than chance explains, and better than the best of as many
random programs. The next round starts from there. At the end a third stretch, which nothing has
looked at, says what it was worth.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from fg_core.errors import ConfigError, ForecastUnavailable
from fg_core.refinement import RefinementReport
from fg_core.revealed import RevealedForecast
from fg_core.rng import check_seed
from fg_llm.answers import ADJUSTMENT_LIMIT
from fg_llm.client import ChatModel, ChatReply, ModelUnavailableError, OllamaChat, OpenAIChat
from fg_llm.client.model_name import model_name

from .error_features import moment_of, strategy_increment
from .evidence import Evidence, PlayRules
from .limits import Caps
from .mock import mock_model
from .record import Record
from .run import Refinement, Run

__all__ = ["RecursiveStrategyRefiner", "mock_refiner", "recursive_refiner"]

_ROOMY: Mapping[str, Any] = {"answer_tokens": 1024, "temperature": 0.8}
"""Room for the longest program, and warmth enough for proposals to differ."""


@dataclass(frozen=True)
class RecursiveStrategyRefiner:
    """Refines a strategy by what a language model proposes, on a short leash.

    `refine` is for episodes that are over: of training, of a backtest. As a `Refiner` it may also
    sit in a game (`fg_core.agents.RefiningAgent`): each time it is asked it refines on the
    forecasts that it is shown, and answers with the increment of what it accepted, 0 where that is
    nothing.

    Given the same forecasts, settings and answers, everything that it returns and records has the
    same bits; a model that replays recorded answers replays the run. Seconds and the stop file are
    the exception (`Caps`).

    Args:
        model: Language model; by default one behind the Ollama server of `OLLAMA_HOST`.
        name: Name of the refiner.
        caps: What a run may spend.
        rules: How strategies are played.
        level: Largest probability that a run accepts anything where there is nothing to correct.
        seed: Seed of the random programs that candidates are compared with.
        record: File of JSON lines that each run is appended to; None: none.
        stop_file: File whose presence ends a run before the next question; None: none.
        clock: Seconds of a clock that only goes forward.
        answered: Answers so far, by question; copies of the refiner share it.

    Raises:
        ConfigError: A number is out of its range.

    >>> from fg_core.testing.examples import example_outcomes
    >>> found = mock_refiner().refine([example_outcomes(64)])
    >>> found.report.stop, found.report.calls
    ('rounds', 16)
    """

    model: ChatModel = field(default_factory=lambda: _ollama())
    name: str = "recursive"
    _: KW_ONLY
    caps: Caps = field(default_factory=Caps)
    rules: PlayRules = field(default_factory=PlayRules)
    level: float = 0.05
    seed: int = 0
    record: str | Path | None = None
    stop_file: str | Path | None = None
    clock: Callable[[], float] = field(default=time.monotonic, compare=False, repr=False)
    answered: dict[str, ChatReply] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        check_seed(self.seed)
        if not 0.0 < self.level < 0.5:
            raise ConfigError(f"level must be above 0 and below 0.5, got {self.level!r}")

    @property
    def limit(self) -> float:
        """Largest proposal, in standard deviations of the forecasts."""
        return ADJUSTMENT_LIMIT

    def refine(self, episodes: Sequence[Sequence[RevealedForecast]]) -> Refinement:
        """Refine a strategy on revealed forecasts.

        Args:
            episodes: Revealed forecasts without any correction, of one horizon, oldest first; one
                sequence per series or game.

        Returns:
            The strategy that was accepted, if any, and everything that happened.

        Raises:
            ConfigError: Horizons differ, or origins of an episode do not increase.
            ForecastUnavailable: A forecast has no spread to measure errors by.
            ArtifactError: The record cannot be written.
        """
        return self._run(episodes).finish()

    def _run(self, episodes: Sequence[Sequence[RevealedForecast]]) -> Run:
        return Run(
            self,
            Evidence.of(episodes, self.rules),
            Record(None if self.record is None else Path(self.record)),
        )

    def refine_episodes(
        self, episodes: Sequence[Sequence[RevealedForecast]], *, record: Path | None = None
    ) -> RefinementReport:
        """Return the report of `refine`; see `fg_core.protocols.EpisodeRefiner`.

        Args:
            episodes: As for `refine`.
            record: File of this run's record; None: that of the refiner, if it has one.
        """
        return replace(self, record=record or self.record).refine(episodes).report

    def propose(self, outcomes: Sequence[RevealedForecast]) -> float:
        """Return the increment from no correction; see `propose_increment`."""
        return self.propose_increment(outcomes, 0.0)

    def propose_increment(self, outcomes: Sequence[RevealedForecast], adjustment: float) -> float:
        """Return what the strategy that these forecasts support adds to the correction in force.

        Args:
            outcomes: Revealed forecasts without any adjustment, oldest first.
            adjustment: Adjustment in force, in standard deviations of the forecasts.

        Returns:
            Increment in the same unit, within the limit; 0 where no strategy was accepted.

        Raises:
            ForecastUnavailable: A forecast has no spread to measure errors by, or they are not in
                the order of their origins.
            ModelUnavailableError: The model answered no question.
        """
        origins = [one.state.t for one in outcomes]
        if any(a >= b for a, b in pairwise(origins)):
            raise ForecastUnavailable("revealed forecasts are not in the order of their origins")
        found = self._run([outcomes]).finish(unseal=False)  # which would decide nothing
        if found.report.unavailable:
            raise ModelUnavailableError(found.report.unavailable)
        if found.strategy is None:
            return 0.0
        moment = moment_of(outcomes[-self.rules.memory :])
        return strategy_increment(found.strategy, moment, adjustment).value


def recursive_refiner() -> RecursiveStrategyRefiner:
    """Return the refiner with the model that `FG_LLM_MODEL` names.

    It is asked at the `/v1` server of `OPENAI_BASE_URL` where that is set, else at the Ollama
    server of `OLLAMA_HOST`.
    """
    if os.environ.get("OPENAI_BASE_URL"):
        return RecursiveStrategyRefiner(OpenAIChat(model_name(), **_ROOMY))
    return RecursiveStrategyRefiner(_ollama())


def _ollama() -> OllamaChat:
    return OllamaChat(model_name(), **_ROOMY)


def mock_refiner() -> RecursiveStrategyRefiner:
    """Return the refiner with a model that needs no server; see `mock_model`."""
    return RecursiveStrategyRefiner(mock_model(), "mock_llm")
