"""Names as people give them, with blanks, brackets, apostrophes and umlauts, and a machine that has next to nothing."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import hub_format
import pandas as pd
import poverty
import pytest
import yaml
from checkpoints import NT2, nt2, nt_vocabulary, write
from project import ROOT, copied, snakemake

FT = "results/mine/char/mine/finetuned/mine/mine/seed0"
THEIRS = "results/published/own/theirs/pretrained"
MOTIF = "resources/motifs/MA0139.1.meme"
GENOME, PEAKS, BLACKLIST = "my data/genome (ü).fa", "my data/it's peaks.narrowPeak", "my data/black list.bed"
RENAME, PWM, VCF, TABLE = (
    "my data/new names.tsv",
    "my data/my $PWM [a] #1.meme",
    "my data/vari ants.vcf",
    "my data/a `touch HIT` & (b).tsv",
)

PRESETS = {
    "genomes/mine": {"source": "local", "path": GENOME, "rename": RENAME}
    | {"splits": {"validation": ["chrC"], "test": ["chrD"]}},
    "models/mine": {"objective": "mlm", "architecture": "dilated_conv", "context": 258, "steps": 3, "batch_size": 4}
    | {"config": {"hidden_size": 16, "num_hidden_layers": 2}, "validation_blocks": 4},
    "models/theirs": {"import": {"path": "their model (ü)", "corpus": "mine"}, "objective": "mlm"},
    "targets/mine": {"genome": "mine", "peaks": PEAKS, "blacklist": BLACKLIST, "window": 200}
    | {"cnn_epochs": 1, "motif": PWM.replace("$", "$$")}  # a dollar alone begins the name of an environment variable
    | {"scan": {"stride": 100, "contigs": ["chrD"], "null_windows": 200}},
    "recipes/mine": {"method": "full", "epochs": 1, "validation_windows": 50},
    "variants/mine": {"genome": "mine", "vcf": VCF, "window": 60, "percentiles": 250},
    "variants/table": {"genome": "mine", "table": TABLE, "window": 60, "percentiles": 0, "twin": False}
    | {"columns": {"chrom": "CHROM", "pos": "POS", "ref": "REF", "alt": "ALT"}},
}


@pytest.fixture(scope="module")
def mine():
    """(Snakefile of a clone, working folder), both with a blank in their names; the working folder has input files."""
    base = Path(tempfile.mkdtemp())  # pytest's own is closed to others
    base.chmod(0o755)
    yield from made(base)
    shutil.rmtree(base)


def made(base):
    """The clone and the folder, in the folder `base`."""
    folder = base / "my work (ü)"
    shutil.copytree(ROOT / "config", folder / "config")
    (folder / "config/config.yaml").write_text("runs: []\n")
    data = folder / "my data"
    simulate = [sys.executable, ROOT / "workflow/scripts/simulate_genome.py", "--motif", ROOT / MOTIF, "--out", data]
    subprocess.run([*simulate, "--size", "240000", "--contigs", "4", "--sites-per-kb", "1.5"], check=True)
    for name, path in (("genome.fa", GENOME), ("ctcf.narrowPeak", PEAKS), ("blacklist.bed", BLACKLIST)):
        (data / name).rename(folder / path)
    shutil.copy(ROOT / MOTIF, folder / PWM)
    (folder / RENAME).write_text("source\tname\nchrA\tchrA\n")
    head, rows = (data / "variants.vcf").read_text().split("#CHROM")
    few = "".join(rows.splitlines(keepends=True)[:60])
    (folder / TABLE).write_text("CHROM" + few)
    (folder / VCF).write_text(head + "#CHROM" + few)
    write(folder / "their model (ü)", NT2, nt2(), nt_vocabulary())
    for name, values in PRESETS.items():
        (folder / f"config/{name}.yaml").write_text(yaml.safe_dump(values, allow_unicode=True))
    yield copied(base / "my clone ü") / "Snakefile", folder


@pytest.mark.slow
def test_a_graph_runs_on_a_poor_machine_in_a_folder_with_a_blank_on_files_with_blanks(mine):
    """No network, no compiler, no home, the C locale, and no root, so the clone cannot be written either."""
    snakefile, folder = mine
    where = ("-s", str(snakefile), "--directory", str(folder))
    path = poverty.without_compilers(snakefile.parent / "bin")
    assert shutil.which("cc", path=path) is None
    own = {"XDG_CACHE_HOME": str(folder / ".snakemake/cache")}  # Snakemake itself wants one; `make` does the same
    behind = [*poverty.without_network(), *poverty.without_root(folder)]
    goals = (
        f"{FT}/scan/mine.png",
        f"{FT}/scan/mine.igv.xml",
        f"{FT}/optimised/tiny-ctcf/sequences.fa",
        "results/mine/char/mine/pretrained/variants/mine.tsv.gz",
        f"{THEIRS}/variants/table.tsv.gz",
    )
    snakemake(folder, *where, "--cores", "2", *goals, behind=behind, **poverty.VARIABLES, **own, PATH=path)
    assert all((folder / goal).stat().st_size for goal in goals)
    assert len(pd.read_csv(folder / goals[4], sep="\t")) > 20
    assert list(hub_format.read(folder / FT / "scan/mine.hub")["mine"]["tracks"]) == ["signal", "peaks", "truth"]
    about = json.loads((folder / "resources/genomes/mine/genome.json").read_text())
    assert about["bases"] == 240000
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        (".snakemake", "benchmarks", "checkpoints", "config", "logs", "my data", "resources", "results")
        + ("their model (ü)",)
    )
    assert "Nothing to be done" in snakemake(folder, *where, "-n", *goals)
