"""Consequences of edits by hand, on both strands, against proteins made in full, and against other programs."""

import gzip
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pysam
import pytest

from dnalm.dna import codons, seq
from dnalm.figures import style
from dnalm.genome import consensus, genes, genotypes, messages
from dnalm.genome.genes import Gene
from dnalm.variants import consequences

DATA = Path(os.environ.get("DNALM_REAL_DATA", "../shared/data"))
BEFORE, LEADER, ONE, TWO, TRAILER, BEHIND = "TACGTTACGA", "GGCC", "ATGGCAAA", "GTGGCTCGAATAA", "CCGC", "GATTACAGTC"
INTRON = "GTAAGTCCTGACTACGATCGATTGCACTGATCCATTTCAG"
GENOME = BEFORE + LEADER + ONE + INTRON + TWO + TRAILER + BEHIND  # M A K|K W L E *, the codon of K split by the intron
EXONS, CODING = [(10, 22), (62, 79)], [(14, 22), (62, 75)]
GENE = Gene("c", "+", EXONS, CODING)
CASES = {
    (5, "T", "C"): "intergenic_variant",
    (12, "C", "T"): "5_prime_UTR_variant",
    (14, "A", "G"): "start_lost M1V",
    (17, "G", "A"): "missense_variant A2T",
    (18, "C", "T"): "missense_variant A2V",
    (19, "A", "G"): "splice_region_variant A2=",
    (20, "A", "T"): "stop_gained K3*",
    (21, "A", "C"): "missense_variant K3T",
    (22, "G", "A"): "splice_donor_variant",
    (23, "T", "A"): "splice_donor_variant",
    (24, "A", "T"): "splice_region_variant",
    (29, "C", "T"): "splice_region_variant",
    (30, "T", "A"): "intron_variant",
    (53, "C", "T"): "intron_variant",
    (54, "C", "T"): "splice_region_variant",
    (59, "C", "T"): "splice_region_variant",
    (60, "A", "T"): "splice_acceptor_variant",
    (61, "G", "T"): "splice_acceptor_variant",
    (62, "G", "C"): "missense_variant K3N",
    (62, "G", "A"): "splice_region_variant K3=",
    (65, "G", "A"): "stop_gained W4*",
    (68, "C", "T"): "synonymous_variant L5=",
    (72, "T", "C"): "stop_lost *7Q",
    (73, "A", "G"): "synonymous_variant *7=",
    (75, "C", "T"): "3_prime_UTR_variant",
    # insertions and deletions
    (18, "", "T"): "frameshift_variant",
    (16, "G", ""): "frameshift_variant",  # either G of ATG GCA: the start codon stays
    (15, "T", ""): "start_lost",
    (66, "CT", ""): "frameshift_variant",
    (66, "CTC", ""): "inframe_deletion",
    (66, "", "GCA"): "inframe_insertion",
    (66, "", "TAG"): "stop_gained",
    (66, "CTC", "GGGGGG"): "protein_altering_variant",
    (66, "CTC", "TG"): "frameshift_variant",
    (10, "GGCCAT", ""): "start_lost",
    (72, "", "GCT"): "inframe_insertion",
    (72, "", "TAG"): "synonymous_variant",  # the protein ends where it did
    (73, "", "TT"): "stop_lost",
    (73, "AACC", ""): "stop_lost",
    (74, "AC", ""): "stop_lost",
    (75, "CC", ""): "3_prime_UTR_variant",
    (79, "", "A"): "intergenic_variant",
    (78, "", "C"): "intergenic_variant",  # C behind the last C gives the same
    (8, "GAGGCCAT", ""): "start_lost",
    # where an exon meets an intron
    (22, "", "CC"): "frameshift_variant",
    (62, "", "CCC"): "inframe_insertion",
    (23, "", "C"): "splice_donor_variant",
    (24, "", "C"): "splice_region_variant",
    (21, "AG", ""): "splice_donor_variant",
    (20, "AAGT", ""): "splice_region_variant",  # of AAGTAAGT, GTAA may be gone as well: the intron begins with GT
    (58, "TCAGG", ""): "splice_acceptor_variant",
    (17, GENOME[17:70], ""): "splice_acceptor_variant",
    # as many bases as before
    (16, "GG", "AA"): "start_lost",
    (17, "GC", "TT"): "missense_variant A2L",
    (66, "CTCGAA", "TTGGAG"): "synonymous_variant LE5=",
    (67, "TCGAA", "GATAG"): "stop_gained LE5R*",
    (73, "AAC", "GAT"): "synonymous_variant *7=",
    (72, "TAAC", "GAAT"): "stop_lost *7E",
    (69, "GAAT", "TAGC"): "stop_gained E*6*",
    (12, "CC", "AT"): "5_prime_UTR_variant",
    (13, "CA", "AC"): "start_lost",
}


def fetched(genome):
    return lambda chrom, start, end: genome[start:end]


def table(*edits, chrom="c"):
    return pd.DataFrame([(chrom, *edit) for edit in edits], columns=["chrom", "start", "ref", "alt"])


def said(edits, transcripts, genome=GENOME, **given):
    found = consequences.of_edits(table(*edits), transcripts, fetched(genome), **given)
    return (found.consequence + " " + found.protein).str.strip().tolist()


def opposite(text):
    return seq.decode(seq.reverse_complement(seq.encode(text)))


def mirrored(edits, size):
    return [(size - start - len(ref), opposite(ref), opposite(alt)) for start, ref, alt in edits]


def turned(gene, size):
    spans = ([(size - end, size - start) for start, end in reversed(part)] for part in (gene.exons, gene.coding))
    return Gene(gene.chrom, {"+": "-", "-": "+"}[gene.strand], *spans, gene.phase)


def test_the_cases_say_what_the_genome_has():
    assert all(GENOME[start : start + len(ref)] == ref for start, ref, _ in CASES)
    assert codons.translate(seq.encode(ONE + TWO)) == "MAKWLE*"


def test_each_consequence_by_hand():
    assert dict(zip(CASES, said(CASES, [GENE]), strict=True)) == CASES


def test_the_opposite_strand_agrees():
    found = said(mirrored(CASES, len(GENOME)), [turned(GENE, len(GENOME))], opposite(GENOME))
    assert dict(zip(CASES, found, strict=True)) == CASES


def test_a_gtf_leaves_the_stop_codon_out_of_the_coding_part():
    gtf = GENE._replace(coding=[(14, 22), (62, 72)])
    assert dict(zip(CASES, said(CASES, [gtf]), strict=True)) == CASES


def test_of_several_transcripts_the_most_severe_counts_and_the_first_that_has_it():
    silent = GENE._replace(coding=[])
    edits = [(17, "G", "A"), (30, "T", "A"), (12, "C", "T"), (22, "G", "A"), (5, "T", "C")]
    found = consequences.of_edits(table(*edits), [silent, GENE, GENE], fetched(GENOME))
    assert found.transcript.tolist() == [1, 0, 1, 0, -1]
    assert found.consequence[2] == "5_prime_UTR_variant"
    assert said([(17, "G", "A"), (66, "CT", "")], [silent]) == ["non_coding_transcript_exon_variant"] * 2


def test_rows_keep_their_order_their_index_and_their_contig():
    edits = pd.concat([table((65, "G", "A")), table((65, "G", "A"), chrom="d"), table((12, "C", "T"))])
    found = consequences.of_edits(edits.set_axis([7, 3, 5]), [GENE], fetched(GENOME))
    assert found.index.tolist() == [7, 3, 5]
    assert found.consequence.tolist() == ["stop_gained", "intergenic_variant", "5_prime_UTR_variant"]
    assert not len(consequences.of_edits(table(), [GENE], fetched(GENOME)))


def test_letters_may_be_lower_case():
    assert said([(66, "ctc", ""), (17, "g", "a")], [GENE], GENOME.lower()) == [
        "inframe_deletion",
        "missense_variant A2T",
    ]


def test_an_incomplete_coding_part_has_no_start_and_no_stop_to_lose():
    begun = Gene("c", "+", [(15, 22), (62, 79)], [(15, 22), (62, 75)], 2)  # TG, then GCA as before
    assert said([(15, "T", "A"), (17, "G", "A"), (16, "GGC", "")], [begun]) == [
        "coding_sequence_variant",
        "missense_variant A1T",
        "coding_sequence_variant",
    ]
    unended = Gene("c", "+", [(10, 22), (62, 70)], [(14, 22), (62, 70)])  # … W L and the first base of the next codon
    assert said([(67, "T", "A"), (69, "G", "A")], [unended]) == ["missense_variant L5H", "coding_sequence_variant"]
    assert said([(14, "A", "G")], [begun]) == ["intergenic_variant"]
    assert said([(68, "CG", "TA")], [unended]) == ["coding_sequence_variant"]
    whole = unended._replace(exons=[(10, 22), (62, 72)], coding=[(14, 22), (62, 69)])
    assert said([(67, "T", "A"), (68, "CG", "")], [whole]) == ["missense_variant L5H", "coding_sequence_variant"]
    other = GENOME[:14] + "CTG" + GENOME[17:]  # begins with no start codon
    assert said([(14, "C", "A"), (14, "C", "T")], [GENE], other) == ["missense_variant L1M", "synonymous_variant L1="]


def test_a_base_that_is_not_known_leaves_its_codon_unclear():
    unknown = GENOME[:66] + "N" + GENOME[67:]
    assert said([(67, "T", "A"), (66, "", "GCAA"), (70, "A", "C")], [GENE], unknown) == [
        "coding_sequence_variant",
        "frameshift_variant",
        "missense_variant E6A",
    ]


def test_a_deletion_across_the_start_codon_has_lost_it_whatever_comes_then():
    """ATG at the place that the deleted start codon had is no start codon of this message."""
    genome = "TACGGCCATGGCAATGTGGTAACGT"
    gene = Gene("c", "+", [(3, 25)], [(7, 22)])
    assert said([(5, "CCATGG", "")], [gene], genome) == ["start_lost"]


def test_a_stop_codon_at_the_end_of_its_message_is_lost_with_it():
    short = Gene("c", "+", [(10, 22), (62, 75)], CODING)
    assert said([(72, "TAA", ""), (73, "AA", "CC")], [short]) == ["stop_lost", "stop_lost *7S"]
    unknown = GENOME[:70] + "N" + GENOME[71:]
    assert said([(71, "AT", "CC")], [GENE], unknown) == ["coding_sequence_variant"]


def test_a_stop_codon_that_is_read_through_is_no_stop_gained():
    """As that of selenocysteine."""
    genome = "TACATGTGAGCTGAATAACGT"
    gene = Gene("c", "+", [(0, 21)], [(3, 18)])
    assert said([(7, "GAG", "AAC"), (7, "G", "C"), (9, "G", "C")], [gene], genome) == [
        "missense_variant *A2*P",
        "missense_variant *2S",
        "missense_variant A3P",
    ]


def test_a_mitochondrion_reads_its_own_code():
    assert said([(65, "G", "A")], [GENE], genetic_codes={"c": 3}) == ["synonymous_variant W4="]
    assert said([(14, "A", "G")], [GENE], genetic_codes={"c": 11}) == ["synonymous_variant M1V"]
    assert said([(65, "G", "A")], [GENE], genetic_codes={"d": 3}) == ["stop_gained W4*"]


def test_a_gap_of_a_few_bases_is_no_intron_and_a_transcript_without_strand_has_no_splice_sites():
    gap = Gene("c", "+", [(10, 25), (28, 60)], [])
    assert said([(25, "A", "T"), (24, "A", "T")], [gap]) == ["intron_variant", "non_coding_transcript_exon_variant"]
    assert said([(22, "G", "A"), (30, "T", "A"), (17, "G", "A")], [GENE._replace(strand=".")]) == [
        "splice_region_variant",
        "intron_variant",
        "non_coding_transcript_exon_variant",
    ]


def protein_made(genome, exons, start, ref, alt):
    """The protein of a changed genome, by plain means: the text is changed, spliced, and read to the first stop."""
    changed = genome[:start] + alt + genome[start + len(ref) :]
    grown = len(alt) - len(ref)
    moved = [(low + grown * (low > start), high + grown * (high > start)) for low, high in exons]
    return codons.translate(seq.encode("".join(changed[low:high] for low, high in moved))).partition("*")[0]


def expected(before, after, ref, alt):
    grown = len(alt) - len(ref)
    if grown % 3:
        return "frameshift_variant"
    if before == after:
        return "synonymous_variant"
    if len(after) < len(before) + grown // 3:
        return "stop_gained"
    return "missense_variant" if not grown else "inframe_insertion" if grown > 0 else "inframe_deletion"


@pytest.mark.parametrize("strand", ["+", "-"])
def test_what_is_said_is_what_becomes_of_the_protein(strand):
    """Edits inside coding parts, apart from splice sites and the ends, of random genes."""
    rng = np.random.default_rng(1)
    sense = ["GCT", "AAA", "TGG", "CAA", "TAT", "GAG", "TTA", "AGA", "TCA", "GGA"]
    seen = set()
    for _ in range(12):
        text = "ATG" + "".join(rng.choice(sense, 40)) + "TAA" + "GCTTGACCTAGG"
        cut = int(rng.integers(40, 80))
        genome = "CCGTA" + text[:cut] + INTRON + text[cut:] + "GATT"
        exons = [(5, 5 + cut), (5 + cut + len(INTRON), len(genome) - 4)]
        gene = Gene("c", "+", exons, [exons[0], (exons[1][0], exons[1][1] - 12)])
        edits = []
        while len(edits) < 40:
            start, kind, length = (int(rng.integers(*among)) for among in ((12, len(genome) - 30), (0, 3), (1, 7)))
            if min(abs(start - cut - 5), abs(start - exons[1][0])) < 22 or cut + 5 < start < exons[1][0]:
                continue
            ref = genome[start : start + length] if kind else ""
            alt = "".join(rng.choice(list("ACGT"), length)) if kind < 2 else ""
            if kind == 1:
                edit = consensus.trimmed(genotypes.Allele(start, ref, alt, None))
                start, ref, alt = edit.start, edit.ref, edit.alt
            if ref != alt:
                edits.append((start, ref, alt))
        before = protein_made(genome, exons, 0, "", "")
        wanted = [expected(before, protein_made(genome, exons, *edit), *edit[1:]) for edit in edits]
        if strand == "-":
            edits, gene, genome = mirrored(edits, len(genome)), turned(gene, len(genome)), opposite(genome)
        found = consequences.of_edits(table(*edits), [gene], fetched(genome)).consequence.tolist()
        assert dict(zip(edits, found, strict=True)) == dict(zip(edits, wanted, strict=True))
        seen |= set(found)
    assert len(seen) == 6


def test_single_bases_at_once_are_what_they_are_one_by_one():
    """A base is also read as two, the second of which stays."""
    rng = np.random.default_rng(2)
    starts = [start for start in rng.integers(14, 74, 200) if not 18 <= start <= 64]
    edits = [(int(start), GENOME[start], "ACGT"[rng.integers(4)]) for start in starts]
    edits = [edit for edit in edits if edit[1] != edit[2]]
    longer = [(start, ref + GENOME[start + 1], alt + GENOME[start + 1]) for start, ref, alt in edits]
    one, two = (consequences.of_edits(table(*those), [GENE], fetched(GENOME)) for those in (edits, longer))
    assert one.consequence.tolist() == two.consequence.tolist()


def test_the_table_is_in_order_and_can_be_drawn():
    names = list(consequences.CONSEQUENCES)
    assert (names[0], names[-1]) == ("splice_acceptor_variant", "intergenic_variant")
    looks = [style.look(row) for row in consequences.CONSEQUENCES.values()]
    assert len({look.label for look in looks}) == len(looks)
    assert all(row.meaning for row in consequences.CONSEQUENCES.values())


def opened(name):
    if not (DATA / name).exists():
        pytest.skip(f"no {DATA / name}; set DNALM_REAL_DATA")
    return pysam.FastaFile(str(DATA / name))


def write_gff3(path, transcripts, fasta):
    """Genes as `bcftools csq` reads them: Ensembl's names, biotypes and phases, the stop codon in the coding part."""
    with path.open("w") as out:
        out.write("##gff-version 3\n")
        for number, gene in enumerate(transcripts):

            def line(kind, start, end, attributes, phase=".", gene=gene):
                out.write(f"{gene.chrom}\tx\t{kind}\t{start + 1}\t{end}\t.\t{gene.strand}\t{phase}\t{attributes}\n")

            span = gene.exons[0][0], gene.exons[-1][1]
            line("gene", *span, f"ID=gene:{number};biotype=protein_coding")
            line("mRNA", *span, f"ID=transcript:{number};Parent=gene:{number};biotype=protein_coding")
            message = messages.spliced(gene, fasta.fetch)
            place = message.place[::-1] if message.turned else message.place
            coding = np.sort(place[message.first : message.last])
            parts = [(part[0], part[-1] + 1) for part in np.split(coding, np.flatnonzero(np.diff(coding) > 1) + 1)]
            read = 0
            for start, end in parts if gene.strand == "+" else parts[::-1]:
                line("CDS", start, end, f"Parent=transcript:{number}", -read % 3)
                read += end - start
            for start, end in gene.exons:
                line("exon", start, end, f"Parent=transcript:{number}")


def theirs(folder, alleles, gff3, genome):
    """What `bcftools csq` says of each allele by itself: sets of our terms."""
    terms = {term.removesuffix("_variant").lower(): term for term in consequences.CONSEQUENCES}
    terms |= {"stop_retained": "synonymous_variant", "start_retained": "synonymous_variant"}
    with pysam.FastaFile(str(genome)) as fasta, (folder / "in.vcf").open("w") as out:
        contigs = "".join(f"##contig=<ID={name}>\n" for name in fasta.references)
        out.write(f"##fileformat=VCFv4.2\n{contigs}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
        for number, (chrom, pos, ref, alt) in enumerate(alleles):
            out.write(f"{chrom}\t{pos}\t{number}\t{ref}\t{alt}\t.\t.\t.\n")
    words = ["bcftools", "csq", "--local-csq", "-s", "-", "-f", genome, "-g", gff3, folder / "in.vcf"]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True)
    found = [{"intergenic_variant"} for _ in alleles]
    for line in done.stdout.splitlines():
        if line[0] != "#" and "BCSQ=" in line:
            fields = line.split("\t")
            each = [one.split("|")[0] for one in fields[7].split("BCSQ=")[1].split(",")]
            found[int(fields[2])] = {terms[term] for one in each for term in one.lstrip("*").split("&")}
    return [min(names, key=consequences.RANK.get) for names in found]


@pytest.mark.real
@pytest.mark.skipif(shutil.which("bcftools") is None, reason="no bcftools to compare with")
def test_a_yeasts_variants_do_what_bcftools_says(tmp_path):
    """All single bases agree; insertions and deletions but for some at genes' ends, which may be written outside."""
    fasta = opened("yeast/sacCer3.fa.gz")
    transcripts = [gene for gene in genes.transcripts(DATA / "yeast/sacCer3.ensGene.gtf.gz") if gene.coding]
    write_gff3(tmp_path / "genes.gff3", transcripts, fasta)
    with gzip.open(DATA / "yeast/BKI.1011genomes.sacCer3.vcf.gz", "rt") as lines:
        rows = [line.split("\t")[:5] for line in lines if line[0] != "#"]
    alleles = [(row[0], int(row[1]), row[3], row[4]) for row in rows if set(row[4]) <= set("ACGT")]
    trimmed = [consensus.trimmed(genotypes.Allele(pos - 1, ref, alt, None)) for _, pos, ref, alt in alleles]
    edits = pd.DataFrame([edit[:1] + edit[2:4] for edit in trimmed], columns=["start", "ref", "alt"])
    edits["chrom"] = [allele[0] for allele in alleles]
    ours = consequences.of_edits(edits, transcripts, fasta.fetch).consequence
    same = ours == theirs(tmp_path, alleles, tmp_path / "genes.gff3", DATA / "yeast/sacCer3.fa.gz")
    single = (edits.ref.str.len() == 1) & (edits.alt.str.len() == 1)
    assert single.sum() > 42_000
    assert same[single].all()
    assert (~single).sum() > 1_300
    assert same[~single].mean() > 0.98


@pytest.mark.real
def test_brca1_does_what_its_screen_was_annotated_with():
    """Findlay et al., Nature 2018, by NM_007294; they call a lost start codon missense."""
    fasta = opened("hg19/hg19_part.fa.gz")
    screen = pd.read_csv(DATA / "hg19/BRCA1_SGE_Findlay2018.tsv.gz", sep="\t")
    edits = screen.rename(columns={"reference": "ref"})[["ref", "alt"]].assign(
        chrom="chr17", start=screen["position (hg19)"] - 1
    )
    (gene,) = (
        gene
        for gene in genes.transcripts(DATA / "hg19/refSeq.bed12.gz")
        if (gene.exons[0][0], gene.exons[-1][1], len(gene.exons)) == (41196311, 41277500, 23)
    )
    names = {
        "5' UTR": ["5_prime_UTR_variant"],
        "Canonical splice": ["splice_acceptor_variant", "splice_donor_variant"],
        "Intronic": ["intron_variant"],
        "Missense": ["missense_variant", "start_lost"],
        "Nonsense": ["stop_gained"],
        "Splice region": ["splice_region_variant"],
        "Synonymous": ["synonymous_variant"],
    }
    ours = consequences.of_edits(edits, [gene], fasta.fetch).consequence
    assert len(ours) == 3893
    assert all(one in names[other] for one, other in zip(ours, screen.consequence, strict=True))


@pytest.mark.real
def test_the_code_of_a_mitochondrion_reads_through_its_proteins():
    fasta = opened("yeast/sacCer3.fa.gz")
    for code, whole in ((3, 28), (1, 8)):
        found = 0
        for gene in genes.transcripts(DATA / "yeast/sacCer3.ensGene.gtf.gz"):
            if gene.chrom == "chrM" and gene.coding:
                message = messages.spliced(gene, fasta.fetch, code)
                protein = codons.translate(message.bases[message.first : message.last], code)
                found += message.stop and protein.index("*") == len(protein) - 1
        assert found == whole
