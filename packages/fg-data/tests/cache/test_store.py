from __future__ import annotations

import hashlib
import json
import os
import threading
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from fg_core import ConfigError, DataError, ForecastGameError, SourceError
from fg_core.errors import SourceKeyError, SourceUnavailableError, UnknownSeriesError
from fg_data.cache import CacheKey, CacheStore, CacheWarning, Format, inventory
from fg_data.cache.store import utc_now

KEY = CacheKey("fred", ("GDP",), "history")
DAY = timedelta(days=1)


@dataclass
class Clock:
    now: datetime = datetime(2024, 5, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Numbers:
    values: tuple[float, ...]
    made_up: bool = False


def from_content(content: list[float]) -> Numbers:
    if len(content) > 3:
        raise DataError("too many numbers")
    return Numbers(tuple(content))


NUMBERS: Format[Numbers] = Format(
    "toy-numbers",
    1,
    list[float],
    lambda numbers: list(numbers.values),
    from_content,
    lambda numbers: numbers.made_up,
    lambda numbers: DAY,
)
TEXTS: Format[str] = Format("toy-text", 1, str, str, str, lambda _: False, lambda _: None)


class Service:
    """Counts how often it is asked; answers with a number that goes up, or fails."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.fails: ForecastGameError | None = None

    def __call__(self) -> Numbers:
        self.asked.append(("it",))
        if self.fails:
            raise self.fails
        return Numbers((float(len(self.asked)),))

    def many(self, names: Sequence[str]) -> dict[str, Numbers | ForecastGameError]:
        self.asked.append(tuple(names))
        return {
            name: DataError("no such series") if name == "bad" else Numbers((float(len(name)),))
            for name in names
        }


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> CacheStore:
    return CacheStore(tmp_path / "cache", clock=clock)


@pytest.fixture
def service() -> Service:
    return Service()


def test_fetched_once_and_again_when_it_is_too_old(
    store: CacheStore, clock: Clock, service: Service
) -> None:
    first = store.get(KEY, NUMBERS, service)
    assert (first.value, first.age) == (Numbers((1.0,)), timedelta(0))
    clock.now += DAY
    again = store.get(KEY, NUMBERS, service)
    assert (again.value, again.age) == (Numbers((1.0,)), DAY)
    assert again.fetched_at == first.fetched_at
    clock.now += timedelta(seconds=1)
    assert store.get(KEY, NUMBERS, service).value == Numbers((2.0,))
    assert len(service.asked) == 2


def test_a_past_vintage_never_gets_old(store: CacheStore, clock: Clock, service: Service) -> None:
    forever = replace(NUMBERS, max_age=lambda _: None)
    store.get(KEY, forever, service)
    clock.now += 4000 * DAY
    assert store.get(KEY, forever, service).value == Numbers((1.0,))


def test_age_is_that_of_the_record_and_not_of_the_file(
    store: CacheStore, clock: Clock, service: Service
) -> None:
    path = store.get(KEY, NUMBERS, service).path
    clock.now += 2 * DAY
    os.utime(path, (2e9, 2e9))
    assert store.get(KEY, NUMBERS, service).value == Numbers((2.0,))
    os.utime(path, (0, 0))
    assert store.get(KEY, NUMBERS, service).value == Numbers((2.0,))


def test_a_record_from_the_future_is_fetched_again(
    store: CacheStore, clock: Clock, service: Service
) -> None:
    store.get(KEY, NUMBERS, service)
    clock.now -= DAY
    assert store.get(KEY, NUMBERS, service).value == Numbers((2.0,))


def test_refresh_fetches_what_is_fresh(store: CacheStore, service: Service) -> None:
    store.get(KEY, NUMBERS, service)
    assert replace(store, refresh=True).get(KEY, NUMBERS, service).value == Numbers((2.0,))


def test_other_keys_do_not_meet(store: CacheStore, service: Service) -> None:
    store.get(KEY, NUMBERS, service)
    other = replace(KEY, vintage="2020-01-01")
    assert store.get(other, NUMBERS, service).value == Numbers((2.0,))
    assert store.get(KEY, NUMBERS, service).value == Numbers((1.0,))


def test_what_lies_under_a_fixed_name_must_be_what_was_asked_for(
    store: CacheStore, service: Service
) -> None:
    named = replace(KEY, file="fred_training.json")
    store.get(named, NUMBERS, service)
    other = replace(named, transformation="level")
    assert store.get(other, NUMBERS, service).value == Numbers((2.0,))
    assert store.get(named, NUMBERS, service).value == Numbers((3.0,))


# ------------------------------------------------------------------------------- offline


def test_offline_answers_with_any_age(store: CacheStore, clock: Clock, service: Service) -> None:
    store.get(KEY, NUMBERS, service)
    clock.now += 300 * DAY
    found = replace(store, offline=True, refresh=True).get(KEY, NUMBERS, service)
    assert (found.value, found.age) == (Numbers((1.0,)), 300 * DAY)
    assert len(service.asked) == 1


def test_offline_says_what_is_missing(store: CacheStore, service: Service) -> None:
    keys = {name: replace(KEY, series=(name,)) for name in ("GDP", "CPIAUCSL", "UNRATE")}
    store.get(keys["GDP"], NUMBERS, service)
    offline = replace(store, offline=True)
    with pytest.raises(DataError, match=r"offline, .*CPIAUCSL from 'fred'; .*UNRATE from 'fred';"):
        offline.get_many(keys, NUMBERS, service.many)
    path = store.path(keys["GDP"])
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DataError, match=r"GDP from 'fred' \(.* is damaged"):
        offline.get(keys["GDP"], NUMBERS, service)
    assert path.exists()


# ------------------------------------------------------------------------------- outages


def test_an_outage_is_bridged_by_what_is_kept_and_said(
    store: CacheStore, clock: Clock, service: Service
) -> None:
    store.get(KEY, NUMBERS, service)
    clock.now += 5 * DAY
    service.fails = SourceUnavailableError("no answer within 30 s")
    with pytest.warns(CacheWarning, match="no answer .* using what was fetched 5 days ago"):
        found = store.get(KEY, NUMBERS, service)
    assert (found.value, found.outage) == (Numbers((1.0,)), "no answer within 30 s")


@pytest.mark.parametrize("refresh", [False, True])
def test_a_sign_in_page_or_a_refusal_is_bridged_too(
    store: CacheStore, clock: Clock, service: Service, refresh: bool
) -> None:
    store.get(KEY, NUMBERS, service)
    clock.now += 0 * DAY if refresh else 5 * DAY
    service.fails = SourceError("sends 'text/html' (a web page)")
    with pytest.warns(CacheWarning, match=r"a web page\); using what was fetched .*--offline"):
        found = replace(store, refresh=refresh).get(KEY, NUMBERS, service)
    assert (found.value, found.outage) == (Numbers((1.0,)), str(service.fails))


@pytest.mark.parametrize(
    "error", [SourceKeyError("no such key"), UnknownSeriesError("no such series")]
)
def test_what_the_user_must_mend_is_never_bridged(
    store: CacheStore, clock: Clock, service: Service, error: ForecastGameError
) -> None:
    store.get(KEY, NUMBERS, service)
    clock.now += 5 * DAY
    service.fails = error
    with pytest.raises(type(error), match="no such"):
        store.get(KEY, NUMBERS, service)
    keys = {"GDP": KEY}
    with pytest.warns(CacheWarning, match="fetched 5 days ago is kept, and used offline"):
        _, errors = store.get_many(keys, NUMBERS, lambda names: dict.fromkeys(names, error))
    assert errors == {"GDP": error}


def test_an_outage_with_nothing_kept_is_an_error(store: CacheStore, service: Service) -> None:
    service.fails = SourceUnavailableError("no answer")
    with pytest.raises(SourceUnavailableError, match="no answer"):
        store.get(KEY, NUMBERS, service)


def test_an_error_that_is_no_outage_is_never_bridged(
    store: CacheStore, clock: Clock, service: Service
) -> None:
    store.get(KEY, NUMBERS, service)
    clock.now += 5 * DAY
    service.fails = DataError("The series does not exist.")
    with pytest.raises(DataError, match="does not exist"):
        store.get(KEY, NUMBERS, service)


def test_of_several_only_what_is_missing_is_asked_for_and_errors_stay_apart(
    store: CacheStore, service: Service
) -> None:
    keys = {name: replace(KEY, series=(name,)) for name in ("a", "bad", "ccc")}
    store.get(keys["a"], NUMBERS, service)
    found, errors = store.get_many(keys, NUMBERS, service.many)
    assert service.asked[1:] == [("bad", "ccc")]
    assert {name: one.value.values for name, one in found.items()} == {"a": (1.0,), "ccc": (3.0,)}
    assert list(errors) == ["bad"]
    with pytest.raises(ConfigError, match="keys of one source are wanted, got fred, other"):
        store.get_many({"a": KEY, "b": replace(KEY, source="other")}, NUMBERS, service.many)


# ------------------------------------------------------------------------------- damage


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b"[1.0]", b"[9.0]"),
        lambda data: data.replace(b'"version":1', b'"version":9'),
        lambda data: b"",
        lambda data: b"\xff" * 20,
        lambda data: b"[" * 100_000,
        lambda data: data.replace(KEY.digest.encode(), b"0" * 12),
    ],
)
def test_a_damaged_file_is_set_aside_and_fetched_again(
    store: CacheStore, service: Service, damage: Any
) -> None:
    path = store.get(KEY, NUMBERS, service).path
    for number in (1, 2):
        damaged = damage(path.read_bytes().replace(b"[2.0]", b"[1.0]"))
        path.write_bytes(damaged)
        with pytest.warns(CacheWarning, match=f"set aside as .*damaged-{number}, and is fetched"):
            found = store.get(KEY, NUMBERS, service)
        assert found.value == Numbers((float(number + 1),))
        assert path.with_name(f"{path.name}.damaged-{number}").read_bytes() == damaged
    assert store.get(KEY, NUMBERS, service).value == Numbers((3.0,))


def test_a_content_that_makes_no_sense_is_damage(store: CacheStore) -> None:
    wrong = replace(NUMBERS, to_content=lambda _: [1.0, 2.0, 3.0, 4.0])
    store.get(KEY, wrong, lambda: Numbers((1.0,)))
    with pytest.warns(CacheWarning, match="is damaged: too many numbers"):
        assert store.get(KEY, NUMBERS, lambda: Numbers((5.0,))).value == Numbers((5.0,))


def rewritten(path: Path, content: dict[str, Any]) -> None:
    """Write a file of the cache with other content, and a checksum that is right."""
    envelope = json.loads(path.read_text())
    body = json.dumps({**envelope["content"], **content}).encode()
    envelope["sha256"] = hashlib.sha256(body).hexdigest()
    head = json.dumps({k: v for k, v in envelope.items() if k != "content"})[:-1].encode()
    path.write_bytes(head + b',"content":' + body + b"}")


def test_a_content_that_nests_deeply_is_damage_with_the_right_checksum_too(
    store: CacheStore, service: Service
) -> None:
    nested = replace(NUMBERS, content=Any)
    path = store.get(KEY, nested, service).path
    assert path is not None
    text = path.read_text()
    deep = "[" * 50_000 + "]" * 50_000
    body = text[text.index('"content":') + 10 : -2].replace("[1.0]", deep)
    digest = hashlib.sha256(body.encode()).hexdigest()
    head = text[: text.index('"sha256"')]
    path.write_text(f'{head}"sha256":"{digest}","content":{body}}}\n')
    assert store.peek(KEY, nested) is None
    with pytest.warns(CacheWarning, match="is damaged: .*set aside"):
        assert store.get(KEY, nested, service).value == Numbers((2.0,))
    # What a look at its head tells of such a file, `fg-data list` lists.
    path.write_text(f'{{"unknown":{deep}}}')
    (entry,) = [one for one in inventory(store.folder, utc_now()) if not one.path.count("damaged")]
    assert entry.damage.startswith("cannot be read")


def test_a_file_of_another_series_is_set_aside(store: CacheStore, service: Service) -> None:
    named = replace(NUMBERS, series=lambda numbers: ("GDP",) if numbers.values < (9.0,) else ("X",))
    path = store.path(KEY)
    store.get(KEY, named, service)
    rewritten(path, {"value": [9.0]})
    with pytest.raises(DataError, match=r"offline, .*holds another series: X"):
        replace(store, offline=True).get(KEY, named, service)
    with pytest.warns(CacheWarning, match="holds another series: X; it was set aside"):
        assert store.get(KEY, named, service).value == Numbers((2.0,))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_place_of_a_file_is_damage_and_not_waited_for(
    store: CacheStore, service: Service
) -> None:
    path = store.path(KEY)
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    with pytest.warns(CacheWarning, match="is damaged: it is no regular file"):
        assert store.get(KEY, NUMBERS, service).value == Numbers((1.0,))


# ------------------------------------------------------------------------------- secrets, made-up


def test_made_up_numbers_are_never_kept_under_a_real_name(store: CacheStore) -> None:
    with pytest.raises(ConfigError, match="made-up numbers cannot be kept under the source 'fred'"):
        store.get(KEY, NUMBERS, lambda: Numbers((1.0,), made_up=True))
    with pytest.raises(ConfigError, match=r"real numbers cannot be kept under .* 'synthetic'"):
        store.get(replace(KEY, source="synthetic"), NUMBERS, lambda: Numbers((1.0,)))
    assert list(store.folder.rglob("*.json")) == []


def test_a_made_up_file_that_was_moved_to_a_real_name_is_refused(store: CacheStore) -> None:
    made_up = replace(KEY, source="synthetic", file="synthetic.json")
    store.get(made_up, NUMBERS, lambda: Numbers((1.0,), made_up=True))
    real = replace(KEY, file="real.json")
    text = store.path(made_up).read_text().replace(made_up.digest, real.digest)
    envelope = json.loads(text)
    body = text[text.index('"content":') + 10 : -2]
    envelope["sha256"] = hashlib.sha256(body.encode()).hexdigest()
    head = json.dumps({k: v for k, v in envelope.items() if k != "content"})[:-1]
    store.path(real).write_text(f'{head},"content":{body}}}\n')
    with pytest.warns(CacheWarning, match="made-up numbers are under a real name"):
        assert store.get(real, NUMBERS, lambda: Numbers((7.0,))).value == Numbers((7.0,))


def test_a_secret_is_blotted_out_wherever_it_stands(store: CacheStore) -> None:
    secret = "abcdefghijklmnopqrstuvwxyz012345"
    wary = replace(store, secrets=lambda: (secret, ""))
    path = wary.get(KEY, TEXTS, lambda: f"see https://x/?api_key={secret}&y").path
    assert secret not in path.read_text()
    assert wary.get(KEY, TEXTS, str).value == "see https://x/?api_key=***&y"


# ------------------------------------------------------------------------------- locks, folders


def test_threads_that_ask_at_once_ask_the_service_once(store: CacheStore) -> None:
    asked, gate = [], threading.Barrier(6)
    found: list[Numbers] = []

    def slow() -> Numbers:
        asked.append(1)
        time.sleep(0.05)  # so that others ask meanwhile; all is right if they do not, too
        return Numbers((1.0,))

    def ask(refresh: bool) -> None:
        gate.wait(240)
        found.append(replace(store, clock=utc_now, refresh=refresh).get(KEY, NUMBERS, slow).value)

    threads = [threading.Thread(target=ask, args=(n % 2 == 0,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    assert found == [Numbers((1.0,))] * 6
    assert len(asked) == 1


def test_a_lock_that_is_held_too_long_is_an_error_with_a_remedy(
    store: CacheStore, service: Service
) -> None:
    locks = store.folder / ".locks"
    locks.mkdir(parents=True)
    with FileLock(locks / "fred.lock"):
        with pytest.raises(DataError, match=r"another process .* 'fred' .* 0.05 seconds; wait"):
            replace(store, lock_timeout=0.05).get(KEY, NUMBERS, service)
        other = replace(KEY, source="oecd")
        assert replace(store, lock_timeout=0.05).get(other, NUMBERS, service).value.values == (1.0,)


def test_a_hit_needs_no_lock_and_writes_nothing(store: CacheStore, service: Service) -> None:
    store.get(KEY, NUMBERS, service)
    before = {path: path.stat().st_mtime_ns for path in store.folder.rglob("*")}
    with FileLock(store.folder / ".locks" / "fred.lock"):
        assert replace(store, lock_timeout=0.01).get(KEY, NUMBERS, service).value.values == (1.0,)
    after = {path: path.stat().st_mtime_ns for path in store.folder.rglob("*.json")}
    assert after.items() <= before.items()


def test_leftovers_of_a_killed_writer_are_swept_and_nothing_else(
    store: CacheStore, service: Service
) -> None:
    path = store.path(KEY)
    path.parent.mkdir(parents=True)
    ours = path.with_name(f".{path.name}.0123456789abcdef.tmp")
    other = path.with_name(".other.json.0123456789abcdef.tmp")
    for left in (ours, other):
        left.write_text("half")
    store.get(KEY, NUMBERS, service)
    assert not ours.exists()
    assert other.exists()


@pytest.mark.parametrize("inside", ["cache", "cache/x"])
def test_a_folder_that_cannot_be_costs_the_cache_and_not_the_answer(
    tmp_path: Path, service: Service, inside: str
) -> None:
    (tmp_path / "cache").write_text("a file")
    store = CacheStore(tmp_path / inside, clock=Clock())
    with pytest.warns(CacheWarning, match="cannot be written: .* name another folder"):
        found = store.get(KEY, NUMBERS, service)
    assert (found.value, found.path) == (Numbers((1.0,)), None)
    assert (tmp_path / "cache").read_text() == "a file"


def test_a_disk_that_fills_leaves_the_old_file_and_the_answer(
    store: CacheStore, clock: Clock, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.get(KEY, NUMBERS, service)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    clock.now += 2 * DAY
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.warns(CacheWarning, match="cannot be written: No space left on device"):
            assert store.get(KEY, NUMBERS, service).value == Numbers((2.0,))
    kept = store.peek(KEY, NUMBERS)
    assert kept is not None
    assert kept.value == Numbers((1.0,))
    assert len(list(store.folder.rglob("*.tmp"))) == 0


def test_no_warning_on_the_good_paths(store: CacheStore, service: Service) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first = store.get(KEY, NUMBERS, service)
        again = store.get(KEY, NUMBERS, service)
    assert (again.value, again.fetched_at) == (first.value, first.fetched_at)
