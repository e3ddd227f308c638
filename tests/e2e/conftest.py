"""The app as a process of its own, and a real browser to look at it with."""

import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

# A shared machine may be slow; a test that waits for what never comes fails all the same.
expect.set_options(timeout=90_000)

ROOT = Path(__file__).resolve().parent.parent.parent
PICTURES = ROOT / ".e2e"
CHROMIUM_ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-default-apps", "--disable-sync", "--no-first-run",
]  # fmt: skip
# Sits in the app's process and writes down whom it tries to reach: a look-up and a connection each make a line.
WATCH = """
import os, socket, sys
def watch(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        with open(os.environ["WATCH_LOG"], "a") as log:
            log.write(f"{event} {args[1] if event in ('socket.connect', 'socket.sendto') else args[0]!r}\\n")
sys.addaudithook(watch)
"""


class App:
    """The app in a process: started, killed and started again on the same data and port."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.log = folder / "app.log"
        self.reached = folder / "reached.log"
        self.reached.touch()
        watch = folder / "watch"
        watch.mkdir()
        (watch / "sitecustomize.py").write_text(WATCH)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.env = os.environ | {
            "INTERVIEWER_DATA_DIR": str(self.data),
            "GRADIO_TEMP_DIR": str(folder / "gradio"),
            "PYTHONPATH": str(watch),
            "WATCH_LOG": str(self.reached),
            "HOME": str(folder),
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def start(self, **more: str) -> None:
        """Start it, with more environment when wanted, and wait for its page."""
        self.env |= more
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "app.py", "--port", str(self.port)], cwd=ROOT, env=self.env, stdout=log, stderr=log
            )
        for _ in range(1800):
            if self.process.poll() is not None:
                raise AssertionError(f"the app ended at once:\n{self.log.read_text()}")
            try:
                urllib.request.urlopen(self.url, timeout=5).close()
                return
            except OSError:
                time.sleep(0.1)
        self.kill()
        raise AssertionError(f"the app did not answer:\n{self.log.read_text()}")

    def wait_for_draft(self, text: str) -> None:
        """Wait until the store holds this draft; a busy machine may take its time."""
        found: list[str] = []
        for _ in range(200):
            with contextlib.closing(sqlite3.connect(self.data / "interviews.db")) as store:
                found = [row[0] for row in store.execute("select draft from interviews")]
            if text in found:
                return
            time.sleep(0.1)
        raise AssertionError(f"the draft was not kept: {found}")

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        self.process = None


@pytest.fixture
def unstarted(tmp_path: Path) -> Iterator[App]:
    one = App(tmp_path)
    yield one
    one.kill()


@pytest.fixture
def app(unstarted: App) -> App:
    unstarted.start()
    return unstarted


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        words = "Chromium is not installed, so the screen was not looked at (Debian: apt-get install chromium)."
        if os.environ.get("CI") == "true":
            pytest.fail(words)
        pytest.skip(words)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


# The answers that each page is still reading; Gradio closes that stream when no event is under way.
UNDER_WAY: dict[Page, set[Request]] = {}


def follow(page: Page) -> None:
    """Note from now on which events of a page are under way."""
    reading = UNDER_WAY[page] = set()
    page.on("request", lambda one: reading.add(one) if "/queue/" in one.url else None)
    page.on("requestfinished", lambda one: reading.discard(one))
    page.on("requestfailed", lambda one: reading.discard(one))


def settled(page: Page) -> None:
    """Wait until no event of a page is under way: what it does last is drawn some moments before it has ended.

    In those moments a second press of the same button is dropped, which only a browser that is driven can be quick
    enough for.
    """
    quiet = 0
    for _ in range(1800):
        quiet = 0 if UNDER_WAY[page] else quiet + 1
        if quiet == 3:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"events of the page never ended: {[one.url for one in UNDER_WAY[page]]}")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a fresh browser profile, which fails the test when a script of it breaks."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, color_scheme="light", reduced_motion="reduce"
    )
    context.set_default_timeout(90_000)
    one = context.new_page()
    follow(one)
    broken: list[str] = []
    one.on("pageerror", lambda error: broken.append(str(error)))
    yield one
    context.close()
    del UNDER_WAY[one]
    assert not broken


@pytest.fixture
def picture(page: Page) -> Callable[[str], None]:
    """Take pictures of a page at desktop and phone width, in light and dark."""
    PICTURES.mkdir(exist_ok=True)

    def take(name: str) -> None:
        for width, height in ((1280, 800), (375, 812)):
            for scheme in ("light", "dark"):
                page.set_viewport_size({"width": width, "height": height})
                page.evaluate("dark => document.body.classList.toggle('dark', dark)", scheme == "dark")
                page.wait_for_timeout(120)
                page.screenshot(path=PICTURES / f"{name}-{width}-{scheme}.png", full_page=True)
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, f"{name} is {wide} px wide on a screen of {width}"
        page.set_viewport_size({"width": 1280, "height": 800})
        page.evaluate("document.body.classList.remove('dark')")

    return take
