"""Sizes of things while the graph is built: from presets where they say, from files where those are there."""

import gzip
from types import SimpleNamespace

import pytest
import yaml

import presets
import sizes


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with presets of its own: write(kind, name, keys)."""
    monkeypatch.chdir(tmp_path)
    presets.preset.cache_clear()

    def write(kind, name, **values):
        path = tmp_path / f"config/{kind}/{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(values))
        presets.preset.cache_clear()

    yield SimpleNamespace(write=write, folder=tmp_path)
    presets.preset.cache_clear()


def index(folder, name, **contigs):
    """What a genome's index holds."""
    path = folder / f"resources/genomes/{name}/genome.fa.gz.fai"
    path.parent.mkdir(parents=True)
    path.write_text("".join(f"{contig}\t{length}\t0\t60\t61\n" for contig, length in contigs.items()))


def test_a_simulated_genome_is_as_large_as_its_preset_says(project):
    project.write("genomes", "toy", source="simulate", size=2_000_000)
    assert sizes.genome("toy") == sizes.longest("toy") == 2.0


def test_an_indexed_genome_is_as_large_as_its_index_says(project):
    project.write("genomes", "toy", source="ucsc", assembly="toy", bytes=1)
    index(project.folder, "toy", chr1=3_000_000, chr2=1_500_000)
    assert (sizes.genome("toy"), sizes.longest("toy")) == (4.5, 3.0)


def test_what_is_no_n_is_counted_once_a_genome_is_indexed(project):
    assert sizes.known("toy") == 1.0
    path = project.folder / "resources/genomes/toy/genome.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"bases": 1000, "n_bases": 250}')
    assert sizes.known("toy") == 0.75


def test_before_the_index_a_genome_is_judged_by_what_is_stated_or_by_its_file(project):
    project.write("genomes", "stated", source="ucsc", assembly="toy", bases=7_000_000)
    project.write("genomes", "packed", source="ucsc", assembly="toy", bytes=1_000_000_000)
    (project.folder / "mine.fa").write_bytes(b">" * 3_000_000)
    project.write("genomes", "local", source="local", path="mine.fa")
    assert sizes.genome("stated") == 7.0
    assert sizes.genome("packed") == pytest.approx(3300)
    assert sizes.longest("packed") == sizes.CHROMOSOME
    assert sizes.genome("local") == 3.0


def test_a_genome_of_which_nothing_is_known_is_a_file_still_to_be_made(project):
    project.write("genomes", "toy", source="ucsc", assembly="toy")
    with pytest.raises(FileNotFoundError) as error:
        sizes.genome("toy")
    assert error.value.filename == "resources/genomes/toy/download/genome"
    (project.folder / "resources/genomes/toy/download").mkdir(parents=True)
    (project.folder / "resources/genomes/toy/download/genome").write_bytes(gzip.compress(b"", mtime=0) * 50_000)
    assert sizes.genome("toy") == pytest.approx(3.3, abs=0.1)


@pytest.mark.parametrize("packed", [False, True])
def test_rows_are_counted_or_judged_by_the_first_megabyte(tmp_path, packed):
    """Header lines of a VCF are none; a large table is told to within a tenth."""
    small, large = tmp_path / "small", tmp_path / "large"
    lines = [b"chr1\t%d\t%d\n" % (number, number * 7919 % 1_000_003) for number in range(200_000)]
    for path, text in ((small, b"##head\n#CHROM\n" + b"row\n" * 5), (large, b"".join(lines))):
        path.write_bytes(gzip.compress(text, mtime=0) if packed else text)
    assert sizes.rows(small) == pytest.approx(5, abs=1)
    assert sizes.rows(large) == pytest.approx(200_000, rel=0.1)


def test_a_damaged_table_is_judged_by_its_size_for_its_reader_names_it(tmp_path):
    whole = gzip.compress(bytes(range(256)) * 40)
    (tmp_path / "t.gz").write_bytes(whole[:-20])
    assert sizes.rows(tmp_path / "t.gz") == (len(whole) - 20) / sizes.LINE


@pytest.mark.parametrize("tokenizer, tokens, bases", [("char", 10, 1), ("kmer-6", 4106, 6), ("bpe-4096", 4096, 5.3)])
def test_tokens_of_a_tokenizer_and_their_bases(tokenizer, tokens, bases):
    assert sizes.vocabulary(tokenizer) == tokens
    assert sizes.bases_a_token(tokenizer) == pytest.approx(bases, rel=0.01)


@pytest.mark.parametrize(
    "model, tokenizer, millions",
    [
        ("dnabert", "kmer-6-overlapping", 89), ("dnabert2", "bpe-4096", 117), ("nt-v1", "kmer-6", 485),
        ("nt-v2", "kmer-6", 498), ("grover", "bpe-600", 86.5), ("mistral-dna-1m", "bpe-4096", 1),
        ("mistral-dna-17m", "bpe-4096", 16.8), ("mistral-dna-105m", "bpe-4096", 105), ("hyenadna", "char", 6.6),
        ("gpn", "char", 66), ("dnalm-base", "bpe-600", 85.4),
    ],
)  # fmt: skip
def test_weights_are_known_to_a_tenth_before_a_network_is_built(model, tokenizer, millions):
    """Against the published counts, which tests/networks/test_recipes.py holds the networks themselves to."""
    found = sizes.network(model, tokenizer)
    assert found.weights / 1e6 == pytest.approx(millions, rel=0.1)
    assert found.active <= found.weights


def test_of_many_experts_a_token_meets_one():
    many = sizes.network("mistral-dna-105m", "bpe-4096")
    assert many.active < many.weights / 10


def test_an_imported_network_is_judged_by_its_file(project):
    project.write("models", "theirs", objective="mlm", **{"import": {"path": "x"}})
    (project.folder / "model.safetensors").write_bytes(b"0" * 400_000)
    found = sizes.network("theirs", "own", ["config.json", "model.safetensors"])
    assert (found.weights, found.layers) == (100_000, 12)


def test_a_personal_genome_is_as_large_as_its_reference_until_it_is_indexed(project):
    project.write("genomes", "toy", source="ucsc", assembly="toy", bases=7_000_000)
    project.write("genomes", "mine", source="consensus", reference="toy", vcf="me.vcf")
    assert sizes.genome("mine") == 7.0
    index(project.folder, "mine", chr1=6_000_000)
    assert sizes.genome("mine") == 6.0
