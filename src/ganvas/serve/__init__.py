"""Pages for a browser on the same machine. They read runs and applications, and never train."""

from importlib.util import find_spec

from ..base.errors import MissingExtra


def check_installed() -> None:
    """Raises MissingExtra where a package that pages need is not installed."""
    for package in ("starlette", "uvicorn"):
        if find_spec(package) is None:
            raise MissingExtra(
                f"pages for a browser need {package}, which is not installed", hint='pip install "ganvas[lab]"'
            )


check_installed()
