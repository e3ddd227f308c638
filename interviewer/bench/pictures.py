"""Take the README's pictures from the running app: `python -m interviewer.bench.pictures` (needs Chromium).

A staff interview in practice mode is held in a headless browser, with answers written for this: once for the
pictures of docs/images, once in a smaller window for the animation. Nothing is drawn by hand; only the line at the
foot of the animation is not of the app.
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
from typing import Any

from PIL import Image

from interviewer.bench.first_page import ROOT, free_port
from interviewer.guide.markdown import read_guide
from interviewer.guide.model import Kind, Level
from interviewer.interview.plan import make_plan

IMAGES = ROOT / "docs" / "images"
# One file of the guide alone: its few questions do not change when the banks grow.
GUIDE = ROOT / "knowledge" / "guides" / "senior-staff.md"
MINUTES = 20

# What is answered to each question: first the answer, then what is said to a probe with these words in it; the last
# one to any other probe.
ANSWERS = {
    "unclear-problem": {
        "": """In March our largest customer said that our numbers were wrong and would not say which. Nobody knew \
whether it was a fault, a contract or a misunderstanding, and four teams each had proof that it was not theirs.

I began by writing down what we did not know and what a wrong guess on each would cost. Then I spent two days with \
their accountant and followed nine invoices by hand. In seven of them our day ended at midnight in Dublin and theirs \
at midnight in Denver: no fault at all, but a term that two contracts used differently.

I could have changed the report for them. I proposed instead that every figure carry its time zone, which cost four \
teams about three weeks each, and I had their leads agree by showing them eleven more customers who would ask next. \
Complaints of that kind went from 14 a month to one.""",
        "agree": """The leads of reporting, billing, data and sales. Billing said no at first, because a changed \
invoice has to be filed again. I proposed that old invoices stay as they are and only new ones carry the zone, and \
with that their lead came round and wrote the rule himself.""",
        "came round": """Billing said no at first, because a changed invoice has to be filed again. I proposed that \
old invoices stay as they are and only new ones carry the zone, and with that their lead came round and wrote the \
rule himself.""",
        "put off": """We put off the cleaning of two years of old reports. I chose that since nobody reads them, and \
wrote down the price: each question about an old one costs support an hour. After a year there had been nine.""",
        "business": """Two things. Sales now shows those figures to customers before they ask, and the contract with \
that customer, about four million a year, was renewed in June after their accountant had said in March that he would \
advise against it. I had proposed the zones and not a quick repair for that reason: every large customer to come would \
have had two midnights.""",
        "why that": """Because every large customer to come would have had two midnights. I put a repair for the one \
beside a rule for all of them, with the cost of each over three years, and the rule was cheaper from the fourth \
customer on. Sales had 15 of that size in its plan for the year.""",
        "experienced": """I asked Tomas, a senior engineer in data, to own the change with me. I let him run the \
meetings with billing, and we went over each one afterwards: what they had feared and had not said. He has since led \
two changes across teams without me.""",
        "took it over": """Tomas, a senior engineer in data. I let him run the meetings with billing, and we went over \
each one afterwards: what they had feared and had not said. He has since led two changes across teams without me.""",
        "other": """I settled it by cost: the guess that could hurt most was that we had overcharged, so I checked \
that first, on the nine largest invoices, before anyone wrote a line of code. Once that was ruled out, we had the time \
to ask what the customer meant instead of defending ourselves.""",
    },
    "grow-senior": {
        "": """Ines was the only one who understood our pricing engine, and everything went through her. I did not ask \
her to write documents. I asked her to lead the review of the checkout redesign, which used her engine in a way she \
had never seen, and I sat in the first two sessions and then stayed away.

Each week we took an hour over one decision of hers: who it touched, what the other teams had not said aloud, what she \
would do if her first plan fell through. After three months she turned down a change to her own engine because billing \
would have paid for it later. She now runs the architecture forum for four teams, and two of the senior engineers \
there say they learned from her how to disagree in writing.""",
        "agree": """Her manager and the leads of billing and checkout, who had all come to count on her answering at \
once. I showed them a month of her calendar: 61 interruptions. We agreed on two hours a day, and I took the urgent \
cases myself for six weeks until the other two engineers could.""",
        "came round": """The leads of billing and checkout had come to count on her answering at once. I showed them a \
month of her calendar, with 61 interruptions, and took the urgent cases myself for six weeks until they saw that \
nothing broke.""",
        "put off": """We put off a new discount feature by five weeks so that she had the time. I told the product \
lead what that would cost, about 30,000 euros, and what we bought with it: an engine that three people can change \
and not one.""",
        "other": """I chose her because the checkout redesign was where the next two years would be decided, and one \
person who could say no to it with reasons was worth more to the company than another feature. Since then the forum \
has turned down two projects, one of which would have cost us half a year.""",
    },
    "chosen-shortcut": {
        "": """The board had promised instant payouts to shop owners for the spring, and three of the five systems \
behind them still settled overnight. I wrote one page on which promise broke in which system, because arguing about \
the date without it had gone round twice.

I went to the leads of ledger, risk and support one by one. Risk would not move: an instant payout is money we cannot \
get back. So I proposed a shortcut: launch with a ceiling of 500 euros a day, which risk could cover from its own \
budget, and raise it as the fraud figures came in. What we gave up was larger shops in the first quarter, and I had \
sales agree to that in writing.

We launched on the day for 62 percent of shops. Losses stayed at 0.04 percent, so by autumn the ceiling was 5,000.""",
        "agree": """Risk, ledger and sales, none of whom report to me. I asked the head of risk what she would need to \
see before she said yes, and she named a loss rate. I built the weekly figure she asked for before I asked again, and \
then she argued for the launch herself in front of the other four teams.""",
        "came round": """Risk came round last. I asked the head of risk what she would need to see before she said \
yes, and she named a loss rate. I built the weekly figure she asked for before I asked again, and then she argued for \
the launch herself in front of the other four teams.""",
        "nobody knew": """Nobody knew whether shops wanted payouts above 500 euros at all. I chose to find that out \
before anything was built: I had support ask 40 shop owners in a week, and only three of them did. That is why the \
ceiling came first and the real-time ledger second.""",
        "settled": """I listed what nobody knew and what a wrong guess on each would cost. Only the fraud rate was \
dear, so I had that measured first, on 200 shops for two weeks, and everything else waited for the result.""",
        "other": """I put off the real-time ledger. I wrote down what each month of waiting would cost, two days of \
reconciling by hand, and chose that over slipping the date, because the launch would tell us whether anybody wanted \
more than 500 euros. I set a date to come back to it, and in September we paid it off: a quarter of work for two \
people, where the rewrite in spring would have taken six.""",
    },
}

# The window of the pictures, and that of the animation: width and height in pixels.
WINDOW = (1280, 800)
SMALL = (1080, 864)
# How long a frame of the animation stands, in milliseconds.
TYPED, READ, LOOK = 120, 1400, 2300
CAPTION = """(text) => {
  const bar = document.getElementById('caption') || document.body.appendChild(document.createElement('div'));
  bar.id = 'caption';
  bar.textContent = text;
  bar.style.cssText = 'position:fixed;left:0;right:0;bottom:0;z-index:9999;padding:13px 24px;font-size:20px;'
    + 'font-weight:700;color:white;background:#1b5f5a;font-family:'
    + getComputedStyle(document.querySelector('.gradio-container')).fontFamily;
}"""


def main() -> None:
    """Hold the interviews and write the pictures."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is not installed, so there is nothing to take pictures with.")
    IMAGES.mkdir(parents=True, exist_ok=True)
    seed = seed_of_the_answered()
    with running_app() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for photograph, (width, height) in ((pictures, WINDOW), (animation, SMALL)):
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme="light", reduced_motion="reduce"
            )
            page.set_default_timeout(120_000)
            page.goto(url)
            photograph(Session(page, seed))
            page.close()
        browser.close()
    for path in sorted(IMAGES.glob("*.*")):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KB")


def seed_of_the_answered() -> int:
    """Return a seed whose interview has the questions that answers are written for, in their order."""
    guide, _ = read_guide([GUIDE])
    wanted = list(ANSWERS)
    for seed in range(5000):
        plan = make_plan(guide, Level.STAFF, (Kind.BEHAVIORAL,), MINUTES, seed)
        if [question.id for question in plan.questions] == wanted:
            return seed
    sys.exit(f"No seed up to 5000 asks {', '.join(wanted)}: the guide or the plan has changed; write other answers.")


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
            env=kept | {"INTERVIEWER_DATA_DIR": folder, "INTERVIEWER_GUIDE": str(GUIDE)},
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
            process.terminate()
            process.wait()


class Session:
    """One interview in the browser, and the frames kept of it."""

    def __init__(self, page: Any, seed: int) -> None:
        """Take an open page.

        Args:
            page: The app's first page, in Playwright.
            seed: Seed of the interview.
        """
        self.page = page
        self.seed = seed
        self.frames: list[Image.Image] = []
        self.times: list[int] = []

    def begin(self) -> None:
        """Choose a short staff interview in practice mode and start it."""
        page = self.page
        page.wait_for_selector("#begin")
        page.evaluate("document.fonts.ready")
        page.get_by_label("Staff", exact=True).check()
        page.locator("#start input[type=number]").first.fill(str(MINUTES))
        page.get_by_text("More choices").click()
        page.get_by_label("Seed").fill(str(self.seed))
        page.get_by_label("Practice mode").check()
        page.locator("#begin").click()
        self.heard(1)

    def answer(self) -> str:
        """Return what is said to what the interviewer said last."""
        said = self.page.locator("#chat .bot.message").all_inner_texts()
        guide, _ = read_guide([GUIDE])
        asked = [(name, at) for name in ANSWERS for at, text in enumerate(said) if guide.question(name).text in text]
        name, at = max(asked, key=lambda one: one[1])
        if at == len(said) - 1:
            return ANSWERS[name][""]
        fitting = (reply for words, reply in ANSWERS[name].items() if words and words in said[-1])
        return next(fitting, ANSWERS[name]["other"])

    def say(self, text: str) -> None:
        """Send an answer and wait until the interviewer has said something to it."""
        before = self.page.locator("#chat .bot.message").count()
        self.page.locator("#answer textarea").fill(text)
        self.page.locator("#send").click()
        self.heard(before + 1)

    def heard(self, count: int) -> None:
        """Wait until the interviewer has said so many things and listens again, or the interview is over."""
        self.page.wait_for_function(
            "count => document.querySelector('#scorecard .verdict')?.offsetParent"
            " || (document.querySelectorAll('#chat .bot.message').length >= count"
            " && document.querySelector('#send')?.disabled === false)",
            arg=count,
        )
        self.settle()

    @property
    def over(self) -> bool:
        """Whether the scorecard is shown."""
        return bool(self.page.locator("#scorecard .verdict").is_visible())

    def settle(self) -> None:
        """Let the page come to rest, seen from its top, with nothing pointed at."""
        self.page.mouse.move(0, 0)
        self.page.wait_for_timeout(300)
        self.page.evaluate("window.scrollTo(0, 0)")

    def open_evidence(self) -> Any:
        """Open the first line of the scorecard that quotes the answer, and return it."""
        page = self.page
        line = page.locator("#scorecard details.item:not(.question)", has=page.locator("mark.ev")).first
        line.locator("> summary").click()
        page.evaluate("document.activeElement.blur()")
        return line

    def cut(self, name: str, last: Any, height: int) -> None:
        """Take a picture from the top of the page to the foot of an element.

        Args:
            name: File name without its ending.
            last: The element, in Playwright.
            height: Greatest height in pixels.
        """
        box = last.bounding_box()
        clip = {"x": 0, "y": 0, "width": WINDOW[0], "height": min(box["y"] + box["height"] + 24, height)}
        picture = Image.open(io.BytesIO(self.page.screenshot(full_page=True, clip=clip))).convert("RGB")
        # A palette of 256 keeps flat colours as they are at a third of the size.
        picture.quantize(256, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)

    def frame(self, milliseconds: int) -> None:
        """Keep what the window shows as a frame of the animation; the same again only lengthens the last."""
        picture = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        if self.frames and picture.tobytes() == self.frames[-1].tobytes():
            self.times[-1] += milliseconds
            return
        self.frames.append(picture)
        self.times.append(milliseconds)


def pictures(session: Session) -> None:
    """Photograph the room with feedback beside it, the scorecard, and a replay."""
    page = session.page
    session.begin()
    taken = False
    while not session.over:
        session.say(session.answer())
        if not taken and page.locator("#feedback mark.ev").count():
            page.locator("#feedback details.item", has=page.locator("mark.ev")).first.locator("> summary").click()
            page.evaluate("document.activeElement.blur()")
            session.settle()
            session.cut("interview", page.locator("#quick"), 900)
            taken = True
    session.settle()
    line = session.open_evidence()
    session.settle()
    session.cut("scorecard", line, 1250)
    page.locator("#open-replay").click()
    page.wait_for_selector("#replay-talk .turn.now")
    for turn in (2, 3):
        page.locator("#replay-next").click()
        page.wait_for_function(f"document.querySelector('#place').innerText.includes('Turn {turn} of')")
    page.evaluate("document.activeElement.blur()")
    session.settle()
    session.cut("replay", page.locator("#replay-talk"), 1150)


def animation(session: Session) -> None:
    """Record a question, an answer, a probe, the feedback and the scorecard as an animation that runs for ever."""
    page = session.page
    session.begin()
    caption(session, "A mock interview: it asks at your level")
    session.frame(READ)
    caption(session, "You answer in your own words")
    text = session.answer()
    words = text.split(" ")
    for end in range(6, 42, 6):
        page.locator("#answer textarea").fill(" ".join(words[:end]))
        session.frame(TYPED)
    page.locator("#answer textarea").fill(text)
    session.settle()
    session.frame(READ)
    caption(session, "It probes for what is missing")
    page.locator("#send").click()
    while page.locator("#send").is_disabled() or page.locator("#chat .bot.message").count() < 2:
        page.evaluate("window.scrollTo(0, 0)")
        session.frame(TYPED)
    session.settle()
    session.frame(LOOK)
    while not page.locator("#feedback mark.ev").count():
        session.say(session.answer())
    caption(session, "It says what you showed, and quotes you")
    session.settle()
    session.frame(READ)
    page.locator("#feedback details.item", has=page.locator("mark.ev")).first.locator("> summary").click()
    page.evaluate("document.activeElement.blur()")
    session.settle()
    session.frame(LOOK)
    while not session.over:
        session.say(session.answer())
    caption(session, "At the end: a verdict, with the evidence for it")
    session.settle()
    session.frame(LOOK)
    session.open_evidence().scroll_into_view_if_needed()
    page.mouse.wheel(0, 120)
    page.wait_for_timeout(300)
    session.frame(LOOK)
    # One palette for all frames, or flat colours would flicker.
    sheet = Image.new("RGB", (SMALL[0], SMALL[1] * len(session.frames)))
    for place, frame in enumerate(session.frames):
        sheet.paste(frame, (0, SMALL[1] * place))
    palette = sheet.quantize(128, dither=Image.Dither.NONE)
    first, *rest = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in session.frames]
    first.save(
        IMAGES / "interview.gif", save_all=True, append_images=rest, duration=session.times, loop=0, optimize=True
    )
    print(f"{len(session.frames)} frames, {sum(session.times) / 1000:.1f} s")


def caption(session: Session, text: str) -> None:
    """Write a line at the foot of the window, which says what one sees."""
    session.page.evaluate(CAPTION, text)


if __name__ == "__main__":
    main()
