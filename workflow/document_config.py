"""Write config/README.md from the schemas: `python workflow/document_config.py > config/README.md`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "scripts"))  # where `presets` finds the library

import presets

INTRODUCTION = """# Configuration

`config.yaml` says what to run; everything it names is a preset, one file in a folder here, and the file's name is the
name. To add a genome, a model or a target, add a file. Wrong keys are refused before any job starts. Numbers with an
exponent are written `1.0e-4`: YAML reads `1e-4` as text. In text, `$VARIABLES` are expanded.

This page is made from `workflow/schemas/` by `python workflow/document_config.py > config/README.md`.
"""


def main() -> None:
    """Print the page."""
    sys.stdout.write(page())


def page() -> str:
    """All kinds of presets, each key with type, default and meaning."""
    parts = [INTRODUCTION]
    for kind in ("config", *presets.KINDS):
        rules = presets.schema(kind)
        name = "config.yaml" if kind == "config" else f"{kind}/{{name}}.yaml"
        parts.append(f"## {name}\n\n{rules['description']}\n")
        parts.append("| key | type | default | meaning |\n|---|---|---|---|\n" + "\n".join(rows(rules)) + "\n")
    return "\n".join(parts)


def rows(rules: dict, prefix: str = "") -> list[str]:
    """Table rows of a mapping's keys, nested ones as outer.inner."""
    found = []
    for key, one in rules["properties"].items():
        needed = key in rules.get("required", [])
        default = "needed" if needed else f"`{one['default']}`" if "default" in one else ""
        names = one.get("items", one).get("enum")
        kind = " or ".join(map(str, names or presets.listed(one["type"])))
        kind = f"array of {kind}" if names and one["type"] == "array" else kind
        found.append(f"| `{prefix}{key}` | {kind} | {default} | {one['description']} |")
        inner = one.get("items", {}) if one["type"] == "array" else one
        if inner.get("properties"):
            found += rows(inner, f"{prefix}{key}.")
    return found


if __name__ == "__main__":
    main()
