"""Interviews from a program: `with open_interviewer() as interviewer: ...`; docs/api.md has an example.

The same use cases as the screen and the command line, on the same transcripts.
"""

from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TypeVar

from interviewer.errors import InputError
from interviewer.grading.rating import Exchange, NotAssessed, Turn
from interviewer.grading.scorecard import Scorecard, Scored, score
from interviewer.guide.model import Guide, Kind, Level
from interviewer.interview.intent import RATEABLE, read_intent
from interviewer.interview.state import Interview
from interviewer.review.library import Library
from interviewer.service import Service, Setup, clean
from interviewer.settings import Settings, load_settings
from interviewer.wiring import Parts

Name = TypeVar("Name", bound=str)


class MockInterviewer:
    """Everything a program can do with interviews; close it, or use it in a `with` statement.

    Attributes:
        guide: What is asked, looked for and rated.
        library: The interviews kept: find, rename, delete, undelete.
    """

    def __init__(self, parts: Parts, service: Service) -> None:
        """Take the parts of an installation; `open_interviewer` makes them."""
        self.guide: Guide = parts.guide
        self.library = Library(service)
        self._parts = parts
        self._service = service

    def start(self, setup: Setup | None = None) -> str:
        """Begin an interview, let the first question be asked, and return the interview's id.

        Args:
            setup: Level, kinds, length in minutes, seed, manner; 45 minutes of behavioral at senior when None.

        Raises:
            InputError: When the setup does not fit the guide.
        """
        interview = self._service.start(setup or Setup())
        "".join(self._service.resume(interview))
        return interview

    def reply(self, interview: str, text: str) -> str:
        """Answer as the candidate; return what the interviewer says to it.

        Raises:
            InputError: When the reply is too long, or the interview is over or paused.
            UnknownInterview: When there is no such interview.
        """
        return "".join(self._service.reply(interview, text))

    def stream(self, interview: str, text: str) -> Iterator[str]:
        """Answer as the candidate; yield what the interviewer says piece by piece, as it comes."""
        return self._service.reply(interview, text)

    def finish(self, interview: str) -> str:
        """End an interview early; return the interviewer's goodbye, empty when it had ended already."""
        return "".join(self._service.finish(interview))

    def interview(self, interview: str) -> Interview:
        """Return an interview as it stands: its transcript, questions, gradings.

        Raises:
            UnknownInterview: When there is no such interview.
        """
        return self._service.interview(interview)

    def scorecard(self, interview: str, seconds: float = 120) -> Scorecard:
        """Wait for gradings that are running and return what an interview has come to so far.

        Args:
            seconds: Longest wait, 0 or above; what is not graded by then has no number.
        """
        self._service.wait_for_grades(interview, seconds)
        return self._service.scorecard(interview)

    def grade(self, question: str, reply: str, level: Level = Level.SENIOR, kind: Kind = Kind.BEHAVIORAL) -> Scored:
        """Grade one reply outside any interview, with the configured grader.

        Returns:
            The exchange with its rubric, its assessment, and its overall and verdict where it was graded.
        """
        exchange = Exchange(level, kind, question, (Turn("candidate", clean(reply)),))
        rubric = self.guide.rubric(level, kind)
        if read_intent(exchange.replies[0]) not in RATEABLE:
            return score(0, rubric, exchange, NotAssessed("Nothing was said that could be rated."))
        return score(0, rubric, exchange, self._parts.grader().grade(exchange, rubric).assessment)

    def close(self) -> None:
        """Let go of the transcripts; everything said is kept."""
        self.library.close()
        self._service.store.close()  # type: ignore[attr-defined]  # the protocol has only what the service needs

    def __enter__(self) -> "MockInterviewer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_interviewer(settings: Settings | None = None) -> MockInterviewer:
    """Open this installation: its guide, engines and transcripts.

    Args:
        settings: How it is set up; read from interviewer.toml and the environment when None.

    Raises:
        ConfigError: When a setting is wrong.
        GuideError: When the guide cannot be used.
        StoreError: When the transcripts cannot be opened.
    """
    parts = Parts(settings or load_settings())
    return MockInterviewer(parts, parts.service())


def one_of(values: Iterable[Name], what: str, text: str) -> Name:
    """Return the value of that name; capitals, spaces, hyphens and underscores make no difference.

    Raises:
        InputError: When there is none.
    """
    known = {_plain(value): value for value in values}
    try:
        return known[_plain(text)]
    except KeyError:
        *most, last = known
        raise InputError(f"There is no {what} {text!r}. Use {', '.join(most)} or {last}.") from None


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "-").replace(" ", "-")
