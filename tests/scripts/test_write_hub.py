"""Scans and constraint tracks as genome browsers open them: hubs that UCSC takes, a session, bedGraph, errors."""

import hashlib
import html
import json
import os
import shutil
from xml.etree import ElementTree as xml

import hub_format
import numpy as np
import pyBigWig
import pysam
import pytest
import scanned

import write_bedgraph
import write_constraint_hub
import write_hub
from dnalm.dna import bigwig
from dnalm.errors import InputError, UsageError
from dnalm.genome import contigs, twobit
from dnalm.scan import hub, pages

OUT = {"peaks": "toy.bb", "hub": "toy.hub", "session": "toy.igv.xml", "about": "toy.bw.json"}
SAID = {
    "target": "toy-ctcf",
    "run": "toy/char/conv full seed 0",
    "email": "someone@lab.example",
    "window": 200,
    "stride": 50,
}


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    return scanned.genome(tmp_path_factory.mktemp("genomes") / "toy")


def written(genome, folder, given=None, **more):
    given = given or scanned.scan(folder)
    out = {f"out_{name}": folder / file for name, file in OUT.items()}
    write_hub.main(genome=genome, **given, **out, **(SAID | {"browser": "toy"} | more))
    return hub_format.read(folder / "toy.hub")


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    path = tmp_path_factory.mktemp("truth") / "true.bed"
    path.write_text("chrB\t990\t1210\nchrA\t100\t300\n")
    return path


@pytest.fixture(scope="module")
def made(genome, truth, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scan")
    return folder, written(genome, folder, truth=[truth])


def test_a_hub_is_what_ucsc_takes(made):
    folder, found = made
    assert set(found) == {"hub", "toy"}
    assert found["hub"]["email"] == "someone@lab.example"
    tracks = found["toy"]["tracks"]
    assert list(tracks) == ["signal", "peaks", "truth"]
    assert [track["shortLabel"] for track in tracks.values()] == ["toy-ctcf signal", "toy-ctcf peaks", "toy-ctcf truth"]
    assert (tracks["signal"]["type"], tracks["signal"]["viewLimits"]) == ("bigWig 0 1", "0:1")
    assert tracks["peaks"]["longLabel"] == "Peaks of toy-ctcf, FDR 0.05, by toy/char/conv full seed 0"
    assert found["toy"]["genome"]["defaultPos"] == "chrB:1-11100"  # round the highest peak's summit
    for page in (folder / "toy.hub/toy/signal.html", folder / "toy.hub/description.html"):
        assert "A model &lt;of&gt; ours" in page.read_text()
        assert "<td>loss</td><td>a &amp; b</td>" in page.read_text()
    assert (
        "false discovery rate of 0.05 over the test places: 2 of 40 local maxima"
        in (folder / "toy.hub/toy/peaks.html").read_text()
    )


@pytest.mark.parametrize(
    "file, old, new",
    [
        ("hub.txt", "email someone@lab.example\n", ""),
        ("hub.txt", "email someone@lab.example", "email someone"),
        ("hub.txt", "shortLabel toy", "shortLabel a very long one of toy"),
        ("genomes.txt", "toy/trackDb.txt", "toy/trackDB.txt"),
        ("genomes.txt", "organism toy\n", ""),
        ("genomes.txt", "genome toy", "genome 1.toy"),
        ("genomes.txt", "toy.2bit", "toy.bit"),
        ("toy/trackDb.txt", "track peaks", "track signal"),
        ("toy/trackDb.txt", "track peaks", "track 2peaks"),
        ("toy/trackDb.txt", "bigDataUrl peaks.bb", "bigDataUrl signal.bw"),
        ("toy/trackDb.txt", "type bigWig 0 1", "type bigWig 0 0.5"),
        ("toy/trackDb.txt", "type bigWig 0 1", "type wig"),
        ("toy/trackDb.txt", "color 0,114,178", "color 0,114,278"),
        ("toy/trackDb.txt", "group dnalm", "group other"),
        ("toy/trackDb.txt", "html truth.html", "html true.html"),
        ("toy/trackDb.txt", "viewLimits 0:1", "viewLimits 1:0"),
    ],
)
def test_a_hub_that_ucsc_would_refuse_is_refused_by_our_reader(made, tmp_path, file, old, new):
    shutil.copytree(made[0] / "toy.hub", tmp_path / "toy.hub")
    path = tmp_path / "toy.hub" / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises((AssertionError, FileNotFoundError)):
        hub_format.read(tmp_path / "toy.hub")


def test_a_card_as_html_by_hand():
    wanted = (
        "<h4>A model &lt;of&gt; ours</h4>\n"
        "<table>\n<tr><td>epochs</td><td>5</td></tr>\n<tr><td>loss</td><td>a &amp; b</td></tr>\n</table>\n"
        "<p>One logit a window.</p>"
    )
    assert pages.from_card(scanned.CARD) == wanted
    assert pages.from_card("# One\nsee card.json beside this file\n") == (
        "<h4>One</h4>\n<p>see card.json beside the model</p>"
    )


def test_a_hub_can_be_copied_and_holds_all_it_names(made, tmp_path):
    folder, found = made
    copy = tmp_path / "elsewhere"
    shutil.copytree(folder / "toy.hub", copy)
    assert hub_format.read(copy) == found
    assert not [path for path in copy.rglob("*") if path.is_symlink()]
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_the_tracks_are_those_of_the_scan_and_take_no_second_room(made):
    folder, _ = made
    for name, file in (("signal.bw", "toy.bw"), ("peaks.bb", "toy.bb")):
        assert os.path.samefile(folder / "toy.hub/toy" / name, folder / file)
    called = pyBigWig.open(str(folder / "toy.bb"))
    assert called.entries("chrB", 0, 40_000) == [
        (1000, 1200, "peak_1\t900\t.\t0.9\t2\t1.5\t100"),
        (30_000, 30_150, "peak_2\t700\t.\t0.7\t2\t1.5\t75"),
    ]
    assert called.entries("chrA", 0, 8000) == [(500, 650, "peak_0\t650\t.\t0.65\t2\t1.5\t75")]
    true = pyBigWig.open(str(folder / "toy.hub/toy/truth.bb"))
    assert true.entries("chrB", 0, 40_000) == [(990, 1210, "site_2")]


def test_a_disk_that_cannot_link_gets_a_copy(genome, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError("no links here")))
    written(genome, tmp_path)
    assert (tmp_path / "toy.hub/toy/signal.bw").read_bytes() == (tmp_path / "toy.bw").read_bytes()
    assert not os.path.samefile(tmp_path / "toy.hub/toy/signal.bw", tmp_path / "toy.bw")


def test_a_genome_that_ucsc_lacks_comes_along_whole(made, genome):
    folder, found = made
    assert found["toy"]["genome"]["twoBitPath"] == "toy/toy.2bit"
    assert dict(twobit.read_contigs(folder / "toy.hub/toy/toy.2bit")) == dict(contigs.read(genome / "genome.fa.gz"))


def test_an_assembly_that_ucsc_has_is_named_and_not_sent(genome, tmp_path):
    found = written(genome, tmp_path, browser="hg19", known=True)
    assert found["hg19"]["genome"] == {"genome": "hg19", "trackDb": "hg19/trackDb.txt"}
    assert not list(tmp_path.rglob("*.2bit"))
    assert not any("group" in track for track in found["hg19"]["tracks"].values())
    assert xml.parse(tmp_path / "toy.igv.xml").getroot().get("genome") == "hg19"
    assert json.loads((tmp_path / "toy.bw.json").read_text())["ucsc_assembly"] == "hg19"


def test_no_peak_at_all(genome, tmp_path):
    none = scanned.REPORT | {"validation": scanned.SEEN | {"cutoff": None, "called": 0}}
    found = written(genome, tmp_path, scanned.scan(tmp_path, [], none))
    assert list(found["toy"]["tracks"]) == ["signal", "peaks"]
    assert pyBigWig.open(str(tmp_path / "toy.bb")).entries("chrB", 0, 40_000) is None
    assert found["toy"]["genome"]["defaultPos"] == "chrB:1-20000"  # from where the signal begins
    assert "no height keeps that rate, so none was called" in (tmp_path / "toy.hub/toy/peaks.html").read_text()


def test_by_shuffled_sequence_the_page_says_why(genome, tmp_path):
    report = scanned.REPORT | {"by": "null", "validation": scanned.SEEN | {"reason": "no peaks are known here"}}
    written(genome, tmp_path, scanned.scan(tmp_path, report=report))
    text = html.unescape((tmp_path / "toy.hub/toy/peaks.html").read_text())
    assert "of p from 400 maxima on shuffled sequence, which is another thing than a genome (no peaks are known" in text
    report |= {"by": "nulls", "nulls": report["null"]}
    written(genome, tmp_path, scanned.scan(tmp_path, report=report))
    text = html.unescape((tmp_path / "toy.hub/toy/peaks.html").read_text())
    assert "of p from 400 maxima on shuffled sequence and on decoys (pieces of this genome in which all that" in text


def test_by_the_rate_of_another_genome_the_page_says_so(genome, tmp_path):
    unknown = {"validation": {"cutoff": None, "called": 0, "reason": "no peaks are known here"}}
    report = scanned.REPORT | {"by": "home", "home": scanned.SEEN} | unknown
    written(genome, tmp_path, scanned.scan(tmp_path, report=report))
    text = html.unescape((tmp_path / "toy.hub/toy/peaks.html").read_text())
    assert (
        "at such heights on the genome that the model was taught on, among 90 maxima of its validation places" in text
    )
    assert "25 of which lie on true peaks" in text


def test_long_names_are_cut_to_the_room_there_is(genome, tmp_path):
    found = written(genome, tmp_path, target="a-factor-of-many-letters", run="corpus/" * 20)
    assert found["toy"]["tracks"]["signal"]["shortLabel"] == "a-factor-o signal"


def test_the_session_opens_from_its_folder(made, genome):
    folder, _ = made
    root = xml.parse(folder / "toy.igv.xml").getroot()
    assert (folder / root.get("genome")).resolve() == (genome / "genome.fa.gz").resolve()
    assert root.get("locus") == "chrB:1-11100"
    paths = [one.get("path") for one in root.iter("Resource")]
    assert paths == ["toy.bw", "toy.bb", "toy.hub/toy/truth.bb"]
    assert all((folder / path).exists() for path in paths)
    tracks = list(root.iter("Track"))
    assert [one.get("id") for one in tracks] == paths
    (shown,) = root.iter("DataRange")
    assert (shown.get("minimum"), shown.get("maximum"), tracks[0].get("autoScale")) == ("0", "1", "false")


def test_a_genome_with_an_assemblys_name_is_not_that_assembly(genome, tmp_path):
    found = written(genome, tmp_path, browser="hg19")
    assert found["hg19"]["genome"]["twoBitPath"] == "hg19/hg19.2bit"
    assert xml.parse(tmp_path / "toy.igv.xml").getroot().get("genome").endswith("genome.fa.gz")


def test_an_assembly_that_igv_lacks_is_the_fasta_there_too(genome, tmp_path):
    written(genome, tmp_path, browser="ailMel1", known=True)
    assert xml.parse(tmp_path / "toy.igv.xml").getroot().get("genome").endswith("genome.fa.gz")


def test_the_sidecar_says_what_the_signal_is(made, genome):
    about = json.loads((made[0] / "toy.bw.json").read_text())
    assert about["chrom_sizes_sha256"] == hashlib.sha256((genome / "chrom.sizes").read_bytes()).hexdigest()
    assert about["weights_sha256"] == hashlib.sha256(b"weights").hexdigest()
    wanted = {
        "genome": "toy",
        "ucsc_assembly": None,
        "window": 200,
        "stride": 50,
        "target": "toy-ctcf",
        "range": [0, 1],
    }
    assert {key: about[key] for key in wanted} == wanted
    assert "mean probability" in about["value"]


@pytest.mark.parametrize(
    "more, error, line",
    [
        (
            {"email": "nobody"},
            UsageError,
            "--email: got 'nobody', wanted an address such as name@lab.org (hub.email in",
        ),
        ({"browser": "1.toy"}, UsageError, "got '1.toy' as a name in a hub; UCSC takes a letter, then letters, digits"),
    ],
)
def test_refuses_in_one_line(genome, tmp_path, more, error, line):
    with pytest.raises(error) as found:
        written(genome, tmp_path, **more)
    assert line in str(found.value)
    assert not (tmp_path / "toy.hub").exists()


def test_peaks_of_another_genome_are_refused(genome, tmp_path):
    given = scanned.scan(tmp_path, [*scanned.ROWS, ("chrZ", 5, 60, 0.9, 3)])
    with pytest.raises(InputError, match=r"chrZ:5-60 is on a contig that chrom\.sizes lacks"):
        written(genome, tmp_path, given)
    assert not list(tmp_path.glob("toy.[bh][bu]*"))


def test_a_renamed_genome_is_told(genome, tmp_path, caplog):
    with caplog.at_level("INFO", "dnalm"):
        written(genome, tmp_path, browser="genome_1_toy")
    assert "UCSC takes no name like 'toy': in the hub the genome is genome_1_toy" in caplog.text
    assert "placeholder" not in caplog.text


def test_an_assembly_of_ucscs_is_not_told_as_renamed(genome, tmp_path, caplog):
    with caplog.at_level("INFO", "dnalm"):
        written(genome, tmp_path, browser="hg19", known=True)
    assert "UCSC takes no name" not in caplog.text
    assert "toy.hub to a web server" in caplog.text


def test_an_address_that_is_a_placeholder_is_told(genome, tmp_path, caplog):
    with caplog.at_level("INFO", "dnalm"):
        written(genome, tmp_path, email="nobody@example.org")
    assert "nobody@example.org is a placeholder: put your address under hub.email in config.yaml" in caplog.text
    assert "UCSC takes no name" not in caplog.text


def test_a_constraint_track_is_a_hub_of_three(genome, tmp_path):
    given = scanned.scan(tmp_path)
    rng = np.random.default_rng(0)
    ranges = {"log_probability": (-9, -0.1), "entropy": (0, 1.386), "llr": (-12, 3)}
    for name, (low, high) in ranges.items():
        values = {"chrA": rng.uniform(low, high, 8000).astype(np.float32)}
        bigwig.write(tmp_path / f"{name}.bw", {"chrA": 8000, "chrB": 40_000}, values, 1)
    files = {name: tmp_path / f"{name}.bw" for name in ranges}
    said = {"name": "toy", "run": "toy/char/conv", "browser": "toy", "email": "someone@lab.example"}
    write_constraint_hub.main(**files, genome=genome, model=given["model"], out=tmp_path / "toy.hub", **said)
    found = hub_format.read(tmp_path / "toy.hub")
    assert list(found["toy"]["tracks"]) == list(ranges)
    assert [track["viewLimits"] for track in found["toy"]["tracks"].values()] == ["-4:0", "0:1.3863", "-6:0"]
    assert found["toy"]["genome"]["defaultPos"] == "chrA:1-8000"
    assert "low where the model is sure" in (tmp_path / "toy.hub/toy/entropy.html").read_text()


@pytest.mark.parametrize("together", [1, 2, 500_000])
def test_bedgraph_by_hand(tmp_path, monkeypatch, together):
    monkeypatch.setattr(write_bedgraph, "LINES", together)
    values = np.array([np.nan, 0.5, 0.5, 0.25, np.nan, np.nan, 0.25], np.float32)
    bigwig.write(tmp_path / "a.bw", {"chr1": 62, "chr2": 70, "chr3": 9}, {"chr1": values, "chr3": np.ones(1)}, 10)
    write_bedgraph.main(signal=tmp_path / "a.bw", out=tmp_path / "a.bedgraph.gz")
    rows = [("chr1", 10, 30, 0.5), ("chr1", 30, 40, 0.25), ("chr1", 60, 62, 0.25), ("chr3", 0, 9, 1)]
    with pysam.TabixFile(str(tmp_path / "a.bedgraph.gz")) as table:
        assert list(table.fetch()) == [
            "\t".join(f"{one:g}" if isinstance(one, float) else str(one) for one in row) for row in rows
        ]
        assert list(table.fetch("chr1", 35, 61)) == ["chr1\t30\t40\t0.25", "chr1\t60\t62\t0.25"]


def test_a_long_label_keeps_its_ends_which_name_target_and_seed():
    text = "Peaks of hg19-ctcf, FDR 0.1, by hg19-part/char/hg19-conv hg19-flanked-scratch seed 0-1-2"
    short = hub.long_label(text)
    assert len(short) == hub.LONG < len(text)
    assert short.startswith("Peaks of hg19-ctcf, FDR 0.1, by ")
    assert short.endswith("hg19-flanked-scratch seed 0-1-2")
    assert hub.long_label(text[: hub.LONG]) == text[: hub.LONG]
