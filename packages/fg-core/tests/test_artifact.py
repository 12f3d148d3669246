"""Files are written whole or not at all, whatever fails in between."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from fg_core.artifact import write_atomically


def everything_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_writes_the_bytes_and_leaves_nothing_else(tmp_path: Path) -> None:
    data = bytes(range(256)) * 1000
    write_atomically(tmp_path / "report.bin", data)
    assert (tmp_path / "report.bin").read_bytes() == data
    assert everything_in(tmp_path) == ["report.bin"]


def test_it_takes_text_paths_and_empty_data(tmp_path: Path) -> None:
    write_atomically(str(tmp_path / "empty"), b"")
    assert (tmp_path / "empty").read_bytes() == b""


def test_it_makes_missing_folders(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a" / "b" / "c.json", b"{}")
    assert (tmp_path / "a" / "b" / "c.json").read_bytes() == b"{}"


def test_it_replaces_an_old_file(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_bytes(b"old and much longer than the new one")
    write_atomically(target, b"new")
    assert target.read_bytes() == b"new"


def test_pieces_become_one_file_and_an_error_between_them_leaves_no_rest(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    write_atomically(target, iter([b"a", b"", b"bc"]))
    assert target.read_bytes() == b"abc"

    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(target, pieces())
    assert target.read_bytes() == b"abc"
    assert everything_in(tmp_path) == ["report.json"]


def fails_with(error: BaseException) -> Any:
    def fail(*args: Any, **options: Any) -> NoReturn:
        raise error

    return fail


@pytest.mark.parametrize("step", ["fsync", "replace", "fdopen"])
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), MemoryError()]
)
@pytest.mark.parametrize("old", [b"old", None])
def test_a_failure_leaves_the_old_file_and_no_temporary_one(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    error: BaseException,
    old: bytes | None,
) -> None:
    target = tmp_path / "report.json"
    if old is not None:
        target.write_bytes(old)
    fail = fails_with(error)
    if step == "fdopen":
        # The descriptor is open by then; close it, as nobody else can any more.
        def fail(descriptor: int, mode: str) -> NoReturn:
            os.close(descriptor)
            raise error

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(type(error)):
        write_atomically(target, b"new")
    monkeypatch.undo()
    assert everything_in(tmp_path) == ([] if old is None else ["report.json"])
    if old is not None:
        assert target.read_bytes() == old


def test_a_target_that_is_a_folder_is_an_error_without_rests(tmp_path: Path) -> None:
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    with pytest.raises(OSError, match="folder"):
        write_atomically(tmp_path / "folder", b"x")
    assert everything_in(tmp_path) == ["folder"]


def test_a_parent_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(OSError, match="file"):
        write_atomically(tmp_path / "file" / "report.json", b"x")
    assert (tmp_path / "file").read_bytes() == b"x"


def test_a_folder_that_cannot_be_flushed_does_not_undo_the_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = os.fsync, []

    def second_fails(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) > 1:
            raise OSError(errno.EINVAL, "not on this file system")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", second_fails)
    write_atomically(tmp_path / "report.json", b"new")
    assert (tmp_path / "report.json").read_bytes() == b"new"


def test_the_data_are_on_disk_before_the_name_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda d: (order.append("fsync"), fsync(d))[1])
    monkeypatch.setattr(os, "replace", lambda a, b: (order.append("replace"), replace(a, b))[1])
    write_atomically(tmp_path / "report.json", b"new")
    assert order[:2] == ["fsync", "replace"]


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_permissions_are_those_of_any_new_file(tmp_path: Path) -> None:
    # In a process of its own: the umask belongs to the whole process.
    code = """
        import os, sys
        from fg_core.artifact import write_atomically
        for umask in ("022", "077", "002"):
            os.umask(int(umask, 8))
            write_atomically(os.path.join(sys.argv[1], umask), b"x")
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(tmp_path)], check=True)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"022": 0o644, "077": 0o600, "002": 0o664}


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_a_symbolic_link_stays_one_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "report.json").write_bytes(b"old")
    link = tmp_path / "latest.json"
    link.symlink_to(tmp_path / "real" / "report.json")
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert (tmp_path / "real" / "report.json").read_bytes() == b"new"


def test_a_long_name_is_no_problem(tmp_path: Path) -> None:
    name = "x" * 250
    write_atomically(tmp_path / name, b"new")
    assert everything_in(tmp_path) == [name]


def test_readers_see_the_old_or_the_new_file_and_never_a_part(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    versions = [bytes([65 + i]) * 200_000 for i in range(4)]
    write_atomically(target, versions[0])
    seen, stop = set(), threading.Event()

    def read() -> None:
        while not stop.is_set():
            data = target.read_bytes()
            seen.add((len(data), data[:1], data[-1:]))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for i in range(40):
            write_atomically(target, versions[i % 4])
    finally:
        stop.set()
        reader.join()
    assert seen <= {(200_000, v[:1], v[:1]) for v in versions}
