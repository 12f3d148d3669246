from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fg_backtest import BacktestResult, read_report
from fg_core import ArtifactError
from fg_core.documents import canonical


@pytest.fixture
def path(played: BacktestResult, tmp_path: Path) -> Path:
    target = tmp_path / "planning" / "report.json"
    played.write(target)
    return target


def resealed(values: dict[str, Any]) -> bytes:
    """Return a report with a checksum that fits, whatever else is wrong with it."""
    values = {key: value for key, value in values.items() if key != "sha256"}
    values["sha256"] = hashlib.sha256(canonical(values)).hexdigest()
    return json.dumps(values).encode()


def test_what_is_written_is_read(played: BacktestResult, path: Path) -> None:
    assert read_report(path) == played.report
    assert BacktestResult.read(path).results_hash == played.results_hash
    assert [p.name for p in path.parent.iterdir()] == ["report.json"]


def test_the_file_is_plain_json_with_everything_in_it(played: BacktestResult, path: Path) -> None:
    values = json.loads(path.read_text())
    assert values == played.to_dict()
    assert (values["format"], values["version"]) == ("forecast-game-backtest", 1)
    assert values["created"].endswith("+00:00")
    assert {"python", "fg-core", "numpy", "scipy"} <= values["versions"].keys()
    assert values["provenance"]["content_hash"]
    assert values["provenance"]["notices"] == ["Notice."]
    origin = values["series"]["a"]["horizons"]["4"]["origins"][0]
    assert origin["origin"] == 54
    assert (origin["period"], origin["target_period"]) == (
        "1963-07-01T00:00:00+00:00",
        "1964-07-01T00:00:00+00:00",
    )
    assert origin["claims"].keys() == {"random_walk", "drift", "ar4", "ar"}
    assert len(origin["ensemble"]["quantiles"]) == len(values["quantile_levels"]) == 5


def test_without_the_origins_the_rest_is_the_same(
    played: BacktestResult, path: Path, tmp_path: Path
) -> None:
    short = tmp_path / "short.json"
    before = played.results_hash
    played.write(short, summary_only=True)
    assert played.results_hash == before  # that of the whole report, which is still at hand
    found = BacktestResult.read(short)
    assert found.results_hash not in (before, "")
    assert found.cell("a", 4).origins is None
    assert found.metrics("a", 4) == played.metrics("a", 4)
    assert found.cell("a", 4).windows == played.cell("a", 4).windows
    whole, values = (json.loads(p.read_text()) for p in (path, short))
    for one in whole["series"].values():
        for cell in one["horizons"].values():
            cell["origins"] = None
    assert values["series"] == whole["series"]
    assert short.stat().st_size < path.stat().st_size / 4


def test_the_file_is_written_as_canonical_json_by_line(path: Path) -> None:
    """The bytes by the recipe in the documentation, put together here by plain json."""
    values = json.loads(path.read_text())
    lines = [
        json.dumps({key: values[key]}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        for key in sorted(values)
    ]
    text = "{\n" + ",\n".join(line[1:-1] for line in lines) + "\n}\n"
    assert path.read_bytes() == text.encode()


def test_anyone_can_check_the_checksum(path: Path) -> None:
    """By the recipe in the documentation, and nothing of ours."""
    report = json.loads(path.read_text())
    stated = report.pop("sha256")
    text = json.dumps(report, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == stated


@given(share=st.floats(0.0, 1.0, exclude_max=True))
@settings(
    max_examples=settings.default.max_examples // 2,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_truncated_report_is_refused(path: Path, share: float) -> None:
    whole = path.read_bytes().rstrip()
    short = path.with_name("short.json")
    short.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ArtifactError, match=r"short\.json: "):
        read_report(short)


@given(share=st.floats(0.0, 1.0, exclude_max=True), bit=st.integers(0, 7))
@settings(
    max_examples=settings.default.max_examples // 2,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_flipped_bit_is_noticed(
    played: BacktestResult, path: Path, share: float, bit: int
) -> None:
    data = bytearray(path.read_bytes())
    data[int(share * len(data))] ^= 1 << bit
    damaged = path.with_name("damaged.json")
    damaged.write_bytes(data)
    try:
        found = read_report(damaged)
    except ArtifactError:
        return
    assert found == played.report  # white space, or another way to say the same


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: {**v, "version": 2}, "version 2, and this fg-backtest reads version 1"),
        (lambda v: {**v, "version": "1"}, "version '1'"),
        (lambda v: {**v, "format": "forecast-game-trajectory"}, "not a backtest report"),
        (lambda v: {**v, "seed": "seven"}, r"Expected `int`, got `str` - at `\$\.seed`"),
        (lambda v: {**v, "extra": 1}, "unknown field `extra`"),
        (lambda v: {k: x for k, x in v.items() if k != "summary"}, "missing .* field `summary`"),
    ],
)
def test_a_report_of_another_form_is_refused(
    path: Path, change: Callable[[dict[str, Any]], dict[str, Any]], message: str
) -> None:
    path.write_bytes(resealed(change(json.loads(path.read_text()))))
    with pytest.raises(ArtifactError, match=message):
        read_report(path)


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"{}", b"\xff", b"[" * 100_000, b"[NaN]"])
def test_what_is_no_report_is_refused(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(ArtifactError):
        read_report(path)


def test_a_changed_figure_is_noticed(path: Path) -> None:
    values = json.loads(path.read_text())
    values["summary"]["contenders"]["ensemble"]["mean_skill"] = 0.99
    path.write_text(json.dumps(values))
    with pytest.raises(ArtifactError, match="altered or damaged, its checksum is"):
        read_report(path)


def test_no_file_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_report(tmp_path / "none.json")


def test_a_number_that_json_has_not_is_never_written(
    played: BacktestResult, tmp_path: Path
) -> None:
    report = msgspec.structs.replace(played.report, configuration={"x": float("nan")})
    with pytest.raises(ValueError, match="not JSON compliant"):
        BacktestResult(report).write(tmp_path / "report.json")
    assert list(tmp_path.iterdir()) == []


def test_the_hash_of_results_is_over_results_alone(played: BacktestResult) -> None:
    later = msgspec.structs.replace(played.report, created="2100-01-01T00:00:00+00:00", versions={})
    assert BacktestResult(later).results_hash == played.results_hash
    series = {"a": played.report.series["a"]}
    fewer = msgspec.structs.replace(played.report, series=series)
    assert BacktestResult(fewer).results_hash != played.results_hash
