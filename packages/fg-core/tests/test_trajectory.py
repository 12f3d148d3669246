"""Trajectories on disk: what is read is what was written, or an error with path and line."""

from __future__ import annotations

import hashlib
import json
import math
import os
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fg_core import trajectory
from fg_core.action import AgentAction, AgentMessage
from fg_core.alternatives import Alternative
from fg_core.config import SimulationConfig
from fg_core.distributions import Mass, NormalPart, StatedDistribution
from fg_core.errors import ArtifactError, DataError
from fg_core.frozen import FrozenMapping
from fg_core.record import GameOutputs, TrajectoryEntry
from fg_core.state import ForecastState
from fg_core.testing import example_trajectory
from fg_core.testing.strategies import actions, stated_distributions, states
from fg_core.trajectory import read_trajectory, read_trajectory_header, write_trajectory

EXTREMES = (
    0.0,
    -0.0,
    5e-324,
    -2.2250738585072011e-308,
    2.2250738585072014e-308,
    1e308,
    -1.7976931348623157e308,
    0.1 + 0.2,
    1 / 3,
    9007199254740993.0,
    1e22,
    123456789.12345679,
)


def entry(**changes: Any) -> TrajectoryEntry:
    state = ForecastState(
        3,
        2.5,
        0.1,
        -0.2,
        "north",
        {"a": 1.0, "b": 1.5},
        {"unemp": 5.8},
        (2.1, 2.3),
        n_unrevealed=1,
        displacement=0.25,
    )
    base = TrajectoryEntry(
        0,
        state,
        (AgentAction("gate", -0.8, scale=0.3, p_bad=0.9), AgentAction("walk", 0.0)),
        (AgentMessage("gate", "record", 'quoted "\n" – ü'),),
        {"team": -0.5, "adversaries": 0.5},
        2.6,
        3.1,
        variance=0.25,
        disturbance=0.0,
    )
    return replace(base, **changes)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "game.jsonl"


def bits(numbers: Any) -> list[bytes]:
    return [struct.pack("<d", x) for x in numbers]


# -------------------------------------------------------------------------------------- round trip


def test_every_field_comes_back(file: Path) -> None:
    written = (entry(), entry(round_idx=1, messages=(), actions=(), variance=1.0))
    write_trajectory(file, written)
    found = read_trajectory(file)
    assert found == written
    assert isinstance(found, tuple)
    assert isinstance(found[0].state.history, tuple)
    with pytest.raises(TypeError):
        found[0].state.macro_context["unemp"] = 0.0  # type: ignore[index]


def test_floats_come_back_to_the_last_bit(file: Path) -> None:
    written = entry(
        state=replace(
            entry().state, history=EXTREMES, value=-0.0, segment_values={}, displacement=5e-324
        ),
        forecast=1e308,
        target=-0.0,
        reward_breakdown=FrozenMapping({f"k{i}": x for i, x in enumerate(EXTREMES)}),
        actions=tuple(AgentAction("a", x) for x in EXTREMES),
    )
    write_trajectory(file, [written])
    (found,) = read_trajectory(file)
    assert bits(found.state.history) == bits(EXTREMES)
    assert bits(found.reward_breakdown.values()) == bits(EXTREMES)
    assert bits(a.delta for a in found.actions) == bits(EXTREMES)
    assert math.copysign(1.0, found.target) == -1.0
    assert math.copysign(1.0, found.state.value) == -1.0
    assert found.state.displacement == 5e-324


@settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=settings.default.max_examples // 2,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    state=states(),
    said=st.lists(actions(), max_size=3),
    forecast=st.floats(allow_nan=False, allow_infinity=False),
    payload=st.text(st.characters(exclude_categories=["Cs"])),
)
def test_any_entry_comes_back(
    tmp_path: Path, state: ForecastState, said: list[AgentAction], forecast: float, payload: str
) -> None:
    written = entry(
        state=state,
        actions=tuple(said),
        forecast=forecast,
        messages=(AgentMessage("a", "b", payload),),
    )
    write_trajectory(tmp_path / "any.jsonl", [written])
    (found,) = read_trajectory(tmp_path / "any.jsonl")
    assert found == written
    assert bits([found.forecast]) == bits([forecast])


@settings(
    max_examples=settings.default.max_examples * 2 // 5,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(st.lists(stated_distributions(), min_size=1, max_size=3))
def test_stated_distributions_come_back(file: Path, several: list[StatedDistribution]) -> None:
    said = tuple(AgentAction.stating(f"f{i}", 0.25, one) for i, one in enumerate(several))
    write_trajectory(file, [entry(actions=said)])
    (back,) = read_trajectory(file)
    assert back.actions == said
    for action, stated in zip(back.actions, several, strict=True):
        assert action.shape is not None
        assert action.shape.arrays == stated.arrays


def test_what_is_not_stated_is_not_written(file: Path) -> None:
    """A file without distributions is the one that 0.1 wrote, and reads."""
    write_trajectory(file, [entry()])
    assert b"shape" not in file.read_bytes()
    shape = StatedDistribution(NormalPart(1.0, 2.0), (Mass(0.0, 0.5),))
    write_trajectory(file, [entry(actions=(AgentAction.stating("a", 0.0, shape),))])
    (action,) = json.loads(file.read_bytes().splitlines()[1])["actions"]
    assert action["shape"] == {
        "rest": {"type": "normal", "mean": 1.0, "scale": 2.0},
        "masses": [{"at": 0.0, "probability": 0.5}],
    }


def test_alternatives_come_back_and_are_written_where_there_are_any(file: Path) -> None:
    listed = (
        Alternative(0.25, -1.5, (1.0, 0.5), scale=0.5),
        Alternative(np.float64(0.5), 2, (0, 1)),
    )
    action = AgentAction.doubting("a", listed)
    write_trajectory(file, [entry(actions=(action, AgentAction("b", 1.0)))])
    (back,) = read_trajectory(file)
    assert back.actions[0] == action
    doubted, plain = json.loads(file.read_bytes().splitlines()[1])["actions"]
    assert doubted["alternatives"][0] == {
        "probability": 0.25,
        "delta": -1.5,
        "pattern": [1.0, 0.5],
        "scale": 0.5,
    }
    assert "alternatives" not in plain


def test_a_distribution_that_is_none_is_refused(file: Path) -> None:
    shape = StatedDistribution(None, (Mass(0.0, 1.0),))
    write_trajectory(file, [entry(actions=(AgentAction.stating("a", 0.0, shape),))])
    header, row, _ = file.read_bytes().splitlines(keepends=True)
    body = header + row.replace(b'"probability":1.0', b'"probability":1.5')
    footer = {"rows": 1, "sha256": hashlib.sha256(body).hexdigest()}
    file.write_bytes(body + json.dumps(footer, separators=(",", ":")).encode() + b"\n")
    with pytest.raises(ArtifactError, match=r"line 2: .*probability in \(0, 1\]"):
        read_trajectory(file)


def test_numpy_numbers_are_written_as_numbers(file: Path) -> None:
    state = ForecastState(
        int(np.int64(2)), np.float64(1.5), np.float32(0.5), 0, history=np.array([1.0, 2.0])
    )
    write_trajectory(file, [entry(state=state, forecast=np.float64(2.0))])
    (found,) = read_trajectory(file)
    assert found.state.history == (1.0, 2.0)
    assert type(found.state.value) is float
    assert type(found.state.hidden_shift) is float


def test_an_empty_trajectory_is_one(file: Path) -> None:
    write_trajectory(file, [])
    assert read_trajectory(file) == ()


def test_game_outputs_and_iterators_are_taken(file: Path) -> None:
    entries = example_trajectory(5)
    outputs = GameOutputs((), entries, {}, config=SimulationConfig(), seed=7, step_scale=1.0)
    write_trajectory(file, outputs)
    from_game = file.read_bytes()
    write_trajectory(file, iter(entries))
    assert file.read_bytes() == from_game
    assert read_trajectory(file) == entries


def test_equal_trajectories_give_equal_bytes(tmp_path: Path) -> None:
    write_trajectory(tmp_path / "a", example_trajectory(4))
    write_trajectory(tmp_path / "b", example_trajectory(4))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


# ------------------------------------------------------------------------------------- the format


def test_the_file_is_what_the_documentation_says(file: Path) -> None:
    write_trajectory(file, [entry()], meta={"seed": 7, "note": None, "grid": [1, 2.5, {"x": True}]})
    raw = file.read_bytes()
    lines = raw.splitlines(keepends=True)
    assert json.loads(lines[0]) == {
        "format": "forecast-game-trajectory",
        "version": 1,
        "seed": 7,
        "note": None,
        "grid": [1, 2.5, {"x": True}],
    }
    assert lines[0].startswith(b'{"format":"forecast-game-trajectory","version":1')
    body = b"".join(lines[:-1])
    assert json.loads(lines[-1]) == {"rows": 1, "sha256": hashlib.sha256(body).hexdigest()}
    assert json.loads(lines[1])["state"]["macro_context"] == {"unemp": 5.8}
    assert len(lines) == 3
    assert raw.endswith(b"\n")


def test_the_header_can_be_read_back(file: Path) -> None:
    write_trajectory(file, [entry()], meta={"seed": 7})
    header = read_trajectory_header(file)
    assert dict(header) == {"format": "forecast-game-trajectory", "version": 1, "seed": 7}


# ---------------------------------------------------------------------------------- refused writing


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    "where",
    [
        lambda x: {"forecast": x},
        lambda x: {"target": x},
        lambda x: {"variance": x},
        lambda x: {"disturbance": x},
        lambda x: {"reward_breakdown": {"team": x}},
        lambda x: {"state": ForecastState(0, x, 0.0, 0.0)},
        lambda x: {"state": ForecastState(0, 0.0, x, 0.0)},
        lambda x: {"state": ForecastState(0, 0.0, 0.0, x)},
        lambda x: {"state": ForecastState(0, 0.0, 0.0, 0.0, displacement=x)},
        lambda x: {"state": ForecastState(0, 0.0, 0.0, 0.0, history=(1.0, x))},
        lambda x: {"state": ForecastState(0, 0.0, 0.0, 0.0, macro_context={"k": x})},
        lambda x: {"state": ForecastState(0, 0.0, 0.0, 0.0, segment_values={"k": x})},
    ],
)
def test_a_number_that_is_not_finite_is_refused_and_nothing_is_written(
    file: Path, number: float, where: Callable[[float], dict[str, Any]]
) -> None:
    with pytest.raises(DataError, match=r"entry 1: .*not finite"):
        write_trajectory(file, [entry(), entry(**where(number))])
    assert not file.exists()


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ({"format": "mine"}, "may not hold format"),
        ({"version": 2}, "may not hold version"),
        ({"x": math.nan}, r"meta\.x: nan is not finite"),
        ({"x": [1.0, {"y": math.inf}]}, r"meta\.x\[1\]\.y: inf is not finite"),
        ({"x": {1, 2}}, "set is not a JSON value"),
        ({"x": (1, 2)}, "tuple is not a JSON value"),
        ({"x": {1: 2}}, "key 1 is not text"),
        ({"x": "\ud800"}, "cannot be written as JSON"),
        ({"x": 2**63}, "does not fit into 64 bits"),
    ],
)
def test_meta_that_would_not_come_back_is_refused(
    file: Path, meta: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        write_trajectory(file, [entry()], meta=meta)
    assert not file.exists()


def test_whole_numbers_of_64_bits_come_back(file: Path) -> None:
    state = ForecastState(2**63 - 1, 1.0, 0.0, 0.0)
    write_trajectory(file, [entry(state=state)], meta={"seed": -(2**63)})
    assert read_trajectory(file)[0].state.t == 2**63 - 1
    assert read_trajectory_header(file)["seed"] == -(2**63)
    with pytest.raises(DataError, match=r"state\.t: .* 64 bits"):
        write_trajectory(file, [entry(state=replace(state, t=2**63))])


def test_text_that_is_no_unicode_is_refused(file: Path) -> None:
    bad = entry(messages=(AgentMessage("a", "b", "half a pair \ud800"),))
    with pytest.raises(DataError, match="entry 0 cannot be written"):
        write_trajectory(file, [bad])


def test_something_else_than_an_entry_is_refused(file: Path) -> None:
    with pytest.raises(DataError, match="entry 0 is dict, not TrajectoryEntry"):
        write_trajectory(file, [{"round_idx": 0}])  # type: ignore[list-item]


def test_limits_hold_for_writing_and_reading(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_trajectory(file, [entry()])
    longest = max(len(line) for line in file.read_bytes().splitlines(keepends=True))
    monkeypatch.setattr(trajectory, "MAX_LINE_BYTES", longest)
    assert read_trajectory(file)
    monkeypatch.setattr(trajectory, "MAX_LINE_BYTES", longest - 1)
    with pytest.raises(ArtifactError, match=f"line 2: longer than {longest - 1} bytes"):
        read_trajectory(file)
    with pytest.raises(DataError, match=f"entry 0 takes {longest} bytes"):
        write_trajectory(file, [entry()])
    monkeypatch.undo()
    monkeypatch.setattr(trajectory, "MAX_FILE_BYTES", 100)
    with pytest.raises(ArtifactError, match="more than 100 bytes"):
        read_trajectory(file)
    with pytest.raises(DataError, match="at most 100"):
        write_trajectory(file, [entry()])


def test_a_failed_write_leaves_the_old_trajectory(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_trajectory(file, [entry()])

    def fail(*_: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="full"):
        write_trajectory(file, example_trajectory())
    monkeypatch.undo()
    assert read_trajectory(file) == (entry(),)
    assert [path.name for path in file.parent.iterdir()] == [file.name]


# ---------------------------------------------------------------------------------- refused reading


def closed(*lines: bytes) -> bytes:
    """Return a file with a right closing line."""
    body = b"".join(line + b"\n" for line in lines)
    footer = {"rows": len(lines) - 1, "sha256": hashlib.sha256(body).hexdigest()}
    return body + json.dumps(footer).encode() + b"\n"


def row(**changes: Any) -> bytes:
    """Return a right row, with changes; a change to None takes the field away."""
    plain = {
        "round_idx": 0,
        "state": state_fields(),
        "actions": [],
        "messages": [],
        "reward_breakdown": {"team": -1.0},
        "forecast": 1.0,
        "target": 2.0,
        "variance": 0.0,
        "disturbance": 0.0,
    }
    plain |= changes
    return json.dumps({k: v for k, v in plain.items() if v is not None}).encode()


def state_fields(**changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "t": 0,
        "value": 1.0,
        "exogenous": 0.0,
        "hidden_shift": 0.0,
        "segment_id": "",
        "segment_values": {},
        "macro_context": {},
        "history": [],
        "n_unrevealed": 0,
        "displacement": 0.0,
    }
    return plain | changes


HEADER = b'{"format":"forecast-game-trajectory","version":1}'


def test_a_file_made_by_hand_to_the_documentation_is_read(file: Path) -> None:
    file.write_bytes(closed(HEADER, row(), row(round_idx=1)))
    assert [e.round_idx for e in read_trajectory(file)] == [0, 1]


def test_every_truncation_is_refused_with_path_and_line(file: Path) -> None:
    write_trajectory(file, [entry()])
    whole = file.read_bytes()
    for cut in range(len(whole)):
        file.write_bytes(whole[:cut])
        with pytest.raises(ArtifactError) as caught:
            read_trajectory(file)
        lines = whole[:cut].count(b"\n") + (0 if whole[:cut].endswith(b"\n") else 1)
        assert str(caught.value).startswith(f"{file}, line {max(lines, 1)}: "), caught.value


def test_every_altered_byte_is_refused(file: Path) -> None:
    write_trajectory(file, [entry()])
    whole = file.read_bytes()
    for i in range(len(whole)):
        changed = bytearray(whole)
        changed[i] ^= 0x01
        file.write_bytes(bytes(changed))
        with pytest.raises(ArtifactError, match=r"game\.jsonl, line \d+: "):
            read_trajectory(file)


def test_lines_removed_swapped_or_added_are_refused(file: Path) -> None:
    write_trajectory(file, example_trajectory(4))
    lines = file.read_bytes().splitlines(keepends=True)
    for changed in (
        [*lines[:2], *lines[3:]],
        [lines[0], lines[2], lines[1], *lines[3:]],
        [*lines[:2], lines[1], *lines[2:]],
        [*lines, lines[-1]],
        [*lines, b"\n"],
        [*lines[:-1], b"\n", lines[-1]],
        [*lines, *lines],
    ):
        file.write_bytes(b"".join(changed))
        with pytest.raises(ArtifactError):
            read_trajectory(file)


def test_an_altered_number_names_the_checksum(file: Path) -> None:
    write_trajectory(file, [entry()])
    file.write_bytes(file.read_bytes().replace(b'"forecast":2.6', b'"forecast":2.7'))
    with pytest.raises(ArtifactError, match="line 3: the checksum differs"):
        read_trajectory(file)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"not json", "line 1: not the header"),
        (b"[1]", "line 1: not the header"),
        (b'{"format":"something-else","version":1}', "format 'something-else', expected"),
        (b'{"version":1}', "format None"),
        (b'{"format":"forecast-game-trajectory","version":2}', "version 2; this fg-core reads"),
        (b'{"format":"forecast-game-trajectory","version":"1"}', "version '1'"),
        (b'{"format":"forecast-game-trajectory","version":1.0}', "version 1.0"),
        (b'{"format":"forecast-game-trajectory","version":true}', "version True"),
        (b'{"format":"forecast-game-trajectory"}', "version None"),
        (b"\xff\xfe\x00", "line 1: not the header"),
        (b"[" * 100_000, "line 1: not the header"),
    ],
)
def test_a_wrong_header_is_refused(file: Path, header: bytes, message: str) -> None:
    file.write_bytes(closed(header, row()))
    with pytest.raises(ArtifactError, match=message) as caught:
        read_trajectory(file)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"null",
        b"nonsense",
        b"\xff",
        row(surprise=1),
        row(forecast=None),
        row(variance=None),
        row(forecast="1.0"),
        row(forecast=True),
        row(round_idx=1.5),
        row(state={"t": 0}),
        row(state=state_fields(extra=0)),
        row(state=state_fields(history=[1.0, None])),
        row(state=state_fields(segment_id=3)),
        row(actions=[{"actor": "a", "delta": 1.0}]),
        row(actions=[{"actor": "a", "delta": 1.0, "scale": -1.0, "p_bad": None}]),
        row(actions=[{"actor": "a", "delta": 1.0, "scale": None, "p_bad": 1.5}]),
        row(messages=[{"sender": "a", "receiver": "b", "payload": "c", "more": 1}]),
        row(reward_breakdown={"team": "x"}),
        row().replace(b'"forecast": 1.0', b'"forecast": NaN'),
        row().replace(b'"forecast": 1.0', b'"forecast": Infinity'),
        row().replace(b'"forecast": 1.0', b'"forecast": 1e999'),
        row() + b" " + row(),
    ],
)
def test_a_wrong_row_is_refused_even_under_a_right_checksum(file: Path, line: bytes) -> None:
    file.write_bytes(closed(HEADER, row(), line))
    with pytest.raises(ArtifactError, match=r"game\.jsonl, line 3: not a round"):
        read_trajectory(file)


@pytest.mark.parametrize(
    ("footer", "message"),
    [
        (b'{"rows":2,"sha256":"%s"}', "counts 2 rows, the file has 1"),
        (b'{"rows":1,"sha256":"%s","more":0}', "not the closing line"),
        (b'{"rows":1}', "not the closing line"),
        (b'{"rows":1,"sha256":"00"}', "checksum differs"),
    ],
)
def test_a_wrong_closing_line_is_refused(file: Path, footer: bytes, message: str) -> None:
    body = HEADER + b"\n" + row() + b"\n"
    digest = hashlib.sha256(body).hexdigest().encode()
    file.write_bytes(body + footer.replace(b"%s", digest) + b"\n")
    with pytest.raises(ArtifactError, match=f"line 3: .*{message}"):
        read_trajectory(file)


def test_what_is_no_file_is_an_error_of_ours(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.jsonl", tmp_path):
        with pytest.raises(ArtifactError, match="cannot be read as a trajectory") as caught:
            read_trajectory(path)
        assert str(path) in str(caught.value)
        assert isinstance(caught.value.__cause__, OSError)
