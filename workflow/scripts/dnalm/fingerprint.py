"""A fingerprint of the code a script really uses, so that an edit reruns its users and nothing else.

From the script we follow every name into the project's own modules and hash the definitions reached. Comments,
docstrings, formatting and unused functions do not count, nor does the plumbing that no number passes through (command
lines, logs, cards): a new field on a card must not redo a week's pretraining. Names are resolved statically: `from
dnalm.dna import seq` then `seq.encode`, or `from dnalm.dna.seq import encode`; nothing in this project looks code up by
string. A module is known by its dotted path below the package, for two wings may hold modules of one name.
"""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = "dnalm"
LOOSE = "(loose statements)"
PLUMBING = {"cli", "errors", "fingerprint", "logs", "provenance", "startup"}


def fingerprint(script: Path) -> str:
    """Hash of the script and of every project definition it can reach (16 hexadecimal digits).

    Raises SyntaxError where a module does not parse: better at graph time than an hour into a run.
    """
    script = Path(script)
    seen: dict[str, str] = {}
    beside = script.parent if (script.parent / PACKAGE).is_dir() else Path(__file__).parents[1]
    modules: dict[str, _Parsed] = {}  # of this call: a file that changes is read anew by the next
    _follow(_module(script, script.stem, beside / PACKAGE), None, modules, seen)
    text = "\n".join(f"{name} {dump}" for name, dump in sorted(seen.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _follow(module: "_Parsed", name: str | None, modules: dict[str, "_Parsed"], seen: dict[str, str]) -> None:
    """Add definition `name` of `module` (None: all of it) and everything it refers to."""
    key = f"{module.label}:{name or '*'}"
    if key in seen or module.label in PLUMBING:
        return
    seen[key], referred = module.reached(name)
    for label, used in referred:
        if label is None:
            _follow(module, used, modules, seen)
        else:
            if label not in modules:
                modules[label] = _library(module.package, label)
            _follow(modules[label], used, modules, seen)


class _Parsed:
    """One module cut into what the walk needs: definitions by name (None: all), imports by dotted path."""

    def __init__(self, path: Path, label: str, package: Path) -> None:
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        imported = []  # lazily, inside functions, counts too
        for node in ast.walk(tree):
            _without_docstring(node)
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE:
                imported.append(node)
        self.label, self.package = label, package
        body = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
        self.definitions: dict[str | None, list[ast.stmt]] = {None: body, LOOSE: []}
        self.modules: dict[str, str] = {}
        self.names: dict[str, tuple[str, str]] = {}
        self.known: dict[str | None, tuple[str, list[tuple[str | None, str]]]] = {}
        for node in imported:
            self._import(node)
        for node in body:
            for name in _defined(node) or [LOOSE]:
                self.definitions.setdefault(name, []).append(node)

    def reached(self, name: str | None) -> tuple[str, list[tuple[str | None, str]]]:
        """A definition (None: all of the module) as text, and what it refers to: (module, None for this one; name).

        Worked out once, since most scripts reach it. Importing a module runs its loose statements (a registration,
        say), so those of every import count as well. A definition's text begins with those of its own module, which
        are followed anyway: without them every result there is would be made anew.
        """
        if name not in self.known:
            imported = [*self.modules.values(), *(home for home, _ in self.names.values())]
            text, referred = "", [(label, LOOSE) for label in imported]
            nodes = self.definitions.get(name, [])
            if name not in (None, LOOSE):
                text, referred = self.reached(LOOSE)
            text += "".join(ast.dump(node) for node in nodes)
            self.known[name] = text, list(dict.fromkeys([*referred, *self._referred(nodes, whole=name is None)]))
        return self.known[name]

    def _referred(self, nodes: list[ast.stmt], whole: bool) -> Iterator[tuple[str | None, str]]:
        """What statements refer to; where they are the whole module, its own definitions are among them."""
        for used in (used for node in nodes for used in ast.walk(node)):
            if isinstance(used, ast.Attribute) and isinstance(used.value, ast.Name):
                if used.value.id in self.modules:
                    yield self.modules[used.value.id], used.attr
            elif isinstance(used, ast.Name):
                if used.id in self.names:
                    yield self.names[used.id]
                elif not whole and used.id in self.definitions:
                    yield None, used.id

    def _import(self, node: ast.ImportFrom) -> None:
        """`from dnalm.dna import seq` brings a module, `from dnalm.dna.seq import encode` a name out of one."""
        home = (node.module or "").split(".")[1:]
        if home and self.package.joinpath(*home).with_suffix(".py").exists():
            self.names |= {alias.asname or alias.name: (".".join(home), alias.name) for alias in node.names}
            return
        for alias in node.names:
            if self.package.joinpath(*home, f"{alias.name}.py").exists():  # `from dnalm import __version__` names none
                self.modules[alias.asname or alias.name] = ".".join([*home, alias.name])


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


def _without_docstring(node: ast.AST) -> None:
    """A sentence about the code is not the code."""
    body = getattr(node, "body", None)
    first = body[0] if isinstance(body, list) and body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        node.body = body[1:] or [ast.Pass()]


def _library(package: Path, label: str) -> _Parsed:
    return _module(package.joinpath(*label.split(".")).with_suffix(".py"), label, package)


def _module(path: Path, label: str, package: Path) -> _Parsed:
    state = path.stat()
    return _parsed(path, label, package, state.st_size, state.st_mtime_ns)


@cache
def _parsed(path: Path, label: str, package: Path, size: int, modified: int) -> _Parsed:
    return _Parsed(path, label, package)
