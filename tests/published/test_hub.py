"""A checkpoint fetched from a hub: from a loopback server that serves it as the hub does."""

import hashlib

import pytest

from dnalm.errors import InputError
from dnalm.published import folder as published
from dnalm.published import hub, weights

REVISION = "0123456789abcdef" * 2 + "01234567"
FILES = {
    "config.json": b'{"model_type": "bert"}',
    "model.safetensors": b"\x08\0\0\0\0\0\0\0{}      ",
    "vocab.txt": b"[PAD]\nA\n",
}
PICKLE = b"PK\x03\x04 as torch writes them"


@pytest.fixture
def fetch(server, tmp_path):
    def run(files, fault="fine", **options):
        server.files = files
        folder, endpoint = tmp_path / "model", f"{server.url}/{fault}"
        return hub.fetch("owner/name", REVISION, folder, lock=tmp_path / "models.lock", endpoint=endpoint, **options)

    return run


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def test_what_is_there_is_fetched_and_recorded(fetch, tmp_path, server):
    assert fetch(FILES) == {name: sha256(content) for name, content in FILES.items()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()} == FILES
    lines = (tmp_path / "models.lock").read_text().splitlines()
    assert f"{server.url}/fine/owner/name/resolve/{REVISION}/vocab.txt\t{sha256(FILES['vocab.txt'])}\t8" in lines


def test_what_came_already_is_not_fetched_again(fetch, server, tmp_path):
    fetch(FILES)
    before, missing = server.asked["fine"], len(published.TOKENIZER_FILES) - 1
    fetch(FILES)
    assert server.asked["fine"] - before == missing  # asked for once more, in case they are there now
    (tmp_path / "model/vocab.txt").write_bytes(b"[PAD]\nC\n")
    fetch(FILES)
    assert server.asked["fine"] - before == 2 * missing + 1
    assert (tmp_path / "model/vocab.txt").read_bytes() == FILES["vocab.txt"]


def test_another_file_at_the_same_revision_is_refused(fetch, tmp_path):
    fetch(FILES)
    (tmp_path / "model/vocab.txt").unlink()
    with pytest.raises(InputError, match=r"vocab\.txt: its sha256 is .* it has changed since"):
        fetch(FILES | {"vocab.txt": b"[PAD]\nC\n"})


def test_shards_are_fetched_by_their_index(fetch):
    shards = {"a.safetensors": b"1", "b.safetensors": b"2"}
    index = b'{"weight_map": {"x": "a.safetensors", "y": "b.safetensors", "z": "a.safetensors"}}'
    files = {"config.json": b"{}", weights.INDEX: index, **shards}
    assert set(fetch(files)) == set(files)


def test_an_index_does_not_lead_out_of_its_folder(fetch):
    index = b'{"weight_map": {"x": "../../a.safetensors"}}'
    with pytest.raises(InputError, match=r"wanted names of \.safetensors files"):
        fetch({"config.json": b"{}", weights.INDEX: index})


def test_a_pickle_is_fetched_only_where_it_is_allowed(fetch, tmp_path):
    files = {"config.json": b"{}", "pytorch_model.bin": PICKLE}
    with pytest.raises(InputError, match=rf"owner/name at {REVISION}: got no model\.safetensors, wanted weights"):
        fetch(files)
    assert not (tmp_path / "model/pytorch_model.bin").exists()
    assert set(fetch(files, allow_pickle=True, sha256=sha256(PICKLE))) == set(files)
    assert (tmp_path / "model/pytorch_model.bin").read_bytes() == PICKLE  # a zip, and left one
    with pytest.raises(InputError, match=rf"got sha256 {sha256(PICKLE)}, wanted {'0' * 64}"):
        fetch(files, allow_pickle=True, sha256="0" * 64)


def test_safetensors_of_another_checksum_are_refused(fetch, tmp_path):
    with pytest.raises(InputError, match=rf"model\.safetensors: got sha256 .*, wanted {'0' * 64}"):
        fetch(FILES, sha256="0" * 64)
    assert not (tmp_path / "model/model.safetensors").exists()


def test_a_revision_that_is_not_there(fetch):
    with pytest.raises(InputError, match=r"config\.json: HTTP 404 Not Found; check the address in the preset"):
        fetch({"other": b""})


def test_an_interruption_is_resumed(fetch, tmp_path):
    assert set(fetch(FILES, fault="once")) == set(FILES)
    assert (tmp_path / "model/vocab.txt").read_bytes() == FILES["vocab.txt"]
