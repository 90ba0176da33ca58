"""A scan as a browser's tracks: labels, colours, limits, and the pages that say what it is."""

from pathlib import Path

import numpy as np
import pandas as pd

from dnalm import __version__, files, texts
from dnalm.dna import bigwig
from dnalm.dna.place import Place
from dnalm.logs import log
from dnalm.scan import hub, pages

BLUE, VERMILION, INK, GREEN, PURPLE = "0,114,178", "213,94,0", "34,34,34", "0,158,115", "204,121,167"
ROUND = 10_000  # bases on either side of the best peak: what a browser shows first
MEANING = (
    "mean probability of binding over the windows that cover a bin, both strands averaged, as calibrated on the "
    "validation windows, where bound ones are far commoner than in a genome"
)
WIDE = {"visibility": "full", "maxHeightPixels": "128:64:16"}


def scanned(signal: Path, called: Path, target: str, run: str, card: str, report: dict) -> list[hub.Track]:
    """Signal and called peaks, as `run` made them; `card` is the model's, `report` calling.json."""
    about = f"{MEANING[0].upper()}{MEANING[1:]}."
    display = "From 0 to 1; zoomed out, the highest of a pixel's bins. Bins that no window covers are empty."
    model = {"The model": pages.from_card(card)}
    said = {"Description": pages.paragraph(about), "Display": pages.paragraph(display)} | model
    whole = {"autoScale": "off", "viewLimits": "0:1", "windowingFunction": "maximum"}
    long = f"Probability of {target}, by {run}"
    signal_page = pages.page(f"{target}: predicted signal", said)
    peaks_page = pages.page(f"{target}: called peaks", {"Methods": pages.calling(report)} | model)
    label, other = (hub.short_label(target, noun) for noun in ("signal", "peaks"))
    return [
        hub.Track("signal", signal, "bigWig 0 1", label, long, BLUE, signal_page, WIDE | whole),
        hub.Track("peaks", called, "bigNarrowPeak", other, f"Peaks of {target}, FDR {report['asked']:g}, by {run}",
                  VERMILION, peaks_page, {"visibility": "pack"}),
    ]  # fmt: skip


def truth(path: Path, target: str) -> hub.Track:
    """The peaks that the scan is scored against."""
    text = "Peaks that the target was given, from experiments or simulated, to be looked at beside those called."
    page = pages.page(f"{target}: true peaks", {"Description": pages.paragraph(text)})
    label = hub.short_label(target, "truth")
    return hub.Track("truth", path, "bigBed 4", label, f"True peaks of {target}", INK, page, {"visibility": "pack"})


def about(what: str, noun: str, run: str, browser: str, email: str, sections: dict[str, str]) -> hub.About:
    """What a hub says of itself: of `what` (a target, a constraint) on the genome that a browser calls `browser`."""
    word = "".join(one if one.isascii() and one.isalnum() else "_" for one in what)
    page = pages.page(f"{what} on {browser}, by {run}", sections | {"Contact": pages.paragraph(email)})
    return hub.About(
        f"dnalm_{word}_{browser}", hub.short_label(what, noun), f"{what} on {browser}, by {run}", email, page
    )


def first(signal: Path, peaks: pd.DataFrame | None = None) -> Place:
    """Where to look first: round the highest peak, or from where the signal begins."""
    with bigwig.reading(signal) as values:
        sizes = values.chroms()
        if peaks is not None and len(peaks):
            row = peaks.loc[peaks.signal.idxmax()]
            contig, middle = row.chrom, int(row.start + row.peak)
        else:
            step = bigwig.step_of(values)
            known = ((name, ~np.isnan(bigwig.read(values, name, step))) for name in sizes)
            contig, middle = next((name, int(bins.argmax()) * step + ROUND) for name, bins in known if bins.any())
    return Place(contig, max(0, middle - ROUND), min(sizes[contig], middle + ROUND))


def sidecar(genome: Path, assembly: str | None, facts: dict) -> dict:
    """What one must know of a scan's signal to read it beside other tracks: genome, model, windows, meaning."""
    source = texts.read_json(genome / "genome.json")
    return {
        "genome": source["name"],
        "genome_source": source["source"],
        "ucsc_assembly": assembly,
        "chrom_sizes_sha256": files.sha256(genome / "chrom.sizes"),
        **facts,
        "value": MEANING,
        "range": [0, 1],
        "no_value": "bins that no scored window covers: gaps, and what was not scanned",
        "dnalm": __version__,
    }


def tell(folder: Path, browser: str, known: bool, genome: Path, email: str) -> None:
    """Log where the hub is, what its genome is called where that is not its own name, and an address that is none."""
    name = texts.read_json(genome / "genome.json")["name"]
    if not known and browser != name:
        log.info(f"UCSC takes no name like {name!r}: in the hub the genome is {browser}")
    if email.endswith("@example.org"):
        log.info(
            f"{email} is a placeholder: put your address under hub.email in config.yaml before you publish the hub"
        )
    log.info(f"copy {folder} to a web server and give the address of the hub.txt in it to a genome browser")
