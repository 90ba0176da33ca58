"""VCF in and out: the one reader and writer of variants. Positions are 1-based, as VCF has them.

The text is parsed here, so that an error names its line: htslib calls any bad line a "truncated file", and accepts
POS 0 and what follows the end of a contig without a word. pysam compresses (BGZF) and indexes what is written.
Format: https://samtools.github.io/hts-specs/VCFv4.3.pdf
"""

import contextlib
import gzip
import re
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pysam

from dnalm import files
from dnalm.errors import InputError

FIXED = ["CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]
FIELDS = ["chrom", "pos", "id", "ref", "alt", "qual", "filter", "info", "rest"]
TBI_REACH = 1 << 29  # a .tbi index holds positions up to 512 Mb; some plant chromosomes are longer


class Vcf(NamedTuple):
    """A VCF as read: header lines (`##…`), the `#CHROM` line, and one row a record with `FIELDS` and `line`."""

    path: Path
    meta: list[str]
    columns: str
    records: pd.DataFrame


def read_lines(path: Path) -> list[str]:
    """Lines of a text file, plain, gzip or BGZF by its first bytes, with LF or CRLF ends.

    Refuses what other readers let pass: BGZF without its end block (the file was cut), a `.gz` that is not gzip, bytes
    that are not UTF-8 text.
    """
    raw = Path(path).read_bytes()
    if not raw:
        raise InputError(f"{path}: the file is empty; fetch or make it again")
    zipped = files.is_gzip(raw)
    if not zipped and Path(path).suffix in (".gz", ".bgz"):
        raise InputError(f"{path}: named {Path(path).suffix} but not compressed; rename it or fetch it again")
    if files.is_bgzf(raw) and not raw.endswith(files.BGZF_END):
        raise InputError(f"{path}: the BGZF end block is missing, so the file is cut short; fetch it again")
    try:
        raw = gzip.decompress(raw) if zipped else raw
        text = raw.decode("utf-8-sig")
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(f"{path}: cannot be decompressed to its end ({error}); fetch it again") from None
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}:{line}: byte {raw[error.start]:#x} is not UTF-8 text; convert the file") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(f"{path}:{line}: holds a NUL byte; the file is damaged or not text, fetch it again")
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return lines[:-1] if lines[-1] == "" else lines


def read(path: Path) -> Vcf:
    """Read a VCF; a header without records is a valid, empty one. Raises InputError with file and line."""
    lines = read_lines(path)
    if not lines or not lines[0].startswith("##fileformat=VCF"):
        raise InputError(f"{path}:1: got {(lines or [''])[0][:40]!r}, wanted '##fileformat=VCFv4.x'; give a VCF file")
    top = next((number for number, line in enumerate(lines) if not line.startswith("##")), len(lines))
    columns = lines[top] if top < len(lines) else ""
    names = columns.removeprefix("#").split("\t")
    if names[:8] != FIXED:
        raise InputError(
            f"{path}:{top + 1}: got {columns[:60]!r}, wanted the line '#{' '.join(FIXED)}' with tabs between the names"
        )
    rows = [
        _record(line, len(names), f"{path}:{number}")
        for number, line in enumerate(lines[top + 1 :], top + 2)
        if line.strip()
    ]
    records = pd.DataFrame(rows, columns=FIELDS).astype({"pos": np.int64})
    return Vcf(Path(path), lines[:top], columns, records)


def _record(line: str, wanted: int, where: str) -> list:
    fields = line.split("\t", 8)
    count = line.count("\t") + 1
    if line.startswith("#"):
        raise InputError(f"{where}: a header line among the records; join VCF files with `bcftools concat`")
    if count != wanted:
        hint = "columns are separated by tabs, not spaces" if count == 1 else "the line is cut or has a tab too many"
        raise InputError(f"{where}: got {count} tab-separated column(s), wanted {wanted} as in the #CHROM line; {hint}")
    if not (fields[1].isascii() and fields[1].isdigit()) or int(fields[1]) >= 1 << 31:
        raise InputError(f"{where}: POS is {fields[1]!r}, wanted a whole number from 0 (1-based; 0 is the telomere)")
    for name, value in zip(FIXED[:5], fields, strict=False):
        if not value or " " in value:
            raise InputError(f"{where}: {name} is {value!r}, wanted a value without spaces, or '.' for a missing one")
    fields[1] = int(fields[1])
    return fields + [""] * (len(FIELDS) - len(fields))


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


def write(path: Path, meta: list[str], columns: str, records: pd.DataFrame) -> None:
    """Write a VCF, whole or not at all; a name in `.gz` gives BGZF with its indexes beside, `.csi` and `.tbi`.

    `records` must be sorted (`genome_order`). Older tools know `.tbi` alone, which ends at 512 Mb; where one lies
    beyond, only `.csi` is written.
    """
    rows = zip(*(records[name].astype(str) for name in FIELDS), strict=True)
    body = "".join("\t".join(row[:-1] if row[-1] == "" else row) + "\n" for row in rows)
    text = "\n".join([*meta, columns]) + "\n" + body
    if Path(path).suffix != ".gz":
        with files.whole(path) as beside:
            beside.write_text(text, encoding="utf-8")
        return
    wide, tbi = files.whole(Path(f"{path}.csi")), Path(f"{path}.tbi")
    tbi.unlink(missing_ok=True)  # htslib must not meet an index of other records
    near = bool((records.pos < TBI_REACH).all())
    with files.whole(path) as beside, wide, files.whole(tbi) if near else contextlib.nullcontext():
        with pysam.BGZFile(str(beside), "w") as handle:
            handle.write(text.encode())
        for csi in [True, False] if near else [True]:
            pysam.tabix_index(str(beside), preset="vcf", force=True, csi=csi)
