"""A report as a PDF, with the fonts in it.

The font holds Latin, Greek, Cyrillic, Arabic, Hebrew, Devanagari, Thai and
Georgian. Any other character is replaced by its name or a box, and the last
line says how many were.
"""

import re
import tempfile
import unicodedata
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont
from fpdf.util import Padding

from interviewer.files.report import PRACTICE, Block, Bullets, Heading, Rated, Report, Spoken, Table, Text

INK, QUIET, ACCENT, TINT, SHEET, LINE = (28, 25, 23), (87, 83, 78), (27, 95, 90), (232, 240, 239), (247, 247, 246), 220
MARGIN, BODY, SMALL = 20, 10.5, 9
BOX = "▯"
# Scripts whose letters join, stack or run from right to left; shaping everything would take twice as long.
_SHAPED = re.compile(r"[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0e7f\ufb1d-\ufdff\ufe70-\ufefc]")
# What only tells how its neighbours are drawn is left out with them.
_SILENT = frozenset([0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0xFE00, 0xFE10), *range(0x1F3FB, 0x1F400)])
_BREAKS = str.maketrans({"\t": "    ", "\u2028": "\n", "\u2029": "\n", "\x0b": "\n", "\x0c": "\n", "\r": None})


def to_pdf(report: Report) -> bytes:
    """Return a report as a PDF."""
    with tempfile.TemporaryDirectory(prefix="interviewer-") as folder:
        paper = _Paper(report, Path(folder))
        for block in report.blocks:
            paper.draw(block)
        paper.close_with_a_word()
        return bytes(paper.output())


class _Paper(FPDF):
    """The pages, and one way to draw each block."""

    def __init__(self, report: Report, folder: Path) -> None:
        super().__init__(format="A4")
        self.replaced = 0
        self.verdict = True
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, MARGIN + 4)
        self.set_creation_date(report.at)
        self.set_lang("en")
        self._load_fonts(folder)
        font = self.fonts["text"]
        self.known = set(font.cmap) if isinstance(font, TTFFont) else set()
        self.set_title(self.clean(report.title))
        self.add_page()
        self.words(report.title, size=17, style="B", after=1)

    def _load_fonts(self, folder: Path) -> None:
        from pymupdf_fonts import FiraGO_Bold, FiraGO_Regular

        for style, font in (("", FiraGO_Regular), ("B", FiraGO_Bold)):
            file = folder / f"text{style}.ttf"
            file.write_bytes(font.fontbuffer)
            self.add_font("text", style, file)

    def footer(self) -> None:
        """Draw the foot of each page."""
        self.set_y(-MARGIN + 4)
        self.set_font("text", size=SMALL - 1)
        self.set_text_color(*QUIET)
        self.cell(self.epw / 2, 5, PRACTICE)
        self.cell(self.epw / 2, 5, f"{self.page_no()}", align="R")

    def draw(self, block: Block) -> None:
        """Draw one block below the last."""
        match block:
            case Heading(text=text, level=2):
                self.heading(text)
            case Heading(text=text):
                self.keep_together(22)
                self.words(text, style="B", before=3, after=1)
            case Text(text=text, quiet=quiet):
                self.words(text, size=SMALL if quiet else BODY, colour=QUIET if quiet else INK, after=1)
            case Spoken():
                self.spoken(block)
            case Rated():
                self.rated(block)
            case Bullets(rows=rows):
                for row in rows:
                    self.words(f"•  {row}", after=0.6)
            case Table(head=head, rows=rows):
                self.grid(head, rows)

    def heading(self, text: str) -> None:
        """Draw a heading; the first one is the verdict."""
        self.keep_together(34)
        if self.verdict:
            self.words(text, size=24, style="B", colour=ACCENT, before=4, after=1)
            self.verdict = False
            return
        self.ln(5)
        self.set_draw_color(LINE)
        self.line(MARGIN, self.get_y(), MARGIN + self.epw, self.get_y())
        self.words(text, size=13.5, style="B", before=3, after=1.5)

    def spoken(self, turn: Spoken) -> None:
        """Draw one turn of the conversation; the candidate's stand on a tint."""
        mine = turn.speaker == "Candidate"
        self.keep_together(18)
        self.words(f"{turn.speaker} · {turn.at}", size=SMALL, colour=QUIET, before=2, indent=8 if mine else 0)
        self.words(turn.text, fill=TINT if mine else SHEET, indent=8 if mine else 0, after=1)
        for remark in turn.remarks:
            self.words(f"Note: {remark}", size=SMALL, colour=QUIET, indent=8 if mine else 0, after=1)

    def rated(self, one: Rated) -> None:
        """Draw one item with its rating, reason and quotes."""
        self.keep_together(22)
        self.words(one.name, style="B", before=2)
        if one.value is not None:
            self.steps(one.value, one.top)
            self.words(f"{one.value} of {one.top}, {one.about}", size=SMALL, colour=QUIET, indent=one.top * 6 + 1)
        elif one.about:
            self.words(one.about, size=SMALL, colour=QUIET)
        if one.reason:
            self.words(one.reason)
        for quote in one.quotes:
            self.words(f"“{quote}”", fill=SHEET, indent=5, before=1, after=1)

    def steps(self, value: int, top: int) -> None:
        """Draw a rating as boxes, filled from the left, at the present height."""
        self.set_draw_color(*QUIET)
        self.set_fill_color(*ACCENT)
        for step in range(top):
            look = "DF" if step < value else "D"
            self.rect(MARGIN + 1 + step * 6, self.get_y() + 1.2, 5, 2.4, style=look)

    def grid(self, head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> None:
        """Draw a table, its head again on every page."""
        self.set_font("text", size=SMALL + 0.5)
        self.set_text_color(*INK)
        self.set_draw_color(LINE)
        cells = [[self.clean(cell) for cell in row] for row in (head, *rows)]
        self.set_text_shaping(any(_SHAPED.search(cell) for row in cells for cell in row))
        # A column is as wide as its longest text asks for, within reason.
        widths = [min(60, max(18, *(len(row[column]) for row in cells))) for column in range(len(head))]
        with self.table(
            col_widths=widths, text_align="LEFT", borders_layout="HORIZONTAL_LINES", line_height=5, padding=1
        ) as table:
            for row in cells:
                line = table.row()
                for cell in row:
                    line.cell(cell)
        self.ln(1)

    def words(
        self,
        text: str,
        *,
        size: float = BODY,
        style: str = "",
        colour: tuple[int, int, int] = INK,
        fill: tuple[int, int, int] | None = None,
        indent: float = 0,
        before: float = 0,
        after: float = 0,
    ) -> None:
        """Draw a paragraph and go to the line below it; lengths in millimetres, size in points."""
        text = self.clean(text)
        if before:
            self.ln(before)
        self.set_font("text", style, size)
        self.set_text_color(*colour)
        if fill:
            self.set_fill_color(*fill)
        self.set_text_shaping(bool(_SHAPED.search(text)))
        self.set_x(MARGIN + indent)
        self.multi_cell(
            self.epw - indent,
            size * 0.5,
            text,
            align="L",
            fill=fill is not None,
            padding=Padding(1.2, 2.5, 1.2, 2.5) if fill else 0,
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )
        if after:
            self.ln(after)

    def keep_together(self, height: float) -> None:
        """Begin a new page unless so many millimetres are left on this one."""
        if self.will_page_break(height):
            self.add_page()

    def clean(self, text: str) -> str:
        """Return a text in characters the font has; the others are replaced where they can be seen, and counted."""
        text = unicodedata.normalize("NFC", text.translate(_BREAKS))
        return "".join(one if one == "\n" or ord(one) in self.known else self._instead(one) for one in text)

    def _instead(self, character: str) -> str:
        if ord(character) in _SILENT:
            return ""
        self.replaced += 1
        name = unicodedata.name(character, "").lower()
        return f"[{name}]" if unicodedata.category(character) == "So" and name else BOX

    def close_with_a_word(self) -> None:
        """Say at the end how many characters were replaced."""
        if self.replaced:
            count = f"{self.replaced} characters were" if self.replaced > 1 else "One character was"
            self.words(
                f"{count} not in this file's font and stand here as {BOX} or a name in brackets; the Markdown, HTML "
                "and JSON exports hold them.",
                size=SMALL,
                colour=QUIET,
            )
