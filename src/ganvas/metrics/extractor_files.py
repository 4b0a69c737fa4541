"""The extractor that a file of weights or an ONNX file holds."""

from ..base.errors import DataError
from . import known_weights
from .classifier import ClassifierFile
from .custom_extractors import OnnxExtractor
from .extractor import Extractor
from .inception import Inception, Profile


def extractor_from_file(path: str, profile: Profile = "tf1") -> Extractor:
    """The extractor that a file holds: any ONNX network, or the weights of Inception-2015-12-05 or of the digit
    classifier.

    Weights are recognised by the names of their tensors.

    Args:
        path: of a .onnx or .safetensors file.
        profile: how pictures are prepared for Inception: "tf1", "pytorch-fid" or "clean".

    Raises:
        DataError: no such file, or weights of a network that ganvas does not know.
    """
    file = known_weights.existing_file(path)
    if file.suffix.lower() == ".onnx":
        return OnnxExtractor(path)
    state = known_weights.read_weights(file).state
    if "Conv2d_1a_3x3.conv.weight" in state:
        return Inception(profile=profile, weights=path)
    if "blocks.0.0.weight" in state:
        return ClassifierFile(path)
    raise DataError(
        "these are weights of no network that ganvas knows",
        where=path,
        hint="Known are Inception-2015-12-05 and the digit classifier; bring others as ONNX.",
    )
