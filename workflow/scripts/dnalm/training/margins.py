"""Fine-tuning on windows with the bases beside them: what a network needs that is to read a genome in tiles.

In a share of the steps windows come with a margin on either side, as they lie in a genome (`networks.flanks`); in the
others they come by themselves, as a design or a variant's window does.
"""

import numpy as np
import pandas as pd
import pysam
from transformers import PreTrainedTokenizerFast

from dnalm.genome import fasta as genome_fasta
from dnalm.networks import flanks, registry
from dnalm.tokens import tokenizer as tk
from dnalm.training import batches


def margin(config: object, tokenizer: PreTrainedTokenizerFast, window: int) -> int:
    """The bases to read beside a window: as far as the network reaches, a window's length at most; 0 for no reach.

    So much is left between windows of different splits, so that no training window is read with bases held out.
    """
    return min(registry.reach(config, tokenizer), window)


def beside(codes: np.ndarray, table: pd.DataFrame, fasta: pysam.FastaFile, margin: int) -> np.ndarray:
    """Windows [n, W] with so many bases of their genome on either side: codes [n, margin + W + margin].

    `table` has their chrom and start (0-based). NOTHING stands beyond a contig's end, and beside a window that has no
    place on this genome, or other bases there: a shuffled one, or one of a table made from elsewhere.
    """
    found = np.pad(codes, ((0, 0), (margin, margin)), constant_values=flanks.NOTHING)
    width, sizes = codes.shape[1], dict(zip(fasta.references, fasta.lengths, strict=True))
    chrom, start = table.chrom.to_numpy(str), table.start.to_numpy(int)
    length = np.array([sizes.get(name, 0) for name in chrom])
    rows = np.flatnonzero(start + width <= length)
    bases = genome_fasta.cut_windows(fasta, chrom[rows], start[rows] - margin, width + 2 * margin)
    place = start[rows, None] - margin + np.arange(bases.shape[1])
    bases[(place < 0) | (place >= length[rows, None])] = flanks.NOTHING
    same = (bases[:, margin : margin + width] == codes[rows]).all(1)
    found[rows[same]] = bases[same]
    return found


def batch(
    codes: np.ndarray,
    labels: np.ndarray,
    tokenizer: PreTrainedTokenizerFast,
    step: int,
    size: int,
    seed: int,
    rows: slice = batches.ALL,
    *,
    margin: int,
    share: float,
    balance: str = "sampling",
    both_strands: bool = True,
) -> dict[str, np.ndarray]:
    """What `batches.labelled_batch` gives, of windows with a margin: with `inside` where a step has them beside it.

    That is a `share` of the steps; in the others these are the very batches of windows by themselves.
    """
    drawn, weight = batches.drawn_rows(labels, step, size, seed, rows, balance)
    windows = codes[drawn]
    if both_strands:
        turn = batches.turned_rows(step, size, seed, rows)
        windows[turn] = flanks.turned(windows[turn])
    known = {"labels": labels[drawn].astype(np.float32), "weight": weight}
    if np.random.default_rng([seed, 7, step]).random() < share:
        return flanks.arrays(tokenizer, windows, margin) | known
    ids, mask = tk.tokenize(tokenizer, windows[:, margin : windows.shape[1] - margin])
    return {"ids": ids, "mask": mask} | known
