"""A track hub: a folder that UCSC's Genome Browser opens from a web address, with the tracks, labels and pages in it.

hub.txt names the genomes, genomes.txt their tracks, trackDb.txt each track and its file. A genome that UCSC lacks goes
along as 2bit. The folder holds all it names, so it can be copied to any web server that answers for parts of files.
Format: https://genome.ucsc.edu/goldenPath/help/hgTrackHubHelp.html, assemblyHubHelp.html and trackDb/trackDbHub.html.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from dnalm import files
from dnalm.dna import intervals
from dnalm.dna.place import Place
from dnalm.errors import UsageError
from dnalm.genome import browsers, contigs, twobit

SHORT, LONG = 17, 76  # letters that a browser has room for, as UCSC advises
GROUP = "dnalm"


class Track(NamedTuple):
    """One track: its name, the file it shows, and how. `page` is the HTML that a click on it brings."""

    name: str
    source: Path
    kind: str  # UCSC's type, as `bigWig 0 1`
    short: str
    long: str
    colour: str  # red,green,blue
    page: str
    more: Mapping[str, str] = {}


class Assembly(NamedTuple):
    """The genome: what a browser calls it, whether UCSC has it, the folder of its sequence, the place shown first."""

    name: str
    known: bool
    folder: Path
    place: Place


class About(NamedTuple):
    """What the hub says of itself: a word for its name, labels, whom to ask, and its page (HTML)."""

    name: str
    short: str
    long: str
    email: str
    page: str


def long_label(text: str) -> str:
    """What UCSC shows in full; what is too long loses its middle, for the recipe and its seed stand at the end."""
    if len(text) <= LONG:
        return text
    head = LONG // 2 - 2
    return f"{text[:head]}..{text[head + 2 - LONG :]}"


def short_label(text: str, noun: str) -> str:
    """A label beside a track: the noun whole, and as much of the text before it as there is room for."""
    return f"{text[: SHORT - len(noun) - 1].rstrip()} {noun}"


def check_email(email: str) -> None:
    """UCSC wants an address in every hub; UsageError where it is none."""
    if not browsers.EMAIL.fullmatch(email):
        raise UsageError(f"--email: got {email!r}, wanted an address such as name@lab.org (hub.email in config.yaml)")


def write(folder: Path, about: About, assembly: Assembly, tracks: Sequence[Track]) -> None:
    """Write a hub, whole or not at all; the files of the tracks are linked into it where the disk can, else copied.

    Raises UsageError for an address that is none and for a name that UCSC does not take, ValueError for one name twice.
    """
    check_email(about.email)
    for name in [assembly.name, *(track.name for track in tracks)]:
        if not browsers.NAME.fullmatch(name):
            raise UsageError(f"got {name!r} as a name in a hub; UCSC takes a letter, then letters, digits, _ and -")
    if len({track.name for track in tracks}) < len(tracks):
        raise ValueError("two tracks of a hub have one name")
    with files.whole(folder) as beside:
        inner = beside / assembly.name
        inner.mkdir(parents=True)
        _text(beside / "hub.txt", [{
            "hub": about.name, "shortLabel": about.short[:SHORT], "longLabel": long_label(about.long),
            "genomesFile": "genomes.txt", "email": about.email, "descriptionUrl": "description.html",
        }])  # fmt: skip
        (beside / "description.html").write_text(about.page, encoding="utf-8")
        _text(beside / "genomes.txt", [_genome(inner, assembly)])
        stanzas = []
        for number, track in enumerate(tracks, 1):
            ending = "".join(track.source.suffixes[-1:])
            _place(track.source, inner / f"{track.name}{ending}")
            (inner / f"{track.name}.html").write_text(track.page, encoding="utf-8")
            stanzas.append({
                "track": track.name, "bigDataUrl": f"{track.name}{ending}", "shortLabel": track.short[:SHORT],
                "longLabel": long_label(track.long), "type": track.kind, "color": track.colour, **track.more,
                **({} if assembly.known else {"group": GROUP}), "priority": str(number), "html": f"{track.name}.html",
            })  # fmt: skip
        _text(inner / "trackDb.txt", stanzas)


def _genome(inner: Path, assembly: Assembly) -> dict[str, str]:
    """The genome's stanza; one that UCSC lacks brings its sequence, groups and page."""
    name = assembly.name
    stanza = {"genome": name, "trackDb": f"{name}/trackDb.txt"}
    if assembly.known:
        return stanza
    names = list(intervals.read_sizes(assembly.folder / "chrom.sizes"))
    twobit.write(inner / f"{name}.2bit", contigs.read(assembly.folder / "genome.fa.gz"), names)
    group = {"name": GROUP, "label": GROUP, "priority": "1", "defaultIsClosed": "0"}
    _text(inner / "groups.txt", [group])
    place = assembly.place
    return stanza | {
        "twoBitPath": f"{name}/{name}.2bit",
        "groups": f"{name}/groups.txt",
        "description": name,
        "organism": name,
        "defaultPos": f"{place.contig}:{place.start + 1}-{place.end}",
        "orderKey": "1000",
        "htmlPath": "description.html",
    }


def _text(path: Path, stanzas: Sequence[Mapping[str, str]]) -> None:
    """Stanzas as UCSC reads them: a setting a line, an empty line between two."""
    blocks = ["".join(f"{key} {' '.join(value.split())}\n" for key, value in stanza.items()) for stanza in stanzas]
    path.write_text("\n".join(blocks), encoding="utf-8")


def _place(source: Path, into: Path) -> None:
    """The same file under another name: no second copy of what may be tens of gigabytes, where the disk can do that."""
    try:
        os.link(source.resolve(), into)
    except OSError:
        shutil.copyfile(source, into)
