"""What Ctrl-C cancels on a cluster; tests/cluster/test_cases.py does it on a real one."""

import logging
from types import SimpleNamespace

import pytest

import failures
import interrupts

SLURM = SimpleNamespace(run_uuid="7-up", _submitted_job_clusters=set())


@pytest.mark.parametrize(
    ("executor", "words"),
    [
        (SLURM, "scancel --name=7-up"),
        (SimpleNamespace(run_uuid="7-up", _submitted_job_clusters={"west"}), "scancel --clusters=all --name=7-up"),
        (SimpleNamespace(), ""),
    ],
)
def test_all_jobs_of_a_run_are_cancelled_by_its_name(executor, words):
    assert " ".join(interrupts.command(executor)) == words


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Says something as Snakemake would, and gives what scancel was called with."""
    (tmp_path / "scancel").write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/called\necho no such cluster >&2\nexit $FAIL'
    )
    (tmp_path / "scancel").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("FAIL", "0")
    heard = []
    monkeypatch.setattr(failures, "listen", heard.append)
    interrupts.watch(SimpleNamespace(scheduler=SimpleNamespace(_executor=SLURM)))

    def say(words):
        assert heard[0](logging.LogRecord("", logging.INFO, "", 0, words, None, None))
        called = tmp_path / "called"
        return called.read_text() if called.exists() else ""

    return say


def test_jobs_are_cancelled_once_snakemake_is_interrupted(told):
    assert told("Finished jobid: 3") == ""
    assert told(f"{interrupts.INTERRUPTED}, this might take some time.") == "--name=7-up\n"


def test_jobs_that_cannot_be_cancelled_are_said(told, monkeypatch, caplog):
    monkeypatch.setenv("FAIL", "1")
    told(interrupts.INTERRUPTED)
    assert "jobs may still be running: scancel --name=7-up failed: no such cluster" in caplog.text
