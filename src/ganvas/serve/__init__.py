"""Pages for a browser, and the generation server. They read runs and applications, and never train."""

from importlib.util import find_spec

from ..base.errors import MissingExtra


def check_installed(purpose: str = "pages for a browser need", extra: str = "lab", *further: str) -> None:
    """Raises MissingExtra where a package that pages need, or one of `further` packages, is not installed."""
    for package in ("starlette", "uvicorn", *further):
        if find_spec(package) is None:
            raise MissingExtra(f"{purpose} {package}, which is not installed", hint=f'pip install "ganvas[{extra}]"')


check_installed()
