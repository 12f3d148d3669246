"""Contracts of what stands behind agents: models, strategies, refiners, saved policies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol, Self, TypeAlias, runtime_checkable

from fg_core.refinement import RefinementReport
from fg_core.revealed import RevealedForecast
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

from .agents import Adversary, Aggregator, Defender, Forecaster

__all__ = [
    "EpisodeRefiner",
    "ModelBackend",
    "PolicyLoader",
    "PolicyRole",
    "PoolCorrection",
    "Refiner",
    "StrategyRuntime",
]

PolicyRole: TypeAlias = Literal["forecaster", "correction", "defender", "adversary"]
"""Role in which a saved policy plays."""


@runtime_checkable
class ModelBackend(Protocol):
    """A statistical model behind a forecaster.

    `predict` is the expected change from `state.value` in `horizon` steps, `predict_scale` its
    standard deviation; `fit` returns a fitted backend.
    """

    def fit(self, window: TrainingWindow) -> Self: ...
    def predict(self, state: ForecastState, horizon: int = 1) -> float: ...
    def predict_scale(self, state: ForecastState, horizon: int = 1) -> float: ...


@runtime_checkable
class StrategyRuntime(Protocol):
    """Runs a strategy: from what an agent sees to the change it expects in one step.

    Optional: `status()`, the `RuntimeStatus` of what would compute the next answer;
    `answer(state)`, a `StrategyAnswer`: what `forecast_delta` returns, with the status of what
    computed it, for runtimes whose answers may come from a substitute; and `close()`, which ends
    processes and connections and may be called twice. `fg_core.runtime_status.answer_of` asks any
    runtime, with these methods or without.
    """

    @property
    def name(self) -> str: ...
    def forecast_delta(self, state: ForecastState) -> float: ...


@runtime_checkable
class Refiner(Protocol):
    """Proposes a small correction of the pool from its revealed forecasts.

    `propose(outcomes)` is pure. It is shown forecasts recomputed from revealed values, with their
    targets, of one horizon and oldest first (any number, none included): no true state that is
    not revealed, and no value of the future. It returns the correction that it proposes, in
    standard deviations of those forecasts and within [-`limit`, `limit`]; positive where targets
    come out above the forecasts. The forecasts do not contain the corrections before, so a
    proposal replaces the last one and adds nothing to it. NaN is no correction;
    `ForecastUnavailable`, or another error of ours, is none either and says why.

    Optional: `propose_increment(outcomes, adjustment)`, for refiners that go step by step. It is
    told the correction in force, in the same standard deviations, and returns what to add to it,
    within [-`limit`, `limit`]; it is then asked instead of `propose`.

    `fg_core.agents.RefiningAgent` puts a refiner into the refactorer's seat of a game.
    """

    @property
    def name(self) -> str: ...
    @property
    def limit(self) -> float: ...
    def propose(self, outcomes: Sequence[RevealedForecast]) -> float: ...


@runtime_checkable
class EpisodeRefiner(Protocol):
    """A refiner that also works between episodes, on forecasts of games that are over.

    `refine_episodes(episodes, record=...)` is given the forecasts of one game or series per
    sequence, oldest first, and returns what it proposed and what became of it. It appends what it
    asked and was answered to `record`. Where nobody answers, that is no error: the report says so.
    """

    @property
    def name(self) -> str: ...
    def refine_episodes(
        self, episodes: Sequence[Sequence[RevealedForecast]], *, record: Path | None = None
    ) -> RefinementReport: ...


@runtime_checkable
class PoolCorrection(Protocol):
    """A trained correction of the pool.

    `correcting(pool)` returns an aggregator that asks `pool`, with its weights, groups and learning
    as they are, and corrects the forecasts that it returns.
    """

    @property
    def name(self) -> str: ...
    def correcting(self, pool: Aggregator) -> Aggregator: ...


@runtime_checkable
class PolicyLoader(Protocol):
    """Reads saved policies of one format, and returns the agents that play them.

    `load` never unpickles, and refuses with an `ArtifactError` what is damaged, of another format,
    or made for other features or another scale than the agent sees. `role` says where its agents
    play: all of them in the same one. The name of the plugin follows from the `format` of the
    files, by `fg_core.policies.loader_name`.
    """

    @property
    def role(self) -> PolicyRole: ...
    def load(self, path: str) -> Forecaster | PoolCorrection | Adversary | Defender: ...
