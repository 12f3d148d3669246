from __future__ import annotations

import logging
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_data.http import Pace, shared_pace, turn_file
from fg_data.http.turn_file import TurnFile


class FakeClock:
    """The clock of a machine, which every process of it sees."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40)), min_size=1, max_size=12))
def test_turns_of_several_processes_are_spaced(
    tmp_path_factory: pytest.TempPathFactory, asked: list[tuple[int, int]]
) -> None:
    clock = FakeClock()
    path = tmp_path_factory.mktemp("turns") / "host"
    # A pace per process; what they have in common is the file.
    paces = [Pace(1.5, clock, clock.sleep, TurnFile(path, clock)) for _ in range(3)]
    turns: list[float] = []
    for process, gap in asked:
        clock.sleep(gap / 10)
        before = clock.now
        paces[process].wait()
        earliest = max(before, turns[-1] + 1.5) if turns else before
        assert clock.now == pytest.approx(earliest)
        turns.append(clock.now)


def test_a_pause_holds_for_the_other_process_too(tmp_path: Path) -> None:
    clock = FakeClock()
    one, other = (Pace(1.0, clock, clock.sleep, TurnFile(tmp_path / "host", clock)) for _ in "ab")
    one.wait()
    one.hold(30.0)
    other.wait()
    assert clock.now == pytest.approx(30.0)


def test_those_that_wait_already_hear_of_a_pause(tmp_path: Path) -> None:
    clock = FakeClock()
    path = tmp_path / "host"
    pauses = [30.0]

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        while pauses:  # another process is refused while this one sleeps
            TurnFile(path, clock).hold(pauses.pop())

    pace = Pace(1.0, clock, sleep, TurnFile(path, clock))
    pace.wait()
    pace.wait()
    assert clock.now == pytest.approx(31.0)


@pytest.mark.parametrize("content", ["", "nonsense", "12", "1e12 0.0", "nan 0.0", "1 2 3"])
def test_a_file_that_makes_no_sense_is_begun_anew(tmp_path: Path, content: str) -> None:
    path = tmp_path / "host"
    path.write_text(content, encoding="ascii")
    turns = TurnFile(path, lambda: 100.0)
    assert turns.reserve(0.0, 0.5) == 0.0
    assert turns.reserve(0.0, 0.5) == 0.5


def test_without_a_folder_turns_are_those_of_the_process(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="ascii")
    turns = TurnFile(tmp_path / "file" / "host", lambda: 100.0)
    with caplog.at_level(logging.WARNING):
        assert [turns.reserve(0.25, 0.5), turns.reserve(0.75, 0.5)] == [0.25, 0.75]
    assert len(caplog.records) == 1
    assert "other processes do not know" in caplog.text


def test_a_folder_of_another_user_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(turn_file.os, "getuid", lambda: tmp_path.stat().st_uid + 1, raising=False)
    turns = TurnFile(tmp_path / "host", lambda: 100.0)
    assert [turns.reserve(0.0, 0.5), turns.reserve(0.0, 0.5)] == [0.0, 0.0]
    assert "belongs to another user" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_services_on_this_machine_are_not_counted() -> None:
    assert shared_pace("127.0.0.1:8080", {}).shared is None
    one, other = (shared_pace("turns.example.org", {"key": key}).shared for key in "ab")
    assert one is not None
    assert other is not None
    assert one.path != other.path
    assert "turns.example.org" in one.path.name


@pytest.mark.slow
def test_real_processes_share_turns(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from fg_data.http.turn_file import TurnFile
        turns = TurnFile(Path(sys.argv[1]), now=lambda: 1000.0)
        for _ in range(50):
            print(turns.reserve(0.0, 1.0))
        """
    )
    arguments = [sys.executable, "-c", program, str(tmp_path / "host")]
    processes = [subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    turns = [float(line) for one in processes for line in one.communicate()[0].splitlines()]
    # The clock stands still, so that each turn is one second after another's.
    assert sorted(turns) == [float(number) for number in range(150)]
