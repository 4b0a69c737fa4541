"""Plain values from JSON and YAML of unknown origin: bounded in size and depth, also with YAML's aliases expanded."""

import json
import math
from pathlib import Path
from typing import Any

import yaml

from .files import read_regular

MAX_DEPTH, MAX_VALUES = 64, 100_000  # levels, and values with every alias written out
MAX_JSON_BYTES, MAX_YAML_CHARACTERS = 1 << 24, 1 << 18  # bytes; YAML is read a hundred times more slowly
MAX_INTEGER = 1 << 256  # of whole numbers: a seed may be any hash


def from_json(text: str | bytes) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: the text is no JSON, is nested too deeply, or holds numbers or characters that ganvas never writes.
    """
    try:
        tree = json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    check_plain(tree)
    return tree


def read_json(path: Path, *, inside: Path | None = None) -> Any:
    """The value of a JSON file.

    Args:
        path: a regular file.
        inside: a folder that `path` is in; below it no link is followed.

    Raises:
        OSError: the file cannot be read, is no regular file, or is larger than MAX_JSON_BYTES.
        ValueError: as `from_json`.
    """
    return from_json(read_regular(path, MAX_JSON_BYTES, inside=inside))


def from_yaml(text: str) -> Any:
    """The value of a YAML text of plain values; aliases are allowed.

    Raises:
        ValueError: the text is no YAML, or is too large or nested too deeply with its aliases expanded.
    """
    if len(text) > MAX_YAML_CHARACTERS:
        raise ValueError(f"{len(text):,} characters are too many")
    loader = None
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        if (size := expanded_size(node, {}, 0)) > MAX_VALUES:
            raise ValueError(f"{size:,} values are too many")
        tree = loader.construct_document(node)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    finally:
        if loader is not None:
            loader.dispose()
    check_plain(tree)
    return tree


def read_yaml(path: Path) -> Any:
    """The value of a YAML file of at most MAX_YAML_CHARACTERS bytes. Raises OSError, and ValueError as `from_yaml`."""
    return from_yaml(read_regular(path, MAX_YAML_CHARACTERS).decode("utf-8"))


def expanded_size(node: yaml.Node, known: dict[int, int], depth: int) -> int:
    """The number of values of a YAML node with every alias expanded.

    Args:
        node: the node.
        known: sizes found so far by id of node; 0 while a node is being counted.
        depth: levels above the node.

    Raises:
        ValueError: an alias contains itself, or the node is deeper than MAX_DEPTH.
    """
    if depth > MAX_DEPTH:
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
    if id(node) in known:
        if not known[id(node)]:
            raise ValueError("an alias contains itself")
        return known[id(node)]
    known[id(node)] = 0  # until it is counted
    pairs = (
        node.value
        if isinstance(node, yaml.MappingNode)
        else [(each,) for each in node.value]
        if isinstance(node, yaml.SequenceNode)
        else []
    )
    known[id(node)] = 1 + sum(expanded_size(each, known, depth + 1) for pair in pairs for each in pair)
    return known[id(node)]


def check_plain(tree: Any) -> None:
    """Raises ValueError unless a tree consists of lists, objects, texts, numbers below MAX_INTEGER, bools and null."""
    waiting = [(tree, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, dict | list):
            for each in (*value, *value.values()) if isinstance(value, dict) else value:
                kind = type(each)  # a float, null and ASCII text need no further check, and most values are
                if not (kind is float or each is None or (kind is str and each.isascii())):
                    waiting.append((each, depth + 1))
        elif isinstance(value, str):
            if not value.isascii():
                value.encode("utf-8")  # halves of surrogate pairs raise a ValueError
        elif isinstance(value, int):
            if abs(value) >= MAX_INTEGER:
                raise ValueError("a whole number is too large")
        elif not (value is None or isinstance(value, float)):
            raise ValueError(f"a {type(value).__name__} is no plain value")


def is_count(value: Any, *, most: int = 1 << 53) -> bool:
    """Whether a value is a whole number from 0 to `most`, and not a bool."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def float_or_none(value: Any) -> float | None:
    """A number as a float; None for null and for numbers that are not finite. Raises ValueError for other types."""
    if value is None:
        return None
    if type(value) is float:
        return value if math.isfinite(value) else None
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or (abs(value) >= MAX_INTEGER and isinstance(value, int))
    ):
        raise ValueError("not a number")
    return float(value) if math.isfinite(value) else None
