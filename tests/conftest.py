"""The library lies beside the scripts; the tests import it the way the scripts do."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "workflow" / "scripts"), str(ROOT / "workflow"), str(ROOT / "tests")]

from loopback import server  # noqa: E402, F401 - a fixture
