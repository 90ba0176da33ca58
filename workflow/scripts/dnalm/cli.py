"""A command line from a function's signature: one typed `main` per script, nothing written twice.

`Input` and `Output` paths are checked, carded and, where a run fails, reported by name. `Annotated[str, TABLE]` takes a
name of a table and lists them all in the help. Exit status: 0 done, 1 wrong use or an incomplete environment, 2 bad
input, 3 a fault of ours, 143 stopped by SIGTERM.
"""

import argparse
import inspect
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from dnalm import logs, provenance, startup
from dnalm.errors import InputError, UsageError

Input = Annotated[Path, "input"]
Output = Annotated[Path, "output"]
OPEN = "open"  # beside a table: names that it does not hold may be given too


def run(main: Callable[..., None], argv: list[str] | None = None) -> None:
    """Parse the command line by `main`'s signature, run it, write the provenance card, exit with a clear status."""
    startup.imported()
    started = time.time()
    options = vars(_parser(main).parse_args(argv))
    log_path = options.pop("log")
    script = Path(inspect.getfile(main))
    logs.start(script.stem, log_path)
    signal.signal(signal.SIGTERM, _stop)
    status = _guarded(main, options, script, started)
    if status:
        sys.exit(status)


def _guarded(main: Callable[..., None], options: dict[str, Any], script: Path, started: float) -> int:
    try:
        inputs, outputs = _paths(main, options, "input"), _paths(main, options, "output")
        for path in inputs:
            if not path.exists():
                raise InputError(f"{path}: no such file or folder; check the path in the preset or on the command line")
            if not os.access(path, os.R_OK):
                raise InputError(f"{path}: no permission to read it; ask its owner for it (chmod)")
        main(**options)
        if outputs and logs.first_process():
            provenance.write_card(outputs[0], script, options, inputs, outputs, started)
    except (UsageError, InputError) as error:
        logs.log.error(f"error: {error}")
        return 1 if isinstance(error, UsageError) else 2
    except OSError as error:
        logs.log.error(traceback.format_exc())
        logs.log.error(f"error: {error.strerror or error}: {error.filename or 'see the lines above'}")
        return 2
    except ImportError as error:
        logs.log.error(traceback.format_exc())
        logs.log.error(f"error: {startup.explain(error)}")
        return 1
    except Exception as error:
        logs.log.error(traceback.format_exc())
        logs.log.error(
            f"internal error in {script.name}: {type(error).__name__}: {error}. This is a fault of dnalm, not of your "
            "data; please report it with this log"
        )
        return 3
    return 0


def _stop(signum: int, frame: object) -> None:
    logs.log.info("stopped by SIGTERM; run the same command again to carry on")
    sys.exit(143)


def _parser(main: Callable[..., None]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=inspect.getdoc(main), formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.error = lambda message: _misused(parser, message)
    hints = get_type_hints(main, include_extras=True)
    for name, parameter in inspect.signature(main).parameters.items():
        _add(parser, name, hints[name], parameter.default)
    parser.add_argument("--log", type=Path, default=None, help="also write the log lines to this file")
    return parser


def _misused(parser: argparse.ArgumentParser, message: str) -> None:
    parser.print_usage(sys.stderr)
    print(f"{parser.prog}: error: {message}; try --help", file=sys.stderr)
    sys.exit(1)


def _add(parser: argparse.ArgumentParser, name: str, hint: Any, default: Any) -> None:
    flag = "--" + name.replace("_", "-")
    required = default is inspect.Parameter.empty
    settings: dict[str, Any] = {"dest": name, "required": required, "default": None if required else default}
    kind = _bare(hint)
    if kind is bool:
        parser.add_argument(flag, action=argparse.BooleanOptionalAction, **settings)
        return
    if get_origin(kind) is list:
        settings |= {"nargs": "*", "type": _bare(get_args(kind)[0])}
    elif get_origin(kind) is Literal:
        settings |= {"choices": get_args(kind)}
    elif kind is dict or get_origin(kind) is dict:
        settings |= {"type": _mapping, "metavar": "JSON"}
    else:
        settings |= {"type": kind}
    text = "" if required else f"default: {default}"
    if (table := _table(hint)) is not None:
        closed = settings.get("metavar") != "JSON" and OPEN not in hint.__metadata__
        settings |= {"choices": list(table), "metavar": "NAME"} if closed else {}
        text = f"{_listed(table)}; {text}"
    parser.add_argument(flag, help=text, **settings)


def _mapping(text: str) -> dict:
    """Keys and values from JSON."""
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise argparse.ArgumentTypeError(f"got {text!r}, wanted JSON such as '{{\"key\": 1}}'")
    return values


def _table(hint: Any) -> Mapping | None:
    """The table whose names an option takes: `Annotated[str, TABLE]`, or a list of them."""
    return next((part for part in getattr(hint, "__metadata__", ()) if isinstance(part, Mapping)), None)


def _listed(table: Mapping) -> str:
    """A table's names with their labels, as help shows them."""
    return ", ".join(f"{name} ({row.label})" for name, row in table.items()).replace("%", "%%")


def _bare(hint: Any) -> Any:
    """Path from Annotated[Path, …], X from X | None."""
    if get_origin(hint) is Annotated:
        return _bare(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        return _bare(next(part for part in get_args(hint) if part is not NoneType))
    return hint


def _role(hint: Any) -> str | None:
    if get_origin(hint) is Annotated:
        return next((part for part in get_args(hint)[1:] if isinstance(part, str)), None)
    return next((role for part in get_args(hint) if (role := _role(part))), None) if get_args(hint) else None


def _paths(main: Callable[..., None], options: dict[str, Any], role: str) -> list[Path]:
    found: list[Path] = []
    for name, hint in get_type_hints(main, include_extras=True).items():
        if _role(hint) == role and options.get(name) is not None:
            value = options[name]
            found += value if isinstance(value, list) else [value]
    return found
