"""The first import of every script: should a later one fail, the log that Snakemake points to says why.

`cli.run` opens the log once everything is imported. Before that there is this, which needs nothing but Python. It also
makes the imports of a script a third quicker: none of what they make is garbage, so nothing looks for any meanwhile;
and scikit-learn is hidden, which transformers takes a second to import for a way to generate that nobody uses here.
"""

import gc
import os
import sys
import traceback
from types import TracebackType

HIDDEN = "sklearn"


def explain(error: BaseException) -> str:
    """One line for an error met while importing: what is missing or broken, and what to do about it."""
    if isinstance(error, ImportError | OSError):  # a shared library that is missing is an OSError
        return (
            f"{error}: the environment is incomplete or broken; run make again after `rm .venv/ready`, install "
            "requirements.lock again, or let Snakemake make the conda environment anew"
        )
    return f"{type(error).__name__}: {error}, while importing: a fault of dnalm; please report it with this log"


def _failed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Say it where Python does, and in the log; of several processes that torchrun started the first writes the log."""
    text = "".join(traceback.format_exception(kind, error, trace))
    if issubclass(kind, Exception):
        text += f"error: {explain(error)}\n"
        log = _log(sys.argv)
        if log and os.environ.get("RANK", "0") == "0":
            os.makedirs(os.path.dirname(log) or ".", exist_ok=True)
            with open(log, "a", encoding="utf-8") as file:
                file.write(text)
    sys.stderr.write(text)


def _log(words: list[str]) -> str | None:
    """What the command line says after --log."""
    for word, following in zip(words, [*words[1:], None], strict=True):
        if word == "--log":
            return following
        if word.startswith("--log="):
            return word.removeprefix("--log=")
    return None


def is_script(path: str | None) -> bool:
    """Whether a file lies beside this package: a script, which ends its imports with `cli.run`, and no test."""
    scripts = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return path is not None and os.path.dirname(os.path.abspath(path)) == scripts


def imported() -> None:
    """Look for garbage again, never among what is imported, which stays until the end; scikit-learn is to be had."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
    if sys.modules.get(HIDDEN, gc) is None:
        del sys.modules[HIDDEN]


sys.excepthook = _failed
if is_script(getattr(sys.modules["__main__"], "__file__", None)):
    gc.disable()
    sys.modules.setdefault(HIDDEN, None)
