"""Tables are read off the source: what is a literal in a row, and a line that says why where there is none."""

import pytest

import presets
import tables

MODULE = '''
from typing import NamedTuple

from elsewhere import Other, LIMIT


class Row(NamedTuple):
    """A row."""

    function: object
    label: str
    option: str = ""
    ratio: float = 1.0
    needs: tuple[str, ...] = ()
    limit: int = LIMIT
    of: str = ""


TOYS: dict[str, Row] = {
    "plain": Row(len, "by place"),
    "full": Row(function=len, label="by name", option="many", ratio=-0.5, needs=("motif",), limit=3),
    "sister": Row(len, label=LIMIT, of="plain"),
}
ELSEWHERE: dict[str, Other] = {"one": Other("label")}
DEEPER: dict[str, Row] = {"one": Row.made("label")}
LOOSE = {"one": Row(len, "not annotated")}
'''


@pytest.fixture(autouse=True)
def library(tmp_path, monkeypatch):
    (tmp_path / "toys").mkdir()
    (tmp_path / "toys/table.py").write_text(MODULE)
    monkeypatch.setattr(tables, "LIBRARY", tmp_path)
    tables.rows.cache_clear()
    yield
    tables.rows.cache_clear()


def test_fields_by_place_by_name_and_by_default():
    rows = tables.rows("toys.table.TOYS")
    assert list(rows) == ["plain", "full", "sister"]
    assert rows["plain"] == {"label": "by place", "option": "", "ratio": 1.0, "needs": (), "of": ""}
    assert rows["full"] == {
        "label": "by name", "option": "many", "ratio": -0.5, "needs": ("motif",), "limit": 3, "of": "",
    }  # fmt: skip


def test_what_is_no_literal_is_left_out():
    rows = tables.rows("toys.table.TOYS")
    assert not any("function" in row for row in rows.values())
    assert "label" not in rows["sister"]
    assert "limit" not in rows["plain"]  # a default that is a name


def test_a_row_that_goes_by_another_name_has_none_of_its_own():
    assert tables.names("toys.table.TOYS") == ["plain", "full"]


@pytest.mark.parametrize(
    "name, line",
    [
        ("NONE", "toys.table holds no table NONE, wanted `NONE: dict"),
        ("LOOSE", "toys.table holds no table LOOSE"),
        ("ELSEWHERE", "no class Other beside its table"),
        ("DEEPER", "no class Row.made beside its table"),
    ],
)
def test_what_is_no_table_is_told_in_one_line(name, line):
    with pytest.raises(LookupError, match=line):
        tables.rows(f"toys.table.{name}")


def test_markers_of_a_schema_become_names_keys_and_words():
    marked = {"properties": {"toy": {"type": "string", "description": "which", "x-table": "toys.table.TOYS"}}}
    assert presets._tabled(marked)["properties"]["toy"] == {
        "type": "string", "description": "which", "enum": ["plain", "full"],
    }  # fmt: skip
    listed = presets._tabled({"items": [{"x-table": "toys.table.TOYS"}]})
    assert listed == {"items": [{"enum": ["plain", "full"]}]}


def test_a_known_table_is_told_by_name_and_label_and_shuts_nothing_out(tmp_path):
    (tmp_path / "toys/table.py").write_text(MODULE.replace("label=LIMIT", "label='third'"))
    tables.rows.cache_clear()
    found = presets._tabled({"description": "one of these", "x-known": "toys.table.TOYS"})
    assert found == {"description": "one of these: plain (by place), full (by name)"}


def test_rows_of_a_table_become_keys_beside_the_others(tmp_path):
    text = MODULE.replace('Row(len, "by place")', 'Row(len, "by place", option="few")')
    text = text.replace('label=LIMIT, of="plain"', 'label="third", option="none"')
    (tmp_path / "toys/table.py").write_text(
        text.replace("label: str\n", "label: str\n    description: str = 'how many'\n")
    )
    tables.rows.cache_clear()
    marked = {"first": {"type": "string"}, "toys": {"x-rows": "toys.table.TOYS", "type": "number", "minimum": 0}}
    shared = {"type": "number", "minimum": 0, "description": "how many"}
    found = presets._tabled(marked | {"last": {"type": "string"}})
    assert found == {
        "first": {"type": "string"},
        "few": shared | {"default": 1.0},
        "many": shared | {"default": -0.5},
        "none": shared | {"default": 1.0},
        "last": {"type": "string"},
    }
    assert list(found) == ["first", "few", "many", "none", "last"]


def test_no_marker_is_left_in_what_ships(monkeypatch):
    monkeypatch.undo()
    tables.rows.cache_clear()
    for kind in ("config", *presets.KINDS):
        assert "x-" not in "".join(keys(presets.schema(kind)))


def keys(rules):
    """Every key of a schema, however deep."""
    if isinstance(rules, dict):
        for key, one in rules.items():
            yield f"{key}\n"
            yield from keys(one)
    elif isinstance(rules, list):
        for one in rules:
            yield from keys(one)
