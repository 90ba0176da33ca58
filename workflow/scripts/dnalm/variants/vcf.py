"""VCF in and out: the one reader and writer of variants. Positions are 1-based, as VCF has them.

The text is parsed by us (`vcf_text`); pysam compresses (BGZF) and indexes what is written.
Files are read and written line by line, and the samples' columns wait outside memory (`samples`).
Format: https://samtools.github.io/hts-specs/VCFv4.3.pdf
"""

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pysam

from dnalm import files
from dnalm.errors import InputError
from dnalm.genome import tabix, vcf_text
from dnalm.variants import htslib, info_types, repair, wrapping
from dnalm.variants import samples as variants_samples

FIELDS = variants_samples.FIELDS


class Vcf(NamedTuple):
    """A VCF as read: header lines (`##…`), the `#CHROM` line, and one row a record with `FIELDS` and `line`.

    `rest` (FORMAT and samples) is the place of its text in `samples`, or "" where there are none; `formats` are the
    FORMAT keys in use, and `repaired` counts what was put right, by what was wrong.
    """

    path: Path
    meta: list[str]
    columns: str
    records: pd.DataFrame
    formats: tuple[str, ...] = ()
    samples: variants_samples.Samples | None = None
    repaired: tuple[tuple[str, int], ...] = ()


def read(path: Path, folder: Path | None = None) -> Vcf:
    """Read a VCF or BCF; a header without records is a valid, empty one. Raises InputError with file and line.

    `folder` is where the samples' columns wait to be written again.
    """
    path = Path(path)
    lines = enumerate(wrapping.lines(path), 1)
    meta, columns = vcf_text.read_header(lines, path)
    names, counts, formats = columns.split("\t"), Counter(), {}
    vcf_text.check_samples(names[9:], f"{path}:{len(meta) + 1}")
    samples = variants_samples.Samples(folder) if len(names) > 9 else None
    blanks = re.match(r"##fileformat=VCFv4\.[0-2]\b", meta[0]) is None
    rows = []
    for number, line in lines:
        if line.strip():
            fields = vcf_text.record(line, len(names), f"{path}:{number}")
            repair.record(fields, blanks=blanks, counts=counts)
            fields[8:] = fields[8:] if samples else [""]  # FORMAT without samples formats nothing
            if samples:
                formats.setdefault(fields[8].partition("\t")[0])
                fields[8] = samples.keep(fields[8])
            rows.append([*fields, number])
    if len(names) == 9:
        columns = "\t".join(names[:8])
        counts["FORMAT columns without a sample, left out"] += 1
    records = pd.DataFrame(rows, columns=[*FIELDS, "line"]).astype({"pos": np.int64, "line": np.int64})
    meta = info_types.widened(repair.header(meta, counts), records["info"], counts)
    keys = tuple(dict.fromkeys(key for text in formats for key in text.split(":")))
    return Vcf(path, meta, columns, records, keys, samples, tuple(counts.items()))


def split_alleles(records: pd.DataFrame) -> pd.DataFrame:
    """One row for each ALT allele: record (row of `records`), chrom, pos, id, ref, alt, alt_index.

    Alleles are in upper case; `alt_index` counts from 1, as genotypes do. A record without an alternative (".") is one
    row, so that each record is accounted for.
    """
    alternatives = [text.upper().split(",") for text in records.alt]
    counts = np.array([len(alts) for alts in alternatives], np.int64)
    record = np.repeat(np.arange(len(records)), counts)
    table = records[["chrom", "pos", "id", "ref"]].iloc[record].reset_index(drop=True)
    table.insert(0, "record", record)
    table["ref"] = table.ref.str.upper()
    table["alt"] = pd.Series([alt for alts in alternatives for alt in alts], dtype=object)
    table["alt_index"] = np.arange(len(table)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    return table


def info_value(records: pd.DataFrame, key: str, path: object) -> pd.Series:
    """The value of one INFO key in each record (text; NaN where absent; "" for a flag).

    Raises InputError where no record has the key, naming those that exist.
    """
    found = records["info"].str.extract(rf"(?:^|;)({re.escape(key)})(?:=([^;]*))?(?=;|$)")
    if found[0].isna().all():
        parts = (part.partition("=")[0] for info in records["info"] for part in info.split(";"))
        known = [name for name in dict.fromkeys(parts) if name not in ("", ".")]
        raise InputError(f"{path}: no record has the INFO key {key!r}; they have {', '.join(known[:20]) or 'none'}")
    return found[1].where(found[1].notna() | found[0].isna(), "")


def genome_order(table: pd.DataFrame, sizes: dict[str, int]) -> np.ndarray:
    """Row order by contig as the genome has them, then position; unknown contigs last; ties as they came."""
    names = dict.fromkeys([*sizes, *table.chrom])
    rank = table.chrom.map({name: number for number, name in enumerate(names)}).to_numpy(np.int64)
    return np.lexsort((table.pos.to_numpy(), rank))


def _last(records: pd.DataFrame) -> pd.Series:
    """The last base that an index has to hold of each record: htslib goes by REF, END and SVLEN."""
    info = records["info"].astype(str)  # a table without rows has no type
    stated = info.str.extract(r"(?:^|;)END=([0-9]{1,10})(?:;|$)")[0].fillna(0).astype(np.int64)
    lengths = info.str.extract(r"(?:^|;)SVLEN=-?([0-9]{1,10})(?:[,;]|$)")[0].fillna(0)
    longest = np.maximum(records.ref.astype(str).str.len(), lengths.astype(np.int64))
    return np.maximum(records.pos + longest, stated)


def write(
    path: Path,
    meta: list[str],
    columns: str,
    records: pd.DataFrame,
    samples: variants_samples.Samples | None = None,
) -> None:
    """Write a VCF, whole or not at all; a name in `.gz` gives BGZF with its indexes beside, `.csi` and `.tbi`.

    `records` must be sorted (`genome_order`). Before it gets its name, htslib must read as many records back.
    """
    zipped = Path(path).suffix == ".gz"
    last = int(_last(records).max()) if len(records) else 0
    with tabix.indexed(path, "vcf", last) if zipped else files.whole(path) as beside:
        with pysam.BGZFile(str(beside), "w") if zipped else open(beside, "wb") as handle:
            handle.write(("\n".join([*meta, columns]) + "\n").encode())
            for line in variants_samples.rows(records, samples):
                handle.write(line.encode())
        htslib.read_back(beside, len(records))
