"""Ctrl-C cancels every Slurm job of the run, also those whose status is being asked for at that moment.

While Snakemake waits for the answer of squeue or sacct it holds no job as active (its executor interface empties the
list and fills it again), so that an interrupt in that second cancels none: a training would go on for days that nobody
waits for, and the same command would start another beside it in the same folder. All jobs of a run have its name.
"""

import logging
import subprocess
from typing import Any

import failures

INTERRUPTED = "Terminating processes on user request"  # what Snakemake says, and then cancels
PATIENCE = 60  # seconds


def watch(workflow: Any) -> None:
    """Cancel what this run has on Slurm once Snakemake says that it was interrupted."""
    from snakemake.logging import logger

    def cancel(record: logging.LogRecord) -> bool:
        if str(record.msg).startswith(INTERRUPTED) and (words := command(workflow.scheduler._executor)):
            try:
                subprocess.run(words, capture_output=True, check=True, text=True, timeout=PATIENCE)
            except (OSError, subprocess.SubprocessError) as error:
                why = (getattr(error, "stderr", None) or str(error)).strip()
                logger.warning(f"jobs may still be running: {' '.join(words)} failed: {why}")
        return True

    failures.listen(cancel)


def command(executor: Any) -> list[str]:
    """The words that cancel all jobs of an executor's run; none unless it is Slurm's."""
    run = getattr(executor, "run_uuid", None)
    clusters = ["--clusters=all"] if getattr(executor, "_submitted_job_clusters", None) else []
    return ["scancel", *clusters, f"--name={run}"] if run else []
