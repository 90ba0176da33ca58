"""Byte-pair encoding: ours beside encode_batch of Hugging Face, on lines of 1,000 bases and on whole chromosomes."""

import os

import numpy as np
from inputs import Race, genomes, lines, machine, race, seq

from dnalm.tokens import kinds
from dnalm.tokens import tokenizer as tk

TARGETS = {610: 10.0, 4096: 6.0}  # vocabulary: times as fast
LINE = 1000


def main() -> None:
    """Print Mb/s of both; the last line holds the smallest ratio to its target."""
    print(machine())
    threads, worst = os.cpu_count() or 1, None
    pieces = next(iter(genomes().values()))
    total = sum(map(len, pieces))
    for size, target in TARGETS.items():
        tokenizer = kinds.train("bpe", pieces, vocab_size=size, threads=threads)
        backend = tokenizer.backend_tokenizer
        tk.encode(tokenizer, pieces[0][:5000], threads)  # compile and build tables before the clock starts
        windows = np.stack([line for line in lines(pieces, LINE) if len(line) == LINE])
        tk.tokenize(tokenizer, windows[:10])
        texts = [seq.decode(line) for line in windows]
        found = race(lambda t=tokenizer, w=windows: tk.tokenize(t, w), lambda b=backend, t=texts: b.encode_batch(t))
        (ids, mask), rows = found.answers
        assert [row.ids for row in rows[::50]] == [one[there].tolist() for one, there in zip(ids[::50], mask[::50])]  # noqa: B905
        worst = tell(f"{size} tokens, lines of 1 kb", windows.size, found, target, worst)
        texts = [seq.decode(piece) for piece in pieces]
        found = race(
            lambda t=tokenizer, p=pieces: [tk.encode(t, piece, threads) for piece in p],
            lambda b=backend, t=texts: b.encode_batch(t, add_special_tokens=False),
        )
        ours, rows = found.answers
        assert all(row.ids == ids.tolist() for row, ids in zip(rows, ours, strict=True)), "not the same"
        worst = tell(f"{size} tokens, whole chromosomes", total, found, target, worst)
    print(f"encode ratio={worst[0] * worst[1]:.1f} target={worst[1]:.0f}")


def tell(what: str, bases: int, found: Race, target: float, worst: tuple[float, float] | None) -> tuple[float, float]:
    """Print one comparison; the worse of it and `worst`, as (ratio / target, target)."""
    ours, theirs = (bases / seconds / 1e6 for seconds in found.seconds)
    print(f"{what}: ours {ours:.0f} Mb/s, encode_batch {theirs:.1f} Mb/s, {found.told(target)}", flush=True)
    return min(worst or (9e9, 0), (found.ratio / target, target))


if __name__ == "__main__":
    main()
