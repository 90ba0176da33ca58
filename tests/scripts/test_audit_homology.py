"""The script writes what the library found; relatives are named, and duplicates are warned of."""

import json

import numpy as np
import pandas as pd

import audit_homology
from dnalm import files
from dnalm.dna import seq, similarity


def test_relatives_and_summary_are_written(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(similarity, "installed", lambda: False)
    rng = np.random.default_rng(0)
    train = [seq.decode(codes) for codes in rng.integers(0, 4, (6, 100)).astype(np.uint8)]
    table = pd.DataFrame({"sequence": [*train, train[2]], "label": 0, "kind": "given"})
    table = table.assign(id=[f"w{row}" for row in range(7)], split=["train"] * 5 + ["validation", "test"])
    files.write_table(tmp_path / "windows.tsv.gz", table)
    relatives, summary = tmp_path / "relatives.tsv.gz", tmp_path / "relatives.json"
    with caplog.at_level("INFO", logger="dnalm"):
        audit_homology.main(windows=tmp_path / "windows.tsv.gz", out_relatives=relatives, out_summary=summary)
    found = pd.read_csv(relatives, sep="\t", keep_default_na=False)
    assert found.to_numpy().tolist() == [["w5", "validation", 0.0, ""], ["w6", "test", 1.0, "w2"]]
    report = json.loads(summary.read_text())
    assert report["splits"]["test"]["duplicates"] == 1
    assert report["method"] == "ungapped, words of 12"
    assert "test: 1 windows are in train, too, letter by letter" in caplog.text
    assert "test: of 1 windows have a relative: 100.0% at 0.5" in caplog.text
