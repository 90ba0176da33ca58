"""An IGV session: one file that opens a scan in the desktop browser, from the folder it lies in.

Format: what IGV writes itself (File, Save session; version 8). Paths are relative to the session's folder.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as xml

from dnalm import files
from dnalm.dna.place import Place
from dnalm.genome import browsers


class Track(NamedTuple):
    """A file and how it is shown; `limits` are those of a signal, and intervals have none."""

    path: Path
    name: str
    colour: str  # red,green,blue
    limits: tuple[float, float] | None = None


def write(path: Path, assembly: str | None, genome: Path, place: Place, tracks: Sequence[Track]) -> None:
    """Write a session. `assembly` is UCSC's name of the genome, if it has one; `genome` the folder of its FASTA.

    An assembly that IGV knows comes from IGV, with its genes; another is the FASTA, which then must stay where it is.
    """
    known = assembly if assembly in browsers.IGV else _from(path, genome / "genome.fa.gz")
    root = xml.Element("Session", genome=known, locus=f"{place.contig}:{place.start + 1}-{place.end}", version="8")
    resources, panel = xml.SubElement(root, "Resources"), xml.SubElement(root, "Panel", name="DataPanel")
    for track in tracks:
        where = _from(path, track.path)
        xml.SubElement(resources, "Resource", path=where)
        shown = xml.SubElement(panel, "Track", id=where, name=track.name, color=track.colour, visible="true")
        if track.limits:
            low, high = map(str, track.limits)
            for key, value in (("autoScale", "false"), ("renderer", "BAR_CHART"), ("windowFunction", "max")):
                shown.set(key, value)
            xml.SubElement(shown, "DataRange", minimum=low, baseline=low, maximum=high, type="LINEAR")
    xml.indent(root)
    with files.whole(path) as beside:
        xml.ElementTree(root).write(beside, encoding="UTF-8", xml_declaration=True)


def _from(session: Path, path: Path) -> str:
    """A path as it is written from the folder of the session."""
    return os.path.relpath(path.resolve(), session.resolve().parent)
