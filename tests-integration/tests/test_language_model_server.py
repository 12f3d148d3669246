"""Our clients against a real server: answers held to a schema, cut, late, recorded, in a game.

The server is llama.cpp with a tiny model of random weights. Nothing is downloaded: the model is
written here. It is a Llama of two layers whose vocabulary is the 256 bytes, so it can say anything
that a schema lets it say, and means nothing by it.
"""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fg_core import AgentRegistry, ForecastGame, Observation, ReplayWorld, SimulationConfig
from fg_core.agents import RefiningAgent
from fg_core.baselines import RandomWalk
from fg_llm import OllamaRefactorClient
from fg_llm.answers import ADJUSTMENT_LIMIT, read_adjustment
from fg_llm.client import (
    AnswerCutError,
    ChatModel,
    ChatReply,
    ChatRequest,
    ModelError,
    ModelMissingError,
    ModelServerError,
    ModelTimeoutError,
    OllamaChat,
    OpenAIChat,
    RecordedModel,
    ScriptedModel,
)
from fg_llm.refiner import Caps, RecursiveStrategyRefiner, Refinement
from fg_llm.testing import biased_outcomes

pytestmark = pytest.mark.language_model


WIDTH, LAYERS, HEADS, FORWARD, CONTEXT = 64, 2, 4, 128, 12_288


def write_model(path: Path) -> None:
    """Write a Llama of random weights in the GGUF format."""
    gguf = pytest.importorskip("gguf")
    rng = np.random.default_rng(0)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    kind = gguf.TokenType
    # The space has a token of its own: the tokenizer writes it as U+2581.
    words = [b"<unk>", b"<s>", b"</s>", *(b"<0x%02X>" % i for i in range(256)), b"\xe2\x96\x81"]
    kinds = [kind.UNKNOWN, kind.CONTROL, kind.CONTROL, *[kind.BYTE] * 256, kind.NORMAL]
    writer.add_vocab_size(len(words))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(words)
    writer.add_token_scores([0.0] * len(words))
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(
        "{% for m in messages %}{{ m['role'] }}:\n{{ m['content'] }}\n{% endfor %}"
        "{% if add_generation_prompt %}assistant:\n{% endif %}"
    )

    def random(name: str, *shape: int, scale: float = 0.2) -> None:
        writer.add_tensor(name, (rng.standard_normal(shape) * scale).astype(np.float32))

    def ones(name: str) -> None:
        writer.add_tensor(name, np.ones(WIDTH, np.float32))

    random("token_embd.weight", len(words), WIDTH, scale=1.0)
    random("output.weight", len(words), WIDTH)
    ones("output_norm.weight")
    for i in range(LAYERS):
        ones(f"blk.{i}.attn_norm.weight")
        ones(f"blk.{i}.ffn_norm.weight")
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            random(f"blk.{i}.{part}.weight", WIDTH, WIDTH)
        random(f"blk.{i}.ffn_gate.weight", FORWARD, WIDTH)
        random(f"blk.{i}.ffn_up.weight", FORWARD, WIDTH)
        random(f"blk.{i}.ffn_down.weight", WIDTH, FORWARD)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.fixture(scope="session")
def v1(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a llama.cpp server whose model is called `tiny`."""
    xllamacpp = pytest.importorskip("xllamacpp")
    path = tmp_path_factory.mktemp("model") / "tiny.gguf"
    write_model(path)
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.model_alias = {"tiny"}
    params.n_ctx = CONTEXT
    params.n_parallel = 1
    params.cpuparams.n_threads = 1
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.warmup = False
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server


class AsOllama(BaseHTTPRequestHandler):
    """Answers `/api/chat` and `/api/tags` in Ollama's form by asking the `/v1` server."""

    v1 = ""

    def do_GET(self) -> None:
        if self.path == "/api/tags":
            self._send(200, {"models": [{"name": "tiny", "model": "tiny"}]})
        else:
            self._send(404, {"error": "not found"})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if asked["model"] != "tiny":
            self._send(404, {"error": f"model '{asked['model']}' not found"})
            return
        options = asked["options"]
        body = {
            "model": "tiny",
            "messages": asked["messages"],
            "max_tokens": options["num_predict"],
            "seed": options["seed"],
            "temperature": options["temperature"],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": asked["format"]},
            },
        }
        request = urllib.request.Request(
            f"{self.v1}/chat/completions",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request) as response:
                found = json.loads(response.read())
        except urllib.error.HTTPError as error:
            self._send(error.code, {"error": json.loads(error.read())["error"]["message"]})
            return
        (choice,) = found["choices"]
        text = {"role": "assistant", "content": choice["message"]["content"]}
        end = {"role": "assistant", "content": ""}
        self._send(
            200,
            {"model": "tiny", "message": text, "done": False},
            {
                "model": "tiny",
                "message": end,
                "done": True,
                "done_reason": choice["finish_reason"],
                "prompt_eval_count": found["usage"]["prompt_tokens"],
                "eval_count": found["usage"]["completion_tokens"],
            },
        )

    def log_message(self, *_: Any) -> None:
        """Say nothing of each request."""

    def _send(self, status: int, *lines: Any) -> None:
        body = b"".join(json.dumps(one).encode() + b"\n" for one in lines)
        self.send_response(status)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="session")
def ollama(v1: str) -> Iterator[str]:
    """Return the address of the same model behind Ollama's own interface."""
    handler = type("Handler", (AsOllama,), {"v1": v1})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(params=["ollama", "v1"])
def model(request: pytest.FixtureRequest) -> ChatModel:
    """Return a client of the real server, by each of its two interfaces."""
    address = request.getfixturevalue(request.param)
    made = OllamaChat if request.param == "ollama" else OpenAIChat
    return made("tiny", host=address, temperature=1.0, answer_tokens=200)


def adjustment(kind: str = "integer", *, sample: int = 0, **bounds: int) -> ChatRequest:
    properties = {"nonce": {"enum": ["k3"]}, "adjust_milli": {"type": kind, **bounds}}
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return ChatRequest("Correct forecasts.", '{"nonce": "k3"}', schema, sample)


PROSE = ChatRequest(
    "Say much.",
    "{}",
    {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
)


def test_the_server_is_there_with_its_model(model: Any) -> None:
    assert model.available() == ""
    assert "other" in replace(model, model="other").available()


def test_whole_numbers_are_held_to_their_bounds(model: ChatModel) -> None:
    found = [
        read_adjustment(model.ask(adjustment(sample=i, minimum=-100, maximum=100)).text, "k3")
        for i in range(20)
    ]
    assert {one.note for one in found} == {""}
    assert len({one.value for one in found}) > 3
    assert all(abs(one.value) <= ADJUSTMENT_LIMIT for one in found)


def test_numbers_are_not_and_are_clamped(model: ChatModel) -> None:
    found = []
    for i in range(20):
        try:
            text = model.ask(adjustment("number", sample=i, minimum=-100, maximum=100)).text
        except (AnswerCutError, ModelServerError):
            continue  # a number without an end
        found.append(read_adjustment(text, "k3"))
    assert any(one.note for one in found)
    assert all(abs(one.value) <= ADJUSTMENT_LIMIT for one in found)


def test_equal_questions_get_equal_answers_of_one_slot(model: Any) -> None:
    request = adjustment(minimum=-100, maximum=100)
    assert len({model.ask(request).text for _ in range(3)}) == 1


def test_an_answer_that_is_cut_is_none(model: Any) -> None:
    with pytest.raises((AnswerCutError, ModelServerError)):
        replace(model, answer_tokens=12).ask(PROSE)


def test_a_model_that_takes_too_long_is_given_up(model: Any) -> None:
    with pytest.raises(ModelTimeoutError):
        replace(model, answer_tokens=3000, timeout=0.01).ask(PROSE)


def test_a_model_that_is_not_there_is_named(ollama: str) -> None:
    with pytest.raises(ModelMissingError, match="'other'"):
        OllamaChat("other", host=ollama).ask(adjustment())


def test_a_record_replays_what_the_server_said(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    live = RecordedModel(model, path)
    requests = [adjustment(sample=i, minimum=-100, maximum=100) for i in range(5)]
    said = [live.ask(one) for one in requests]

    silent = ScriptedModel(lambda _: pytest.fail("asked"), name=model.name)
    replayed = RecordedModel(silent, path, "replay-only")
    assert [replayed.ask(one) for one in requests] == said


@dataclass
class Counted:
    """A model that counts, and one made to repeat the nonce, which random weights never do."""

    inner: Any
    echoes: bool
    outcomes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.inner.name} echoes={self.echoes}"

    def ask(self, request: ChatRequest) -> ChatReply:
        schema = json.loads(json.dumps(dict(request.schema)))
        if self.echoes:
            schema["properties"]["nonce"] = {"enum": [json.loads(request.user)["nonce"]]}
        try:
            reply = self.inner.ask(replace(request, schema=schema))
        except ModelError as error:
            self.outcomes.append(type(error).__name__)
            raise
        self.outcomes.append("answered")
        return reply


def forecasts(model: Counted | None) -> list[float]:
    """Return a walk's forecasts of a series that rises, with a refiner every five rounds."""
    values = (1.0 + np.random.default_rng(7).standard_normal(60)).cumsum()
    days = [datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=i) for i in range(len(values))]
    world = ReplayWorld(
        tuple(
            Observation(day, float(value), {}, day, "s", "test")
            for day, value in zip(days, values, strict=True)
        )
    )
    seat = None if model is None else RefiningAgent(OllamaRefactorClient(model), every=5)
    agents = AgentRegistry((RandomWalk(),), refactorer=seat)
    game = ForecastGame(SimulationConfig(), registry=agents)
    return [step.forecast for step in game.run(world.initial_state(20), world=world).steps]


def test_in_a_game_it_moves_forecasts_within_limits(model: Any) -> None:
    plain, asked = forecasts(None), Counted(model, echoes=True)

    moved = np.array(forecasts(asked)) - plain

    assert asked.outcomes.count("answered") >= 5
    assert set(asked.outcomes) == {"answered"}
    assert moved.any()
    # Scales of these forecasts are below 2.
    assert abs(moved).max() <= len(asked.outcomes) * ADJUSTMENT_LIMIT * 2.0


def test_in_a_game_answers_to_other_questions_change_nothing(model: Any) -> None:
    asked = Counted(model, echoes=False)

    assert forecasts(asked) == forecasts(None)
    assert len(asked.outcomes) >= 5


def test_programs_are_held_to_their_schema_and_to_their_leash(model: Any, tmp_path: Path) -> None:
    calls = tmp_path / "calls.jsonl"
    asked = Counted(replace(model, answer_tokens=3000), echoes=True)

    def refined(answers: ChatModel) -> Refinement:
        refiner = RecursiveStrategyRefiner(answers, caps=Caps(rounds=2))
        return refiner.refine([biased_outcomes(0.0, 96)])

    found = refined(RecordedModel(asked, calls))

    assert asked.outcomes.count("answered") >= 4
    assert found.strategy is None  # nothing to correct, and nothing meant
    # What the schema allows is at least a list of nodes, whatever the operands are.
    assert not any("bad_answer" in one.why for one in found.report.proposals)
    assert not any("unknown_op" in one.why for one in found.report.proposals)
    silent = ScriptedModel(lambda _: pytest.fail("asked"), name=asked.name)
    assert refined(RecordedModel(silent, calls, "replay-only")) == found
