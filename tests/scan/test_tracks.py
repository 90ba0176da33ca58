"""From window scores to bins, by hand."""

import numpy as np
import pysam
import pytest
import torch

from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.genome import fasta as genome_fasta
from dnalm.networks import predict
from dnalm.scan import peaks, tracks

NOTHING = tracks.by_window(lambda windows: np.zeros(len(windows)))


def test_track_finds_the_site_and_leaves_n_empty():
    codes = np.zeros(200, np.uint8)
    codes[50] = 2
    codes[100:] = 4

    def score(windows):
        rows = windows[0 : len(windows)]
        return np.where((rows == 2).any(1), 20.0, -20.0)

    track = tracks.track(codes, tracks.by_window(score), window=20, stride=5)
    assert len(track) == 40
    assert np.nanargmax(track) * 5 in range(45, 55)
    assert track[30] != track[30]
    assert track[0] == pytest.approx(0, abs=1e-6)


def test_a_contig_shorter_than_the_window_has_no_value():
    assert np.isnan(tracks.track(np.zeros(10, np.uint8), NOTHING, 20, 5)).all()


def test_a_region_has_the_values_of_its_contig(tmp_path):
    """Bins are the contig's; only those within a window of the region's ends see fewer windows."""
    codes = np.random.default_rng(0).integers(0, 4, 1000).astype(np.uint8)
    (tmp_path / "g.fa").write_text(f">a\n{seq.decode(codes)}\n>b\n{seq.decode(codes[:300])}\n")
    pysam.faidx(str(tmp_path / "g.fa"))
    sizes = {"a": 1000, "b": 300}

    def score(windows):
        return (windows[0 : len(windows)] == 2).mean(1)

    def along(*named):
        scanned = tracks.spans(tracks.chosen(list(named), sizes, "sizes"), sizes, 40, 10)
        said = tracks.logits(genome_fasta.open_fasta(tmp_path / "g.fa"), scanned, tracks.by_window(score), 40, 10)
        return tracks.along(scanned, said, sizes, 40, 10)

    whole, part = along("a")["a"], along("a:203-507", "a:700-1000")["a"]
    assert len(part) == len(whole) == 100
    assert np.isnan(np.r_[part[:20], part[50:70]]).all()
    assert np.array_equal(part[24:46], whole[24:46])
    assert np.array_equal(part[74:], whole[74:])
    assert list(along()) == ["a", "b"]


def test_places_to_scan_are_joined_and_strange_ones_refused():
    sizes = {"a": 1000, "b": 300}
    chosen = tracks.chosen(["b", "a:500-700", "a:100-600"], sizes, "chrom.sizes")
    assert [tuple(one) for one in chosen] == [("a", 100, 700), ("b", 0, 300)]
    within = tracks.chosen(["a:100-900", "a:200-300"], sizes, "chrom.sizes")
    assert [tuple(one) for one in within] == [("a", 100, 900)]
    with pytest.raises(InputError, match=r"chrom.sizes: scan.contigs names contig 'c', which the genome lacks"):
        tracks.chosen(["c"], sizes, "chrom.sizes")
    with pytest.raises(InputError, match=r"wanted contig:start-end .* and b has 300 bases"):
        tracks.chosen(["b:100-400"], sizes, "chrom.sizes")


@pytest.mark.parametrize("at", range(400, 415))
def test_the_summit_lies_within_a_stride_of_a_planted_site(at):
    """A site of 12 bases that a window has to hold whole, wherever it lies against the grid of windows."""
    codes, stride, window = np.zeros(1000, np.uint8), 10, 60
    codes[at : at + 12] = 2

    def score(windows):
        return np.where((windows[0 : len(windows)] == 2).sum(1) == 12, 6.0, -6.0)

    found = tracks.track(codes, tracks.by_window(score), window, stride)
    (top,) = peaks.local_maxima(np.where(found > 0.3, found, np.nan), window // stride)
    assert abs(top * stride + stride / 2 - (at + 6)) <= stride


def test_the_scan_of_the_reverse_complement_is_the_mirrored_track():
    """Through a network and the one inference loop, on a contig that the grid of windows divides."""
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Embedding(5, 8), torch.nn.Flatten(), torch.nn.Linear(40 * 8, 1))
    codes = np.random.default_rng(3).integers(0, 4, 1000).astype(np.uint8)

    def score(windows):
        return predict.predict(network, None, windows, lambda model, batch: model(batch["ids"])[:, 0], what=None)

    plus, minus = (tracks.track(one, tracks.by_window(score), 40, 10) for one in (codes, seq.reverse_complement(codes)))
    assert np.allclose(plus, minus[::-1], atol=1e-6)
    assert plus.std() > 0.01


def test_a_region_is_read_with_what_lies_beside_it(tmp_path):
    """As many bases as there are on its contig, and none of them has a bin."""
    codes = np.random.default_rng(0).integers(0, 4, 1000).astype(np.uint8)
    (tmp_path / "g.fa").write_text(f">a\n{seq.decode(codes)}\n")
    pysam.faidx(str(tmp_path / "g.fa"))
    given = []

    def read(stretch, window, stride, wanted, beside):
        given.append((len(stretch), int(wanted.sum()), beside, seq.decode(stretch[:30])))
        return np.zeros(wanted.sum())

    for region in ("a:20-300", "a:700-1000"):
        scanned = tracks.spans(tracks.chosen([region], {"a": 1000}, "sizes"), {"a": 1000}, 40, 10)
        said = tracks.logits(genome_fasta.open_fasta(tmp_path / "g.fa"), scanned, read, 40, 10, beside=30)
        found = tracks.along(scanned, said, {"a": 1000}, 40, 10)
        assert len(found["a"]) == 100
        assert np.isfinite(found["a"]).sum() == (28 if region == "a:20-300" else 30)
    assert given == [
        (330, 25, (20, 30), seq.decode(codes[:30])),
        (330, 27, (30, 0), seq.decode(codes[670:700])),
    ]
