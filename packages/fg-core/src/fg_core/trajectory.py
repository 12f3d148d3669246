"""A game's trajectory as a file of JSON lines, written and read back without losing a bit.

The first line is a header, then there is one line a round, and the last line closes the file:

    {"format":"forecast-game-trajectory","version":1, ...what the writer adds}
    {"round_idx":0,"state":{...},"actions":[...], ... }
    {"rows":1,"sha256":"<hexadecimal SHA-256 of every byte before this line>"}

The layout is that of `fg_core.documents.lines`: a file that is truncated, altered or of another
version is refused with its path and line, never half read. The schema of a round is strict: every
field is there, none is unknown, numbers are finite. (The
distribution that a forecaster states, hits on context columns and context known in advance are left
out where there are none, so that such files can be read by 0.1; one that has any is refused there,
with the name of the field.)

Limits, for writing and for reading: `MAX_LINE_BYTES` a line, `MAX_FILE_BYTES` a file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from .action import AgentAction, AgentMessage
from .alternatives import Alternative
from .distributions import Mass, NormalPart, QuantileGrid, StatedDistribution
from .documents import DocumentKind, finite_number, read_lines, whole_number, write_lines
from .errors import DataError
from .frozen import FrozenMapping
from .record import GameOutputs, TrajectoryEntry
from .state import ForecastState

__all__ = [
    "MAX_FILE_BYTES",
    "MAX_LINE_BYTES",
    "TRAJECTORY_FORMAT",
    "TRAJECTORY_VERSION",
    "read_trajectory",
    "read_trajectory_header",
    "write_trajectory",
]

TRAJECTORY_FORMAT = "forecast-game-trajectory"
"""First field of the header."""

TRAJECTORY_VERSION = 1
"""The version that this package writes and the only one that it reads."""

MAX_LINE_BYTES = 4 * 1024 * 1024
"""Longest line: some hundred thousand numbers of state per round."""

MAX_FILE_BYTES = 1024 * 1024 * 1024
"""Largest file: about a million rounds."""


class _State(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    t: int
    value: float
    exogenous: float
    hidden_shift: float
    segment_id: str
    segment_values: dict[str, float]
    macro_context: dict[str, float]
    history: list[float]
    n_unrevealed: int
    displacement: float
    game: int = 0
    known_ahead: list[dict[str, float]] = []


class _Grid(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="quantiles"):
    levels: list[float]
    quantiles: list[float]


class _Normal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="normal"):
    mean: float
    scale: float


class _Mass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    at: float
    probability: float


class _Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rest: _Grid | _Normal | None
    masses: list[_Mass]


class _Alternative(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    probability: float
    delta: float
    pattern: list[float]
    scale: float


# Left out where nothing is stated: such a file is what it was before distributions could be.
class _Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    actor: str
    delta: float
    scale: float | None
    p_bad: float | None
    shape: _Shape | None = None
    alternatives: list[_Alternative] = []
    context: dict[str, float] = {}


class _Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sender: str
    receiver: str
    payload: str


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    round_idx: int
    state: _State
    actions: list[_Action]
    messages: list[_Message]
    reward_breakdown: dict[str, float]
    forecast: float
    target: float
    variance: float
    disturbance: float


_ROW = msgspec.json.Decoder(_Row)


def _kind() -> DocumentKind:
    return DocumentKind(
        TRAJECTORY_FORMAT,
        TRAJECTORY_VERSION,
        noun="trajectory",
        record="round",
        max_bytes=MAX_FILE_BYTES,
        max_line_bytes=MAX_LINE_BYTES,
    )


# --------------------------------------------------------------------------------------- writing


def write_trajectory(
    path: str | os.PathLike[str],
    outputs_or_entries: GameOutputs | Iterable[TrajectoryEntry],
    *,
    meta: Mapping[str, Any] | None = None,
) -> None:
    """Write a trajectory, whole or not at all.

    Args:
        path: Path of the file; missing parent folders are made.
        outputs_or_entries: Game, or its trajectory.
        meta: Further entries of the header: plain JSON values by name.

    Raises:
        DataError: A number is not finite, text is not Unicode, `meta` uses a name of the header
            or holds what JSON cannot, or a limit is exceeded.
        OSError: The file cannot be written.

    >>> import tempfile
    >>> from pathlib import Path
    >>> state = ForecastState(0, 1.0, 0.0, 0.0)
    >>> entry = TrajectoryEntry(0, state, (), (), {"team": -0.5}, 1.5, 1.0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_trajectory(Path(folder) / "game.jsonl", [entry], meta={"seed": 7})
    ...     read_trajectory(Path(folder) / "game.jsonl") == (entry,)
    True
    """
    entries = (
        outputs_or_entries.trajectories
        if isinstance(outputs_or_entries, GameOutputs)
        else outputs_or_entries
    )
    rows = (_row(f"entry {i}", e) for i, e in enumerate(entries))
    write_lines(path, rows, _kind(), meta=meta, entry="entry")


def _numbers(place: str, field: str, values: Mapping[str, float]) -> dict[str, float]:
    return {key: finite_number(f"{place} {field}[{key!r}]", value) for key, value in values.items()}


def _row(where: str, entry: TrajectoryEntry) -> _Row:
    if not isinstance(entry, TrajectoryEntry):
        raise DataError(f"trajectory {where} is {type(entry).__name__}, not TrajectoryEntry")
    place = f"trajectory {where}:"
    s = entry.state
    state = _State(
        whole_number(f"{place} state.t", s.t),
        finite_number(f"{place} state.value", s.value),
        finite_number(f"{place} state.exogenous", s.exogenous),
        finite_number(f"{place} state.hidden_shift", s.hidden_shift),
        s.segment_id,
        _numbers(place, "state.segment_values", s.segment_values),
        _numbers(place, "state.macro_context", s.macro_context),
        [finite_number(f"{place} state.history[{i}]", value) for i, value in enumerate(s.history)],
        whole_number(f"{place} state.n_unrevealed", s.n_unrevealed),
        finite_number(f"{place} state.displacement", s.displacement),
        whole_number(f"{place} state.game", s.game),
        [_numbers(place, f"state.known_ahead[{i}]", row) for i, row in enumerate(s.known_ahead)],
    )
    actions = [
        _Action(
            a.actor,
            finite_number(f"{place} actions.delta", a.delta),
            None if a.scale is None else finite_number(f"{place} actions.scale", a.scale),
            None if a.p_bad is None else finite_number(f"{place} actions.p_bad", a.p_bad),
            None if a.shape is None else _shape(a.shape),
            [_alternative(one) for one in a.alternatives],
            _numbers(place, "actions.context", a.context),
        )
        for a in entry.actions
    ]
    return _Row(
        whole_number(f"{place} round_idx", entry.round_idx),
        state,
        actions,
        [_Message(m.sender, m.receiver, m.payload) for m in entry.messages],
        _numbers(place, "reward_breakdown", entry.reward_breakdown),
        finite_number(f"{place} forecast", entry.forecast),
        finite_number(f"{place} target", entry.target),
        finite_number(f"{place} variance", entry.variance),
        finite_number(f"{place} disturbance", entry.disturbance),
    )


def _alternative(one: Alternative) -> _Alternative:
    """Return an alternative as it is written; its action has checked its numbers."""
    pattern = [float(share) for share in one.pattern]
    return _Alternative(float(one.probability), float(one.delta), pattern, float(one.scale))


def _shape(stated: StatedDistribution) -> _Shape:
    """Return a stated distribution as it is written; it has checked its numbers."""
    rest: _Grid | _Normal | None = None
    if isinstance(stated.rest, QuantileGrid):
        rest = _Grid(list(stated.rest.levels), list(stated.rest.quantiles))
    elif stated.rest is not None:
        rest = _Normal(stated.rest.mean, stated.rest.scale)
    return _Shape(rest, [_Mass(mass.at, mass.probability) for mass in stated.masses])


def _stated(shape: _Shape | None) -> StatedDistribution | None:
    """Return the distribution that was written."""
    if shape is None:
        return None
    rest: QuantileGrid | NormalPart | None = None
    if isinstance(shape.rest, _Grid):
        rest = QuantileGrid(tuple(shape.rest.levels), tuple(shape.rest.quantiles))
    elif shape.rest is not None:
        rest = NormalPart(shape.rest.mean, shape.rest.scale)
    return StatedDistribution(rest, tuple(Mass(m.at, m.probability) for m in shape.masses))


# --------------------------------------------------------------------------------------- reading


def read_trajectory(path: str | os.PathLike[str]) -> tuple[TrajectoryEntry, ...]:
    """Read a trajectory back: equal entries, equal floats to the last bit.

    Args:
        path: Path of the file.

    Returns:
        Entries of the trajectory, one per round, oldest first.

    Raises:
        ArtifactError: The file cannot be read, is truncated, altered, of another version, too
            large, or no trajectory; the message has path and line.
    """
    return tuple(read_lines(path, _entry, _kind())[1])


def read_trajectory_header(path: str | os.PathLike[str]) -> FrozenMapping[str, Any]:
    """Return the header of a trajectory, format and version included; the whole file is checked.

    Args:
        path: Path of the file.

    Returns:
        Entries of the header by name.

    Raises:
        ArtifactError: As in `read_trajectory`.
    """
    return FrozenMapping(read_lines(path, _entry, _kind())[0])


def _entry(line: bytes) -> TrajectoryEntry:
    """Return the round that a line has."""
    row = _ROW.decode(line)
    s = row.state
    return TrajectoryEntry(
        row.round_idx,
        ForecastState(
            s.t,
            s.value,
            s.exogenous,
            s.hidden_shift,
            s.segment_id,
            s.segment_values,
            s.macro_context,
            tuple(s.history),
            n_unrevealed=s.n_unrevealed,
            displacement=s.displacement,
            game=s.game,
            known_ahead=tuple(s.known_ahead),
        ),
        tuple(
            AgentAction(
                a.actor,
                a.delta,
                scale=a.scale,
                p_bad=a.p_bad,
                shape=_stated(a.shape),
                alternatives=tuple(
                    Alternative(one.probability, one.delta, tuple(one.pattern), one.scale)
                    for one in a.alternatives
                ),
                context=a.context,
            )
            for a in row.actions
        ),
        tuple(AgentMessage(m.sender, m.receiver, m.payload) for m in row.messages),
        row.reward_breakdown,
        row.forecast,
        row.target,
        variance=row.variance,
        disturbance=row.disturbance,
    )
