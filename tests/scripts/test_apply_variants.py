"""A personal genome from a VCF: a genome folder like any other, the chain, the table, and what is refused."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import genomes
import numpy as np
import pandas as pd
import pysam
import pytest

import apply_variants
from dnalm.dna import chain, intervals
from dnalm.errors import InputError
from dnalm.genome import fasta
from dnalm.genome import index as genome_index

HEAD = "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tme\n"
CONTIGS = {"chr1": "ACGTacgtAC" * 7, "chr2": "TTTTGGGGCC" * 5, "chr3": "ACGTACGTAC"}
SPLITS = {"validation": ["chr2"], "test": ["chr1:0-30"]}
RECORDS = (
    "chr1 1 A G 1/1",
    "chr1 5 A ATT 0/1",
    "chr1 5 A C 1/1",
    "chr1 41 ACG A 1|0",
    "chr1 70 C CG 1",
    "chr2 3 T TA ./.",
    "chr2 4 T <DEL> 1/1",
    "chr2 9 C A 0/0",
    "chr2 10 C A 1/1",
)


def text(*records):
    rows = (record.split() for record in records)
    lines = [f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\t.\tGT\t{call}\n" for chrom, pos, ref, alt, call in rows]
    return HEAD + "".join(lines)


@pytest.fixture
def folder(tmp_path):
    genomes.make(tmp_path / "toy", CONTIGS, SPLITS)
    (tmp_path / "me.vcf").write_text(text(*RECORDS))
    return tmp_path


def applied(folder, **options):
    apply_variants.main(genome=folder / "toy", vcf=folder / "me.vcf", out=folder / "out", **options)
    return json.loads((folder / "out/consensus.json").read_text())


def letters(path):
    return dict(fasta.read_contigs(path))


def test_a_sample_becomes_a_genome(folder):
    about = applied(folder)
    made = letters(folder / "out/genome.fa.gz")
    assert made["chr1"] == b"GCGTcttcgtAC" + CONTIGS["chr1"].encode()[10:41] + CONTIGS["chr1"].encode()[43:] + b"G"
    assert made["chr2"] == b"TTTTGGGGCA" + CONTIGS["chr2"].encode()[10:]
    assert made["chr3"] == CONTIGS["chr3"].encode()
    assert about["applied"] == {"snv": 3, "mnv": 0, "insertion": 2, "deletion": 1, "replacement": 0}
    assert about["skipped"] == {"missing": 1, "reference": 1, "symbolic": 1}
    assert about["records"] == sum(about["applied"].values()) + sum(about["skipped"].values())
    assert (about["reference"], about["sample"], about["haplotype"], about["unphased"]) == (
        "toy",
        "me",
        "alternative",
        1,
    )
    assert (about["inserted_bases"], about["deleted_bases"]) == (3, 2)
    assert about["splits"] == {"validation": ["chr2"], "test": ["chr1:0-32"], "exclude": []}


def test_the_table_and_the_chain_agree_with_the_letters(folder):
    applied(folder)
    old, new = letters(folder / "toy/genome.fa.gz"), letters(folder / "out/genome.fa.gz")
    table = pd.read_csv(folder / "out/applied.tsv.gz", sep="\t", keep_default_na=False)
    assert len(table) == 6
    for row in table.itertuples():
        assert old[row.chrom][row.start : row.end].decode().upper() == row.ref
        assert new[row.chrom][row.personal_start : row.personal_end].decode().upper() == row.alt
    assert table.record.tolist()[:3] == ["1:A>G", "5:A>C", "5:A>ATT"]
    for one in chain.read(folder / "out/to_reference.chain"):
        places = chain.lift(one, np.arange(one.size))
        same = [old[one.contig][place] == new[one.contig][at] for at, place in enumerate(places) if place >= 0]
        assert len(same) - sum(same) == sum((table.chrom == one.contig) & (table.kind == "snv"))


def test_it_is_indexed_as_any_genome_with_the_references_splits(folder):
    about = applied(folder)
    found = genome_index.index(
        folder / "out/genome.fa.gz", folder / "mine", name="mine", source="consensus", consensus=about
    )
    assert intervals.read_sizes(folder / "mine/chrom.sizes") == {"chr1": 71, "chr2": 50, "chr3": 10}
    assert found["splits"] == about["splits"]
    assert found["consensus"]["vcf_sha256"] == about["vcf_sha256"]
    assert gzip.decompress((folder / "mine/softmask.bed.gz").read_bytes()).startswith(b"chr1\t4\t10\n")


def test_a_haplotype_without_variants_is_the_reference(folder):
    (folder / "me.vcf").write_text(text("chr1 1 A G 0|1", "chr1 5 A C 1"))
    about = applied(folder, haplotype="2")
    assert about["skipped"] == {"no_such_haplotype": 1}
    assert applied(folder, haplotype="1")["skipped"] == {"reference": 1}
    (folder / "me.vcf").write_text(text())
    about = applied(folder)
    assert letters(folder / "out/genome.fa.gz") == letters(folder / "toy/genome.fa.gz")
    assert (about["records"], about["skipped"]) == (0, {})
    assert [one.blocks.tolist() for one in chain.read(folder / "out/to_reference.chain")] == [
        [[0, 0, len(CONTIGS[name])]] for name in CONTIGS
    ]
    assert pd.read_csv(folder / "out/applied.tsv.gz", sep="\t").empty


def test_a_vcf_of_another_build_is_refused_and_nothing_is_left(folder):
    (folder / "me.vcf").write_text(text("chr1 1 A G 1/1", "chr1 2 A G 1/1"))
    with pytest.raises(InputError, match=r"me.vcf:4: REF is A at chr1:2, and the genome has C there, as in 1 of 2 rec"):
        applied(folder)
    assert applied(folder, max_mismatch=0.5)["skipped"] == {"ref_mismatch": 1}


@pytest.mark.parametrize(
    "record, said",
    [
        ("1 1 A G 1/1", "1 of 2 records are on contigs that the genome lacks.*they differ by 'chr' only"),
        ("chr1 71 A G 1/1", "1 of 2 records end beyond their contig, as one on chr1 does at 71"),
    ],
)
def test_contigs_of_another_genome_are_refused(folder, record, said):
    (folder / "me.vcf").write_text(text("chr1 1 A G 1/1", record))
    with pytest.raises(InputError, match=said):
        applied(folder)
    assert not (folder / "out").exists()
    about = applied(folder, max_outside=1.0)
    assert sum(about["skipped"].values()) == 1


def test_what_was_done_is_told(folder, capsys):
    from dnalm import logs

    logs.start("apply_variants", None)
    applied(folder, haplotype="1")
    said = capsys.readouterr().err
    assert "sample me, haplotype 1: applied 5 of 9 records (3 snv, 1 insertion, 1 deletion)" in said
    assert "skipped: 1 missing, 2 reference, 1 symbolic" in said
    assert "calls of two alleles without phase: 1; the one written first is taken" in said


@pytest.mark.real
@pytest.mark.parametrize("haplotype, theirs", [("alternative", "A"), ("1", "1"), ("2", "2")])
def test_a_yeast_is_what_bcftools_makes_of_it(tmp_path, haplotype, theirs):
    """The two smallest chromosomes with variants; pysam brings bcftools along."""
    data = Path(os.environ.get("DNALM_REAL_DATA", "../shared/data")) / "yeast"
    if not data.exists():
        pytest.skip(f"no {data}; set DNALM_REAL_DATA")
    wanted = ("chrI", "chrVI")
    found = {name: bases.decode() for name, bases in fasta.read_contigs(data / "sacCer3.fa.gz") if name in wanted}
    genomes.make(tmp_path / "toy", found)
    with gzip.open(data / "BKI.1011genomes.sacCer3.vcf.gz", "rt") as lines:
        kept = [line for line in lines if line[0] == "#" or line.split("\t")[0] in wanted]
    with pysam.BGZFile(str(tmp_path / "me.vcf.gz"), "w") as out:
        out.write("".join(kept).encode())
    pysam.tabix_index(str(tmp_path / "me.vcf.gz"), preset="vcf")
    (tmp_path / "me.vcf.gz").rename(tmp_path / "me.vcf")
    about = applied(tmp_path, haplotype=haplotype)
    assert sum(about["applied"].values()) > 2500
    (tmp_path / "me.vcf").rename(tmp_path / "me.vcf.gz")
    words = ["-s", "BKI", "-H", theirs, "-f", str(tmp_path / "toy.fa"), "-o", str(tmp_path / "b.fa")]
    program = "import sys, pysam.bcftools as b; b.consensus(*sys.argv[1:], catch_stdout=False)"
    subprocess.run(
        [sys.executable, "-c", program, *words, str(tmp_path / "me.vcf.gz")], check=True, capture_output=True
    )
    upper = {name: bases.upper() for name, bases in letters(tmp_path / "out/genome.fa.gz").items()}
    assert upper == {name: bases.upper() for name, bases in letters(tmp_path / "b.fa").items()}
