"""The code fingerprint: an edit reruns its users and nothing else; words about the code rerun nothing."""

import pytest

from dnalm import fingerprint as fingerprints
from dnalm import parsed
from dnalm.fingerprint import fingerprint

FILES = {
    "first.py": '"""First."""\nfrom dnalm import alpha\n\n\ndef main():\n    return alpha.used(1)\n',
    "second.py": "from dnalm.beta import other\n\n\ndef main():\n    return other()\n",
    "lazy.py": "def main():\n    from dnalm import beta\n    return beta.other()\n",
    "dnalm/alpha.py": (
        "from dnalm import beta\n\nLIMIT = 3\nTABLE = {'a': beta.third}\n\n\n"
        "def used(x):\n    return helper(x) + LIMIT\n\n\ndef helper(x):\n    return beta.other() + x\n\n\n"
        "def unused():\n    return TABLE\n"
    ),
    "dnalm/beta.py": "def other():\n    return 1\n\n\ndef third():\n    return 3\n",
}
SCRIPTS = ("first.py", "second.py", "lazy.py")


@pytest.fixture
def project(tmp_path):
    (tmp_path / "dnalm").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def edit(project, name, old, new):
    text = (project / name).read_text()
    assert old in text
    (project / name).write_text(text.replace(old, new))


def changed(project, name, old, new):
    before = {script: fingerprint(project / script) for script in SCRIPTS}
    edit(project, name, old, new)
    return {script for script in SCRIPTS if fingerprint(project / script) != before[script]}


@pytest.mark.parametrize(
    "name, old, new, users",
    [
        ("first.py", "used(1)", "used(2)", {"first.py"}),
        ("dnalm/alpha.py", "helper(x) + LIMIT", "helper(x) - LIMIT", {"first.py"}),
        ("dnalm/alpha.py", "LIMIT = 3", "LIMIT = 4", {"first.py"}),
        ("dnalm/beta.py", "return 1", "return 2", {"first.py", "second.py", "lazy.py"}),
        ("dnalm/beta.py", "return 3", "return 4", set()),
        ("dnalm/alpha.py", "return TABLE", "return None", set()),
        ("dnalm/beta.py", "def other():\n", 'def other():\n    """Say one."""\n    # a reason\n', set()),
        ("first.py", '"""First."""', '"""The first script."""', set()),
    ],
)
def test_an_edit_changes_exactly_its_users(project, name, old, new, users):
    assert changed(project, name, old, new) == users


def test_a_table_of_functions_leads_to_them(project):
    edit(project, "first.py", "alpha.used(1)", "alpha.TABLE['a']()")
    assert changed(project, "dnalm/beta.py", "return 3", "return 4") == {"first.py"}


def test_a_module_imported_for_its_registration_counts(project):
    """An architecture registers itself on import and is never named where it is used."""
    (project / "dnalm/net.py").write_text(
        "import registry\n\n\nclass Net:\n    width = 3\n\n\nregistry.register(Net)\n"
    )
    edit(project, "dnalm/alpha.py", "from dnalm import beta\n", "from dnalm import beta, net\n")
    assert changed(project, "dnalm/net.py", "width = 3", "width = 4") == {"first.py"}


def test_modules_of_one_name_in_two_wings_do_not_hide_each_other(project):
    """A label without the wing lets the first `table` met stand for both: an edit of the other would rerun nothing."""
    for wing, value in (("north", 1), ("south", 2)):
        (project / "dnalm" / wing).mkdir()
        (project / "dnalm" / wing / "table.py").write_text(f"def used():\n    return {value}\n")
    imports = (
        "from dnalm.north import table\nfrom dnalm.south import table as other\nfrom dnalm.south.table import used\n"
    )
    edit(project, "first.py", "from dnalm import alpha\n", f"from dnalm import alpha\n{imports}")
    edit(project, "first.py", "alpha.used(1)", "alpha.used(table.used() + other.used())")
    edit(
        project,
        "second.py",
        "from dnalm.beta import other\n",
        "from dnalm.beta import other\nfrom dnalm.north.table import used\n",
    )
    edit(project, "second.py", "return other()", "return other() + used()")
    assert changed(project, "dnalm/north/table.py", "return 1", "return 3") == {"first.py", "second.py"}
    assert changed(project, "dnalm/south/table.py", "return 2", "return 4") == {"first.py"}


def test_a_registration_in_a_wing_counts(project):
    (project / "dnalm/nets").mkdir()
    (project / "dnalm/nets/net.py").write_text(
        "import registry\n\n\nclass Net:\n    width = 3\n\n\nregistry.register(Net)\n"
    )
    edit(project, "dnalm/alpha.py", "from dnalm import beta\n", "from dnalm import beta\nfrom dnalm.nets import net\n")
    assert changed(project, "dnalm/nets/net.py", "width = 3", "width = 4") == {"first.py"}


def test_plumbing_does_not_count(project):
    """A changed log line must not redo a pretraining."""
    (project / "dnalm/logs.py").write_text("def tell():\n    return 1\n")
    edit(
        project,
        "dnalm/beta.py",
        "def other():\n    return 1",
        "from dnalm import logs\n\n\ndef other():\n    return logs.tell()",
    )
    assert changed(project, "dnalm/logs.py", "return 1", "return 2") == set()


def test_touching_changes_nothing(project):
    before = fingerprint(project / "first.py")
    (project / "dnalm/beta.py").touch()
    assert fingerprint(project / "first.py") == before


@pytest.fixture
def cache(monkeypatch, tmp_path_factory):
    """The user's cache, empty: what is read of a file is kept there."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder / "dnalm/parsed"


def anew(project):
    """Fingerprints as another process finds them."""
    fingerprints._parsed.cache_clear()
    return [fingerprint(project / script) for script in SCRIPTS]


def test_what_was_read_once_is_read_from_the_cache_and_says_the_same(project, cache, monkeypatch):
    first = anew(project)
    assert len(list(cache.iterdir())) == len(FILES)
    with monkeypatch.context() as changed:
        changed.setattr(parsed.ast, "parse", None)
        assert anew(project) == first
    for path in cache.iterdir():
        path.write_text(path.read_text()[:-9])
    assert anew(project) == first
    monkeypatch.chdir(project)
    for nowhere in ("/dev/null", "here"):  # which cannot be written, or would be a folder in the project
        monkeypatch.setenv("XDG_CACHE_HOME", nowhere)
        assert anew(project) == first
    assert not (project / "here").exists()


def test_a_module_that_comes_or_goes_changes_what_an_import_means(project, cache):
    """`from dnalm.beta import other` is a function of beta.py, or the module beta/other.py: the text is the same."""
    before = anew(project)
    (project / "dnalm/beta.py").rename(project / "beta.txt")
    (project / "dnalm/beta").mkdir()
    (project / "dnalm/beta/other.py").write_text("def __call__():\n    return 1\n")
    edit(project, "first.py", "alpha.used(1)", "1")
    there = anew(project)
    assert there[1] != before[1]
    edit(project, "dnalm/beta/other.py", "return 1", "import os; os.nice(1)")
    (project / "dnalm/beta/other.py").unlink()
    assert anew(project)[1] != there[1]


def test_the_cache_does_not_grow_for_ever(project, cache, monkeypatch):
    monkeypatch.setattr(parsed, "MOST", 6)
    for value in range(8):
        (project / "dnalm/beta.py").write_text(f"def other():\n    return {value}\n\n\ndef third():\n    return 3\n")
        anew(project)
    assert len(list(cache.iterdir())) <= 6
