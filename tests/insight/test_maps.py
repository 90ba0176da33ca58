"""Maps and mutagenesis, by hand; and both scripts on a tiny model."""

import json

import numpy as np
import pandas as pd
import pytest

import attribute_windows
import map_embeddings
from dnalm.dna import edits, seq
from dnalm.errors import InputError
from dnalm.genome import index as genome_index
from dnalm.insight import maps, mutagenesis
from dnalm.metrics import correlation
from dnalm.networks import models, predict
from dnalm.tokens import kinds


def test_principal_components_of_a_line():
    line = np.outer([-1.0, 0, 1, 4], [3, 4])  # along (3, 4), five long a step, mean at 1
    coordinates, share = maps.principal_components(line, 3)
    assert coordinates[:, 0] == pytest.approx([-10, -5, 0, 15])
    assert np.isnan(coordinates[:, 1:]).all()
    assert share[0] == 1
    flipped, _ = maps.principal_components(-line, 1)
    assert flipped[3, 0] == pytest.approx(15)  # the sign is chosen, not found
    assert np.isnan(maps.principal_components(np.ones((3, 2)), 2)[0]).all()


def test_token_table_by_hand():
    words = {5: seq.encode("A"), 9: seq.encode("N"), 10: seq.encode("ACG"), 11: seq.encode("GGCC")}
    table = maps.token_table(words, np.array([0] * 5 + [6, 0, 0, 0, 4, 2, 0]))
    assert table.token.tolist() == ["A", "ACG", "GGCC"]
    assert table.frequency.tolist() == [0.75, 0.25, 0]
    assert table.gc.tolist() == pytest.approx([0, 2 / 3, 1])
    assert table.ag.tolist() == pytest.approx([1, 2 / 3, 0.5])


def test_correlations_are_null_where_undefined():
    axes = pd.DataFrame({"pc1": np.arange(12.0), "pc2": np.nan})
    answer = correlation.correlations(axes, {"gc": -np.arange(12.0), "flat": np.ones(12)})
    assert answer["pc1"]["gc"] == pytest.approx(-1)
    assert answer["pc1"]["flat"] is None
    assert answer["pc2"]["gc"] is None
    assert correlation.correlations(axes[:5], {"gc": np.arange(5.0)})["pc1"]["gc"] is None


def test_cosine_distances():
    one, other = np.array([[1.0, 0], [1, 0], [0, 0]]), np.array([[2.0, 0], [0, 3], [1, 1]])
    assert maps.cosine_distances(one, other).tolist() == pytest.approx([0, 1, np.nan], nan_ok=True)


def test_mutants_are_all_single_substitutions_once():
    codes = seq.encode("GAT")
    changed = edits.mutants(codes)
    texts = [seq.decode(row) for row in changed]
    assert texts == ["AAT", "CAT", "TAT", "GCT", "GGT", "GTT", "GAA", "GAC", "GAG"]


def test_mutagenesis_of_an_additive_score_gives_back_its_weights():
    weights = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    windows = np.random.default_rng(1).integers(0, 4, (3, 6)).astype(np.uint8)

    def score(codes):
        return weights[np.arange(6), codes].sum(1)

    changes, reference = mutagenesis.mutate_all(score, windows)
    expected = weights[None] - weights[np.arange(6), windows][..., None]
    assert changes == pytest.approx(expected, abs=1e-5)
    assert reference == pytest.approx(score(windows))


def windows_file(folder):
    rng = np.random.default_rng(0)
    texts = [seq.decode(rng.integers(0, 4, 12).astype(np.uint8)) for _ in range(6)]
    texts[0] = "AAAAAAAAAAAA"
    texts[1] = "AAAAAANAAAAA"
    rows = {
        "id": [f"w{one}" for one in range(6)],
        "chrom": "chr1",
        "start": np.arange(6) * 12,
        "end": np.arange(6) * 12 + 12,
        "label": [1, 1, 1, 0, 1, 1],
        "kind": "positive",
        "split": ["test"] * 5 + ["train"],
        "sequence": texts,
    }
    pd.DataFrame(rows).to_csv(folder / "windows.tsv.gz", sep="\t", index=False)
    return folder / "windows.tsv.gz"


def test_the_highest_scoring_positive_windows_of_the_split_are_attributed(tmp_path, monkeypatch):
    monkeypatch.setattr(predict, "load_classifier", lambda folder, what="": lambda codes: (codes == 0).sum(1) * 1.0)
    out = tmp_path / "attributions.npz"
    attribute_windows.main(model=tmp_path, windows=windows_file(tmp_path), out=out, number=2)
    with np.load(out, allow_pickle=False) as arrays:
        assert arrays["ids"][0] == "w0"
        assert set(arrays["ids"]) <= {"w0", "w2", "w4"}
        assert arrays["attributions"].shape == (2, 12, 4)
        assert (arrays["attributions"][0] == [0, -1, -1, -1]).all()
        assert arrays["scores"][0] == 12
        assert (arrays["chrom"][0], arrays["start"][0], arrays["end"][0]) == ("chr1", 0, 12)
    with pytest.raises(InputError, match="validation"):
        attribute_windows.main(model=tmp_path, windows=tmp_path / "windows.tsv.gz", out=out, split="validation")


@pytest.mark.parametrize("kind", ["bpe", "char"])
def test_embeddings_are_mapped(tmp_path, kind):
    rng = np.random.default_rng(0)
    letters = [seq.decode(rng.integers(0, 4, 400).astype(np.uint8)) for _ in range(4)]
    fasta = tmp_path / "g.fa"
    fasta.write_text("".join(f">c{number}\n{one}\n" for number, one in enumerate(letters)))
    genome_index.index(fasta, tmp_path / "g", name="g", source="toy")
    tok = kinds.train(kind, map(seq.encode, letters), vocab_size=30, k=1)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1}
    models.save(models.build("mlm", "dilated_conv", sizes, tok, 128, 0), tok, tmp_path / "m", "")
    outs = {name: tmp_path / name for name in ("out_tokens", "out_windows", "out_summary")}
    map_embeddings.main(model=tmp_path / "m", genome=tmp_path / "g", windows=20, window=50, **outs)
    tokens, windows = (pd.read_csv(outs[name], sep="\t") for name in ("out_tokens", "out_windows"))
    assert tokens.frequency.sum() == pytest.approx(1, abs=1e-5)
    assert len(tokens) == {"bpe": 24, "char": 4}[kind]  # 30 less five special tokens and N
    assert list(windows)[:7] == ["chrom", "start", "end", "repeats", "gc", "strand_difference", "pc1"]
    assert len(windows) == 20
    assert windows.strand_difference.between(0, 2).all()
    report = json.loads(outs["out_summary"].read_text())
    assert report["windows"]["difference_between_windows"] > 0
    assert (report["tokens"]["correlations"]["pc1"]["gc"] is None) == (kind == "char")
