"""Maps of token and window embeddings of a tiny model."""

import json

import numpy as np
import pandas as pd
import pytest

import map_embeddings
from dnalm.dna import seq
from dnalm.genome import index as genome_index
from dnalm.networks import models
from dnalm.tokens import kinds


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
