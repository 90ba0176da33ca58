"""A fingerprint of the code a script really uses, so that an edit reruns its users and nothing else.

From the script we follow every name into the project's own modules and hash the definitions reached. Comments,
docstrings, formatting and unused functions do not count, nor does the plumbing that no number passes through (command
lines, logs, cards): a new field on a card must not redo a week's pretraining. Names are resolved statically: `from
dnalm.dna import seq` then `seq.encode`, or `from dnalm.dna.seq import encode`; nothing in this project looks code up by
string. A module is known by its dotted path below the package, for two wings may hold modules of one name.
"""

import hashlib
from functools import cache
from pathlib import Path

from dnalm.parsed import ALL, LOOSE, PACKAGE, Said, parsed

PLUMBING = {"cli", "errors", "fingerprint", "logs", "parsed", "provenance", "startup"}


def fingerprint(script: Path) -> str:
    """Hash of the script and of every project definition it can reach (16 hexadecimal digits).

    Raises SyntaxError where a module does not parse.
    """
    script = Path(script)
    beside = script.parent if (script.parent / PACKAGE).is_dir() else Path(__file__).parents[1]
    modules = {script.stem: _module(script, script.stem, beside / PACKAGE)}  # of this call: the next reads what changes
    seen: dict[str, str] = {}
    _follow(beside / PACKAGE, script.stem, ALL, modules, seen)
    text = "\n".join(f"{name} {said}" for name, said in sorted(seen.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _follow(package: Path, label: str, name: str, modules: dict[str, Said], seen: dict[str, str]) -> None:
    """Add a definition of a module and everything it refers to; of a name that it does not define, what it runs."""
    key = f"{label}:{name}"
    if key in seen or label in PLUMBING:
        return
    if label not in modules:
        modules[label] = _module(package.joinpath(*label.split(".")).with_suffix(".py"), label, package)
    module = modules[label]
    seen[key], referred = module.get(name) or module[LOOSE]
    for home, used in referred:
        _follow(package, home or label, used, modules, seen)


def _module(path: Path, label: str, package: Path) -> Said:
    state = path.stat()
    return _parsed(path, label, package, state.st_size, state.st_mtime_ns)


@cache
def _parsed(path: Path, label: str, package: Path, size: int, modified: int) -> Said:
    return parsed(path, label, package)
