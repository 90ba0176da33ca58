"""A module of this project as `fingerprint` reads it: what each definition says, and what it refers to.

Python takes longer to parse all modules than Snakemake to lay out a graph, and a Slurm job starts Snakemake twice. So
what was read of a file is kept in the user's cache, under a name that holds all of the file.
"""

import ast
import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = "dnalm"
ALL, LOOSE = "*", "(loose statements)"
MOST = 5000  # files kept: some twenty versions of all modules

# By name, or LOOSE, or of a script ALL: a hash of what is said, and what it refers to, (module, "" for this one; name).
Said = dict[str, tuple[str, list[tuple[str, str]]]]


def parsed(path: Path, label: str, package: Path) -> Said:
    """A module of a package folder, known by its dotted path below it, or a script beside it.

    Raises SyntaxError where it does not parse: better at graph time than an hour into a run.
    """
    text = path.read_bytes()
    told = _reader() + b"".join(hashlib.sha256(one).digest() for one in (label.encode(), text))
    name = hashlib.sha256(told).hexdigest()
    kept = _folder() / f"{name}.json"
    with contextlib.suppress(OSError, ValueError):  # none, or damaged
        found = json.loads(kept.read_bytes())
        if all(package.joinpath(name).exists() == there for name, there in found["modules"].items()):
            return found["said"]
    module = _Module(ast.parse(text.decode("utf-8"), str(path)), package)
    names = set(module.definitions) - {ALL} if path.is_relative_to(package) else (ALL, LOOSE)  # of a script only all
    said = {name: module.reached(name) for name in names}
    with contextlib.suppress(OSError):
        _keep(kept, json.dumps({"modules": module.asked, "said": said}))
    return said


@cache
def _reader() -> bytes:
    """What decides, besides the file, what is read of it: this module and Python, looked at once a process."""
    return hashlib.sha256(Path(__file__).read_bytes() + sys.version.encode()).digest()


def _folder() -> Path:
    """Where whatever cannot be kept is lost: a user need not have a home."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))
    return (home if home.is_absolute() else Path(os.devnull)) / PACKAGE / "parsed"


def _keep(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{os.getpid()}.{path.name}")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)
    if len(old := list(path.parent.iterdir())) > MOST:
        for one in sorted(old, key=lambda one: one.stat().st_mtime)[: MOST // 2]:
            one.unlink()


class _Module:
    """One module cut into what the walk needs: definitions by name, imports by dotted path."""

    def __init__(self, tree: ast.Module, package: Path) -> None:
        imported = []  # lazily, inside functions, counts too
        for node in ast.walk(tree):
            _without_docstring(node)
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE:
                imported.append(node)
        self.package = package
        self.asked: dict[str, bool] = {}  # which modules there are decides what an import means
        body = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
        self.definitions: dict[str, list[ast.stmt]] = {ALL: body, LOOSE: []}
        self.modules: dict[str, str] = {}
        self.names: dict[str, tuple[str, str]] = {}
        for node in imported:
            self._import(node)
        for node in body:
            for name in _defined(node) or [LOOSE]:
                self.definitions.setdefault(name, []).append(node)
        self.loose = "".join(ast.dump(node) for node in self.definitions[LOOSE])

    def reached(self, name: str) -> tuple[str, list[tuple[str, str]]]:
        """A definition as a hash, and what it refers to.

        Importing a module runs its loose statements (a registration, say), so those of every import count as well, and
        its own.
        """
        nodes = self.definitions[name]
        referred = [(label, LOOSE) for label in (*self.modules.values(), *(home for home, _ in self.names.values()))]
        if name not in (ALL, LOOSE):
            referred += self._referred(self.definitions[LOOSE], whole=False)
        referred += self._referred(nodes, whole=name == ALL)
        text = self.loose if name == LOOSE else self.loose + "".join(ast.dump(node) for node in nodes)
        return hashlib.sha256(text.encode()).hexdigest(), list(dict.fromkeys(referred))

    def _referred(self, nodes: list[ast.stmt], whole: bool) -> Iterator[tuple[str, str]]:
        """What statements refer to; where they are the whole module, its own definitions are among them."""
        for used in (used for node in nodes for used in ast.walk(node)):
            if isinstance(used, ast.Attribute) and isinstance(used.value, ast.Name):
                if used.value.id in self.modules:
                    yield self.modules[used.value.id], used.attr
            elif isinstance(used, ast.Name):
                if used.id in self.names:
                    yield self.names[used.id]
                elif not whole and used.id in self.definitions:
                    yield "", used.id

    def _import(self, node: ast.ImportFrom) -> None:
        """`from dnalm.dna import seq` brings a module, `from dnalm.dna.seq import encode` a name out of one."""
        home = (node.module or "").split(".")[1:]
        if home and self._is_module(home):
            self.names |= {alias.asname or alias.name: (".".join(home), alias.name) for alias in node.names}
            return
        for alias in node.names:
            if self._is_module([*home, alias.name]):  # `from dnalm import __version__` names none
                self.modules[alias.asname or alias.name] = ".".join([*home, alias.name])

    def _is_module(self, parts: list[str]) -> bool:
        path = "/".join(parts) + ".py"
        self.asked[path] = self.package.joinpath(path).exists()
        return self.asked[path]


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
