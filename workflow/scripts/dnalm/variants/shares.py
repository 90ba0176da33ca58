"""The work of scoring variants: what is scored, by what, all at once or in shares that are put together.

A share is what is said of its edits, one by one, and of which work. What is told of an edit by all others, as residuals
and percentiles, comes after.
"""

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pysam

from dnalm import files
from dnalm.networks import pieces
from dnalm.networks import shares as networks_shares
from dnalm.training import checkpoint
from dnalm.variants import beside, pairs


class Work(NamedTuple):
    """Distinct changes to a genome's bases (`alleles.hold`), the model that scores them, and what it is asked.

    `options`: names of scores, window, phases, layer, the output of a model with several or None, whether to be fast,
    and the seed of a twin or None.
    """

    model: Path
    genome: Path
    fasta: pysam.FastaFile
    edits: pd.DataFrame
    options: dict[str, object]

    @property
    def files(self) -> list[Path]:
        """The files that a score depends on."""
        bases = self.genome / "genome.fa.gz" if self.genome.is_dir() else self.genome
        return [self.model / "model.safetensors", self.model / "config.json", bases]

    @property
    def told(self) -> dict[str, object]:
        """What a score depends on beside the files."""
        edits = hashlib.sha256(self.edits.to_csv(index=False).encode()).hexdigest()
        return self.options | {"edits": edits, "piece": pairs.CHUNK}

    @property
    def key(self) -> str:
        """The same for two works where they say the same of the same edits."""
        told = {"files": [files.sha256(path) for path in self.files], "options": self.told}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def folder(root: Path | None, script: Path, work: Work) -> Path | None:
    """Where the pieces of this very work are kept; none without a root."""
    return checkpoint.folder_for(root, script, work.files, work.told) if root else None


def scored(work: Work, kept: Path | None, share: int = 1, shares: int = 1) -> pd.DataFrame:
    """What the model says of the edits of a share, from 1, in the order of all: `beside.read`."""
    sizes = pairs.sizes(work.edits)
    own = sorted(pieces.shared(len(sizes), share - 1, shares))
    asked = work.options
    parts = pairs.pieces(work.edits, work.fasta, asked["window"], asked["phases"], own)
    told = {key: asked[key] for key in ("names", "layer", "twin", "output", "fast")}
    count = sum(sizes[number] for number in own)
    return beside.read(work.model, parts, count, kept=kept, own=own, **told)


def write(path: Path, said: pd.DataFrame, work: Work, share: int, shares: int) -> None:
    """Keep a share for `gathered`."""
    networks_shares.write(path, said.to_records(index=False), work.key, share, shares)


def gathered(paths: list[Path], work: Work) -> pd.DataFrame:
    """What is said of all edits from their shares (`networks.shares.gathered`)."""
    other = "another scoring (model, genome, variants or options); score it again"
    return pd.DataFrame(networks_shares.gathered(paths, work.key, pairs.sizes(work.edits), "score_share.py", other))
