"""The work of scanning a genome: what is scanned, by what, all at once or in shares that are put together.

A share is the logits of its windows and what says which they are, so that shares of another model, genome or window are
not taken for this one's.
"""

import hashlib
import json
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pysam

from dnalm import files
from dnalm.dna import intervals
from dnalm.dna.place import Place
from dnalm.genome import fasta as genome_fasta
from dnalm.networks import pieces, scorer
from dnalm.networks import shares as networks_shares
from dnalm.scan import tracks
from dnalm.training import checkpoint

Mode = Literal["auto", "tiles", "windows"]


class Work(NamedTuple):
    """A scan: the genome's bases and sizes, places and their spans, the model, the files and options that matter."""

    fasta: pysam.FastaFile
    sizes: dict[str, int]
    places: list[Place]
    spans: list[tracks.Span]
    model: Path
    files: list[Path]
    options: dict[str, object]

    @property
    def key(self) -> str:
        """The same for two scans where they say the same of the same windows."""
        told = {"files": [files.sha256(path) for path in self.files], "options": self.options}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def work(genome: Path, model: Path, window: int, stride: int, mode: Mode, contigs: list[str] | None) -> Work:
    """What there is to scan of a genome folder: contigs or regions, or all of it."""
    sizes = intervals.read_sizes(genome / "chrom.sizes")
    places = tracks.chosen(contigs, sizes, genome / "chrom.sizes")
    options = {"window": window, "stride": stride, "mode": mode, "contigs": contigs}
    sources = [Path(model) / "model.safetensors", Path(model) / "config.json", genome / "genome.json"]
    fasta = genome_fasta.open_fasta(genome / "genome.fa.gz")
    return Work(fasta, sizes, places, tracks.spans(places, sizes, window, stride), Path(model), sources, options)


def reader(work: Work) -> tuple[tracks.Read, int]:
    """How a stretch is read by the model of a scan, which is loaded here, and how many bases beside it are."""
    model, mode = work.model, work.options["mode"]
    tiles = None if mode == "windows" else scorer.load_tiles(model, needed=mode == "tiles", what=None)
    return tiles or (tracks.by_window(scorer.load_classifier(model, what=None, rounded=True)), 0)


def folder(root: Path | None, script: Path, work: Work) -> Path | None:
    """Where the pieces of this very work are kept; none without a root."""
    return checkpoint.folder_for(root, script, work.files, work.options) if root else None


def scanned(
    work: Work, reading: tuple[tracks.Read, int], kept: Path | None, share: int = 1, shares: int = 1
) -> np.ndarray:
    """Logits of the windows of a share, from 1: float32, NaN for those left out; `reading` is what `reader` made."""
    read, beside = reading
    window, stride = work.options["window"], work.options["stride"]
    part = (share - 1, shares)
    return tracks.logits(work.fasta, work.spans, read, window, stride, beside, folder=kept, share=part)


def write(path: Path, said: np.ndarray, work: Work, share: int, shares: int) -> None:
    """Keep a share for `gathered`."""
    networks_shares.write(path, said, work.key, share, shares)


def gathered(paths: list[Path], work: Work) -> np.ndarray:
    """The logits of all windows from their shares (`networks.shares.gathered`)."""
    sizes = [pieces.size(piece) for piece in tracks.cut(work.spans, work.options["stride"])]
    other = "another scan (model, genome or options); scan it again"
    return networks_shares.gathered(paths, work.key, sizes, "scan_share.py", other)
