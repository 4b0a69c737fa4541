"""Models on a hub, by the client of huggingface_hub: only the four files of a model folder, nothing that runs."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from ..base.errors import DataError, MissingExtra
from ..ingest import cache
from ..runs.model_folder import CARD, FACTS, PREVIEW, WEIGHTS, is_model_folder

FILES = (FACTS, WEIGHTS, CARD, PREVIEW)
T = TypeVar("T")


def downloaded(name: str, revision: str = "", endpoint: str | None = None) -> Path:
    """A model folder from a hub; without network the one that was downloaded before.

    The client's cache has links in the place of files, which are not followed here; so the files are copied, once.

    Args:
        name: "owner/name".
        revision: a branch, a tag or a commit; "" for the newest of the main branch.
        endpoint: address of the hub; None for the client's own, $HF_ENDPOINT.

    Returns:
        The folder, in the cache of ganvas.

    Raises:
        MissingExtra: huggingface_hub is not installed.
        DataError: there is no such model, or it cannot be reached.
    """
    from_hub = client("snapshot_download")
    found = answer_of(
        name,
        lambda: from_hub(name, revision=revision or None, allow_patterns=list(FILES), endpoint=endpoint),
    )
    snapshot = Path(found)
    place = cache.root() / "hub" / name.replace("/", "--") / snapshot.name
    if not is_model_folder(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as aside:
            for file in FILES:
                if (snapshot / file).is_file():
                    shutil.copyfile(snapshot / file, Path(aside) / file)
            if not is_model_folder(Path(aside)):
                raise DataError("this is no model of ganvas", where=f"hf://{name}", hint=f"It has no {FACTS}.")
            shutil.copytree(aside, place, dirs_exist_ok=True)
    return place


def uploaded(folder: Path, name: str, *, private: bool = False, endpoint: str | None = None) -> str:
    """Upload a model folder, and return the address of the commit.

    Args:
        folder: a model folder.
        name: "owner/name"; the repository is made if it is missing.
        private: whether a new repository is private.
        endpoint: as in `downloaded`.

    Raises:
        MissingExtra: huggingface_hub is not installed.
        DataError: the hub refuses, or cannot be reached.
    """
    api = client("HfApi")(endpoint=endpoint)

    def upload() -> str:
        api.create_repo(name, private=private, exist_ok=True)
        done = api.upload_folder(
            repo_id=name, folder_path=folder, allow_patterns=list(FILES), commit_message="Model of ganvas"
        )
        return str(done.commit_url)

    return answer_of(name, upload)


def client(what: str) -> Callable[..., Any]:
    """A part of huggingface_hub. Raises MissingExtra."""
    try:
        import huggingface_hub
    except ImportError as error:
        hint = 'pip install "ganvas[hub]"'
        raise MissingExtra("models on a hub need huggingface_hub", hint=hint) from error
    found: Callable[..., Any] = getattr(huggingface_hub, what)
    return found


def answer_of(name: str, request: Callable[[], T]) -> T:
    """What a request to the hub returns. Raises DataError."""
    try:
        return request()
    except Exception as error:  # the client raises those of several packages
        lines = str(error).strip().splitlines() or [type(error).__name__]
        hint = "Check the name, the network, and your login: hf auth login."
        raise DataError(
            f"the hub did not answer as hoped: {lines[0][:200]}", where=f"hf://{name}", hint=hint
        ) from error
