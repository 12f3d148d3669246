"""A game's trajectory as a file of JSON lines, written and read back without losing a bit.

The first line is a header, then there is one line a round, and the last line closes the file:

    {"format":"forecast-game-trajectory","version":1, ...what the writer adds}
    {"round_idx":0,"state":{...},"actions":[...], ... }
    {"rows":1,"sha256":"<hexadecimal SHA-256 of every byte before this line>"}

The schema is strict: every field is there, none is unknown, numbers are finite. So a file that is
truncated, altered or of another version is refused with its path and line, never half read. (The
distribution that a forecaster states, hits on context columns and context known in advance are left
out where there are none, so that such files can be read by 0.1; one that has any is refused there,
with the name of the field.)

Limits, for writing and for reading: `MAX_LINE_BYTES` a line, `MAX_FILE_BYTES` a file.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from .action import AgentAction, AgentMessage
from .alternatives import Alternative
from .artifact import write_atomically
from .distributions import Mass, NormalPart, QuantileGrid, StatedDistribution
from .errors import ArtifactError, DataError, ForecastGameError
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
"""Longest line: some hundred thousand numbers of state a round."""

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


class _Footer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rows: int
    sha256: str


_ROW = msgspec.json.Decoder(_Row)
_FOOTER = msgspec.json.Decoder(_Footer)
_HEADER = msgspec.json.Decoder(dict[str, Any])


# --------------------------------------------------------------------------------------- writing


def write_trajectory(
    path: str | os.PathLike[str],
    outputs_or_entries: GameOutputs | Iterable[TrajectoryEntry],
    *,
    meta: Mapping[str, Any] | None = None,
) -> None:
    """Write a trajectory, whole or not at all.

    Args:
        path: The file; missing parent folders are made.
        outputs_or_entries: A game, or its trajectory.
        meta: What else the header shall say: plain JSON values by name.

    Raises:
        DataError: A number is not finite, text is not Unicode, `meta` uses a name of the header
            or holds what JSON cannot, or a limit is exceeded.
        OSError: The file cannot be written.

    >>> import tempfile
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
    lines = [_line("header", _header(meta or {}))]
    lines += [_line(f"entry {i}", _row(f"entry {i}", e)) for i, e in enumerate(entries)]
    body = b"".join(lines)
    footer = _Footer(len(lines) - 1, hashlib.sha256(body).hexdigest())
    data = body + msgspec.json.encode(footer) + b"\n"
    if len(data) > MAX_FILE_BYTES:
        raise DataError(
            f"trajectory of {len(data)} bytes, at most {MAX_FILE_BYTES}: write it in parts"
        )
    write_atomically(path, data)


def _header(meta: Mapping[str, Any]) -> dict[str, Any]:
    taken = sorted({"format", "version"} & set(meta))
    if taken:
        raise DataError(f"trajectory meta may not hold {' or '.join(taken)}: the header does")
    _check_json("meta", dict(meta))
    return {"format": TRAJECTORY_FORMAT, "version": TRAJECTORY_VERSION, **meta}


def _check_json(where: str, value: Any) -> None:
    """Refuse what would not come back equal, NaN above all (msgspec would write null)."""
    if isinstance(value, dict):
        for key, part in value.items():
            if not isinstance(key, str):
                raise DataError(f"trajectory {where}: key {key!r} is not text")
            _check_json(f"{where}.{key}", part)
    elif isinstance(value, list):
        for i, part in enumerate(value):
            _check_json(f"{where}[{i}]", part)
    elif isinstance(value, float):
        _finite("trajectory", where, value)
    elif isinstance(value, int) and not isinstance(value, bool):
        _whole("trajectory", where, value)
    elif value is not None and not isinstance(value, str | bool):
        kind = type(value).__name__
        raise DataError(
            f"trajectory {where}: {kind} is not a JSON value; use dict, list, str, "
            "float, int, bool or None"
        )


def _finite(place: str, field: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise DataError(f"{place} {field}: {value!r} is not a number") from None
    if not math.isfinite(number):
        raise DataError(f"{place} {field}: {number} is not finite and has no place in JSON")
    return number


def _whole(place: str, field: str, value: int) -> int:
    if not -(2**63) <= value < 2**63:
        raise DataError(f"{place} {field}: {value} does not fit into 64 bits")
    return int(value)


def _numbers(place: str, field: str, values: Mapping[str, float]) -> dict[str, float]:
    return {key: _finite(place, f"{field}[{key!r}]", value) for key, value in values.items()}


def _row(where: str, entry: TrajectoryEntry) -> _Row:
    if not isinstance(entry, TrajectoryEntry):
        raise DataError(f"trajectory {where} is {type(entry).__name__}, not TrajectoryEntry")
    place = f"trajectory {where}:"
    s = entry.state
    state = _State(
        _whole(place, "state.t", s.t),
        _finite(place, "state.value", s.value),
        _finite(place, "state.exogenous", s.exogenous),
        _finite(place, "state.hidden_shift", s.hidden_shift),
        s.segment_id,
        _numbers(place, "state.segment_values", s.segment_values),
        _numbers(place, "state.macro_context", s.macro_context),
        [_finite(place, f"state.history[{i}]", value) for i, value in enumerate(s.history)],
        _whole(place, "state.n_unrevealed", s.n_unrevealed),
        _finite(place, "state.displacement", s.displacement),
        _whole(place, "state.game", s.game),
        [_numbers(place, f"state.known_ahead[{i}]", row) for i, row in enumerate(s.known_ahead)],
    )
    actions = [
        _Action(
            a.actor,
            _finite(place, "actions.delta", a.delta),
            None if a.scale is None else _finite(place, "actions.scale", a.scale),
            None if a.p_bad is None else _finite(place, "actions.p_bad", a.p_bad),
            None if a.shape is None else _shape(a.shape),
            [_alternative(one) for one in a.alternatives],
            _numbers(place, "actions.context", a.context),
        )
        for a in entry.actions
    ]
    return _Row(
        _whole(place, "round_idx", entry.round_idx),
        state,
        actions,
        [_Message(m.sender, m.receiver, m.payload) for m in entry.messages],
        _numbers(place, "reward_breakdown", entry.reward_breakdown),
        _finite(place, "forecast", entry.forecast),
        _finite(place, "target", entry.target),
        _finite(place, "variance", entry.variance),
        _finite(place, "disturbance", entry.disturbance),
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


def _line(where: str, value: Any) -> bytes:
    try:
        line = msgspec.json.encode(value) + b"\n"
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"trajectory {where} cannot be written as JSON: {error}") from error
    if len(line) > MAX_LINE_BYTES:
        raise DataError(f"trajectory {where} takes {len(line)} bytes, at most {MAX_LINE_BYTES}")
    return line


# --------------------------------------------------------------------------------------- reading


def read_trajectory(path: str | os.PathLike[str]) -> tuple[TrajectoryEntry, ...]:
    """Read a trajectory back: equal entries, equal floats to the last bit.

    Raises:
        ArtifactError: The file cannot be read, is truncated, altered, of another version, too
            large, or no trajectory; the message has path and line.
    """
    return _read(Path(path))[1]


def read_trajectory_header(path: str | os.PathLike[str]) -> FrozenMapping[str, Any]:
    """Return the header of a trajectory, format and version included; the whole file is checked.

    Raises:
        ArtifactError: As in `read_trajectory`.
    """
    return _read(Path(path))[0]


def _refuse(path: Path, line: int, why: str) -> NoReturn:
    raise ArtifactError(f"{path}, line {line}: {why}")


def _read(path: Path) -> tuple[FrozenMapping[str, Any], tuple[TrajectoryEntry, ...]]:
    digest = hashlib.sha256()
    entries: list[TrajectoryEntry] = []
    lines = _lines(path)
    number, line = next(lines)
    header = _parse_header(path, line)
    # One line late, because only the end of the file tells which line closes it.
    for next_number, next_line in lines:
        digest.update(line)
        if number > 1:
            entries.append(_parse_row(path, number, line))
        number, line = next_number, next_line
    if number == 1:
        _refuse(path, 1, "the file ends with its header: truncated")
    _check_footer(path, number, line, len(entries), digest.hexdigest())
    return header, tuple(entries)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield number and bytes of each line, newline included; at least one."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size > MAX_FILE_BYTES:
                raise ArtifactError(f"{path} has more than {MAX_FILE_BYTES} bytes")
            number = 0
            while line := file.readline(MAX_LINE_BYTES + 1):
                number += 1
                if len(line) > MAX_LINE_BYTES:
                    _refuse(path, number, f"longer than {MAX_LINE_BYTES} bytes")
                if not line.endswith(b"\n"):
                    _refuse(path, number, "the file ends within a line: truncated")
                yield number, line
            if not number:
                _refuse(path, 1, "the file is empty")
    except OSError as error:
        why = error.strerror or str(error)
        raise ArtifactError(f"{path} cannot be read as a trajectory: {why}") from error


def _parse_header(path: Path, line: bytes) -> FrozenMapping[str, Any]:
    try:
        header = _HEADER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        _refuse(path, 1, f"not the header of a trajectory: {error}")
    if header.get("format") != TRAJECTORY_FORMAT:
        _refuse(path, 1, f"format {header.get('format')!r}, expected {TRAJECTORY_FORMAT!r}")
    version = header.get("version")
    if type(version) is not int or version != TRAJECTORY_VERSION:
        _refuse(
            path,
            1,
            f"version {version!r}; this fg-core reads version {TRAJECTORY_VERSION}: "
            "use the fg-core that wrote the file",
        )
    return FrozenMapping(header)


def _parse_row(path: Path, number: int, line: bytes) -> TrajectoryEntry:
    try:
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
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ForecastGameError) as error:
        _refuse(path, number, f"not a round of a trajectory: {error}")


def _check_footer(path: Path, number: int, line: bytes, rows: int, digest: str) -> None:
    try:
        footer = _FOOTER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        _refuse(path, number, f"not the closing line (rows, sha256), so truncated: {error}")
    if footer.rows != rows:
        _refuse(path, number, f"the closing line counts {footer.rows} rows, the file has {rows}")
    if footer.sha256 != digest:
        _refuse(path, number, "the checksum differs: the file was altered after it was written")
