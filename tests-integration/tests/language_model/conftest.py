"""A real language-model server on this machine: llama.cpp with a tiny model of random weights.

Nothing is downloaded: the model is written here. It is a Llama of two layers whose vocabulary is
the 256 bytes, so it can say anything that a schema lets it say, and means nothing by it.
"""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

WIDTH, LAYERS, HEADS, FORWARD, CONTEXT = 64, 2, 4, 128, 4096


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
