"""The windows that are attributed are the highest-scoring positive ones."""

import numpy as np
import pandas as pd
import pytest

import attribute_windows
from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.networks import scorer


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
    score = lambda codes: (codes == 0).sum(-1) * 1.0  # noqa: E731
    change = lambda codes, mutants: score(mutants) - score(codes)  # noqa: E731
    monkeypatch.setattr(scorer, "load_with_changes", lambda folder: (score, change))
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
