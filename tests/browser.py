"""A real browser, driven over its debugging pipe: pages, clicks, keys, screenshots."""

import base64
import fcntl
import itertools
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

FOUND = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
    "--disable-extensions",
]
KEYS = {"ArrowLeft": 37, "ArrowRight": 39, "Tab": 9, "Enter": 13}


LEFT = "Inspected target navigated or closed"  # Chromium's words


class Browser:
    """A headless browser with an empty profile."""

    def __init__(self, profile: Path) -> None:
        assert FOUND
        (theirs_in, self.to), (self.back, theirs_out) = os.pipe(), os.pipe()
        high = [
            fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, 100) for each in (theirs_in, theirs_out)
        ]  # out of the way of 3 and 4
        silent = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
        pipes = [(os.POSIX_SPAWN_DUP2, high[0], 3), (os.POSIX_SPAWN_DUP2, high[1], 4)]
        words = [FOUND, *FLAGS, f"--user-data-dir={profile}"]
        self.process = os.posix_spawn(FOUND, words, os.environ, file_actions=[*silent, *pipes])
        for each in (theirs_in, theirs_out, *high):
            os.close(each)
        self.left = b""
        self.numbers = itertools.count(1)

    def call(
        self, method: str, parameters: dict[str, Any], session: str | None, events: list[dict[str, Any]]
    ) -> dict[str, Any]:
        """One command and its answer; what else is said meanwhile is added to `events`."""
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.left:
                part = os.read(self.back, 1 << 20)
                assert part, "the browser is gone"
                self.left += part
            whole, self.left = self.left.split(b"\0", 1)
            said = json.loads(whole)
            if said.get("id") == number:
                assert "error" not in said, said
                return dict(said["result"])
            events.append(said)

    def close(self) -> None:
        os.kill(self.process, signal.SIGTERM)
        os.waitpid(self.process, 0)
        os.close(self.to)
        os.close(self.back)


class Page:
    """One tab, which shares nothing with other pages: no storage, no cache, no cookies."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.session: str | None = None
        self.events: list[dict[str, Any]] = []
        self.context = self.call("Target.createBrowserContext")["browserContextId"]
        place = {"url": "about:blank", "browserContextId": self.context}
        target = self.call("Target.createTarget", **place)["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command and its answer."""
        return self.browser.call(method, parameters, self.session, self.events)

    def close(self) -> None:
        self.session = None
        self.call("Target.disposeBrowserContext", browserContextId=self.context)

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def until(self, expression: str, seconds: float = 15) -> None:
        """Wait for an expression to be true, also on a page that loads anew meanwhile."""
        end = time.monotonic() + seconds
        while not self.runs_true(expression):
            assert time.monotonic() < end, f"never true: {expression}; {self.run('document.body.innerText')}"
            time.sleep(0.02)

    def runs_true(self, expression: str) -> bool:
        """Whether the value is true; not if the page went away while it was computed."""
        try:
            return bool(self.run(expression))
        except AssertionError as error:
            if LEFT in str(error):
                return False
            raise

    def screen(self, width: int, height: int, dark: bool = False) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )
        self.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}],
        )

    def press(self, key: str) -> None:
        for kind in ("keyDown", "keyUp"):
            text = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=KEYS[key], **text)

    def press_with_control(self, letter: str) -> None:
        """A letter with the key Control held."""
        code = {"code": f"Key{letter.upper()}", "windowsVirtualKeyCode": ord(letter.upper())}
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=letter, modifiers=2, **code)

    def click(self, selector: str) -> None:
        """Click in the middle of an element, once nothing above it moves it any more."""
        place = self.run(
            "new Promise(done => { let last = ''; const look = () => { "
            f"const box = document.querySelector('{selector}').getBoundingClientRect();"
            "const now = [box.x + box.width / 2, box.y + box.height / 2];"
            "if (String(now) === last) done(now); else { last = String(now); setTimeout(look, 50); } }; look(); })"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def drag(self, selector: str, places: list[tuple[float, float]]) -> None:
        """Press at the first place of an element, move through the others, release; places are shares of its size."""
        box = f"document.querySelector('{selector}').getBoundingClientRect()"
        left, top, wide, high = self.run(f"(box => [box.x, box.y, box.width, box.height])({box})")
        at = [(left + x * wide, top + y * high) for x, y in places]
        kinds = ["mousePressed", *["mouseMoved"] * (len(at) - 1), "mouseReleased"]
        for kind, (x, y) in zip(kinds, [*at, at[-1]], strict=True):
            buttons = 0 if kind == "mouseReleased" else 1
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=buttons, clickCount=1)

    def touch(self, selector: str, places: list[tuple[float, float]]) -> None:
        """As `drag`, by a finger."""
        box = f"document.querySelector('{selector}').getBoundingClientRect()"
        left, top, wide, high = self.run(f"(box => [box.x, box.y, box.width, box.height])({box})")
        for at, (x, y) in enumerate(places):
            point = {"x": left + x * wide, "y": top + y * high}
            self.call("Input.dispatchTouchEvent", type="touchMove" if at else "touchStart", touchPoints=[point])
        self.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def choose(self, selector: str, value: str) -> None:
        """Choose an option of a list."""
        self.run(
            f"(list => {{ list.value = '{value}'; list.dispatchEvent(new Event('change')); }})"
            f"(document.querySelector('{selector}'))"
        )

    def photograph(self, file: Path, whole: bool = False) -> None:
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=whole)["data"]))

    @property
    def complaints(self) -> list[str]:
        """What the browser logged as errors, refused by the page's policy or not found."""
        self.run("1")
        entries = [event["params"]["entry"] for event in self.events if event.get("method") == "Log.entryAdded"]
        thrown = [str(event["params"]) for event in self.events if event.get("method") == "Runtime.exceptionThrown"]
        return [
            f"{entry['text']} {entry.get('url', '')}" for entry in entries if "favicon" not in entry.get("url", "")
        ] + thrown

    @property
    def addresses(self) -> set[str]:
        """Hosts that were asked for anything."""
        urls = [
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        ]
        return {url.split("/")[2] for url in urls if url.startswith("http")}


@contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """A page in a headless browser with an empty profile."""
    started = Browser(profile)
    try:
        yield Page(started)
    finally:
        started.close()


class Shared(NamedTuple):
    """The browser that all tests of a process share, for its start takes seconds, and its profile."""

    browser: Browser
    profile: tempfile.TemporaryDirectory[str]


OPEN: list[Shared] = []


@contextmanager
def new_page() -> Iterator[Page]:
    """A page of its own in the shared browser; one that a failed test leaves is not used again."""
    if not OPEN:
        profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        OPEN.append(Shared(Browser(Path(profile.name)), profile))
    try:
        page = Page(OPEN[0].browser)
        yield page
        page.close()
    except BaseException:
        close_shared()
        raise


def close_shared() -> None:
    """End the shared browser, if there is one."""
    while OPEN:
        shared = OPEN.pop()
        shared.browser.close()
        shared.profile.cleanup()
