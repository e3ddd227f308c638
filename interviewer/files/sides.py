"""Who asks and who answers: by the names given, by names that say so, else by who asks more questions. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from interviewer.errors import InputError
from interviewer.files.heard import CANDIDATE_NAMES, INTERVIEWER_NAMES, Heard

INTERVIEWER, CANDIDATE = "interviewer", "candidate"


def take_sides(turns: Sequence[Heard], candidate: str = "", interviewer: str = "") -> tuple[list[Heard], list[str]]:
    """Return the turns with "interviewer" or "candidate" as speaker, and what was guessed, in sentences.

    Turns of one side in a row become one turn.

    Raises:
        InputError: When a name given is not in the file, or only one side speaks.
    """
    spoken: dict[str, str] = {}
    words: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for turn in turns:
        key = turn.speaker.lower()
        spoken.setdefault(key, turn.speaker)
        words[key] += len(turn.text.split())
        asked[key] += turn.text.count("?")
    if not spoken:
        raise InputError(
            "Nobody is named in it. Put a name and a colon before what each one says, as in 'Interviewer: ...'."
        )
    told = ", ".join(spoken.values())
    for name in filter(None, (candidate, interviewer)):
        if name.lower() not in spoken:
            raise InputError(f"Nobody in it is called {name!r}; those who speak are {told}.")
    if len(spoken) < 2:
        raise InputError(f"Only {told} speaks in it. An interview needs somebody who asks and a candidate.")
    who, notes = _candidate(spoken, words, asked, candidate.lower(), interviewer.lower())
    others = [name for key, name in spoken.items() if key != who]
    notes.append(f"The candidate is {spoken[who]}; {' and '.join(others)} ask{'s' if len(others) == 1 else ''}.")
    sided: list[Heard] = []
    for turn in turns:
        side = CANDIDATE if turn.speaker.lower() == who else INTERVIEWER
        if sided and sided[-1].speaker == side:
            last = sided[-1]
            joined = f"{last.text}\n\n{turn.text}"
            sided[-1] = replace(last, text=joined, last=turn.last, opens=last.opens or turn.opens)
        else:
            sided.append(replace(turn, speaker=side))
    return sided, notes


def _candidate(
    spoken: dict[str, str], words: Counter[str], asked: Counter[str], candidate: str, interviewer: str
) -> tuple[str, list[str]]:
    if candidate:
        return candidate, []
    left = [key for key in spoken if key != interviewer and key not in INTERVIEWER_NAMES]
    if says_so := [key for key in left if key in CANDIDATE_NAMES]:
        return says_so[0], []
    if not left:
        raise InputError(f"No candidate speaks in it, only {', '.join(spoken.values())}. Name one with --candidate.")
    if len(left) < len(spoken):
        # Somebody is known to ask: of the others, the candidate is who says most.
        guessed = f"Guessed: of {', '.join(spoken[key] for key in left)}, the candidate is who says most."
        return max(left, key=lambda key: words[key]), [guessed] if len(left) > 1 else []
    most = sorted(left, key=lambda key: words[key], reverse=True)[:2]
    who = min(most, key=lambda key: (asked[key], -words[key]))
    other = next(key for key in most if key != who)
    asks = f"{asked[other]} question{'' if asked[other] == 1 else 's'}"
    return who, [
        f"Guessed: {spoken[other]} asks {asks} and {spoken[who]} {asked[who]}, so {spoken[other]} is taken for the "
        "interviewer. Name the candidate if that is wrong."
    ]
