"""Command lines from signatures: options, exit statuses, messages, cards."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated, NamedTuple

import pytest
from seen import help_of

from dnalm import cli

SCRIPTS = Path(__file__).resolve().parents[1] / "workflow/scripts"
SCRIPT = '''
from typing import Literal
from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.errors import InputError, UsageError


def main(*, source: Input, out: Output, count: int = 2, rate: float | None = None, names: list[str] | None = None,
         sizes: dict | None = None, fast: bool = False, kind: Literal["a", "b"] = "a", seed: int = 0) -> None:
    """Say what was asked."""
    if kind == "b" and count == 0:
        raise InputError(f"{source}:7: got nothing")
    if count == 1:
        raise UsageError("one is too few")
    if count == 3:
        raise ValueError("a fault")
    out.write_text(f"{count} {rate} {names} {sizes} {fast}")


if __name__ == "__main__":
    cli.run(main)
'''


@pytest.fixture
def run(tmp_path):
    (tmp_path / "say_it.py").write_text(SCRIPT)
    (tmp_path / "in.txt").write_text("x")

    def call(*words):
        command = [sys.executable, "say_it.py", "--source", "in.txt", "--out", "out.txt", *words]
        done = subprocess.run(
            command, cwd=tmp_path, env={"PYTHONPATH": str(SCRIPTS)}, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stderr

    call.folder = tmp_path
    return call


def test_every_kind_of_option(run):
    status, _ = run("--count", "5", "--rate", "1e-3", "--names", "x", "y z", "--sizes", '{"a": 1}', "--fast")
    assert status == 0
    assert (run.folder / "out.txt").read_text() == "5 0.001 ['x', 'y z'] {'a': 1} True"


def test_the_card_names_command_options_inputs_and_seed(run):
    run("--seed", "7", "--log", "logs/say.log")
    card = json.loads((run.folder / "out.txt.card.json").read_text())
    assert card["command"].endswith("say_it.py --source in.txt --out out.txt --seed 7 --log logs/say.log")
    assert card["options"]["count"] == 2
    assert card["seed"] == 7
    assert list(card["inputs"]) == ["in.txt"]
    assert card["inputs"]["in.txt"].startswith("2d711642b726b044")  # sha256 of "x"
    assert card["wall_s"] >= 0
    assert (run.folder / "logs/say.log").exists()


@pytest.mark.parametrize(
    "words, status, message",
    [
        (["--count", "1"], 1, "[say_it] error: one is too few"),
        (["--kind", "c"], 1, "invalid choice: 'c'"),
        (["--cuont", "1"], 1, "unrecognized arguments: --cuont"),
        (["--sizes", "a=1"], 1, """argument --sizes: got 'a=1', wanted JSON such as '{"key": 1}'"""),
        (["--sizes", "[1]"], 1, "argument --sizes: got '[1]', wanted JSON"),
        (["--source", "nowhere"], 2, "nowhere: no such file or folder"),
        (["--kind", "b", "--count", "0"], 2, "[say_it] error: in.txt:7: got nothing"),
        (["--count", "3"], 3, "internal error in say_it.py: ValueError: a fault"),
    ],
)
def test_exit_status_and_last_words(run, words, status, message):
    found, text = run(*words)
    assert found == status
    assert message in text
    assert ("Traceback" in text) == (status == 3)
    assert not (run.folder / "out.txt.card.json").exists()


class Row(NamedTuple):
    """A row of a toy table."""

    label: str


TOYS = {"small": Row("small toy"), "large": Row("a large one, 90 %")}


def of_tables(
    *,
    kind: Annotated[str, TOYS] = "small",
    kinds: Annotated[list[str] | None, TOYS] = None,
    ratios: Annotated[dict[str, float] | None, TOYS] = None,
    any_kind: Annotated[str | None, TOYS, cli.OPEN] = None,
) -> None:
    """Say what was asked."""
    print(kind, kinds, ratios, any_kind)


def asked(capsys, *words):
    cli.run(of_tables, list(words))
    return capsys.readouterr().out.strip()


def test_options_take_the_names_of_a_table(capsys):
    assert asked(capsys) == "small None None None"
    assert asked(capsys, "--kind", "large", "--kinds", "large", "small") == "large ['large', 'small'] None None"
    assert asked(capsys, "--ratios", '{"large": 2}') == "small None {'large': 2} None"
    assert asked(capsys, "--any-kind", "new") == "small None None new"


@pytest.mark.parametrize("words", [("--kind", "new"), ("--kinds", "small", "new")])
def test_a_name_that_a_table_has_not_is_refused_beside_those_it_has(capsys, words):
    with pytest.raises(SystemExit) as stop:
        cli.run(of_tables, list(words))
    assert stop.value.code == 1
    said = capsys.readouterr().err
    assert "invalid choice: 'new'" in said
    assert "small" in said
    assert "large" in said


def test_help_lists_a_table_with_its_labels(capsys):
    text = help_of(of_tables, capsys)
    assert text.count("small (small toy), large (a large one, 90 %); default: ") == 4
    assert "--kind NAME small (small toy)" in text
    assert "--kinds [NAME ...]" in text
    assert "--ratios JSON" in text
    assert "--any-kind ANY_KIND" in text
