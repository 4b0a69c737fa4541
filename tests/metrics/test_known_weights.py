"""Published weights: found in every place, refused where they are not what they should be, converted without running
anything of theirs.
"""

import hashlib
import http.server
import json
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.request import build_opener

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from typer.testing import CliRunner

from ganvas.base.errors import CheckFailed, DataError, ResourceError, UsageError
from ganvas.cli.weights import weights_app
from ganvas.metrics import known_weights
from ganvas.metrics.known_weights import INCEPTION, PUBLISHED, MissingWeights, PublishedWeights
from ganvas.networks.inception import InceptionV3
from ganvas.weights import converter
from ganvas.weights import manage as application
from published import random_state
from traps import Trap


def tensors() -> dict[str, Tensor]:
    g = torch.Generator().manual_seed(0)
    return {
        "conv.weight": torch.randn(4, 3, 3, 3, generator=g).to(memory_format=torch.channels_last),
        "count": torch.tensor(7),
    }


def saved(content: object) -> bytes:
    out = BytesIO()
    torch.save(content, out)
    return out.getvalue()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def known(data: bytes, *urls: str) -> PublishedWeights:
    return PublishedWeights(
        "small", "Small-1", sha256(data), len(data), {f"small-{place}.pth": url for place, url in enumerate(urls)}
    )


@pytest.fixture(autouse=True)
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty torch.hub cache, and no $GANVAS_WEIGHTS."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.delenv("GANVAS_WEIGHTS", raising=False)
    folder = tmp_path / "torch" / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


# --- where weights are searched


def test_places_are_asked_in_the_order_that_is_promised(
    hub: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, own = tmp_path / "named.safetensors", tmp_path / "folder"
    own.mkdir()
    for path in (named, own / INCEPTION.converted[0], hub / INCEPTION.converted[1]):
        path.touch()
    assert known_weights.find_weights(INCEPTION) == hub / INCEPTION.converted[1]
    monkeypatch.setenv("GANVAS_WEIGHTS", str(own))
    assert known_weights.find_weights(INCEPTION) == own / INCEPTION.converted[0]
    (own / INCEPTION.converted[0]).unlink()
    assert known_weights.find_weights(INCEPTION) == hub / INCEPTION.converted[1]
    monkeypatch.setenv("GANVAS_WEIGHTS", str(named))
    assert known_weights.find_weights(INCEPTION) == named
    assert known_weights.find_weights(INCEPTION, str(hub)) == hub / INCEPTION.converted[1]


@pytest.mark.parametrize("name", list(INCEPTION.published))
def test_weights_in_the_cache_under_either_name_need_converting_first(hub: Path, name: str) -> None:
    (hub / name).touch()
    with pytest.raises(MissingWeights, match=f"{name} is not yet converted.*ganvas weights convert .*{name}") as error:
        known_weights.find_weights(INCEPTION)
    assert error.value.exit_code == 4


def test_missing_weights_say_all_that_is_needed(hub: Path) -> None:
    with pytest.raises(MissingWeights) as error:
        known_weights.find_weights(INCEPTION)
    said = str(error.value)
    for needed in (
        "Inception-2015-12-05",
        *INCEPTION.converted,
        str(hub),
        "91 MiB",
        INCEPTION.sha256,
        "https://github.com/",
        "ganvas weights download inception",
    ):
        assert needed in said
    assert INCEPTION.sha256.startswith("6726825d")


def test_places_that_were_named_must_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="no weights at this place"):
        known_weights.find_weights(INCEPTION, str(tmp_path / "none"))
    monkeypatch.setenv("GANVAS_WEIGHTS", str(tmp_path / "none"))
    with pytest.raises(DataError, match=r"GANVAS_WEIGHTS"):
        known_weights.find_weights(INCEPTION)


# --- reading them


def test_the_fingerprint_is_of_the_tensors_not_of_the_file(tmp_path: Path) -> None:
    state = tensors()
    one, other = tmp_path / "one.safetensors", tmp_path / "other.safetensors"
    save_file({name: value.contiguous() for name, value in state.items()}, one)
    save_file({name: value.contiguous() for name, value in reversed(state.items())}, other, {"more": "words"})
    assert one.read_bytes() != other.read_bytes()
    assert (
        known_weights.read_weights(one).sha256
        == known_weights.read_weights(other).sha256
        == known_weights.tensors_sha256(state)
    )
    changed = {**state, "count": torch.tensor(8)}
    renamed = {"conv.weights": state["conv.weight"], "count": state["count"]}
    shaped = {**state, "conv.weight": state["conv.weight"].reshape(4, 27)}
    assert len({known_weights.tensors_sha256(each) for each in (state, changed, renamed, shaped)}) == 4


def test_a_damaged_file_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_file({"a": torch.zeros(8)}, path, {"tensors_sha256": known_weights.tensors_sha256({"a": torch.zeros(8)})})
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"\x01")
    with pytest.raises(CheckFailed, match="damaged"):
        known_weights.read_weights(path)
    for torn in (whole[:-5], whole[:5], b"", b"PK\x03\x04" * 9):
        path.write_bytes(torn)
        with pytest.raises(DataError, match="cannot be read as safetensors"):
            known_weights.read_weights(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weight": None}, "weight is missing"),
        ({"more": torch.zeros(1)}, "more is unknown"),
        ({"weight": torch.zeros(2, 4)}, r"weight is float32 \[2, 4\], not float32 \[2, 3\]"),
        ({"bias": torch.zeros(2, dtype=torch.float16)}, r"bias is float16 \[2\], not float32"),
        ({"bias": torch.tensor([1.0, float("nan")])}, "bias is not finite"),
    ],
)
def test_weights_of_another_network_are_refused(change: dict[str, Tensor | None], said: str) -> None:
    state = {"weight": torch.ones(2, 3), "bias": torch.zeros(2), "num_batches_tracked": torch.tensor(3)}
    with torch.device("meta"):
        empty = nn.Linear(3, 2)
    assert known_weights.load_into(empty, state, what="a line", where="here")(torch.ones(1, 3)).tolist() == [[3, 3]]
    wrong = {name: value for name, value in {**state, **change}.items() if value is not None}
    with pytest.raises(DataError, match=said):
        known_weights.load_into(nn.Linear(3, 2), wrong, what="a line", where="here")


# --- converting them


def test_the_command_converts_a_file_of_ones_own(tmp_path: Path) -> None:
    data = saved(tensors())
    file = tmp_path / "own file.pth"
    file.write_bytes(data)
    done = CliRunner().invoke(weights_app, ["convert", str(file), "--sha256", sha256(data).upper()])
    assert done.exit_code == 0, done.exception
    made = tmp_path / "own file.safetensors"
    assert str(made) in done.output
    with safe_open(made, framework="pt") as read:
        assert {name: read.get_tensor(name).tolist() for name in read.keys()} == {  # noqa: SIM118
            name: value.tolist() for name, value in tensors().items()
        }
        assert read.metadata() == {
            "source_sha256": sha256(data),
            "tensors_sha256": known_weights.tensors_sha256(tensors()),
        }
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "own file.pth",
        "own file.safetensors",
    ]
    with pytest.raises(UsageError, match="a file of this name already"):
        application.convert_to_safetensors(file, sha256=sha256(data))


def test_the_hash_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is started for a file whose hash is not known."""
    monkeypatch.setattr(application, "run_converter", lambda *args: pytest.fail("it was read"))
    own, published = tmp_path / "own.pth", tmp_path / "pt_inception-2015-12-05-6726825d.pth"
    for path in (own, published):
        path.write_bytes(saved(tensors()))
    with pytest.raises(UsageError, match=r"does not know this file.*--sha256"):
        application.convert_to_safetensors(own)
    with pytest.raises(DataError, match=r"not the published file: .* with 6726825d.*https://github.com/mseitzer"):
        application.convert_to_safetensors(published)
    with pytest.raises(DataError, match="its sha256 is"):
        application.convert_to_safetensors(own, sha256="0" * 64)
    with pytest.raises(UsageError, match="no SHA-256"):
        application.convert_to_safetensors(own, sha256="6726825d")
    with pytest.raises(DataError, match="no such file"):
        application.convert_to_safetensors(tmp_path / "none.pth")
    os.mkfifo(tmp_path / "pipe.pth")
    for path in (tmp_path / "pipe.pth", Path("/dev/zero"), tmp_path):
        with pytest.raises(DataError, match="no such file"):
            application.convert_to_safetensors(path, sha256="0" * 64)


def test_a_file_is_read_as_weights_within_limits(tmp_path: Path) -> None:
    (tmp_path / "vast.safetensors").touch()
    os.truncate(tmp_path / "vast.safetensors", known_weights.FILE_BYTES + 1)
    os.mkfifo(tmp_path / "pipe.safetensors")
    for path in (tmp_path / "vast.safetensors", tmp_path / "pipe.safetensors", Path("/dev/zero")):
        with pytest.raises(DataError, match=path.name):
            known_weights.read_weights(path)
    with pytest.raises(DataError, match="too large"):
        application.convert_to_safetensors(tmp_path / "vast.safetensors")


def test_a_file_is_not_written_through_a_link_that_waits_for_it(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("precious")
    (tmp_path / f".weights.{os.getpid()}").symlink_to(tmp_path / "outside")
    with application.atomic_file(tmp_path / "weights") as working:
        working.write_text("new")
    assert ((tmp_path / "weights").read_text(), (tmp_path / "outside").read_text()) == ("new", "precious")


class Hostile:
    """What it would do if it were unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch '{self.path}'",)


def refused(tmp_path: Path, data: bytes, said: str) -> None:
    file = tmp_path / "hostile.pth"
    file.write_bytes(data)
    with pytest.raises(DataError, match=said):
        application.convert_to_safetensors(file, sha256=sha256(data))
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["hostile.pth"]


def test_nothing_of_a_hostile_file_is_run(tmp_path: Path) -> None:
    refused(
        tmp_path,
        saved({"weight": Hostile(tmp_path / "run")}),
        r"refers to posix\.system, which is no tensor; nothing of it was run",
    )


def test_a_small_file_cannot_fill_the_memory(tmp_path: Path) -> None:
    refused(tmp_path, saved({"weight": torch.zeros(1).expand(3 * 10**8)}), "needs too much memory")


def test_the_process_may_not_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "SECONDS", 0.01)
    refused(tmp_path, saved(tensors()), "took more than")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (saved(tensors())[:-200], "damaged"),
        (saved(tensors())[: 200], "damaged"),
        (b"", "damaged"),
        (b"not at all", "damaged"),
        (saved({"state_dict": tensors()}), "'state_dict' is no plain tensor"),
        (saved([torch.zeros(1)]), "no named tensors"),
        (saved({}), "no named tensors"),
        (saved({3: torch.zeros(1)}), "'3' is no plain tensor"),
        (saved({"sparse": torch.zeros(2, 2).to_sparse()}), "'sparse' is no plain tensor"),
    ],
)  # fmt: skip
def test_what_is_no_state_dict_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(converter.Refused, match=said):
        converter.state_dict_of(data)


def test_shared_tensors_come_apart() -> None:
    whole = torch.arange(4.0)
    made = converter.state_dict_of(saved({"a": whole, "b": whole[1:3]}))
    assert made["b"].tolist() == [1, 2]
    assert made["a"].untyped_storage().data_ptr() != made["b"].untyped_storage().data_ptr()


# --- fetching them


class Server(http.server.BaseHTTPRequestHandler):
    answers: dict[str, bytes]

    def do_GET(self) -> None:
        answer = self.answers.get(self.path)
        self.send_response(200 if answer is not None else 404)
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):  # the other side may have had enough
            self.wfile.write(answer or b"")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[tuple[str, dict[str, bytes]]]:
    """A web server's address, and what it answers."""
    answers: dict[str, bytes] = {}
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Answers", (Server,), {"answers": answers})) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}", answers
        running.shutdown()
        thread.join()


def test_weights_are_fetched_checked_converted_and_then_found(
    hub: Path, server: tuple[str, dict[str, bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, answers = server
    answers["/good"] = saved(tensors())
    small = known(answers["/good"], f"{address}/gone", f"{address}/good")
    monkeypatch.setitem(PUBLISHED, "small", small)
    trap = Trap(tmp_path / "current")
    monkeypatch.chdir(trap.folder)
    file = application.download("small", build_opener())
    assert trap.executed == "", "the process that converts imports nothing from the current folder"
    assert file == hub / "small-1.safetensors" == known_weights.find_weights(small)
    assert known_weights.read_weights(file).source_sha256 == small.sha256
    answers.clear()
    assert application.download("small", build_opener()) == file, "what is there is not fetched again"
    assert sorted(path.name for path in hub.iterdir()) == ["small-1.pth", "small-1.safetensors"]


def test_what_comes_is_not_trusted(
    hub: Path, server: tuple[str, dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, answers = server
    right = saved(tensors())
    monkeypatch.setitem(PUBLISHED, "small", known(right, f"{address}/file"))
    for wrong in (right[:-1], right[:-1] + b"x", right + b"x" * 10**7, b""):
        answers["/file"] = wrong
        with pytest.raises(DataError, match="what came is not Small-1"):
            application.download("small", build_opener())
        assert list(hub.iterdir()) == []


def test_only_https_is_spoken(hub: Path, server: tuple[str, dict[str, bytes]], monkeypatch: pytest.MonkeyPatch) -> None:
    address, answers = server
    answers["/file"] = saved(tensors())
    monkeypatch.setitem(PUBLISHED, "small", known(answers["/file"], f"{address}/file"))
    with pytest.raises(ResourceError, match=r"unknown url type: http.*another machine"):
        application.download("small")
    assert all(url.startswith("https://") for each in (INCEPTION,) for url in each.published.values())
    assert list(hub.iterdir()) == []


def test_an_unknown_name_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="Did you mean 'inception'"):
        application.download("incepton")


def test_the_list_says_what_is_there(hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganvas.cli.output.output_options.as_json", True)

    def listed() -> dict[str, dict[str, str]]:
        done = CliRunner().invoke(weights_app, ["list"])
        return {each["name"]: each for each in json.loads(done.stdout)}

    shipped = {"digits", "digit_mlp", "photo", "resnet"}
    assert {name: each["state"] for name, each in listed().items()} == {
        **dict.fromkeys(shipped, "with ganvas"),
        "inception": "missing",
    }
    assert all(len(listed()[name]["sha256"]) == 64 for name in shipped)
    (hub / next(iter(INCEPTION.published))).touch()
    assert listed()["inception"]["state"] == "to convert"
    save_file({"a": torch.zeros(1)}, hub / INCEPTION.converted[0])
    found = listed()["inception"]
    assert (found["state"], found["sha256"], "not weights of" in found["hint"]) == ("unfit", "", True)
    with torch.device("meta"):
        empty = InceptionV3()
    state = random_state(empty)
    save_file(state, hub / INCEPTION.converted[0])
    found = listed()["inception"]
    assert (found["state"], found["sha256"], "inception_own" in found["hint"]) == (
        "own",
        known_weights.tensors_sha256(state),
        True,
    )
    save_file(state, hub / INCEPTION.converted[0], {"source_sha256": INCEPTION.sha256})
    assert listed()["inception"]["state"] == "ready"
    (hub / INCEPTION.converted[0]).write_bytes(b"torn")
    assert listed()["inception"]["state"] == "damaged"
    monkeypatch.setenv("GANVAS_WEIGHTS", str(hub / "none"))
    assert listed()["inception"]["state"] == "missing"


def test_a_pickle_of_code_is_not_said_to_be_convertible(tmp_path: Path) -> None:
    (tmp_path / "p.pkl").touch()
    with pytest.raises(
        DataError, match=r"neither read nor converted.*safetensors that `ganvas weights download inception`"
    ) as error:
        known_weights.find_weights(INCEPTION, str(tmp_path / "p.pkl"))
    assert "weights convert" not in str(error.value)
