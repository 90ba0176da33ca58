"""Python with all that takes seconds to import, which then tries copies of the project, each in a process of its own.

Each is a fork that has imported nothing of the project, so that a copy's own library and tests are what it finds.
A line of input is the folder of a copy and the file of its tests, with a tab between; a line of output is the status
with which pytest ended there. What it said lies in the folder, in `said`.
"""

import os
import sys
import traceback

import numba  # noqa: F401 - from here on only to have it
import pandas  # noqa: F401
import pysam  # noqa: F401
import pytest
import scipy.stats  # noqa: F401
import sklearn.ensemble  # noqa: F401
import sklearn.linear_model  # noqa: F401
import torch  # noqa: F401
from transformers import AutoModel, AutoModelForMaskedLM  # noqa: F401

OPTIONS = ["-q", "-p", "no:cacheprovider", "-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning"]
FAULT = 3  # as pytest ends with where it is itself at fault


def status_in(folder: str, tests: str) -> int:
    """What pytest ends with in a fork."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = FAULT
    try:
        os.chdir(folder)
        said = os.open("said", os.O_WRONLY | os.O_CREAT)
        os.dup2(said, 1)
        os.dup2(said, 2)
        status = pytest.main([*OPTIONS, tests])
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    del sys.path[0]  # where this file lies; a copy has its own
    for line in sys.stdin:
        print(status_in(*line.rstrip("\n").split("\t")), flush=True)
