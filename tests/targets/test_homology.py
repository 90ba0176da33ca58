"""A planted leak is caught, whichever method there is, and relatives are never split."""

import shutil

import numpy as np
import pandas as pd
import pytest

from dnalm.dna import diagonals, seq, similarity
from dnalm.errors import InputError
from dnalm.targets import homology

METHODS = ["ungapped, words of 12", "mmseqs2"]


def drawn(number, length=200, seed=0):
    rng = np.random.default_rng(seed)
    return [seq.decode(codes) for codes in rng.integers(0, 4, (number, length)).astype(np.uint8)]


def copy(text, identity, seed=1):
    return homology.mutated(text, identity, np.random.default_rng(seed))


def leaking():
    """Forty training windows; in test a mutated one, a reversed copy and a stranger, in validation a stranger."""
    train = drawn(40)
    held = [copy(train[3], 0.9), homology.reverse(train[7]), *drawn(2, seed=5)]
    table = pd.DataFrame({"sequence": train + held, "label": 1, "kind": "positive", "split": "train"})
    table["id"] = [f"w{number}" for number in range(44)]
    table.loc[40:, "split"] = ["test", "test", "test", "validation"]
    table.loc[42, "kind"] = "random"
    return table


@pytest.mark.parametrize("method", METHODS)
def test_a_planted_leak_is_caught(method, monkeypatch):
    if method == "mmseqs2" and shutil.which("mmseqs") is None:
        pytest.skip("MMseqs2 is not installed: apt or conda has it")
    monkeypatch.setattr(similarity, "installed", lambda: method == "mmseqs2")
    relatives, report = homology.audit(leaking())
    assert relatives.relative.tolist() == ["w3", "w7", "", ""]
    assert relatives.identity.to_numpy() == pytest.approx([0.9, 1, 0, 0], abs=0.011)
    assert relatives.split.tolist() == ["test", "test", "test", "validation"]
    test = report["splits"]["test"]
    assert (test["windows"], test["duplicates"]) == (3, 1)
    assert test["relatives"] == pytest.approx({"0.5": 2 / 3, "0.8": 2 / 3, "0.95": 1 / 3})
    assert test["kinds"]["random"] == {"windows": 1, "duplicates": 0, "relatives": {"0.5": 0, "0.8": 0, "0.95": 0}}
    assert report["splits"]["validation"]["relatives"]["0.5"] == 0
    assert report["method"].startswith(method)
    assert report["seen"]["0.95"] == 1
    assert report["seen"]["0.5"] < 0.1 < 0.9 < report["seen"]["0.8"]


def test_an_audit_wants_training_and_held_out_windows():
    table = leaking()
    with pytest.raises(InputError, match="got 40 training and 0 held-out windows"):
        homology.audit(table[table.split == "train"])


def test_mutations_leave_the_identity_that_was_asked_for():
    text = f"NN{drawn(1)[0]}"
    other = copy(text, 0.8)
    assert sum(one != two for one, two in zip(text, other, strict=True)) == 40
    assert other.startswith("NN")


def test_relatives_go_to_one_split_strand_and_order_aside():
    families = drawn(60)
    sequences = [
        *families,
        *(copy(text, 0.9, seed) for seed, text in enumerate(families)),
        *map(homology.reverse, families),
    ]
    splits = homology.split_clusters(pd.Series(sequences, index=range(7, 187)))
    assert splits.index.tolist() == list(range(7, 187))
    for family in range(60):
        assert splits.iloc[family::60].nunique() == 1
    order = np.random.default_rng(0).permutation(180)
    shuffled = homology.split_clusters([homology.reverse(sequences[one]) for one in order])
    assert shuffled.tolist() == splits.iloc[order].tolist()
    assert 120 < (splits == "train").sum() < 168
    assert set(splits) == {"train", "validation", "test"}
    assert homology.split_clusters(sequences, seed=1).tolist() != splits.tolist()


def test_no_pair_that_is_as_close_is_apart():
    rng = np.random.default_rng(3)
    sequences = drawn(20)
    for _ in range(200):  # chains, each the copy of one before
        sequences.append(homology.mutated(sequences[rng.integers(len(sequences))], 0.9, rng))
    splits = homology.split_clusters(sequences).to_numpy()
    found = diagonals.search(sequences, sequences)
    close = found[found.identity >= 0.8]
    assert len(close) > 600
    assert (splits[close["query"]] == splits[close.target]).all()


def test_splits_by_another_search_keep_what_it_links_together():
    def all_of_them(queries, targets):
        return similarity.pairs([0] * len(targets), range(len(targets)), [1] * len(targets))

    assert homology.split_clusters(drawn(30), search=all_of_them).nunique() == 1
    assert homology.split_clusters(drawn(30)).nunique() > 1


def test_no_sequences_have_no_splits():
    assert len(homology.split_clusters([])) == 0
