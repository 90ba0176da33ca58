"""Optimisation writes trajectories, front and sequences, and refuses what it cannot search."""

import json

import numpy as np
import pandas as pd
import pytest

import optimise_sequence
from dnalm.errors import UsageError
from dnalm.networks import scorer
from dnalm.targets import baselines


def count_a(codes):
    """The number of A in each window: all A is the best there can be."""
    return (codes == 0).sum(1).astype(np.float32)


def test_the_script_writes_trajectories_front_and_sequences(tmp_path, monkeypatch):
    monkeypatch.setattr(scorer, "load_classifier", lambda folder, what: lambda codes: count_a(codes) - 10)
    word = np.log2(np.array([[0.97, 0.01, 0.01, 0.01]] * 2) / 0.25)
    baselines.save(tmp_path / "fitted.npz", {"pwm": {"log_odds": word}})
    options = {"length": 20, "number": 2, "population": 16, "generations": 25, "start": "random", "mutation_rate": 0.05}
    optimise_sequence.main(model=tmp_path, baselines=tmp_path / "fitted.npz", out=tmp_path / "out", **options)
    table = pd.read_csv(tmp_path / "out" / "trajectory.tsv", sep="\t")
    assert len(table) == 2 * 2 * 26
    assert set(table.search) == {"evolution", "control"}
    assert table.judge_kmer.isna().all()
    last = table[(table.search == "evolution") & (table.generation == 25)]
    first = table[(table.search == "evolution") & (table.generation == 0)]
    assert (last.best.to_numpy() > first.best.to_numpy()).all()
    assert (last.judge_pwm.to_numpy() >= first.judge_pwm.to_numpy()).all()
    front = pd.read_csv(tmp_path / "out" / "pareto.tsv", sep="\t")
    assert np.allclose(front.score, [letters.count("A") - 10 for letters in front.sequence])
    report = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert report["evolution"]["best"] > report["control"]["best"] > report["start"]["best"]
    assert report["start"]["judge_kmer"] is None
    fasta = (tmp_path / "out" / "sequences.fa").read_text().split(">")[1:]
    assert [one.split()[0] for one in fasta] == ["start_01", "best_01", "start_02", "best_02"]


def test_the_script_refuses_what_it_cannot_search(tmp_path):
    with pytest.raises(UsageError, match="--genome"):
        optimise_sequence.main(model=tmp_path, out=tmp_path / "out")
    with pytest.raises(UsageError, match="at least"):
        optimise_sequence.main(model=tmp_path, out=tmp_path / "out", start="random", population=1)
