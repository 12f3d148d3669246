"""Saved policies: the loader follows from the format, and the agent sits where its role says."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from fg_core import (
    AgentRegistry,
    ConfigError,
    DefenderAgent,
    ForecastGame,
    ForecastState,
    ProbabilisticForecast,
    RandomHits,
    RandomWalk,
    SimulationConfig,
)
from fg_core.defenses import defense_from_name
from fg_core.documents import DocumentKind, write_document
from fg_core.errors import ArtifactError, PluginLoadError, UnknownPluginError
from fg_core.plugins import refresh
from fg_core.policies import Policy, load_policies, load_policy
from fg_core.testing import ConstantForecaster
from fg_core.testing.fakes import PlainAggregator

_LOADERS = """
from dataclasses import dataclass

from fg_core.documents import DocumentKind, read_document
from fg_core.testing import ConstantForecaster


class Loader:
    role = "forecaster"

    def load(self, path):
        kind = DocumentKind("made-up-table", 1)
        return ConstantForecaster(**read_document(path, dict[str, float], kind))


class NoRole:
    def load(self, path):
        return ConstantForecaster()


class WrongRole:
    role = "correction"

    def load(self, path):
        return ConstantForecaster()
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Path]:
    """A distribution with loaders, found by `importlib.metadata` as any other is."""
    info = tmp_path / "made_up-1.0.dist-info"
    info.mkdir()
    (tmp_path / "made_up_policies.py").write_text(_LOADERS)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[fg_core.policies]\nmade_up_table = made_up_policies:Loader\n"
        "made_up_no_role = made_up_policies:NoRole\n"
        "made_up_wrong_role = made_up_policies:WrongRole\n"
    )
    sys.path.insert(0, str(tmp_path))
    refresh()
    yield tmp_path
    sys.path.remove(str(tmp_path))
    sys.modules.pop("made_up_policies", None)
    refresh()


def saved(path: Path, kind: str = "made-up-table", **content: float) -> Path:
    write_document(path, content, DocumentKind(kind, 1))
    return path


def test_the_format_of_a_file_names_its_loader(site: Path) -> None:
    path = saved(site / "mine.json", delta=0.25, scale=2.0)
    found = load_policy(path)
    assert (found.name, found.role) == ("mine", "forecaster")
    assert found.agent == ConstantForecaster(0.25, 2.0)
    assert load_policy(found) is found


def test_every_way_in_which_a_file_is_wrong_is_one_line_that_names_it(site: Path) -> None:
    good = saved(site / "good.json", delta=0.25)
    altered = site / "altered.json"
    altered.write_text(good.read_text().replace("0.25", "0.26"))
    half = site / "half.json"
    half.write_bytes(good.read_bytes()[:40])
    anything = site / "anything.json"
    anything.write_text(json.dumps({"delta": 0.25}))
    other = saved(site / "other.json", kind="forecast-game-report")
    for path, kind, text in (
        (site / "missing.json", ArtifactError, "there is no policy file"),
        (site, ArtifactError, "cannot be read"),
        (altered, ArtifactError, "its checksum is wrong"),
        (half, ArtifactError, "is damaged"),
        (anything, ArtifactError, "no document with a format field"),
        (other, UnknownPluginError, "has the format 'forecast-game-report': no plugin 'report'"),
        (other, UnknownPluginError, "fg-training brings more"),
    ):
        with pytest.raises(kind, match=text) as caught:
            load_policy(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["made-up-no-role", "made-up-wrong-role"])
def test_a_loader_whose_agent_cannot_play_is_an_error(site: Path, kind: str) -> None:
    with pytest.raises(PluginLoadError, match=kind.replace("-", "_")):
        load_policy(saved(site / "policy.json", kind=kind))


@dataclass(frozen=True)
class Lifted:
    """An aggregator that adds to what another says, and the correction that makes it."""

    by: float
    pool: Any = None
    name: str = "lifted"

    def correcting(self, pool: Any) -> Any:
        return replace(self, pool=pool)

    def start(self, names: Any, window: Any, horizons: Any) -> Any:
        return replace(self, pool=self.pool.start(names, window, horizons))

    def aggregate(self, state: Any, actions: Any, **options: Any) -> Any:
        found = self.pool.aggregate(state, actions, **options)
        parts = replace(found.components, means=found.components.means + self.by)
        return ProbabilisticForecast.from_components(parts)

    def update(self, outcome: Any) -> Any:
        return self


AGENTS = AgentRegistry(
    (RandomWalk(),), (RandomHits(),), (DefenderAgent(defense_from_name("clipping"), "fixed"),)
)


def test_each_role_has_its_place() -> None:
    trained = DefenderAgent(defense_from_name("dampening"), "trained")
    hits = replace(RandomHits(), name="hits")
    found = AGENTS.with_policies(
        Policy(ConstantForecaster(), "forecaster", "f"),
        Policy(trained, "defender", "d"),
        Policy(hits, "adversary", "a"),
        Policy(Lifted(3.0), "correction", "c"),
    )
    assert found.forecasters == (RandomWalk(), ConstantForecaster())
    assert found.defenders == (trained,)
    assert found.adversaries == (RandomHits(), hits)
    assert found.aggregator == Lifted(3.0, AGENTS.aggregator)
    assert AGENTS.with_policies() == AGENTS


def test_a_correction_moves_the_forecast_that_the_game_issues() -> None:
    config = SimulationConfig(horizon=3, disturbance_prob=0.0, enable_refactor=False)
    bare = AgentRegistry((RandomWalk(),), aggregator=PlainAggregator())
    start = ForecastState(0, 10.0, 0.0, 0.0)
    means = [
        [step.forecast for step in ForecastGame(config, registry=agents).run(start).steps]
        for agents in (bare, bare.with_policies(Policy(Lifted(3.0), "correction", "c")))
    ]
    assert [with_it - without for without, with_it in zip(*means, strict=True)] == [3.0] * 3


def test_what_cannot_play_together_is_refused() -> None:
    one = Policy(DefenderAgent(), "defender", "one")
    with pytest.raises(ConfigError, match="one and two are trained alone, as defender"):
        AGENTS.with_policies(one, replace(one, name="two"))
    with pytest.raises(ConfigError, match="two policies are named 'one'"):
        AGENTS.with_policies(one, one)
    with pytest.raises(ConfigError, match="agent names must differ"):
        AGENTS.with_policies(Policy(RandomWalk(), "forecaster", "walk"))
    with pytest.raises(ConfigError, match="role of a policy must be one of"):
        Policy(DefenderAgent(), "guard", "one")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="cannot play as correction"):
        Policy(DefenderAgent(), "correction", "one")
    with pytest.raises(ConfigError, match="policies must be a list of files"):
        load_policies("policy.json")
