"""Put a constraint track into a track hub, which genome browsers open from a web address."""

import dnalm.startup

from pathlib import Path

from dnalm import cli, texts
from dnalm.cli import Input, Output
from dnalm.dna import bigwig
from dnalm.scan import constraint, hub, pages, shown

EXPECTED = {  # of constraint.TRACKS: label, limits in nats as they are drawn (entropy: ln 4 at most), colour
    "log_probability": ("log p of the base", (-4, 0), shown.BLUE),
    "entropy": ("entropy", (0, 1.3863), shown.GREEN),
    "llr": ("LLR of the others", (-6, 0), shown.PURPLE),
}


def main(
    *,
    log_probability: Input,
    entropy: Input,
    llr: Input,
    genome: Input,
    model: Input,
    out: Output,
    name: str,
    run: str,
    browser: str,
    known: bool = False,
    email: str,
) -> None:
    """A hub of the three values a base, of the constraint track of a `name`.

    `browser` is what the hub calls the genome, `known` whether that is an assembly of UCSC's; another one goes along as
    2bit. `run` says in a few words which model it is, `email` whom to ask.
    """
    card = texts.read(model / "README.md")
    values = {"log_probability": log_probability, "entropy": entropy, "llr": llr}
    tracks = [expected(value, path, run, card) for value, path in values.items()]
    about = shown.about(name, "constraint", run, browser, email, {"The model": pages.from_card(card)})
    hub.write(out, about, hub.Assembly(browser, known, genome, shown.first(log_probability)), tracks)
    shown.tell(out, browser, known, genome, email)


def expected(name: str, path: Path, run: str, card: str) -> hub.Track:
    """One of the values that a language model gives each base (constraint.TRACKS)."""
    track, (label, (low, high), colour) = constraint.TRACKS[name], EXPECTED[name]
    text = (
        f"{track.meaning[0].upper()}{track.meaning[1:]}; {'high' if track.sign > 0 else 'low'} where the model is sure."
    )
    said = {"Description": pages.paragraph(text), "The model": pages.from_card(card)}
    with bigwig.reading(path) as values:
        header = values.header()
    kind = f"bigWig {header['minVal'] - 1} {header['maxVal'] + 1}"  # the library cuts off what follows the point
    whole = {"autoScale": "off", "viewLimits": f"{low:g}:{high:g}", "windowingFunction": "mean"}
    page = pages.page(track.label, said)
    return hub.Track(name, path, kind, label, f"{track.meaning}, by {run}", colour, page, shown.WIDE | whole)


if __name__ == "__main__":
    cli.run(main)
