"""The constraint scripts on a genome in miniature: files that hold what they say, errors in one line, a figure."""

import json
import shutil

import numpy as np
import pytest
from genomes import make, random_codes
from language_models import byte_pairs, mixtral

import draw_constraint
import score_constraint
import track_constraint
from dnalm.dna import bigwig, seq
from dnalm.errors import InputError, UsageError
from dnalm.networks import models
from dnalm.tokens import making

SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "kernel_size": 5}
NAMES = ("log_probability", "entropy", "llr")


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    one = seq.decode(random_codes(0, 6000))
    letters = {"one": one[:3000] + "N" * 100 + one[3100:], "two": seq.decode(random_codes(1, 2500)), "tiny": "ACGTAC"}
    letters["out"] = seq.decode(random_codes(2, 2500))
    return make(tmp_path_factory.mktemp("genome") / "g", letters, {"test": ["two"], "exclude": ["out"]})


@pytest.fixture(scope="module")
def masked(tmp_path_factory):
    folder, tokenizer = tmp_path_factory.mktemp("model"), making.train("char")
    network = models.build("mlm", "dilated_conv", SIZES, tokenizer, 130, seed=0)
    models.save(network, tokenizer, folder / "m", "card")
    return folder / "m"


def outputs(folder):
    return {f"out_{name}": folder / f"{name}.bw" for name in NAMES}


def tracked(genome, model, folder, **more):
    track_constraint.main(genome=genome, model=model, **outputs(folder), **more)
    found = {}
    for name in NAMES:
        with bigwig.reading(folder / f"{name}.bw") as signal:
            found[name] = {contig: bigwig.read(signal, contig, 1) for contig in signal.chroms()}
    return found


@pytest.fixture(scope="module")
def made(genome, masked, tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    return folder, tracked(genome, masked, folder, window=120, margin=20)


def test_every_base_but_n_and_tiny_contigs_has_three_values(made):
    _, found = made
    for name in NAMES:
        assert np.flatnonzero(np.isnan(found[name]["one"])).tolist() == list(range(3000, 3100))
        assert np.isfinite(found[name]["two"]).all()
        assert np.isnan(found[name]["tiny"]).all()
    assert (found["log_probability"]["two"] < 0).all()
    assert (found["entropy"]["two"] <= np.log(4) + 1e-6).all()
    assert not list(made[0].glob(".*")), "nothing is left behind"


def test_made_again_it_is_the_same(genome, masked, made, tmp_path):
    again = tracked(genome, masked, tmp_path, window=120, margin=20)
    for name in NAMES:
        assert np.array_equal(again[name]["one"], made[1][name]["one"], equal_nan=True)


def test_a_causal_model_of_byte_pairs_has_a_track_too(genome, tmp_path):
    tokenizer = byte_pairs()
    models.save(mixtral(tokenizer), tokenizer, tmp_path / "m", "card")
    found = tracked(genome, tmp_path / "m", tmp_path)
    assert np.isfinite(found["llr"]["two"]).all()


GTF = "".join(
    f'{contig}\ts\t{kind}\t{start + 1}\t{end}\t.\t+\t.\ttranscript_id "{contig}{number}";\n'
    for contig, size in (("one", 6000), ("two", 2500), ("out", 2500))
    for number, at in enumerate(range(100, size - 400, 400))
    if contig != "one" or not 2500 < at < 3200
    for kind, start, end in (("exon", at, at + 60), ("exon", at + 100, at + 150), ("CDS", at + 10, at + 60))
)


def test_scorecard_and_figure(genome, made, tmp_path):
    (tmp_path / "genes.gtf").write_text(GTF)
    paths = {name: made[0] / f"{name}.bw" for name in NAMES}
    card = tmp_path / "card.json"
    score_constraint.main(**paths, genome=genome, genes=tmp_path / "genes.gtf", trained_on=["g"], out=card)
    found = json.loads(card.read_text())
    assert found["seen"] is True
    assert found["left_out"]["of"] == 18 * 6  # two exons, two splice sites, coding part and start codon; none of "out"
    assert set(found["parts"]) == {"exon", "splice site"}  # of CDS and start codons there are fewer than twenty
    assert 0 < found["parts"]["exon"]["auroc"]["chain_5"]["value"] < 1
    assert found["held_out"] == {}  # the test contig has twelve of each
    assert found["profile"]["codons"] > 5
    again = tmp_path / "again.json"
    score_constraint.main(**paths, genome=genome, genes=tmp_path / "genes.gtf", trained_on=["g"], out=again)
    assert card.read_bytes() == again.read_bytes()
    for genes, about in ((tmp_path / "genes.gtf", card), (None, tmp_path / "none.json")):
        if genes is None:
            score_constraint.main(**paths, genome=genome, out=about)
            nothing = json.loads(about.read_text())
            assert (nothing["reason"], nothing["seen"], nothing["parts"]) == ("no genes are given", None, {})
        figure = tmp_path / f"{about.stem}.png"
        shown = {name: paths[name] for name in ("log_probability", "entropy")}
        draw_constraint.main(**shown, scorecard=about, genome=genome, genes=genes, out=figure)
        assert figure.stat().st_size > 10_000


def with_splits(genome, folder, splits):
    """The same genome with other splits."""
    shutil.copytree(genome, folder)
    about = json.loads((folder / "genome.json").read_text())
    (folder / "genome.json").write_text(json.dumps(about | {"splits": splits}))
    return folder


def test_what_is_excluded_or_in_no_split_is_not_held_out(genome, made, tmp_path, monkeypatch):
    """Of contig "one", the first half is for nothing: 7 of its 13 genes lie there, and none of "two" is left."""
    (tmp_path / "genes.gtf").write_text(GTF)
    paths, asked = {name: made[0] / f"{name}.bw" for name in NAMES}, []
    splits = {"exclude": ["one:0-3000", "two", "out"], "test": ["one:4500-6000"]}
    monkeypatch.setattr(score_constraint.scorecard, "assess", lambda table, seed: asked.append(table) or {})
    genome = with_splits(genome, tmp_path / "g", splits)
    score_constraint.main(**paths, genome=genome, genes=tmp_path / "genes.gtf", out=tmp_path / "card.json")
    scored, held_out = asked
    assert set(scored.chrom) == {"one"}
    assert scored.start.min() >= 3000
    assert 0 < len(held_out) < len(scored)
    assert held_out.start.min() >= 4500
    assert (scored.label.mean(), held_out.label.mean()) == (0.5, 0.5)


@pytest.mark.parametrize("of_another", [False, True])
def test_where_no_gene_lies_on_what_is_scored_the_card_and_its_figure_say_so(genome, made, tmp_path, of_another):
    """All genes are on excluded contigs; on a part of a genome, on those or on contigs that were cut away."""
    text = GTF.replace("one\t", "chrI\t").replace("two\t", "chrI\t") if of_another else GTF
    genome = genome if of_another else with_splits(genome, tmp_path / "g", {"exclude": ["one", "two", "out"]})
    (tmp_path / "genes.gtf").write_text(text)
    paths, card = {name: made[0] / f"{name}.bw" for name in NAMES}, tmp_path / "card.json"
    told = {"genome": genome, "genes": tmp_path / "genes.gtf", "max_outside": 1}
    score_constraint.main(**paths, **told, out=card)
    found = json.loads(card.read_text())
    assert (found["reason"], found["parts"], found["held_out"]) == ("no gene lies on what is scored", {}, {})
    shown = {name: paths[name] for name in ("log_probability", "entropy")}
    draw_constraint.main(**shown, **told, scorecard=card, out=tmp_path / "card.png")
    assert (tmp_path / "card.png").stat().st_size > 10_000


def test_genes_of_another_assembly_are_refused(genome, made, tmp_path):
    (tmp_path / "genes.gtf").write_text(GTF.replace("one\t", "chrI\t").replace("two\t", "chrII\t"))
    paths = {name: made[0] / f"{name}.bw" for name in NAMES}
    with pytest.raises(InputError, match="chrI"):
        score_constraint.main(**paths, genome=genome, genes=tmp_path / "genes.gtf", out=tmp_path / "card.json")


def test_windows_without_a_middle_and_genomes_of_crumbs_are_refused(genome, masked, tmp_path):
    with pytest.raises(UsageError, match="--window 50 --margin 25 --passes 7: wanted two margins shorter than the win"):
        tracked(genome, masked, tmp_path, window=50, margin=25)
    crumbs = make(tmp_path / "crumbs", {"a": "ACGT" * 5, "b": "ACGT" * 4})
    with pytest.raises(InputError, match="no contig has 40 bases, two margins; give a smaller --margin"):
        tracked(crumbs, masked, tmp_path, window=100, margin=20)


def test_where_the_long_contigs_are_n_there_is_no_track(masked, tmp_path):
    nothing = make(tmp_path / "n", {"a": "N" * 500, "b": "ACGT"})
    with pytest.raises(InputError, match="no bin has a value"):
        tracked(nothing, masked, tmp_path, window=100)


def test_a_causal_model_of_overlapping_words_is_refused(genome, tmp_path):
    tokenizer = making.train("kmer", k=3, overlapping=True)
    models.save(mixtral(tokenizer), tokenizer, tmp_path / "m", "card")
    with pytest.raises(UsageError, match="has seen each base in the word before it"):
        tracked(genome, tmp_path / "m", tmp_path)
