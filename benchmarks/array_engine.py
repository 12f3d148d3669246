"""Measure the engine against the one before it, in the same run, and say which gates are met.

    python benchmarks/array_engine.py                  all gates, 20 minutes or so
    python benchmarks/array_engine.py --quick          fewer turns, smaller panels
    python benchmarks/array_engine.py one batch        some gates: one, batch, blocks, attacked,
                                                       panel, us_macro, loop
    python benchmarks/array_engine.py --list

The old engine is a commit of this repository, so a clone with its history is wanted. Before
anything is timed, the numbers of both engines are compared over random games. Then both are asked
in turns, each in a process of its own with one thread of linear algebra; CPU seconds, the least of
all turns. Ratios are new to old, and only they say anything about another machine: limits in
seconds are meant for one on which the old engine takes what stands beside them in brackets, and a
gate is met where the ratio is that of the two. `~` marks what was extrapolated.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from engine_agreement import largest_gap
from engine_pair import ROOT, Engine, unpack_old
from panel import arguments, write_panel

AGREE = 1e-9
NOISE = 1.05
"""Ratio up to which an engine counts as not slower: measurements of one thing differ by this."""


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Args:
        gate: What was measured.
        old: What it was, as it is printed.
        new: What it is.
        ratio: Cost of the new to that of the old.
        most: What the ratio may be; None: it is only reported.
        wanted: The limit as it is printed.
        fails: Why the gate is missed whatever the ratio is.
    """

    gate: str
    old: str
    new: str
    ratio: float
    most: float | None = None
    wanted: str = ""
    fails: str = ""

    def __str__(self) -> str:
        verdict = ""
        if self.fails or self.most is not None:
            met = not self.fails and self.ratio <= (self.most or 0.0)
            verdict = "met" if met else f"MISSED {self.fails}".rstrip()
        ratio = f"{self.ratio:.2f}" if self.ratio >= 0.1 else f"{self.ratio:.3f}"
        return (
            f"{self.gate:58s}{self.old:>16s}{self.new:>16s}{ratio:>8s}  {self.wanted:32s}{verdict}"
        )


@dataclass(frozen=True)
class Pair:
    """Both engines, and how thoroughly they are measured."""

    old: Engine
    new: Engine
    folder: Path
    quick: bool

    @property
    def both(self) -> tuple[Engine, Engine]:
        return self.old, self.new

    def least(self, turns: int, measure: Callable[[Engine], float]) -> tuple[float, float]:
        """Return the least of what both engines take, asked in turns."""
        found = [[measure(engine) for engine in self.both] for _ in range(turns)]
        old, new = (min(numbers) for numbers in zip(*found, strict=True))
        return old, new


def limit(seconds: float, of: float) -> tuple[float, str]:
    """Return the ratio that is wanted, and how it is printed."""
    return seconds / of, f"{seconds / of:.3f} ({seconds:g} s of {of:g} s)"


# ------------------------------------------------------------------------------------------- gates


def one(pair: Pair) -> Iterator[Row]:
    """One game with its full record."""
    for one_by_one, most in ((False, 1.3), (True, 1.5)):
        old, new = pair.least(
            4 if pair.quick else 20,
            lambda e, slow=one_by_one: e.ask("one_game", one_by_one=slow, repeats=3),
        )
        kind = "six of seven forecasters asked one by one" if one_by_one else "array agents"
        shown = [f"{1e6 * seconds:.0f} us/round" for seconds in (old, new)]
        yield Row(f"one game, full records, {kind}", *shown, new / old, most, f"{most}")


def batch(pair: Pair) -> Iterator[Row]:
    """Large batches of 100 rounds."""
    for games in (1_000,) if pair.quick else (1_000, 8_000, 10_000):
        for reward in ("error", "crps"):
            old, new = pair.least(
                3 if pair.quick else 6,
                lambda e, n=games, paid=reward: e.ask("batch", games=n, reward=paid),
            )
            shown = [f"{games * 1e-4 / seconds:.2f} M/s" for seconds in (old, new)]
            kind = "point reward" if reward == "error" else "CRPS"
            gate = f"{games:,} games of 100 rounds, {kind}, rounds a second"
            yield Row(gate, *shown, new / old, NOISE, f"{NOISE} (not slower)")


def blocks(pair: Pair) -> Iterator[Row]:
    """Yield the speed of the new engine in blocks of two sizes."""
    for reward in ("error", "crps"):
        small, large = (
            min(
                pair.new.ask("batch", games=8_000, reward=reward, block=block)
                for _ in range(2 if pair.quick else 5)
            )
            for block in (4_000, 8_000)
        )
        shown = [f"{0.8 / seconds:.2f} M/s" for seconds in (small, large)]
        kind = "point reward" if reward == "error" else "CRPS"
        yield Row(f"8,000 games, {kind}: blocks of 4,000 (as old) and 8,000", *shown, large / small)


def attacked(pair: Pair) -> Iterator[Row]:
    """A thousand attacks on one series."""
    few, many = (3 if pair.quick else 10), 1_000
    most, wanted = limit(20.0, 480.0)
    for any_size in (False, True):
        old = pair.old.ask("attacked", games=few, any_size=any_size)
        new = pair.new.ask("attacked", games=many, any_size=any_size)
        gap, _ = largest_gap([_means(old, few)], [_means(new, few)])
        apart = "" if gap <= AGREE else f"(forecasts differ by {gap:.1e})"
        before, now = old["seconds"] * many / few, new["seconds"]
        gate = f"{many:,} attacked games of `default`, hits of {'any' if any_size else 'one'} size"
        shown = f"~{before:.0f} s", f"{now:.1f} s"
        yield Row(gate, *shown, now / before, most, wanted, apart)


def _means(found: dict, games: int) -> dict:
    means = [number for row in found["means"][:games] for number in row]
    return {"attacked": {"mean": means}}


def panel(pair: Pair) -> Iterator[Row]:
    """A backtest of many series."""
    few, many = (40, 200) if pair.quick else (200, 2_000)
    paths = {n: pair.folder / f"panel_{n}.csv" for n in (few, many)}
    for n, path in paths.items():
        write_panel(path, n)
    old, _ = pair.old.command(arguments(paths[few], whole=True, quiet=True))
    new, _ = pair.new.command(arguments(paths[few], whole=True, quiet=True))
    shown = f"{old:.1f} s", f"{new:.1f} s"
    most, wanted = limit(5.0, 21.0)
    yield Row(f"panel of {few} series, whole report", *shown, new / old, most, wanted)
    new, memory = pair.new.command(arguments(paths[many], whole=False, quiet=True))
    before = old * many / few
    most, wanted = limit(50.0, 235.0)
    large = "" if memory <= 700.0 else "(memory)"
    gate = f"panel of {many:,} series, summary only, {memory:.0f} MB"
    shown = f"~{before:.0f} s", f"{new:.1f} s"
    yield Row(gate, *shown, new / before, most, f"{wanted}, 700 MB", large)


def us_macro(pair: Pair) -> Iterator[Row]:
    """The command on the embedded series, imports included."""
    out = str(pair.folder / "us_macro.json")
    for lineup, seconds, of in (("baselines", 1, 1.5), ("default", 1.5, 3.5), ("macro", 3, 6)):
        told = ["--source", "us_macro", "--agents", lineup, "--out", out, "--quiet"]
        old, new = pair.least(2 if pair.quick else 6, lambda e, told=told: e.command(told)[0])
        most, wanted = limit(seconds, of)
        shown = f"{old:.2f} s", f"{new:.2f} s"
        yield Row(
            f"fg-backtest --source us_macro --agents {lineup}", *shown, new / old, most, wanted
        )


def loop(pair: Pair) -> Iterator[Row]:
    """The same rules as a plain loop in Python, which is the old one here."""
    gap = pair.new.ask("loop_difference")
    apart = "" if gap <= 1e-12 else f"(the loop differs by {gap:.1e})"
    turns, games, n = (2, 10, 1_000) if pair.quick else (5, 40, 10_000)
    for reward, times in (("error", 10), ("crps", 4)):
        mixtures = reward == "crps"
        found = [
            (
                pair.new.ask("loop", games=games, mixtures=mixtures),
                pair.new.ask("batch", games=n, reward=reward) / (n * 100),
                pair.new.ask("one_game", one_by_one=False, repeats=2),
            )
            for _ in range(turns)
        ]
        plain, large, alone = (min(numbers) for numbers in zip(*found, strict=True))
        shown = f"{1e6 * plain:.1f} us", f"{1e6 * large:.2f} us"
        kind = "CRPS" if mixtures else "point reward"
        gate = f"a round in {n:,} games, {kind}, against the loop"
        yield Row(gate, *shown, large / plain, 1 / times, f"{1 / times:.2f}", apart)
        if mixtures:
            shown = f"{1e6 * plain:.1f} us", f"{1e6 * alone:.0f} us"
            yield Row("a round of one game, full records, against the loop", *shown, alone / plain)


GATES: dict[str, Callable[[Pair], Iterator[Row]]] = {
    gate.__name__: gate for gate in (one, batch, blocks, attacked, panel, us_macro, loop)
}


def agree(pair: Pair) -> bool:
    """Compare the numbers of both engines, and return whether they agree.

    They do not where a fit is exact: the scale that is left is rounding, and the engines round
    differently.
    """
    count = 40 if pair.quick else 300
    old, new = (engine.ask("numbers", first=0, count=count) for engine in pair.both)
    gap, where = largest_gap(old, new)
    verdict = "agree" if gap <= AGREE else "DISAGREE"
    print(f"{count} random games, alone and in batches: the engines {verdict}; they differ by")
    print(f"{gap:.1e} at most ({where}), where {AGREE:g} of the scale is allowed\n", flush=True)
    return gap <= AGREE


def main() -> None:
    """Compare, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("gates", nargs="*", help="some of them; none: all")
    parser.add_argument("--quick", action="store_true", help="fewer turns, smaller panels")
    parser.add_argument("--list", action="store_true", help="name the gates, and stop")
    chosen = parser.parse_args()
    if chosen.list:
        for name, gate in GATES.items():
            print(f"{name:10s}{gate.__doc__}")
        return
    unknown = [name for name in chosen.gates if name not in GATES]
    if unknown:
        parser.error(f"no such gate: {', '.join(unknown)}; there are {', '.join(GATES)}")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory())).resolve()
        roots = {"old": unpack_old(folder / "old"), "new": ROOT}
        old, new = (
            stack.enter_context(closing(Engine(name, root, folder / f"bytecode_{name}")))
            for name, root in roots.items()
        )
        pair = Pair(old, new, folder, chosen.quick)
        agreed = agree(pair)
        print(f"{'gate':58s}{'old':>16s}{'new':>16s}{'ratio':>8s}  wanted", flush=True)
        for name, gate in GATES.items():
            if not chosen.gates or name in chosen.gates:
                for row in gate(pair):
                    print(row, flush=True)
    sys.exit(0 if agreed else 1)


if __name__ == "__main__":
    main()
