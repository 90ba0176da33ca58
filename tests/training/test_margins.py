"""Windows with the bases beside them: which, and in which steps."""

import numpy as np
import pandas as pd
import pysam
import pytest

from dnalm.dna import seq
from dnalm.networks import flanks, models, registry
from dnalm.networks.flanks import NOTHING
from dnalm.tokens import making
from dnalm.training import batches, margins


@pytest.fixture(scope="module")
def tok():
    return making.train("char", [], vocab_size=0, k=1)


def test_windows_get_the_bases_of_their_place(tmp_path):
    """Nothing beyond a contig's end, nor beside a window that is not there: shuffled, or of another genome."""
    codes = np.random.default_rng(0).integers(0, 4, 100).astype(np.uint8)
    (tmp_path / "g.fa").write_text(f">a\n{seq.decode(codes)}\n")
    pysam.faidx(str(tmp_path / "g.fa"))
    rows = [("a", 40), ("a", 2), ("a", 90), (".", 0), ("b", 40), ("a", 50), ("a", 95)]
    table = pd.DataFrame(rows, columns=["chrom", "start"])
    own = np.array([codes[40:50], codes[2:12], codes[90:], *[codes[40:50]] * 4])
    own[5] = codes[51:61]
    with pysam.FastaFile(str(tmp_path / "g.fa")) as fasta:
        found = margins.beside(own, table, fasta, 5)
    assert found.shape == (7, 20)
    assert np.array_equal(found[:, 5:15], own)
    assert np.array_equal(found[0], codes[35:55])
    assert np.array_equal(found[1], np.r_[[NOTHING] * 3, codes[:17]])
    assert np.array_equal(found[2], np.r_[codes[85:], [NOTHING] * 5])
    assert (found[3:, :5] == NOTHING).all()
    assert (found[3:, 15:] == NOTHING).all()


def test_the_other_strand_keeps_nothing():
    codes = np.array([[NOTHING, 0, 1, 4, 3]], np.uint8)
    assert flanks.turned(codes).tolist() == [[0, 4, 2, 3, NOTHING]]
    assert np.array_equal(flanks.turned(flanks.turned(codes)), codes)


def test_a_share_of_the_steps_reads_what_is_beside(tok):
    """The others are the batches of windows by themselves, and rows are those of the whole batch."""
    rng = np.random.default_rng(1)
    codes, labels = rng.integers(0, 4, (30, 20)).astype(np.uint8), np.arange(30) % 2
    codes[3, :5] = NOTHING
    steps = range(200)
    each = [margins.batch(codes, labels, tok, step, 8, 0, margin=5, share=0.25) for step in steps]
    flanked = [step for step in steps if "inside" in each[step]]
    assert 30 < len(flanked) < 70
    for step in (step for step in steps if step not in flanked):
        alone = batches.labelled_batch(codes[:, 5:15], labels, tok, step, 8, 0)
        assert all(np.array_equal(each[step][name], alone[name]) for name in alone)
    one = each[flanked[0]]
    assert one["ids"].shape == one["mask"].shape == (8, 20)
    assert np.array_equal(np.flatnonzero(one["inside"][0]), np.arange(5, 15))
    part = margins.batch(codes, labels, tok, flanked[0], 8, 0, slice(2, 5), margin=5, share=0.25)
    assert all(np.array_equal(part[name], one[name][2:5]) for name in one)
    assert not any("inside" in margins.batch(codes, labels, tok, step, 8, 0, margin=5, share=0.0) for step in steps)


def test_half_of_the_windows_are_read_on_the_other_strand(tok):
    codes, labels = np.zeros((4, 20), np.uint8), np.arange(4) % 2
    ids = [margins.batch(codes, labels, tok, step, 8, 0, margin=5, share=1.0)["ids"] for step in range(50)]
    a = np.mean([(one == tok.convert_tokens_to_ids("A")).all(1) for one in ids])
    t = np.mean([(one == tok.convert_tokens_to_ids("T")).all(1) for one in ids])
    assert a + t == 1
    assert 0.4 < a < 0.6
    one = margins.batch(codes, labels, tok, 0, 8, 0, margin=5, share=1.0, both_strands=False)
    assert (one["ids"] == tok.convert_tokens_to_ids("A")).all()


def test_the_reach_is_that_of_convolutions_on_single_bases(tok):
    network = models.unpretrained("dilated_conv", {"hidden_size": 8, "num_hidden_layers": 3}, tok, 64, 0)
    assert registry.reach(network.backbone.config, tok) == 28
    assert margins.margin(network.backbone.config, tok, 20) == 20
    assert registry.reach(network.backbone.config, making.train("kmer", [], vocab_size=0, k=3)) == 0
    bert = models.configure("bert", {"hidden_size": 8, "num_attention_heads": 2}, tok, 64)
    assert margins.margin(bert, tok, 200) == 0
