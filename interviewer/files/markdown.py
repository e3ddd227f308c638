"""A report as Markdown: what people said is escaped, so that it reads as they wrote it."""

import re
from collections.abc import Iterator

from interviewer.files.report import Block, Bullets, Heading, Rated, Report, Spoken, Table, Text

MARK = "<!-- interviewer report 1 -->"
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~$#]|&(?=#?\w+;)")
_LIST = re.compile(r"^(\s*)([-+=]|\d+[.)])", re.MULTILINE)
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>|~&$#\-+=.)])")


def to_markdown(report: Report) -> str:
    """Return a report as Markdown."""
    parts = [f"{MARK}\n\n# {escape(report.title)}"]
    for block in report.blocks:
        parts.append("\n".join(_lines(block)))
    return "\n\n".join(part for part in parts if part) + "\n"


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Heading(text=text, level=level):
            yield f"{'#' * level} {escape(text)}"
        case Text(text=text, quiet=quiet):
            yield f"*{escape(text)}*" if quiet and "\n" not in text else _broken(text)
        case Spoken(speaker=speaker, text=text, at=at, remarks=remarks):
            yield f"**{speaker}** ({at})\n"
            yield _quoted(text)
            for remark in remarks:
                yield f"\n*Note: {escape(_one_line(remark))}*"
        case Rated():
            yield from _rated(block)
        case Bullets(rows=rows):
            for bullet in rows:
                yield f"- {_broken(bullet, indent='  ')}"
        case Table(head=head, rows=rows):
            yield f"| {' | '.join(map(escape, head))} |"
            yield f"|{' --- |' * len(head)}"
            for row in rows:
                yield f"| {' | '.join(escape(_one_line(cell)) for cell in row)} |"


def _rated(one: Rated) -> Iterator[str]:
    value = f"{one.value} of {one.top}" if one.value is not None else ""
    about = ", ".join(part for part in (value, one.about) if part)
    yield f"- **{escape(one.name)}**" + (f" ({escape(about)})" if about else "")
    if one.reason:
        yield f"  {_broken(one.reason, indent='  ')}"
    for quote in one.quotes:
        yield "\n" + _quoted(quote, indent="  ")


def escape(text: str) -> str:
    """Return a text that Markdown shows character by character."""
    text = _SPECIAL.sub(lambda found: "\\" + found.group(), text)
    return _LIST.sub(lambda found: found.group(1) + found.group(2)[:-1] + "\\" + found.group(2)[-1], text)


def unescape(text: str) -> str:
    """Return what `escape` was given."""
    return _ESCAPED.sub(r"\1", text)


def _broken(text: str, indent: str = "") -> str:
    """Return a text whose line breaks are kept."""
    lines = escape(text).split("\n")
    return f"  \n{indent}".join(line.rstrip() for line in lines)


def _quoted(text: str, indent: str = "") -> str:
    """Return a block quote; what stands indented, such as code, stays so."""
    lines = []
    for line in escape(text).split("\n"):
        shown = line.lstrip(" ")
        # Four spaces at the start of a line would make a code block and show the escapes.
        lead = "\u00a0" * (len(line) - len(shown))
        lines.append(f"{indent}> {lead}{shown}  " if shown else f"{indent}>")
    return "\n".join(lines)


def _one_line(text: str) -> str:
    return " ".join(text.split())
