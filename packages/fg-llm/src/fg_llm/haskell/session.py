"""Requests to `haskell-rlm`: one process that is kept, restarted once, and given up in time."""

from __future__ import annotations

import contextlib
import json
import math
import struct
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core.errors import ForecastGameError
from fg_llm.strategy.program import LANGUAGE_VERSION, Program, StrategyError
from fg_llm.strict_json import strict_json

from .child import ChildError, LineChild
from .launch import Launch, find_program

__all__ = ["BridgeError", "HaskellSession", "ProgramCheck"]

PROTOCOL_VERSION = 1
_ROW_BYTES = 3 * 1024 * 1024
_FAILURES_ALLOWED = 3
_FAILURES_WITHIN_SECONDS = 60.0


class BridgeError(ForecastGameError):
    """The Haskell program is not there, or does not answer as it should; the message says why."""


@dataclass(frozen=True)
class ProgramCheck:
    """What the Haskell checker finds about a program without running it.

    Args:
        canonical: Canonical form.
        hash: Name of the strategy.
        features: Features that the result depends on.
        constant: The result, where it is the same for all features; else None.
        low: Lower bound of the result for all features within their ranges.
        high: Upper bound.
    """

    canonical: str
    hash: str
    features: tuple[str, ...]
    constant: float | None
    low: float
    high: float


class HaskellSession:
    """A conversation with `haskell-rlm`.

    The process starts with the first request and is kept. A request that fails is asked once more
    of a new process, since requests change nothing; what fails again is a `BridgeError`. After
    three failures within a minute the program is given up until `reset`.

    Copies and pickles hold the settings and start a process of their own. POSIX systems only.

    Args:
        find: Finds how to start the program; called when a process is started.
        timeout: Seconds that a request may take.
        build_timeout: Seconds that the start may take where cabal compiles the program first.
    """

    def __init__(
        self,
        find: Callable[[], Launch] = find_program,
        *,
        timeout: float = 10.0,
        build_timeout: float = 120.0,
    ) -> None:
        self._settings = (find, timeout, build_timeout)
        self._lock = threading.RLock()
        self._child: LineChild | None = None
        self._loaded: dict[tuple[str, tuple[str, ...]], int] = {}
        self._n_asked = 0
        self._failures: list[float] = []
        self._given_up = ""
        self._version = ""

    def __reduce__(self) -> tuple[Any, ...]:
        return _new_session, self._settings

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Number of the process; None where none runs."""
        return None if self._child is None else self._child.pid

    @property
    def known_version(self) -> str:
        """Version of the program that was started last; empty before."""
        return self._version

    def version(self) -> str:
        """Return the version of the program.

        Raises:
            BridgeError: It cannot be asked.
        """
        self.request("hello")
        return self._version

    def request(self, op: str, **fields: Any) -> Mapping[str, Any]:
        """Return the answer to one request.

        Args:
            op: Request, as in the protocol.
            fields: Its fields.

        Returns:
            Fields of the answer.

        Raises:
            BridgeError: The program is not there, or fails twice.
            StrategyError: It refuses the program of the request.
        """
        found: Mapping[str, Any] = self._asked(partial(self._exchange, op, fields))
        return found

    def check(
        self,
        program: Program,
        features: Collection[str],
        ranges: Mapping[str, tuple[float, float]] | None = None,
    ) -> ProgramCheck:
        """Return what can be said of a program before it runs.

        Args:
            program: Program.
            features: Names of the features that it may read.
            ranges: Lowest and highest value by feature; one without may be anything.

        Returns:
            Canonical form, features that matter, and bounds of the result.

        Raises:
            BridgeError: The program is not there, or fails twice.
            StrategyError: The strategy is refused.
        """
        ends = {name: [_hex(low), _hex(high)] for name, (low, high) in (ranges or {}).items()}
        found = self.request(
            "check", program=program.to_wire(), features=sorted(features), ranges=ends
        )
        constant = found["constant"]
        return ProgramCheck(
            found["canonical"],
            found["hash"],
            tuple(found["features"]),
            None if constant is None else _number(constant),
            _number(found["low"]),
            _number(found["high"]),
        )

    def evaluate(
        self, program: Program, features: Mapping[str, NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """Return the results of a program for many rows, computed in Haskell.

        Args:
            program: Program.
            features: Values by name, arrays of shape (row,).

        Returns:
            Results of shape (row,), with the bits of `evaluate_arrays`.

        Raises:
            BridgeError: The program is not there, or fails twice.
            StrategyError: The strategy is refused.
        """
        names = tuple(sorted(program.features)) or tuple(sorted(features))[:1]
        columns = np.column_stack([np.asarray(features[name], dtype=float) for name in names])
        table = columns.astype(">f8")  # most significant byte first, as the protocol writes them
        step = max(1, _ROW_BYTES // (16 * len(names)))
        parts = [
            self._asked(partial(self._evaluate, program, names, table[start : start + step]))
            for start in range(0, len(table), step)
        ]
        return np.concatenate(parts) if parts else np.zeros(0)

    def evolve(
        self,
        value: float,
        exogenous: float,
        *,
        base_trend: float,
        noise: float,
        disturbance: float,
        effects: Sequence[tuple[float, float]] = (),
    ) -> tuple[float, float]:
        """Return value and exogenous pressure one period later, as `fg_core.evolve_state`.

        Args:
            value: Value now, in the unit of the series.
            exogenous: Exogenous pressure now.
            base_trend: Trend per period.
            noise: Noise of this period.
            disturbance: Disturbance of this period.
            effects: Coefficient and value per context column, in the order of addition.

        Raises:
            BridgeError: The program is not there, or fails twice.
        """
        found = self.request(
            "evolve",
            value=_hex(value),
            exogenous=_hex(exogenous),
            base_trend=_hex(base_trend),
            noise=_hex(noise),
            disturbance=_hex(disturbance),
            effects=[[_hex(a), _hex(b)] for a, b in effects],
        )
        return _number(found["value"]), _number(found["exogenous"])

    def reset(self) -> None:
        """Forget failures, so that the program is tried again."""
        with self._lock:
            self._failures, self._given_up = [], ""

    def close(self) -> None:
        """End the process. May be called twice; the next request starts a new one."""
        with self._lock:
            if self._child is not None:
                self._child.close()
            self._child = None

    def __del__(self) -> None:
        with contextlib.suppress(Exception):  # the interpreter may be half gone
            self.close()

    def _asked(self, ask: Callable[[], Any]) -> Any:
        """Return what `ask` returns, asked twice at most."""
        with self._lock:
            if self._given_up:
                raise BridgeError(self._given_up)
            try:
                return ask()
            except ChildError:
                self._child = None
            try:
                return ask()
            except ChildError as error:
                self._child = None
                self._count(str(error))
                raise BridgeError(f"haskell-rlm: {error}") from error

    def _count(self, reason: str) -> None:
        now = time.monotonic()
        recent = [one for one in self._failures if now - one < _FAILURES_WITHIN_SECONDS]
        self._failures = [*recent, now]
        if len(self._failures) >= _FAILURES_ALLOWED:
            self._given_up = f"haskell-rlm is given up after {_FAILURES_ALLOWED} failures: {reason}"

    def _evaluate(
        self,
        program: Program,
        names: tuple[str, ...],
        rows: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        self._running()
        key = (program.to_text(), names)
        if key not in self._loaded:
            number = len(self._loaded)
            self._exchange(
                "load", {"as": number, "program": program.to_wire(), "features": list(names)}
            )
            self._loaded[key] = number
        found = self._exchange("eval", {"program": self._loaded[key], "rows": rows.tobytes().hex()})
        try:
            values = np.frombuffer(bytes.fromhex(found["values"]), dtype=">f8")
        except (KeyError, TypeError, ValueError):
            raise self._broken("its values are no numbers") from None
        if len(values) != len(rows):
            raise self._broken(f"it gave {len(values)} values for {len(rows)} rows")
        return values.astype(np.float64)

    def _running(self) -> LineChild:
        """Return the process, started and greeted."""
        if self._child is not None:
            return self._child
        find, timeout, build_timeout = self._settings
        launch = find()
        if launch.reason:
            self._given_up = f"haskell-rlm: {launch.reason}"
            raise BridgeError(self._given_up)
        self._child = LineChild(launch.command, launch.folder, launch.environment)
        self._loaded = {}
        found = self._exchange("hello", {}, build_timeout if launch.builds else timeout)
        spoken = (found.get("protocol"), found.get("language"))
        if spoken != (PROTOCOL_VERSION, LANGUAGE_VERSION):
            self._given_up = (
                f"haskell-rlm: it speaks protocol {spoken[0]} and language {spoken[1]}, "
                f"{PROTOCOL_VERSION} and {LANGUAGE_VERSION} are wanted"
            )
            self.close()
            raise BridgeError(self._given_up)
        self._version = str(found.get("version", ""))
        return self._child

    def _exchange(
        self, op: str, fields: Mapping[str, Any], seconds: float | None = None
    ) -> Mapping[str, Any]:
        child = self._child if op == "hello" and self._child else self._running()
        self._n_asked += 1
        line = json.dumps(
            {"id": self._n_asked, "op": op, **fields}, separators=(",", ":"), allow_nan=False
        )
        answer = child.exchange(line.encode("ascii"), seconds or self._settings[1])
        try:
            found = strict_json(answer)
        except ValueError:
            raise self._broken("its answer is no JSON") from None
        if not isinstance(found, dict) or found.get("id") != self._n_asked:
            raise self._broken("its answer is to another request")
        if found.get("ok") is not True:
            node = found.get("node")
            code = str(found.get("code", "unknown"))
            raise StrategyError(code, node if isinstance(node, int) else None, "says haskell-rlm")
        return found

    def _broken(self, reason: str) -> ChildError:
        """Return the error of a process that cannot be trusted any more, which is ended."""
        if self._child is not None:
            self._child.kill()
            self._child = None
        return ChildError(reason)


def _new_session(find: Callable[[], Launch], timeout: float, build: float) -> HaskellSession:
    return HaskellSession(find, timeout=timeout, build_timeout=build)


def _hex(number: float) -> str:
    return struct.pack(">d", number).hex()


def _number(digits: str) -> float:
    found: float = struct.unpack(">d", bytes.fromhex(digits))[0]
    return found if not math.isnan(found) else math.nan
