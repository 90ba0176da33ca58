"""What the baselines say along a genome: scanned once a target, at the places held out, for all scans of its models.

A folder holds a bigWig of each baseline that was fitted and can scan, and scanned.json, which says what was scanned and
how: a scorecard of other places or of other bins would compare a model with nothing. 0-based, half-open.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import maximum_filter1d

from dnalm import files, texts
from dnalm.dna import bigwig, seq
from dnalm.dna.place import Place, contigs, place
from dnalm.errors import InputError
from dnalm.genome import corpus
from dnalm.genome import fasta as genome_fasta
from dnalm.logs import log
from dnalm.scan import held, scorecard
from dnalm.targets.baselines import BASELINES, Arrays

FILE = "scanned.json"
AGAIN = "make it with scan_baselines.py"

Tracks = dict[str, dict[str, np.ndarray]]  # of each baseline the values of each contig, float32 [bins]
Said = Callable[[str, int], dict[str, np.ndarray]]  # a contig and its length to the values of each baseline


def scan(
    genome: Path,
    sizes: dict[str, int],
    splits: list[list[str]],
    fitted: dict[str, Arrays],
    window: int,
    step: int,
    only: list[str] | None = None,
) -> Tracks:
    """The signal of each scanner that was fitted (a motif scan without a motif is not) at the places of all `splits`.

    A bin that is more than a window away from all bases that are looked at has no value. Places on contigs that the
    genome lacks are passed over, and so is what lies in none of the places of `only`, which are what models scan.
    """
    found: Tracks = {name: {} for name in scorecard.scanners() if name in fitted}
    with genome_fasta.open_fasta(genome / "genome.fa.gz") as fasta:
        for contig in contigs(one for named in splits for one in named):
            length = sizes.get(contig, 0)
            wanted = np.any([held.bins_inside(contig, length, step, named) for named in splits], axis=0)
            wanted &= held.bins_inside(contig, length, step, only or [contig])
            if not wanted.any():
                continue
            codes = genome_fasta.codes(fasta, contig, 0, length)
            codes = np.where(np.repeat(_near(wanted, window, step), step)[: len(codes)], codes, seq.N).astype(np.uint8)
            known = _near(np.add.reduceat(codes != seq.N, np.arange(0, len(codes), step)) > 0, window, step)
            for name, tracks in found.items():
                tracks[contig] = np.where(known, BASELINES[name].track(codes, fitted[name], window, step), np.nan)
    return found


def _near(bins: np.ndarray, window: int, step: int) -> np.ndarray:
    """The bins [bins] and those a window away from one of them."""
    return maximum_filter1d(bins, 2 * -(-window // step) + 1)


def facts(genome: Path, window: int, step: int) -> dict[str, Any]:
    """What a scan is of, as scanned.json has it: two that differ in this cannot be laid side by side."""
    return {"genome": corpus.describe(genome).get("name"), "window": window, "resolution": step}


def write(out: Path, found: Tracks, sizes: dict[str, int], about: Mapping[str, Any]) -> None:
    """Write a folder, whole or not at all, with what `about` says of it; of a baseline without any value no bigWig."""
    some = {name: one for name, one in found.items() if any(np.isfinite(values).any() for values in one.values())}
    with files.whole(out) as beside:
        beside.mkdir()
        for name, tracks in some.items():
            bigwig.write(beside / f"{name}.bw", sizes, tracks, about["resolution"])
        files.write_json(beside / FILE, {**about, "baselines": list(some)})
    bins = {name: sum(int(np.isfinite(values).sum()) for values in tracks.values()) for name, tracks in some.items()}
    log.info(", ".join(f"{name}: {count:,} bins" for name, count in bins.items()) or "no baseline has a value here")


@contextmanager
def reading(folder: Path | None, genome: Path, places: list[str], window: int, step: int) -> Iterator[Said]:
    """What each baseline says along a contig, {baseline: float32 [bins]}, in the order of reports; without a folder {}.

    Raises InputError where the folder is of another genome, window or step, or lacks one of the `places`.
    """
    if folder is None:
        yield lambda contig, length: {}
        return
    names = _check(folder, facts(genome, window, step), places)
    with ExitStack() as stack:
        signals = {name: stack.enter_context(bigwig.reading(folder / f"{name}.bw")) for name in names}

        def said(contig: str, length: int) -> dict[str, np.ndarray]:
            for name, signal in signals.items():
                if signal.chroms(contig) != length:
                    there = f"{contig} has {signal.chroms(contig)} bp, in the genome {length}"
                    raise InputError(f"{folder}: --baselines: {name}.bw: {there}; {AGAIN}")
            return {name: bigwig.read(signal, contig, step) for name, signal in signals.items()}

        yield said


def _check(folder: Path, wanted: Mapping[str, Any], places: list[str]) -> list[str]:
    """The baselines that a folder has, in the order of reports, where it is of what is wanted; else InputError."""
    if not (folder / FILE).exists():
        raise InputError(f"{folder}: --baselines: got no {FILE} in it, wanted a folder of bigWigs; {AGAIN}")
    about = texts.read_json(folder / FILE)
    for key, value in wanted.items():
        if about[key] != value:
            raise InputError(f"{folder}: --baselines: {key}: got {about[key]}, wanted {value} as here; {AGAIN}")
    if lost := _lacking(places, about["places"]):
        got = ", ".join(about["places"][:5]) or "none"
        raise InputError(f"{folder}: --baselines: places: got {got}, wanted {lost[0]}, which is scored, too; {AGAIN}")
    return [name for name in scorecard.scanners() if name in about["baselines"]]


def _lacking(wanted: list[str], there: list[str]) -> list[str]:
    """Those of the wanted places that lie whole in none of those that are there."""
    known: dict[str, list[Place]] = {}
    for one in map(place, there):
        known.setdefault(one.contig, []).append(one)
    return [
        text
        for text, one in zip(wanted, map(place, wanted), strict=True)
        if not any(other.start <= one.start and one.end <= other.end for other in known.get(one.contig, []))
    ]
