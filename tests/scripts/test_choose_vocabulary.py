"""The choice of a vocabulary: byte pairs decide, baselines and published figures stand beside."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import choose_vocabulary
import draw_vocabulary
from dnalm.errors import InputError, UsageError

SIZES = np.array([64, 128, 256, 512, 1024, 2048])


HILL = 0.02 - 0.001 * (np.log2(SIZES) - 8.5) ** 2  # its top is at 2^8.5 = 362 tokens


def measured(kind, tokens, accuracy, n=1000):
    def part(value):
        return {"value": value, "low": value - 0.01, "high": value + 0.01}

    words = {str(k): {"accuracy": part(accuracy * f), "bits_per_base": 1.9} for k, f in ((2, 5), (6, 1))}
    split = {"n": n, "k": words}
    return {"kind": kind, "tokens": tokens, "bases_per_token": 2.0, "validation": split, "test": split}


@pytest.fixture
def files(tmp_path):
    """Metrics of six byte-pair vocabularies on the hill, one of k-mers, and two baselines."""
    reports = {f"bpe-{size}": measured("bpe", int(size), one) for size, one in zip(SIZES, HILL, strict=True)}
    reports |= {"kmer-6": measured("kmer", 4101, 0.9)}
    for name, report in reports.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(report))
    known = {name: {"validation": measured("", 0, one)["test"]} for name, one in (("majority", 0.1), ("markov-4", 0.2))}
    (tmp_path / "baselines.json").write_text(json.dumps(known))
    return {
        "metrics": [tmp_path / f"{name}.json" for name in reports],
        "names": list(reports),
        "baselines": tmp_path / "baselines.json",
        "out_table": tmp_path / "curve.tsv",
        "out_choice": tmp_path / "choice.json",
    }


def test_byte_pairs_decide_and_the_baselines_and_published_figures_stand_beside(files, tmp_path):
    choose_vocabulary.main(**files)
    choice = json.loads(files["out_choice"].read_text())
    assert choice["chosen"] in ("bpe-256", "bpe-512")  # 2^8.5 lies half-way
    assert choice["curves"]["6"]["top"] == pytest.approx(2**8.5, rel=1e-6)
    assert choice["best_markov"] == "markov-4"
    assert choice["test_accuracy"]["6"] == pytest.approx(0.02, abs=0.0003)
    assert {one["model"]: one["accuracy"] for one in choice["published"]["figures"]}["GROVER"] == 0.02
    table = pd.read_csv(files["out_table"], sep="\t")
    assert len(table) == 7 * 2 * 2
    draw_vocabulary.main(table=files["out_table"], choice=files["out_choice"], out=tmp_path / "curve.png")
    assert (tmp_path / "curve.png").stat().st_size > 5_000


def test_a_choice_that_cannot_be_made_says_why(files):
    few = files | {"metrics": files["metrics"][-3:], "names": files["names"][-3:]}
    with pytest.raises(InputError, match="got 2 sizes of byte-pair vocabulary, wanted three"):
        choose_vocabulary.main(**few)
    with pytest.raises(UsageError, match="decide_by: got 4, wanted one of 2, 6"):
        choose_vocabulary.main(**files, decide_by=4)
    Path(files["metrics"][0]).write_text(json.dumps(measured("bpe", 64, 0.01, n=5)))
    with pytest.raises(InputError, match="other sequences than for the other tokenizers"):
        choose_vocabulary.main(**files)
