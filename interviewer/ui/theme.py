"""How the screen looks and which keys it knows: one accent colour, one palette for items, light and dark."""

import gradio as gr

# A calm teal; its steps keep 4.5:1 against the page in light (700) and dark (300).
_ACCENT = gr.themes.Color(
    c50="#effaf8",
    c100="#d3f1ec",
    c200="#a9e1d9",
    c300="#74cabf",
    c400="#45aea2",
    c500="#2a9187",
    c600="#1f756e",
    c700="#1b5f5a",
    c800="#194c49",
    c900="#173f3d",
    c950="#082423",
    name="teal",
)

# Weight 700, not 600: of IBM Plex Sans, Gradio carries the half-bold cut without the Latin letters.
THEME = gr.themes.Base(
    primary_hue=_ACCENT,
    secondary_hue=_ACCENT,
    neutral_hue=gr.themes.colors.stone,
    text_size=gr.themes.sizes.text_lg,
    radius_size=gr.themes.sizes.radius_lg,
    font=[gr.themes.LocalFont("IBM Plex Sans", weights=(400, 700)), "ui-sans-serif", "system-ui", "sans-serif"],
    font_mono=[gr.themes.LocalFont("IBM Plex Mono", weights=(400, 600)), "ui-monospace", "monospace"],
).set(
    body_background_fill="*neutral_50",
    body_background_fill_dark="*neutral_950",
    block_border_width="0px",
    block_background_fill="transparent",
    block_background_fill_dark="transparent",
    block_shadow="none",
    block_label_background_fill="transparent",
    block_label_background_fill_dark="transparent",
    block_title_text_weight="600",
    block_title_text_color="*neutral_800",
    block_title_text_color_dark="*neutral_200",
    button_large_text_size="*text_md",
    button_large_padding="*spacing_md *spacing_xl",
    button_primary_border_color="*primary_700",
    button_primary_border_color_dark="*primary_300",
    block_info_text_color="*neutral_600",
    block_info_text_color_dark="*neutral_400",
    body_text_color_subdued="*neutral_600",
    body_text_color_subdued_dark="*neutral_400",
    input_background_fill="white",
    input_background_fill_dark="*neutral_900",
    input_border_width="1px",
    input_border_color="*neutral_300",
    input_border_color_dark="*neutral_700",
    input_border_color_focus="*primary_600",
    input_border_color_focus_dark="*primary_400",
    button_primary_background_fill="*primary_700",
    button_primary_background_fill_hover="*primary_800",
    button_primary_background_fill_dark="*primary_300",
    button_primary_background_fill_hover_dark="*primary_200",
    button_primary_text_color="white",
    button_primary_text_color_dark="*neutral_950",
    button_secondary_background_fill="*neutral_200",
    button_secondary_background_fill_hover="*neutral_300",
    button_secondary_background_fill_dark="*neutral_800",
    button_secondary_background_fill_hover_dark="*neutral_700",
    checkbox_background_color_selected="*primary_700",
    checkbox_background_color_selected_dark="*primary_500",
    checkbox_label_background_fill="transparent",
    checkbox_label_background_fill_dark="transparent",
    checkbox_label_background_fill_hover="*neutral_100",
    checkbox_label_background_fill_hover_dark="*neutral_800",
    checkbox_label_border_color="*neutral_300",
    checkbox_label_border_color_dark="*neutral_700",
    checkbox_label_border_width="1px",
    checkbox_label_border_color_selected="*primary_600",
    checkbox_label_border_color_selected_dark="*primary_400",
    checkbox_label_background_fill_selected="*primary_50",
    checkbox_label_background_fill_selected_dark="*primary_950",
    checkbox_label_text_color_selected="*neutral_900",
    checkbox_label_text_color_selected_dark="*neutral_100",
    checkbox_border_color="*neutral_500",
    checkbox_border_color_dark="*neutral_500",
    slider_color="*primary_700",
    slider_color_dark="*primary_300",
)

# The item palette is Okabe and Ito's, which people with any colour vision tell apart; a number always stands with it.
CSS = """
:root {
  --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #cc79a7; --c4: #e69f00; --c5: #56b4e9; --c6: #8a7f00;
  --mark: 24%; --accent: var(--primary-700); --line: var(--neutral-200); --sheet: white;
}
.dark { --mark: 42%; --accent: var(--primary-300); --line: var(--neutral-800); --sheet: var(--neutral-900); }
.gradio-container { width: 100%; max-width: 76rem !important; margin: 0 auto !important;
  padding: 0 1.25rem 2rem !important; }
.gradio-container, .gradio-container .prose { line-height: 1.55; }
.gradio-container > .main { padding: 0; }
.gradio-container .tabs, .gradio-container .wrap { width: 100%; }
.form { background: transparent !important; border: 0 !important; gap: 1.2rem; }
.block { padding-left: 0 !important; padding-right: 0 !important; }
.tab-container button.selected { color: var(--accent); font-weight: 600; }
.tab-container button.selected::after { background: var(--accent) !important; }
footer { display: none !important; }
#brand { padding: .9rem 0 .2rem !important; }
.html-container, .tabitem { padding-left: 0 !important; padding-right: 0 !important; }
#brand p { display: flex; flex-wrap: wrap; gap: .2rem 1rem; align-items: baseline; margin: 0; }
#brand strong { font-size: 1.15rem; color: var(--accent); }
#brand span, .quiet, .where, .maker { color: var(--body-text-color-subdued); }
#start { max-width: 46rem; margin: 0 auto; padding: 1.5rem 0; gap: 1.4rem; }
#start h1 { font-size: clamp(1.5rem, 4.2vw, 2.1rem); line-height: 1.25; font-weight: 600; margin: 0 0 .5rem; }
html.returning #start { visibility: hidden; }
:is(button, a, input, textarea, summary, [tabindex]):focus-visible {
  outline: 3px solid var(--accent) !important; outline-offset: 2px; border-radius: 6px;
}
/* Within, for Gradio cuts off what stands out of a field. */
:is(textarea, input:not([type=radio], [type=checkbox], [type=range])):focus-visible {
  outline-offset: -3px !important; box-shadow: none !important; }
input[type=range]::-webkit-slider-thumb { border: 2px solid var(--accent); }
input[type=range]::-moz-range-thumb { border: 2px solid var(--accent); }
.dark input[type=range] { --neutral-200: var(--neutral-700); }
#status { min-height: 1.6rem; }
#status p { margin: 0; color: var(--body-text-color-subdued); font-variant-numeric: tabular-nums; }
#chat { border: 1px solid var(--line); background: var(--sheet); border-radius: 14px; }
/* Emptying the box would not empty the transcript: the button is not ours to offer. */
#chat button[aria-label="Clear"] { display: none; }
/* What went wrong stands in a toast, in words. */
[data-testid="status-tracker"] .error { display: none; }
#chat .bot.message { background: transparent; border: 0; box-shadow: none; padding: .2rem 0; }
#chat .user.message { background: color-mix(in srgb, var(--accent) 10%, var(--sheet)); border: 0; border-radius: 14px;
  color: var(--body-text-color); }
#chat .message { font-size: 1.05rem; line-height: 1.6; overflow-wrap: anywhere; }
#chat .message-content, #chat .message-content .md { white-space: pre-wrap; }
#answer textarea { font-size: 1.05rem; line-height: 1.6; }
#tools button, #quick button { min-width: 0; flex: 0 1 auto; width: auto; }
#tools, #quick { flex-wrap: wrap; gap: .5rem; }
#quick button { font-weight: 400; }
.row:has(> #end-now) { flex-wrap: wrap; align-items: center; gap: .5rem; }
.row:has(> #end-now) > * { flex: 0 0 auto; width: auto; min-width: 0; }
.card, .exchange, .turns { overflow-wrap: anywhere; }
.card > section, .card > header { padding: 1.4rem 0; border-bottom: 1px solid var(--line); }
.card > section:last-child { border-bottom: 0; }
.card h2, .card h3, .exchange h3, .exchange h4 { font-weight: 600; line-height: 1.3; margin: 0 0 .5rem; }
.card h3, .exchange h3 { font-size: 1.2rem; }
.exchange h4 { font-size: 1rem; margin-top: 1rem; }
.card p, .exchange p { margin: .35rem 0; }
.kicker { color: var(--body-text-color-subdued); font-size: .95rem; }
.card .verdict { font-size: clamp(2rem, 6vw, 3rem); color: var(--accent); }
.goodbye { font-style: italic; max-width: 44rem; }
.chart { list-style: none; padding: 0; margin: .8rem 0 1.2rem; display: grid; gap: .45rem; }
.chart li { display: flex; flex-wrap: wrap; gap: .1rem .9rem; align-items: center; margin: 0; }
.chart .name { flex: 0 1 18rem; }
.chart .bar { flex: 0 0 9rem; }
.chart .words, .item .words { color: var(--body-text-color-subdued); }
.bar { display: flex; gap: 3px; }
.item .bar { flex: 0 0 4.5rem; }
.bar i { flex: 1; height: .8rem; border-radius: 3px; border: 1px solid var(--neutral-400); }
.dark .bar i { border-color: var(--neutral-600); }
.bar i.on { background: var(--c); border-color: var(--c) !important; }
.bar.none i { border-style: dashed; }
.c0 { --c: var(--c0); } .c1 { --c: var(--c1); } .c2 { --c: var(--c2); } .c3 { --c: var(--c3); }
.c4 { --c: var(--c4); } .c5 { --c: var(--c5); } .c6 { --c: var(--c6); }
.no { display: inline-grid; place-items: center; min-width: 1.6rem; height: 1.6rem; border-radius: 6px; flex: none;
  font-size: .85rem; font-weight: 600; border: 2px solid var(--c, var(--neutral-400)); }
sup.no { min-width: 1.1rem; height: 1.1rem; font-size: .68rem; border-width: 1.5px; border-radius: 4px;
  margin-left: .2rem; vertical-align: text-top; }
mark.ev { background: color-mix(in srgb, var(--c) var(--mark), transparent); color: inherit; border-radius: 3px;
  border-bottom: 2px solid var(--c); padding: 0 .1em; }
.item { border-top: 1px solid var(--line); }
.item > summary { display: flex; flex-wrap: wrap; align-items: center; gap: .3rem .8rem; cursor: pointer;
  list-style: none; position: relative; padding: .7rem 1.8rem .7rem .2rem; }
.item > summary::-webkit-details-marker { display: none; }
.item > summary .name { flex: 1 1 12rem; }
.item > summary .rate { display: flex; align-items: center; gap: .3rem .8rem; flex-wrap: wrap; padding-left: 2.4rem; }
.item > summary::after { content: "+"; color: var(--body-text-color-subdued); position: absolute; right: .4rem;
  top: .7rem; }
.item[open] > summary::after { content: "–"; }
.item > .body { padding: 0 .2rem 1rem 2.6rem; }
.item.question > .exchange { padding: .2rem .2rem 1.2rem; }
.item.question > .exchange > h3, .item.question > .exchange > .kicker { display: none; }
blockquote { margin: .5rem 0; padding: .5rem .9rem; border-left: 3px solid var(--line); background: var(--sheet);
  border-radius: 0 8px 8px 0; white-space: pre-wrap; }
.guide { margin: .5rem 0; }
.guide > summary { cursor: pointer; color: var(--accent); }
.passage { white-space: pre-wrap; padding: .5rem .9rem; border: 1px solid var(--line); border-radius: 8px; }
.flags, .notes, .work-on { padding-left: 1.2rem; display: grid; gap: .6rem; }
.work-on li > * { display: block; }
.flags li > .where { margin-left: .6rem; }
.flags li > p { display: block; margin: .1rem 0; }
.outline { padding-left: 1.2rem; margin: .4rem 0; }
.unsure { font-style: italic; color: var(--body-text-color-subdued); }
.card .verdict:focus { outline: none !important; }
#kept:not(:has(p)) { display: none; }
#kept p { margin: 0; font-weight: 700; }
.card table { border-collapse: collapse; width: 100%; border: 0 !important; }
.card tr { border: 0 !important; background: transparent !important; }
.card :is(th, td) { text-align: left; padding: .45rem .8rem .45rem 0 !important; border: 0 !important;
  border-top: 1px solid var(--line) !important; color: inherit; vertical-align: top; }
.card th { min-width: 6.5rem; overflow-wrap: normal; }
.card thead th { border-top: 0 !important; color: var(--body-text-color-subdued); font-weight: 400; }
.card td.reads { font-weight: 600; }
.maker { font-size: .85rem; }
.turn { max-width: 44rem; padding: .8rem 1rem; margin: .7rem 0; border-radius: 14px; border: 1px solid var(--line);
  background: var(--sheet); white-space: pre-wrap; }
.turn.candidate { margin-left: auto; background: color-mix(in srgb, var(--accent) 9%, var(--sheet)); }
.turn.now { border: 2px solid var(--accent); }
.turn .who { display: block; font-size: .85rem; color: var(--body-text-color-subdued); white-space: normal; }
#feedback { border: 1px solid var(--line); border-radius: 14px; padding: 1rem 1.1rem !important;
  background: var(--sheet); }
#replay-reader ~ #all-data { display: none; }
progress { width: 100%; accent-color: var(--accent); }
.empty { padding: 2.5rem 1rem; text-align: center; color: var(--body-text-color-subdued); }
@media (max-width: 640px) {
  .gradio-container { padding: 0 .8rem 1.5rem !important; }
  .item > .body { padding-left: .2rem; }
  .chart .bar { flex-basis: 7rem; }
  .item .bar { flex-basis: 3.6rem; }
  .item.question > summary .name { flex-basis: calc(100% - 3rem); }
  .item.question > summary .words { padding-left: 2.4rem; }
  #steps #place { flex: 1 1 100%; }
  #steps button { flex: 1 1 auto !important; min-width: 0 !important; }
}
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
"""

# Keys: Ctrl or Cmd with Enter sends; Alt with P, N and E (Ctrl and Alt on a Mac, where Alt writes other letters) is
# pause, next question and end; Escape stops the words that are coming; the arrow keys step through a replay. The class
# keeps the first screen from flashing on a return. The conversation is scrolled here, not by its component, which gives
# up when a long answer pushes the newest words away.
HEAD = """
<script>
// Read before anything can write it: the browser's own note of an interview, once loaded, goes into the address too.
window.wantedInterview = new URLSearchParams(location.search).get('interview');
if (window.wantedInterview) document.documentElement.classList.add('returning');
(() => {
  const button = (id) => {
    const found = document.getElementById(id);
    return found && !found.disabled && found.offsetParent !== null ? found : null;
  };
  const press = (event, id) => {
    const found = button(id);
    if (found) { event.preventDefault(); found.click(); }
  };
  // Takes the keyboard to the first of these that is shown; what was just asked for is drawn some moments later.
  window.focusOn = (...places) => {
    const look = (tries) => {
      const found = places.flatMap((place) => [...document.querySelectorAll(place)]).find((one) => one.offsetParent);
      if (found) found.focus(); else if (tries) requestAnimationFrame(() => look(tries - 1));
    };
    look(60);
  };
  const mac = navigator.platform.startsWith('Mac');
  document.addEventListener('keydown', (event) => {
    const writing = event.target.matches('input, textarea, [contenteditable]');
    const plain = !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      if (event.target.closest('#answer')) { event.stopPropagation(); press(event, 'send'); }
      else if (event.target.closest('#note')) { event.stopPropagation(); press(event, 'keep-note'); }
    } else if (event.altKey && !event.metaKey && (mac || !event.ctrlKey)) {
      const letter = event.ctrlKey ? event.code.slice(3) : event.key.toUpperCase();
      const id = { P: 'pause', N: 'skip', E: 'end' }[letter];
      if (id) press(event, id);
    } else if (event.key === 'Escape') press(event, 'stop');
    else if (!writing && plain && event.key === 'ArrowLeft') press(event, 'replay-back');
    else if (!writing && plain && event.key === 'ArrowRight') press(event, 'replay-next');
  }, true);

  // The newest words stay in view until somebody scrolls up to read; their own next answer brings them back.
  let shape = '', sent = 0, reading = false, due = false;
  const chat = () => document.querySelector('#chat [role=log]');
  const shapeOf = (log) => [log.scrollHeight, log.clientHeight, log.clientWidth].join();
  // An answer leaves the box when it stands in the conversation, and takes nothing along that was written since.
  const empty = () => {
    const box = document.querySelector('#answer textarea'), taken = window.sentAnswer;
    window.sentAnswer = '';
    if (!box || !taken || !box.value.startsWith(taken)) return;
    box.value = box.value.slice(taken.length).trimStart();
    box.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const follow = () => {
    const log = chat();
    if (!log) { shape = ''; return; }
    log.tabIndex = 0;  // a box that scrolls is one the keyboard comes to
    const answers = log.querySelectorAll('.user.message').length;
    if (answers !== sent) {
      if (answers > sent) empty();
      sent = answers;
      reading = false;
    }
    if (shapeOf(log) === shape) return;
    shape = shapeOf(log);
    if (!reading) log.scrollTop = log.scrollHeight;
  };
  // Each choice of a set comes with a name of its own; with one name the arrow keys go from one to the other.
  const group = () => {
    for (const set of document.querySelectorAll('fieldset')) {
      const choices = set.querySelectorAll('input[type=radio]');
      for (const choice of choices) if (choice.name !== choices[0].name) choice.name = choices[0].name;
    }
  };
  const look = () => {
    if (!due) { due = true; requestAnimationFrame(() => { due = false; follow(); group(); }); }
  };
  document.addEventListener('scroll', ({ target }) => {
    // A scroll that comes with a new shape is the browser's own.
    if (target === chat() && shapeOf(target) === shape)
      reading = target.scrollHeight - target.scrollTop - target.clientHeight > 8;
  }, true);
  // The small buttons say something else than what stands in the box, which stays there.
  addEventListener('click', ({ target }) => { if (target.closest?.('#quick')) window.sentAnswer = ''; }, true);
  addEventListener('resize', look);
  addEventListener('wheel', ({ deltaY, target }) => {
    if (deltaY < 0 && chat()?.contains(target) && chat().scrollTop > 0) reading = true;
  });
  new MutationObserver(look).observe(
    document, { subtree: true, childList: true, characterData: true, attributeFilter: ['name'] }
  );
})();
</script>
"""

# What was sent, for the page to take out of the box once it stands in the conversation.
SEND = "(id, text) => { window.sentAnswer = text; return [id, text]; }"
SPEAKING = "(id) => [id, document.getElementById('stop')?.disabled === false]"
# In the page's address stands which interview it shows, so that a reload or a bookmark goes on where it was.
ARRIVE = "(kept) => window.wantedInterview || kept || ''"
ADDRESS = """(id) => {
  const url = new URL(location);
  if (id) url.searchParams.set('interview', id); else url.searchParams.delete('interview');
  if (!id) localStorage.removeItem('interviewer');  // Gradio keeps no empty value, and the last one would come back
  history.replaceState(history.state, '', url);
  document.documentElement.classList.remove('returning');
}"""
# Where the keyboard goes on: in the answer box, or at the scorecard once there is one; never away from a note that is
# being written.
FOCUS = """() => {
  const box = document.querySelector('#answer textarea') || document.querySelector('#scorecard .verdict');
  const writing = document.activeElement?.matches('input, textarea') && document.activeElement.offsetParent;
  if (box && !box.disabled && !writing) box.focus();
}"""
