"""A fingerprint of the code a script really uses, so that an edit reruns its users and nothing else.

From the script we follow every name into the project's own modules and hash the definitions reached. Comments,
docstrings, formatting and unused functions do not count, nor does the plumbing that no number passes through (command
lines, logs, cards): a new field on a card must not redo a week's pretraining. Names are resolved statically: `from
dnalm.dna import seq` then `seq.encode`, or `from dnalm.dna.seq import encode`; nothing in this project looks code up by
string. A module is known by its dotted path below the package, for two wings may hold modules of one name.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

PACKAGE = "dnalm"
LOOSE = "(loose statements)"
_dump = cache(ast.dump)  # loose statements are asked for again with each definition of their module
PLUMBING = {"cli", "errors", "fingerprint", "logs", "provenance", "startup"}


def fingerprint(script: Path) -> str:
    """Hash of the script and of every project definition it can reach (16 hexadecimal digits).

    Raises SyntaxError where a module does not parse: better at graph time than an hour into a run.
    """
    script = Path(script)
    seen: dict[str, str] = {}
    beside = script.parent if (script.parent / PACKAGE).is_dir() else Path(__file__).parents[1]
    _follow(_module(script, script.stem, beside / PACKAGE), None, seen)
    text = "\n".join(f"{name} {dump}" for name, dump in sorted(seen.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _follow(module: "_Parsed", name: str | None, seen: dict[str, str]) -> None:
    """Add definition `name` of `module` (None: all of it) and everything it refers to.

    Importing a module runs its loose statements (a registration, say), so those of every import count as well.
    """
    key = f"{module.label}:{name or '*'}"
    if key in seen or module.label in PLUMBING:
        return
    nodes = module.body if name is None else [*module.loose, *module.definitions.get(name, [])]
    seen[key] = "".join(_dump(node) for node in nodes)
    for label in {*module.modules.values(), *(home for home, _ in module.names.values())}:
        _follow(_library(module.package, label), LOOSE, seen)
    for node in nodes:
        for used in ast.walk(node):
            if isinstance(used, ast.Attribute) and isinstance(used.value, ast.Name):
                label = module.modules.get(used.value.id)
                if label is not None:
                    _follow(_library(module.package, label), used.attr, seen)
            elif isinstance(used, ast.Name):
                if used.id in module.names:
                    label, original = module.names[used.id]
                    _follow(_library(module.package, label), original, seen)
                elif name is not None and used.id in module.definitions and used.id != name:
                    _follow(module, used.id, seen)


class _Parsed:
    """One module cut into what the walk needs: definitions by name, loose statements, imports by dotted path."""

    def __init__(self, path: Path, label: str, package: Path) -> None:
        tree = _WithoutDocstrings().visit(ast.parse(path.read_text(encoding="utf-8"), str(path)))
        self.label, self.package = label, package
        self.body = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
        self.definitions: dict[str, list[ast.stmt]] = {}
        self.loose: list[ast.stmt] = []
        self.modules: dict[str, str] = {}
        self.names: dict[str, tuple[str, str]] = {}
        for node in ast.walk(tree):  # lazy imports inside functions count too
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE:
                self._import(node)
        for node in self.body:
            defined = _defined(node)
            for name in defined:
                self.definitions.setdefault(name, []).append(node)
            if not defined:
                self.loose.append(node)

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


class _WithoutDocstrings(ast.NodeTransformer):
    """A sentence about the code is not the code."""

    def visit(self, node: ast.AST) -> ast.AST:
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            node.body = body[1:] or [ast.Pass()]
        return self.generic_visit(node)


def _library(package: Path, label: str) -> _Parsed:
    return _module(package.joinpath(*label.split(".")).with_suffix(".py"), label, package)


def _module(path: Path, label: str, package: Path) -> _Parsed:
    state = path.stat()
    return _parsed(path, label, package, state.st_size, state.st_mtime_ns)


@cache
def _parsed(path: Path, label: str, package: Path, size: int, modified: int) -> _Parsed:
    return _Parsed(path, label, package)
