"""What the steps of the chain cost, in MB and in seconds, by what they work on; measured as the constants of `jobs`."""

from math import ceil

import genome_checks
import origins
import presets
import sizes
import tables
from dnalm.dna.place import BEYOND, place
from jobs import GPU, SCALING, TORCH, Job
from presets import listed, preset, value

START = 10  # seconds until torch is there
TABLES, TOKENIZERS = 130, 640  # MB before the first base: of pandas, and of the library of tokenizers
STEP = 0.03  # seconds of a training step beside its batch
LAYER = 0.0005  # seconds of a layer, however little it has to do: what generation, token by token, waits for
FP32 = 2  # times as long as in bf16: variants are scored in fp32
EXPECTED = 2.4e6  # bases read a Mb and pass: windows overlap by a quarter, the rest is what is done beside the network
TILED = 1.3  # times as long for the margins of tiles, and to pool their windows
BESIDE = 2  # windows that are read beside a window, at most
GENERATED, SOUGHT = {"number": 100, "length": 1000}, {"number": 4, "length": 256}  # where a design says neither
CNN = (19 * 4, 3 * 3)  # products a base and filter: of its first layer, and, times filters, of the others
CNN_CPU = 130e9  # operations a second of one thread in the network of the baseline cnn
TRAINED = 0.8  # share of the windows that is trained on, where contigs are held out
PAIRS, MOST_PAIRS = 12.7, 10_500  # MB a Mb while byte pairs are learnt; MB at most: longer lists wait for merges
PIECE = 17  # Mb of a corpus whose words are sorted at a time
CHAIN = 20  # MB a Mb of the longest contig, whose words are counted for a Markov chain


def byte_pairs(job: Job) -> float:
    """MB of a tokenizer's training: an array of the bases, and lists of places where pairs are learnt."""
    return TOKENIZERS + min(PAIRS * learnt_from(job), MOST_PAIRS)


def merging(job: Job) -> float:
    """Seconds of a tokenizer's training."""
    return START + 0.15 * learnt_from(job)


def learnt_from(job: Job) -> float:
    """Mb that a tokenizer learns its words from; of kinds that know their words none."""
    learns = origins.tokenizer_row(preset("tokenizers", job.names.tokenizer))["learns"]
    return job.known if learns else 0.0


def tokenising(job: Job) -> float:
    """MB of a contig's letters, codes and tokens."""
    each = 20 + 28 / sizes.bases_a_token(job.names.tokenizer)
    return TOKENIZERS + each * max(sizes.longest(name) * sizes.known(name) for name in job.genomes)


def pretraining(job: Job) -> float:
    """Seconds of steps and evaluations, or as long as the preset lets a model train."""
    steps, blocks, context, minutes = (job.of("models", key) for key in ("steps", "batch_size", "context", "minutes"))
    seconds = steps * STEP + job.through(steps * blocks * context, training=True)
    seconds = min(seconds, 60 * minutes) if minutes else seconds
    looks = job.of("models", "evaluations") * job.of("models", "validation_blocks")
    return START + seconds + job.through(looks * context)


def pretraining_memory(job: Job) -> float:
    """MB of a step, and of the token store, every page of which is read sooner or later."""
    blocks = job.of("models", "micro_batch") or job.of("models", "batch_size")
    store = sizes.files(path for path in job.inputs if path.endswith(".bin"))
    return job.trained(blocks * job.of("models", "context"), job.of("models", "objective")) + store


def finetuning(job: Job) -> float:
    """Seconds of the epochs, of ten evaluations, and of predicting what was held out.

    Windows that are read with the bases beside them are up to three times as long.
    """
    windows = job.rows("windows.tsv.gz")
    tokens = job.tokens(job.of("targets", "window")) * (1 + BESIDE * job.of("recipes", "flanked"))
    trained = min(job.of("recipes", "labels") or windows, TRAINED * windows)
    least = job.of("recipes", "min_steps") * job.of("recipes", "batch_size")
    seen = max(trained * job.of("recipes", "epochs"), least)
    read = 2 * (1 - TRAINED) * windows + 10 * min(job.of("recipes", "validation_windows"), windows)
    learning = seen / job.of("recipes", "batch_size") * STEP + job.through(seen * tokens, training=True)
    learning *= len(job.of("recipes", "keep"))
    return 1.5 * START + learning + job.through(read * tokens)


def finetuning_memory(job: Job) -> float:
    """MB of a step, and of the windows."""
    window = job.of("targets", "window")
    tokens = job.tokens(window) * (1 + BESIDE * (job.of("recipes", "flanked") > 0))
    return job.trained(job.of("recipes", "batch_size") * tokens) + 150 + table(job, window)


def table(job: Job, window: int) -> float:
    """MB of a target's windows as text and as codes."""
    return (600 + 3 * window) * job.rows("windows.tsv.gz") / 1e6


def followed(job: Job) -> list[str]:
    """Tracks of a target, and the rates behind them."""
    values = preset("targets", job.names.target)
    return [*values.get("tracks", {}), *values.get("rates", {})]


def binning(job: Job) -> float:
    """Seconds to read tracks base by base, or to resample their test bins."""
    return 10 + 0.2 * sizes.genome(job.of("targets", "genome")) * len(followed(job))


def binning_memory(job: Job) -> float:
    """MB of a contig's bases at one float each, and of the bins of all tracks."""
    genome = job.of("targets", "genome")
    return (
        TABLES
        + 50
        + 6 * sizes.longest(genome)
        + 12 * sizes.genome(genome) / job.of("targets", "bin") * len(followed(job))
    )


def tracking(job: Job) -> float:
    """Seconds of the epochs over the training windows, and of evaluations and predictions of those held out."""
    bases = 1e6 * sizes.genome(job.of("targets", "genome"))
    window, looks = sizes.window(job.names.target), job.of("recipes", "evaluations")
    windows = TRAINED * bases / window
    least = job.of("recipes", "min_steps") * job.of("recipes", "batch_size")
    seen = max(windows * job.of("recipes", "epochs"), least)
    read = (4 + looks) * (1 - TRAINED) * bases
    learning = seen / job.of("recipes", "batch_size") * STEP + job.through(seen * window, training=True)
    return 1.5 * START + learning + job.through(read)


def tracking_memory(job: Job) -> float:
    """MB of a step on long windows, of the genome's bases and of the bins."""
    window, genome = sizes.window(job.names.target), job.of("targets", "genome")
    bins = 8 * sizes.genome(genome) / job.of("targets", "bin") * len(followed(job))
    return job.trained(job.of("recipes", "batch_size") * window) + 200 + 2 * sizes.genome(genome) + bins


def labels(job: Job) -> float:
    """Peaks and sequences that a target gives."""
    values = preset("targets", job.names.target)
    return sum(sizes.rows(path) for key in ("peaks", "sequences") for path in listed(values.get(key, [])))


def labelling(job: Job) -> float:
    """Seconds to draw negatives all over the contigs."""
    return 5 + 0.001 * labels(job) + 0.3 * job.megabases


def labelling_memory(job: Job) -> float:
    """MB of a contig that negatives are drawn from, and of some windows a label."""
    return TABLES + 7 * job.longest + 0.006 * labels(job)


def auditing(job: Job) -> float:
    """Seconds to lay every held-out window beside its relatives: repeats have more the more windows there are."""
    return 15 + 3e-7 * job.rows("windows.tsv.gz") ** 2


def auditing_memory(job: Job) -> float:
    """MB of the windows, their words and the pairs found, of MMseqs2 and of the table."""
    return 2 * TABLES + 40 * job.of("targets", "window") * job.rows("windows.tsv.gz") / 1e6


def baselines(job: Job) -> float:
    """Seconds to fit k-mers at five strengths, a forest, and a network to the rarer class and as many of the other."""
    rows, epochs = job.rows("windows.tsv.gz"), job.of("targets", "cnn_epochs")
    trained = epochs * 2 * min(TRAINED * labels(job), rows / 2) if fitted(job, "cnn") else 0
    trained *= 1 + job.of("targets", "cnn_seeds") * (job.of("targets", "cnn_seeds") > 1)
    trees = 15 + 0.0005 * rows if fitted(job, "forest") else 0
    return 10 + 0.002 * rows + trees + read_by_cnn(job, 3 * trained + 2 * rows + 20 * min(4000, rows))


def few_labels(job: Job) -> float:
    """Seconds of some nine fits of k-mers and the network (three numbers of labels, three seeds), each then read."""
    rows = job.rows("windows.tsv.gz")
    return 10 + 9 * (0.002 * rows + read_by_cnn(job, 3 * 600 * 64 + 2 * rows)) + baselines(job)


def baselines_memory(job: Job) -> float:
    """MB of the k-mer counts of all windows, and of the network's batches."""
    network = TORCH if fitted(job, "cnn") else 0
    return 170 + network + 60 * job.of("targets", "window") * job.rows("windows.tsv.gz") / 1e6


def fitted(job: Job, baseline: str) -> bool:
    """Whether a target has a baseline fitted."""
    return baseline in (job.of("targets", "baselines") or [baseline])


def read_by_cnn(job: Job, windows: float) -> float:
    """Seconds of a target's convolutional network to read so many windows, one strand."""
    if not fitted(job, "cnn"):
        return 0
    filters = job.of("targets", "cnn_filters")
    operations = 2 * filters * (CNN[0] + CNN[1] * filters) * job.of("targets", "window") * windows
    return START + operations / (GPU * job.gpus if job.gpus else CNN_CPU * job.threads**SCALING)


def evaluating(job: Job) -> float:
    """Seconds of a thousand resamples of what was predicted."""
    return 10 + 0.002 * job.rows("seed" + job.names.seed + "/predictions.tsv.gz")


def classifying(job: Job) -> float:
    """Seconds to read every window."""
    return job.windows(job.rows("windows.tsv.gz"), job.of("targets", "window"))


def contigs(job: Job) -> list[float]:
    """Mb of the contigs, or regions of them, that a target has scanned."""
    wanted, there = sizes.scanned(job.names.target, job.names.genome), sizes.contigs(job.names.genome)
    if not wanted:
        return list(there.values())
    return [min(there[one.contig], (one.end - one.start) / 1e6) for one in map(place, wanted) if one.contig in there]


def scanning(job: Job) -> float:
    """Seconds to read a window a stride, or each base once, and what the null has of them, and decoys; both strands."""
    scan = presets.filled(job.of("targets", "scan"), presets.schema("targets")["properties"]["scan"])
    nulls = 2 if job.of("targets", "motif") else 1
    bases = 1e6 * sum(contigs(job)) / scan["jobs"] + nulls * scan["null_windows"] * scan["stride"]
    if tiled(job, scan["mode"]):
        return 1.5 * START + job.through(2 * TILED * bases)
    return 1.5 * START + job.windows(bases / scan["stride"], job.of("targets", "window"))


def gathering(job: Job) -> float:
    """Seconds of a scan that is done at once, or of putting shares together and of the null."""
    return scanning(job) if job.of("targets", "scan").get("jobs", 1) == 1 else 1.5 * START + 0.1 * sum(contigs(job))


def tiled(job: Job, mode: str) -> bool:
    """Whether a scan reads each base once; what an imported network is, nobody knows here."""
    named = tables.rows("networks.registry.NETWORKS").get(preset("models", job.names.model).get("architecture"), {})
    bases = preset("tokenizers", job.names.tokenizer)["kind"] == "char" if named.get("local") else False
    return bases and mode != "windows" and job.of("recipes", "flanked") > 0


def scanning_memory(job: Job) -> float:
    """MB of the model, of tiles where it reads these, and of a piece of a contig with its windows."""
    tiles = 0.8 * job.network.width if tiled(job, job.of("targets", "scan").get("mode", "auto")) else 0
    return job.loaded() + tiles + 50


def gathering_memory(job: Job) -> float:
    """MB of the same, of all windows at 8 bytes each, and of the longest contig, whose bases the null is drawn from."""
    stride = presets.filled(job.of("targets", "scan"), presets.schema("targets")["properties"]["scan"])["stride"]
    longest, total = max(contigs(job), default=0.0), sum(contigs(job))
    return scanning_memory(job) + (3 + 60 / stride) * longest + 8 / stride * total


def expecting(job: Job) -> float:
    """Seconds to read both strands of each window, of a masked model so many times, and to take the chances out."""
    passes = job.of("constraints", "passes") if job.of("models", "objective") == "mlm" else 1
    return 1.5 * START + job.windows(passes * FP32 * EXPECTED * job.megabases / 100, 100) + 0.5 * job.megabases


def expecting_memory(job: Job) -> float:
    """MB of the model, of batches of windows and of a contig's bases; its three tracks lie on disk."""
    return job.loaded() + 400 + 14 * job.longest


def tracked(job: Job) -> float:
    """Mb of the genome of a constraint track."""
    return sizes.genome(job.of("constraints", "genome"))


def comparing(job: Job) -> float:
    """MB of two tracks of a contig, base by base, and of their sums."""
    return TABLES + 50 * sizes.longest(job.of("constraints", "genome"))


def calling_memory(job: Job) -> float:
    """MB of a contig's values, and of all maxima: one in 300 bases, some 140 bytes each."""
    return TABLES + 5 * job.longest + 0.45 * sum(contigs(job))


def scored(job: Job) -> list[float]:
    """Mb of the contigs that a scan is scored on: of test and validation places; all with stripes, or without test."""
    there, values = sizes.contigs(job.names.genome), preset("targets", job.names.target)
    same = values.get("genome") == job.names.genome and "splits" in values
    splits = values["splits"] if same else genome_checks.splits(job.names.genome)
    named = [text for split in ("test", "validation") for text in splits.get(split, [])]
    wanted = there if "stripes" in splits or not splits.get("test") else {place(text).contig for text in named}
    return [there[name] for name in wanted if name in there]


def scanning_baselines(job: Job) -> float:
    """Seconds to scan those contigs with the motif, k-mers and each network, both strands."""
    scan = presets.filled(job.of("targets", "scan"), presets.schema("targets")["properties"]["scan"])
    networks = 1 + job.of("targets", "cnn_seeds") * (job.of("targets", "cnn_seeds") > 1)
    read = min(sum(scored(job)), sum(contigs(job)))
    return 10 + 0.5 * read + read_by_cnn(job, 2 * networks * 1e6 * read / scan["stride"])


def scanning_baselines_memory(job: Job) -> float:
    """MB of the bases of the longest of those contigs, and of the bins of all at a float a baseline."""
    network = TORCH if fitted(job, "cnn") else 0
    return TABLES + 50 + network + 20 * max(scored(job), default=0.0) + 0.5 * sum(scored(job))


def scoring(job: Job) -> float:
    """Seconds to score all bins of those contigs, and a thousand resamples of them."""
    return 10 + 0.7 * sum(scored(job))


def scoring_memory(job: Job) -> float:
    """MB of the bins of those contigs, and of the bases of the longest."""
    return TABLES + 50 + 20 * max(scored(job), default=0.0) + 2 * sum(scored(job))


def alleles(job: Job) -> float:
    """Alleles of a set of variants: the records of its VCF."""
    return sizes.rows(next(path for path in job.inputs if ".vcf" in path))


def converted(job: Job) -> float:
    """Rows of the table or the list that becomes a VCF; of places to saturate, three alleles a base."""
    if named := job.of("variants", "saturate"):
        return 3 * sum(one.end - one.start for one in map(place, named) if one.end < BEYOND)
    return sizes.rows(job.inputs[1])


def mapping(job: Job) -> float:
    """MB to draw a map of substitutions: the table of scores, and the transcripts below it."""
    genes = job.of("variants", "genes")
    return 250 + 0.001 * job.rows(".tsv.gz") + (0.0005 * sizes.rows(genes) if genes else 0)


def applying(job: Job) -> float:
    """MB of a contig before and after, and of the alleles that are written into it."""
    return TABLES + 8 * job.longest + 0.0012 * alleles(job)


def variants(job: Job) -> float:
    """Seconds: what is read of both alleles, in fp32, and as much of the twin."""
    both, number = 2 if job.of("variants", "twin") else 1, alleles(job) / job.of("variants", "jobs")
    return 4 * START + both * _scored(job, number, job.of("variants", "window"), job.of("variants", "phases"))


def joining(job: Job) -> float:
    """Seconds of scoring that is done at once, or of putting shares together."""
    return variants(job) if job.of("variants", "jobs") == 1 else 4 * START + 0.001 * alleles(job)


def pairs(job: Job) -> float:
    """Pairs of windows in a variant preset's tables, which are a job's inputs beside a preset and a model."""
    tables = len(job.of("variants", "windows") or ())
    return sum(map(sizes.rows, job.inputs[1 : 1 + tables]))


def windows(job: Job) -> float:
    """Seconds: a third window for each pair, and as much of the twin."""
    both = 2 if job.of("variants", "twin") else 1
    return 4 * START + both * 1.5 * _scored(job, pairs(job), job.of("variants", "window"), 1)


def random_variants(job: Job) -> float:
    """Seconds: the same of random variants, without a twin."""
    number, window, phases = (int(getattr(job.names, name)) for name in ("number", "window", "phases"))
    return 3 * START + _scored(job, number, window, phases)


def _scored(job: Job, number: float, window: int, phases: int) -> float:
    """Both alleles in two passes at the most, for indels are read twice; a masked model hides those in one more."""
    masked = job.names.stage == "pretrained" and job.of("models", "objective") == "mlm"
    return (1 if job.gpus else FP32) * job.windows((6 if masked else 4) * number * phases, window)


def generating(job: Job) -> float:
    """Seconds, token after token, a batch of sequences side by side."""
    number, length = (job.of("designs", key) or least for key, least in GENERATED.items())
    tokens, batch = job.tokens(length), job.of("designs", "batch_size")
    return START + ceil(number / batch) * tokens * job.network.layers * LAYER + job.through(number * tokens)


def novelty(job: Job) -> float:
    """Seconds to compare generated sequences, and as many of a Markov chain, with a corpus."""
    return 15 + 1.0 * job.megabases


def novelty_memory(job: Job) -> float:
    """MB of the words of a piece of the corpus, and their order."""
    return TABLES + max(CHAIN * job.longest, 50 * min(PIECE, job.megabases))


def searching(job: Job) -> float:
    """Seconds of all generations of a search and of its control."""
    number, length = (job.of("designs", key) or least for key, least in SOUGHT.items())
    herd, times = job.of("designs", "population"), job.of("designs", "generations")
    return 1.5 * START + job.windows(2 * number * herd * (times + 1), length) + 0.3 * job.megabases


def attributing(job: Job) -> float:
    """Seconds to read the bound windows of the test split, of which there are few, and all mutants of two of them."""
    window = job.of("targets", "window")
    return START + job.windows(0.1 * job.rows("windows.tsv.gz") + 6 * window, window)


def next_bases(job: Job) -> float:
    """Seconds of the epochs over the prompts, and of reading those held out."""
    name = job.names.vocabulary
    keys = ("train_size", "test_size", "epochs", "batch_size", "prompt")
    train, test, epochs, batch, prompt = (value("vocabularies", name, key) for key in keys)
    seen, tokens = train * epochs, job.tokens(prompt)
    return START + seen / batch * STEP + job.through(seen * tokens, training=True) + job.through(2 * test * tokens)


def next_bases_memory(job: Job) -> float:
    """MB of a step, of the prompts and of a head that names each word."""
    keys = ("train_size", "batch_size", "prompt")
    train, batch, prompt = (value("vocabularies", job.names.vocabulary, key) for key in keys)
    return job.trained(batch * job.tokens(prompt)) + 10 * train * prompt / 1e6 + 200
