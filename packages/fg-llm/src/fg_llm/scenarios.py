"""Validation scenarios: a model in the refactorer's seat, and refinement that keeps its leash.

No server is asked: models answer by rules, right ones and wrong ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fg_core.agents import RefiningAgent
from fg_core.protocols import Requirement, ScenarioOutcome
from fg_core.revealed import RevealedForecast
from fg_core.rng import check_seed
from fg_core.validation.checks import Check, outcome_of

from .refactor_client import OllamaRefactorClient
from .refiner import Caps, PlayRules, RecursiveStrategyRefiner, mock_model
from .refiner.evidence import RevealedPath
from .testing import biased_outcomes, constant, proposing, share

__all__ = ["LlmMockRefactor", "LlmRefinerStability"]

_RULES = PlayRules(every=4)
_REMOVED = 0.8
_SIZES = (2.0, -2.0)
_LENGTH = 320
_PATIENT = Caps(rounds=12, calls=48)
"""So many rounds that chance alone does not find a random program as good in each of them."""


@dataclass(frozen=True)
class LlmMockRefactor:
    """Whether a model that answers right removes a known bias: by numbers, and by a strategy.

    Errors of the forecasts are normal around 2 and around -2 standard deviations. What is removed
    is measured on the second half of 320 forecasts, as it was in force when each was issued.
    """

    name: str = "llm_mock_refactor"
    description: str = "right answers of a model remove a known bias, as numbers and as a strategy"
    requires: Sequence[Requirement] = ()

    def run(self, seed: int) -> ScenarioOutcome:
        """Play both ways.

        Args:
            seed: Seed of the errors.
        """
        check_seed(seed)
        checks, figures = [], {}
        for bias in _SIZES:
            outcomes = biased_outcomes(bias, _LENGTH, seed)
            refiner = RecursiveStrategyRefiner(mock_model(), caps=_PATIENT, rules=_RULES, seed=seed)
            found = {
                "numbers": _agent_corrections(outcomes),
                "strategy": _strategy_corrections(refiner, outcomes),
            }
            for way, corrections in found.items():
                removed = 1.0 - abs(bias - corrections) / abs(bias)
                figures[f"removed_by_{way}_of_{bias:g}"] = removed
                what = f"{way} of a model: {_REMOVED:.0%} or more of a bias of {bias:g} is removed"
                checks.append(Check(what, removed >= _REMOVED, f"{removed:.0%}"))
        return outcome_of(checks, figures)


def _agent_corrections(outcomes: Sequence[RevealedForecast]) -> float:
    """Return the mean correction of the later half by the model's numbers in the seat."""
    agent = RefiningAgent(OllamaRefactorClient(mock_model(), "mock_llm"), every=_RULES.every)
    found = []
    for outcome in outcomes:
        found.append(agent.adjustment)
        agent = agent.update(outcome)
    return float(np.mean(found[len(found) // 2 :]))


def _strategy_corrections(
    refiner: RecursiveStrategyRefiner, outcomes: Sequence[RevealedForecast]
) -> float:
    """Return the mean correction of the later half by the strategy that was accepted."""
    strategy = refiner.refine([outcomes]).strategy
    path = RevealedPath(tuple(outcomes), refiner.rules)
    course = path.course(strategy, len(outcomes))
    return float(np.mean((course.bias / path.scales)[len(outcomes) // 2 :]))


def _extreme(told: dict[str, Any]) -> object:
    return constant((-1) ** told["proposal"] * 999_999)


def _alternating(told: dict[str, Any]) -> object:
    return [*share("correction", 1000 * (-1) ** told["round"] * told["proposal"]), _SIGN]


def _lying(told: dict[str, Any]) -> object:
    return share("error_32", -100 * told["proposal"] - told["round"])


def _guessing(told: dict[str, Any]) -> object:
    draws = np.random.Generator(np.random.Philox(key=[int(told["nonce"], 16), told["proposal"]]))
    names = ("error_8", "error_32", "error_1", "change_12", "gap_12", "rises_12")
    milli = int(draws.integers(-900, 901))
    return [*share(names[int(draws.integers(len(names)))], milli), {"op": "softsign", "a": 2}]


_SIGN = {"op": "sign", "a": 2}
_WRONG = {"extreme": _extreme, "alternating": _alternating, "lying": _lying}
_ROUNDS = 200
_NOISE_RUNS = 40
_MOST_ACCEPTED = 0.05


@dataclass(frozen=True)
class LlmRefinerStability:
    """Whether refinement stays on its leash: nothing diverges, noise is left alone.

    Models that always answer the extreme, alternate or lie are asked for 200 rounds, and sit in a
    game for 200 revealed forecasts. On 40 series of forecasts that are right, a model that guesses
    gets at most 5 % of its proposals accepted.
    """

    name: str = "llm_refiner_stability"
    description: str = "wrong answers move nothing far; on noise hardly anything is accepted"
    requires: Sequence[Requirement] = ()

    def run(self, seed: int) -> ScenarioOutcome:
        """Refine by models that are wrong.

        Args:
            seed: Seed of errors and of random programs.
        """
        check_seed(seed)
        checks, figures = [], {}
        for name, rule in _WRONG.items():
            outcomes = biased_outcomes(0.3, _ROUNDS, seed)
            caps = Caps(rounds=_ROUNDS, candidates=1, calls=_ROUNDS)
            refiner = RecursiveStrategyRefiner(proposing(rule), rules=_RULES, caps=caps, seed=seed)
            strategy = refiner.refine([outcomes]).strategy
            path = RevealedPath(tuple(outcomes), _RULES)
            bias = np.abs(path.course(strategy, len(outcomes)).corrections).max()
            agent = RefiningAgent(replace(refiner, caps=Caps(rounds=1)), every=8)
            largest = 0.0
            for outcome in outcomes:
                agent = agent.update(outcome)
                largest = max(largest, abs(agent.adjustment))
            figures[f"largest_{name}"] = max(largest, float(bias))
            checks.append(
                Check(
                    f"{_ROUNDS} rounds of {name} answers move nothing by more than 1",
                    figures[f"largest_{name}"] <= 1.0,
                    f"{figures[f'largest_{name}']:.2f} standard deviations",
                )
            )
        proposals = accepted = 0
        for number in range(_NOISE_RUNS):
            outcomes = biased_outcomes(0.0, 96, (seed + 1_000_003 * (number + 1)) % 2**64)
            refiner = RecursiveStrategyRefiner(proposing(_guessing), rules=_RULES, seed=seed)
            report = refiner.refine([outcomes]).report
            proposals += len(report.proposals)
            accepted += sum(one.decision == "accepted" for one in report.proposals)
        figures["accepted_on_noise"] = accepted / proposals
        checks.append(
            Check(
                f"at most {_MOST_ACCEPTED:.0%} of proposals are accepted on noise",
                figures["accepted_on_noise"] <= _MOST_ACCEPTED,
                f"{accepted} of {proposals}",
            )
        )
        return outcome_of(checks, figures)
