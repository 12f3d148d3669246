"""Every plugin that is installed keeps the promises of its protocol."""

import json

import pytest
from werkzeug import Request, Response

from fg_core import ForecastState, Query, Registry, TrainingWindow
from fg_core.plugins import GROUPS
from fg_core.testing import CHECKS, plugin_names
from fg_data import HistorySource
from fg_training import (
    ATTACK_CELLS,
    CORRECTION_CELLS,
    PRINT_CELLS,
    TableAdversary,
    TableDefender,
    TableForecaster,
    save_adversary,
    save_defender,
    save_forecaster,
)

# What takes longest. All but the first two conform in their packages' own tests, in every run.
SLOW = (
    *("fred_training", "hybrid"),
    *("arima", "xgboost", "reconciled", "macro", "default", "pool_of_pools", "fred", "process"),
    *("haskell", "haskellrlm"),
    "recursive",
)

ASK_A_SERVER = ("ollama", "ollama_chat", "chat", "llm", "recursive")


def asks_the_network(group, name):
    """Whether a source asks a service whatever the settings; it conforms in its own tests."""
    if group != "fg_core.sources":
        return False
    made = Registry(group).load(name)()
    return isinstance(made, HistorySource) and not made.service.key_variable


def is_slow(group, name):
    return name in SLOW or group == "fg_core.scenarios"


INSTALLED = [
    pytest.param(group, name, marks=pytest.mark.slow if is_slow(group, name) else ())
    for group in GROUPS
    for name in plugin_names(group)
    if not asks_the_network(group, name)
]


def one_percent_up(request: Request) -> Response:
    """Answer as an Ollama server, or one of the `/v1` kind, that always proposes the same."""
    told = json.loads(json.loads(request.get_data())["messages"][1]["content"])
    program = [{"op": "num", "milli": 10}]
    answer = {"prog": program} if "proposal" in told else {"adjust_milli": 10}
    said = json.dumps({"nonce": told["nonce"], **answer})
    message = {"role": "assistant", "content": said}
    choice = {"message": message, "finish_reason": "stop"}
    body = {"model": "m", "message": message, "done": True, "choices": [choice]}
    return Response(json.dumps(body) + "\n")


def test_every_group_has_a_check():
    assert set(CHECKS) == set(GROUPS)


@pytest.mark.filterwarnings("ignore:FRED_API_KEY is not set")
@pytest.mark.parametrize(("group", "name"), INSTALLED, ids=lambda part: part.split(".")[-1])
def test_it_conforms(group, name, tmp_path, monkeypatch, httpserver):
    monkeypatch.delenv("FRED_API_KEY", raising=False)  # no test asks the network
    monkeypatch.setenv("FG_CACHE_DIR", str(tmp_path / "cache"))
    if name in ASK_A_SERVER:
        for path in ("/api/chat", "/v1/chat/completions"):
            httpserver.expect_request(path).respond_with_handler(one_percent_up)
        monkeypatch.setenv("OLLAMA_HOST", httpserver.url_for(""))
        monkeypatch.setenv("OPENAI_BASE_URL", httpserver.url_for("/v1"))
    made = Registry(group).load(name)()
    if (group, name) == ("fg_core.sources", "file"):  # it wants to know which
        path = tmp_path / "table.csv"
        rows = (f"{s},{2000 + t}Q1,{t * t % 7}\n" for s in "ab" for t in range(12))
        path.write_text("unique_id,ds,y\n" + "".join(rows))
        CHECKS[group](made, Query(location=str(path)))
    elif getattr(made, "group", "") == "demand":  # it refuses values below zero
        values = [t * t % 7 * (t % 3 == 0) * 1.0 for t in range(66)]
        states = [
            ForecastState(t, values[t], 0.0, 0.0, history=tuple(values[:t])) for t in range(59, 64)
        ]
        CHECKS[group](made, window=TrainingWindow(values[:60], end_t=59), states=states)
    elif group == "fg_core.policies":  # and these what was saved
        path = tmp_path / "policy.json"
        if name == "table_defender":
            save_defender(path, TableDefender((0.5,) * PRINT_CELLS.n_cells))
            CHECKS[group](made, str(path), "defender")
        elif name == "table_adversary":
            rows = ((0.5, 0.5),) * ATTACK_CELLS.n_cells
            save_adversary(path, TableAdversary(rows, (0.0, 1.0)))
            CHECKS[group](made, str(path), "adversary")
        else:
            save_forecaster(path, TableForecaster((0.5,) * CORRECTION_CELLS.n_cells))
            CHECKS[group](made, str(path), "correction")
    else:
        CHECKS[group](made)


def test_what_this_version_promises_is_there():
    sources = {"bis", "file", "fred", "fred_training", "gpr", "hybrid"}
    sources |= {"imf", "oecd", "polymarket", "synthetic", "us_macro"}
    assert sources <= set(Registry("fg_core.sources").names())
    assert {"pool", "bayesian", "ensemble"} <= set(Registry("fg_core.aggregators").names())
    forecasters = set(Registry("fg_core.forecasters").names())
    assert {"random_walk", "drift", "seasonal_naive", "ar", "equal_weights"} <= forecasters
    assert {"arima", "ets", "theta", "local_level"} <= forecasters
    assert {"bottom_up", "top_down", "reconciled"} <= forecasters
