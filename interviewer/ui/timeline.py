"""The timeline of a replay: one mark a turn, what the page around it looks like, and the browser's part of stepping."""

from dataclasses import dataclass

from interviewer.guide.model import Guide
from interviewer.interview.state import Interview
from interviewer.ui.html import FLAG, Html, tag
from interviewer.ui.stepping import STEP_WORDS, Changes, changes

# Words read in a second, and the least time a turn is shown for while a replay plays, in seconds.
PACE = 4
LEAST = 2


@dataclass(frozen=True, slots=True)
class Beat:
    """One turn on the timeline.

    Attributes:
        turn: Place in the transcript, from 0.
        exchange: Place of its question, from 0; None before the first.
        does: Who does what, in a few words.
        noted: Whether there is a note on it.
    """

    turn: int
    exchange: int | None
    candidate: bool
    does: str
    changes: Changes
    noted: bool

    @property
    def words(self) -> str:
        """The turn in a line."""
        parts = [f"Turn {self.turn + 1}, {self.does}", self.changes.words, "your note" if self.noted else ""]
        return "; ".join(part for part in parts if part)

    @property
    def signs(self) -> list[Html]:
        """What happened at the turn, a small sign each."""
        found = (
            ("up", "▲", self.changes.rose),
            ("down", "▼", self.changes.fell),
            ("red", FLAG, self.changes.raised),
            ("note", "✎", self.noted),
        )
        return [tag("i", sign, class_=name) for name, sign, there in found if there]


def beats(interview: Interview, guide: Guide) -> list[Beat]:
    """Return every turn of an interview with what it changed."""
    noted = {place for place, _ in interview.line_notes}
    found = []
    for turn, said in enumerate(interview.said):
        does = "you answer" if said.speaker == "candidate" else "the interviewer speaks"
        if said.step:
            does = f"the interviewer {STEP_WORDS[said.step.name]}"
        elif said.intent not in (None, "answer"):
            does = f"you: {str(said.intent).replace('_', ' ')}"
        change = changes(interview, turn, guide)
        found.append(Beat(turn, said.exchange, said.speaker == "candidate", does, change, turn in noted))
    return found


def address(interview: str, turn: int) -> str:
    """Return the link to a turn, from this page.

    Args:
        turn: From 0; links count from 1.
    """
    return f"?replay={interview}&turn={turn + 1}"


def pace(text: str) -> int:
    """Return how long a turn is shown for while a replay plays, in milliseconds."""
    return round(1000 * (LEAST + len(text.split()) / PACE))


def timeline(interview: str, state: Interview, turn: int, guide: Guide) -> Html:
    """Return the timeline of an interview, grouped by question.

    Args:
        interview: Its id.
        turn: The turn in view, from 0.
    """
    groups: dict[int | None, list[Html]] = {}
    for beat in beats(state, guide):
        link = tag(
            "a",
            *(tag("span", *beat.signs, class_="signs"), tag("span", class_="dot")),
            href=address(interview, beat.turn),
            class_="beat" + (" you" if beat.candidate else ""),
            title=beat.words,
            aria_label=beat.words,
            aria_current="step" if beat.turn == turn else None,
            # One stop for the Tab key; the arrow keys go from turn to turn.
            tabindex="0" if beat.turn == turn else "-1",
        )
        groups.setdefault(beat.exchange, []).append(tag("li", link))
    rows = []
    for exchange, links in groups.items():
        name = "Opening" if exchange is None else f"{exchange + 1} · {state.asked[exchange].ask.kind.words}"
        rows.append(tag("li", tag("span", name, class_="q"), tag("ol", *links)))
    key = (("dot", ""), ("dot you", ""), ("up", "▲"), ("down", "▼"), ("red", FLAG), ("note", "✎"))
    names = ("interviewer", "you", "rating rose", "fell", "red flag raised", "note")
    legend = [
        tag("span", tag("i", sign, class_=kind, aria_hidden="true"), name)
        for (kind, sign), name in zip(key, names, strict=True)
    ]
    return tag("nav", tag("ol", *rows), tag("p", *legend, class_="legend"), class_="timeline", aria_label="Turns")


# A link to a turn is followed without a new page; with a modifier key it is a link like any other.
FOLLOW = """
element.addEventListener('click', (event) => {
  const link = event.target.closest('a[href^="?replay="]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  window.replay.want(link.search);
  trigger('select');
});"""
DRAWN = "window.replay?.drawn(); watch('value', () => window.replay?.drawn());"

# What the browser does for a replay. The turn that is wanted is kept here, so that keys pressed faster than pages come
# are all counted; the address, the chosen item and the playing follow what is drawn. Returns what the address names.
SCRIPT = """() => {
  const at = { id: '', turn: 0, count: 0, item: '', waiting: 0, playing: false, timer: 0 };
  const page = () => document.querySelector('#replay-talk [data-replay]');
  const seen = (element) => element && element.offsetParent !== null;
  const button = (id) => document.getElementById(id);
  const link = () => `?replay=${at.id}&turn=${at.turn}`;
  const steps = {
    'replay-first': () => 1, 'replay-back': (turn) => turn - 1,
    'replay-next': (turn) => turn + 1, 'replay-last': () => at.count,
  };
  const want = (id, turn) => {
    Object.assign(at, { id, turn });
    clearTimeout(at.waiting);
    at.waiting = setTimeout(() => { at.waiting = 0; drawn(); }, 2000);
  };
  const address = () => {
    const url = new URL(location);
    if (seen(page())) { url.searchParams.set('replay', at.id); url.searchParams.set('turn', at.turn); }
    else { url.searchParams.delete('replay'); url.searchParams.delete('turn'); }
    if (url.href !== location.href) history.replaceState(history.state, '', url);
  };
  const show = () => {
    for (const line of document.querySelectorAll('#replay-ratings details[data-item]'))
      line.open = line.dataset.item === at.item;
    for (const mark of document.querySelectorAll('#replay-talk mark[data-items]')) {
      const chosen = mark.dataset.items.split(' ').includes(at.item);
      mark.classList.toggle('chosen', chosen);
      mark.setAttribute('aria-pressed', chosen);
    }
  };
  const choose = (item, far) => {
    at.item = item;
    show();
    document.querySelector(far)?.scrollIntoView({ block: 'nearest' });
  };
  const press = (mark) => {
    // Where marks lie over each other, every press goes on to the next item.
    const items = mark.dataset.items.split(' ');
    const item = items[items.indexOf(at.item) + 1] || (items.includes(at.item) ? '' : items[0]);
    choose(item, `#replay-ratings details[data-item="${item}"]`);
  };
  const stop = () => { if (at.playing) button('replay-play')?.click(); };
  const drawn = () => {
    const now = page();
    if (!now) at.drawn = '';
    if (!seen(now)) { stop(); address(); return; }
    const [id, turn] = [now.dataset.replay, +now.dataset.turn];
    at.count = +now.dataset.count;
    const arrived = id !== at.drawn;
    if (at.waiting && (id !== at.id || turn !== at.turn)) return;
    clearTimeout(at.waiting);
    Object.assign(at, { id, turn, waiting: 0 });
    show();
    address();
    if (arrived) { at.drawn = id; at.item = ''; show(); document.querySelector('#replay-head h2')?.focus(); }
    else if (document.activeElement?.closest('.beat')) document.querySelector('.beat[aria-current]')?.focus();
    if (at.place !== link()) {
      at.place = link();
      const pane = document.querySelector('#replay-talk .pane'), turnNow = pane?.querySelector('.now');
      if (turnNow && pane.scrollHeight > pane.clientHeight) pane.scrollTop = turnNow.offsetTop - pane.offsetTop - 8;
      else if (!arrived) turnNow?.scrollIntoView({ block: 'nearest' });
      schedule();
    }
  };
  const schedule = () => {
    clearTimeout(at.timer);
    if (!at.playing) return;
    const pace = +page().dataset.pace;
    at.timer = setTimeout(() => button(at.turn < at.count ? 'replay-next' : 'replay-play')?.click(), pace);
  };
  document.addEventListener('click', ({ target }) => {
    const step = steps[target.closest('button')?.id];
    if (step) want(at.id, Math.max(1, Math.min(step(at.turn), at.count)));
    const mark = target.closest('#replay-talk mark[data-items]');
    if (mark) press(mark);
  }, true);
  document.addEventListener('click', (event) => {
    const line = event.target.closest('summary')?.parentElement;
    if (!line?.matches('#replay-ratings details[data-item]')) return;
    event.preventDefault();
    const item = line.open ? '' : line.dataset.item;
    choose(item, `#replay-talk mark[data-items~="${item}"]`);
  });
  document.addEventListener('keydown', (event) => {
    const mark = event.target.closest?.('#replay-talk mark[data-items]');
    if (mark && (event.key === 'Enter' || event.key === ' ')) { event.preventDefault(); press(mark); }
  });
  // Nothing moves on beneath somebody who writes a note or rates.
  document.addEventListener('focusin', ({ target }) => {
    if (target.matches('input, textarea') && page()?.closest('[role=tabpanel]')?.contains(target)) stop();
  });
  window.replay = {
    drawn,
    left: () => focusOn('#undo', `#library a[href*="${at.id}"]`, '#library a'),
    want: (search) => {
      const wanted = new URLSearchParams(search);
      want(wanted.get('replay'), +wanted.get('turn'));
    },
    wish: () => `${at.id} ${at.turn}`,
    play: () => {
      at.playing = !at.playing && seen(page());
      if (at.playing && at.turn >= at.count && at.count > 1) button('replay-first').click();
      schedule();
      return at.playing ? '❚❚ Pause' : '▶ Play';
    },
    copy: async () => {
      const url = location.origin + location.pathname + link();
      let told = `The link to turn ${at.turn} is copied.`;
      try {
        await navigator.clipboard.writeText(url);
      } catch {
        told = `The browser forbids it: copy <a href="${url.replace('&', '&amp;')}">this link</a>.`;
      }
      // Said in a line that is there already, so that nothing moves; the next step draws that line anew.
      return `<p role="status">${told}</p>`;
    },
  };
  const wanted = new URLSearchParams(location.search);
  return wanted.has('replay') ? `${wanted.get('replay')} ${wanted.get('turn') || 1}` : '';
}"""

CSS = """
:root { --red: #b3261e; }
.dark { --red: #ffb4a9; }
#replay-find, #turn-note, #naming { align-items: flex-end; }
#replay-find input { min-width: 0; }
#replay-find button, #turn-note button, #naming button { margin-bottom: .55rem; }
.item blockquote { margin-top: 0; }
#replay-said:not(:has(p)) { display: none; }
#undone { align-items: center; justify-content: flex-start; }
#undone > * { flex: 0 1 auto; width: auto; min-width: 0 !important; }
#replay-said, #replay-head, #timeline, #place { padding: 0 !important; }
.shelf { list-style: none; padding: 0; margin: 0; }
.shelf li { margin: 0; border-top: 1px solid var(--line); }
.shelf li:last-child { border-bottom: 1px solid var(--line); }
.shelf a { display: flex; flex-wrap: wrap; gap: .1rem 1rem; align-items: baseline; padding: .75rem .6rem;
  color: var(--body-text-color); text-decoration: none; text-align: left; border-radius: 8px; }
.shelf a:hover { background: color-mix(in srgb, var(--accent) 8%, transparent); }
.shelf b { flex: 1 1 16rem; font-weight: 700; overflow-wrap: anywhere; }
.shelf .quiet { flex: 0 1 auto; text-align: left; }
.shelf .came { width: 10rem; text-align: right; }
.label { font-size: .85rem; font-weight: 400; border: 1px solid var(--neutral-400); border-radius: 99px;
  padding: .05rem .6rem; margin-left: .5rem; white-space: nowrap; color: var(--body-text-color-subdued); }
.dark .label { border-color: var(--neutral-600); }
#replay-head h2 { font-size: 1.45rem; font-weight: 700; line-height: 1.3; margin: 0; overflow-wrap: anywhere; }
#replay-head h2:focus { outline: none !important; }
#replay-head p { margin: .2rem 0 0; }
#replay-tools, #steps { flex-wrap: wrap; gap: .5rem; align-items: center; }
#replay-tools button, #steps button { flex: 0 0 auto; }
#steps { position: sticky; top: 0; z-index: 5; padding: .4rem 0; background: var(--body-background-fill); }
#place { flex: 1 1 12rem; }
#place p { margin: 0; color: var(--body-text-color-subdued); font-variant-numeric: tabular-nums; }
.timeline ol { list-style: none; display: flex; flex-wrap: wrap; padding: 0; margin: 0; }
.timeline > ol { gap: .5rem 1.1rem; }
.timeline li { margin: 0; }
.timeline .q { display: block; font-size: .85rem; color: var(--body-text-color-subdued); padding-left: .3rem; }
.timeline ol ol { border-bottom: 1px solid var(--neutral-400); }
.beat { display: flex; flex-direction: column; justify-content: flex-end; align-items: center; gap: .15rem;
  width: 1.75rem; min-height: 3.1rem; padding: .2rem 0 .35rem; border-radius: 8px 8px 0 0; text-decoration: none; }
.beat:hover { background: color-mix(in srgb, var(--accent) 12%, transparent); }
.beat[aria-current] { background: color-mix(in srgb, var(--accent) 16%, transparent);
  box-shadow: inset 0 -4px 0 var(--accent); }
.signs { display: flex; flex-wrap: wrap; justify-content: center; gap: 0 .1rem; line-height: 1; }
.timeline i { font-style: normal; font-size: .8rem; line-height: 1; color: var(--body-text-color); }
.timeline i.up { color: var(--accent); }
.timeline i.red { color: var(--red); }
.dot, .legend i.dot { display: inline-block; width: .7rem; height: .7rem; border-radius: 50%;
  border: 2px solid var(--neutral-500); }
.beat.you .dot, .legend i.dot.you { border-radius: 3px; background: var(--accent); border-color: var(--accent); }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; margin: .5rem 0 0 !important; font-size: .85rem;
  color: var(--body-text-color-subdued); }
.legend span { display: inline-flex; align-items: center; gap: .35rem; }
mark.ev[role=button] { cursor: pointer; }
mark.ev.raised { border-bottom: 0; text-decoration: underline wavy 2px var(--red); text-underline-offset: 4px; }
mark.ev.raised:not([class*=" c"]) { background: color-mix(in srgb, var(--red) 12%, transparent); }
mark.ev.chosen { outline: 2px solid var(--body-text-color); outline-offset: 1px; }
.no.raised { border-color: var(--red); color: var(--red); }
.change { font-weight: 700; color: var(--accent); }
.changed { font-weight: 700; }
.turn .own { display: block; margin-top: .6rem; padding-top: .5rem; border-top: 1px dashed var(--neutral-400);
  font-size: .95rem; }
.item .body > .quiet p { margin: .35rem 0; }
#replay-talk .pane:focus-visible { outline-offset: -2px; }
@media (min-width: 900px) {
  #replay-pages { align-items: flex-start; }
  #replay-talk .pane, #replay-ratings .exchange { max-height: 66vh; overflow-y: auto; padding-right: .6rem; }
}
@media (max-width: 640px) {
  .shelf b { flex-basis: 100%; }
  .shelf .came { width: auto; }
  #place .keys { display: none; }
}
"""
