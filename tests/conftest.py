"""What every test stands on: checked shapes, one thread, and no silent skips where the gate forbids them."""

import os
import signal
import sys
from collections.abc import Generator
from functools import cache
from pathlib import Path

import jaxtyping
import pytest
from hypothesis import settings
from jaxtyping import install_import_hook

# Where compiled files are forbidden, every worker would compile all tests, and every command that a test starts all of
# ganvas, again and again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

CHECKED = [
    "ganvas.ops",
    "ganvas.losses",
    "ganvas.penalties",
    "ganvas.networks",
    "ganvas.games",
    "ganvas.metrics",
    "ganvas.augment",
]
install_import_hook(
    CHECKED, "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))"
)  # before anything imports ganvas
SHAPES = {"augment", "games", "losses", "metrics", "networks", "ops", "penalties"}  # folders of tests that check shapes

settings.register_profile("gate", deadline=None)  # a busy machine is no fault
settings.load_profile("gate")

LONGEST = (  # first, so that two workers end together
    "test_resume.py",
    "test_processes.py",
    "test_evaluate.py",
    "test_distributed.py",
    "test_sandbox.py",
    "test_sandbox_page.py",
    "test_choose.py",
    "test_docs.py",
    "test_recipes.py",
    "test_known_weights.py",
    "test_lab.py",
    "test_rescue.py",
    "test_trackers.py",
    "test_site.py",
    "test_cli.py",
    "test_launch.py",
    "test_train_shards.py",
    "test_fork.py",
    "test_page_checks.py",
    "test_compare.py",
    "test_networks.py",
    "test_sandbox_undo.py",
    "test_shards.py",
    "test_human.py",
    "test_transparent.py",
    "test_generation.py",
    "test_explorer.py",
    "test_edit.py",
    "test_tampered.py",
    "test_checkpoints.py",
    "test_final_scores.py",
    "test_inpaint.py",
)
NO_SKIP = os.environ.get("GANVAS_NO_SKIP") == "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the tests that take over half a minute too")
    parser.addoption(
        "--data", metavar="PATH", help="--data=PATH, the shared data folder; tests that want it are skipped without it"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.option.loadscopereorder = (
        False  # pytest-xdist would begin with the files of most tests, not with the longest
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--slow"):
        slow = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]
    order = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))
    on_gpu = [item for item in items if item.get_closest_marker("gpu")]
    if on_gpu and not accelerator():
        for item in on_gpu:
            item.add_marker(pytest.mark.skip(reason="needs an accelerator"))


def accelerator() -> bool:
    import torch

    return torch.cuda.is_available()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Shapes are checked in the tests of the parts themselves; everywhere else the check would cost a quarter more."""
    jaxtyping.config.update("jaxtyping_disable", item.path.parent.name not in SHAPES)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail") and not item.get_closest_marker("gpu"):
        report.outcome = "failed"
        report.longrepr = f"GANVAS_NO_SKIP forbids this skip: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if NO_SKIP and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"GANVAS_NO_SKIP forbids this skip: {report.longrepr}"
    return report


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_is_heard() -> None:
    """A shell that starts the tests in the background makes them, and all that they start, deaf to SIGINT."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def no_width() -> None:
    """Messages are wrapped to COLUMNS where it is set, as pytest-xdist does in its workers."""
    os.environ.pop("COLUMNS", None)


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session", autouse=True)
def cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Decoded pictures never land among a person's own."""
    os.environ["GANVAS_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session", autouse=True)
def one_command_tree() -> None:
    """A call of the command builds all commands first: once for a person, hundreds of times in a process of tests."""
    import typer.main

    typer.main.get_command = cache(typer.main.get_command)


@pytest.fixture(scope="session", autouse=True)
def one_browser() -> Generator[None]:
    """The browser that the tests of pages share is ended with them."""
    yield
    if "browser" in sys.modules:
        sys.modules["browser"].close_shared()


@pytest.fixture(scope="session")
def data_folder(request: pytest.FixtureRequest) -> Path:
    """The folder given by --data."""
    given = request.config.getoption("--data")
    if given is None:
        pytest.skip("wants the shared data folder: --data=PATH")
    if not Path(given).is_dir():
        pytest.skip(f"the shared data folder is missing: {given}")
    return Path(given)
