"""Learning curves in TensorBoard and MLflow, beside the JSON lines that are the truth.

A sink is told the figures of each episode while training goes on. Nothing depends on one: what it
is told stands in `curve.jsonl` too, and one that fails is left out with a warning. None is open
unless it is asked for, and none asks the network unless it is given an address there.
"""

from __future__ import annotations

import math
import os
import time
import warnings
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, runtime_checkable

from fg_core.errors import ConfigError
from fg_core.plugins import INSTALL_HINT

__all__ = ["MLflowSink", "Sinks", "TensorBoardSink", "TrainingSink", "figures_of", "open_sinks"]


@runtime_checkable
class TrainingSink(Protocol):
    """Where the figures of a training go, beside its JSON lines.

    `write(episode, figures)` is called once per episode, in their order; all figures are finite.
    `close()` is called at the end, also of a training that failed, and may be called twice.
    """

    @property
    def name(self) -> str:
        """Name in messages."""
        ...

    def write(self, episode: int, figures: Mapping[str, float]) -> None:
        """Write the figures of an episode."""
        ...

    def close(self) -> None:
        """Write what is left, and let go of files and connections."""
        ...


def figures_of(record: Any) -> dict[str, float]:
    """Return the figures of an episode by name, without its number.

    Args:
        record: record of an episode, a dataclass such as `EpisodeRecord`.

    Returns:
        Its fields that are finite numbers; one of None was not computed.

    >>> from fg_training import EpisodeRecord
    >>> figures_of(EpisodeRecord(3, -0.5, 0.1, 0.0, 1.0, 0.4, 0.6, 0.6, math.inf))["reward"]
    -0.5
    """
    found = {name: value for name, value in asdict(record).items() if name != "episode"}
    return {
        name: float(value)
        for name, value in found.items()
        if isinstance(value, int | float) and math.isfinite(value)
    }


class TensorBoardSink:
    """Writes scalars that `tensorboard --logdir FOLDER` shows; TensorFlow is not needed for it.

    Args:
        folder: folder of the event files, which is made.
        first_episode: first episode that is written; what was written of it and of later ones
            before, by a training that is resumed from an earlier checkpoint, no longer counts.

    Raises:
        ConfigError: tensorboardX is not installed.
        OSError: The folder cannot be written to.
    """

    name = "TensorBoard"

    def __init__(self, folder: str | os.PathLike[str], *, first_episode: int = 1) -> None:
        try:
            from tensorboardX import SummaryWriter
        except ImportError as error:
            raise ConfigError(
                "TensorBoard needs tensorboardX, the extra fg-training[tensorboard]: "
                f"{INSTALL_HINT}"
            ) from error
        Path(folder).mkdir(parents=True, exist_ok=True)
        # Names have the second in them: two files of one second must not be one.
        suffix = f".{len(list(Path(folder).iterdir()))}"
        self._writer: Any = SummaryWriter(
            os.fspath(folder), purge_step=first_episode, filename_suffix=suffix
        )

    def write(self, episode: int, figures: Mapping[str, float]) -> None:
        """Write the figures of an episode."""
        for name, value in figures.items():
            self._writer.add_scalar(name, value, episode)

    def close(self) -> None:
        """Write what is left, and close the file."""
        self._writer.close()


class MLflowSink:
    """Writes a run of MLflow: settings as parameters, figures of each episode as metrics.

    MLflow is no dependency of ours, not even an optional one, since it brings some forty packages:
    `mlflow` or `mlflow-skinny` has to be installed. Its telemetry is turned off unless its own
    settings turn it on.

    Args:
        uri: address of the store: that of a server, or `sqlite:///runs.db`, which needs the whole
            `mlflow`.
        experiment: name of the experiment, which is made where it is not there.
        run: name of the run.
        settings: settings of the training, written as parameters.

    Raises:
        ConfigError: MLflow is not installed, or the store refuses.
    """

    name = "MLflow"

    def __init__(
        self,
        uri: str,
        *,
        experiment: str = "forecast game",
        run: str = "",
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        try:
            from mlflow import MlflowClient
            from mlflow.entities import Metric
            from mlflow.exceptions import MlflowException
        except ImportError as error:
            raise ConfigError(
                "MLflow is not installed, and no extra of ours brings it: install mlflow, or "
                "mlflow-skinny where a server has the store"
            ) from error
        self._metric = Metric
        try:
            self._client: Any = MlflowClient(tracking_uri=uri)
            there = self._client.get_experiment_by_name(experiment)
            where = there.experiment_id if there else self._client.create_experiment(experiment)
            self._run = self._client.create_run(where, run_name=run or None).info.run_id
            for name, value in (settings or {}).items():
                self._client.log_param(self._run, name, value)
        except (MlflowException, OSError) as error:
            raise ConfigError(f"MLflow cannot write to {uri}: {_first_line(error)}") from error
        self._open = True

    def write(self, episode: int, figures: Mapping[str, float]) -> None:
        """Write the figures of an episode."""
        now = int(time.time() * 1000)
        metrics = [self._metric(name, value, now, episode) for name, value in figures.items()]
        self._client.log_batch(self._run, metrics=metrics)

    def close(self) -> None:
        """End the run."""
        if self._open:
            self._open = False
            self._client.set_terminated(self._run)


class Sinks:
    """Several sinks as one, as a context: all are closed at its end.

    A sink that fails is told nothing more, and a warning says so: the training goes on.

    Args:
        sinks: sinks, possibly none.

    >>> with Sinks(()) as sinks:
    ...     sinks.book(None)
    """

    def __init__(self, sinks: Iterable[TrainingSink]) -> None:
        self._sinks = list(sinks)
        self._all = ExitStack()
        for sink in self._sinks:
            self._all.callback(self._closed, sink)

    def book(self, record: Any) -> None:
        """Tell all sinks of an episode.

        Args:
            record: record of the episode, as `TrainingLoop.run` hands it to `on_episode`.
        """
        for sink in tuple(self._sinks):
            try:
                sink.write(record.episode, figures_of(record))
            except Exception as error:  # noqa: BLE001 - whatever a stranger's library raises
                self._sinks.remove(sink)
                warnings.warn(
                    f"{sink.name} failed at episode {record.episode} and is left out; the curve "
                    f"has all figures: {type(error).__name__}: {_first_line(error)}",
                    stacklevel=2,
                )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._all.close()

    @staticmethod
    def _closed(sink: TrainingSink) -> None:
        try:
            sink.close()
        except Exception as error:  # noqa: BLE001 - as above
            warnings.warn(
                f"{sink.name} could not be closed: {type(error).__name__}: {_first_line(error)}",
                stacklevel=2,
            )


def open_sinks(
    *,
    tensorboard: str | None = None,
    mlflow: str | None = None,
    run: str = "",
    settings: Mapping[str, Any] | None = None,
    first_episode: int = 1,
) -> Sinks:
    """Open the sinks that are asked for.

    Args:
        tensorboard: folder for TensorBoard; None: none.
        mlflow: address of a store of MLflow; None: none.
        run: name of the run.
        settings: settings of the training.
        first_episode: first episode that is played; above 1 where a training is resumed.

    Returns:
        The sinks, none where none is asked for.

    Raises:
        ConfigError: A package is missing, or a store refuses.
        OSError: A folder cannot be written to.
    """
    found: list[TrainingSink] = []
    if tensorboard is not None:
        found.append(TensorBoardSink(tensorboard, first_episode=first_episode))
    if mlflow is not None:
        found.append(MLflowSink(mlflow, run=run, settings=settings))
    return Sinks(found)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0]
