"""The card of a model folder: README.md with front matter as model hubs read it, made from its facts only."""

import math
from collections.abc import Mapping
from typing import Any

from .model_folder import ModelFacts

TASKS = {
    "samples": "unconditional-image-generation",
    "translations": "image-to-image",
    "classes": "image-classification",
}
HUB_LICENCES = ("apache-2.0", "mit", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "gpl-3.0", "bsd-3-clause")
MOST_SCORES = 12  # rows of the table
MOST_CLASSES = 12  # names in a sentence


def model_card(facts: ModelFacts) -> str:
    """README.md: front matter, what the model makes, how to use it, scores beside those of real data, limits."""
    parts = [front_matter(facts), f"# {facts.name}", makes(facts)]
    if facts.preview_seed is not None:
        parts += [f"![{facts.preview_samples} samples, not selected](samples.webp)"]
    parts += ["## How to use it", usage(facts), "## Scores", scores_text(facts), "## Limits", limits(facts)]
    return "\n\n".join([*parts, "## Licence and origin", origin(facts)]) + "\n"


def front_matter(facts: ModelFacts) -> str:
    """The YAML block that hubs read."""
    stated = facts.licence.lower()
    licence = stated if stated in HUB_LICENCES else "other" if facts.licence else "unknown"
    lines = [f"license: {licence}", *([f"license_name: {quoted(facts.licence)}"] if licence == "other" else [])]
    if facts.spec.domain == "images":
        lines.append(f"pipeline_tag: {TASKS[facts.use]}")
    tags = [
        "gan",
        "ganvas",
        *(["image-generation"] if facts.use == "samples" and facts.spec.domain == "images" else []),
    ]
    return "\n".join(["---", *lines, "library_name: ganvas", "tags:", *(f"- {tag}" for tag in tags), "---"])


def quoted(text: str) -> str:
    """A text for YAML in double quotes."""
    plain = "".join(c if c.isprintable() else " " for c in text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'


def makes(facts: ModelFacts) -> str:
    """One paragraph: what it makes, in which form, how long it was trained."""
    spec = facts.spec
    if spec.domain == "images":
        channels, height, width = spec.shape
        kind = {1: "grey", 3: "colour", 4: "transparent"}.get(channels, f"{channels}-channel")
        what = f"{kind} pictures of {width} x {height} pixels"
    else:
        what = f"{spec.domain} with {' x '.join(map(str, spec.shape))} numbers"
    verb = {"samples": "Generates", "translations": "Makes", "classes": "Reads"}[facts.use]
    given = " of given pictures" if facts.use == "translations" else ""
    sentence = f"{verb} {what}{given}{class_text(spec.classes)}."
    game = facts.recipe.get("game", {}).get("kind", "")
    training = f"The discriminator saw {facts.samples:,} real samples in training (game `{game}`)."
    made = f"A generative adversarial network of [ganvas](https://pypi.org/project/ganvas/) {facts.ganvas}."
    return f"{sentence} {training} {made}"


def class_text(classes: tuple[str, ...]) -> str:
    """ ", by class: a, b, c" for data with classes."""
    if not classes:
        return ""
    more = f" and {len(classes) - MOST_CLASSES} more" if len(classes) > MOST_CLASSES else ""
    return f", by class: {', '.join(classes[:MOST_CLASSES])}{more}"


def usage(facts: ModelFacts) -> str:
    """Three lines for the command and three for Python; FOLDER is the place of the model folder."""
    command, python = {
        "samples": ("ganvas sample FOLDER -n 64 -o grid.png", "x = model.sample(64, seed=0)"),
        "translations": ("ganvas translate FOLDER picture.png", 'ganvas.translate(model, "picture.png")'),
        "classes": ("ganvas eval FOLDER", "logits = model.answer(x)"),
    }[facts.use]
    return (
        f"```\npip install ganvas\n{command}\n```\n\n"
        f'```python\nimport ganvas\nmodel = ganvas.load("FOLDER")\n{python}\n```'
    )


def scores_text(facts: ModelFacts) -> str:
    """A table of scores beside those of real data, with what they were measured on."""
    if not facts.scores:
        return "This model was not scored."
    rows = ["| score | value | error | real data | n | split |", "| --- | ---: | ---: | ---: | ---: | --- |"]
    scores = [score for score in facts.scores if not str(score.get("name")).startswith("share_")]
    for score in scores[:MOST_SCORES]:
        numbers = (four_digits(score.get(key)) for key in ("value", "error", "real_vs_real"))
        split = score.get("protocol", {}).get("split", "")
        rows.append(f"| {score.get('name')} | {' | '.join(numbers)} | {score.get('n', '')} | {split} |")
    more = len(facts.scores) - min(len(scores), MOST_SCORES)
    rest = f"\n\n{more} more, and the protocol of each, are in model.json." if more > 0 else ""
    grade = f"\n\nGrade of the pictures by these scores: {facts.grade}." if facts.grade else ""
    return "\n".join(rows) + rest + grade


def four_digits(value: Any) -> str:
    """A number with four digits; empty where there is none."""
    return f"{value:.4g}" if isinstance(value, int | float) and math.isfinite(value) else ""


def limits(facts: ModelFacts) -> str:
    """What the model cannot do, and the doctor's last verdict."""
    lines = [
        "- It knows only what its training data show; their gaps and prejudices are in its output.",
        "- Its output may resemble single training samples; the scores named memorisation measure that.",
    ]
    if facts.use != "classes":
        lines.append("- Its files are marked as generated; `ganvas verify FILE --run FOLDER` reads the mark.")
    if facts.weights.precision != "float32":
        lines.append(f"- Its weights were rounded to {facts.weights.precision}; the scores are of the weights before.")
    if facts.use == "translations":
        lines.append("- There is no preview, as it would show the pictures of the training data's owner.")
    wrong = [finding for finding in facts.findings if finding[0] != "healthy"]
    verdict = "; ".join(f"{name}: {message.rstrip('.')}" for name, _, message in wrong)
    healthy = "nothing wrong found" if facts.findings else "it did not measure this run"
    return "\n".join([*lines, f"- The doctor's last verdict on its training: {verdict or healthy}."])


def origin(facts: ModelFacts) -> str:
    """Licence, data, fingerprints."""
    note = f" {facts.data_note.rstrip('.')}." if facts.data_note else ""
    licence = facts.licence or "not stated by the person who exported this model: ask before you use it"
    return (
        f"Licence: {licence}.{note} Fingerprint of the training data: `{facts.data[:12]}`. Checkpoint "
        f"`{facts.checkpoint}`; SHA-256 of the weights, as in the marks of files: `{facts.weights.model[:12]}`. "
        f"Written with torch {facts.torch} by ganvas {facts.ganvas}."
    )


def facts_of_card(facts: ModelFacts) -> Mapping[str, Any]:
    """The main facts as plain values, for lists of models."""
    return {
        "name": facts.name,
        "use": facts.use,
        "domain": facts.spec.domain,
        "shape": list(facts.spec.shape),
        "classes": list(facts.spec.classes),
        "samples": facts.samples,
        "licence": facts.licence,
        "model": facts.weights.model,
    }
