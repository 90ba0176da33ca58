"""Scripts and readers called as a user calls them, for their exit status and their words."""

import importlib
import signal as signals

import pytest

from dnalm import cli
from dnalm.cli import Input


@pytest.fixture
def call(capsys):
    """Run a script's command line in this process: (exit status, what it said)."""
    before = signals.getsignal(signals.SIGTERM)

    def run(main, *words):
        main = importlib.import_module(main).main if isinstance(main, str) else main
        try:
            cli.run(main, [str(word) for word in words])
            status = 0
        except SystemExit as stop:
            status = stop.code
        return status, capsys.readouterr().err

    yield run
    signals.signal(signals.SIGTERM, before)


@pytest.fixture
def read(call, tmp_path):
    """Run a reader as a script does, on a file of this content."""

    def run(reader, content, file):
        path = tmp_path / file
        path.write_bytes(content)

        def main(*, path: Input) -> None:
            """Read."""
            reader(path)

        return call(main, "--path", path)

    return run
