import random
import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from interviewer.engines.checks import asks_in, leaked, split, violations
from interviewer.engines.embedded import phrasebook
from interviewer.engines.embedded.interviewer import EmbeddedInterviewer
from interviewer.engines.protocols import Context
from interviewer.grading.rating import Turn
from interviewer.guide.markdown import read_guide
from interviewer.guide.model import Guide, Kind, Level, Question
from interviewer.interview.events import Answer, Ask, Close, Manner, Probe
from interviewer.interview.intent import read_intent
from interviewer.interview.policy import CONCRETE_ANGLES, PLAIN_ANGLES

MANNERS: tuple[Manner, ...] = ("friendly", "neutral", "tough")
PRAISE = re.compile(
    r"(?i)\b(great|good|excellent|perfect|wonderful|fantastic|amazing|brilliant|impressive|nice|interesting|exactly|"
    r"well done|love|correct|awesome|super|strong|smart|clever)\b"
)
REPLIES = (
    "I moved the ledger writes to a queue, because the database could not keep up with the evening peak. "
    "I asked both auditors for their dates. Delays fell from 31 minutes to 12.",
    "We retired three schedulers for one job runner. It took a while.",
    "Not much, really.",
    "I'd keep a copy of the price list per shop, and I'd split the import from the lookup.",
)


@pytest.fixture(scope="module")
def guide() -> Guide:
    return read_guide([Path(__file__).parent.parent / "knowledge" / "guides" / "senior-staff.md"])[0]


@pytest.fixture(scope="module")
def guides() -> Guide:
    """Every question file."""
    return read_guide([Path(__file__).parent.parent / "knowledge" / "guides"])[0]


def context(**changes: object) -> Context:
    values: dict[str, object] = {
        "level": Level.STAFF,
        "kind": Kind.BEHAVIORAL,
        "manner": "neutral",
        "seed": 7,
        "question": "Describe a technical direction you set.",
        "questions": 6,
        "minutes": 45,
    }
    return Context(**(values | changes))  # type: ignore[arg-type]


def spoken(step: Ask | Probe | Answer | Close, where: Context) -> str:
    return "".join(EmbeddedInterviewer().speak(step, where).chunks)


def ask(question: str, number: int = 1, because: str = "start", kind: Kind = Kind.BEHAVIORAL) -> Ask:
    return Ask("q", question, kind, (), "", number, because)  # type: ignore[arg-type]


def probe(angle: str, number: int = 1, weak: bool = False) -> Probe:
    return Probe("item", angle, "", number, weak)


def answered(reply: str) -> tuple[Turn, ...]:
    return (Turn("candidate", reply),)


def angles_of(guide: Guide, question: Question, level: Level) -> list[str]:
    rubric = guide.rubric(level, question.kind)
    items = rubric.probes or rubric.expectations or rubric.criteria
    return [angle for item in items for angle in item.angles]


def interview(guide: Guide, seed: int, manner: Manner) -> list[tuple[Ask | Probe | Answer | Close, Context, str]]:
    """Return a whole interview over the real guide, as (step, what the interviewer knew, what it said)."""
    dice = random.Random(seed)
    level = dice.choice(list(Level))
    questions = dice.sample([q for q in guide.questions if q.level in (level, None)], 5)
    lines: list[tuple[Ask | Probe | Answer | Close, Context, str]] = []
    earlier: list[str] = []
    probed: list[str] = []

    def say(step: Ask | Probe | Answer | Close, question: Question, turns: tuple[Turn, ...]) -> None:
        where = context(
            level=level, kind=question.kind, manner=manner, seed=seed, question=question.text, turns=turns,
            earlier=tuple(earlier), questions=5,
        )  # fmt: skip
        lines.append((step, where, spoken(step, where)))
        earlier.append(lines[-1][2])

    reasons = ["done", "skipped", "no_example", "budget", "time", "later", "return"]
    for number, question in enumerate(questions, 1):
        because = "start" if number == 1 else dice.choice(reasons)
        say(ask(question.text, number, because, question.kind), question, ())
        fresh = [angle for angle in angles_of(guide, question, level) if angle not in probed]
        for place, angle in enumerate(dice.sample(fresh, min(2, len(fresh))), 1):
            probed.append(angle)
            say(probe(angle, place, weak=dice.random() < 0.3), question, answered(dice.choice(REPLIES)))
    say(Close("done"), questions[-1], ())
    return lines


@pytest.fixture(scope="module")
def interviews(guide: Guide) -> list[list[tuple[Ask | Probe | Answer | Close, Context, str]]]:
    return [interview(guide, seed, MANNERS[seed % 3]) for seed in range(50)]


def test_the_same_seed_and_conversation_give_the_same_words(guide: Guide) -> None:
    for seed in range(3):
        first, again = (interview(guide, seed, "friendly") for _ in range(2))
        assert [line[2] for line in first] == [line[2] for line in again]
    openings = {spoken(ask("Tell me about a project you led."), context(seed=seed)) for seed in range(20)}
    assert len(openings) > 10


def test_the_text_comes_in_sentences(interviews) -> None:
    for step, where, text in interviews[0]:
        chunks = list(EmbeddedInterviewer().speak(step, where).chunks)
        assert "".join(chunks) == text
        assert all(re.search(r"[.?!\"]\s*$", chunk) for chunk in chunks)
    assert any(len(list(EmbeddedInterviewer().speak(step, where).chunks)) > 1 for step, where, _ in interviews[0])


def test_a_probe_asks_exactly_one_thing_and_asks_it_last(interviews) -> None:
    for line in interviews:
        for step, _, text in line:
            if isinstance(step, Probe):
                assert asks_in(text) == 1, text
                assert asks_in(split(text)[-1]) == 1, text
                assert text.count("?") <= 1, text


def test_a_question_is_put_in_the_guides_own_words_and_last(interviews) -> None:
    for line in interviews:
        for step, _, text in line:
            if isinstance(step, Ask):
                assert text.endswith(step.text)
                assert "?" not in text.removesuffix(step.text)


def test_nothing_of_the_rubric_is_heard(guide: Guide, interviews) -> None:
    items = [*guide.look_fors, *guide.expectations, *guide.probes, *guide.red_flags]
    assert len(items) > 30
    for line in interviews:
        for _, where, text in line:
            assert not [s for s in split(text) if leaked(s, where, items)], text


def test_no_wording_praises() -> None:
    for table in _tables(vars(phrasebook)):
        for frames in table.values():
            assert not [frame for frame in frames if PRAISE.search(frame)]


def _tables(names: dict[str, object]) -> list[dict[str, tuple[str, ...]]]:
    found: list[dict[str, tuple[str, ...]]] = []
    for value in names.values():
        if isinstance(value, dict) and value and all(key in ("all", *MANNERS) for key in value):
            found.append(value)
        elif isinstance(value, dict) and any(isinstance(inner, dict) for inner in value.values()):
            found.extend(_tables(value))
    return found


def test_the_checks_that_hold_a_model_to_its_role_find_nothing(guide: Guide, interviews) -> None:
    items = [*guide.look_fors, *guide.expectations, *guide.probes, *guide.red_flags]
    for line in interviews:
        for _, where, text in line:
            said = ""
            for sentence in split(text):
                assert not violations(sentence, where, said, items), (sentence, text)
                said = f"{said} {sentence}".strip()


def test_fifty_interviews_know_more_than_forty_ways_to_probe(interviews) -> None:
    ways = set()
    for line in interviews:
        for step, _, text in line:
            if isinstance(step, Probe):
                question = split(text)[-1].lower()
                direct = phrasebook.direct(step.angle) or step.angle
                ways.add(question.replace(step.angle.lower(), "ANGLE").replace(direct.lower(), "ANGLE"))
    assert all("ANGLE" in way for way in ways)
    assert len(ways) >= 40


def test_no_wording_comes_back_while_others_are_left(guide: Guide) -> None:
    angle = "how the people outside your group came round"
    for manner in MANNERS:
        frames = phrasebook.wordings(phrasebook.CLAUSE, manner)
        earlier: list[str] = []
        for number in range(len(frames)):
            where = context(manner=manner, earlier=tuple(earlier), turns=answered(REPLIES[2]), seed=3)
            earlier.append(spoken(probe(angle, number + 1), where))
        assert len({split(text)[-1] for text in earlier}) == len(frames)


def test_no_sentence_is_said_twice_in_an_interview(interviews) -> None:
    for line in interviews:
        sentences = [s for _, _, text in line for s in split(text) if len(re.findall(r"\w+", s)) > 3]
        assert len(sentences) == len(set(sentences))


def test_what_is_picked_up_was_said(interviews) -> None:
    picked = 0
    for line in interviews:
        for step, where, text in line:
            for found in re.finditer(r"\byou (moved [^.:?]+|asked [^.:?]+)\.|\"([^\"]+?)[.,]\"", text):
                assert isinstance(step, Probe)
                clause = found[1] or found[2]
                assert clause.lower() in where.turns[-1].text.lower(), text
                picked += 1
    assert picked > 20


def test_every_angle_of_the_guide_makes_a_sentence_in_every_wording(guide: Guide) -> None:
    angles = {a for item in (*guide.look_fors, *guide.expectations, *guide.probes) for a in item.angles}
    for angle, manner, story in product(sorted(angles | {*PLAIN_ANGLES, *CONCRETE_ANGLES}), MANNERS, (True, False)):
        direct = phrasebook.direct(angle)
        frames = [f for table in phrasebook.tables(angle, story) for f in phrasebook.wordings(table, manner)]
        assert len(frames) >= 6
        assert direct or not [frame for frame in frames if "{q}" in frame or "{Q}" in frame]
        if angle.split()[0] in ("who", "what", "how", "why", "where", "whether"):
            assert all(table is not phrasebook.TOPIC for table in phrasebook.tables(angle, story))
        else:
            assert all(table is not phrasebook.CLAUSE for table in phrasebook.tables(angle, story))


@pytest.mark.parametrize(
    ("angle", "question"),
    [
        ("who had to agree", "who had to agree"),
        ("who else it touched", "who else did it touch"),
        ("what that choice cost you", "what did that choice cost you"),
        ("what you would change if you began today", "what would you change if you began today"),
        ("how this fits the teams you would have", "how does this fit the teams you would have"),
        ("why it had to do that", "why did it have to do that"),
        ("whether that can be done faster", "can that be done faster"),
        ("what you put off", None),
        ("how the people outside your group came round", None),
        ("the short version", None),
    ],
)
def test_an_angle_becomes_a_direct_question_where_that_is_safe(angle: str, question: str | None) -> None:
    assert phrasebook.direct(angle) == question
    if question:
        assert phrasebook.indirect(question) == angle


def test_the_opening_greets_says_what_this_is_how_long_and_asks() -> None:
    for manner, seed in product(MANNERS, range(6)):
        text = spoken(ask("Tell me about a project you led."), context(manner=manner, seed=seed))
        assert re.match(r"(Hello|Hi|Welcome)", text)
        assert "practice" in text
        assert "45 minutes" in text
        assert "six questions" in text
        assert "staff" in text
        assert len(text.split()) < 120


@pytest.mark.parametrize("manner", MANNERS)
def test_an_interview_moves_on_for_each_reason(manner: Manner) -> None:
    said = {}
    for because in ("done", "skipped", "no_example", "budget", "time", "later"):
        text = spoken(ask("Describe a plan.", 2, because), context(manner=manner, earlier=("Hello.",)))
        assert text.endswith("Describe a plan.")
        said[because] = text
    assert len(set(said.values())) >= 5


@pytest.mark.parametrize("manner", MANNERS)
def test_a_question_put_aside_is_called_so_when_it_comes_back(manner: Manner) -> None:
    text = spoken(ask("Describe a plan.", 5, "return"), context(manner=manner, earlier=("Hello. Describe a plan.",)))
    assert re.search(r"put aside|for later", text)
    aside = spoken(ask("Describe a pact.", 3, "later"), context(manner=manner, earlier=("Hello. Describe a plan.",)))
    assert not re.search(r"come back|here it is again|left one for later|back to the one", aside.lower())


@pytest.mark.parametrize("manner", MANNERS)
def test_the_only_question_left_is_not_called_one_that_waited(manner: Manner) -> None:
    where = context(manner=manner, earlier=("Hello. Describe a plan.",), turns=answered("Can I do this one later?"))
    text = spoken(ask("Describe a plan.", 2, "return"), where)
    assert "only" in text
    assert text.endswith("Describe a plan.")


@pytest.mark.parametrize("manner", MANNERS)
def test_facts_are_told_word_for_word(manner: Manner) -> None:
    users = "about 40 million accounts, 6 million of them active on a given day"
    speed = "a login code within five seconds"
    for seed in range(8):
        asked = answered("How many users are there?")
        where = context(manner=manner, kind=Kind.SYSTEM_DESIGN, turns=asked, seed=seed)
        text = spoken(Answer("clarify", fact=f"users: {users}"), where)
        assert users[1:] in text
        assert not re.search(r"rest|beyond", text)
        twice = replace(where, turns=answered("How many users are there, and how fast must it be?"))
        text = spoken(Answer("clarify", fact=f"users: {users}\nlatency: {speed}"), twice)
        assert users[1:] in text
        assert speed in text
        assert "latency" in text
        assert not re.search(r"\brest\b", text)
        # Two questions may have one answer; only a line on the rest says that something is left.
        assert not re.search(r"\brest\b", spoken(Answer("clarify", fact=f"users: {users}"), twice))
        partly = spoken(Answer("clarify", fact=f"users: {users}\nthe rest: open"), twice)
        assert re.search(r"\brest\b", partly)
        assert "sk again" not in partly
        assert "for it again" not in partly
        more = spoken(Answer("clarify", fact=f"users: {users}\nthe rest: to be asked for again"), twice)
        assert re.search(r"\bask\b.*\bagain\b|\bAsk\b.*\bagain\b", more)
        assert not re.search(r"open|yours to|up to you|nothing|to be asked", more.lower())
        assert all(asks_in(said) == 0 for said in (text, partly, more))
    bare = "a seat may be held while somebody pays"
    assert bare[1:] in spoken(Answer("clarify", fact=bare), where)


@pytest.mark.parametrize("manner", MANNERS)
def test_a_fact_told_before_is_told_again_as_such(manner: Manner) -> None:
    banks, sellers = "banks: three, each of which takes files", "sellers: 83,000 in 19 countries"
    earlier = ("Sure, about banks: three, each of which takes files.",)
    where = context(manner=manner, kind=Kind.SYSTEM_DESIGN, turns=answered("Which banks are there?"), earlier=earlier)
    text = spoken(Answer("clarify", fact=banks), where)
    assert text.startswith("As I said")
    assert "hree, each of which takes files" in text
    both = spoken(Answer("clarify", fact=f"{banks}\n{sellers}"), where)
    assert "takes files" not in both
    assert "83,000" in both
    all_told = replace(where, earlier=(*earlier, "And on sellers: 83,000 in 19 countries."))
    again = spoken(Answer("clarify", fact=f"{banks}\n{sellers}"), all_told)
    assert "takes files" in again
    assert "83,000" in again


@pytest.mark.parametrize("manner", MANNERS)
def test_that_the_rest_may_be_asked_for_is_said_every_time_and_in_several_wordings(manner: Manner) -> None:
    where = context(manner=manner, kind=Kind.SYSTEM_DESIGN, turns=answered("How many users, banks and sellers?"))
    heard: list[str] = []
    for number in range(6):
        step = Answer("clarify", fact=f"users: about {number + 41} thousand\nthe rest: to be asked for again")
        text = spoken(step, replace(where, earlier=tuple(heard)))
        assert re.search(r"\b[Aa]sk\b.*\bagain\b", text)
        assert not violations(text, where, "", ())
        heard.append(text)
    assert len({part for text in heard for part in split(text) if re.search(r"\b[Aa]sk\b", part)}) == 3


@pytest.mark.parametrize("manner", MANNERS)
def test_a_question_to_the_interviewer_gets_an_answer_of_its_kind(manner: Manner) -> None:
    def said(text: str, about: str = "clarify") -> str:
        return spoken(Answer(about), context(manner=manner, turns=answered(text)))  # type: ignore[arg-type]

    assert "program" in said("Are you even listening? Are you an AI?", "request")
    for personal in ("Have you had a design picked apart yourself?", "Did you ever do that?", "What would you do?"):
        about = read_intent(personal)
        assert re.search(r"program.*\b(own|no stories|guide)\b", said(personal, about)), personal
    assert "program" not in said("What's a good answer look like?", read_intent("What's a good answer look like?"))
    assert "English" in said("Ich habe die Buchungen verschoben.", "language")
    allowed = phrasebook.wordings(phrasebook.AS_YOU_LIKE, manner)
    assert said("A PM. Can I use a different example?").startswith(allowed)
    assert "this one" in said("Can we return to the first one now?")
    plain = phrasebook.wordings(phrasebook.NO_SECRET, manner)
    assert said("Why do you ask?").startswith(plain)


@pytest.mark.parametrize(
    ("topic", "spoken_as"), [("users", "users"), ("team", "the team"), ("today", ""), ("time", "time")]
)
def test_a_topic_is_spoken_as_a_noun_or_not_at_all(topic: str, spoken_as: str) -> None:
    assert phrasebook.spoken_topic(topic) == spoken_as


def test_a_longer_weak_answer_is_not_called_no_real_case() -> None:
    reply = "Our CDN provider was down for six hours. I called them and switched to the second one. " * 3
    thin = [frame for frames in phrasebook.THIN.values() for frame in frames]
    for manner, seed in product(MANNERS, range(10)):
        where = context(manner=manner, seed=seed, turns=answered(reply))
        assert not any(frame in spoken(probe("who had to agree", weak=True), where) for frame in thin)


def test_nothing_to_say_on_a_follow_up_is_taken_as_that() -> None:
    frames = [frame for frames in phrasebook.NOTHING_THERE.values() for frame in frames]
    for manner, seed in product(MANNERS, range(4)):
        where = context(manner=manner, seed=seed, turns=answered("Nothing I can think of."))
        text = spoken(probe("who had to agree", weak=True), where)
        assert any(text.startswith(frame) for frame in frames)
        assert asks_in(text) == 1


@pytest.mark.parametrize("manner", MANNERS)
def test_answers_ask_nothing_and_say_what_they_are_for(manner: Manner) -> None:
    where = context(manner=manner, turns=answered("Hm."), kind=Kind.SYSTEM_DESIGN)
    for seed in range(8):
        where = context(manner=manner, turns=answered("Hm."), kind=Kind.SYSTEM_DESIGN, seed=seed)
        assert re.search(r"yours|you\b|known", spoken(Answer("clarify"), where), re.I)
        assert "twelve minutes" in spoken(Answer("time", minutes_left=12), where)
        assert "minute" in spoken(Answer("time", minutes_left=1), where)
        assert "23 minutes" in spoken(Answer("time", minutes_left=23), where)
        assert re.search(r"scorecard|end|comment", spoken(Answer("request"), where))
        for about in ("clarify", "time", "silence", "request"):
            text = spoken(Answer(about, minutes_left=5), where)  # type: ignore[arg-type]
            assert asks_in(text) == 0, text


def test_a_second_silence_is_offered_a_way_on() -> None:
    for manner in MANNERS:
        first = spoken(Answer("silence"), context(manner=manner))
        second = spoken(Answer("silence"), context(manner=manner, earlier=(first,)))
        assert not re.search(r"skip|leave|pass", first)
        assert re.search(r"skip|leave|pass", second)


def test_nearly_every_question_can_be_put_differently(guides: Guide) -> None:
    repeated = {q.id for q in guides.questions if q.text in spoken(Answer("rephrase"), context(question=q.text))}
    assert len(guides.questions) > 250
    assert len(repeated) <= 6, repeated
    for question in guides.questions:
        if question.id in repeated:
            continue
        for seed in range(3):
            where = context(question=question.text, kind=question.kind, turns=answered("How do you mean?"), seed=seed)
            text = spoken(Answer("rephrase"), where)
            assert question.text not in text
            assert asks_in(text) <= max(1, asks_in(question.text)), text
            mine = {word[:5].lower() for word in re.findall(r"\w{5,}", question.text)} - {"about", "descr", "throu"}
            heard = {word[:5].lower() for word in re.findall(r"\w{5,}", text)}
            assert len(mine & heard) >= 0.7 * len(mine), text


def test_a_question_of_unknown_build_is_repeated_rather_than_changed() -> None:
    question = "Forty teams, forty scripts: whose job is that?"
    assert spoken(Answer("rephrase"), context(question=question)).endswith(question)


def test_a_probe_is_put_differently_about_the_same_thing(guide: Guide) -> None:
    angles = sorted({a for item in (*guide.look_fors, *guide.probes) for a in item.angles})
    for angle, manner, seed in product(angles, MANNERS, range(3)):
        before = context(manner=manner, seed=seed, turns=answered(REPLIES[2]))
        first = spoken(probe(angle), before)
        turns = (*before.turns, Turn("interviewer", first), Turn("candidate", "Say that differently, please."))
        again = spoken(
            Answer("rephrase"), context(manner=manner, seed=seed, turns=turns, earlier=(first,), question="Other.")
        )
        assert split(again)[-1] != split(first)[-1]
        direct = phrasebook.direct(angle) or angle
        assert angle in again or direct[1:] in again, (first, again)


@pytest.mark.parametrize("manner", MANNERS)
def test_a_reaction_is_no_consent(manner: Manner) -> None:
    blame = "It was the platform team, they never listen, and what broke was theirs."
    for seed in range(60):
        where = context(manner=manner, seed=seed, turns=answered(blame))
        heard = spoken(probe("what you did yourself", weak=True), where) + spoken(ask("Next.", 2, "done"), where)
        assert not re.search(r"\b(Right|Exactly|Sure|Of course|True|Indeed|Agreed)\b|with you", heard), heard


def test_an_angle_of_a_design_talk_fits_what_was_built_and_what_was_not(guide: Guide) -> None:
    for item in guide.expectations:
        for angle in item.angles:
            assert not re.search(r"\b(have|had|did|was|were) \w+(ed|ilt|en)\b", angle), angle


def test_an_angle_says_what_it_is_about_where_a_story_holds_many_things(guide: Guide) -> None:
    for item in guide.probes:
        for angle in item.angles:
            assert not re.match(r"(how|where) it \w+s\b", angle), angle


def test_ramblers_are_brought_back() -> None:
    long = "and then there was the canteen and the lift and the rain " * 40
    frames = [frame for manner in MANNERS for frame in phrasebook.wordings(phrasebook.RAMBLED, manner)]
    for manner, seed in product(MANNERS, range(5)):
        text = spoken(probe("who had to agree"), context(manner=manner, seed=seed, turns=answered(long)))
        assert any(frame in text for frame in frames)
        short = spoken(probe("who had to agree"), context(manner=manner, seed=seed, turns=answered("Some people.")))
        assert not any(frame in short for frame in frames)


@pytest.mark.parametrize(("manner", "because"), list(product(MANNERS, ("done", "time", "stopped"))))
def test_the_close_thanks_says_what_happens_next_and_asks_nothing(manner: Manner, because: str) -> None:
    text = spoken(Close(because), context(manner=manner))  # type: ignore[arg-type]
    assert "hank" in text
    assert "scorecard" in text
    assert "?" not in text
    assert asks_in(text) == 0


def test_it_does_not_sound_like_a_form(interviews) -> None:
    """Probes with and without an approach, long and short, must all occur."""
    lengths = [len(split(text)) for line in interviews for step, _, text in line if isinstance(step, Probe)]
    for count in (1, 2, 3):
        assert lengths.count(count) > 0.08 * len(lengths)
    assert max(lengths) == 3


# What must be asked exactly once, and what asks nothing.
EVENTS: tuple[tuple[str, Ask | Probe | Answer | Close, int], ...] = (
    ("I moved the ledger writes to a queue. Delays fell from 31 minutes to 12.", Probe("item", "", "", 1), 1),
    ("Not much, really.", Probe("item", "", "", 2, weak=True), 1),
    ("Nothing I can think of.", Probe("item", "", "", 3, weak=True), 1),
    ("and then there was the canteen and the lift " * 50, Probe("item", "", "", 4), 1),
    ("Please ask me that differently.", Answer("rephrase"), 1),
    ("How many users are there? And why?", Answer("clarify", fact="users: 40\ntime: a year"), 0),
    ("How many users are there?", Answer("clarify", fact="users: 40"), 0),
    ("Which colour is it?", Answer("clarify"), 0),
    ("Can I use another one?", Answer("clarify"), 0),
    ("Why do you ask?", Answer("clarify"), 0),
    ("", Answer("silence"), 0),
    ("", Answer("silence"), 0),
    ("How long do we have?", Answer("time", minutes_left=9), 0),
    ("Are you a bot?", Answer("request"), 0),
    ("How am I doing?", Answer("request"), 0),
    ("Ich verstehe die Frage leider nicht.", Answer("language"), 0),
)


@pytest.mark.parametrize(("level", "kind", "manner"), list(product(Level, Kind, MANNERS)))
def test_each_turn_asks_once_where_it_should_and_never_where_not(guides: Guide, level, kind, manner) -> None:
    items = [*guides.look_fors, *guides.expectations, *guides.probes, *guides.red_flags]
    dice = random.Random(f"{level} {kind} {manner}")
    pool = [q for q in guides.questions if q.kind is kind and q.level in (level, None)]
    for seed, question in enumerate(dice.sample(pool, 4)):
        earlier: list[str] = []
        angles = angles_of(guides, question, level)
        dice.shuffle(angles)
        here = {"level": level, "kind": kind, "manner": manner, "seed": seed, "question": question.text}

        def heard(step, reply: str, asked: int, here=here, earlier=earlier) -> None:  # type: ignore[no-untyped-def]
            turns = (*(Turn("interviewer", text) for text in earlier[-1:]), Turn("candidate", reply))
            where = context(**here, turns=turns if reply else (), earlier=tuple(earlier))
            text = spoken(step, where)
            assert asks_in(text) == asked, text
            assert not [s for s in split(text) if leaked(s, where, items)], text
            assert not re.search(r"[{}]|  |\.\.|,\.|^[a-z]", text), text
            earlier.append(text)

        heard(ask(question.text, 1, "start", kind), "", asks_in(question.text))
        for place, (reply, step, asked) in enumerate(EVENTS):
            heard(replace(step, angle=angles[place % len(angles)]) if isinstance(step, Probe) else step, reply, asked)
        for because in ("done", "skipped", "no_example", "budget", "time", "later", "return"):
            heard(ask(question.text, 2, because, kind), "A story.", asks_in(question.text))
        for because in ("done", "time", "stopped", "budget"):
            heard(Close(because), "Goodbye then.", 0)  # type: ignore[arg-type]
