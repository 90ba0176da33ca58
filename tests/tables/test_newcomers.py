"""A table is the only list: one row added to one module is found in schema, help, results and pictures.

Each newcomer joins a copy of the project, and the copy's own tests (toy_*.py here, which do not run elsewhere) look for
it in a process of their own.
"""

import contextlib
import re

import pytest
from newcomers import NEWCOMERS, joined, trying, with_row
from project import ROOT

import tables

LIBRARY = ROOT / "workflow/scripts/dnalm"


@pytest.fixture(scope="module")
def tried():
    with trying() as found:
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("table", NEWCOMERS)
def test_one_row_is_found_everywhere(tmp_path, tried, table):
    tried(joined(tmp_path / "project", table), table.lower())


def test_every_table_has_its_newcomer():
    """A table is a dict in capitals whose rows are built by a NamedTuple beside it."""
    found = set()
    for path in LIBRARY.rglob("*.py"):
        for name in re.findall(r"(?m)^([A-Z_]+): dict\[str, ", path.read_text()):
            with contextlib.suppress(LookupError):
                tables.rows(f"{'.'.join(path.relative_to(LIBRARY).with_suffix('').parts)}.{name}")
                found.add(name)
    assert found == set(NEWCOMERS)


@pytest.mark.parametrize("table", NEWCOMERS)
def test_the_readme_says_where_the_row_goes(table):
    section = (ROOT / "README.md").read_text().split("## To add")[1].split("\n## ")[0]
    (row,) = [line for line in section.splitlines() if f"`{table}`" in line]
    assert f"`dnalm/{NEWCOMERS[table].module}.py`" in row


@pytest.mark.parametrize("table", NEWCOMERS)
def test_a_newcomer_adds_a_row_and_changes_nothing_else(monkeypatch, tmp_path, table):
    new = NEWCOMERS[table]
    where = f"{new.module.replace('/', '.')}.{table}"
    before, path = tables.rows(where), (tmp_path / new.module).with_suffix(".py")
    path.parent.mkdir(parents=True)
    path.write_text(with_row((LIBRARY / new.module).with_suffix(".py").read_text(), table, new))
    monkeypatch.setattr(tables, "LIBRARY", tmp_path)
    after = tables.rows.__wrapped__(where)
    assert [*after] == [*before, "toy"]
    assert {name: row for name, row in after.items() if name != "toy"} == before
