"""Files of an exported model: ONNX, and programs of torch.export; what they compute is compared with the model."""

import json
import logging
import warnings
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.export import Dim, ExportedProgram

from ..base.errors import CheckFailed, MissingExtra, UsageError
from ..base.files import replace_file
from ..runs import VERSION, cannot_write
from ..sessions.model import Model
from .export_graph import graph_of, latent_classes
from .export_parts import PICTURE, SAMPLES, TRUNCATION, Graph, X, Y, Z

SEEDS = 8
FARTHEST = 1e-4  # of x, whose range is [-1, 1] for pictures
MOST_PIXELS = 4096  # of a free height or width
Arrays = dict[str, np.ndarray[Any, Any]]
Run = Callable[[Arrays], tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]


def traced(model: Model, graph: Graph) -> ExportedProgram:
    """The program of a graph for any batch, and of translators for any size that their strides allow if they can.

    Raises:
        UsageError: an operation of the model cannot be exported; it is named.
    """
    error: Exception | None = None
    for free, step in {str(each.free): (each.free, max(1, each.step)) for each in (graph, graph.of_one_size)}.values():
        sizes = {
            "batch": Dim("batch", min=1, max=65_536),
            "height": step * Dim("height", min=1, max=MOST_PIXELS // step),
            "width": step * Dim("width", min=1, max=MOST_PIXELS // step),
        }
        shapes = [{axis: sizes[name] for axis, name in free.get(each, {}).items()} for each in graph.inputs]
        varied = (shapes[0], tuple(shapes[1:])) if shapes[1:] else (shapes[0],)  # *others is one tuple
        try:
            with torch.no_grad():
                return torch.export.export(graph.module, tuple(graph.inputs.values()), dynamic_shapes=varied)
        except Exception as failed:  # torch raises many kinds for what it cannot trace
            error = failed
    raise cannot_export(model, error)


def without_traces(program: ExportedProgram) -> ExportedProgram:
    """The program without the source files that its steps came from, whose paths are of this machine."""
    for module in program.graph_module.modules():
        for node in getattr(getattr(module, "graph", None), "nodes", ()):
            for name in ("stack_trace", "nn_module_stack", "source_fn_stack", "from_node"):
                node.meta.pop(name, None)
    return program


def cannot_export(model: Model, error: Exception | None) -> UsageError:
    """The error for a model with an operation that an exporter does not know."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    why = (lines or [type(error).__name__])[0][:200].rstrip(".")
    return UsageError(
        f"this model has an operation that cannot be exported: {why}",
        where=str(model.run),
        hint="Use --format folder.",
    )


def write_torch(model: Model, out: Path) -> Path:
    """Write a .pt2 program of torch.export. Raises as `export`."""
    graph = graph_of(model)
    program, data = without_traces(traced(model, graph)), BytesIO()
    torch.export.save(program, data, extra_files={"ganvas.json": json.dumps(metadata(model, graph))})
    module = program.module()

    def run(arrays: Arrays) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        with torch.no_grad():
            made, x = module(*map(torch.from_numpy, arrays.values()))
        return made.numpy(), x.numpy()

    check_same(model, graph, run)
    return written(out, data.getvalue())


def write_onnx(model: Model, out: Path) -> Path:
    """Write one ONNX file with its weights. Raises as `export`.

    Pictures that a translator reads have the size of its training: with free sizes the exporter takes minutes.
    """
    graph = graph_of(model).of_one_size
    try:
        import onnx
        import onnxruntime  # type: ignore[import-untyped]
        import onnxscript  # noqa: F401  # torch.onnx uses it
    except ImportError as error:
        what = f"an ONNX file needs the package {error.name}"
        raise MissingExtra(what, hint='pip install "ganvas[onnx]"') from error
    found = onnx_program(model, graph)
    onnx.helper.set_model_props(found, {key: text_of(value) for key, value in metadata(model, graph).items()})
    found.producer_name, found.producer_version = "ganvas", VERSION
    data: bytes = found.SerializeToString()
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])

    def run(arrays: Arrays) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        made, x = session.run([SAMPLES, X], arrays)
        return made, x

    check_same(model, graph, run)
    return written(out, data)


def onnx_program(model: Model, graph: Graph) -> Any:
    """The onnx.ModelProto of a graph. Raises UsageError: an operation cannot be exported."""
    program, logger = traced(model, graph), logging.getLogger("torch.onnx")
    level = logger.level
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the exporter's own packages
            logger.setLevel(logging.ERROR)  # it says that torchvision is not installed
            made = torch.onnx.export(
                program,
                input_names=list(graph.inputs),
                output_names=[SAMPLES, X],
                dynamo=True,
                optimize=True,
                verbose=False,
            )
    except Exception as error:  # the exporter raises many kinds
        raise cannot_export(model, error) from error
    finally:
        logger.setLevel(level)
    if made is None:
        raise cannot_export(model, None)
    return tidied(made.model_proto, graph)


def tidied(proto: Any, graph: Graph) -> Any:
    """A ModelProto without the paths of source files, whose free axes have names."""
    values = (*proto.graph.input, *proto.graph.output)
    for part in (*proto.graph.node, *proto.graph.value_info, *values, *proto.graph.initializer, proto.graph, proto):
        del part.metadata_props[:]  # the exporter writes the paths here
        part.doc_string = ""
    names = {}
    for value in proto.graph.input:
        for axis, name in graph.free.get(value.name, {}).items():
            names[value.type.tensor_type.shape.dim[axis].dim_param] = name
    for value in values:
        for size in value.type.tensor_type.shape.dim:
            if size.dim_param in names:
                size.dim_param = names[size.dim_param]
    return proto


def metadata(model: Model, graph: Graph) -> dict[str, Any]:
    """What a file says of its model: hash, classes, inputs, recipe's game, domain, versions."""
    return {
        "ganvas": VERSION,
        "model": model.sha256,
        "domain": model.spec.domain,
        "units": model.spec.units,
        "classes": list(model.spec.classes) if Y in graph.inputs else [],
        "inputs": list(graph.inputs),
        "outputs": [SAMPLES, X],
        "latent": list(graph.inputs[Z].shape[1:]) if Z in graph.inputs else [],
        "step": graph.step,
        "generated": "samples of this model are generated by a neural network",
    }


def text_of(value: Any) -> str:
    """A value of the metadata as text: JSON, but a text as it is."""
    return value if isinstance(value, str) else json.dumps(value)


def check_same(model: Model, graph: Graph, run: Run) -> float:
    """Compare an exported function with the model on SEEDS seeds, in batches of 1 to SEEDS.

    Returns:
        The largest difference of x.

    Raises:
        CheckFailed: it is above FARTHEST, or the file decodes x to other values than the domain.
    """
    farthest = 0.0
    for seed in range(SEEDS):
        arrays = inputs_of(model, graph, n=1 + seed, seed=seed)
        expected = reference(graph, arrays)
        made, x = run(arrays)
        farthest = max(farthest, float(np.abs(x - expected).max()))
        decoded = model.domain.decode(torch.from_numpy(x))
        if PICTURE not in arrays and not np.allclose(made, decoded.astype(made.dtype), rtol=1e-6, atol=0):
            raise CheckFailed("the exported file decodes its samples differently", where=str(model.run))
    if not farthest <= FARTHEST:
        raise CheckFailed(
            f"the exported file computes something else than the model: x differs by {farthest:.2g}, more than "
            f"{FARTHEST:g}",
            where=str(model.run),
            hint="Please report it, with the recipe.",
        )
    return farthest


def inputs_of(model: Model, graph: Graph, *, n: int, seed: int) -> Arrays:
    """Inputs of n rows: the latents and classes of `Model.sample`, or random pictures."""
    if Z in graph.inputs:
        y = latent_classes(model, n)
        classes = {} if y is None else {Y: y.numpy()}
        return {Z: model.latents(n, seed=seed), **classes, TRUNCATION: np.ones(1, np.float32)}
    draw, made = np.random.default_rng(seed), Arrays()
    for name, example in graph.inputs.items():
        shape = (n, *example.shape[1:])
        if name == PICTURE:
            kind = np.uint8 if example.dtype == torch.uint8 else np.float32
            made[name] = draw.uniform(*graph.span, shape).astype(kind)
        else:
            made[name] = draw.uniform(size=shape) < 0.3
    return made


@torch.no_grad()
def reference(graph: Graph, arrays: Arrays) -> np.ndarray[Any, Any]:
    """x of the live model."""
    x: Tensor = graph.module(*map(torch.from_numpy, arrays.values()))[1]
    found: np.ndarray[Any, Any] = x.numpy()
    return found


def written(out: Path, data: bytes) -> Path:
    """Write a file. Raises ResourceError."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        replace_file(out, data)
    except OSError as error:
        raise cannot_write(out, error) from error
    return out
