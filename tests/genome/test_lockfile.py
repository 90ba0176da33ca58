"""The table of what each address gave first."""

import threading

import pytest

from dnalm.errors import InputError
from dnalm.genome import lockfile

ENTRY = lockfile.Entry("a" * 64, 7)


def test_remembers(tmp_path):
    path = tmp_path / "resources/genomes.lock"
    assert lockfile.recall(path, "https://a.org/x") is None
    lockfile.record(path, "https://a.org/x", ENTRY)
    lockfile.record(path, "https://a.org/x", ENTRY)
    lockfile.record(path, "https://a.org/y", lockfile.Entry("b" * 64, 8))
    assert path.read_text().splitlines() == [
        "url\tsha256\tbytes",
        f"https://a.org/x\t{'a' * 64}\t7",
        f"https://a.org/y\t{'b' * 64}\t8",
    ]
    assert lockfile.recall(path, "https://a.org/x") == ENTRY
    with pytest.raises(InputError, match="another job got sha256 aaaa"):
        lockfile.record(path, "https://a.org/x", lockfile.Entry("b" * 64, 7))


def test_jobs_at_once_write_a_line_each(tmp_path):
    path = tmp_path / "genomes.lock"
    jobs = [threading.Thread(target=lockfile.record, args=(path, f"https://a.org/{n % 20}", ENTRY)) for n in range(60)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    lines = path.read_text().splitlines()
    assert lines[0] == "url\tsha256\tbytes"
    assert sorted(lines[1:]) == sorted(f"https://a.org/{n}\t{'a' * 64}\t7" for n in range(20))


@pytest.mark.parametrize("line", ["https://a.org/x", "x\tabc\t7", f"x\t{'a' * 64}\tseven"])
def test_a_damaged_line_is_named(tmp_path, line):
    path = tmp_path / "genomes.lock"
    path.write_text(f"{lockfile.HEADER}{line}\n")
    with pytest.raises(InputError, match=r"genomes\.lock:2: got .*remove it|genomes\.lock:2: got .*remove the line"):
        lockfile.recall(path, "https://a.org/x")


def test_an_edit_without_a_last_line_end_is_healed(tmp_path):
    path = tmp_path / "genomes.lock"
    path.write_text(f"{lockfile.HEADER}x\t{'a' * 64}\t7")
    lockfile.record(path, "y", ENTRY)
    assert lockfile.recall(path, "x") == lockfile.recall(path, "y") == ENTRY
