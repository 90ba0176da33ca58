"""Whole files: nothing half-written under its final name, checksums that see names and bytes."""

import hashlib
import json

import numpy as np
import pytest

from dnalm import files
from dnalm.errors import InputError


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


@pytest.mark.parametrize("kind", ["text", "npy", "cut", "flipped", "empty", "pickled"])
def test_an_npz_that_cannot_be_read_names_the_script_that_makes_it(tmp_path, kind):
    path, values = tmp_path / "a.npz", np.arange(1000)
    np.savez(path, values=np.array([{}]) if kind == "pickled" else values)
    whole = path.read_bytes()
    if kind == "npy":
        np.save(tmp_path / "a.npy", values)
        path.write_bytes((tmp_path / "a.npy").read_bytes())
    made = {"text": b"a\tb\n", "cut": whole[: len(whole) // 2], "empty": b""}
    made["flipped"] = whole[:200] + bytes([whole[200] ^ 255]) + whole[201:]
    path.write_bytes(made.get(kind, path.read_bytes()))
    with pytest.raises(
        InputError, match=r"a\.npz: got a file that is no \.npz, or a damaged one; make it with make\.py"
    ):
        files.read_arrays(path, "make.py", "values")


def test_the_arrays_of_an_npz_and_those_it_lacks(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, values=np.arange(3), more=np.array("x"))
    found = files.read_arrays(path, "make.py", "values")
    assert found.keys() == {"values", "more"}
    assert (found["values"] == [0, 1, 2]).all()
    with pytest.raises(InputError, match=r"a\.npz: got an \.npz without key, share; make it with make\.py"):
        files.read_arrays(path, "make.py", "values", "key", "share")
    with pytest.raises(FileNotFoundError):
        files.read_arrays(tmp_path / "b.npz", "make.py")
