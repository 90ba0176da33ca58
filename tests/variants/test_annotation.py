"""Scores written back into a VCF: sorted, defined in the header, earlier ones replaced."""

from pathlib import Path

import numpy as np
import pandas as pd
import pysam

from dnalm.variants import annotation, vcf

BODY = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


def test_records_are_sorted_and_carry_a_value_for_each_alternative(tmp_path: Path):
    rows = [("c2", 5, "A", "C", "."), ("c1", 9, "A", "C,G", "AF=1;DNALM_L2=7"), ("c1", 3, "A", "AC", "DB")]
    path = tmp_path / "in.vcf"
    path.write_text(BODY + "".join(f"{c}\t{p}\t.\t{r}\t{a}\t.\t.\t{i}\n" for c, p, r, a, i in rows))
    called = vcf.read(path)
    table = vcf.split_alleles(called.records).assign(
        l2=[0.5, 0.25, np.nan, np.nan],
        skipped=["", "", "non_acgt", "indel"],
        edge=[True, False, False, False],
        normal=["", "c1:8:A:C", "", ""],
    )
    fields = {"l2": ("L2", "a distance")}
    sizes = {"c1": 20, "c2": 10}
    meta = annotation.header(called, fields, sizes)
    annotation.check(called, meta)
    annotation.write_vcf(tmp_path / "out.vcf.gz", called, meta, table, fields, sizes)
    with pysam.VariantFile(str(tmp_path / "out.vcf.gz")) as file:
        assert list(file.header.contigs) == ["c2", "c1"]
        assert file.header.info["DNALM_L2"].description == "a distance"
        found = [(one.chrom, one.pos, str(one).split("\t")[7].strip()) for one in file]
    assert found == [
        ("c1", 3, "DB;DNALM_SKIP=indel"),
        ("c1", 9, "AF=1;DNALM_L2=0.25,.;DNALM_NORM=c1:8:A:C,.;DNALM_SKIP=.,non_acgt"),
        ("c2", 5, "DNALM_L2=0.5;DNALM_EDGE"),
    ]


def test_columns_of_the_table():
    row = {"chrom": "c1", "pos": 3, "id": ".", "ref": "A", "alt": "C", "alt_index": 1, "class": "x", "edge": True}
    found = annotation.columns(
        pd.DataFrame([row | {"skipped": "", "null": 3.0, "l2": 0.5, "normal": ""}]), ["l2", "null"]
    )
    assert found.columns.tolist()[6:] == ["normal", "class", "l2", "null", "edge", "skipped"]
    assert (found.edge.tolist(), found.null.tolist(), str(found.null.dtype)) == ([1], [3], "Int64")
