"""The table of requests, from a dry run's text and benchmark files; what is asked too much or too little."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "bench"))

import compare_requests  # noqa: E402

PRINTED = """
rule scan_genome:
    input: a
    benchmark: benchmarks/results/a/scan_genome.tsv
    resources: tmpdir=/tmp, runtime=30, gpu=0, mem_mb=4000, mem=4 GB, mem_mib=3815

localrule draw_scan:
    benchmark: benchmarks/results/a/draw_scan.tsv
    resources: tmpdir=/tmp, runtime=5, mem_mb=1000, mem=1 GB, mem_mib=954

rule later:
    benchmark: benchmarks/results/a/later.tsv
    resources: tmpdir=/tmp, runtime=<TBD>, mem_mb=<TBD>
"""
ASKED = {
    "benchmarks/results/a/scan_genome.tsv": ("scan_genome", 4000.0, 30.0),
    "benchmarks/results/a/draw_scan.tsv": ("draw_scan", 1000.0, 5.0),
}


@pytest.fixture(autouse=True)
def script_alone(monkeypatch):
    """What the Snakemakes of a Slurm job hold is left out, but in the test of that."""
    monkeypatch.setattr(compare_requests, "SNAKEMAKE", 0)


def measured(folder, memory, seconds):
    """Rows of the two jobs; the first used so much, the second next to nothing."""
    (folder / "benchmarks/results/a").mkdir(parents=True, exist_ok=True)
    for name, row in (("scan_genome", (seconds, memory)), ("draw_scan", (2.0, 100.0))):
        text = "s\th:m:s\tmax_rss\tmax_vms\n{}\t0:00:01\t{}\t9\n".format(*row)
        (folder / f"benchmarks/results/a/{name}.tsv").write_text(text)
    return compare_requests.compared(ASKED, folder)


def test_requests_are_read_off_a_dry_run():
    assert compare_requests.parsed(PRINTED) == ASKED


def test_the_kernels_count_of_memory_counts_where_it_is_higher(tmp_path):
    """Snakemake does not see the peak of a job of seconds."""
    (tmp_path / "results/a").mkdir(parents=True)
    card = '{"command": "python a.py --log logs/results/a/scan_genome.log", "peak_memory_mb": 3333}'
    (tmp_path / "results/a/scan.bw.card.json").write_text(card)
    assert [row.used[0] for row in measured(tmp_path, 400.0, 9.0)] == [3333, 100]
    assert [row.used[0] for row in measured(tmp_path, 4400.0, 9.0)] == [4400, 100]


def test_a_job_of_slurm_holds_two_snakemakes_besides(tmp_path, monkeypatch):
    monkeypatch.setattr(compare_requests, "SNAKEMAKE", 350)
    assert [row.used[0] for row in measured(tmp_path, 400.0, 9.0)] == [750, 450]


def test_jobs_that_did_not_run_are_left_out(tmp_path):
    assert compare_requests.compared(ASKED, tmp_path) == []


def test_near_requests_pass_and_the_page_tells_both(tmp_path):
    rows = measured(tmp_path, memory=3000.0, seconds=20 * 60)
    assert compare_requests.faults(rows) == []
    page = compare_requests.page(rows, ["config/tiny.yaml"])
    assert "| scan_genome | 1 | 3,000 | 4,000 | 1.33 | 20.0 | 30 | 1.50 |" in page
    assert "| draw_scan | 1 | 100 | 1,000 | floor | 0.0 | 5 | floor |" in page
    assert "memory 1.33, time 1.50 times" in page


@pytest.mark.parametrize(
    "memory, seconds, line",
    [
        (1900.0, 1200.0, "memory: 2.1 times too much"), (3000.0, 600.0, "time: 3.0 times too much"),
        (4100.0, 1200.0, "less than was used"), (3000.0, 1900.0, "less than was used"),
    ],
)  # fmt: skip
def test_requests_too_large_and_too_small_are_told(tmp_path, monkeypatch, capsys, memory, seconds, line):
    rows = measured(tmp_path, memory, seconds)
    assert [line in one for one in compare_requests.faults(rows)] == [True]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(compare_requests, "requests", lambda config: ASKED)
    monkeypatch.setattr(sys, "argv", ["compare_requests.py"])
    with pytest.raises(SystemExit) as end:
        compare_requests.main()
    assert end.value.code == 1
    assert line in capsys.readouterr().out


def test_without_a_run_one_line_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(compare_requests, "requests", lambda config: ASKED)
    with pytest.raises(SystemExit, match="run `snakemake` with the same configuration first"):
        compare_requests.main()
