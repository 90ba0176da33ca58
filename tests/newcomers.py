"""What a newcomer writes: for each table of the library one function and one row, put into a copy of the project.

Every toy is called `toy`, is drawn in a colour that no shipped row has, and is found again by tests/tables/toy_*.py.
"""

import ast
import contextlib
import shutil
import subprocess
import sys
from dataclasses import dataclass, field

from project import ROOT, copied


@dataclass
class Newcomer:
    """A row to add: the module of its table, the function before it, and what else a network brings."""

    module: str
    row: str
    function: str = ""
    imports: str = ""
    files: dict[str, str] = field(default_factory=dict)


NETWORK = '''
"""A network that looks at one token at a time: the least that the Auto classes take."""

from torch import nn
from transformers import PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput, MaskedLMOutput


class ToyConfig(PreTrainedConfig):
    model_type = "toy"

    def __init__(self, vocab_size=10, hidden_size=8, **kwargs):
        self.vocab_size, self.hidden_size = vocab_size, hidden_size
        super().__init__(**kwargs)


class ToyModel(PreTrainedModel):
    config_class, base_model_prefix = ToyConfig, "model"

    def __init__(self, config):
        super().__init__(config)
        self.embeddings = nn.Embedding(config.vocab_size, config.hidden_size)
        self.post_init()

    def forward(self, input_ids, attention_mask=None, **_):
        return BaseModelOutput(last_hidden_state=self.embeddings(input_ids))


class ToyForMaskedLM(PreTrainedModel):
    config_class, base_model_prefix = ToyConfig, "model"

    def __init__(self, config):
        super().__init__(config)
        self.model = ToyModel(config)
        self.head = nn.Linear(config.hidden_size, config.vocab_size)
        self.post_init()

    def forward(self, input_ids, attention_mask=None, **_):
        return MaskedLMOutput(logits=self.head(self.model(input_ids, attention_mask).last_hidden_state))
'''

NEWCOMERS = {
    "BASELINES": Newcomer(
        "targets/baselines",
        """Baseline(
        fit_nothing,
        share_of_a,
        label="toy baseline",
        short="toy",
        colour="sky",
        probability=True,
        judges=("Judge: toy", "share of A"),
        track=lambda codes, arrays, window, step: (codes[::step] == 0).astype(np.float32),
    )""",
        function='''
def share_of_a(codes: np.ndarray, arrays: Arrays) -> np.ndarray:
    """Share of A of each window [n, W]: float32 [n]."""
    return (codes == 0).mean(1).astype(np.float32)
''',
    ),
    "NEGATIVES": Newcomer(
        "targets/negatives",
        """Negative(
        toy_places,
        option="toy_places",
        ratio=0.5,
        description="negatives a positive that begin at a round number",
        label="toy negative",
        colour="sky",
    )""",
        function='''
def toy_places(search: Search) -> Source:
    """Candidates that begin at a multiple of ten."""

    def candidates(contig: str, letters: bytes, banned: pd.DataFrame) -> pd.DataFrame:
        return _free(contig, np.arange(0, len(letters) - search.window, 10), letters, banned, search.window)

    return candidates
''',
    ),
    "SCORES": Newcomer(
        "variants/scores",
        """Score(
        "TOY",
        "City-block distance of the mean embeddings",
        "embedding",
        city_block,
        label="toy distance",
        colour="sky",
        harm=(("-toy", np.negative),),
    )""",
        function='''
def city_block(ref: np.ndarray, alt: np.ndarray) -> np.ndarray:
    """City-block distance of the windows' mean embeddings."""
    return np.abs(alt[:, 0] - ref[:, 0]).sum(1)
''',
    ),
    "OBJECTIVES": Newcomer(
        "designs/objectives",
        'Objective(share_of_a, label="toy share of A")',
        function='''
def share_of_a(given: Given) -> Score:
    """Share of A, whatever any model says."""
    return lambda codes: (codes == 0).mean(1)
''',
    ),
    "SEARCHES": Newcomer(
        "designs/searches",
        'Method(in_pairs, control=in_pairs, without="a toy left as it is", label="toy search", colour="sky")',
        function='''
def in_pairs(*given: object, population: int, **settings: object) -> evolution.Search:
    """Evolution of two sequences, however many are asked for."""
    return evolution.evolve(*given, population=2, **settings)
''',
    ),
    "NETWORKS": Newcomer(
        "networks/registry",
        'Network(("mlm",), "toy network", toy.ToyConfig, toy.ToyModel, {"mlm": toy.ToyForMaskedLM})',
        imports="from dnalm.networks import toy\n",
        files={"networks/toy": NETWORK.lstrip()},
    ),
    "LOSSES": Newcomer(
        "training/finetuning",
        'Loss(squared, label="toy loss (squared error)")',
        function='''
def squared(logits: Tensor, labels: Tensor) -> Tensor:
    """Squared error of the probability of each window [b]."""
    return (logits.sigmoid() - labels) ** 2
''',
    ),
    "KINDS": Newcomer(
        "tokens/kinds",
        'Kind("toy pairs", "sky", shortest=2, words=lambda k: all_words(2), split="[ACGT]{{2}}|.", encode=paired)',
        function='''
def paired(codes: np.ndarray, k: int, table: np.ndarray) -> Encoded:
    """Two bases a token from left to right, letters for what is left over."""
    return side_by_side(codes, 2, table)
''',
    ),
}


def joined(folder, table):
    """A copy of the project, tests included, to whose `table` a newcomer has added a row called toy."""
    copied(folder)
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    library, new = folder / "workflow/scripts/dnalm", NEWCOMERS[table]
    for name, text in new.files.items():
        (library / name).with_suffix(".py").write_text(text)
    path = (library / new.module).with_suffix(".py")
    path.write_text(with_row(path.read_text(), table, new))
    return folder


def with_row(text, table, new):
    """A module's text with the function before the table and the row at its end, and nothing else changed."""
    (node,) = [one for one in ast.parse(text).body if getattr(getattr(one, "target", None), "id", "") == table]
    lines, last = text.splitlines(keepends=True), node.value.values[-1]
    line, column = last.end_lineno - 1, last.end_col_offset
    lines[line] = f'{lines[line][:column]},\n    "toy": {new.row}{lines[line][column:]}'
    lines.insert(node.lineno - 1, f"{new.imports}{new.function.lstrip()}\n\n")
    return "".join(lines)


@contextlib.contextmanager
def trying():
    """A function that runs the tests tests/tables/toy_{name}.py of a copy, where they must pass; see tables/warm.py."""
    command = [sys.executable, ROOT / "tests/tables/warm.py"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as warm:

        def tried(folder, name):
            print(folder, f"tests/tables/toy_{name}.py", sep="\t", file=warm.stdin, flush=True)
            status = warm.stdout.readline().strip()
            assert status == "0", f"{status}: {(folder / 'said').read_text()[-6000:]}"

        yield tried
