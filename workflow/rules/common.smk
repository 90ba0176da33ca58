# Purpose: what every rule file uses: checked configuration, wildcard names, helper functions.
# Inputs: config/config.yaml and the presets it names.
# Outputs: none.

import os
import shutil
import sys
from functools import partial
from pathlib import Path

from snakemake.logging import logger

if not isinstance(workflow.current_basedir, (str, os.PathLike)):
    raise SystemExit(
        "dnalm runs its scripts from a folder, not from an address: git clone it and name the clone's Snakefile, "
        'as in snakefile: "dnalm/Snakefile"'
    )

HERE = Path(workflow.current_basedir).resolve().parent
CONFIG = Path("config/config.yaml")
if not CONFIG.exists():  # a folder without a configuration: that of the clone, the demo
    CONFIG = HERE.parent / CONFIG


# An image of one's own for `--sdm apptainer` or `--sdm conda apptainer`; none is published. See README.
containerized: os.environ.get("DNALM_IMAGE")


# A workflow that uses this one may have a helpers.py, too: ours are for the rules here alone, theirs stay theirs.
OURS = {path.stem for path in HERE.glob("*.py")}
THEIRS = {name: sys.modules.pop(name) for name in OURS & set(sys.modules)}
sys.path[:0] = [str(HERE), str(HERE / "scripts")]

import failures
import interrupts
import needs
import origins
from checks import WINDOWED, checked
from goals import *
from helpers import *
from paths import *

# What is wrong with the configuration is one line here, and a traceback of six files where Snakemake reads it.
presets.read(CONFIG)


configfile: str(CONFIG)


sys.path[:] = [
    one for one in sys.path if Path(one).resolve() not in (HERE, HERE / "scripts")
]
for name in OURS & set(sys.modules):
    del sys.modules[name]
sys.modules.update(THEIRS)

if (
    workflow.is_main_process
    and not workflow.deployment_settings.deployment_method
    and not shutil.which("bedtools")
):
    logger.warning(
        "bedtools is not installed, and windows cannot be labelled without it: get it from your system or "
        "`conda install -c bioconda bedtools`, or run with --sdm conda"
    )

SCRIPTS = scripts()
# Corpora that something is pretrained on.
TRAINED = rf"(?!({origins.PUBLISHED}|{origins.SCRATCH})/)[A-Za-z0-9][A-Za-z0-9._-]*"

config = checked(config)
failures.watch(workflow)
interrupts.watch(workflow)
GPUS = gpus(config)
needs = partial(needs.needs, told=workflow.resource_settings.overwrite_resources)


wildcard_constraints:
    genome=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    reference=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    corpus=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    tokenizer=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    model=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    target=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    recipe=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    variants=r"[A-Za-z0-9][A-Za-z0-9._-]*(?<!\.windows)(?<!\.saturation)",  # these have their own
    constraint=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    design=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    vocabulary=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    seed=r"\d+(-\d+)*",  # several are an ensemble
    share=r"\d+",
    shares=r"\d+",
    window=r"\d+",
    phases=r"\d+",
    layer=r"\d+",
    number=r"\d+",
    stage=r"pretrained|finetuned/[^/]+/[^/]+/seed\d+(-\d+)*|tracks/[^/]+/[^/]+/seed\d+",
