"""How long until the first page, against a bare Gradio chat page: `python -m interviewer.bench.first_page`.

Both are started as fresh processes in turn, so that both meet the same machine; the medians are compared. The time
runs from the start of the process to the whole page in the HTTP client, and with Chromium at hand to the moment one
could begin to type or press Start.
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
BARE = """
import sys
import gradio as gr

gr.ChatInterface(lambda message, history: "Hello.").launch(server_name="127.0.0.1", server_port=int(sys.argv[1]))
"""


def measure(command: Sequence[str], env: dict[str, str], port: int, ready: str, browser: Any) -> tuple[float, float]:
    """Start an app and return the seconds until its page was served, and until it could be used.

    Args:
        ready: Selector of what one begins with.
        browser: A running Chromium; None when there is none, the second figure is then 0.
    """
    url = f"http://127.0.0.1:{port}/"
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                with urllib.request.urlopen(url, timeout=10) as page:
                    page.read()
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}") from None
                time.sleep(0.02)
        served = time.perf_counter() - began
        if browser is None:
            return served, 0.0
        tab = browser.new_page()
        tab.goto(url)
        tab.wait_for_selector(ready)
        usable = time.perf_counter() - began
        tab.close()
        return served, usable
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Print the medians of both pages and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="starts of each app (default 5)")
    runs = parser.parse_args().runs
    chromium = shutil.which("chromium")
    if chromium is None:
        compare(runs, None)
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        compare(runs, browser)
        browser.close()


def compare(runs: int, browser: Any) -> None:
    """Measure the bare page, the app on an empty data folder and the app on a used one, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        used = Path(folder) / "used"
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE)
        env = os.environ | {"GRADIO_ANALYTICS_ENABLED": "False"}
        times: dict[str, list[tuple[float, float]]] = {"bare": [], "empty": [], "used": []}
        for run in range(runs + 1):
            for name, seconds in times.items():
                port = free_port()
                data = used if name == "used" else Path(folder) / f"empty-{run}"
                command = [str(bare)] if name == "bare" else ["app.py", "--port"]
                ready = "textarea" if name == "bare" else "#begin"
                one = measure(
                    [sys.executable, *command, str(port)],
                    env | {"INTERVIEWER_DATA_DIR": str(data)},
                    port,
                    ready,
                    browser,
                )
                if run:  # the first round warms the disk's cache and fills the used folder
                    seconds.append(one)
    for place, what in enumerate(("page served", "page usable in Chromium")):
        middle = {name: statistics.median(one[place] for one in seconds) for name, seconds in times.items()}
        if not middle["bare"]:
            continue
        print(
            f"{what}: bare {middle['bare']:.2f} s, "
            f"empty data folder {middle['empty']:.2f} s ({middle['empty'] / middle['bare']:.2f} times), "
            f"used one {middle['used']:.2f} s ({middle['used'] / middle['bare']:.2f} times)"
        )


if __name__ == "__main__":
    main()
