"""The library's plan: wings on floors, imports downward only, never in a circle, and no torch where none belongs."""

import ast
from pathlib import Path

import pytest

LIBRARY = Path(__file__).resolve().parents[1] / "workflow/scripts/dnalm"
ROOT = "(root)"  # the plumbing beside the wings
FLOORS = (
    (ROOT,),
    ("metrics",),
    ("dna",),
    ("genome",),
    ("simulate", "tokens"),
    ("networks",),
    ("published",),
    ("training",),
    ("targets",),
    ("scan", "variants", "designs", "insight"),
)
BESIDE = {"figures": {ROOT, "metrics", "dna", "genome"}}
FORBIDDEN = {
    "metrics": {"torch", "transformers"},
    "dna": {"torch", "transformers", "pysam"},
    "figures": {"torch", "transformers", "pysam"},
}


def modules(library):
    return sorted(path for path in library.rglob("*.py") if path.name != "__init__.py")


def wing_of(path, library):
    return ROOT if path.parent == library else path.parent.name


def imports(path):
    """(module, name) of every absolute import; relative ones as they are written."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (("." * node.level + (node.module or ""), alias.name) for alias in node.names)


def home_of(module, name, library):
    """The library's module that an import names: its path, or None for what is not the library's."""
    parts = module.split(".")
    if parts[0] != "dnalm":
        return None
    for path in (library.joinpath(*parts[1:]).with_suffix(".py"), library.joinpath(*parts[1:], f"{name}.py")):
        if path.exists():
            return path
    return library / "__init__.py"


def graph(library):
    """{module: the library's modules it imports}."""
    return {
        path: {home for module, name in imports(path) if (home := home_of(module, name, library))}
        for path in modules(library)
    }


def upward(library):
    """Imports that do not lead downward, as "wing/module -> wing/module"."""
    floor = {wing: number for number, wings in enumerate(FLOORS) for wing in wings}
    found = []
    for path, homes in graph(library).items():
        mine = wing_of(path, library)
        for home in homes:
            other = wing_of(home, library)
            fits = other in BESIDE[mine] if mine in BESIDE else floor.get(other, 99) < floor[mine]
            if other != mine and not fits:
                found.append(f"{path.relative_to(library)} -> {home.relative_to(library)}")
    return found


def circles(links):
    """Nodes that can be reached from themselves."""
    reached = {node: set(others) - {node} for node, others in links.items()}
    for middle in links:
        for others in reached.values():
            if middle in others:
                others |= reached[middle]
    return sorted(str(node) for node, others in reached.items() if node in others)


def shadows(path, library):
    """Parameters and locals with the name by which the file knows one of our modules, as "function: name"."""
    tree = ast.parse(path.read_text())
    ours = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if (home := home_of(node.module or "", alias.name, library)) and home.stem == alias.name
    }
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.Lambda):
            names = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
            names |= {
                node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
            yield from (f"{getattr(function, 'name', 'lambda')}: {name}" for name in sorted(names & ours))


def test_every_wing_stands_on_a_floor():
    wings = {path.name for path in LIBRARY.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert wings == {wing for floor in FLOORS for wing in floor} - {ROOT} | set(BESIDE)


def test_imports_lead_downward():
    """Top wings (scan, variants, designs, insight) never import one another, and nothing but scripts draws figures."""
    assert upward(LIBRARY) == []


def test_no_module_and_no_wing_imports_itself_by_way_of_others():
    links = graph(LIBRARY)
    assert circles(links) == []
    wings = {}
    for path, homes in links.items():
        wings.setdefault(wing_of(path, LIBRARY), set()).update(wing_of(home, LIBRARY) for home in homes)
    assert circles({wing: others - {wing} for wing, others in wings.items()}) == []


def test_a_circle_and_an_upward_import_would_be_seen(tmp_path):
    for name, text in {
        "dna/seq.py": "from dnalm.scan import peaks\n",
        "scan/peaks.py": "from dnalm.dna import seq\nfrom dnalm.variants.vcf import read\n",
        "variants/vcf.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert upward(tmp_path) == ["dna/seq.py -> scan/peaks.py", "scan/peaks.py -> variants/vcf.py"]
    assert len(circles(graph(tmp_path))) == 2


@pytest.mark.parametrize("wing", FORBIDDEN)
def test_light_wings_reach_no_heavy_package(wing):
    """Followed through what they import: an environment without torch (or pysam) must be able to draw a figure."""
    links, reached = graph(LIBRARY), {path for path in modules(LIBRARY) if wing_of(path, LIBRARY) == wing}
    while more := set().union(*(links[path] for path in reached if path in links)) - reached:
        reached |= more
    packages = {module.split(".")[0] for path in reached for module, _ in imports(path)}
    assert not packages & FORBIDDEN[wing]


def test_imports_are_absolute_and_wings_re_export_nothing():
    for path in modules(LIBRARY):
        assert not [module for module, _ in imports(path) if module.startswith(".")], path
    for path in LIBRARY.glob("*/__init__.py"):
        (only,) = ast.parse(path.read_text()).body
        assert isinstance(only, ast.Expr), path
        assert isinstance(only.value.value, str), path
    for path in [*modules(LIBRARY), *LIBRARY.parent.glob("*.py")]:
        for module, name in imports(path):
            home = home_of(module, name, LIBRARY)
            if home is None or name is None or home.stem == name or home.name == "__init__.py":
                continue
            defined = {
                one.id if isinstance(one, ast.Name) else one.name
                for node in ast.parse(home.read_text()).body
                for one in (node, *ast.walk(node))
                if isinstance(one, ast.FunctionDef | ast.ClassDef)
                or (isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store))
            }
            assert name in defined, f"{path}: {name} is not {home.name}'s own"


def test_no_parameter_and_no_local_hides_a_module():
    """Where one has the field's own name, as `bigwig` or `null`, the import gets another (`dna_bigwig`)."""
    scripts = LIBRARY.parent.glob("*.py")
    found = {path.name: hidden for path in [*modules(LIBRARY), *scripts] if (hidden := [*shadows(path, LIBRARY)])}
    assert found == {}


def test_a_hidden_module_would_be_seen(tmp_path):
    (tmp_path / "dna").mkdir()
    (tmp_path / "dna/motifs.py").write_text("def read():\n    pass\n")
    script = tmp_path / "script.py"
    script.write_text(
        "from dnalm.dna import motifs\nfrom dnalm.dna.motifs import read\n"
        "def main(*, motifs=None):\n    read = 1\ndef other(path):\n    for motifs in path:\n        pass\n"
        "def fine(motif):\n    return [motif for motif in motifs.read()], lambda motifs: 0\n"
    )
    assert [*shadows(script, tmp_path)] == ["main: motifs", "other: motifs", "lambda: motifs"]
