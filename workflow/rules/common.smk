# Purpose: what every rule file uses: checked configuration, wildcard names, helper functions.
# Inputs: config/config.yaml and the presets it names.
# Outputs: none.

import sys
from functools import partial
from pathlib import Path

sys.path[:0] = [
    str(Path(workflow.current_basedir).parent / part) for part in ("", "scripts")
]

import failures
import needs
import origins
from checks import checked
from goals import *
from helpers import *
from paths import *

SCRIPTS = scripts()
# Corpora that something is pretrained on.
TRAINED = rf"(?!({origins.PUBLISHED}|{origins.SCRATCH})/)[A-Za-z0-9][A-Za-z0-9._-]*"

config = checked(config)
failures.watch(workflow)
GPUS = gpus(config)
needs = partial(needs.needs, told=workflow.resource_settings.overwrite_resources)


wildcard_constraints:
    genome=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    corpus=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    tokenizer=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    model=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    target=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    recipe=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    variants=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    design=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    vocabulary=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    seed=r"\d+",
    stage=r"pretrained|finetuned/[^/]+/[^/]+/seed\d+",
