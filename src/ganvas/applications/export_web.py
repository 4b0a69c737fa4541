"""A page that makes samples in the visitor's browser, by onnxruntime-web, the npm package of the person who exports."""

import json
import tempfile
from pathlib import Path
from typing import Any

from ..base.errors import UsageError
from ..base.files import read_regular
from ..runs import cannot_write
from ..sessions.model import Model
from .edit_directions import METHODS
from .export_graph import TRUNCATION, Y, Z, latent_classes
from .export_program import write_onnx
from .latent_space import LatentSpace, has_styles

PAGES = Path(__file__).parent / "pages"
OURS = {"index.html": "web.html", "web.css": "web.css", "web.js": "web.js"}
RUNTIME = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
FACTS, PROGRAM = "facts.json", "model.onnx"
KNOWN = {*OURS, FACTS, PROGRAM, "runtime"}
LARGEST = 2**27  # bytes of a file of the runtime
DIRECTIONS = 6
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
    space = LatentSpace(model)
    files = {f"runtime/{file.name}": read_regular(file, LARGEST) for file in runtime_files(runtime)}
    if out.is_file() or (out.is_dir() and any(each.name not in KNOWN for each in out.iterdir())):
        raise UsageError("other files are at this place", where=str(out), hint="Name a new folder with -o.")
    files |= {to: (PAGES / name_here).read_bytes() for to, name_here in OURS.items()}
    with tempfile.TemporaryDirectory() as folder:
        files[PROGRAM] = write_onnx(model, Path(folder) / PROGRAM).read_bytes()
    files[FACTS] = json.dumps(facts(model, space, name or "Samples"), ensure_ascii=False).encode()
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


def facts(model: Model, space: LatentSpace, name: str) -> dict[str, Any]:
    """What the page needs to know."""
    y = latent_classes(model, 1)
    units = model.units
    return {
        "name": name,
        "model": model.sha256,
        "inputs": [Z, *([] if y is None else [Y]), TRUNCATION],
        "latent": list(space.G.latent),
        "classes": list(model.spec.classes) if y is not None else [],
        "low": float(units.low),
        "high": float(units.high),
        "directions": slider_directions(space),
    }


def slider_directions(space: LatentSpace) -> list[list[float]]:
    """Directions of z for the sliders: those in which samples change most, a standard deviation long; else axes."""
    size = int(space.G.latent[0])
    number = min(DIRECTIONS, size)
    if not has_styles(space.G):
        for method in METHODS.values():
            try:
                vectors, deviations = method(space, number, None)
            except UsageError:  # no layer reads the whole latent
                continue
            return [
                [round(float(each), 5) for each in vector * deviation]
                for vector, deviation in zip(vectors, deviations, strict=True)
            ]
    return [[1.0 if place == axis else 0.0 for place in range(size)] for axis in range(number)]
