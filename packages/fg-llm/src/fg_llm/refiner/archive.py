"""Earlier candidates with their scores: which a model is shown, and which it may not repeat."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from fg_llm.strategy.canonical import canonical_text, strategy_hash
from fg_llm.strategy.program import Program, check_program

from .behaviour import actions, distance

__all__ = ["Archive", "Entry", "canonical_lines"]

_APART = 0.01
_NOTHING = check_program({"language": 1, "prog": [{"op": "num", "milli": 0}]}, ())


@dataclass(frozen=True)
class Entry:
    """A strategy that was scored.

    Args:
        program: Strategy.
        gain: Gain on the training stretch over no correction, in standard deviations.
        actions: Its increments in the probe states.
    """

    program: Program
    gain: float
    actions: tuple[float, ...]


@dataclass
class Archive:
    """Strategies seen in a run. To correct nothing is the first of them.

    Args:
        entries: Strategies with their scores, in the order of their scoring.
    """

    entries: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._hashes = {strategy_hash(_NOTHING)}
        self._actions = {actions(_NOTHING)}

    def repeated(self, program: Program) -> str:
        """Return how a program repeats an earlier one; an empty text if it is new.

        A new one is remembered.
        """
        name, played = strategy_hash(program), actions(program)
        if name in self._hashes:
            return "repeats_program"
        if played in self._actions:
            self._hashes.add(name)
            return "repeats_actions"
        self._hashes.add(name)
        self._actions.add(played)
        return ""

    def add(self, program: Program, gain: float) -> None:
        """Keep a strategy with its gain on the training stretch."""
        self.entries.append(Entry(program, gain, actions(program)))

    def shown(self, n: int) -> list[Entry]:
        """Return at most `n` of the best strategies, no two of them alike, the best one last."""
        chosen: list[Entry] = []
        for entry in sorted(self.entries, key=lambda one: -one.gain):  # stable: older ones first
            if all(distance(entry.actions, other.actions) >= _APART for other in chosen):
                chosen.append(entry)
            if len(chosen) == n:
                break
        return chosen[::-1]


def canonical_lines(program: Program) -> list[str]:
    """Return the canonical form of a program as lines that a model is shown, numbers in decimals.

    They are made of the checked nodes: names of our tables and numbers, and no text of any model.

    >>> double = {"op": "add", "a": 0, "b": 0}
    >>> canonical_lines(check_program(
    ...     {"language": 1, "prog": [{"op": "feat", "name": "error_8"}, double]}, {"error_8"}))
    ['feat error_8', 'add 0 0']
    """
    lines = canonical_text(program).split(";")[1:]
    return [
        f"num {struct.unpack('>d', bytes.fromhex(line[4:]))[0]!r}"
        if line.startswith("num ")
        else line
        for line in lines
    ]
