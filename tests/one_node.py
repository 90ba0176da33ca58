"""A run of the shipped profile on a real Slurm of one node (tests/cluster/one_node.sh), watched while it goes on."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from project import BIN, TINY

PROMPT = (sys.executable, Path(__file__).parent / "cluster/prompt_snakemake.py")

QUICK = ("--slurm-init-seconds-before-status-checks", "3", "--latency-wait", "10")  # jobs of seconds, and one disk

STARTED = []  # runs of the test that is going on
PRESET = "config/models/tiny-conv.yaml"
MODEL = "results/tiny/char/tiny-conv/pretrained/model.safetensors"


def slurm(*words):
    """What one of Slurm's commands prints."""
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def waited(found, seconds=240, told=lambda: ""):
    """What `found()` gives, once it gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.4)
    raise AssertionError(f"waited in vain: {told()}")


def with_line(project, line, file="slurm/config.v8+.yaml"):
    """Change the line of the project's profile, or of another file, that has the same key, as a site does."""
    path = project / file
    key = re.escape(line.split(":")[0])
    text, found = re.subn(rf"^( *){key}: .*", lambda shipped: shipped[1] + line, path.read_text(), flags=re.MULTILINE)
    assert found == 1, line
    path.write_text(text)


def wrapped(project, script, before="", after=""):
    """Let a script do something before or after its work."""
    path = project / "workflow/scripts" / script
    lines = f"    {before or 'pass'}\n    cli.run(main)\n    {after or 'pass'}"
    path.write_text(path.read_text().replace("    cli.run(main)", lines))


def end_all():
    """Take down the runs that are still going on, and what is left of their jobs."""
    for run in STARTED:
        if run.process.poll() is None:
            run.process.kill()
            run.process.wait()
        if run.jobs:
            slurm("scancel", *run.jobs)
    STARTED.clear()


class Run:
    """`snakemake --profile slurm` in a folder, whose own `bin` comes first; what it prints goes to a file there."""

    def __init__(self, folder, *words):
        STARTED.append(self)
        self.folder, self.path = folder, folder / "terminal.txt"
        with self.path.open("w") as terminal:
            self.process = subprocess.Popen(
                [*PROMPT, *words, "--profile", "slurm", *QUICK, *TINY],
                cwd=folder,
                env=os.environ | {"PATH": f"{folder / 'bin'}:{BIN}:{os.environ['PATH']}"},
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # deaf where the tests run behind a &
                stdout=terminal,
                stderr=subprocess.STDOUT,
            )

    @property
    def text(self):
        return self.path.read_text()

    @property
    def jobs(self):
        """The numbers that Slurm gave the jobs, in the order of their submission."""
        return re.findall(r"submitted with SLURM jobid (\d+)", self.text)

    def job(self, number=0):
        """The number of a job, once it is running."""
        return waited(
            lambda: (
                len(self.jobs) > number
                and slurm("squeue", "-h", "-t", "R", "-o", "%i", "-j", self.jobs[number])
                and self.jobs[number]
            ),
            told=lambda: self.text[-3000:],
        )

    @property
    def failures(self):
        """The first line of each failure that the terminal shows, the summary at the end left out."""
        text = self.text.split("Exiting because a job execution failed")[0]
        return re.findall(r"^    message: (.*)", text, re.MULTILINE)

    def ends(self, seconds=300):
        """The exit status; a run that does not end is taken down."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"it does not end: {self.text[-3000:]}") from None

    def interrupt(self):
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
