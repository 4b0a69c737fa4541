"""Models on a hub: the real client against a small hub on this machine, and no byte from elsewhere."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ganvas
from ganvas.base.errors import DataError, MissingExtra
from ganvas.sessions import hub
from ganvas.sessions.found_model import found_model

NAME, COMMIT = "anna/digits", "c0ffee" + 34 * "0"


class Hub(BaseHTTPRequestHandler):
    """What the client asks a hub for: create, preupload, commit, info, tree, and files."""

    protocol_version = "HTTP/1.1"
    files: dict[str, bytes]

    def log_message(self, *_: Any) -> None:
        return

    def answer(self, tree: Any, status: int = 200, **headers: str) -> None:
        data = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.endswith("/repos/create"):
            self.answer({"url": f"https://huggingface.co/{NAME}", "name": NAME})
        elif "/preupload/" in self.path:
            wanted = json.loads(body)["files"]
            self.answer(
                {"files": [{"path": each["path"], "uploadMode": "regular", "shouldIgnore": False} for each in wanted]}
            )
        elif "/commit/" in self.path:
            for line in body.splitlines():
                entry = json.loads(line)
                if entry["key"] == "file":
                    self.files[entry["value"]["path"]] = base64.b64decode(entry["value"]["content"])
            self.answer(
                {"commitUrl": f"https://huggingface.co/{NAME}/commit/{COMMIT}", "commitOid": COMMIT, "success": True}
            )
        else:
            self.answer({})

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        if "/resolve/" in self.path and name in self.files:
            data = self.files[name]
            etag = hashlib.sha256(data).hexdigest()
            self.answer(data, 200, **{"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT})
        elif "/tree/" in self.path:
            self.answer([{"type": "file", "path": n, "size": len(d), "oid": "0"} for n, d in self.files.items()])
        elif self.path.startswith(f"/api/models/{NAME}") and self.files:
            siblings = [{"rfilename": file} for file in self.files]
            self.answer({"id": NAME, "sha": COMMIT, "siblings": siblings, "private": False})
        else:
            self.answer({"error": "Repository not found"}, 404, **{"X-Error-Code": "RepoNotFound"})

    do_HEAD = do_GET


@contextmanager
def served() -> Iterator[tuple[str, dict[str, bytes]]]:
    """The address of a hub, and its files."""
    files: dict[str, bytes] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Mine", (Hub,), {"files": files}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", files
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_model_goes_to_a_hub_and_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hf"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    model = ganvas.load("mnist-demo")
    with served() as (address, files):
        with pytest.raises(DataError, match="hub") as missing:
            hub.downloaded(NAME, endpoint=address)
        assert missing.value.where == f"hf://{NAME}"
        where = model.push_to_hub(NAME, endpoint=address, name="digits", precision="bfloat16")
        assert where.endswith(COMMIT)
        assert set(files) == {"model.json", "model.safetensors", "README.md", "samples.webp"}
        files["evil.py"] = b"print('run me')"
        folder = hub.downloaded(NAME, endpoint=address)
        assert {file.name for file in folder.iterdir()} == set(files) - {"evil.py"}
        assert not any(file.is_symlink() for file in folder.iterdir())
    monkeypatch.setattr("ganvas.sessions.found_model.downloaded", lambda name, revision: folder)
    back = ganvas.load(f"hf://{NAME}")
    np.testing.assert_array_equal(back.sample(4, seed=2), model.sample(4, seed=2))
    assert hub.downloaded(NAME, COMMIT) == folder, "from the cache, when no hub answers"


def test_places_on_a_hub_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def downloaded(name: str, revision: str) -> Path:
        asked.append((name, revision))
        return Path("nowhere")

    monkeypatch.setattr("ganvas.sessions.found_model.downloaded", downloaded)
    for place in ("hf://a/b", Path("hf://a/b"), "hf://a/b@v1"):
        found_model(place)
    found_model("hf://a/b", "v2")
    assert asked == [("a/b", ""), ("a/b", ""), ("a/b", "v1"), ("a/b", "v2")]


def test_without_the_client_its_name_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "huggingface_hub", None)
    with pytest.raises(MissingExtra) as missing:
        hub.downloaded(NAME)
    assert "ganvas[hub]" in missing.value.hint
