"""Byte-pair training: ours beside Hugging Face's BpeTrainer, on the same lines of 1,000 bases, merges compared."""

import json
import os

from inputs import genomes, lines, machine, race, seq
from tokenizers import Tokenizer, models, trainers

from dnalm.tokens import bpe

TARGETS = {600: 20.0, 4092: 10.0}  # merges: times as fast
LINE = 1000


def theirs(texts: list[str], merges: int) -> list[tuple[str, str]]:
    """Hugging Face's merges."""
    tokenizer = Tokenizer(models.BPE())
    trainer = trainers.BpeTrainer(vocab_size=merges + 4, initial_alphabet=list("ACGT"), show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return [tuple(merge) for merge in json.loads(tokenizer.to_str())["model"]["merges"]]


def main() -> None:
    """Print both times for each genome and number of merges; the last line holds the smallest ratio to its target."""
    print(machine())
    threads, worst = os.cpu_count() or 1, None
    for memory in (0, 1e12):  # compile before the clock starts
        bpe.train(bpe.join_stretches([seq.encode("ACGT" * 50)], 200), 20, memory=memory)
    for name, pieces in genomes().items():
        total = sum(map(len, pieces))
        texts = [seq.decode(line) for line in lines(pieces, LINE)]
        for merges, target in TARGETS.items():
            found = race(
                lambda n=merges, p=pieces, t=total: bpe.train(bpe.join_stretches(p, t, LINE), n + 4, threads=threads),
                lambda n=merges, t=texts: theirs(t, n),
            )
            assert found.answers[0] == found.answers[1], f"{name}, {merges} merges: not the same"
            fast, slow = found.seconds
            print(f"{name} {total / 1e6:.1f} Mb, {merges} merges: ours {fast:.2f} s,", end=" ")
            print(f"Hugging Face {slow:.1f} s, {found.told(target)}", flush=True)
            worst = min(worst or (9e9, 0), (found.ratio / target, target))
    print(f"bpe ratio={worst[0] * worst[1]:.1f} target={worst[1]:.0f}")


if __name__ == "__main__":
    main()
