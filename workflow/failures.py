"""What a failed job says on the terminal, and whether another attempt can help.

Snakemake names a failed job's log and knows no cause; with `retries` it would give a mistyped path twice the memory and
then three times, until the cluster refuses that and the first error is out of sight. Here a failure says its cause, in
Slurm's word or in the last line of its own log, and what comes next; what more memory and time cannot cure is final.
"""

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

# The Slurm plugin (2.8.0) asks for an account in a way that cannot work, and says so; Slurm's default is meant.
NOISE = ("No SLURM account given", "No account was given, not able to get", "Unable to guess SLURM account")
TAIL = 8  # lines of a log that are shown
# How a script of ours ends (dnalm.cli, dnalm.startup) where the same command would end the same way again.
FINAL = re.compile(r"^(?:\S+ \S+ ERROR )?(error: .*|internal error in (?!\S+ MemoryError).*)$")
SLURM = re.compile(r"SLURM-job '([^']+)' failed.*?SLURM status is: '([A-Z_]+)", re.DOTALL)
REFUSED = re.compile(r"sbatch failed\. The error message was '(.*?)'", re.DOTALL)
# Refusals that pass by themselves; any other concerns what was asked for.
PASSING = re.compile(r"[Tt]imed? ?out|temporar|Unable to contact|Connection|[Tt]ry again|QOSMax|AssocMax|MaxSubmit")
KILLED = re.compile(r"oom[_-]kill|exceeded (job )?memory limit|OUT_OF_MEMORY|in \S+ MemoryError", re.IGNORECASE)
CAUSES = {
    "OUT_OF_MEMORY": "out of memory: {mem_mb} MB were not enough",
    "TIMEOUT": "time limit: {runtime} minutes were not enough; what can resume (training, scans) carries on",
    "CANCELLED": "cancelled, as by scancel",
    "NODE_FAIL": "its node failed",
    "BOOT_FAIL": "its node did not start",
    "DEADLINE": "its deadline passed",
}
MORE = {"OUT_OF_MEMORY": "mem_mb", "TIMEOUT": "runtime"}
CURE = "mend that and run the same command again"
CURES = {
    "CANCELLED": "run the same command again when it may go on",
    "REFUSED": "see slurm/config.v8+.yaml, or ask for less under its set-resources",
}


class Failure(NamedTuple):
    """Why a job failed: one line, Slurm's word for it or none, and whether the next attempt would fail alike."""

    cause: str
    status: str
    final: bool


def watch(workflow: Any) -> None:
    """Explain each failed job of this run where Snakemake reports it, and end the attempts that cannot help."""
    from snakemake_interface_logger_plugins.common import LogEvent

    known: dict[tuple[int, int], str] = {}  # by job and attempt: Snakemake reports what failed once more when it ends

    def explain(record: logging.LogRecord) -> bool:
        if getattr(record, "event", None) == LogEvent.JOB_ERROR:
            job = next((job for job in workflow.dag.jobs if workflow.dag.jobid(job) == record.jobid), None)
            if job is not None:
                text = known.get((record.jobid, job.attempt))
                if text is None or record.rule_msg:
                    text = "\n        ".join(told(job, record.rule_msg or "", record.log))
                    known[record.jobid, job.attempt] = text
                record.rule_msg = text
        return not str(record.msg).startswith(NOISE)

    listen(explain)


def listen(heard: Callable[[logging.LogRecord], bool]) -> None:
    """Let `heard` see each record of Snakemake's log, in place of its like of an earlier reading of the workflow."""
    from snakemake.logging import logger

    for earlier in [one for one in logger.filters if getattr(one, "__qualname__", "") == heard.__qualname__]:
        logger.removeFilter(earlier)
    logger.addFilter(heard)


def told(job: Any, said: str, logs: list[str]) -> list[str]:
    """What a failed job has to say: its cause, the end of its own log, what comes next. Ends attempts that are vain."""
    tail = _tail(job.log[0]) if job.log else []
    cluster = [line for path in logs[len(job.log) :] for line in _tail(path, 200)]
    failure = judge(said, tail, cluster, mem_mb=job.resources.get("mem_mb"), runtime=job.resources.get("runtime"))
    if failure.final and job.restart_times:
        # Not the property: setting that would compute the resources anew, before those that were taken are given back.
        job._attempt = job.restart_times + 1
    shown = [f"the end of {job.log[0]}:", *("    " + line for line in tail)] if tail else []
    return [failure.cause, *shown, _next(job, failure)]


def judge(said: str, tail: list[str], cluster: list[str], **had: Any) -> Failure:
    """Why a job failed, from what the executor said of it, the end of its log, that of Slurm's log and what it had."""
    ended = FINAL.match(tail[-1]) if tail else None
    status = SLURM.search(said)
    word = status[2] if status else ""
    if word in ("", "FAILED") and not ended and any(KILLED.search(line) for line in cluster + tail[-1:]):
        word = "OUT_OF_MEMORY"
    job = f"Slurm job {status[1]}, {word}: " if status else ""
    if refused := REFUSED.search(said):
        answer = " ".join(refused[1].split())
        return Failure(f"Slurm refused the job: {answer}", "REFUSED", not PASSING.search(answer))
    if word in CAUSES:
        return Failure(job + CAUSES[word].format(**had), word, word == "CANCELLED")
    if ended:
        return Failure(job + ended[1], word, True)
    if tail and "stopped by SIGTERM" in tail[-1]:
        return Failure(job + "stopped by SIGTERM; the same command carries on where it was stopped", word, False)
    return Failure(job + "it ended without a word of its own; its log and the lines above say more", word, False)


def _next(job: Any, failure: Failure) -> str:
    """What becomes of a failed job now, and what to do where that is nothing."""
    if failure.final:
        return f"{'not tried again: ' if job.restart_times else ''}{CURES.get(failure.status, CURE)}"
    if job.attempt <= job.restart_times:
        return f"trying again with more memory and time (attempt {job.attempt + 1} of {job.restart_times + 1})"
    if failure.status in MORE:
        resource, like = MORE[failure.status], "<<: *gpu, " if job.resources.get("gpu") is not None else ""
        more = 2 * int(job.resources.get(resource, 500))
        return f"give it more under set-resources of the profile: {job.rule.name}: {{{like}{resource}: {more}}}"
    return "run the same command again"


def _tail(path: str, number: int = TAIL) -> list[str]:
    """The last lines of a log, if there is one."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()[-number:]
    except OSError:
        return []
