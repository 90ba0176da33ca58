"""What files in use get wrong and has one safe reading, put right and counted: so that htslib reads what we write.

Measured with htslib 1.23: it takes a QUAL that is no number for 0 and an empty FILTER for a filter without a name,
drops header lines that it cannot parse, and stops at a FILTER with a comma. What it refuses and has no one safe reading
(a genotype that is none, more values than FORMAT has keys) is an error: `htslib.check` finds it before the scoring.
"""

import re
from collections import Counter

_KEYED = re.compile(r"##[^=\s][^=]*=")
_DEFINITION = re.compile(r"##(?:INFO|FORMAT|FILTER|ALT|contig)=\s*<")  # of other lines htslib uses nothing
_PAIR = r'[^=,<>"]+=(?:\s*"(?:[^"\\]|\\.)*"\s*|(?:[^,<>"]|<[^<>"]*>)*)'
_WELL_FORMED = re.compile(rf"##[^=]+=\s*<{_PAIR}(?:,{_PAIR})*>\s*")
_INDEX = re.compile(r",IDX=\d+(?=[,>])")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|inf|nan|Inf|NaN)", re.ASCII)
_GENOTYPE = '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">'


def header(meta: list[str], counts: Counter) -> list[str]:
    """Header lines, each as htslib can parse it."""
    return [_header_line(line, counts) for line in meta]


def _header_line(line: str, counts: Counter) -> str:
    if not _KEYED.match(line):
        counts["header lines without a key, kept as ##comment"] += 1
        return f"##comment={line.lstrip('#=')}"
    if not _DEFINITION.match(line):
        return line
    if not _WELL_FORMED.fullmatch(line):
        counts["header lines with quotes or brackets that do not close"] += 1
        line = _rebuilt(line)
    if _INDEX.search(line):  # the numbering of a BCF's dictionary, which means nothing in text and may conflict
        counts["header lines with IDX, left out"] += 1
        line = _INDEX.sub("", line)
    if re.match(r"##FORMAT=<ID=GT,", line) and not ("Number=1," in line and "Type=String" in line):
        counts["definitions of GT that are not Number=1, Type=String"] += 1
        return _GENOTYPE
    return line


def _rebuilt(line: str) -> str:
    """A definition with the parts that can be told; a comment where it has no name."""
    kind = line[2 : line.index("=")]
    parts = {key: re.search(rf"\b{key}\s*=\s*([^,<>\"\s]+)", line) for key in ("ID", "Number", "Type", "length")}
    if parts["ID"] is None:
        return f"##comment={line.lstrip('#')}"
    words = re.search(r"Description\s*=\s*(.*)", line)
    found = [f"{key}={part[1]}" for key, part in parts.items() if part]
    if words:
        text = words[1].strip().removesuffix(">").strip().removeprefix('"').removesuffix('"')
        found.append('Description="' + text.replace('"', "'").replace("\\", "/") + '"')
    return f"##{kind}=<{','.join(found)}>"


def record(fields: list[str], *, blanks: bool, counts: Counter) -> None:
    """Put a record's ALT, QUAL, FILTER, INFO and samples' cells right; `blanks`: INFO may hold some (since VCF 4.3)."""
    alternatives, quality, passed, info = fields[4:8]
    if ",," in f",{alternatives},":
        fields[4] = ",".join(text or "." for text in alternatives.split(","))
        counts["ALT with nothing beside a comma, now '.'"] += 1
    if quality != "." and not _NUMBER.fullmatch(quality):
        fields[5] = "."
        counts["QUAL that is no number, now '.'"] += 1
    if not passed or " " in passed or "," in passed or ";;" in f";{passed};":
        fields[6] = ";".join(filter(None, re.sub("[ ,]", "_", passed).split(";"))) or "."
        counts["FILTER that is empty or holds blanks or commas, now '.' or '_'"] += 1
    if not info or ";=" in f";{info}":
        fields[7] = ";".join(part for part in info.split(";") if part and part[0] != "=") or "."
        counts["INFO that is empty or has a value without a key, left out"] += 1
    if " " in info and not blanks:
        fields[7] = fields[7].replace(" ", "_")
        counts["INFO with blanks, now '_'"] += 1
    if fields[8:] and "\t\t" in f"{fields[8]}\t":
        fields[8] = "\t".join(text or "." for text in fields[8].split("\t"))
        counts["empty cells of samples, now '.'"] += 1
