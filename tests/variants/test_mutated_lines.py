"""A hundred thousand damaged records: each is refused with its line, or comes out with a row for each of its alleles.

A record is first judged by itself, as the reader does, so that one that is refused does not hide those after it; what
is left is read as a file, and nothing of that file may be refused or lost.
"""

import random
import re
from collections import Counter

import numpy as np
import pytest

from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.genome import genotypes, vcf_text
from dnalm.variants import annotation, repair, symbolic, vcf, wanted

LINES, FILE = 100_000, 10_000
COLUMNS = 11
HEAD = "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tme\tyou\n"
SIZES = {"c1": 3000, "c2": 90}
GENOME = {name: seq.decode(np.random.default_rng(0).integers(0, 5, size)).encode() for name, size in SIZES.items()}
ODD = (
    "",
    ".",
    "*",
    "<DEL>",
    "<DUP>",
    "<INV>",
    "<dup:tandem>",
    "<CNV>",
    "<*>",
    "<>",
    "<",
    "A[c2:7[",
    "]<x>:9]T",
    "[",
    ".A",
)
ODD += (
    "A.",
    "..",
    "A,",
    ",",
    ",,A",
    "N",
    "R",
    "a",
    "acgtN",
    "A" * 300,
    "-",
    "é",
    "A C",
    "A\u2028",
    "0",
    "-1",
    "A\x0cC",
)
PLACES = (
    "0",
    "1",
    "90",
    "91",
    "3000",
    "3001",
    "2147483647",
    "2147483648",
    "9" * 30,
    "-5",
    "1e3",
    "5.0",
    "²",
    "",
    " 7",
    "07",
)
INFOS = (
    "END=99",
    "END=0",
    "END=-1",
    "END=x",
    "END=",
    "END",
    "END=2;END=9",
    "END=99999999999999999999",
    "SVLEN=-5",
    "=",
)
INFOS += (
    "SVLEN=5,.,7",
    "SVLEN=0",
    "END=9999999999",
    "SVLEN=9999999999",
    "SVLEN=.",
    "SVCLAIM=D;END=40",
    ";;",
    "END=40;SVLEN=-9",
    "SVLEN=" + "1" * 40,
    "a b",
)
CALLS = ("1/1", ".", "./.", "0|1", "1|2", "7", "0/x", "", ":", "/", "1/-1", "9" * 20, "0/1:9:9", "é", "0/1/1")
REASONS = {"", "not_in_regions", "not_in_sample", "not_pass", "breakend", "symbolic", "too_long"}


def good(chance):
    """The fields of a record that nothing is wrong with."""
    alt = chance.choice(("C", "G,T", "AC", "<DEL>", "<DUP>,G", "<INV>", "*,G", "."))
    info = chance.choice(
        (".", "AC=1;DB", f"END={chance.randrange(1, 400)};SVTYPE=X", f"SVLEN={chance.randrange(-50, 50)}")
    )
    calls = ["GT:DP", chance.choice(("0/0:3", "1/1:4", "0|1:.")), "./.:."]
    passed = chance.choice(("PASS", ".", "q10"))
    return [
        chance.choice(("c1", "c1", "c2", "un")),
        str(chance.randrange(1, 200)),
        ".",
        "A",
        alt,
        "9",
        passed,
        info,
        *calls,
    ]


def damaged(chance):
    """A record with one to three things done to it."""
    fields = good(chance)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(fields))
        match chance.randrange(8):
            case 0:
                del fields[at]
            case 1:
                fields[at] = ""
            case 2:
                fields.insert(at, chance.choice(fields))
            case 3:
                fields[at] = flipped(fields[at], chance)
            case 4 if len(fields) > 4:
                fields[chance.choice((3, 4))] = chance.choice(ODD)
            case 5 if len(fields) > 4:
                fields[1] = chance.choice(PLACES)
            case 6 if len(fields) > 7:
                fields[4:5], fields[7] = [chance.choice(("<DEL>", "<INV>,<DUP>", "C,<DEL>", "T"))], chance.choice(INFOS)
            case 7:
                fields[-1 - chance.randrange(2)] = chance.choice(CALLS)
        if not fields:
            break
    return "\t".join(fields)


def flipped(text, chance):
    """With one letter changed into another, of any kind but a line end."""
    at = chance.randrange(len(text) + 1)
    return text[:at] + chr(chance.choice((chance.randrange(32, 127), chance.randrange(161, 0x2FFF)))) + text[at + 1 :]


def judged(line):
    """The fields of a record, or None for one that is refused, by words that name it; of blanks alone it is none."""
    try:
        return vcf_text.record(line, COLUMNS, "a.vcf:7") if line.strip() else None
    except InputError as error:
        said = str(error)
    assert re.match(r"a\.vcf:7: \S", said)
    assert said.isprintable()
    return None


def called_well(fields):
    """Whether the first sample's call can be read."""
    fields = [*fields]
    repair.record(fields, blanks=False, counts=Counter())
    try:
        copies = genotypes.copies(genotypes.genotype(fields[8], 0, "a.vcf:7"))
        for copy in copies:
            genotypes.check_number(int(copy) if copy not in ("", ".") else 0, fields[4].count(",") + 1, "a.vcf:7")
    except InputError as error:
        said = str(error)
    else:
        return True
    assert re.match(r"a\.vcf:7: the (genotype is|call names allele) ", said)
    return False


def check(path, lines, **filters):
    """Read a file of records and hold every row against what stands in it; the reasons that were met."""
    path.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    called = vcf.read(path)
    assert called.records.line.tolist() == list(range(3, 3 + len(lines)))
    table = vcf.split_alleles(called.records)
    assert np.bincount(table.record).tolist() == [line.split("\t")[4].count(",") + 1 for line in lines]
    found = symbolic.expanded(called, table, SIZES, lambda chrom, *span: GENOME[chrom][slice(*span)], max_length=150)
    unwanted = wanted.reasons(called, table, within=wanted.regions(None, ["c1:9-99"], SIZES, path, 0), **filters)
    kept = found.reason == ""
    changed = (found.ref != table.ref) | (found.alt != table.alt)
    assert {*found.reason, *unwanted} <= REASONS
    assert not any(set("<>[]") & set(alt) for alt in found.alt[kept])
    assert not changed[~kept].any()
    assert table.alt[changed].str.fullmatch("<(DEL|DUP|INV|DUP:TANDEM)>").all()
    skipped = np.where(unwanted == "", found.reason, unwanted)
    texts = annotation.annotate(called.records["info"], table.assign(skipped=skipped, edge=False), {})
    said = [re.findall(rf"(?:^|;){annotation.SKIP}=([^;]*)$", text) for text in texts]
    assert [one for parts in said for one in parts] == [
        ",".join(reason or "." for reason in here)
        for here in np.split(skipped, np.flatnonzero(np.diff(table.record)) + 1)
        if (here != "").any()
    ]
    return {*found.reason, *unwanted} | {"in bases" for one in changed if one}


def test_every_damaged_record_is_refused_or_comes_out(tmp_path):
    chance, kept, refused, seen = random.Random(0), {True: [], False: []}, [], set()
    for _ in range(LINES):
        line = damaged(chance)
        if fields := judged(line):
            kept[called_well(fields)].append(line)
        elif line.strip():
            refused.append(line)
    assert min(len(kept[True]), len(refused)) > LINES / 4
    for readable, filters in ((True, {"sample": "me", "pass_only": True}), (False, {"pass_only": True})):
        for first in range(0, len(kept[readable]), FILE):
            seen |= check(tmp_path / "a.vcf", kept[readable][first : first + FILE], **filters)
    assert seen == REASONS | {"in bases"}
    for line in refused[:: len(refused) // 100]:
        (tmp_path / "a.vcf").write_text(f"{HEAD}{kept[True][0]}\n\n{line}\n", encoding="utf-8", newline="\n")
        with pytest.raises(InputError, match=r"a\.vcf:5: "):
            vcf.read(tmp_path / "a.vcf")
    for line in kept[False][:50]:
        (tmp_path / "a.vcf").write_text(f"{HEAD}{kept[True][0]}\n{line}\n", encoding="utf-8", newline="\n")
        called = vcf.read(tmp_path / "a.vcf")
        with pytest.raises(InputError, match=r"a\.vcf:4: the "):
            wanted.reasons(called, vcf.split_alleles(called.records), sample="me")
