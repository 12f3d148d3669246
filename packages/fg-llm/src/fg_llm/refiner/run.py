"""One run of a refiner: questions, checks, scores and decisions, each of them recorded."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fg_core.refinement import Proposal, RefinementReport
from fg_llm.answers import read_answer
from fg_llm.client import (
    BadAnswerError,
    BudgetSpentError,
    ChatModel,
    ChatReply,
    ModelError,
    ModelMissingError,
    ModelUnavailableError,
    NotRecordedError,
)
from fg_llm.strategy.canonical import strategy_hash
from fg_llm.strategy.program import LANGUAGE_VERSION, Program, StrategyError, check_program
from fg_llm.strategy.random_program import random_program

from .acceptance import FEWEST_PERIODS, expected_best, judge
from .archive import Archive
from .error_features import REFINER_FEATURES
from .evidence import Evidence, PlayRules, Stretch
from .limits import Caps
from .prompt import proposal_request
from .record import RECORD_FORMAT, RECORD_VERSION, Record, kept_answer, printable

__all__ = ["Refinement", "Run", "short_name"]

Array = NDArray[np.float64]

_FAILURES = 3
"""Questions in succession without an answer, after which no more are asked."""

_RANDOM_SAMPLE = 64
"""Random programs at least that the sealed stretch is scored with."""


class _Settings(Protocol):
    """What a run is told; see `fg_llm.refiner.RecursiveStrategyRefiner`, which is one."""

    @property
    def model(self) -> ChatModel: ...
    @property
    def name(self) -> str: ...
    @property
    def caps(self) -> Caps: ...
    @property
    def rules(self) -> PlayRules: ...
    @property
    def level(self) -> float: ...
    @property
    def seed(self) -> int: ...
    @property
    def stop_file(self) -> str | Path | None: ...
    @property
    def clock(self) -> Callable[[], float]: ...
    @property
    def answered(self) -> dict[str, ChatReply]: ...


@dataclass(frozen=True)
class Refinement:
    """A finished run.

    Args:
        strategy: Strategy that was accepted last; None: none was.
        report: What was proposed, refused, rejected and accepted, and what it came to.
        lines: Lines of the record.
    """

    strategy: Program | None
    report: RefinementReport
    lines: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class _Candidate:
    number: int
    program: Program


@dataclass
class Run:
    """State of a run.

    Args:
        settings: Settings, the model among them.
        evidence: Revealed forecasts.
        record: Lines of the run.
    """

    settings: _Settings
    evidence: Evidence
    record: Record
    current: Program | None = None
    archive: Archive = field(default_factory=Archive)
    proposals: list[Proposal] = field(default_factory=list)
    rounds: int = 0
    calls: int = 0
    tokens: int = 0
    scored: int = 0
    failures: int = 0
    stop: str = ""
    unavailable: str = ""

    def finish(self, *, unseal: bool = True) -> Refinement:
        """Play all rounds, and return what came of it.

        Args:
            unseal: Whether the sealed stretch is opened at the end, once. It decides nothing.
        """
        caps = self.settings.caps
        self._begin()
        if not self.evidence.paths or self._periods("validation") < FEWEST_PERIODS:
            self.stop = "too few revealed forecasts"
        self._started = self.settings.clock()
        while not self.stop:
            self.rounds += 1
            before = self.calls
            candidates = self._proposed()
            if self.calls == before:  # it stopped before the first question
                self.rounds -= 1
                break
            self._decide(candidates, self.calls - before)
            if self.rounds == caps.rounds and not self.stop:
                self.stop = "rounds"
        gain, random_gain = self._sealed() if unseal and self.scored else (None, None)
        report = RefinementReport(
            self.settings.name,
            self.settings.model.name,
            self.evidence.n,
            self.rounds,
            self.calls,
            self.tokens,
            self.stop,
            self.unavailable,
            tuple(sorted(self.proposals, key=lambda one: (one.round, one.number))),
            "" if self.current is None else self.current.to_text(),
            gain,
            random_gain,
        )
        ended = asdict(report)
        del ended["proposals"]
        self.record.write("end", **ended)
        return Refinement(self.current, report, tuple(self.record.lines))

    def _begin(self) -> None:
        found = hashlib.sha256()
        for path in self.evidence.paths:
            found.update(path.errors.tobytes())
        settings = self.settings
        self.record.write(
            "begin",
            format=RECORD_FORMAT,
            version=RECORD_VERSION,
            refiner=settings.name,
            model=settings.model.name,
            caps=asdict(settings.caps),
            rules=asdict(settings.rules),
            level=settings.level,
            seed=settings.seed,
            forecasts=self.evidence.n,
            evidence=found.hexdigest(),
        )

    def _periods(self, stretch: Stretch) -> int:
        parts = [path.part(stretch) for path in self.evidence.paths]
        return max([int(part.stop - part.start) for part in parts])

    # --------------------------------------------------------------------------- questions

    def _proposed(self) -> list[_Candidate]:
        """Ask for the candidates of a round; return those that are new and well formed."""
        found = []
        for number in range(1, self.settings.caps.candidates + 1):
            self.stop = self._spent()
            if self.stop:
                break
            program = self._asked(number)
            if program is not None:
                found.append(_Candidate(number, program))
        return found

    def _spent(self) -> str:
        """Return which limit is reached, or an empty text."""
        caps = self.settings.caps
        stop_file = self.settings.stop_file
        if self.stop:
            return self.stop
        if stop_file is not None and Path(stop_file).exists():
            return "stop file"
        if self.calls >= caps.calls:
            return "calls"
        if self.tokens >= caps.tokens:
            return "tokens"
        if self.settings.clock() - self._started >= caps.seconds:
            return "seconds"
        return ""

    def _asked(self, number: int) -> Program | None:
        model, answered = self.settings.model, self.settings.answered
        request, nonce = proposal_request(
            self.evidence, self.current, self.archive, self.rounds, number
        )
        key = request.key(model.name)
        place = {"round": self.rounds, "number": number, "request": key}
        try:
            if key not in answered:
                answered[key] = model.ask(request)
        except ModelError as error:
            self._failed(error, place)
            return None
        reply = answered[key]
        self.calls += 1
        self.failures = 0
        self.tokens += reply.tokens
        self.record.write("answer", **place, **kept_answer(reply.text), tokens=reply.tokens)
        try:
            program = _read(reply.text, nonce)
        except StrategyError as error:
            self._refused(number, error.code, str(error))
            return None
        except BadAnswerError as error:
            self._refused(number, "bad_answer", str(error))
            return None
        code = self.archive.repeated(program)
        if code:
            self._refused(number, code, "it repeats an earlier one", program)
            return None
        return program

    def _failed(self, error: ModelError, place: dict[str, Any]) -> None:
        said = printable(" ".join(str(error).split()))
        told = f"{type(error).__name__}: {said}"
        if isinstance(error, BudgetSpentError):
            self.stop = "budget of the model"
            return
        self.calls += 1
        self.failures += 1
        self.record.write("answer", **place, error=told)
        self._refused(place["number"], "no_answer", told)
        if isinstance(error, NotRecordedError):
            self.stop = "not recorded"
        elif isinstance(error, ModelUnavailableError | ModelMissingError):
            self.stop = "no model"
        elif self.failures == _FAILURES:
            self.stop = "the model fails"
        if self.stop and self.failures == self.calls:
            self.unavailable = said

    def _refused(self, number: int, code: str, why: str, program: Program | None = None) -> None:
        self._book(
            Proposal(self.rounds, number, short_name(program), "refused", f"{code}: {why}"), program
        )

    # --------------------------------------------------------------------------- decisions

    def _decide(self, candidates: Sequence[_Candidate], asked: int) -> None:
        """Score the candidates of a round, cheap first, and accept one of them or none."""
        self.scored += len(candidates)
        short = {one.number: self._gain(one.program, "short") for one in candidates}
        order = sorted(candidates, key=lambda one: -short[one.number])
        half = math.ceil(len(order) / 2)
        gains = {one.number: self._gain(one.program, "training") for one in order[:half]}
        for one in order[:half]:
            over_nothing = self._mean(None, "training") - self._mean(one.program, "training")
            self.archive.add(one.program, over_nothing)
        best = max(order[:half], key=lambda one: gains[one.number], default=None)
        for one in candidates:
            gain = gains.get(one.number)
            if gain is None:
                why = "not among the better half on the first part of training"
            elif gain <= 0.0:
                why = "no better than the current strategy in training"
            elif one is not best:
                why = "not the best of its round in training"
            else:
                self._validate(one, gain, asked)
                continue
            self._decided(one, "rejected", why, gain)

    def _validate(self, one: _Candidate, gain: float, asked: int) -> None:
        randoms = self._randoms(self.rounds, max(1, asked))
        verdict = judge(
            self.evidence.scores(one.program, "validation"),
            self.evidence.scores(self.current, "validation"),
            [self.evidence.scores(program, "validation") for program in randoms],
            level=self.settings.level / self.settings.caps.rounds,
            horizon=self.evidence.horizon,
        )
        self._decided(
            one,
            "accepted" if verdict.accepted else "rejected",
            verdict.why,
            gain,
            verdict.gain,
            verdict.random_gain,
        )

    def _decided(
        self,
        one: _Candidate,
        decision: str,
        why: str,
        training: float | None,
        validation: float | None = None,
        random: float | None = None,
    ) -> None:
        proposal = Proposal(
            self.rounds,
            one.number,
            short_name(one.program),
            decision,
            why,
            training,
            validation,
            random,
            self._clamped(one.program),
        )
        self._book(proposal, one.program, decision == "accepted")

    def _book(self, proposal: Proposal, program: Program | None, accepted: bool = False) -> None:
        before = self.current
        if accepted:
            self.current = program
        self.proposals.append(proposal)
        self.record.write(
            "decision",
            **asdict(proposal),
            program=None if program is None else program.to_wire()["prog"],
            before="" if before is None else strategy_hash(before),
            after="" if self.current is None else strategy_hash(self.current),
        )

    # ------------------------------------------------------------------------------ scores

    def _gain(self, program: Program, stretch: Stretch) -> float:
        return self._mean(self.current, stretch) - self._mean(program, stretch)

    def _mean(self, program: Program | None, stretch: Stretch) -> float:
        key = ("" if program is None else strategy_hash(program), stretch)
        if key not in self._means:
            self._means[key] = float(np.mean(self.evidence.scores(program, stretch)))
        return self._means[key]

    @cached_property
    def _means(self) -> dict[tuple[str, Stretch], float]:
        return {}

    def _clamped(self, program: Program) -> float:
        """Return the share of a strategy's increments in training that were clamped."""
        flags = [
            flag
            for path in self.evidence.paths
            for flag in path.course(program, path.part("training").stop).clamped
        ]
        return float(np.mean(flags)) if flags else 0.0

    def _randoms(self, stream: int, n: int) -> list[Program]:
        """Return random programs that follow from the seed and the number of a stream."""
        key = np.array([self.settings.seed, stream], dtype=np.uint64)
        generator = np.random.Generator(np.random.Philox(key=key))
        return [random_program(generator, REFINER_FEATURES) for _ in range(n)]

    def _sealed(self) -> tuple[float, float]:
        """Return the gain on the sealed stretch, and what chance could be expected to gain."""
        randoms = self._randoms(0, max(_RANDOM_SAMPLE, 4 * self.scored))
        none = self._mean(None, "sealed")
        gains = [none - self._mean(program, "sealed") for program in randoms]
        return none - self._mean(self.current, "sealed"), expected_best(gains, self.scored)


def short_name(program: Program | None) -> str:
    """Return the first digits of a strategy's hash; an empty text for none."""
    return "" if program is None else strategy_hash(program)[:12]


def _read(text: str, nonce: str) -> Program:
    """Return the program of an answer.

    Raises:
        BadAnswerError: It is no answer, or has other fields than it was asked for.
        StrategyError: It has no well-formed program.
    """
    found = read_answer(text, nonce)
    if set(found) != {"nonce", "prog"}:
        raise BadAnswerError("nonce and prog are wanted, and nothing else")
    return check_program({"language": LANGUAGE_VERSION, "prog": found["prog"]}, REFINER_FEATURES)
