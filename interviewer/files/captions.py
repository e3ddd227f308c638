"""WebVTT and SRT: cues with their times and speakers, read line by line so that every fault has its line."""

import html
import re
from collections.abc import Collection, Iterator

from interviewer.files.heard import Piece, Transcript, named, turns_of
from interviewer.files.text import Problem

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
TIMING = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?$")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]+([^<>]*)>")
_TAG = re.compile(r"</?[A-Za-z0-9][^<>]*>|\{\\[^{}]*\}")
_BLOCK = ("NOTE", "STYLE", "REGION")


def looks_like_captions(text: str) -> bool:
    """Whether a text is WebVTT or SRT."""
    return text.startswith("WEBVTT") or any(TIMING.match(line) for line in text[:4000].split("\n"))


def read_captions(text: str, given: Collection[str] = ()) -> Transcript:
    """Read WebVTT or SRT; what is no cue is listed by line."""
    problems: list[Problem] = []
    pieces = list(_pieces(text, problems))
    turns, more = turns_of(pieces, " ", given)
    return Transcript(turns, tuple(sorted(problems + more, key=lambda one: one.line)))


def _pieces(text: str, problems: list[Problem]) -> Iterator[Piece]:
    lines = text.split("\n")
    place = 0
    if lines[0].startswith("WEBVTT"):
        while place < len(lines) and lines[place].strip():
            place += 1
    while place < len(lines):
        line = lines[place]
        if not line.strip():
            place += 1
        elif timing := TIMING.match(line):
            start = place
            place += 1
            while place < len(lines) and lines[place].strip() and not TIMING.match(lines[place]):
                # A cue's number may follow without the blank line between.
                if lines[place].strip().isdigit() and place + 1 < len(lines) and TIMING.match(lines[place + 1]):
                    break
                place += 1
            yield from _cue(lines[start + 1 : place], start + 2, _seconds(timing))
        elif line.split()[0] in _BLOCK:
            while place < len(lines) and lines[place].strip():
                place += 1
        else:
            following = lines[place + 1] if place + 1 < len(lines) else ""
            if not TIMING.match(following):
                problems.append(Problem(place + 1, f"is neither a cue nor its time: {line.strip()[:50]!r}"))
            place += 1


def _seconds(timing: re.Match[str]) -> float:
    hours, minutes, seconds, rest = timing.groups()[:4]
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(rest.ljust(3, "0")) / 1000


def _cue(lines: list[str], first: int, at: float) -> Iterator[Piece]:
    for number, line in enumerate(lines, first):
        voices = list(_VOICE.finditer(line))
        lead = _plain(line[: voices[0].start()] if voices else line)
        if lead:
            # A dash at the start of a line tells two speakers apart; it is none of their words.
            text = re.sub(r"^[-–—]\s+", "", lead)
            yield Piece(number, text, at, sure=bool(re.match(r"^[-–—]\s+", lead)) and named(text) is not None)
        ends = [voice.start() for voice in voices[1:]] + [len(line)]
        for voice, end in zip(voices, ends, strict=False):
            yield Piece(number, _plain(line[voice.end() : end]), at, " ".join(html.unescape(voice[1]).split()))


def _plain(text: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", text)).split())
