"""The library's tables, read without importing it: while the graph is built there is no torch.

A table is `NAME: dict[str, Row] = {"name": Row(…), …}` in a module of the library. Its names, and those fields of a row
that are literals, are read off the source; functions and classes are left out. So schemas, checks and the page of
configuration keys read the same list as the scripts do.
"""

import ast
from functools import cache
from pathlib import Path

LIBRARY = Path(__file__).parent / "scripts/dnalm"


@cache
def rows(where: str) -> dict[str, dict[str, object]]:
    """The literal fields of each row of a table, such as "targets.baselines.BASELINES", by the row's name.

    Raises LookupError where there is no such table, or a row is not built by a NamedTuple of the same module.
    """
    module, _, name = where.rpartition(".")
    tree = ast.parse(LIBRARY.joinpath(*module.split(".")).with_suffix(".py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", None) == name:
            table = node.value
            return {key.value: _row(tree, row) for key, row in zip(table.keys, table.values, strict=True)}
    raise LookupError(f"{module} holds no table {name}, wanted `{name}: dict[str, …] = {{…}}`")


def names(where: str) -> list[str]:
    """The names in a table, in its order; not those of rows that go by another row's name (`of`)."""
    return [name for name, row in rows(where).items() if not row.get("of")]


def _row(tree: ast.Module, call: ast.expr) -> dict[str, object]:
    fields = _fields(tree, ast.unparse(getattr(call, "func", call)))
    given = dict(zip(fields, call.args, strict=False)) | {one.arg: one.value for one in call.keywords}
    values = {name: _literal(node) for name, node in (fields | given).items() if node is not None}
    return {name: value for name, value in values.items() if value is not ...}


def _fields(tree: ast.Module, name: str) -> dict[str, ast.expr | None]:
    """A NamedTuple's fields with their defaults, in order."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return {one.target.id: one.value for one in node.body if isinstance(one, ast.AnnAssign)}
    raise LookupError(f"no class {name} beside its table; a row is built by a NamedTuple of the same module")


def _literal(node: ast.expr) -> object:
    """What an expression says, or ... for one that is no literal."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ...
