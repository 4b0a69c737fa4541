"""The models of a server: loaded, named, with what is known of them."""

import re
from collections.abc import Sequence

from ..applications.served_model import ServedModel
from ..applications.served_translations import ServedTranslations
from ..base.errors import UsageError
from ..base.progress import report_progress
from ..sessions.describe_model import facts_tree
from ..sessions.load_model import load

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
NAMED = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]{0,99})=(?P<place>.+)")


def served_models(
    places: Sequence[str], *, at: str = "auto", most_pixels: int = 1 << 22
) -> tuple[dict[str, ServedModel], dict[str, ServedTranslations]]:
    """Load models.

    Args:
        places: runs, model folders, ready-made models, places on a hub; NAME=PLACE gives one a name, otherwise it has
            that of its folder.
        at: the checkpoint of runs.
        most_pixels: of an uploaded picture.

    Returns:
        The models by name, and the translations of those that translate.

    Raises:
        GanvasError: a model cannot be loaded.
        UsageError: two have one name, a name cannot be part of an address, or a model makes neither.
    """
    models, translations = dict[str, ServedModel](), dict[str, ServedTranslations]()
    for number, stated in enumerate(places):
        report_progress("loading models", number, len(places))
        found = NAMED.fullmatch(stated)
        model = load(found["place"] if found else stated, at=at)
        name = found["name"] if found else re.split(r"[/\\@]", stated.rstrip("/\\"))[-1] or model.run.name
        name = name if found or NAME.fullmatch(name) else model.run.resolve().name
        if not NAME.fullmatch(name):
            hint = f"Give it one of letters, digits, '.', '_' and '-': NAME={stated}"
            raise UsageError(f"'{name}' cannot be a name in an address", where=stated, hint=hint)
        if name in models:
            raise UsageError(f"two models have the name '{name}'", where=stated, hint=f"Name one: NAME={stated}")
        models[name] = served = ServedModel(name, model, facts_tree(model))
        translating = ServedTranslations(served, most_pixels)
        if translating:
            translations[name] = translating
        elif not served.samples:
            raise UsageError("this model makes neither samples nor translations", where=stated)
    report_progress("loading models", len(places), len(places))
    return models, translations
