"""A track hub read as UCSC's browser reads it, and refused where it would be: stanzas, names, labels, files.

https://genome.ucsc.edu/goldenPath/help/hgTrackHubHelp.html, assemblyHubHelp.html, trackDb/trackDbHub.html
"""

import re

import pyBigWig

HUB = ("hub", "shortLabel", "longLabel", "genomesFile", "email")
TRACK = ("track", "bigDataUrl", "shortLabel", "longLabel", "type")
ASSEMBLY = ("twoBitPath", "organism", "defaultPos", "groups", "description", "htmlPath")
TYPES = r"bigWig -?[\d.]+ -?[\d.]+|bigBed \d+( [+.])?|bigNarrowPeak"
LIMITS = r"(-?[\d.]+):(-?[\d.]+)"


def stanzas(path):
    """Settings of each stanza: a name and the rest of the line, an empty line between two stanzas."""
    found = []
    for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8").strip()):
        pairs = [line.split(" ", 1) for line in block.splitlines() if not line.startswith("#")]
        assert all(len(pair) == 2 and pair[1].strip() for pair in pairs), f"{path}: a setting without a value"
        assert len({name for name, _ in pairs}) == len(pairs), f"{path}: a setting twice"
        found.append(dict(pairs))
    return found


def read(folder):
    """{"hub": …, genome: {"genome": …, "tracks": {name: …}}}; AssertionError for what the browser would refuse."""
    (hub,) = stanzas(folder / "hub.txt")
    assert next(iter(hub)) == "hub", "hub.txt does not begin with its name"
    need(hub, HUB, "hub.txt")
    assert " " not in hub["hub"]
    assert re.fullmatch(r"\S+@\S+\.\S+", hub["email"]), hub["email"]
    labelled(hub)
    assert (folder / hub["descriptionUrl"]).read_text().startswith("<h2>")
    genomes = stanzas(folder / hub["genomesFile"])
    return {"hub": hub} | {genome["genome"]: read_genome(folder, genome) for genome in genomes}


def read_genome(folder, genome):
    need(genome, ("genome", "trackDb"), "genomes.txt")
    named(genome["genome"])
    groups = {"own"}
    if set(genome) & set(ASSEMBLY):
        need(genome, ASSEMBLY, "genomes.txt")
        assert re.fullmatch(r"[^:]+:[1-9]\d*-[1-9]\d*", genome["defaultPos"]), genome["defaultPos"]
        assert (folder / genome["twoBitPath"]).read_bytes()[:4] == b"\x43\x27\x41\x1a"
        assert (folder / genome["htmlPath"]).exists()
        listed = stanzas(folder / genome["groups"])
        for group in listed:
            need(group, ("name", "label", "priority", "defaultIsClosed"), "groups.txt")
        groups = {group["name"] for group in listed}
    path = folder / genome["trackDb"]
    tracks = {}
    for track in stanzas(path):
        need(track, TRACK, "trackDb.txt")
        assert next(iter(track)) == "track"
        assert track["track"] not in tracks, f"{track['track']} twice"
        assert track.get("group", "own") in groups, track.get("group")
        tracks[track["track"]] = read_track(path.parent, track)
    assert tracks
    return {"genome": genome, "tracks": tracks}


def read_track(folder, track):
    named(track["track"])
    labelled(track)
    assert re.fullmatch(TYPES, track["type"]), track["type"]
    colour = [int(one) for one in track["color"].split(",")]
    assert len(colour) == 3
    assert all(0 <= one < 256 for one in colour), colour
    assert track["visibility"] in ("hide", "dense", "squish", "pack", "full")
    assert (folder / track["html"]).read_text().startswith("<h2>")
    data = pyBigWig.open(str(folder / track["bigDataUrl"]))
    if track["type"].startswith("bigWig"):
        assert data.isBigWig()
        low, high = map(float, track["type"].split()[1:])
        found = [data.stats(name, type=kind, exact=True)[0] for name in data.chroms() for kind in ("min", "max")]
        assert (
            low <= min(one for one in found if one is not None) <= max(one for one in found if one is not None) <= high
        )
        if "viewLimits" in track:
            one, other = map(float, re.fullmatch(LIMITS, track["viewLimits"]).groups())
            assert one < other
            assert track["autoScale"] == "off"
    else:
        assert data.isBigBed()
        fields = data.SQL().decode().count(";\n") + data.SQL().decode().count(";  ")
        assert fields >= (10 if track["type"] == "bigNarrowPeak" else int(track["type"].split()[1]))
    data.close()
    return track


def need(settings, names, where):
    assert not (missing := [name for name in names if name not in settings]), f"{where} lacks {', '.join(missing)}"


def named(name):
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name), name


def labelled(settings):
    for key, most in (("shortLabel", 17), ("longLabel", 76)):
        assert 0 < len(settings[key]) <= most, settings[key]
