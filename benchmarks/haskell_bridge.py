"""Measure the bridge to haskell-rlm: a kept process against `cabal run` per call, and many rows.

    uv run poe test-haskell                            builds the program
    uv run python benchmarks/haskell_bridge.py         about half a minute

Wall time, medians; only the ratios say something of another machine.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from fg_llm import FEATURES, HaskellSession, evaluate_arrays, random_program
from fg_llm.haskell import Launch, find_program

ROWS = 50_000
CALLS = 500
CABAL_CALLS = 9


def seconds(call: Callable[[], object], runs: int) -> float:
    found = []
    for _ in range(runs):
        begin = time.perf_counter()
        call()
        found.append(time.perf_counter() - begin)
    return statistics.median(found)


def through_cabal(built: Launch) -> Callable[[], object]:
    """Return a call that starts `cabal run`, asks once, and ends it."""
    from pathlib import Path

    folder = next(
        parent for parent in Path(built.command[0]).parents if parent.name == "haskell-rlm"
    )
    launch = Launch(
        ("cabal", "-v0", "run", "exe:rlm"),
        folder=str(folder),
        environment={"CABAL_CONFIG": str(folder / "offline-cabal.config")},
        builds=True,
    )

    def call() -> None:
        with HaskellSession(lambda: launch) as session:
            session.version()

    return call


def main() -> None:
    built = find_program()
    if built.reason or built.builds:
        raise SystemExit(f"haskell-rlm is not built: {built.reason or 'run poe test-haskell'}")
    generator = np.random.default_rng(1)
    program = random_program(generator, FEATURES, 20)
    rows = {name: generator.normal(size=ROWS) for name in FEATURES}
    one = {name: column[:1] for name, column in rows.items()}
    with HaskellSession() as session:
        session.evaluate(program, one)
        kept = seconds(lambda: session.evaluate(program, one), CALLS)
        haskell = seconds(lambda: session.evaluate(program, rows), 5)
    python = seconds(lambda: evaluate_arrays(program, rows), 5)
    started = seconds(through_cabal(built), CABAL_CALLS)
    print(f"one call, kept process    {kept * 1e3:8.3f} ms")
    print(f"one call, `cabal run`     {started * 1e3:8.3f} ms   {started / kept:.0f} times as long")
    print(f"{ROWS} rows in Haskell   {ROWS / haskell:10.0f} states/s")
    print(f"{ROWS} rows in numpy     {ROWS / python:10.0f} states/s")


if __name__ == "__main__":
    main()
