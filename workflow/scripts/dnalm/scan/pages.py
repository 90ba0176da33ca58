"""Pages about a track, as HTML: what a genome browser shows when one clicks on it. Made from the model's card."""

import html
import re
from collections.abc import Iterable, Mapping

_BAR = re.compile(r"\|[\s|:-]*\|?")


def page(title: str, sections: Mapping[str, str]) -> str:
    """A page of headings and what stands under each, which is HTML already."""
    parts = [f"<h2>{html.escape(title)}</h2>"]
    parts += [f"<h3>{html.escape(name)}</h3>\n{text}" for name, text in sections.items()]
    return "\n".join(parts) + "\n"


def paragraph(text: str) -> str:
    """Text as a paragraph."""
    return f"<p>{html.escape(text)}</p>"


def table(rows: Iterable[Iterable[object]]) -> str:
    """Rows as a table."""
    lines = ["".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) for row in rows]
    return "<table>\n" + "\n".join(f"<tr>{line}</tr>" for line in lines) + "\n</table>"


def from_card(text: str) -> str:
    """A model's card (README.md of its folder) as HTML: headings, tables and paragraphs, without its front matter."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    text = text.replace("beside this file", "beside the model")  # the page goes elsewhere
    parts = []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = block.splitlines()
        if lines[0].startswith("#"):
            parts.append(f"<h4>{html.escape(lines[0].lstrip('# '))}</h4>")
            lines = lines[1:]
        if lines and all(line.startswith("|") for line in lines):
            rows = [line.strip().strip("|").split("|") for line in lines if not _BAR.fullmatch(line.strip())]
            parts.append(table([cell.strip() for cell in row] for row in rows))
        elif lines:
            parts.append(paragraph(" ".join(lines)))
    return "\n".join(parts)


def calling(report: Mapping) -> str:
    """How peaks were called, of calling.json: the rate asked for, and where it was seen."""
    used = report[report["by"]]
    rate = f"Peaks at a false discovery rate of {report['asked']:g} over {report['over']}: "
    if used["cutoff"] is None:
        rate += "no height keeps that rate, so none was called."
    else:
        rate += f"{used['called']:,} of {report['candidates']:,} local maxima, those of {used['cutoff']:.3f} or more."
    if report["by"] == "validation":
        how = f"The rate is the share of false ones that was seen among {used['maxima']:,} maxima of the validation "
        how += f"places, {used['true']:,} of which lie on true peaks."
    elif report["by"] == "home":
        how = "No peak is known on this genome. The rate is the share of false ones that was seen at such heights on "
        how += f"the genome that the model was taught on, among {used['maxima']:,} maxima of its validation places, "
        how += f"{used['true']:,} of which lie on true peaks; it is taken to hold here, too."
    elif report["by"] == "nulls":
        how = f"The rate is by Benjamini and Hochberg, of p from {used['maxima']:,} maxima on shuffled sequence and on "
        how += "decoys (pieces of this genome in which all that matches the motif is shuffled), the more careful of "
        how += f"the two; neither is a genome ({report['validation']['reason']})."
    else:
        how = f"The rate is by Benjamini and Hochberg, of p from {used['maxima']:,} maxima on shuffled sequence, "
        how += f"which is another thing than a genome ({report['validation']['reason']})."
    columns = (
        ("score", "1000 times the highest probability"),
        ("signalValue", "the highest probability"),
        ("pValue, qValue", "-log10 of p, of the false discovery rate at that height"),
        ("peak", "bases from the start to the summit"),
    )
    return "\n".join([paragraph(rate), paragraph(how), table(columns)])
