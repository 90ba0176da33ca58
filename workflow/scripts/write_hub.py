"""Put a scan into files that genome browsers open: bigBed, a track hub, an IGV session, and what the signal says."""

import dnalm.startup

import tempfile
from pathlib import Path

import pandas as pd

from dnalm import cli, files, texts
from dnalm.cli import Input, Output
from dnalm.dna import bigbed, intervals
from dnalm.scan import hub, igv, pages, peaks, shown
from dnalm.targets import replicates


def main(
    *,
    signal: Input,
    called: Input,
    calling: Input,
    genome: Input,
    model: Input,
    out_peaks: Output,
    out_hub: Output,
    out_session: Output,
    out_about: Output,
    target: str,
    run: str,
    browser: str,
    known: bool = False,
    email: str,
    window: int,
    stride: int = 50,
    truth: list[Input] | None = None,
    bound_in: str = "any",
) -> None:
    """Called peaks as bigNarrowPeak, a hub of signal and peaks, called and true, an IGV session, a JSON on the signal.

    `browser` is what the hub calls the genome, `known` whether that is an assembly of UCSC's; another one goes along as
    2bit. `run` says in a few words which model scanned, `email` whom to ask. True peaks are those of the files `truth`
    that are `bound_in` any, all or a number of them.
    """
    sizes = intervals.read_sizes(genome / "chrom.sizes")
    table, report, card = peaks.read_rows(called), texts.read_json(calling), texts.read(model / "README.md")
    bigbed.write(out_peaks, sizes, table, bigbed.NARROW_PEAK, 6)
    tracks = shown.scanned(signal, out_peaks, target, run, card, report)
    assembly = hub.Assembly(browser, known, genome, shown.first(signal, table))
    sections = {"Methods": pages.calling(report), "The model": pages.from_card(card)}
    about = shown.about(target, "scan", run, browser, email, sections)
    session = [
        igv.Track(signal, tracks[0].short, shown.BLUE, (0, 1)),
        igv.Track(out_peaks, tracks[1].short, shown.VERMILION),
    ]
    with tempfile.TemporaryDirectory(dir=out_hub.parent, prefix=".") as beside:
        if truth:
            bound = Path(beside) / "truth.bb"
            bigbed.write(bound, sizes, sites(truth, bound_in, sizes), bigbed.BED4, 4)
            tracks.append(shown.truth(bound, target))
            session.append(igv.Track(out_hub / browser / bound.name, tracks[2].short, shown.INK))
        hub.write(out_hub, about, assembly, tracks)
    igv.write(out_session, browser if known else None, genome, assembly.place, session)
    facts = {"target": target, "model": run, "weights_sha256": files.sha256(model / "model.safetensors")}
    places = {"window": window, "stride": stride, "coordinates": "0-based, half-open"}
    files.write_json(out_about, shown.sidecar(genome, browser if known else None, facts | places))
    shown.tell(out_hub, browser, known, genome, email)


def sites(truth: list[Path], bound_in: str, sizes: dict[str, int]) -> pd.DataFrame:
    """True peaks on the genome as BED4, sorted."""
    _, bound, _ = replicates.truth(truth, bound_in, sizes, 1, 1)
    bound = bound.sort_values(["chrom", "start", "end"], kind="stable").reset_index(drop=True)
    return bound[["chrom", "start", "end"]].assign(name=[f"site_{number}" for number in range(1, len(bound) + 1)])


if __name__ == "__main__":
    cli.run(main)
