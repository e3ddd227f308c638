"""Markdown to Guide: the only reader of guide text.

A guide is ordinary Markdown: headings, tables, lists and fenced lists. What a
section holds is read from its heading, the level from a sub-heading or from a
label line ("Senior:"). `{#id key=value}` at the end of a line sets the id and
the line's own rules; a line without it gets an id made from its words.
docs/guide-format.md shows every form.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import TypeVar

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin

from interviewer.errors import GuideError
from interviewer.guide.model import (
    DEFAULT_BUDGETS,
    Advice,
    Aspect,
    Audience,
    Budget,
    Chunk,
    Expectation,
    Fact,
    Finding,
    Guide,
    Item,
    Kind,
    Level,
    LookFor,
    Probe,
    Question,
    RedFlag,
)

T = TypeVar("T")

MAX_BYTES = 2_000_000
CHUNK_CHARS = 900

_MARKER = re.compile(r"^(?:[-*•✓✔✗✘]|\d{1,2}[.)])\s+")
_ATTRIBUTES = re.compile(r"\s*\{([^{}]*)\}\s*$")
_ATTRIBUTE = re.compile(r'#([\w-]+)|([\w-]+)=(?:"([^"]*)"|(\S+))')
_QUOTED = re.compile(r'^["“](.+?)["”]$')
_LABEL = re.compile(r"^[^\W\d][\w /&-]{1,40}:$")
_FORMAT_LINE = re.compile(r"^may (?:be|have)\b", re.IGNORECASE)
_ITEM_KEYS = {"angle", "aims", "evidence", "max-if-hypothetical", "rated"}

# What a section holds, by words of its heading; the first that fits decides.
_ROLES = (
    ("aspects", r"differ"),
    ("formats", r"\bformat"),
    ("red_flags", r"red flag"),
    ("advice", r"prepar"),
    ("takeaways", r"takeaway"),
    ("expected", r"expectations by level"),
    ("look_fors", r"look(?:ing)? for\b"),
    ("questions", r"question|\bcases?\b|\btalks?\b|opening"),
)
_KINDS = (
    (Kind.SYSTEM_DESIGN, r"system.design"),
    (Kind.CODING, r"\bcoding\b"),
    (Kind.DEEP_DIVE, r"deep.dive"),
    (Kind.BEHAVIORAL, r"behaviou?r"),
)
_LEVELS = ((Level.SENIOR, r"^(?:for )?senior\b"), (Level.STAFF, r"^(?:for )?staff\b"))
# Read by interviewers; every other part of a guide is for graders and for feedback after the end.
_FOR_INTERVIEWERS = {"aspects", "formats", "questions"}


def make_id(text: str) -> str:
    """Return the id a line's own words give: lower case, `can't` as `cannot`, the rest to single hyphens."""
    words = re.sub(r"can['’]t", "cannot", text.lower())
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-")


def read_guide(paths: Sequence[Path]) -> tuple[Guide, tuple[Finding, ...]]:
    """Read one guide from its files.

    Args:
        paths: Guide files, and folders whose `*.md` files are read in order of name.

    Returns:
        The guide, and findings its author should know.

    Raises:
        GuideError: When a file is missing, empty, not UTF-8 text, too large, or when no question is found.
    """
    reader = _Reader()
    digest = hashlib.sha256()
    for path in _files(paths):
        text = _text(path)
        digest.update(text.encode())
        reader.read(path.name, text)
    return reader.guide(", ".join(str(path) for path in paths), digest.hexdigest()[:16])


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = sorted(path.glob("*.md"))
        if not found:
            raise GuideError(f"The guide folder {str(path)!r} holds no .md file. Put a guide there, or name a file.")
        yield from found


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise GuideError(f"There is no guide file {str(path)!r}. Check the path.") from None
    except OSError as error:
        raise GuideError(f"The guide {str(path)!r} cannot be read: {error.strerror}.") from None
    if len(raw) > MAX_BYTES:
        raise GuideError(f"The guide {str(path)!r} has {len(raw):,} bytes; at most {MAX_BYTES:,} are read. Split it.")
    if b"\0" in raw:
        raise GuideError(f"{path} is not a text file. Give a Markdown file in UTF-8.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise GuideError(f"{path}:{line}: this is not UTF-8 text. Save the file as UTF-8.") from None
    if not text.strip():
        raise GuideError(f"The guide {str(path)!r} is empty. Give a Markdown file with questions in it.")
    return text


@dataclass
class _Line:
    """One line of a list, wherever it stood."""

    text: str
    line: int
    indent: int = 0
    id: str = ""
    attributes: dict[str, str] = field(default_factory=dict)

    def words(self, key: str) -> tuple[str, ...]:
        return tuple(self.attributes.get(key, "").split())


@dataclass
class _Place:
    """Where in a guide one stands: the headings, and what they say."""

    headings: list[str] = field(default_factory=list)
    role: str = ""
    kind: Kind | None = None
    level: Level | None = None

    @property
    def path(self) -> str:
        return " / ".join(self.headings)


class _Reader:
    """Collects a guide from its files, block by block."""

    def __init__(self) -> None:
        self.markdown = MarkdownIt("commonmark").enable("table").use(front_matter_plugin)
        self.title = ""
        self.titled = False
        self.aspects: list[Aspect] = []
        self.questions: list[Question] = []
        self.items: list[Item] = []
        self.advice: list[Advice] = []
        self.chunks: list[Chunk] = []
        self.budgets = dict(DEFAULT_BUDGETS)
        self.findings: list[Finding] = []
        self.file = ""

    # -- blocks ------------------------------------------------------------------------------------------------------

    def read(self, file: str, text: str) -> None:
        self.file = file
        tokens = self.markdown.parse(text)
        place = _Place()
        i = 0
        while i < len(tokens):
            token = tokens[i]
            line = (token.map[0] if token.map else 0) + 1
            if token.type == "front_matter":
                self._front_matter(token)
            elif token.type == "heading_open":
                place = self._heading(place, int(token.tag[1]), tokens[i + 1].content, line)
            elif token.type == "fence" or token.type == "code_block":
                first = line + (1 if token.type == "fence" else 0)
                self._lines(place, list(_fence_lines(token.content, first)))
            elif token.type in ("bullet_list_open", "ordered_list_open") and token.level == 0:
                end = _closing(tokens, i)
                self._lines(place, list(_list_lines(tokens[i:end])))
                i = end
            elif token.type == "table_open":
                end = _closing(tokens, i)
                self._table(place, list(_rows(tokens[i:end])))
                i = end
            elif token.type == "paragraph_open" and token.level == 0:
                self._chunk(place, [_Line(_plain(tokens[i + 1]), line)], place.level)
            i += 1

    def _front_matter(self, token: Token) -> None:
        try:
            head = yaml.safe_load(token.content) or {}
        except yaml.YAMLError:
            self._find(1, "the front matter is not valid YAML and was left out")
            return
        # A title in front matter names the whole guide; a first heading only does where no file has one.
        if isinstance(head, dict) and head.get("title"):
            self.title = str(head["title"])
            self.titled = True

    def _heading(self, place: _Place, depth: int, text: str, line: int) -> _Place:
        text = _ATTRIBUTES.sub("", text).strip()
        if depth == 1:
            if not self.titled:
                self.title = self.title or text
            return _Place()
        headings = [*place.headings[: depth - 2], text]
        found = _Place(headings)
        # A sub-heading says more than the heading above it, which holds where the sub-heading is silent.
        for heading in headings:
            found.role = _first(_ROLES, heading) or found.role
            found.kind = _first(_KINDS, heading) or found.kind
            found.level = _first(_LEVELS, heading) or found.level
        return found

    def _lines(self, place: _Place, lines: list[_Line]) -> None:
        """Read one list; label lines split it into groups."""
        level, role = place.level, place.role
        group: list[_Line] = []
        for line in [*lines, _Line("", 0)]:
            is_label = bool(line.text) and line.indent == 0 and _LABEL.match(line.text) is not None
            if not is_label and line.text:
                group.append(line)
                continue
            if group:
                self._group(_Place(place.headings, role, place.kind, level), group)
                group = []
            if is_label:
                label = line.text.rstrip(":")
                named = _first(_LEVELS, label)
                level = named or place.level
                role = "depth" if place.kind is Kind.DEEP_DIVE and not named else place.role

    def _group(self, place: _Place, lines: list[_Line]) -> None:
        for line in lines:
            _read_attributes(line)
        # A whole group may be indented under its label.
        least = min(line.indent for line in lines)
        heads = [(i, line) for i, line in enumerate(lines) if line.indent == least]
        ids: list[str] = []
        plain: list[_Line] = []
        role = place.role
        self._left_out(lines[: heads[0][0]])
        for n, (i, head) in enumerate(heads):
            below = lines[i + 1 : heads[n + 1][0] if n + 1 < len(heads) else len(lines)]
            quoted = _QUOTED.match(head.text)
            if quoted and place.kind and role not in ("look_fors", "red_flags", "advice"):
                self._question(place, head, quoted.group(1).strip(), below)
            else:
                plain.append(head)
                ids.append(self._item(place, head))
                self._left_out(below)
        if plain:
            self._chunk(place, plain, place.level, tuple(filter(None, ids)))

    def _left_out(self, lines: Sequence[_Line]) -> None:
        for line in lines:
            self._find(line.line, f"an indented line is read only under a question; left out: {line.text!r}")

    def _question(self, place: _Place, head: _Line, text: str, below: list[_Line]) -> None:
        assert place.kind is not None
        facts, points = [], []
        for line in below:
            if line.text.startswith("+"):
                points.append(line.text[1:].strip())
            elif ":" in line.text:
                topic, _, said = line.text.partition(":")
                facts.append(Fact(topic.strip(), said.strip()))
            else:
                self._find(line.line, f"neither a fact (topic: text) nor a point (+ text): {line.text!r}")
        question = Question(
            id=head.id or make_id(text),
            text=text,
            level=place.level,
            kind=place.kind,
            aims=head.words("aims"),
            line=head.line,
            file=self.file,
            facts=tuple(facts),
            points=tuple(points),
        )
        self.questions.append(question)
        if not question.aims:
            self._find(head.line, f"the question {question.id!r} names no aims: what can it draw out?")
        asked = _Place(place.headings, "questions", place.kind, place.level)
        told = [_Line(fact.line, head.line) for fact in facts]
        self._chunk(asked, [_Line(text, head.line), *told], place.level, (question.id,))
        if points:
            reached = _Place([*place.headings, text], "points", place.kind, place.level)
            self._chunk(reached, [_Line(point, head.line) for point in points], place.level)

    def _item(self, place: _Place, line: _Line) -> str:
        """Read one line of a list as what its section holds; return its id, if it has one."""
        text = line.text
        own = {
            "id": line.id or make_id(text),
            "text": text,
            "line": line.line,
            "angles": tuple(a.strip() for a in line.attributes.get("angle", "").split("/") if a.strip()),
            "max_if_hypothetical": self._number(line, "max-if-hypothetical"),
        }
        for key in set(line.attributes) - _ITEM_KEYS:
            self._find(line.line, f"unknown rule {key!r}; known are {', '.join(sorted(_ITEM_KEYS))}")
        item: Item
        match place.role, place.kind:
            case "look_fors", _:
                if place.level is None:
                    self._find(line.line, f"the look-for {text!r} stands under no level; read as senior")
                item = LookFor(**own, level=place.level or Level.SENIOR)  # type: ignore[arg-type]
            case "red_flags", _:
                evidence = "said" if line.attributes.get("evidence") == "said" else "absence"
                item = RedFlag(**own, evidence=evidence, aims=line.words("aims"))  # type: ignore[arg-type]
            case "depth", _:
                item = Probe(**own)  # type: ignore[arg-type]
            case "advice", _:
                self.advice.append(Advice(text, place.level, line.line, line.words("aims")))
                return ""
            case "expected", _:
                # Kept as a passage only, so that it is not rated as an expectation.
                if place.level is None:
                    self._find(line.line, f"{text!r} stands under no level; read for both")
                return ""
            case _, Kind() as kind if kind.hypothetical and place.level and place.role != "questions":
                rated = line.attributes.get("rated") != "no" and not _FORMAT_LINE.match(text)
                item = Expectation(**own, level=place.level, kind=kind, rated=rated)  # type: ignore[arg-type]
            case _:
                if place.role == "questions" or line.id or line.attributes:
                    self._find(
                        line.line,
                        f"nothing is read from {text!r}: a question stands in quotation marks, under a heading that "
                        "names its kind",
                    )
                return ""
        self.items.append(item)
        return item.id

    def _number(self, line: _Line, key: str) -> int | None:
        value = line.attributes.get(key)
        if value is None:
            return None
        if value not in ("0", "1", "2", "3"):
            self._find(line.line, f"{key}={value!r} is not 0, 1, 2 or 3 and was left out")
            return None
        return int(value)

    def _table(self, place: _Place, rows: list[tuple[int, list[str]]]) -> None:
        head = [cell.lower() for cell in rows[0][1]] if rows else []
        if place.role == "aspects":
            columns = {
                name: next((i for i, h in enumerate(head) if name in h), None) for name in ("junior", "senior", "staff")
            }
            for line, cells in rows[1:]:
                cell = {n: cells[i] if i is not None and i < len(cells) else "" for n, i in columns.items()}
                name = _Line(cells[0], line)
                _read_attributes(name)
                cells[0] = name.text
                by_scope = name.attributes.get("reads") == "scope" or name.text.lower() == "scope"
                self.aspects.append(
                    Aspect(name.text, cell["junior"], cell["senior"], cell["staff"], line, name.words("aims"), by_scope)
                )
        elif place.role == "formats":
            for line, cells in rows[1:]:
                kind = _first(_KINDS, cells[0])
                numbers = [int(cell) for cell in cells[1:3] if cell.isdigit()]
                if kind and len(numbers) == 2 and numbers[1] > 0:
                    self.budgets[kind] = Budget(probes=numbers[0], minutes=numbers[1])
                else:
                    self._find(line, "expected a kind, its probes and its minutes")
        texts = [
            _Line(" | ".join(f"{h}: {c}" if h else c for h, c in zip(rows[0][1], cells, strict=False)), line)
            for line, cells in rows[1:]
        ]
        self._chunk(place, texts, place.level)

    def _chunk(self, place: _Place, lines: list[_Line], level: Level | None, items: tuple[str, ...] = ()) -> None:
        """Keep a passage for retrieval; a long list is cut between lines and keeps its heading in each part."""
        audience: Audience = "interviewer" if place.role in _FOR_INTERVIEWERS else "grader"
        parts: list[list[_Line]] = [[]]
        for line in lines:
            if parts[-1] and sum(len(x.text) for x in parts[-1]) + len(line.text) > CHUNK_CHARS:
                parts.append([])
            parts[-1].append(line)
        label = f"{place.path} ({level.value})" if level else place.path
        for part in parts:
            if not part:
                continue
            own = {line.id or make_id(line.text) for line in part}
            self.chunks.append(
                Chunk(
                    id=f"{Path(self.file).stem}:{part[0].line}:{len(self.chunks)}",
                    text="\n".join([label, *(f"- {line.text}" for line in part)]),
                    section=place.path,
                    audience=audience,
                    level=level,
                    kind=place.kind,
                    file=self.file,
                    line=part[0].line,
                    items=items if len(parts) == 1 else tuple(i for i in items if i in own),
                )
            )

    def _find(self, line: int, text: str) -> None:
        self.findings.append(Finding(self.file, line, text))

    # -- the whole ---------------------------------------------------------------------------------------------------

    def guide(self, name: str, digest: str) -> tuple[Guide, tuple[Finding, ...]]:
        if not self.questions:
            raise GuideError(
                f"{name}: no question was found, so this is not an interview guide. Questions are quoted lines under a "
                "heading that says Behavioral, Deep Dive, System Design or Coding; docs/guide-format.md shows the form."
            )
        self._check()
        guide = Guide(
            title=self.title or name,
            hash=digest,
            aspects=tuple(self.aspects),
            questions=tuple(self.questions),
            look_fors=tuple(i for i in self.items if isinstance(i, LookFor)),
            expectations=tuple(i for i in self.items if isinstance(i, Expectation)),
            probes=tuple(i for i in self.items if isinstance(i, Probe)),
            red_flags=tuple(i for i in self.items if isinstance(i, RedFlag)),
            advice=tuple(self.advice),
            chunks=tuple(self.chunks),
            budgets=self.budgets,
        )
        return guide, tuple(self.findings)

    def _check(self) -> None:
        """Look at the guide as a whole: ids, aims, and what a level lacks."""
        seen: set[str] = set()
        things: list[Item | Question] = [*self.items, *self.questions]
        for thing in things:
            if thing.id in seen:
                self._find(thing.line, f"the id {thing.id!r} is used twice")
            seen.add(thing.id)
        known = {item.id for item in self.items}
        for flag in self.items:
            for aim in flag.aims if isinstance(flag, RedFlag) else ():
                if aim not in known:
                    self._find(flag.line, f"the red flag {flag.id!r} aims at {aim!r}, which no line defines")
        for question in self.questions:
            for aim in question.aims:
                if aim not in known:
                    self._find(question.line, f"the question {question.id!r} aims at {aim!r}, which no line defines")
        aimed = {aim for question in self.questions for aim in question.aims}
        for item in self.items:
            if isinstance(item, LookFor) and aimed and item.id not in aimed:
                self._find(item.line, f"no question aims at the look-for {item.id!r}")
            if not isinstance(item, RedFlag) and not item.angles and getattr(item, "rated", True):
                self._find(item.line, f"{item.id!r} has no angle, so it cannot be probed without giving it away")
        for level in Level:
            if not any(q.level in (level, None) for q in self.questions):
                self._find(1, f"there is no question for {level.value}")
            if not any(isinstance(i, LookFor) and i.level is level for i in self.items):
                self._find(1, f"there is no look-for for {level.value}")


def _first(table: Iterable[tuple[T, str]], text: str) -> T | None:
    return next((value for value, pattern in table if re.search(pattern, text.lower())), None)


def _read_attributes(line: _Line) -> None:
    """Take `{#id key=value}` off the end of a line."""
    found = _ATTRIBUTES.search(line.text)
    if not found:
        return
    line.text = line.text[: found.start()].strip()
    for name, key, quoted, bare in _ATTRIBUTE.findall(found.group(1)):
        if name:
            line.id = name
        else:
            line.attributes[key] = quoted or bare


def _fence_lines(content: str, first: int) -> Iterator[_Line]:
    for n, raw in enumerate(dedent(content).splitlines()):
        text = raw.strip()
        if text:
            indent = len(raw) - len(raw.lstrip())
            yield _Line(_MARKER.sub("", text), first + n, indent if indent >= 2 else 0)


def _list_lines(tokens: Sequence[Token]) -> Iterator[_Line]:
    depth = 0
    for token in tokens:
        depth += token.type in ("bullet_list_open", "ordered_list_open")
        depth -= token.type in ("bullet_list_close", "ordered_list_close")
        if token.type == "inline":
            line = (token.map[0] if token.map else 0) + 1
            yield _Line(_plain(token), line, 0 if depth == 1 else 2)


def _rows(tokens: Sequence[Token]) -> Iterator[tuple[int, list[str]]]:
    cells: list[str] = []
    line = 0
    for token in tokens:
        if token.type == "tr_open":
            cells, line = [], (token.map[0] if token.map else 0) + 1
        elif token.type == "inline":
            cells.append(_plain(token))
        elif token.type == "tr_close":
            yield line, cells


def _plain(token: Token) -> str:
    """Return an inline token's text without its markup."""
    return "".join(" " if c.type in ("softbreak", "hardbreak") else c.content for c in token.children or []).strip()


def _closing(tokens: Sequence[Token], start: int) -> int:
    """Return the position of the token that closes the one at `start`."""
    close = tokens[start].type.replace("_open", "_close")
    return next(
        i for i in range(start, len(tokens)) if tokens[i].type == close and tokens[i].level == tokens[start].level
    )
