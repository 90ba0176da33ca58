"""Presets and the configuration: read, checked against their schemas, refused in one line each."""

import difflib
import json
import os
import re
from functools import cache
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

import tables
from dnalm import files, texts
from dnalm.errors import InputError

SCHEMAS = Path(__file__).parent / "schemas"
CLONE = Path(__file__).parents[1]
MADE = ("resources/genomes/", "resources/models/", "results/")  # what rules make
SHIPPED = ("config/", "resources/")  # what comes with the workflow
KINDS = ("genomes", "corpora", "tokenizers", "models", "vocabularies", "targets", "recipes", "variants")
KINDS += ("constraints", "designs")


class ConfigError(SystemExit):
    """Problems with configuration or presets, one line each.

    A SystemExit, because Snakemake prints nothing round it: wherever it is raised, in a rule's function too, the user
    sees these lines alone and exit status 1.
    """


@cache
def schema(kind: str) -> dict:
    """The JSON schema of a preset kind, or of "config", with what it takes from the library's tables filled in."""
    text = (SCHEMAS / f"{kind}.schema.yaml").read_text(encoding="utf-8")
    return _tabled(yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))  # libyaml: ten times faster


def _tabled(rules: object) -> object:
    """A schema without its markers: `x-table` becomes the names of a table, `x-rows` a key for each of its rows.

    `x-known` names a table whose rows the description tells, by name and label.
    """
    if isinstance(rules, list):
        return [_tabled(one) for one in rules]
    if not isinstance(rules, dict):
        return rules
    found: dict = {}
    for key, one in rules.items():
        if key == "x-table":
            found["enum"] = tables.names(one)
        elif key == "x-known":
            labels = {name: tables.rows(one)[name]["label"] for name in tables.names(one)}
            found["description"] += ": " + ", ".join(f"{name} ({label})" for name, label in labels.items())
        elif isinstance(one, dict) and "x-rows" in one:
            shared = {name: value for name, value in one.items() if name != "x-rows"}
            for row in tables.rows(one["x-rows"]).values():
                found[row["option"]] = shared | {"description": row["description"], "default": row["ratio"]}
        else:
            found[key] = _tabled(one)
    return found


def is_made(path: str) -> bool:
    """Whether a file that a preset names is one that rules make."""
    return path.startswith(MADE)


def shipped(path: str) -> str:
    """A file in the working directory or, where none is there, the one of that name that comes with the workflow.

    So the presets and motifs of the clone are at hand in another folder, and in a workflow that uses this one.
    """
    there = path.startswith(SHIPPED) and not is_made(path) and not Path(path).exists() and (CLONE / path).exists()
    return os.path.relpath(CLONE / path) if there else path


def path(kind: str, name: str) -> str:
    """Where the file of a preset is, or should be."""
    return shipped(f"config/{kind}/{name}.yaml")


def exists(kind: str, name: str) -> bool:
    """Whether a preset file of that name is there."""
    return Path(path(kind, name)).exists()


@cache
def preset(kind: str, name: str) -> dict:
    """One preset, checked, with environment variables expanded in its text values; ConfigError where it is wrong."""
    if not files.NAME.match(name):
        raise ConfigError(f"{name!r} is no name for a preset; use letters, digits, '.', '_' and '-'")
    where = Path(path(kind, name))
    if not where.exists():
        there = {one.stem for clone in (Path(), CLONE) for one in clone.glob(f"config/{kind}/*.yaml")}
        raise ConfigError(f"{where}: no such preset{nearest(name, list(there))}; there are: {', '.join(sorted(there))}")
    values = read(where)
    problems = check(values, schema(kind), str(where))
    if problems:
        raise ConfigError("\n".join(problems))
    return _expanded(values, where)


class _Loader(yaml.SafeLoader):
    """YAML in which no key is given twice: PyYAML takes the last without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        """A mapping of keys to values."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        for number, key in enumerate(keys):
            if key in keys[:number]:
                problem = f"the key {key} is given twice; remove one of the lines"
                raise yaml.constructor.ConstructorError(None, None, problem, node.value[number][0].start_mark)
        return super().construct_mapping(node, deep)


def read(path: Path) -> dict:
    """A YAML file that holds a mapping."""
    try:
        values = yaml.load(texts.read(path, "YAML"), _Loader) or {}
        json.dumps(values, default=str, skipkeys=True)  # an anchor within itself never ends
    except InputError as error:
        raise ConfigError(str(error)) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = str(getattr(error, "problem", None) or error).splitlines()[0]
        raise ConfigError(f"{path}{line}: not YAML: {problem}") from None
    except (ValueError, RecursionError) as error:  # a date that there is not, brackets without end
        raise ConfigError(f"{path}: not YAML: {error}") from None
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: got {type(values).__name__}, wanted keys and values")
    return values


def listed(one: object) -> list:
    """One or several of something as a list: a text, a list of texts, or what a mapping's keys stand for."""
    return list(one.values()) if isinstance(one, dict) else one if isinstance(one, list) else [one]


def value(kind: str, name: str, key: str) -> object:
    """A preset's key, or its default where the preset leaves it out."""
    return preset(kind, name).get(key, schema(kind)["properties"][key].get("default"))


def filled(values: dict, rules: dict) -> dict:
    """A mapping with the defaults of its schema where keys are left out."""
    defaults = {key: one["default"] for key, one in rules["properties"].items() if "default" in one}
    return defaults | values


def check(values: dict, rules: dict, where: str) -> list[str]:
    """One line for each thing that a schema does not allow: where, what was got, what was wanted."""
    errors = sorted(Draft202012Validator(rules).iter_errors(values), key=lambda error: list(map(str, error.path)))
    return [f"{where}: {_sentence(error)}" for error in errors]


def _sentence(error: ValidationError) -> str:
    place = ".".join(map(str, error.absolute_path))
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        unknown = [key for key in error.instance if key not in known]
        prefix = f"{place}." if place else ""
        comment = f" ({error.schema['$comment']})" if "$comment" in error.schema else ""
        return "; ".join(f"unknown key {prefix}{key}{nearest(key, known)}" for key in unknown) + comment
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        return f"{place + ': ' if place else ''}lacks {', '.join(missing)}"
    if error.validator == "enum":
        known = list(map(str, error.validator_value))
        return f"{place}: got {error.instance!r}, wanted one of {', '.join(known)}{nearest(error.instance, known)}"
    if error.validator == "type":
        hint = "; write 1.0e-4, YAML reads 1e-4 as text" if _number_as_text(error) else ""
        hint = "; put it in quotes" if error.validator_value == "string" else hint
        wanted = " or ".join(listed(error.validator_value))
        return f"{place}: got {error.instance!r}, wanted {wanted}{hint}"
    if error.validator == "pattern":
        wanted = error.schema.get("description", f"text like {error.validator_value}")
        return f"{place}: got {error.instance!r}, wanted {wanted}"
    return f"{place}: {error.message}"


def _number_as_text(error: ValidationError) -> bool:
    text = error.instance
    return isinstance(text, str) and bool(re.fullmatch(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+", text))


def nearest(name: str, known: list[str]) -> str:
    """A hint at the closest known name, if one is close, else nothing."""
    close = difflib.get_close_matches(str(name), known, 1)
    return f", did you mean {close[0]}?" if close else ""


def _expanded(values: object, path: Path) -> object:
    """Text values with their environment variables filled in ($NAME or ${NAME}; $$ is a dollar)."""
    if isinstance(values, dict):
        return {key: _expanded(one, path) for key, one in values.items()}
    if isinstance(values, list):
        return [_expanded(one, path) for one in values]
    if not isinstance(values, str):
        return values
    text = re.sub(r"\$(?:\$|\{(\w+)\}|(\w+))", lambda found: _variable(found, values, path), values)
    if re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", text):
        raise ConfigError(f"{path}: got {text!r}, wanted text on one line, without control characters; correct it")
    return text


def _variable(found: re.Match, text: str, path: Path) -> str:
    name = found[1] or found[2]
    if name is None:
        return "$"
    if name not in os.environ:
        raise ConfigError(
            f"{path}: {text}: the environment variable {name} is not set; export {name}=…, or write $$ for a dollar"
        )
    return os.environ[name]
