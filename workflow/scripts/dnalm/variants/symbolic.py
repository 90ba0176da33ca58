"""Symbolic alleles in plain words: <DEL>, <DUP> and <INV> as the bases that they take away, repeat or turn round.

A caller that sees a large change only by its ends writes a symbol and where it ends. POS is the base before the change,
so that base stands first on both sides, as in any indel. Until VCF 4.3 END says where a record ends and SVLEN how much
longer the allele is; since 4.4 SVLEN is the number of bases changed, one for each ALT, and END follows from it.
Format: https://samtools.github.io/hts-specs/VCFv4.3.pdf and VCFv4.5.pdf, section 3
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from dnalm.dna import seq
from dnalm.variants.vcf import Vcf

Fetch = Callable[[str, int, int], bytes]  # the letters of [start, end) of a contig
BREAKEND = r"[\[\]]|^\..|.\.$"  # joined to another place, or to one that is not known
SYMBOL = r"[<>]"
# A copy may lie anywhere but where it is said to be in tandem; of a mobile element all is deleted.
SPOKEN = {"DEL": r"<DEL(?::[^<>]*)?>", "DUP": r"<DUP(?::TANDEM)?>", "INV": r"<INV>"}


class Plain(NamedTuple):
    """Alleles in bases, and why one has none: `ref`, `alt` and `reason`, "" where it has; object [alleles]."""

    ref: np.ndarray
    alt: np.ndarray
    reason: np.ndarray


def expanded(called: Vcf, table: pd.DataFrame, sizes: Mapping[str, int], fetch: Fetch, *, max_length: int) -> Plain:
    """REF and ALT of each allele of `table` (`vcf.split_alleles`) in bases, at the same POS; plain ones as they are.

    Reasons: breakend; too_long, of more than `max_length` bases, which are not fetched; symbolic, where nobody can say
    which bases they are: other symbols (<INS>, <CNV>, <*>), an end that is missing, before POS or beyond the contig,
    and what was seen by its depth alone (SVCLAIM=D), which says that there is less or more of it and not where. The
    base at POS is the record's own, so that it can be held against the genome, unless it is N.
    """
    ref, alt = (table[name].to_numpy(object, copy=True) for name in ("ref", "alt"))
    last, size = ends(called, table), table.chrom.map(sizes).fillna(-1).to_numpy()
    pos = table.pos.to_numpy()
    symbol = table.alt.str.contains(SYMBOL).to_numpy(bool)
    known = symbol & table.ref.str.match("[ACGTN]").to_numpy(bool) & (pos > 0) & (pos < last) & (last <= size)
    rules = [table.alt.str.contains(BREAKEND).to_numpy(bool), symbol & ~known, known & (last - pos > max_length)]
    reason = np.select(rules, ["breakend", "symbolic", "too_long"], "").astype(object)
    for row in np.flatnonzero(known & (reason == "")):
        codes = seq.encode(fetch(table.chrom.iat[row], int(pos[row]) - 1, int(last[row])))
        ref[row], alt[row] = _spoken(_kind(alt[row]), ref[row][0], codes)
    return Plain(ref, alt, reason)


def _spoken(kind: str, given: str, codes: np.ndarray) -> tuple[str, str]:
    """REF and ALT of a change to the bases after the first of `codes`; `given` is what the record has for that one."""
    anchor, changed = seq.decode(codes[:1]) if given == "N" else given, seq.decode(codes[1:])
    if kind == "DUP":
        return anchor, anchor + changed  # one more copy before the first is the same as one after it
    turned = seq.decode(seq.reverse_complement(codes[1:])) if kind == "INV" else ""
    return anchor + changed, anchor + turned


def _kind(alt: str) -> str | None:
    return next((kind for kind, pattern in SPOKEN.items() if re.fullmatch(pattern, alt)), None)


def ends(called: Vcf, table: pd.DataFrame) -> np.ndarray:
    """The last base (1-based) that each <DEL>, <DUP> or <INV> changes; -1 where nobody says, and for all others.

    SVLEN decides where a record has several of them (END is of the longest) and in VCF 4.4 and later, END elsewhere;
    each stands in for the other. A length is taken without its sign, and 0, an inversion's until 4.3, for none.
    """
    last = np.full(len(table), -1, np.int64)
    rows = np.flatnonzero(table.alt.str.fullmatch("|".join(SPOKEN.values())))
    record, infos = table.record.to_numpy(), called.records["info"].to_numpy()
    number, spoken = (np.bincount(of, minlength=len(infos)) for of in (record, record[rows]))
    for row in rows:
        length, end = _stated(infos[record[row]], table.alt_index.iat[row] - 1, number[record[row]])
        by_length = length and table.pos.iat[row] + length
        first, second = (by_length, end) if spoken[record[row]] > 1 or _since_4_4(called.meta) else (end, by_length)
        last[row] = first if first is not None else -1 if second is None else second
    return last


def _stated(info: str, index: int, number: int) -> tuple[int | None, int | None]:
    """What INFO says of one of `number` alternatives: bases changed, and END; None where it does not say."""
    keys = dict(part.partition("=")[::2] for part in reversed(info.split(";")))  # the first of two of one name counts
    each = {key: keys.get(key, "").split(",") for key in ("SVLEN", "SVCLAIM")}
    length, claim = (values[index] if len(values) == number else "." for values in each.values())
    if claim == "D":
        return None, None
    end = keys.get("END", ".")
    return abs(_whole(length)) or None, None if end in ("", ".") else _whole(end)


def _whole(text: str) -> int:
    """A whole number; 0, which is no place and no length, for text that is none."""
    return int(text) if re.fullmatch(r"-?[0-9]{1,10}", text) else 0


def _since_4_4(meta: list[str]) -> bool:
    found = re.match(r"##fileformat=VCFv4\.(\d{1,3})", meta[0])
    return found is not None and int(found[1]) >= 4
