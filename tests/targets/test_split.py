"""The one split of a target, and whether pretraining saw what it tests on."""

import json

import pandas as pd
import pytest
from genomes import make

from dnalm.targets import split

LETTERS = "ACGT" * 100


@pytest.fixture
def windows(tmp_path):
    splits = {"validation": ["b"], "test": ["c", "a:300-400"], "exclude": []}
    (tmp_path / "windows.json").write_text(json.dumps({"genome": "g", "splits": splits}))
    return tmp_path / "windows.json"


def genome(tmp_path, name, **splits):
    return make(tmp_path / name, dict.fromkeys("abc", LETTERS), splits)


def test_a_corpus_that_trained_on_a_test_place_makes_a_model_transductive(tmp_path, windows):
    honest = genome(tmp_path, "g", validation=["a:200-400"], test=["c"])
    assert split.describe(windows, [honest]).items() >= {"saw_test": "no", "seen": [], "genome": "g"}.items()
    honest = genome(tmp_path, "other", validation=["a"], test=["c"])
    assert split.describe(windows, [honest])["saw_test"] == "no"
    leaky = genome(tmp_path, "g", test=["c"])
    found = split.describe(windows, [honest, leaky])
    assert (found["saw_test"], found["seen"]) == ("yes", ["a:300-400"])


def test_what_nobody_says_and_another_genome_of_the_same_names_are_unknown(tmp_path, windows):
    assert split.describe(windows, None)["saw_test"] == "unknown"
    assert split.describe(windows, [])["saw_test"] == "no"  # never pretrained
    found = split.describe(windows, [genome(tmp_path, "g2", test=["a"])])
    assert (found["saw_test"], found["seen"]) == ("unknown", ["c in g2"])


@pytest.mark.parametrize("rule", ["files", "column", "clusters", "contigs and clusters"])
def test_where_sequences_without_places_come_from_nobody_says(tmp_path, rule):
    about = {"genome": None, "splits": {"validation": [], "test": [], "exclude": []}, "split_by": rule}
    (tmp_path / "windows.json").write_text(json.dumps(about))
    found = split.describe(tmp_path / "windows.json", [genome(tmp_path, "g", test=["c"])])
    assert found["saw_test"] == "unknown"
    never = split.describe(tmp_path / "windows.json", [])
    assert never["saw_test"] == "no"
    table = pd.DataFrame({"chrom": ["a", "c"], "start": [10, 5], "end": [20, 6]})
    assert split.of_places(never, "g", table).tolist() == ["unknown", "unknown"]


def test_places_of_another_genome_are_all_new(windows):
    about = split.describe(windows, [])
    table = pd.DataFrame({"chrom": ["a", "a", "b", "c"], "start": [310, 10, 5, 5], "end": [320, 20, 6, 6]})
    assert split.of_places(about, "g", table).tolist() == ["test", "train", "validation", "test"]
    assert set(split.of_places(about, "h", table)) == {"test"}
