"""Relatives among sequences, either strand, by MMseqs2 as a child process: what a model may have seen before.

A relative is a sequence with a local alignment that covers at least half of the shorter one; its identity is the share
of the alignment's columns that agree (a gap agrees with nothing). Steinegger and Söding, Nature Biotechnology 2017.

What it sees of relatives planted among 5,000 random sequences of 200 bp, by substitutions all along, is 100 % at an
identity of 0.75, 99 % at 0.7, 91 % at 0.65, 10 % at 0.6 and none at 0.5: there an alignment of relatives is as short
as one of strangers. At 100 bp it is 100, 89, 32, 3 % and none. MMseqs2's own words of 15 bases see 77 % at 0.75, and
its mask hides tandem repeats, copies of which are relatives; words of 9 bases and no mask are asked for here.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from dnalm.errors import InputError, UsageError
from dnalm.logs import log

COVERED = 0.5  # share of the shorter sequence that an alignment must cover
FOUND = ["query", "target", "identity"]
_COLUMNS = ["query", "target", "fident", "qstart", "qend", "qlen", "tstart", "tend", "tlen"]
_SETTINGS = {"search-type": 3, "strand": 2, "mask": 0, "max-seqs": 1000}
_OPTIONS = [word for name, value in _SETTINGS.items() for word in (f"--{name}", value)]
_OPTIONS += ["-k", 9, "-e", 0.001, "-v", 1]
_ABSENT = (
    "mmseqs is not installed; get it from your system or `conda install -c bioconda mmseqs2`, or run with --sdm conda"
)


def installed() -> bool:
    """Whether there is an MMseqs2 to run."""
    return shutil.which("mmseqs") is not None


@cache
def version() -> str:
    """What MMseqs2 calls itself, as "14-7e284"; UsageError where there is none."""
    return _run(["version"]).strip()


def search(queries: Sequence[str], targets: Sequence[str], *, threads: int = 1) -> pd.DataFrame:
    """All pairs of a query and a relative among the targets: columns query, target (positions) and identity (0-1).

    A pair has one row, that of its best identity; rows are in the order of query and target. N at the ends is
    no part of a sequence. The same for any number of `threads`. Of a query with more than 1,000 relatives (a repeat
    family) those with the best ungapped alignments are found. UsageError without MMseqs2, InputError where it fails.
    """
    if not len(queries) or not len(targets):
        return pairs([], [], [])
    log.info(f"MMseqs2 {version()}: {len(queries):,} sequences against {len(targets):,}")
    with tempfile.TemporaryDirectory(prefix="dnalm-mmseqs-") as name:
        folder = Path(name)
        _write(folder / "queries.fa", queries)
        _write(folder / "targets.fa", targets)
        places = [folder / "queries.fa", folder / "targets.fa", folder / "found.tsv", folder / "work"]
        _run(["easy-search", *places, *_OPTIONS, "--threads", threads, "--format-output", ",".join(_COLUMNS)])
        found = pd.read_csv(folder / "found.tsv", sep="\t", names=_COLUMNS)
    covers = [(found[f"{of}end"] - found[f"{of}start"]).abs() + 1 for of in "qt"]
    shorter = found.qlen <= found.tlen
    covered = covers[0].where(shorter, covers[1]) >= COVERED * found.qlen.where(shorter, found.tlen)
    found = found[covered]
    return pairs(found["query"], found.target, found.fident)


def pairs(query: Sequence[int], target: Sequence[int], identity: Sequence[float]) -> pd.DataFrame:
    """The table of a search: a pair once, with its best identity, in the order of query and target."""
    table = pd.DataFrame({"query": query, "target": target, "identity": identity}, columns=FOUND)
    table = table.astype({"query": int, "target": int, "identity": float})
    return table.groupby(["query", "target"], as_index=False).identity.max()


def closest(found: pd.DataFrame, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each query the target with the best identity, the first of equals: (index, identity), -1 and 0 if none."""
    index, identity = np.full(number, -1), np.zeros(number)
    best = found.sort_values(["query", "identity", "target"], ascending=[True, False, True]).drop_duplicates("query")
    index[best["query"]], identity[best["query"]] = best.target, best.identity
    return index, identity


def clusters(found: pd.DataFrame, number: int, identity: float) -> np.ndarray:
    """The cluster of each of `number` sequences that were searched among themselves: its first member's position.

    Single linkage: whoever is a relative of a member, at this identity or better, is a member. So two clusters share no
    pair that the search found, which is what a split needs. (MMseqs2's own clusters hold relatives of one
    representative each, so that two of them may well hold relatives.)
    """
    close = found[found.identity >= identity]
    links = (np.ones(len(close)), (close["query"], close.target))
    _, member = sparse.csgraph.connected_components(sparse.coo_matrix(links, (number, number)), directed=False)
    _, first, which = np.unique(member, return_index=True, return_inverse=True)
    return first[which]


def _write(path: Path, sequences: Sequence[str]) -> None:
    """FASTA with positions for names. MMseqs2 takes no record without a base, so that of an empty one is an N."""
    records = (f">{number}\n{text.strip('N') or 'N'}\n" for number, text in enumerate(sequences))
    path.write_text("".join(records), encoding="ascii")


def _run(words: list) -> str:
    """What one call of MMseqs2 writes; its last line is the reason where it fails."""
    try:
        done = subprocess.run(["mmseqs", *map(str, words)], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise UsageError(_ABSENT) from None
    if done.returncode:
        said = [line for line in re.split(r"[\r\n]+", f"{done.stdout}\n{done.stderr}") if line.strip()]
        raise InputError(
            f"mmseqs {words[0]} failed (status {done.returncode}): {said[-1] if said else 'without a word'}"
        )
    return done.stdout
