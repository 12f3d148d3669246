"""Small datasets, and real plugins in a folder of their own for the command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from fg_backtest import BacktestResult, agents, backtest, cli
from fg_core import Dataset, Observation, Provenance

_SOURCE = """
import threading
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from fg_core import DataError, Dataset, DefenderAgent, Observation, PoolAggregator, Provenance
from fg_core import RandomHits
from fg_core.defenses import defense_from_name
from fg_core.documents import DocumentKind, read_document


class Toy:
    name = "toy"
    lengths = {"a": 90, "b": 90}

    def fetch(self, query, as_of=None):
        Path("fetched").touch()
        found = []
        for series in query.series or ("a", "b"):
            if series not in self.lengths:
                raise DataError(f"source 'toy' has no series {series!r}; it has a, b")
            n = self.lengths[series]
            rng = np.random.default_rng([query.seed, ord(series[0])])
            values = np.cumsum(rng.standard_normal(n))
            for t, value in enumerate(values.tolist()):
                when = datetime(1950 + t // 4, t % 4 * 3 + 1, 1, tzinfo=UTC)
                found.append(Observation(when, value, {}, when, series, "toy"))
        return Dataset(tuple(found), Provenance("toy", "made up", "none", "none"), frequency="Q")


class Broken:
    name = "broken"

    def fetch(self, query, as_of=None):
        raise KeyError("quarter")


class NoSource:
    pass


class Damped:
    role = "defender"

    def load(self, path):
        kind = DocumentKind("toy-damped", 1)
        read_document(path, dict[str, float], kind)
        return DefenderAgent(defense_from_name("dampening"), "damped")


class Rough:
    role = "adversary"

    def load(self, path):
        return RandomHits(size=2.0, name="rough")


class Failing(PoolAggregator):
    def aggregate(self, *args, **kwargs):
        raise RuntimeError("out of ideas")


class Waiting(PoolAggregator):
    def aggregate(self, *args, **kwargs):
        Path("playing").touch()
        threading.Event().wait()
"""

_ENTRY_POINTS = """
[fg_core.sources]
toy = toy_plugins:Toy
toy_broken = toy_plugins:Broken
toy_nothing = toy_plugins:NoSource
[fg_core.policies]
toy_damped = toy_plugins:Damped
toy_rough = toy_plugins:Rough
[fg_core.aggregators]
toy_failing = toy_plugins:Failing
toy_waiting = toy_plugins:Waiting
"""


@pytest.fixture(autouse=True)
def without_fg_agents(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `baselines` play where nobody is named, whether or not fg-agents is installed."""
    monkeypatch.setattr(agents, "default_line_up", lambda: "baselines")


# Ends a test whose child process hangs; nothing else depends on it.
HANGS_SECONDS = 240


@dataclass(frozen=True)
class Command:
    """Runs `python -m fg_backtest` in a folder, with the toy plugins installed."""

    folder: Path
    env: dict[str, str]

    def start(self, *args: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "fg_backtest", *args],
            cwd=self.folder,
            env=self.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A run in the background may ignore Ctrl-C, and its children would inherit that.
            preexec_fn=_heed_ctrl_c,
        )

    def __call__(self, *args: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*args)
        out, err = process.communicate(timeout=HANGS_SECONDS)
        return subprocess.CompletedProcess(args, process.returncode, out, err)


def _heed_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """A real distribution with entry points, found by `importlib.metadata` on PYTHONPATH."""
    plugins, folder = tmp_path / "plugins", tmp_path / "work"
    folder.mkdir()
    info = plugins / "toy_plugins-1.0.dist-info"
    info.mkdir(parents=True)
    (plugins / "toy_plugins.py").write_text(_SOURCE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-plugins\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(_ENTRY_POINTS)
    env = {k: v for k, v in os.environ.items() if k not in ("FRED_API_KEY", "PYTHONWARNINGS")}
    path = os.pathsep.join(filter(None, (str(plugins), env.get("PYTHONPATH"))))
    return Command(folder, {**env, "PYTHONPATH": path})


@pytest.fixture
def here(
    command: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """Play `command` in this process, which has imported everything: a child takes a second."""
    plugins = str(command.folder.with_name("plugins"))
    monkeypatch.syspath_prepend(plugins)
    monkeypatch.chdir(command.folder)
    monkeypatch.delenv("FRED_API_KEY", raising=False)

    def play(*args: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", ["fg-backtest", *args])
        with pytest.raises(SystemExit) as left:
            cli.main()
        assert isinstance(left.value.code, int)
        return subprocess.CompletedProcess(args, left.value.code, *capsys.readouterr())

    yield play
    sys.modules.pop("toy_plugins", None)


MakeDataset = Callable[..., Dataset]


def quarter(t: int) -> datetime:
    return datetime(1950 + t // 4, t % 4 * 3 + 1, 1, tzinfo=UTC)


def ar_values(n: int, seed: int) -> list[float]:
    noise = np.random.default_rng(seed).standard_normal(n)
    values = [2.0]
    for shock in noise[1:].tolist():
        values.append(0.4 + 0.8 * values[-1] + shock)
    return values


@pytest.fixture
def make_dataset() -> MakeDataset:
    """Makes AR(1) series with a context column that leads them by a quarter."""

    def make(n: int = 100, names: tuple[str, ...] = ("a",), **settings: object) -> Dataset:
        rows = []
        for number, name in enumerate(names):
            values = ar_values(n + 1, number)
            for t in range(n):
                context = {"lead": values[t + 1] + 0.5 * float(np.sin(t))}
                rows.append(Observation(quarter(t), values[t], context, quarter(t), name, "test"))
        provenance = Provenance("test", "AR(1) series", "none", "never revised")
        return Dataset(tuple(rows), provenance, frequency="Q", **settings)  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def played() -> BacktestResult:
    """A backtest of two series at two horizons, for tests of what is made of it."""
    rows = []
    for number, name in enumerate(("a", "b")):
        for t, value in enumerate(ar_values(90, number)):
            rows.append(Observation(quarter(t), value, {}, quarter(t), name, "test"))
    provenance = Provenance("test", "AR(1) series", "none", "never revised", notices=("Notice.",))
    dataset = Dataset(tuple(rows), provenance, frequency="Q")
    return backtest(dataset, agents="baselines", horizons=(1, 4), step=10)
