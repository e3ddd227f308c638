"""The calibration set: reading it, splitting it, and checking that it keeps its promises."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from interviewer.bench import labels, raters
from interviewer.bench.labels import BANDS, Labelled, Split
from interviewer.bench.measures import weighted_kappa
from interviewer.errors import InputError
from interviewer.grading.rating import SHOWN, Evidence
from interviewer.guide.model import Guide
from interviewer.settings import ROOT

T = TypeVar("T")
FOLDER = ROOT / "knowledge" / "calibration"
SECOND = FOLDER / "second-ratings.jsonl"
RESOLVED = FOLDER / "resolved.jsonl"
PAIRS = FOLDER / "pairs.jsonl"
PARAPHRASES = FOLDER / "paraphrases.jsonl"
MARKS = FOLDER / "marks.jsonl"
LOOKS = FOLDER / "looks.jsonl"
SHARED_WORDS = 8
MAX_LENGTH_KAPPA = 0.25


def load(folder: Path = FOLDER, split: Split | None = None) -> list[Labelled]:
    """Read the set, or one split of it.

    Raises:
        InputError: When a line cannot be read; names file and line.
    """
    found = []
    for path in sorted(folder.glob("b*.jsonl")):
        found += load_file(path)
    also = marks(folder)
    return [replace(one, also=also.get(one.id, {})) for one in found if split is None or one.split == split]


def chosen(name: str, limit: int | None = None) -> list[Labelled]:
    """Return a split by name, or a labelled file by path.

    Raises:
        InputError: When it is neither.
    """
    if name in ("train", "development", "test"):
        return spread(load(split=name), limit)  # type: ignore[arg-type]
    if not Path(name).is_file():
        raise InputError(f"There is no set {name!r}. Use train, development, test, or a labelled file.")
    return spread(load_file(Path(name)), limit)


def spread(rows: list[T], limit: int | None) -> list[T]:
    """Return at most `limit` rows, spread evenly over all of them."""
    if limit is None or limit >= len(rows):
        return rows
    return [rows[n * len(rows) // limit] for n in range(max(0, limit))]


def log_look(engine: str, version: str, kappa: float) -> None:
    """Note that the test split was looked at; a version that was noted before is not noted again."""
    seen = records(LOOKS) if LOOKS.exists() else []
    if any((look["engine"], look["version"]) == (engine, version) for look in seen):
        return
    look = {
        "date": datetime.now(UTC).date().isoformat(),
        "engine": engine,
        "version": version,
        "kappa": round(kappa, 3),
    }
    with LOOKS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(look) + "\n")


def load_file(path: Path) -> list[Labelled]:
    """Read labelled replies from one file in the set's shape.

    Raises:
        InputError: When it cannot be read, or a line is no labelled reply; names the line and what is wrong with it.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{str(path)!r} cannot be read: {error}.") from None
    found: list[Labelled] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            read = labels.read_line(line)
        except ValueError as error:
            raise InputError(f"{path}:{number}: this is no labelled reply: {error}.") from None
        found.append(Labelled(read.id, read.batch, read.voice, read.case, read.exchange(), read.grade(), read.overall))
    if not found:
        raise InputError(f"{str(path)!r} holds no labelled reply.")
    return found


def second_ratings(labelled: Sequence[Labelled]) -> list[tuple[Labelled, Labelled]]:
    """Return the replies that were rated twice, as (first, second)."""
    first = {one.id: one for one in labelled}
    pairs = []
    for record in records(SECOND):
        if one := first.get(record["id"]):
            again = labels.Labels.model_validate_json(json.dumps(record))
            pairs.append((one, replace(one, grade=again.grade(), overall=again.overall)))
    return pairs


def marks(folder: Path = FOLDER) -> dict[str, dict[str, tuple[Evidence, ...]]]:
    """Return what a second reader marked as evidence, by reply and item."""
    return {
        record["id"]: {item: tuple(Evidence(*span) for span in spans) for item, spans in record["marks"].items()}
        for record in records(folder / MARKS.name)
    }


def paraphrases() -> dict[str, list[list[str]]]:
    """Return the paraphrases of training replies, each a list of its replies, by the id of the reply."""
    found: defaultdict[str, list[list[str]]] = defaultdict(list)
    for record in records(PARAPHRASES):
        found[record["base"]].append(record["replies"])
    return dict(found)


def set_hash(folder: Path = FOLDER) -> str:
    """Return the hash of what weights are trained on and measured by, first 16 hex digits; they carry it."""
    digest = sha256()
    for path in [*sorted(folder.glob("b*.jsonl")), folder / PARAPHRASES.name, folder / MARKS.name]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def records(path: Path) -> list[dict[str, Any]]:
    """Return the JSON records of a file that belongs to the set, such as the pairs."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


# -- the checks ------------------------------------------------------------------------------------------------------


def check(labelled: Sequence[Labelled], guide: Guide) -> Iterator[str]:
    """Say everything in which a set breaks its promises; says nothing of a good set."""
    yield from _check_items(labelled, guide)
    yield from _check_shared(labelled)
    yield from _check_quotas(labelled, guide)
    yield from _check_paraphrases(labelled)
    yield from _check_marks(labelled, guide)
    yield from raters.check(second_ratings(labelled), records(RESOLVED), guide)
    kappa = length_kappa(labelled)
    if kappa > MAX_LENGTH_KAPPA:
        yield f"length alone reaches a kappa of {kappa:.2f}; at most {MAX_LENGTH_KAPPA} is allowed"


def _check_items(labelled: Sequence[Labelled], guide: Guide) -> Iterator[str]:
    for one in labelled:
        rubric = guide.rubric(one.exchange.level, one.exchange.kind)
        wanted = {item.id for item in rubric.items()}
        given = [rating.item for rating in one.grade.ratings]
        if wanted != set(given) or len(given) != len(wanted):
            yield f"{one.id}: items missing or too many: {sorted(wanted ^ set(given))}"
        probes = {probe.id for probe in rubric.probes}
        said = {flag.id for flag in rubric.red_flags if flag.evidence == "said"}
        for rating in one.grade.ratings:
            top = 2 if rating.item in probes else 3
            if not 0 <= rating.value <= top:
                yield f"{one.id}: {rating.item} is rated {rating.value}, out of 0 to {top}"
            if rating.value >= SHOWN and not rating.evidence:
                yield f"{one.id}: {rating.item} is rated {rating.value} without a span"
        for flag in one.grade.flags:
            if flag.item not in {f.id for f in rubric.red_flags}:
                yield f"{one.id}: there is no red flag {flag.item!r}"
            if flag.item in said and not flag.evidence:
                yield f"{one.id}: the said flag {flag.item} has no span"
        yield from (f"{one.id}: {fault}" for fault in labels.outside(labels.spans(one.grade), one.exchange.replies))


def _check_shared(labelled: Sequence[Labelled]) -> Iterator[str]:
    """Say where two replies share a run of eight words."""
    first: dict[tuple[str, ...], str] = {}
    for one in labelled:
        words = re.findall(r"[^\W_]+(?:['’][^\W_]+)*", " ".join(one.exchange.replies).lower())
        for i in range(len(words) - SHARED_WORDS + 1):
            run = tuple(words[i : i + SHARED_WORDS])
            if first.setdefault(run, one.id) != one.id:
                yield f"{one.id} and {first[run]} share: {' '.join(run)}"
                break


def _check_paraphrases(labelled: Sequence[Labelled]) -> Iterator[str]:
    """Say where a paraphrase is none of a training reply, or stands where invariance is measured."""
    replies = {one.id: one for one in labelled}
    measured = {record["base"] for record in records(PAIRS)}
    for base, texts in paraphrases().items():
        if base not in replies or replies[base].split != "train":
            yield f"the paraphrase of {base} is of no training reply"
        elif base in measured:
            yield f"{base} has a paraphrase to train on, and a pair that measures invariance"
        elif any(len(said) != len(replies[base].exchange.replies) for said in texts):
            yield f"a paraphrase of {base} has another number of replies"


def _check_marks(labelled: Sequence[Labelled], guide: Guide) -> Iterator[str]:
    """Say which second marks are of nothing that is shown, missing, or not in the reply."""
    said = {flag.id for flag in guide.red_flags if flag.evidence == "said"}
    if lost := marks().keys() - {one.id for one in labelled}:
        yield f"marked, but not in the set: {', '.join(sorted(lost))}"
    for one in labelled:
        shown = {r.item for r in one.grade.ratings if r.value >= SHOWN} | {f.item for f in one.grade.flags} & said
        if shown != one.also.keys():
            yield f"{one.id}: not marked as it is rated: {', '.join(sorted(shown ^ one.also.keys()))}"
        for item, spans in one.also.items():
            yield from (f"{one.id}: {item}: {fault}" for fault in labels.outside(spans, one.exchange.replies))


def _check_quotas(labelled: Sequence[Labelled], guide: Guide) -> Iterator[str]:
    """Say which promised counts are not met; the promises grow with the set."""
    count = len(labelled)
    share = count / 1200
    if len({one.exchange.question for one in labelled}) < min(300, count // 2):
        yield "too few different questions"
    if len({one.voice for one in labelled}) < min(12, max(1, count // 20)):
        yield "too few different voices"
    probed = sum(len(one.exchange.replies) > 1 for one in labelled)
    if 3 * probed < count:
        yield f"only {probed} of {count} replies have a probe turn"
    flags = Counter(flag.item for one in labelled for flag in one.grade.flags)
    for flag in guide.red_flags:
        if flags[flag.id] < round(80 * min(1, share)):
            yield f"the red flag {flag.id} is raised {flags[flag.id]} times; {round(80 * min(1, share))} are promised"
    values: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for one in labelled:
        for rating in one.grade.ratings:
            values[rating.item][rating.value] += 1
    for item in guide.look_fors:
        for value in range(4):
            wanted = round(MIN_LOOK_FOR.get((item.id, value), 60) * min(1, share))
            if values[item.id][value] < wanted:
                yield f"{item.id} is rated {value} {values[item.id][value]} times; {wanted} are promised"
    for band in range(len(BANDS)):
        overalls = Counter(one.overall for one in labelled if one.band == band)
        if sum(overalls.values()) >= 40 and min(overalls[n] for n in (1, 2, 3, 4)) < 0.15 * sum(overalls.values()):
            yield f"in length band {band} the overall grades are uneven: {dict(sorted(overalls.items()))}"


# A reply that cannot be followed at all is hardly an answer, so "communicates clearly" is seldom rated 0.
MIN_LOOK_FOR = {("communicates-clearly", 0): 0}


def marked_twice(labelled: Sequence[Labelled]) -> tuple[int, float, float]:
    """Return how many items both readers marked, in what share of them they meet, and what share of the text is marked.

    The last is that of the replies' characters which either reader marked for an item, on the mean.
    """
    met, share = [], []
    for one in labelled:
        size = sum(map(len, one.exchange.replies))
        marked = {r.item: r.evidence for r in one.grade.ratings} | {f.item: f.evidence for f in one.grade.flags}
        for item in marked.keys() & one.also.keys():
            first, second = _characters(marked[item]), _characters(one.also[item])
            if first and second:
                met.append(bool(first & second))
                share.append(len(first | second) / size)
    return len(met), sum(met) / max(len(met), 1), sum(share) / max(len(share), 1)


def _characters(spans: Sequence[Evidence]) -> set[tuple[int, int]]:
    return {(span.reply, n) for span in spans for n in range(span.start, span.end)}


def length_kappa(labelled: Sequence[Labelled]) -> float:
    """Return the agreement that the length of a reply alone reaches: its quartile given as the overall."""
    words = sorted(one.words for one in labelled)
    cuts = [words[len(words) * n // 4] for n in (1, 2, 3)]
    given = [sum(one.words >= cut for cut in cuts) for one in labelled]
    true = [one.overall - 1 for one in labelled]
    return abs(weighted_kappa(true, given, 4))
