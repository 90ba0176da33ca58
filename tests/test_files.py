"""Whole files: nothing half-written under its final name, checksums that see names and bytes."""

import hashlib
import json

import numpy as np
import pytest

from dnalm import files


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "deep/result.tsv"
    with files.whole(path) as beside:
        assert beside.suffix == ".tsv"
        assert not path.exists()
        beside.write_text("old")

    def fail():
        with files.whole(path) as beside:
            beside.write_text("half")
            raise RuntimeError("disk full")

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert [entry.name for entry in path.parent.iterdir()] == ["result.tsv"]


def test_a_folder_is_replaced_whole(tmp_path):
    for content in ("one", "two"):
        with files.whole(tmp_path / "model") as beside:
            beside.mkdir()
            (beside / content).write_text(content)
    assert [entry.name for entry in (tmp_path / "model").iterdir()] == ["two"]


def test_checksums(tmp_path):
    (tmp_path / "a").write_bytes(b"ACGT" * 1_000_000)
    assert files.sha256(tmp_path / "a") == hashlib.sha256(b"ACGT" * 1_000_000).hexdigest()
    before = files.sha256(tmp_path)
    (tmp_path / "card.json").write_text("the time of day")
    assert files.sha256(tmp_path) == before
    (tmp_path / "a").rename(tmp_path / "b")
    assert files.sha256(tmp_path) != before


def test_json_is_plain_and_has_no_nan(tmp_path):
    files.write_json(tmp_path / "x.json", {"n": np.int64(3), "path": tmp_path})
    assert json.loads((tmp_path / "x.json").read_text()) == {"n": 3, "path": str(tmp_path)}
    with pytest.raises(ValueError, match="not JSON compliant"):
        files.write_json(tmp_path / "x.json", {"auroc": float("nan")})
    assert json.loads((tmp_path / "x.json").read_text())["n"] == 3


def test_names_that_may_become_paths():
    assert all(map(files.NAME.match, ("hg38", "S288C_R64", "bpe-4096.v2")))
    assert not any(map(files.NAME.match, ("", ".hidden", "-flag", "a/b", "a b", "ä")))
