"""Snakemake that asks Slurm every three seconds: its plugin waits ten seconds longer after each question in vain.

Only when a test learns of a job's end is changed by it; what runs inside the jobs is Snakemake as it is.
"""

import sys

from snakemake.cli import main
from snakemake_executor_plugin_slurm import Executor

Executor.next_seconds_between_status_checks = property(lambda self: 3, lambda self, seconds: None)
sys.exit(main())
