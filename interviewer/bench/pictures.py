"""Take the README's pictures from the running app: `python -m interviewer.bench.pictures` (needs Chromium).

A staff interview in practice mode is held in a headless browser, with answers written for this. On the way it takes
the pictures of docs/images and the frames of a short animation.
"""

import contextlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from interviewer.bench.first_page import ROOT, free_port

IMAGES = ROOT / "docs" / "images"
WIDTH, HEIGHT = 1280, 800
SEED = "7"
# Width of the animation's frames in pixels, and how long one stands in milliseconds unless told otherwise.
FRAME_WIDTH = 960
FRAME_TIME = 110

ANSWERS = (
    """The board had promised instant payouts to shop owners for the spring, and three of the five systems behind \
them still settled overnight. I said so in the first steering meeting, with a one-page table of which promise broke \
in which system, because arguing about the date without it had gone round twice.

I went to the leads of ledger, risk and support one by one. Risk would not move: an instant payout is money we \
cannot get back. So I proposed to launch with a ceiling of 500 euros a day, which risk could cover from its own \
budget, and to raise it as the fraud figures came in. Ledger agreed to build only the reservation and not the whole \
real-time book. What we gave up was larger shops in the first quarter, and I had sales agree to that in writing.

We launched on the day for 62 percent of shops. Losses stayed at 0.04 percent, so by autumn the ceiling was 5,000, \
and the real-time book was built in peace instead of in panic.""",
    """What I put off was the real-time book itself. I wrote down what that would cost: every month of waiting meant \
about two days of reconciling by hand for ledger. I chose that over slipping the date, since the launch would tell us \
whether anybody wanted payouts over 500 euros at all. I set a date to come back to it, and in September we paid it \
off: a quarter of work for two people, which was less than the rewrite would have been in spring.""",
    """She was the only one who understood our pricing engine, and everything went through her. I did not ask her to \
write documents. I asked her to lead the review of the checkout redesign, which used her engine in a way she had \
never seen, and I sat in the first two sessions and then stayed away.

Each week we took an hour over one decision of hers: who it touched, what the other teams had not said aloud, what \
she would do if her first plan fell through. After three months she turned down a change to her own engine because \
billing would have paid for it later. She now runs the architecture forum for four teams, and two of the engineers \
there say they learned from her how to disagree in writing.""",
    """We had to choose one event platform for nine teams before anyone had measured the load: the old vendor's \
contract ran out in twelve weeks. Nobody could say which figures mattered, so I began by listing what we did not \
know and what a wrong guess on each would cost. Only two guesses were dear: ordering, and replay after a loss.

I had two teams build the same small flow on both candidates in a fortnight and cut the power on purpose. The cheaper \
one lost its order once in a thousand events. I chose the dearer, told the other seven leads in one meeting what I \
still did not know, and kept a way back: a thin layer of our own, which cost each team about a day. Five months later \
the load turned out to be three times our guess, and nobody had to change a line.""",
)


def main() -> None:
    """Hold the interview and write the pictures."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is not installed, so there is nothing to take pictures with.")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with running_app() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light", reduced_motion="reduce"
        )
        page.set_default_timeout(120_000)
        Session(page).hold(url)
        browser.close()
    for path in sorted(IMAGES.iterdir()):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KB")


@contextlib.contextmanager
def running_app() -> Iterator[str]:
    """Start the app on an empty data folder and yield its address."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        url = f"http://127.0.0.1:{port}/"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("INTERVIEWER_")}
        process = subprocess.Popen(
            [sys.executable, "app.py", "--port", str(port), "--model", "embedded"],
            cwd=ROOT,
            env=kept | {"INTERVIEWER_DATA_DIR": folder},
            stdout=subprocess.DEVNULL,
        )
        try:
            while True:
                if process.poll() is not None:
                    sys.exit("The app did not start; see above.")
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(url, timeout=10).close()
                    break
                time.sleep(0.1)
            yield url
        finally:
            process.kill()
            process.wait()


class Session:
    """One interview in the browser, photographed."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.frames: list[Image.Image] = []
        self.times: list[int] = []

    def hold(self, url: str) -> None:
        """Hold the interview, look at its scorecard and step through it."""
        page = self.page
        page.goto(url)
        page.wait_for_selector("#begin")
        page.evaluate("document.fonts.ready")
        page.get_by_label("Staff", exact=True).check()
        self.frame(1500)
        page.get_by_text("More choices").click()
        page.get_by_label("Seed").fill(SEED)
        page.get_by_label("Practice mode").check()
        page.locator("#begin").click()
        self.heard(1)
        page.evaluate("window.scrollTo(0, 0)")
        self.frame(2500)
        for turn, answer in enumerate(ANSWERS):
            self.say(answer, typed=turn == 0)
            self.heard(turn + 2)
            self.frame(2500 if turn < 2 else 1200)
            if turn == len(ANSWERS) - 2:
                page.evaluate("document.activeElement.blur()")
                self.cut("interview", "#brand", "#tools")
        # Question three closes when one moves on; the talk ends there.
        if "question 4" not in page.locator("#status").inner_text():
            page.locator("#skip").click()
            self.heard(len(ANSWERS) + 2)
        page.locator("#end").click()
        page.locator("#end-now").click()
        page.wait_for_selector("#scorecard .verdict")
        page.mouse.move(0, 0)
        page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
        self.frame(3000)
        page.locator("#scorecard details.item", has=page.locator("mark.ev")).first.locator("> summary").click()
        page.evaluate("document.activeElement.blur()")
        self.cut("scorecard", "#brand", "#scorecard details.item[open] + details.item")
        page.locator("#scorecard details.item[open]").scroll_into_view_if_needed()
        self.frame(3500)
        page.locator("#open-replay").click()
        page.wait_for_selector("#replay-talk .turn.now")
        for turn in range(2, 5):
            page.locator("#replay-next").click()
            page.wait_for_function(f"document.querySelector('#place').innerText.includes('Turn {turn} of')")
        page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
        page.mouse.move(0, 0)
        self.cut("replay", "#brand", "#replay-talk")
        self.frame(3500)
        self.animation()

    def say(self, answer: str, typed: bool) -> None:
        """Write an answer, in view of the animation when it is typed, and send it."""
        box = self.page.locator("#answer textarea")
        words = answer.split(" ")
        for end in range(8, 48, 8) if typed else ():
            box.fill(" ".join(words[:end]))
            self.frame()
        box.fill(answer)
        self.frame(900)
        self.page.locator("#send").click()

    def heard(self, count: int) -> None:
        """Wait until the interviewer has said so many things and listens again."""
        page = self.page
        page.wait_for_function(
            "count => document.querySelectorAll('#chat .bot.message').length >= count"
            " && document.querySelector('#send')?.disabled === false",
            arg=count,
        )
        page.wait_for_timeout(300)

    def cut(self, name: str, first: str, last: str) -> None:
        """Take a picture of the page from the top of one element to the bottom of another."""
        boxes = [
            self.page.evaluate(
                "query => { const box = document.querySelector(query).getBoundingClientRect();"
                " return [box.top + scrollY, box.bottom + scrollY]; }",
                query,
            )
            for query in (first, last)
        ]
        top, bottom = boxes[0][0], boxes[1][1] + 24
        shot = self.page.screenshot(
            full_page=True, clip={"x": 0, "y": top, "width": WIDTH, "height": min(bottom - top, 1500)}
        )
        picture = Image.open(io.BytesIO(shot)).convert("RGB")
        # A palette of 256 keeps flat colours as they are at a third of the size.
        picture.quantize(256, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)

    def frame(self, milliseconds: int = FRAME_TIME) -> None:
        """Keep what the window shows as a frame of the animation."""
        picture = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        size = (FRAME_WIDTH, FRAME_WIDTH * HEIGHT // WIDTH)
        self.frames.append(picture.resize(size, Image.Resampling.LANCZOS))
        self.times.append(milliseconds)

    def animation(self) -> None:
        """Write the frames as an animation that runs for ever."""
        first, *rest = self.frames
        first.save(
            IMAGES / "interview.webp",
            save_all=True,
            append_images=rest,
            duration=self.times,
            loop=0,
            quality=80,
            method=4,
        )


if __name__ == "__main__":
    main()
