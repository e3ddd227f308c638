"""A report as one HTML page that needs nothing else: no script, no request, light and dark, and fit to be printed."""

from collections.abc import Iterator
from html import escape

from interviewer.files.report import Block, Bullets, Heading, Rated, Report, Spoken, Table, Text

STYLE = """
:root { color-scheme: light dark; --text: #1c1917; --quiet: #57534e; --page: #fafaf9; --sheet: #fff; --line: #e7e5e4;
  --accent: #1b5f5a; --tint: #e8f0ef; }
@media (prefers-color-scheme: dark) { :root { --text: #f5f5f4; --quiet: #a8a29e; --page: #0c0a09; --sheet: #1c1917;
  --line: #292524; --accent: #74cabf; --tint: #15302d; } }
body { font: 17px/1.6 "IBM Plex Sans", ui-sans-serif, system-ui, sans-serif; color: var(--text);
  background: var(--page); margin: 0; }
main { max-width: 46rem; margin: 0 auto; padding: 2.5rem 1.2rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.3; font-weight: 600; margin: 0 0 .4rem; }
h2 { font-size: 1.25rem; line-height: 1.3; font-weight: 600; margin: 2.6rem 0 .6rem; padding-top: 1.2rem;
  border-top: 1px solid var(--line); }
h2.verdict { font-size: 2.2rem; color: var(--accent); }
h3 { font-size: 1.02rem; font-weight: 600; margin: 1.6rem 0 .4rem; }
p { margin: .5rem 0; white-space: pre-wrap; }
.quiet, .at, .about { color: var(--quiet); }
ul { padding-left: 1.2rem; margin: .5rem 0; } li { white-space: pre-wrap; margin: .2rem 0; }
.turn { border: 1px solid var(--line); background: var(--sheet); border-radius: 14px; padding: .7rem 1rem;
  margin: .8rem 0; max-width: 40rem; white-space: pre-wrap; break-inside: avoid-page; }
.turn.candidate { margin-left: auto; background: var(--tint); }
.turn .at { display: block; font-size: .85rem; white-space: normal; }
.turn .remark { display: block; border-top: 1px solid var(--line); margin-top: .5rem; padding-top: .4rem;
  font-style: italic; }
.rated { border-top: 1px solid var(--line); padding: .7rem 0; break-inside: avoid; }
.rated .name { display: flex; flex-wrap: wrap; gap: .1rem .9rem; align-items: center; margin: 0; }
.rated strong { flex: 1 1 16rem; font-weight: 600; }
.bar { display: inline-flex; gap: 3px; } .bar i { width: 1.3rem; height: .7rem; border-radius: 3px;
  border: 1px solid var(--quiet); } .bar i.on { background: var(--accent); border-color: var(--accent); }
blockquote { margin: .5rem 0; padding: .4rem .9rem; border-left: 3px solid var(--accent); white-space: pre-wrap;
  background: var(--sheet); border-radius: 0 8px 8px 0; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0; }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; border-top: 1px solid var(--line); }
th, td { overflow-wrap: normal; }
thead th { border-top: 0; color: var(--quiet); font-weight: 400; }
@media print { :root { --text: #000; --quiet: #444; --page: #fff; --sheet: #fff; --line: #ccc; --accent: #1b5f5a;
  --tint: #fff; } body { font-size: 10.5pt; } main { max-width: none; padding: 0; } h2, h3 { break-after: avoid; }
  .bar i { print-color-adjust: exact; } .turn { break-inside: auto; } }
@page { margin: 18mm; }
"""
# Nothing is fetched and nothing runs, whatever stands in the page.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def to_page(report: Report) -> str:
    """Return a report as an HTML page."""
    title = escape(report.title)
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style>"
    )
    body = "\n".join(part for block in _grouped(report) for part in block)
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body><main>\n<h1 dir="auto">{title}</h1>\n{body}\n'
        "</main></body></html>\n"
    )


def _grouped(report: Report) -> Iterator[Iterator[str]]:
    first = True
    for block in report.blocks:
        verdict = first and isinstance(block, Heading)
        first = first and not verdict
        yield _parts(block, verdict=verdict)


def _parts(block: Block, *, verdict: bool) -> Iterator[str]:
    match block:
        case Heading(text=text, level=level):
            look = ' class="verdict"' if verdict else ""
            yield f"<h{level}{look}>{escape(text)}</h{level}>"
        case Text(text=text, quiet=quiet):
            look = ' class="quiet"' if quiet else ""
            yield f'<p dir="auto"{look}>{escape(text)}</p>'
        case Spoken(speaker=speaker, text=text, at=at, remarks=remarks):
            notes = "".join(f'<span class="remark" dir="auto">{escape(remark)}</span>' for remark in remarks)
            yield (
                f'<div class="turn {speaker.lower()}"><span class="at">{escape(speaker)} · {escape(at)}</span>'
                f'<span dir="auto">{escape(text)}</span>{notes}</div>'
            )
        case Rated():
            yield _rated(block)
        case Bullets(rows=rows):
            yield "<ul>" + "".join(f'<li dir="auto">{escape(row)}</li>' for row in rows) + "</ul>"
        case Table(head=head, rows=rows):
            names = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
            lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
            yield f"<table><thead><tr>{names}</tr></thead><tbody>{lines}</tbody></table>"


def _rated(one: Rated) -> str:
    bar = ""
    if one.value is not None:
        steps = "".join(f'<i class="{"on" if step < one.value else "off"}"></i>' for step in range(one.top))
        bar = f'<span class="bar" role="img" aria-label="{one.value} of {one.top}">{steps}</span>'
        bar += f"<span>{one.value} of {one.top}</span>"
    about = f'<span class="about">{escape(one.about)}</span>' if one.about else ""
    reason = f"<p>{escape(one.reason)}</p>" if one.reason else ""
    quotes = "".join(f'<blockquote dir="auto">{escape(quote)}</blockquote>' for quote in one.quotes)
    return (
        f'<div class="rated"><p class="name"><strong>{escape(one.name)}</strong>{bar}{about}</p>{reason}{quotes}</div>'
    )
