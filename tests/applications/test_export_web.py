"""The page that makes samples in a browser: its files, and in a real browser where there is one, without network."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import ganvas
from browser import FOUND, new_page
from ganvas.applications.export_web import RUNTIME
from ganvas.base.errors import UsageError

STAND_IN = """
export const env = { wasm: {} };
export class Tensor { constructor(type, data, dims) { Object.assign(this, { type, data, dims }); } }
export const InferenceSession = { create: async (place) => {
  const bytes = (await (await fetch(place)).arrayBuffer()).byteLength;
  return { run: async ({ z, y, truncation }) => {
    const n = z.dims[0], size = z.data.length / n, data = new Uint8Array(n * 28 * 28);
    for (let i = 0; i < n; i += 1) {
      let sum = 0;
      for (let k = 0; k < size; k += 1) sum += z.data[i * size + k] * truncation.data[0];
      data.fill(Math.max(0, Math.min(255, 20 * Number(y.data[i]) + 5 * sum)), i * 784, (i + 1) * 784);
    }
    globalThis.asked = { bytes, y: [...y.data].map(Number), z: [...z.data.slice(0, size)], type: y.type };
    return { samples: { data, dims: [n, 28, 28, 1] } };
  } };
} };
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with a runtime that computes something simple in the place of onnxruntime-web."""
    folder = tmp_path_factory.mktemp("web")
    package = folder / "onnxruntime-web" / "dist"
    package.mkdir(parents=True)
    for name in RUNTIME:
        (package / name).write_text(STAND_IN if name == RUNTIME[0] else "")
    ganvas.export("mnist-demo", folder / "site", format="web", runtime=package.parent, name="Digits & more")
    return folder / "site"


@contextmanager
def served(folder: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_page_has_all_it_needs_and_nothing_of_elsewhere(site: Path) -> None:
    files = {str(file.relative_to(site)) for file in site.rglob("*") if file.is_file()}
    ours = {"index.html", "web.css", "web.js", "model.onnx", "facts.json"}
    assert files == ours | {f"runtime/{name}" for name in RUNTIME}
    for name in ("index.html", "web.css", "web.js"):
        assert "http" not in (site / name).read_text().replace("http-equiv", "").replace("http.server", "")
    facts = json.loads((site / "facts.json").read_text())
    assert facts["classes"] == list("0123456789")
    assert (facts["latent"], len(facts["directions"])) == ([64], 6)


def test_a_page_needs_the_package_and_a_place(site: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="onnxruntime-web") as missing:
        ganvas.export("mnist-demo", tmp_path / "site", format="web")
    assert "--runtime" in missing.value.hint
    with pytest.raises(UsageError, match=r"ort\.wasm\.min\.mjs"):
        ganvas.export("mnist-demo", tmp_path / "site", format="web", runtime=tmp_path)
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("anna")
    with pytest.raises(UsageError, match="other files"):
        ganvas.export("mnist-demo", tmp_path / "letters", format="web", runtime=site / "runtime")


if FOUND:

    def test_a_visitor_chooses_classes_and_moves_sliders(site: Path, tmp_path: Path) -> None:
        made = "Number(document.body?.dataset.made)"
        pixel = "document.querySelector('#one').getContext('2d').getImageData(3, 3, 1, 1).data[0]"
        with served(site) as address, new_page() as page:
            page.screen(1200, 900)
            page.call("Page.navigate", url=address)
            page.until(f"{made} === 1 && document.querySelector('#grid [aria-pressed=true]') !== null", 30)
            assert page.run("document.title") == "Digits & more"
            assert page.run("asked.bytes") == (site / "model.onnx").stat().st_size
            page.run("[...document.querySelectorAll('#classes button')].find(b => b.textContent === '7').click()")
            page.until(f"{made} === 2 && asked.y.length === 1 && asked.y[0] === 7")
            assert page.run("document.querySelectorAll('#classes [aria-pressed=true]').length") == 1
            before, z = page.run(pixel), page.run("asked.z")
            move = "(s => { s.value = 2; s.dispatchEvent(new Event('input')); })"
            page.run(f"{move}(document.querySelector('#sliders input'))")
            page.until(f"asked.z[0] !== {z[0]}")
            direction = json.loads((site / "facts.json").read_text())["directions"][0]
            moved = [a + 2 * b for a, b in zip(z, direction, strict=True)]
            assert page.run("asked.z") == pytest.approx(moved, abs=1e-5)
            page.until(f"{pixel} === {max(0, min(255, round(140 + 5 * sum(moved))))} || {pixel} !== {before}")
            page.run("document.querySelector('#again').click()")
            page.until(f"{made} === 3 && document.querySelector('#seed').value === '1'")
            assert page.run("document.querySelector('#sliders input').value") == "0"
            assert page.run("document.documentElement.scrollWidth") <= 1200
            assert [each for each in page.complaints if "willReadFrequently" not in each] == [], "this test reads often"
