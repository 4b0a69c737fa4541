"""Writes docs/api from the docstrings of the names that `import ganvas` offers: python docs/generate_api.py

Nothing of torch is imported: signatures and docstrings are read from the source files.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec, resolve_name
from inspect import cleandoc
from pathlib import Path
from types import ModuleType

import ganvas
from ganvas.base.lazy import homes

API = Path(__file__).parent / "api"
SRC = Path(ganvas.__file__).parent
WIDTH = 100  # columns of a signature before it is broken into lines
SECTIONS = ("Args", "Attributes", "Returns", "Yields", "Raises", "Example")
HEADER = "<!-- Generated from docstrings by docs/generate_api.py. Change the docstring, then run it again. -->"
STABLE = (
    "The names on these pages are stable from release on: a change that breaks code which uses them comes with a new "
    "major version. Modules, and names that are not listed here, may change in any version."
)
MEMBERS = {  # of classes of which people use a part; the rest is for ganvas itself
    "Run": {"open", "state"},
    "Model": {
        "sample",
        "latents",
        "sheet",
        "view",
        "answer",
        "units",
        "facts",
        "conditional",
        "check_data",
        "with_data",
        "save_pretrained",
        "from_pretrained",
        "push_to_hub",
    },
}
Node = ast.ClassDef | ast.FunctionDef | ast.Assign | ast.AnnAssign


@dataclass(frozen=True)
class Doc:
    """A docstring in parts: text before the sections, and entries (name, text) of each section."""

    text: str = ""
    sections: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    example: str = ""

    @property
    def first(self) -> str:
        """The first paragraph, on one line."""
        return " ".join(self.text.split("\n\n", 1)[0].split())

    def names(self, section: str) -> set[str]:
        """Names of a section's entries; `real, fake: ...` counts for both."""
        return {each.strip(" *`") for name, _ in self.sections.get(section, []) for each in name.split(",")}


@dataclass(frozen=True)
class Entry:
    """A public name: where it is defined, and how it is called."""

    face: str
    name: str
    module: str
    node: Node
    doc: Doc
    parameters: dict[str, str] = field(default_factory=dict)  # name to "annotation = default"
    members: tuple["Entry", ...] = ()

    @property
    def label(self) -> str:
        """Short, for messages: face.name."""
        return f"{self.face}.{self.name}"


def code(node: ast.AST) -> str:
    """The text of an expression, with double quotes as the formatter writes them."""
    return re.sub(r"'([^'\"\\]*)'", r'"\1"', ast.unparse(node))


def faces() -> list[str]:
    """Full names of the packages and modules that `import ganvas` offers, "ganvas" first."""
    return ["ganvas", *(f"ganvas.{name}" for name in ganvas.__all__ if isinstance(getattr(ganvas, name), ModuleType))]


def entries(face: str) -> list[Entry]:
    """Every public name of a face, by name; modules and versions left out."""
    getattr(ganvas, face.rpartition(".")[2], None)  # imports it
    where = {**eager(face), **homes(face)}
    names = [name for name in sys.modules[face].__all__ if not name.startswith("_")]
    return [entry(face, name, *where[name]) for name in sorted(names) if where[name][1]]


@cache
def tree_of(module: str) -> ast.Module:
    """The parsed source of one of our modules."""
    return ast.parse(path_of(module).read_text(encoding="utf-8"))


def path_of(module: str) -> Path:
    """The file of one of our modules."""
    spec = find_spec(module)
    assert spec is not None, module
    assert spec.origin is not None, module
    return Path(spec.origin)


def eager(module: str) -> dict[str, tuple[str, str]]:
    """Names that a module imports from ganvas when it is imported itself: module and attribute."""
    package = module if path_of(module).name == "__init__.py" else module.rpartition(".")[0]
    statements = [node for node in tree_of(module).body if isinstance(node, ast.ImportFrom) and node.level]
    return {
        alias.asname or alias.name: (resolve_name("." * node.level + (node.module or ""), package), alias.name)
        for node in statements
        for alias in node.names
    }


def definition(module: str, name: str) -> tuple[str, Node]:
    """Where a name is defined: the module, and the statement. Imports are followed."""
    for node in tree_of(module).body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name:
            return module, node
        if isinstance(node, ast.Assign | ast.AnnAssign) and name in [code(target) for target in targets]:
            return module, node
    home, attribute = eager(module)[name]
    return definition(home, attribute)


def entry(face: str, name: str, module: str, attribute: str) -> Entry:
    """A public name with what its page shows."""
    module, node = definition(module, attribute)
    if isinstance(node, ast.FunctionDef):
        return Entry(face, name, module, node, parsed(ast.get_docstring(node)), parameters_of(node))
    if isinstance(node, ast.ClassDef):
        made = constructor(module, node)
        members = tuple(members_of(face, name, module, node))
        return Entry(face, name, module, node, parsed(ast.get_docstring(node)), made, members)
    return Entry(face, name, module, node, parsed(text_below(module, node)))


def text_below(module: str, node: Node) -> str | None:
    """The string literal under an assignment, by which a type alias is documented."""
    body = tree_of(module).body
    after = body[body.index(node) + 1 :][:1]
    literal = after[0].value if after and isinstance(after[0], ast.Expr) else None
    value = literal.value if isinstance(literal, ast.Constant) else None
    return value if isinstance(value, str) else None


def parameters_of(node: ast.FunctionDef) -> dict[str, str]:
    """Parameters with annotation and default, `self` and `cls` left out; "*" stands before keyword-only ones."""
    given = node.args
    positional = [*given.posonlyargs, *given.args]
    defaults = [None] * (len(positional) - len(given.defaults)) + list(given.defaults)
    found = {each.arg: typed(each, default) for each, default in zip(positional, defaults, strict=True)}
    if given.vararg:
        found[f"*{given.vararg.arg}"] = typed(given.vararg, None)
    elif given.kwonlyargs:
        found["*"] = ""
    for each, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        found[each.arg] = typed(each, default)
    if given.kwarg:
        found[f"**{given.kwarg.arg}"] = typed(given.kwarg, None)
    return {name: text for name, text in found.items() if name not in {"self", "cls"}}


def typed(parameter: ast.arg, default: ast.expr | None) -> str:
    """`: annotation = default`"""
    text = f": {code(parameter.annotation)}" if parameter.annotation else ""
    return text + (f" = {code(default)}" if default is not None else "")


def constructor(module: str, node: ast.ClassDef) -> dict[str, str]:
    """Parameters of a class: the fields of a dataclass or NamedTuple, inherited ones first, or those of `__init__`."""
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            return parameters_of(statement)
    found: dict[str, str] = {}
    for base in node.bases:
        if isinstance(base, ast.Name) and base.id in known_names(module):
            home, inherited = definition(module, base.id)
            found |= constructor(home, inherited) if isinstance(inherited, ast.ClassDef) else {}
    if not is_protocol(node):
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and "ClassVar" not in code(statement.annotation):
                value = "" if statement.value is None else f" = {default_of(statement.value)}"
                found[code(statement.target)] = f": {code(statement.annotation)}{value}"
    return found


def known_names(module: str) -> set[str]:
    """Names of ours that a module defines or imports."""
    return {node.name for node in tree_of(module).body if isinstance(node, ast.ClassDef)} | set(eager(module))


def default_of(value: ast.expr) -> str:
    """A field's default as a person would write it: `field(default_factory=Hinge)` is `Hinge()`."""
    if isinstance(value, ast.Call) and code(value.func) == "field":
        given = {word.arg: word.value for word in value.keywords}
        if factory := given.get("default_factory"):
            return code(factory.body) if isinstance(factory, ast.Lambda) else f"{code(factory)}()"
        return code(given["default"]) if "default" in given else "..."
    return code(value)


def is_protocol(node: Node) -> bool:
    """Whether a class is a contract: a Protocol or an abstract class."""
    return isinstance(node, ast.ClassDef) and any(code(base) in {"Protocol", "ABC"} for base in node.bases)


def members_of(face: str, name: str, module: str, node: ast.ClassDef) -> Iterator[Entry]:
    """Public methods and properties that a class defines and describes; of a contract, all of them."""
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef) and not statement.name.startswith("_"):
            if name in MEMBERS and statement.name not in MEMBERS[name]:
                continue
            doc = parsed(ast.get_docstring(statement))
            if doc.text or is_protocol(node):
                yield Entry(face, f"{name}.{statement.name}", module, statement, doc, parameters_of(statement))


def parsed(docstring: str | None) -> Doc:
    """A docstring in Google's style, in parts."""
    head = re.compile(rf"^({'|'.join(SECTIONS)}):\s*$", re.MULTILINE)
    first, *rest = head.split((docstring or "").strip())
    titles = ["Args" if name == "Attributes" else name for name in rest[::2]]
    bodies = dict(zip(titles, rest[1::2], strict=True))
    example = cleandoc(bodies.pop("Example", ""))
    return Doc(first.strip(), {name: items(body) for name, body in bodies.items()}, example)


def items(body: str) -> list[tuple[str, str]]:
    """Entries `name: text` of a section; text alone has an empty name. Deeper lines belong to the entry above."""
    lines = [line for line in body.split("\n") if line.strip()]
    if not lines:
        return []
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    found: list[tuple[str, str]] = []
    for line in (line[margin:] for line in lines):
        match = re.match(r"([\w*`.]+(?:, [\w*`.]+)*): (.*)", line)
        if match:
            found.append((match[1], match[2]))
        elif found and (line.startswith(" ") or not found[-1][0]):
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
        else:
            found.append(("", line.strip()))
    return found


def raised(node: Node) -> set[str]:
    """Names of the errors that a function, or the construction of a class, raises in its own body."""
    bodies: list[ast.AST] = [node] if isinstance(node, ast.FunctionDef) else []
    if isinstance(node, ast.ClassDef):
        bodies = [
            each
            for each in node.body
            if isinstance(each, ast.FunctionDef) and each.name in ("__init__", "__post_init__")
        ]
    errors = [each.exc for body in bodies for each in ast.walk(body) if isinstance(each, ast.Raise) and each.exc]
    called = [code(error.func if isinstance(error, ast.Call) else error) for error in errors]
    return {name for name in called if name[0].isupper()}


def faults(entry: Entry) -> list[str]:
    """What a name's docstring lacks, one text a fault; of a class also those of its methods.

    A method of a part says what its contract says, so it needs no more than a sentence. Methods of contracts, and of
    the classes of `ganvas` itself, need all of it.
    """
    contract = is_protocol(entry.node)
    strict = contract or entry.face == "ganvas"
    inside = [fault for member in entry.members for fault in (lacks(member) if strict else empty(member))]
    return lacks(entry, contract=contract) + inside


def empty(entry: Entry) -> list[str]:
    """A fault if there is no docstring."""
    return [] if entry.doc.text else [f"{entry.label}: nothing says what it is"]


def lacks(entry: Entry, *, contract: bool = False) -> list[str]:
    """What the docstring of one name lacks: arguments, what is returned, errors that its own body raises."""
    if fault := empty(entry):
        return fault
    doc, node, found = entry.doc, entry.node, list[str]()
    every = {name.strip("*") for name in entry.parameters} - {""}
    wanted = every - inherited(entry)
    if is_error(node) and entry.name != "GanvasError":
        wanted = set()
    if missing := sorted(wanted - doc.names("Args")):
        found.append(f"{entry.label}: no Args for {', '.join(missing)}")
    if unknown := sorted(doc.names("Args") - every - {""}):
        found.append(f"{entry.label}: Args for {', '.join(unknown)}, which it does not have")
    if returns(node) and not {"Returns", "Yields"} & doc.sections.keys():
        found.append(f"{entry.label}: no Returns")
    if missing := sorted(raised(node) - doc.names("Raises") - {"NotImplementedError"}):
        found.append(f"{entry.label}: no Raises for {', '.join(missing)}")
    return found


def inherited(entry: Entry) -> set[str]:
    """Parameters of a class that a base class of it describes."""
    node = entry.node
    if not isinstance(node, ast.ClassDef) or any(getattr(each, "name", "") == "__init__" for each in node.body):
        return set()
    return set(entry.parameters) - {code(each.target) for each in node.body if isinstance(each, ast.AnnAssign)}


def returns(node: Node) -> bool:
    """Whether a function returns something; a property is described by its first line."""
    if not isinstance(node, ast.FunctionDef) or is_property(node) or node.returns is None:
        return False
    return code(node.returns) != "None"


def is_error(node: Node) -> bool:
    """Whether a class is an exception of ours."""
    return isinstance(node, ast.ClassDef) and any(
        code(base).endswith(("Error", "Exception", "Warning")) for base in node.bases
    )


def is_property(node: Node) -> bool:
    """Whether a method is read like an attribute."""
    return isinstance(node, ast.FunctionDef) and any("property" in code(each) for each in node.decorator_list)


def page(face: str) -> str:
    """The Markdown page of a face."""
    own = entries(face)
    about = ast.get_docstring(tree_of(face)) or ""
    lines = [HEADER, "", f"# {face}", "", about.split("\n\n")[0], ""]
    if face == "ganvas":
        others = [f"[{other}]({other.rpartition('.')[2]}.md)" for other in faces()[1:]]
        lines += [STABLE, "", f"Parts: {', '.join(others)}.", ""]
    lines += ["| name | |", "| --- | --- |"]
    lines += [f"| [{each.name}](#{anchor(each.name)}) | {cell(each.doc.first)} |" for each in own]
    for each in own:
        lines += ["", f"## {each.name}", "", *body(each)]
        for member in each.members:
            lines += ["", f"### {member.name}", "", *body(member)]
    return "\n".join(lines) + "\n"


def body(entry: Entry) -> list[str]:
    """Signature, text and sections of one name."""
    lines = ["```python", signature(entry), "```", ""]
    lines += [plain(entry.doc.text)] if entry.doc.text else []
    for section, found in entry.doc.sections.items():
        lines += ["", f"**{section}**", ""]
        lines += [f"- `{name}`: {plain(text)}" if name else f"- {plain(text)}" for name, text in found]
        if section == "Args" and (others := sorted(inherited(entry) - entry.doc.names("Args"))):
            assert isinstance(entry.node, ast.ClassDef)
            bases = ", ".join(f"`{code(base)}`" for base in entry.node.bases)
            lines += [f"- {', '.join(f'`{name}`' for name in others)}: see {bases}"]
    if entry.doc.example:
        lines += ["", "```pycon", entry.doc.example, "```"]
    link = Path("../..") / "src" / path_of(entry.module).relative_to(SRC.parent)
    if "." not in entry.name:
        lines += ["", f"[Source]({link.as_posix()})"]
    return lines


def signature(entry: Entry) -> str:
    """As Python writes it, on one line if it is short."""
    node = entry.node
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return code(node)
    if is_property(node):
        assert isinstance(node, ast.FunctionDef)
        return f"{entry.name}: {code(node.returns) if node.returns else 'Any'}"
    if isinstance(node, ast.ClassDef) and is_protocol(node):
        return f"class {entry.name}({', '.join(map(ast.unparse, node.bases))})"
    returns = f" -> {code(node.returns)}" if isinstance(node, ast.FunctionDef) and node.returns else ""
    given = [f"{name}{text}" for name, text in entry.parameters.items()]
    short = f"{entry.name}({', '.join(given)}){returns}"
    return (
        short
        if len(short) <= WIDTH
        else "\n".join([f"{entry.name}(", *(f"    {each}," for each in given), f"){returns}"])
    )


def plain(text: str) -> str:
    """Text in which Markdown finds no formatting of its own: `<` and `*` of equations are escaped outside of code."""
    parts = re.split(r"(`[^`]*`|https?://\S+)", text)
    return "".join(part if place % 2 else re.sub(r"([*_<\[\]|])", r"\\\1", part) for place, part in enumerate(parts))


def cell(text: str) -> str:
    """Text for one cell of a table."""
    return plain(text).replace("\n", " ")


def anchor(name: str) -> str:
    """The anchor that a heading gets."""
    return name.lower().replace(".", "")


def pages() -> dict[str, str]:
    """File name in docs/api to text, for every face."""
    return {f"{face.rpartition('.')[2]}.md": page(face) for face in faces()}


def main() -> None:
    """Write every page, and remove pages of faces that are no more."""
    API.mkdir(exist_ok=True)
    wanted = pages()
    for old in API.glob("*.md"):
        if old.name not in wanted:
            old.unlink()
    for name, text in wanted.items():
        (API / name).write_text(text, encoding="utf-8")
    lacking = [fault for face in faces() for entry in entries(face) for fault in faults(entry)]
    print("\n".join([*lacking, f"{len(wanted)} pages, {len(lacking)} faults"]))


if __name__ == "__main__":
    main()
