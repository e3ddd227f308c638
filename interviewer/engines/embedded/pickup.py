"""Find a clause of the candidate's reply that can be said back to them truthfully.

A clause is a slice of the reply. When it begins with "I" it is turned towards
the candidate by changing pronouns only ("I moved the writes" -> "you moved
the writes"); when it begins with "we" it is quoted, because "you" might give
one person a deed of many, and so is a short sentence that states a fact with a
number or a name in it. Everything doubtful is passed over: saying nothing back
is better than saying something that was not said.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

MIN_WORDS, MAX_WORDS = 4, 12


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"[$€£]?[^\W_]+(?:[-'’.,/&+][^\W_]+)*%?")
_TURNED = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "our": "your", "ours": "yours",
    "us": "you", "i'd": "you'd", "i've": "you've", "i'll": "you'll",
}  # fmt: skip
_SUBJECTS = {"i", "i'd", "i've", "i'll", "we", "we'd", "we've", "we'll"}
_ADVERBS = _words(
    """
    then also first later once initially eventually finally personally deliberately quietly
    """
)

# Verbs of choosing and building: only these may stand before a question about "that choice".
_CHOICE = _words(
    """
    added adopted automated bought built carved changed chose consolidated converted copied cut delayed designed
    dropped extended extracted froze halved introduced kept merged migrated moved partitioned paused picked planned
    ported postponed proposed pulled put rebuilt redesigned reduced refactored rejected removed replaced retired
    rewrote scoped set shipped split standardised standardized started swapped switched turned used wrote raised
    limited isolated cached sharded batched wrapped deferred prioritised prioritized pushed launched rolled bet
    invested redid
    """
)
_PAST = _CHOICE | _words(
    """
    began brought caught did drew drove fed flew fought found gave held hired interviewed led left let made paid
    ran rang read sat sent showed sold spent stood swept taught took tore went won asked invited
    """
)
_PARTICIPLES = _PAST | _words("chosen written built run drawn driven given taken shown done begun")
_BASE = _words(
    """
    add adopt ask avoid batch begin build buffer cache choose compare cut deploy design draw drop extract
    index introduce invest keep limit log make measure merge migrate model monitor move partition pick plan publish
    pull push put queue read record replace reserve roll run send separate set shard ship show split start store
    stream switch take test track treat turn use version wrap write
    """
)
# Of these even the past tense is no deed to hold somebody to, or carries reported speech.
_NO_DEED = _words(
    """
    guessed supposed hoped wished believed seemed happened ended needed feared doubted lied denied mentioned said
    answered replied claimed pretended assumed expected imagined promised failed refused struggled screwed messed
    cared loved hated enjoyed liked joined worked learned lived moaned cried told thought realised realized noticed
    remembered stopped tended managed tried
    """
)

# A clause that holds one of these is passed over: negation, vague pronouns, fillers, second person, verbs that would
# have to change with the pronoun, boasts in the language of job adverts, talk about the interview itself.
_NEVER = _words(
    """
    not never no nobody nothing none nor neither hardly barely scarcely without cannot unable if unless until except
    only whether would've could might may maybe perhaps probably possibly supposedly it this these those they them he
    she him her hers there here thing things stuff something anything everything somehow etc whatever ones someone
    somebody else such same um uh er erm hmm like basically literally kinda sorta yeah okay well actually honestly
    frankly obviously really you your yours yourself am i'm was were is are ourselves we or sort kind bit lot lots
    couple guess mean suppose know still where situation problem problems way strategy strategic strategically vision
    visionary ownership stakeholder stakeholders alignment aligned impact impactful leadership leader mentored mentoring
    mentor trade-off trade-offs tradeoff tradeoffs ambiguity ambiguous influence influenced cross-functional empowered
    leveraged synergy holistic coached coaching convinced communicated clearly grow growing growth world-class best
    amazing brilliant revolution revolutionised correct revolutionized transformed excellence passionate single-handedly
    good great outstanding excellent clarity proactivity short-term long-term term terms values passion salary raise
    promotion said says told mine ours yrs bc w tbh imo btw instruction instructions prompt rating ratings score scores
    grade graded rubric interviewer interview hire verdict idiot idiots stupid crap shit fuck fucking damn hell bloody
    moron garbage bastard fired died dead death cancer divorce suicide pregnant depressed
    """
)
# Words earlier in the sentence that can turn the clause into its opposite or into somebody else's words.
_TRAPS = _words(
    """
    if unless wish wished whether imagine suppose supposing pretend say says said saying told asked thinks thought
    claimed claims believed not never no nobody none without hardly would could should might maybe perhaps almost
    nearly otherwise lie joke dream hypothetically like goes whoever until
    """
)
_STARTERS = _words("and so but then because since when after once um uh yeah okay well also now")
# "In 2020 I sponsored ...": a fronted time or place with no comma after it.
_FRONTED = re.compile(r"(?:^|[.;!?]\s|\n)\W*(?:In|On|At|During|Last|That) (?:[\w'’-]+ ){1,4}$")
_CUTS = _words("because but while although though whereas since when before after")
_AND_CUTS = _words("then got told said were every now all this that there")
# Not "are" and "were": in "staging and prod are alike" both nouns are the subject.
_AUXILIARIES = _words("had has have was is did does would will could should")
_SUBORDINATE = _words("i we they it he she you then everybody everyone somebody someone nobody people")
# A verb among this many words after "and" gives the rest of the sentence a subject of its own ("and the vendor had").
_NEXT_CLAUSE = 4
_SHORTENED = re.compile(r"'(?:d|s|ll|ve|re)$")
# What follows the clause and takes something of it back.
_RETRACTS = re.compile(
    r"\W*(?:or\b|well\b|with\b|together|if\b|unless|until|except|only\b|at least|sort of|kind of|in theory|on paper|"
    r"in a way|i think|i guess|i suppose|i believe|i mean|perhaps|maybe|probably|possibly|almost|nearly|not\b|"
    r"as far as|nominally|supposedly|supposed|so to speak|as it were|to be fair|technically|(?:just )?kidding|"
    r"(?:just )?joking|(?:actually,? )?no\b|scratch that|that(?:'s| is) (?:a lie|not)|wait\b)",
    re.IGNORECASE,
)
_NUMBERS = _words("two three four five six seven eight nine ten hundred thousand million")
_STARTERS_OF_DOUBT = _words("then when what which who how why where so that if")
_BAD_END = (
    _words(
        """
    a an the my your our his her its their some any every each this that these those to of in on at by for from with
    into onto about over under between through across per as than and but so because which who whom whose what how
    why where very too quite more most less least one first second third last next new old big small large other own
    also just still even already again properly accordingly broadly instead be been being have has had do does did
    get got going will would can should must
    """
    )
    | _NUMBERS
)
_STOP = _words(
    """
    the and for with that from into over our his her its their your you then also first when what which who have has
    had was were been being them they out off down back about after before because each every all any some more most
    one two three very just than once later own new my
    """
)
# Turns of phrase that say nothing, or are often odd grammar.
_OFF = re.compile(
    r"\bmy (?:call|fault|mistake|bad|own)\b|\bmyself at\b|out of ten|also to\b|next time\b|"
    # A number of things named earlier ("I ran both for a quarter").
    r"\b(?:both|each|first|second|third) (?:for|with|to)\b|\bboth$"
)
_OWN_PART = re.compile(r"(?:^|(?<=[.;!?] ))My (?:own )?(?:part|share|role|job) was (?:[\w'’-]+ ){1,8}[\w'’-]+(?=[.;])")
# Verbs that make a sentence about something else than the speaker a statement of fact.
_STATES = _words(
    """
    fell dropped rose grew went signed agreed wanted needed broke crashed took cost lost became ran came asked chose
    argued got made saved gave left was were had put runs costs takes holds uses computed measured reported met won
    killed ate failed arrived shipped moved bought built wrote paid sold stopped started died
    """
)
_STATES_FIRST = _words(
    """
    the our my all both each every most half two three four five six seven eight nine ten
    """
)
_ABOUT_A_CHOICE = re.compile(
    r"\b(?:choice|price|g[ia]ve up|cost|table|against|other ways|second approach|put off|pay for|why that|faster)\b"
)


@dataclass(frozen=True, slots=True)
class PickUp:
    """A clause that may be said back.

    Attributes:
        clause: The slice of the reply.
        spoken: The clause as it may be said: turned ("you moved the writes to a queue"), or the slice itself.
        quoted: Whether `spoken` is the slice itself and belongs in quotation marks.
    """

    clause: str
    spoken: str
    quoted: bool = False


def pick_up(reply: str, angle: str, earlier: Sequence[str] = ()) -> PickUp | None:
    """Return the clause of a reply that stands closest to what is about to be asked, or None.

    Args:
        reply: The candidate's newest reply.
        angle: What will be asked about.
        earlier: What the interviewer has said so far; a clause in it is not said again.
    """
    said = [text.lower() for text in earlier]
    best: tuple[float, PickUp] | None = None
    for found, verb in _clauses(reply):
        if any(found.spoken.lower() in text for text in said):
            continue
        if _ABOUT_A_CHOICE.search(angle) and verb not in _CHOICE | _BASE:
            continue
        value = _closeness(found.clause, angle)
        if best is None or value > best[0]:
            best = (value, found)
    return best[1] if best else None


def turn(clause: str) -> str:
    """Return a first-person clause turned towards the speaker of it, pronouns only."""
    return _WORD.sub(lambda match: _TURNED.get(_plain(match.group()), match.group()), clause)


def _plain(word: str) -> str:
    return word.lower().replace("’", "'")


def _whole(word: str) -> str:
    """Return a word without the verb or the possessive that is written together with it ("he'd" -> "he")."""
    return _SHORTENED.sub("", word)


def _clauses(reply: str) -> list[tuple[PickUp, str]]:
    """Return every clause that may be said back, in order, with its verb."""
    words = list(_WORD.finditer(reply))
    plain = [_plain(word.group()) for word in words]
    gaps = [reply[a.end() : b.start()] for a, b in pairwise(words)] + [""]
    found = []
    for start, subject in enumerate(plain):
        if subject not in _SUBJECTS or not _may_start(reply, words, plain, gaps, start):
            continue
        verb = _verb(plain, gaps, start)
        end = _end(plain, gaps, start, verb) if verb else None
        if verb is None or end is None:
            continue
        clause = reply[words[start].start() : words[end - 1].end()]
        if _shouted(clause):
            continue
        if _sound(plain[start:end], verb - start) and not _RETRACTS.match(reply, words[end - 1].end()):
            quoted = subject.startswith("we")
            spoken = clause if quoted else turn(clause)
            found.append((PickUp(clause, spoken, quoted), plain[verb]))
    facts = [(PickUp(fact, fact, quoted=True), "") for fact in _facts(reply)]
    parts = [
        (PickUp(part, _lower_first(turn(part))), "")
        for part in _OWN_PART.findall(reply)
        if _sound(_plain(part).split(), 2)
    ]
    return found + parts + facts


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _shouted(clause: str) -> bool:
    """Tell whether a clause is in capitals: said back it would be shouted back."""
    letters = [char for char in clause if char.isalpha()]
    return sum(char.isupper() for char in letters) > len(letters) / 2


def _facts(reply: str) -> list[str]:
    """Return the short whole sentences that state something with a number or a name in it."""
    found = []
    for match in re.finditer(
        r"(?:^|(?<=[.;!] )|(?<=\n))[^.;!?:\n,\"“”()]+(?:[.,]\d+[^.;!?:\n,\"“”()]*)*(?=[.;](?:\s|$))", reply
    ):
        sentence = match.group()
        words = _WORD.findall(sentence)
        plain = [_plain(word) for word in words]
        named = any(word[0].isupper() or any(char.isdigit() for char in word) for word in words[1:])
        if (
            MIN_WORDS <= len(words) <= MAX_WORDS
            and " ".join(words) == sentence
            and (plain[0] in _STATES_FIRST or (words[0][0].isupper() and len(words[0]) > 3))
            # "Alert at 5 failed batches" states nothing.
            and any(b in _STATES and not (a.isdigit() and b.endswith("ed")) for a, b in pairwise(plain[:5]))
            and (plain[0] in _STATES_FIRST or not {"was", "were", "one"} & set(plain))
            and plain[-1] not in _BAD_END - _NUMBERS
            and not any(_whole(word) in _NEVER - {"was", "were", "is", "are"} or word.endswith("n't") for word in plain)
            and not set(plain) & (_SUBJECTS | _CUTS | _STARTERS_OF_DOUBT)
            and named
            and not _shouted(sentence)
            and not _inside_quotes(reply, match.start())
        ):
            found.append(sentence)
    return found


def _inside_quotes(reply: str, at: int) -> bool:
    return sum(reply.count(mark, 0, at) for mark in '"“”«»') % 2 == 1


def _may_start(reply: str, words: list[re.Match[str]], plain: list[str], gaps: list[str], start: int) -> bool:
    """Tell whether a main clause begins at this word, said by the candidate and meant."""
    before = gaps[start - 1] if start else ""
    at_break = start == 0 or re.fullmatch(r"[.,;:!?…)]+\s+|\s*[-–—•*]+\s*|\W*\n\W*", before)
    joined = before == " " and plain[start - 1] in _STARTERS
    at = words[start].start()
    # No fronted phrase is longer than 80 characters; looking further back is slow.
    if not (at_break or joined or _FRONTED.search(reply, max(0, at - 80), at)) or _inside_quotes(reply, at):
        return False
    context = []
    for position in range(start - 1, max(-1, start - 11), -1):
        if re.search(r"[.;!?\n]", gaps[position]):
            break
        context.append(plain[position])
    return not any(word in _TRAPS or word.endswith("n't") for word in context)


def _verb(plain: list[str], gaps: list[str], start: int) -> int | None:
    """Return the position of the verb of a clause in a form that does not change with the person, or None."""
    at = start + 1
    while at < len(plain) and gaps[at - 1] == " " and plain[at] in _ADVERBS | {"would", "will"}:
        at += 1
    if at >= len(plain) or at > start + 2 or any(gap != " " for gap in gaps[start:at]):
        return None
    word, subject = plain[at], plain[start]
    if word == "did" and plain[at + 1 : at + 2] and plain[at + 1] not in _STOP:
        return None
    if word in _NO_DEED or (word == "used" and plain[at + 1 : at + 2] == ["to"]):
        return None
    past = word in _PAST or bool(re.fullmatch(r"[a-z-]{2,}(?<!e)ed", word)) or word in ("agreed", "freed")
    if plain[at - 1] in ("would", "will") or subject.endswith("'ll"):
        fits = word in _BASE
    elif subject.endswith("'ve"):
        fits = past or word in _PARTICIPLES
    elif subject.endswith("'d"):
        fits = past or word in _PARTICIPLES | _BASE
    else:
        fits = past
    return at if fits else None


def _end(plain: list[str], gaps: list[str], start: int, verb: int) -> int | None:
    """Return the position after the clause's last word, or None where it has no safe end."""
    for at in range(verb + 1, min(len(plain), start + MAX_WORDS) + 1):
        gap = gaps[at - 1]
        if gap != " ":
            return at if re.fullmatch(r"[.,;:!…]*(?:\s+[^\w%]*|$)|\s+[-–—]+\s+", gap) else None
        if at == len(plain):
            return at
        word, following = plain[at], plain[at + 1] if at + 1 < len(plain) else ""
        if word in ("which", "who", "whose", "whom", "that") and at > verb + 1:
            return None
        if word in _CUTS:
            return at
        if word == "and" and _next_clause(plain, gaps, at + 1):
            # Of "between this and that" a half would be left.
            return None if "between" in plain[verb:at] else at
        if word == "so":
            return at if _whole(following) in _SUBORDINATE | {"that", "the"} else None
    return None


def _next_clause(plain: list[str], gaps: list[str], first: int) -> bool:
    """Tell whether a clause begins at the word after "and": the candidate's next deed, or somebody else's."""
    for at in range(first, min(len(plain), first + _NEXT_CLAUSE)):
        word = plain[at]
        if at > first and word in _CUTS | _STARTERS_OF_DOUBT | {"and", "or"}:
            return False
        if _whole(word) in _SUBORDINATE | _PAST | _AUXILIARIES or (at == first and word in _AND_CUTS):
            return True
        # "and Marta refused", but not "and a shared table".
        if re.search(r"(?<!e)ed$", word) and (at == first or plain[at - 1] not in _STOP | _BAD_END):
            return True
        if gaps[at] != " ":
            return False
    return False


def _sound(plain: list[str], verb: int) -> bool:
    """Tell whether a clause is long, plain and concrete enough to be worth saying."""
    if not MIN_WORDS <= len(plain) <= MAX_WORDS or plain[-1] in _BAD_END:
        return False
    # The "was" of "My part was" is no deed.
    told = plain[verb + 1 :] if plain[verb] == "was" else plain[verb:]
    if any(word in _NEVER or _whole(word) in _NEVER or word.endswith("n't") for word in told):
        return False
    if plain[verb + 1] in ("that", "what", "how") or _OFF.search(" ".join(plain)):
        return False
    if "one" in plain and plain[plain.index("one") + 1] in _STOP | _BAD_END:
        return False
    if any(a == b for a, b in pairwise(plain)):
        return False
    content = [word for word in plain[verb + 1 :] if len(word) > 2 and word not in _STOP | _BAD_END]
    return len(content) >= 2 or any(len(word) > 5 for word in content)


def _closeness(clause: str, angle: str) -> float:
    """Return how well a clause goes with an angle: shared word stems first, then how concrete it is."""
    stems = {word[:5] for word in re.findall(r"\w+", angle.lower()) if len(word) > 3 and word not in _STOP}
    mine = {word[:5] for word in re.findall(r"\w+", clause.lower()) if len(word) > 3}
    words = clause.split()
    concrete = any(word[:1].isupper() or word[:1].isdigit() for word in words[1:])
    choice = any(_plain(word) in _CHOICE for word in words[1:3])
    return 3.0 * len(stems & mine) + concrete + 0.5 * choice + (0.5 if 5 <= len(words) <= 9 else 0.0)
