"""What a variant is and where it lies, told by the genome alone: what every score has to know more than.

A C before a G mutates ten times as often as one that is not, a base in a repeat is rarely missed, and a model knows
both. So a score is only compared with those of variants of the same context (`percentiles`), and what the context says
by itself is a baseline. Edits are rows of chrom, start (0-based), ref and alt, minimal and left-aligned: an insertion
has the ref "" and stands before the base at `start`, a deletion has the alt "".
"""

import numpy as np
import pandas as pd
import pysam

from dnalm.dna import intervals, seq
from dnalm.genome import consensus
from dnalm.genome import fasta as genome_fasta
from dnalm.variants.pairs import Pairs

CHUNK = 1 << 15  # edits whose windows are held at a time
REGIONS = {"transcript": "intron", "exon": "UTR", "CDS": "CDS"}  # by the kind of a part of a gene; the last that holds
BETWEEN = "intergenic"
TRANSITIONS = ("C>T", "T>C")
TEXTS = ("chrom", "ref", "alt")


def describe(
    edits: pd.DataFrame, fasta: pysam.FastaFile, window: int, regions: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The context of each edit, a row each under its index.

    `kind` is one of `consensus.KINDS`. Of SNVs alone `substitution` ("C>T") and `trinucleotide` (the reference, "ACG")
    are told, both on the strand where the reference is a pyrimidine, which makes 96 classes, and `transition`.
    `cpg`: a CpG of the reference is changed, cut or deleted. `change`: bases of alt minus bases of ref. `tandem`: what
    is inserted or deleted stands there once more right behind, as far as the window shows. `gc` is that of `window`
    bases, cut as `alleles` does, N not counted (NaN where all are), and `repeat` says that the base at `start` is
    soft-masked. `region` is CDS, UTR (what else is an exon, of RNA genes too), intron or intergenic by parts of genes
    (`genes.read`), an edit's most exposed base deciding; "" without any.
    """
    edits = edits[["chrom", "start", "ref", "alt"]].astype({"start": np.int64} | dict.fromkeys(TEXTS, object))
    bases = edits.ref.str.len().to_numpy(np.int64)
    before, after, found = _places(edits, bases, fasta, window)
    place = pd.DataFrame({"chrom": edits.chrom, "start": edits.start, "end": edits.start + np.maximum(bases, 1)})
    return pd.DataFrame(
        {
            **_by_text(before, edits.ref, after, edits.alt),
            **found,
            "region": "" if regions is None else _regions(place, regions),
        },
        index=edits.index,
    ).astype({"kind": str, "region": str})


def of_windows(pairs: Pairs) -> pd.DataFrame:
    """The context of variants that come as pairs of windows (`pairs.of_windows`), a row each: what windows can tell.

    Columns as in `describe`; `gc` is that of the reference's window, and a neighbour beyond the window is N.
    """
    ref = pairs.ref[pairs.site]
    texts = []
    for side, windows in enumerate((ref, pairs.alt)):
        padded = np.pad(windows, ((0, 0), (1, 1)), constant_values=seq.N)
        ends = zip(padded, pairs.first[:, side], pairs.first[:, side] + pairs.count[:, side], strict=True)
        texts.append([seq.decode(row[start : end + 2]) for row, start, end in ends])
    told = pd.DataFrame(dict(zip(("ref", "alt"), texts, strict=True)), dtype=object)
    before, inner, after = (told.ref.str[part] for part in (slice(1), slice(1, -1), slice(-1, None)))
    said = _by_text(before, inner, after, told.alt.str[1:-1])
    return pd.DataFrame({**said, "gc": seq.gc_content(ref)}).astype({"kind": str})


def _by_text(before: pd.Series, ref: pd.Series, after: pd.Series, alt: pd.Series) -> dict[str, np.ndarray]:
    """What the bases of an edit tell, and those beside it: kind, substitution, trinucleotide and so on."""
    around = before + ref + after
    edits = pd.DataFrame({"ref": ref, "alt": alt}).itertuples(index=False)  # `kind` asks for no more
    kind = np.array([consensus.kind(edit) for edit in edits], object)
    substitution, trinucleotide = _folded(around, alt, kind == "snv")
    return {
        "kind": kind,
        "substitution": substitution,
        "trinucleotide": trinucleotide,
        "transition": np.isin(substitution, TRANSITIONS),
        "cpg": around.str.contains("CG", regex=False).to_numpy(bool),
        "change": (alt.str.len() - ref.str.len()).to_numpy(np.int64),
    }


def size_class(change: np.ndarray) -> np.ndarray:
    """A number for each change of length: 0 for none, ±1 for one base, ±2 two, ±3 up to 4, ±4 up to 8, and so on."""
    return (np.sign(change) * (1 + np.ceil(np.log2(np.maximum(np.abs(change), 1))))).astype(np.int64)


def _places(
    edits: pd.DataFrame, bases: np.ndarray, fasta: pysam.FastaFile, window: int
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """The base before each edit, the one behind what it replaces (letters [n]), and what its window says."""
    chrom, start, ref, alt = (edits[column].to_numpy() for column in ("chrom", "start", "ref", "alt"))
    beside = np.empty((2, len(edits)), np.uint8)
    found = {"tandem": np.zeros(len(edits), bool), "gc": np.empty(len(edits)), "repeat": np.zeros(len(edits), bool)}
    order, centre = np.lexsort((start, pd.factorize(chrom)[0])), window // 2
    for rows in np.array_split(order, len(order) // CHUNK + 1):
        letters = genome_fasta.cut_letters(fasta, chrom[rows], start[rows] - centre, window)
        behind = centre + bases[rows]
        beside[0, rows] = letters[:, centre - 1]
        beside[1, rows] = letters[np.arange(len(rows)), np.minimum(behind, window - 1)]
        far = rows[behind >= window]
        beside[1, far] = genome_fasta.cut_letters(fasta, chrom[far], start[far] + bases[far], 1)[:, 0]
        found["gc"][rows] = seq.gc_content(seq.encode(letters))
        found["repeat"][rows] = seq.soft_masked(letters[:, centre])
        for row, at, text in zip(rows, behind, letters, strict=True):
            if not ref[row] or not alt[row]:
                changed = ref[row] or alt[row]
                found["tandem"][row] = text[at : at + len(changed)].tobytes().upper() == changed.encode()
    before, after = np.array(list(seq.decode(seq.encode(beside))), object).reshape(2, -1)
    return before, after, found


def _folded(around: pd.Series, alt: pd.Series, snv: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(Substitution, trinucleotide) of SNVs, turned to where the reference is a pyrimidine; "" for other kinds."""
    word = seq.encode("".join(around[snv])).reshape(-1, 3)
    new = seq.encode("".join(alt[snv])).reshape(-1, 1)
    purine = np.isin(word[:, 1:2], (0, 2))
    word = np.where(purine, seq.reverse_complement(word), word)
    new = np.where(purine, seq.reverse_complement(new), new)
    found = np.full((2, len(snv)), "", object)
    found[1, snv] = trinucleotide = _texts(word)
    found[0, snv] = [f"{ref[1]}>{to}" for ref, to in zip(trinucleotide, _texts(new), strict=True)]
    return found[0].astype(str), found[1].astype(str)


def _texts(codes: np.ndarray) -> list[str]:
    text, width = seq.decode(codes), codes.shape[1]
    return [text[at : at + width] for at in range(0, len(text), width)]


def _regions(place: pd.DataFrame, parts: pd.DataFrame) -> np.ndarray:
    found = np.full(len(place), BETWEEN, object)
    for kind, name in REGIONS.items():
        found[intervals.overlaps(place, parts[parts.kind == kind])] = name
    return found
