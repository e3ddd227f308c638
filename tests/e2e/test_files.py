"""Files in a real browser: each format saved from the screen, a transcript and an export brought in."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import App
from tests.e2e.driving import STRONG, begin, end, say
from tests.e2e.test_accessible import findings
from tests.test_files_import import CHAT, VTT

pytestmark = pytest.mark.e2e


def files_of(page: Page) -> None:
    """Open the Replay tab and its files."""
    page.get_by_role("tab", name="Replay").click()
    page.get_by_role("button", name="Export and import").click()
    expect(page.locator("#import-now")).to_be_visible()


def bring(page: Page, *paths: Path) -> None:
    """Import files and wait until it is told what they held."""
    page.locator("#import-files input[type=file]").set_input_files([str(path) for path in paths])
    expect(page.locator("#import-now")).to_be_enabled()
    page.locator("#import-now").click()
    expect(page.locator("#import-report")).to_contain_text(paths[-1].name)
    expect(page.locator("#import-report progress")).to_have_count(0)
    expect(page.locator("#import-now")).to_be_disabled()


def test_a_transcript_comes_into_an_empty_library(
    app: App, page: Page, picture: Callable[[str], None], tmp_path: Path
) -> None:
    vtt, chat, bad = tmp_path / "talk.vtt", tmp_path / "chat.txt", tmp_path / "bad.json"
    vtt.write_text(VTT + "\nstray words\n")
    chat.write_text(CHAT.replace("twice", 'twice <img src=x onerror="window.broken=1">'))
    bad.write_text('{"format": "interviewer/interview", "schema": 9, "version": "9.1"}')
    page.goto(app.url)
    files_of(page)
    expect(page.locator("#export")).to_be_hidden()
    picture("files-empty")
    bring(page, bad, vtt, chat)
    report = page.locator("#import-report")
    expect(report).to_contain_text("'bad.json' was written by a later version (9.1, schema 9")
    expect(report).to_contain_text("Guessed: Mark Weber asks 1 question and Ana Lima 0")
    expect(report).to_contain_text("line 22: is neither a cue nor its time: 'stray words'")
    expect(page.locator("#library")).to_contain_text("2 questions")
    picture("files-imported")
    assert not findings(page)
    assert page.evaluate("window.broken") is None
    left = [path for path in (tmp_path / "gradio").rglob("*") if path.suffix in (".vtt", ".txt", ".json")]
    assert not left, "what was uploaded lies about"


def test_every_format_is_saved_and_json_comes_back(
    app: App, page: Page, picture: Callable[[str], None], tmp_path: Path
) -> None:
    begin(page, app)
    say(page, STRONG)
    end(page)
    page.locator("#open-replay").click()
    expect(page.locator("#place")).to_contain_text("Turn 1 of")
    page.get_by_role("button", name="Export and import").click()
    saved = {}
    for name, starts in (
        ("md", b"<!-- interviewer report 1 -->"), ("html", b"<!doctype html>"), ("pdf", b"%PDF-"), ("json", b"{"),
        ("jsonl", b'{"id"'),
    ):  # fmt: skip
        with page.expect_download() as download:
            page.locator(f"#export-{name}").click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        assert path.suffix == f".{name}"
        assert path.read_bytes().startswith(starts)
        saved[name] = path
    assert STRONG.split("\n")[0] in saved["html"].read_text()
    expect(page.locator("#export-save")).to_contain_text(".jsonl")
    picture("files-export")
    assert not findings(page)
    page.locator("#export-calibration").click()
    expect(page.get_by_text("No question has an overall rating by a person")).to_be_visible()

    bring(page, saved["json"])
    expect(page.locator("#import-report")).to_contain_text("is in the library already; nothing was changed")
    found = json.loads(saved["json"].read_text())
    found["id"] = "elsewhere"
    other = tmp_path / "other.json"
    other.write_text(json.dumps(found))
    bring(page, other)
    expect(page.locator("#import-report")).to_contain_text("It is back as it was exported.")


def test_the_saved_page_is_fit_to_read(app: App, page: Page, tmp_path: Path, picture: Callable[[str], None]) -> None:
    begin(page, app)
    say(page, STRONG)
    end(page)
    page.locator("#open-replay").click()
    expect(page.locator("#place")).to_contain_text("Turn 1 of")
    page.get_by_role("button", name="Export and import").click()
    with page.expect_download() as download:
        page.locator("#export-html").click()
    path = tmp_path / "report.html"
    download.value.save_as(path)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    assert asked == [path.as_uri()]
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (1280, 375):
            page.set_viewport_size({"width": width, "height": 800})
            page.screenshot(path=Path(".e2e") / f"report-{width}-{scheme}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
