"""Sinks get what the JSON lines say, and none of them can stop a training."""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest

from fg_core.errors import ConfigError
from fg_training import TabledGame, TrainingLoop, WoLFPHCAgent
from fg_training.sinks import MLflowSink, Sinks, TensorBoardSink, TrainingSink, figures_of

NAMES = {"reward", "td_error", "policy_change", "coverage", "clean_loss", "worst_loss"}


def loop() -> TrainingLoop:
    return TrainingLoop(TabledGame.of_matrix([[3, -1], [-2, 1]]), WoLFPHCAgent(1, 2), seed=3)


def scalars(folder: Path) -> dict[str, dict[int, float]]:
    """Read event files as TensorBoard does: records with their length, each an Event."""
    pytest.importorskip("tensorboardX", reason="the extra fg-training[tensorboard] is missing")
    from tensorboardX.proto.event_pb2 import Event

    found: dict[str, dict[int, float]] = {}
    for file in sorted(folder.glob("events.out.tfevents.*"), key=lambda one: one.name):
        data = file.read_bytes()
        while data:
            (size,) = struct.unpack("<Q", data[:8])
            event = Event.FromString(data[12 : 12 + size])
            if event.HasField("session_log"):
                purged = event.step
                found = {
                    name: {step: x for step, x in values.items() if step < purged}
                    for name, values in found.items()
                }
            for value in event.summary.value:
                found.setdefault(value.tag, {})[event.step] = value.simple_value
            data = data[16 + size :]
    return found


def test_tensorboard_shows_what_the_lines_say(tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX", reason="the extra fg-training[tensorboard] is missing")
    training = loop()
    with Sinks([TensorBoardSink(tmp_path / "tb")]) as sinks:
        training.run(5, on_episode=sinks.book)
    training.write_curve(tmp_path / "curve.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "curve.jsonl").read_text().splitlines()]
    shown = scalars(tmp_path / "tb")
    assert set(shown) >= NAMES
    for name, values in shown.items():
        assert values == {row["episode"]: pytest.approx(row[name], rel=1e-6) for row in lines}


def test_what_is_played_again_after_a_resume_takes_the_place_of_what_was(tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX", reason="the extra fg-training[tensorboard] is missing")
    first = TensorBoardSink(tmp_path)
    for episode in (1, 2, 3):
        first.write(episode, {"reward": 1.0})
    first.close()
    again = TensorBoardSink(tmp_path, first_episode=3)
    again.write(3, {"reward": 2.0})
    again.close()
    assert scalars(tmp_path)["reward"] == {1: 1.0, 2: 1.0, 3: 2.0}


class Client:
    """Stands in for `MlflowClient`, which is in no group of ours: it brings forty packages."""

    runs: ClassVar[list[Client]] = []

    def __init__(self, tracking_uri: str) -> None:
        if tracking_uri == "http://refused":
            raise sys.modules["mlflow.exceptions"].MlflowException("no connection\nat all")
        self.uri = tracking_uri
        self.experiments: dict[str, str] = {}
        self.params: dict[str, Any] = {}
        self.metrics: list[Any] = []
        self.ended: list[str] = []
        Client.runs.append(self)

    def get_experiment_by_name(self, name: str) -> Any:
        return None

    def create_experiment(self, name: str) -> str:
        self.experiments[name] = "1"
        return "1"

    def create_run(self, experiment_id: str, run_name: str | None) -> Any:
        return SimpleNamespace(info=SimpleNamespace(run_id=f"run {run_name}"))

    def log_param(self, run_id: str, key: str, value: Any) -> None:
        self.params[key] = value

    def log_batch(self, run_id: str, metrics: Any) -> None:
        self.metrics += [(run_id, one) for one in metrics]

    def set_terminated(self, run_id: str) -> None:
        self.ended.append(run_id)


@pytest.fixture
def mlflow(monkeypatch: pytest.MonkeyPatch) -> type[Client]:
    modules = {
        name: ModuleType(name) for name in ("mlflow", "mlflow.entities", "mlflow.exceptions")
    }
    modules["mlflow"].MlflowClient = Client  # type: ignore[attr-defined]
    modules["mlflow.entities"].Metric = (  # type: ignore[attr-defined]
        lambda key, value, timestamp, step: (key, value, step)
    )
    modules["mlflow.exceptions"].MlflowException = type("MlflowException", (Exception,), {})  # type: ignore[attr-defined]
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(Client, "runs", [])
    monkeypatch.delenv("MLFLOW_DISABLE_TELEMETRY", raising=False)
    return Client


def test_mlflow_gets_settings_and_figures_and_an_end(mlflow: type[Client]) -> None:
    training = loop()
    sink = MLflowSink("sqlite:///runs.db", run="one", settings={"seed": 3})
    with Sinks([sink]) as sinks:
        records = training.run(2, on_episode=sinks.book)
    sink.close()
    (client,) = mlflow.runs
    assert (client.uri, client.params, client.ended) == (
        "sqlite:///runs.db",
        {"seed": 3},
        ["run one"],
    )
    assert client.experiments == {"forecast game": "1"}
    wanted = [
        ("run one", (name, value, record.episode))
        for record in records
        for name, value in figures_of(record).items()
    ]
    assert client.metrics == wanted
    with pytest.raises(ConfigError, match=r"MLflow cannot write to http://refused: no connection$"):
        MLflowSink("http://refused")


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("tensorboardX", "mlflow"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigError, match=r"the extra fg-training\[tensorboard\]: install it from"):
        TensorBoardSink(tmp_path / "tb")
    with pytest.raises(ConfigError, match="install mlflow, or mlflow-skinny"):
        MLflowSink("sqlite:///runs.db")
    assert not (tmp_path / "tb").exists()


class Fails:
    name = "broken"

    def __init__(self) -> None:
        self.told: list[int] = []

    def write(self, episode: int, figures: Mapping[str, float]) -> None:
        self.told.append(episode)
        if episode == 2:
            raise RuntimeError("the disk is full\nsays a library")

    def close(self) -> None:
        raise RuntimeError("still full")


def test_a_sink_that_fails_is_left_out_and_the_training_goes_on() -> None:
    broken, other = Fails(), Fails()
    other.close = lambda: None  # type: ignore[method-assign]
    assert isinstance(broken, TrainingSink)
    with (
        pytest.warns(UserWarning, match="broken could not be closed: RuntimeError: still full"),
        pytest.warns(UserWarning, match="broken failed at episode 2 .* the disk is full$"),
        Sinks([broken]) as sinks,
    ):
        found = loop().run(4, on_episode=sinks.book)
    assert [record.episode for record in found] == [1, 2, 3, 4]
    assert broken.told == [1, 2]
    assert found == loop().run(4)
