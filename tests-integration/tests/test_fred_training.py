"""The training set of FRED in a backtest, and the bare command with a key: no network, no proxy."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fg_backtest import backtest
from fg_core import Provenance
from fg_data import FRED_NOTICE, FredSeriesSet, FredTrainingDataBuilder, VintageHistory
from fg_data.fred.synthetic import synthetic_history, synthetic_metadata

KEY = "abcdefghijklmnopqrstuvwxyz012345"
NAMES = ("CPIAUCSL", "GDP", "UNRATE", "FEDFUNDS", "T10YIE")


@dataclass
class Service:
    """Answers for FRED, with histories that look like its own."""

    has_key: bool = True
    api_key: str = KEY

    def fetch_multi_series(self, series, *, release_lag=None):
        histories = {}
        for name in series:
            whole = synthetic_history(name, 5)
            prints = tuple(p for p in whole.prints if p.period >= datetime(2008, 1, 1, tzinfo=UTC))
            histories[name] = VintageHistory(name, whole.frequency, whole.units, prints)
        metadata = {name: synthetic_metadata(name) for name in series}
        provenance = Provenance("fred", "", "", "", notices=(FRED_NOTICE,))
        return FredSeriesSet(histories, metadata, {}, provenance)


@pytest.fixture
def cache(tmp_path):
    made = FredTrainingDataBuilder(Service(), cache_dir=tmp_path / "cache").build()
    assert made.path == tmp_path / "cache" / "fred_training.json"
    return made


@pytest.mark.slow
def test_every_series_of_the_training_set_can_be_played(cache):
    result = backtest(cache.dataset, step=60, refit_every=24, nonnegative=False)
    assert set(result.report.series) == set(NAMES)
    assert result.report.provenance.is_synthetic is False
    for name in NAMES:
        metrics = result.metrics(name, 1)
        assert metrics["ensemble"].n > 10
        assert metrics["ensemble"].crps > 0.0
    # Rates are persistent, so the random walk is hard to beat; growth is not, so it is easy.
    assert (
        result.metrics("CPIAUCSL", 1)["ensemble"].crps
        < result.metrics("CPIAUCSL", 1)["random_walk"].crps
    )


@pytest.mark.slow
def test_the_bare_command_with_a_key_uses_it(cache, tmp_path):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("FRED_", "FG_"))}
    env |= {"FRED_API_KEY": KEY, "FG_OFFLINE": "1", "FG_CACHE_DIR": str(tmp_path / "cache")}
    args = ["--series", "UNRATE,GDP", "--refit-every", "24"]
    done = subprocess.run(
        [sys.executable, "-m", "fg_backtest", *args],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert FRED_NOTICE in " ".join(done.stdout.split())
    assert "FALLBACK" not in done.stdout
    text = Path(tmp_path / "planning" / "backtest_report.json").read_text()
    of = json.loads(text)["provenance"]
    assert (of["source"], of["is_synthetic"], of["fallback_for"]) == ("fred_training", False, "")
    assert FRED_NOTICE in of["notices"]
    assert of["series"] == ["UNRATE", "GDP"]
    assert KEY not in text + done.stdout


def bare(folder, *args, **more):
    """Play the bare command without a key; return what it said and the provenance it wrote."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("FRED_", "FG_"))}
    done = subprocess.run(
        [sys.executable, "-m", "fg_backtest", "--refit-every", "24", *args],
        cwd=folder,
        env={**env, **more},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0
    report = json.loads((folder / "planning" / "backtest_report.json").read_text())
    return done, report["provenance"], report["series"]


@pytest.mark.slow
def test_without_a_key_the_same_command_says_so_and_uses_what_is_made_up(cache, tmp_path):
    done, of, series = bare(tmp_path, "--series", "UNRATE,GDP")
    assert done.stderr.startswith("fg-backtest: warning: no FRED_API_KEY")
    assert done.stderr.count("\n") == 1
    assert "FALLBACK: these data stand in for 'fred_training'." in done.stdout
    assert "SYNTHETIC" in done.stdout
    # As with a key, GDP is quarterly and the figures are growth.
    assert series["UNRATE"]["rows"] > 2.9 * series["GDP"]["rows"]
    assert of["units"]["GDP"].startswith("% a year, log growth of: ")


@pytest.mark.slow
def test_without_a_key_and_offline_the_bare_command_uses_what_is_kept(cache, tmp_path):
    kept = {"FG_OFFLINE": "1", "FG_CACHE_DIR": str(tmp_path / "cache")}
    done, of, _ = bare(tmp_path, "--series", "GDP", **kept)
    assert done.stderr == ""
    assert (of["source"], of["is_synthetic"], of["fallback_for"]) == ("fred_training", False, "")
