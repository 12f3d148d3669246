"""A language model in the refiner's seat: it proposes small numbers, and no more of it is used.

The model is shown numbers alone: how many forecasts were revealed, their mean error and mean
absolute error in standard deviations of the forecasts, over all and over the latest. It answers
with a whole number of thousandths, read strictly and clamped (`fg_llm.answers`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fg_core.errors import ForecastUnavailable
from fg_core.revealed import RevealedForecast

from .answers import ADJUSTMENT_LIMIT, ADJUSTMENT_SCHEMA, Adjustment, read_adjustment
from .client import ChatModel, ChatRequest, OllamaChat, question

__all__ = ["OllamaRefactorClient", "adjustment_request"]

_LATEST = 8
_DIGITS = 3

_SYSTEM = (
    "You correct forecasts. You are given JSON: errors of past forecasts (outcome minus forecast) "
    "in standard deviations, and the correction in force in the same unit. Errors are after that "
    "correction. Answer with JSON: repeat the nonce, and give adjust_milli, the change of the "
    "correction in thousandths of a standard deviation, from -100 to 100. Positive raises the "
    "forecasts. Answer 0 if the mean error may be chance."
)


@dataclass(frozen=True)
class OllamaRefactorClient:
    """Refiner whose proposals come from a language model.

    One question gets one answer: it is asked once and remembered, so that equal forecasts lead to
    equal proposals whatever the server's random numbers are. A model that does not answer, or not
    as it was asked to, is an error of ours: in a game `RefiningAgent` counts it and goes on.

    Args:
        model: Language model; by default one behind the Ollama server of `OLLAMA_HOST`.
        name: Name of the refiner.
        answered: Answers so far, by question; copies of the refiner share it.

    >>> from fg_core.testing.examples import example_outcomes
    >>> import json
    >>> from fg_llm.client import ScriptedModel
    >>> def rule(request):
    ...     return json.dumps({"nonce": json.loads(request.user)["nonce"], "adjust_milli": 40})
    >>> OllamaRefactorClient(ScriptedModel(rule)).propose(example_outcomes(8))
    0.04
    """

    model: ChatModel = field(default_factory=OllamaChat)
    name: str = "ollama"
    answered: dict[str, Adjustment] = field(default_factory=dict, compare=False, repr=False)

    @property
    def limit(self) -> float:
        """Largest proposal, in standard deviations of the forecasts."""
        return ADJUSTMENT_LIMIT

    def propose(self, outcomes: Sequence[RevealedForecast]) -> float:
        """Return the adjustment that the model proposes from no adjustment.

        Args:
            outcomes: Revealed forecasts, oldest first.

        Returns:
            Adjustment in standard deviations of the forecasts, within the limit; 0 for none.

        Raises:
            ForecastUnavailable: A forecast has no spread to measure errors by.
            ModelError: The model gave no answer that can be used.
        """
        return self.propose_increment(outcomes, 0.0)

    def propose_increment(self, outcomes: Sequence[RevealedForecast], adjustment: float) -> float:
        """Return what the model proposes to add to the adjustment in force.

        Args:
            outcomes: Revealed forecasts without any adjustment, oldest first.
            adjustment: Adjustment in force, in standard deviations of the forecasts.

        Returns:
            Increment in the same unit, within the limit; 0 where there are no forecasts.

        Raises:
            ForecastUnavailable: A forecast has no spread to measure errors by.
            ModelError: The model gave no answer that can be used.
        """
        if not outcomes:
            return 0.0
        request, nonce = adjustment_request(outcomes, adjustment)
        key = request.key(self.model.name)
        if key not in self.answered:
            self.answered[key] = read_adjustment(self.model.ask(request).text, nonce)
        return self.answered[key].value


def adjustment_request(
    outcomes: Sequence[RevealedForecast], adjustment: float
) -> tuple[ChatRequest, str]:
    """Return the question about revealed forecasts, and the nonce that its answer must repeat.

    Args:
        outcomes: Revealed forecasts without any adjustment, oldest first; at least one.
        adjustment: Adjustment in force, in standard deviations of the forecasts.

    Returns:
        Question, which holds numbers of ours alone; and its nonce, which follows from them.

    Raises:
        ForecastUnavailable: A forecast has no spread to measure errors by.
    """
    if not all(one.forecast.scale > 0.0 for one in outcomes):
        raise ForecastUnavailable("a forecast has a scale of 0")
    errors = [
        (one.target - one.forecast.mean) / one.forecast.scale - adjustment for one in outcomes
    ]
    data = {
        "correction": round(adjustment, _DIGITS),
        "all": _summary(errors),
        "latest": _summary(errors[-_LATEST:]),
        "latest_errors": [round(error, _DIGITS) for error in errors[-_LATEST:]],
    }
    return question(_SYSTEM, data, ADJUSTMENT_SCHEMA)


def _summary(errors: Sequence[float]) -> dict[str, float]:
    n = len(errors)
    return {
        "n": n,
        "mean_error": round(sum(errors) / n, _DIGITS),
        "mean_absolute_error": round(sum(map(abs, errors)) / n, _DIGITS),
    }
