"""The embedded genome keeps its promises: what was planted is there, and nothing contradicts its label."""

import itertools
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import simulate_genome
from dnalm import files
from dnalm.dna import bed, intervals, meme, motifs, seq
from dnalm.errors import UsageError
from dnalm.simulate import genes as simulated_genes
from dnalm.simulate import genome as simulated_genome
from dnalm.simulate import variants as simulated_variants

MEME = Path(__file__).parents[2] / "resources/motifs/MA0139.1.meme"
SIZE = 600_000


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A small genome as written, read back."""
    folder = tmp_path_factory.mktemp("genome") / "simulated"
    simulate_genome.main(motif=MEME, out=folder, seed=3, size=SIZE)
    text = (folder / "genome.fa").read_text()
    letters = {
        part.split("\n", 1)[0]: part.split("\n", 1)[1].replace("\n", "").encode() for part in text.split(">")[1:]
    }
    vcf = pd.read_csv(folder / "variants.vcf", sep="\t", comment="#", header=None, dtype={4: str})
    return SimpleNamespace(
        folder=folder,
        letters=letters,
        codes={name: seq.encode(text) for name, text in letters.items()},
        sites=pd.read_csv(folder / "sites.tsv", sep="\t"),
        genes=pd.read_csv(folder / "genes.bed", sep="\t", names=simulated_genes.BED12),
        peaks=bed.read_peaks(folder / "ctcf.narrowPeak"),
        blacklist=bed.read_peaks(folder / "blacklist.bed"),
        variants=vcf.iloc[:, [0, 1, 2, 3, 4, 7]].set_axis(["chrom", "pos", "id", "ref", "alt", "info"], axis=1),
        truth=json.loads((folder / "truth.json").read_text()),
    )


def test_same_seed_same_genome(made, tmp_path):
    for seed, same in ((3, True), (4, False)):
        simulate_genome.main(motif=MEME, out=tmp_path / "again", seed=seed, size=SIZE)
        assert (files.sha256(tmp_path / "again") == files.sha256(made.folder)) is same


def test_contigs_and_splits(made):
    assert {name: len(text) for name, text in made.letters.items()} == made.truth["contigs"]
    assert sum(made.truth["contigs"].values()) == SIZE
    assert made.truth["splits"] == {"validation": ["chrE"], "test": ["chrF"]}
    with pytest.raises(UsageError, match="each needs 25,000 bp"):
        simulated_genome.contig_lengths(100_000, 6)
    with pytest.raises(UsageError, match="wanted 3 to 26"):
        simulated_genome.contig_lengths(1_000_000, 2)


def test_repeats_and_gaps(made):
    letters = b"".join(made.letters.values())
    assert 0.15 < sum(map(letters.count, (b"a", b"c", b"g", b"t"))) / SIZE < 0.27
    assert all(text.startswith(b"N" * 1_000) and text.endswith(b"N" * 1_000) for text in made.letters.values())
    assert 0.01 < letters.count(b"N") / SIZE < 0.15


def test_sites_hold_what_is_written(made):
    odds = motifs.log_odds(meme.read_meme(MEME))
    for site in made.sites[made.sites.kind != "partner"].itertuples():
        codes = made.codes[site.chrom][site.start : site.end]
        forward = codes if site.strand == "+" else seq.reverse_complement(codes)
        scores, _ = motifs.hit_scores(codes, odds)
        assert scores[0] == pytest.approx(site.score, abs=1e-2)
        assert odds[np.arange(19), forward].sum() <= scores[0] + 1e-3


def test_bound_if_and_only_if_a_partner_is_near(made):
    for site in made.sites[made.sites.kind != "partner"].itertuples():
        codes = made.codes[site.chrom]
        around = codes[site.start - simulated_genome.REACH : site.end + simulated_genome.REACH]
        assert simulated_genome.has_partner(around) == bool(site.bound)
        if site.bound:
            partner = int(site.partner_start)
            assert simulated_genome.has_partner(codes[partner : partner + 10])
            gap = partner - site.end if partner > site.start else site.start - partner - 10
            assert gap == site.partner_distance
            assert 0 < gap <= simulated_genome.REACH - 10


def test_motif_alone_and_partner_alone_say_nothing(made):
    counts = made.sites.kind.value_counts()
    assert counts["bound"] == counts["decoy"] == counts["partner"] == 300
    bound, decoy = (made.sites.score[made.sites.kind == kind].to_numpy() for kind in ("bound", "decoy"))
    assert (bound[:, None] > decoy).mean() == pytest.approx(0.5, abs=0.08)
    assert set(made.sites.strand) == {"+", "-"}


def test_nothing_planted_overlaps(made):
    exons = [
        (gene.chrom, start, end) for gene in made.genes.itertuples() for start, end in simulated_variants.exons_of(gene)
    ]
    planted = pd.concat(
        [
            made.sites[["chrom", "start", "end"]],
            made.blacklist[["chrom", "start", "end"]],
            pd.DataFrame(exons, columns=["chrom", "start", "end"]),
        ]
    ).sort_values(["chrom", "start"])
    follows = planted.chrom.eq(planted.chrom.shift())
    assert (planted.start >= planted.end.shift())[follows].all()
    for row in planted.itertuples():
        assert (made.codes[row.chrom][row.start : row.end] < seq.N).all()


def test_genes_can_be_translated(made):
    assert set(made.genes.strand) == {"+", "-"}
    for gene in made.genes.itertuples():
        codes, exons = made.codes[gene.chrom], simulated_variants.exons_of(gene)
        inside = [(max(start, gene.thickStart), min(end, gene.thickEnd)) for start, end in exons]
        coding = np.concatenate([codes[start:end] for start, end in inside if start < end])
        introns = [codes[end:start] for (_, end), (start, _) in itertools.pairwise(exons)]
        if gene.strand == "-":
            coding, introns = seq.reverse_complement(coding), [seq.reverse_complement(intron) for intron in introns]
        text = seq.decode(coding)
        codons = [text[place : place + 3] for place in range(0, len(text), 3)]
        stops = simulated_genes.STOPS
        assert len(text) % 3 == 0
        assert codons[0] == "ATG"
        assert codons[-1] in stops
        assert not set(codons[:-1]) & set(stops)
        assert all(seq.decode(intron[:2]) == "GT" and seq.decode(intron[-2:]) == "AG" for intron in introns)


def test_one_peak_a_bound_site_and_junk_only_in_the_blacklist(made):
    bound = made.sites[made.sites.bound == 1]
    summits = set(zip(bound.chrom, (bound.start + bound.end) // 2, strict=True))
    junk = intervals.overlaps(made.peaks, made.blacklist)
    assert len(made.peaks[~junk]) == len(bound)
    assert set(made.peaks[~junk][["chrom", "summit"]].itertuples(index=False, name=None)) == summits
    assert junk.sum() == 2 * len(made.blacklist) > 0
    assert (made.peaks.end - made.peaks.start).between(160, 300).all()


def test_variants_have_the_effect_their_class_says(made):
    table = made.variants.assign(kind=made.variants["info"].str.removeprefix("CLASS="))
    assert table.id.is_unique
    assert not table.duplicated(["chrom", "pos"]).any()
    assert set(table.kind) == set(simulated_variants.CLASSES)
    assert (table.kind == "wrong_ref").mean() < 0.01
    odds = motifs.log_odds(meme.read_meme(MEME))
    bound = made.sites[made.sites.bound == 1]
    for row in table.itertuples():
        start = row.pos - 1
        held = made.letters[row.chrom][start : start + len(row.ref)].decode().upper()
        assert (held == row.ref) is (row.kind != "wrong_ref")
        site = bound[(bound.chrom == row.chrom) & (bound.start <= start) & (bound.end > start)]
        if row.kind == "motif_breaking":
            assert _change(made, site.iloc[0], start, row.alt, odds) < -4
        elif row.kind == "motif_neutral" and len(site):
            assert abs(_change(made, site.iloc[0], start, row.alt, odds)) < 0.5
        elif row.kind in ("motif_neutral", "exon", "intron"):
            assert len(site) == 0


def _change(made, site, place, alt, odds):
    """Score of the planted motif, on its strand, after the change minus before."""
    turned = odds if site.strand == "+" else motifs.reverse(odds)
    before = made.codes[site.chrom][place]
    return turned[place - site.start, seq.LETTERS.index(alt)] - turned[place - site.start, before]


def test_default_size_gives_the_test_contig_enough():
    assert simulated_variants.TEST_CONTIG >= 60
    assert simulated_genome.contig_lengths(3_000_000, 6)["chrF"] == 400_000


def test_neutral_variants_are_of_the_same_substitutions_as_breaking_ones(made):
    """Or else the type of a substitution alone would tell the classes apart."""
    found = {
        kind: sorted(made.variants[made.variants["info"].str.contains(kind)].eval("ref + alt"))
        for kind in ("motif_breaking", "motif_neutral")
    }
    assert len(found["motif_breaking"]) > 100
    assert found["motif_breaking"] == found["motif_neutral"]
