"""A page that makes samples in the visitor's browser, by onnxruntime-web, the npm package of the person who exports."""

import json
import tempfile
from pathlib import Path

from ..base.errors import UsageError
from ..base.files import read_regular
from ..runs import cannot_write
from ..sessions.model import Model
from .export_program import write_onnx
from .export_sliders import page_facts

PAGES = Path(__file__).parent / "pages"
OURS = {"index.html": "web.html", "web.css": "web.css", "web.js": "web.js"}
RUNTIME = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
FACTS, PROGRAM = "facts.json", "model.onnx"
KNOWN = {*OURS, FACTS, PROGRAM, "runtime"}
LARGEST = 2**27  # bytes of a file of the runtime
GET = "Get it with `npm install onnxruntime-web` and pass --runtime node_modules/onnxruntime-web."


def write_web(model: Model, out: Path, runtime: Path | None, name: str = "") -> list[Path]:
    """Write a folder for a web server: page, model.onnx, facts.json, and the runtime's files.

    Args:
        model: of pictures from latent vectors.
        out: a new or empty folder, or one of an earlier export.
        runtime: the folder of the npm package onnxruntime-web; nothing of it comes with ganvas.
        name: the title of the page.

    Raises:
        UsageError: the model makes no pictures from latent vectors, the runtime is missing, or other files are there.
        MissingExtra, CheckFailed, ResourceError: as `export` to ONNX.
    """
    facts = page_facts(model, name or "Samples")
    files = {f"runtime/{file.name}": read_regular(file, LARGEST) for file in runtime_files(runtime)}
    if out.is_file() or (out.is_dir() and any(each.name not in KNOWN for each in out.iterdir())):
        raise UsageError("other files are at this place", where=str(out), hint="Name a new folder with -o.")
    files |= {to: (PAGES / name_here).read_bytes() for to, name_here in OURS.items()}
    with tempfile.TemporaryDirectory() as folder:
        files[PROGRAM] = write_onnx(model, Path(folder) / PROGRAM).read_bytes()
    files[FACTS] = json.dumps(facts, ensure_ascii=False).encode()
    try:
        (out / "runtime").mkdir(parents=True, exist_ok=True)
        for place, content in files.items():
            (out / place).write_bytes(content)
    except OSError as error:
        raise cannot_write(out, error) from error
    return [out / place for place in sorted(files)]


def runtime_files(runtime: Path | None) -> list[Path]:
    """The files of onnxruntime-web that the page needs. Raises UsageError: they are not there."""
    if runtime is None:
        raise UsageError("a page needs the npm package onnxruntime-web", hint=GET)
    folder = runtime / "dist" if (runtime / "dist").is_dir() else runtime
    missing = [name for name in RUNTIME if not (folder / name).is_file()]
    if missing:
        raise UsageError(f"{missing[0]} of onnxruntime-web is missing", where=str(runtime), hint=GET)
    return [folder / name for name in RUNTIME]
