"""The tiny graph on a real Slurm through the profile as it ships: to the end, with what a run without Slurm makes."""

import gzip
import shutil
from pathlib import Path

from one_node import Run
from project import TINY, snakemake, tiny_results

COMPARED = (".tsv", ".tsv.gz", ".narrowPeak.gz", ".bed.gz", ".json", ".vcf.gz", ".fa", ".bw", ".safetensors")
TIMED = ("card.json", "speed.tsv", "history.tsv")  # they hold seconds, dates and machines


def content(path):
    """A result's bytes: unpacked, and a VCF without its header, which holds a date."""
    held = path.read_bytes()
    held = gzip.decompress(held) if path.suffix == ".gz" else held
    return [line for line in held.split(b"\n") if not (line.startswith(b"##") and ".vcf" in path.name)]


def results(project):
    """What both runs must have alike, by path."""
    found = (path for part in ("results", "resources/genomes") for path in (project / part).rglob("*"))
    return {
        str(path.relative_to(project)): path
        for path in found
        if path.name.endswith(COMPARED) and not path.name.endswith(TIMED)
    }


def test_the_shipped_profile_makes_what_a_local_run_makes(project, tmp_path, request):
    made = tiny_results(request.config.cache)
    copy = made or Path(shutil.copytree(project, tmp_path / "local"))
    run = Run(project)
    if made is None:
        snakemake(copy, "--cores", "2", *TINY)
    assert run.ends(900) == 0, run.text[-5000:]
    assert "Error" not in run.text
    local, cluster = results(copy), results(project)
    assert sorted(local) == sorted(cluster)
    assert sum(path.endswith("narrowPeak.gz") for path in local) == 1
    assert [name for name in local if content(local[name]) != content(cluster[name])] == []
