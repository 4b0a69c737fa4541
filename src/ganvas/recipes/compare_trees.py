"""How two dumped recipes differ."""

import reprlib
from dataclasses import fields
from typing import Any

from .discover import parts


def differences(now: Any, then: Any, path: str = "") -> list[str]:
    """Sentences that name each value in which two trees differ: "G.optimiser.lr is 0.001, and was 0.0002".

    Args:
        now: the tree of a recipe, as `dump` makes it.
        then: an earlier one. A scalar field that it lacks counts as equal if `now` has the field's default.
        path: of both trees within their recipes, such as "G.optimiser".
    """
    if isinstance(now, dict) and isinstance(then, dict) and now.get("kind") == then.get("kind"):
        names = [
            *(name for name in now if name in then or not has_default(now, name)),
            *(name for name in then if name not in now),
        ]
        pairs = [(name, now.get(name), then.get(name)) for name in names]
    elif isinstance(now, list) and isinstance(then, list) and len(now) == len(then):
        pairs = [(str(index), *values) for index, values in enumerate(zip(now, then, strict=True))]
    else:
        return [] if now == then else [f"{path} is {brief(now)}, and was {brief(then)}"]
    return [
        sentence for name, ours, theirs in pairs for sentence in differences(ours, theirs, f"{path}.{name}".strip("."))
    ]


def has_default(tree: dict[str, Any], name: str) -> bool:
    """Whether a scalar field of a part has its default: a tree written before the field existed means the same."""
    part = parts().get(str(tree.get("kind")))
    known = {field.name: field.default for field in fields(part)} if part is not None else {}
    return isinstance(tree[name], str | int | float) and name in known and known[name] == tree[name]


def brief(tree: Any) -> str:
    """A value in a message; of a part its kind."""
    if isinstance(tree, dict) and "kind" in tree:
        return str(tree["kind"])
    if tree is None:
        return "nothing"
    return tree if isinstance(tree, str) else reprlib.repr(tree)
