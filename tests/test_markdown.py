import re
from pathlib import Path

import pytest

from interviewer.errors import GuideError
from interviewer.guide.markdown import make_id, read_guide
from interviewer.guide.model import Kind, Level

SAMPLE = Path(__file__).parent / "guide_sample.md"


def test_a_guide_without_ids_is_read_by_rule() -> None:
    guide, findings = read_guide([SAMPLE])
    assert [(q.text, q.level, q.kind) for q in guide.questions] == [
        ("Tell me about a loaf you were proud of", Level.SENIOR, Kind.BEHAVIORAL),
        ("Tell me how a street came to bake together", Level.STAFF, Kind.BEHAVIORAL),
        ("Tell me about an oven you built", None, Kind.DEEP_DIVE),
    ]
    assert [(i.id, i.level) for i in guide.look_fors] == [
        ("cannot-stop-caring", Level.SENIOR),
        ("moves-street", Level.STAFF),
    ]
    assert guide.look_fors[1].angles == ("who had to agree", "the bakers next door")
    assert [p.id for p in guide.probes] == ["why-that-oven"]
    assert [f.id for f in guide.red_flags] == ["cannot-say-what-burned"]
    assert [(e.id, e.level, e.rated) for e in guide.expectations] == [
        ("compares-two-ovens", Level.SENIOR, True),
        ("plans-the-whole-street", Level.STAFF, True),
        ("may-have-fewer-ovens", Level.STAFF, False),
    ]
    assert guide.aspects[0].name == "Reach"
    assert guide.aspects[0].staff == "The street"
    assert [a.text for a in guide.advice] == ["Bake ten loaves", "Taste them"]
    assert [c.level for c in guide.chunks if "Bakes without being watched" in c.text] == [Level.SENIOR]
    assert any("names no aims" in finding.text for finding in findings)


def test_lines_are_counted_from_the_file() -> None:
    guide, _ = read_guide([SAMPLE])
    lines = SAMPLE.read_text().splitlines()
    for thing in (*guide.questions, *guide.look_fors, *guide.probes, *guide.red_flags, *guide.expectations):
        assert thing.text in lines[thing.line - 1]


def test_the_built_in_guide_holds_the_whole_scale(guide) -> None:
    assert [i.id for i in guide.look_fors] == [
        "takes-ownership", "thinks-beyond-task", "helps-others-grow", "communicates-clearly",
        "thinks-strategically", "influences-across-teams", "navigates-ambiguity", "balances-short-long-term",
        "develops-senior-engineers",
    ]  # fmt: skip
    assert [i.id for i in guide.probes] == [
        "requirements", "alternatives", "trade-offs", "evolution", "hindsight", "buy-in", "disagreements",
    ]  # fmt: skip
    said = {flag.id for flag in guide.red_flags if flag.evidence == "said"}
    assert said == {"cannot-handle-ambiguity", "blames-others"}
    capped = {i.id for i in guide.look_fors if i.max_if_hypothetical == 1}
    assert capped == {"takes-ownership", "develops-senior-engineers"}
    assert len(guide.expectations) == 19
    assert [e.id for e in guide.expectations if not e.rated] == ["may-have-lighter-coding"]
    assert {kind: guide.budgets[kind].probes for kind in Kind} == {
        Kind.BEHAVIORAL: 2, Kind.DEEP_DIVE: 5, Kind.SYSTEM_DESIGN: 4, Kind.CODING: 3,
    }  # fmt: skip


def test_the_built_in_guide_has_no_findings() -> None:
    _, findings = read_guide([Path("knowledge/guides")])
    assert [str(f) for f in findings] == []


def test_rubric_of_a_kind(guide) -> None:
    staff = guide.rubric(Level.STAFF, Kind.CODING)
    assert [i.id for i in staff.expectations] == [
        "focus-on-approach-over-syntax",
        "system-level-thinking",
        "api-design-questions",
    ]
    assert not staff.probes
    assert len(guide.rubric(Level.SENIOR, Kind.DEEP_DIVE).probes) == 7
    assert len([*staff.criteria]) == 5 + 3


def test_a_list_stays_with_its_heading_and_what_graders_read_stays_apart(guide) -> None:
    passage = guide.passage("influences-across-teams")
    assert passage.audience == "grader"
    assert passage.level is Level.STAFF
    assert passage.text.startswith("Behavioral expectations / What they look for (staff)")
    asked = guide.passage("lead-project")
    assert asked.audience == "interviewer"
    told = [chunk for chunk in guide.chunks if chunk.audience == "interviewer"]
    items = {item.id for item in (*guide.look_fors, *guide.expectations, *guide.probes, *guide.red_flags)}
    assert not [chunk for chunk in told if items & set(chunk.items)]


def test_a_case_has_facts_to_ask_for_and_points_kept_from_interviewers(guide) -> None:
    case = guide.question("sd-seats")
    assert {fact.topic for fact in case.facts} >= {"users", "volume"}
    point = case.points[0]
    assert not [c for c in guide.chunks if c.audience == "interviewer" and point in c.text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Can't zoom in AND out", "cannot-zoom-in-and-out"), ("Balances short/long term", "balances-short-long-term"),
     ("What would you do differently?", "what-would-you-do-differently")],
)  # fmt: skip
def test_ids_by_rule(text, expected) -> None:
    assert make_id(text) == expected


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"   \n\n", "is empty"),
        (b"# T\n\n\xff\xfe\n", "not UTF-8"),
        (b"\x89PNG\0\0", "not a text file"),
        (b"# Only a heading\n\nand a paragraph\n", "no question was found"),
    ],
)
def test_what_is_no_guide_is_refused_in_a_sentence(tmp_path, content, said) -> None:
    path = tmp_path / "guide.md"
    path.write_bytes(content)
    with pytest.raises(GuideError, match=said):
        read_guide([path])


def test_missing_file_and_empty_folder(tmp_path) -> None:
    with pytest.raises(GuideError, match="There is no guide file"):
        read_guide([tmp_path / "none.md"])
    with pytest.raises(GuideError, match=r"holds no \.md file"):
        read_guide([tmp_path])


def test_findings_name_file_and_line(tmp_path) -> None:
    path = tmp_path / "g.md"
    path.write_text(
        '## Behavioral\n\n```\nSenior:\n- "Ask me?" {#a aims="ghost"}\n- "Ask me?" {#a aims="ghost"}\n```\n'
    )
    _, findings = read_guide([path])
    texts = [str(f) for f in findings]
    assert "g.md:5: the question 'a' aims at 'ghost', which no line defines" in texts
    assert "g.md:6: the id 'a' is used twice" in texts


def test_a_list_may_be_indented_under_its_label(tmp_path) -> None:
    path = tmp_path / "g.md"
    path.write_text(
        "## Behavioral\n\n### Questions\n\n"
        '```\n  Senior:\n    - "One?"\n        * users: 1. of many\n        + a point\n  Staff:\n    2. "Two?"\n```\n\n'
        "### What they look for\n\n- Senior:\n  - Owns the whole\n- Staff:\n  - Moves others\n"
    )
    guide, findings = read_guide([path])
    assert [(q.text, q.level) for q in guide.questions] == [("One?", Level.SENIOR), ("Two?", Level.STAFF)]
    assert [(f.topic, f.text) for f in guide.questions[0].facts] == [("users", "1. of many")]
    assert guide.questions[0].points == ("a point",)
    assert [(i.text, i.level) for i in guide.look_fors] == [
        ("Owns the whole", Level.SENIOR), ("Moves others", Level.STAFF),
    ]  # fmt: skip
    assert not [f for f in findings if "left out" in f.text or "nothing is read" in f.text]


def test_a_line_that_is_not_read_is_named(tmp_path) -> None:
    path = tmp_path / "g.md"
    path.write_text(
        "## Behavioral\n\n### Questions\n\n"
        '```\nSenior:\n    stray one\n- "One?"\n- Two without marks? {#q2 aims=own}\n```\n\n'
        "### What they look for\n\n```\nSenior:\n- Owns the whole {#own}\n  - down to the bill\n```\n\n"
        "### Whatever\n\n- prose may stand anywhere\n- but not with an id {#x}\n\n"
        "## Expectations by level\n\n- Works well\n"
    )
    guide, findings = read_guide([path])
    assert [q.text for q in guide.questions] == ["One?"]
    named = {str(f).partition(": ")[0]: f.text for f in findings}
    assert named["g.md:7"] == "an indented line is read only under a question; left out: 'stray one'"
    assert named["g.md:9"].startswith("nothing is read from 'Two without marks?': a question stands in quotation marks")
    assert named["g.md:17"] == "an indented line is read only under a question; left out: 'down to the bill'"
    assert "prose" not in "".join(named.values())
    assert "'but not with an id'" in named["g.md:23"]
    assert "'Works well' stands under no level" in named["g.md:27"]


def test_the_hash_follows_the_text(tmp_path) -> None:
    path = tmp_path / "g.md"
    path.write_text('## Behavioral\n\n```\nSenior:\n- "One?"\n```\n')
    first = read_guide([path])[0].hash
    assert read_guide([path])[0].hash == first
    path.write_text(path.read_text() + "\nmore\n")
    assert read_guide([path])[0].hash != first


def asked_about(guide, level, question) -> set[str]:
    """Return the flags a question of the built-in guide is asked about, of those that need an occasion."""
    found = guide.question(question)
    needs = {flag.id for flag in guide.red_flags if flag.aims}
    return needs & {flag.id for flag in guide.rubric(level, found.kind, found.aims).red_flags}


def test_a_flag_of_absence_names_what_gives_occasion_for_it(guide) -> None:
    needs = {flag.id for flag in guide.red_flags if flag.aims}
    assert needs == {"no-trade-offs", "only-one-solution", "no-influence-examples"}
    assert asked_about(guide, Level.STAFF, "beh-stopped-learning") == {"no-influence-examples"}
    assert asked_about(guide, Level.SENIOR, "beh-saw-it-coming") == set()
    assert asked_about(guide, Level.SENIOR, "mentor-others") == {"no-influence-examples"}
    assert asked_about(guide, Level.STAFF, "competing-priorities") == {"no-trade-offs", "only-one-solution"}
    # Questions whose look-fors say nothing of it name the flag itself.
    assert asked_about(guide, Level.SENIOR, "technical-decision") == {"no-trade-offs", "only-one-solution"}
    assert asked_about(guide, Level.SENIOR, "lead-project") == {"no-influence-examples"}


def test_a_probe_that_asks_for_a_price_or_another_way_leaves_its_flag_on(guide) -> None:
    asks = {
        "no-trade-offs": r"put off|paid|cost|gave up|give up",
        "only-one-solution": r"something else|another|put off",
    }
    for flag, words in asks.items():
        asking = {item.id for item in guide.look_fors if any(re.search(words, angle) for angle in item.angles)}
        assert asking
        assert asking <= set(guide.item(flag).aims)


def test_flags_stay_where_the_aims_are_unknown_and_in_every_other_kind(guide) -> None:
    assert guide.rubric(Level.STAFF, Kind.BEHAVIORAL).red_flags == guide.red_flags
    assert guide.rubric(Level.STAFF, Kind.BEHAVIORAL, ("of-another-guide",)).red_flags == guide.red_flags
    for kind in set(Kind) - {Kind.BEHAVIORAL}:
        assert guide.rubric(Level.STAFF, kind, ("communicates-clearly",)).red_flags == guide.red_flags
    # A flag that a question names is nothing it can draw out.
    aims = guide.question("lead-project").aims
    assert "no-influence-examples" in aims
    assert guide.rubric(Level.SENIOR, Kind.BEHAVIORAL, aims).aims == aims[:-1]


def test_a_flag_that_aims_at_nothing_known_is_a_finding(tmp_path) -> None:
    file = tmp_path / "guide.md"
    burned = "Can't say what burned"
    file.write_text(SAMPLE.read_text().replace(burned, burned + ' {#burns aims="no-such"}'))
    guide, findings = read_guide([file])
    assert guide.item("burns").aims == ("no-such",)
    assert "the red flag 'burns' aims at 'no-such', which no line defines" in {finding.text for finding in findings}
