"""Draw the sequences on which vocabularies are compared, and measure what short words alone can tell of them."""

import dnalm.startup

from pathlib import Path

import numpy as np

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.errors import UsageError
from dnalm.genome import markov
from dnalm.logs import log
from dnalm.training import next_bases

HELD_OUT = ("validation", "test")


def main(
    *,
    genomes: list[Input],
    out: Output,
    prompt: int = 50,
    k: list[int] = [2, 3, 4, 5, 6],  # noqa: B006 - read, never written
    train_size: int = 400_000,
    test_size: int = 100_000,
    orders: list[int] = [2, 4, 6, 8],  # noqa: B006
    seed: int = 0,
) -> None:
    """Write prompts.npz (the same sequences for every tokenizer) and baselines.json.

    prompts.npz holds train, validation and test, uint8 [n, prompt + longest k], from contigs of that split, prompt, k,
    and how often each word of k bases occurs on training contigs. The baselines are counted there too: the commonest
    word, and Markov chains of several orders.
    """
    if max(orders) > prompt:
        raise UsageError(f"orders: got {max(orders)}, wanted at most the prompt's {prompt} bases; lower it")
    rng, longest = np.random.default_rng(seed), max(k)
    drawn = {}
    for split, number in (("train", train_size), *((one, test_size) for one in HELD_OUT)):
        drawn[split] = next_bases.draw(genomes, split, prompt + longest, longest, number, rng)
        log.info(f"{split}: {len(drawn[split]):,} sequences of {prompt} + {longest} bases")
    chain = markov.fit(genomes, max(*orders, *(one - 1 for one in k)))
    words = {one: markov.shorter(chain, one - 1).ravel() for one in k}
    found = baselines(chain, words, {split: drawn[split] for split in HELD_OUT}, prompt, orders)
    with files.whole(Path(out) / "prompts.npz") as beside, open(beside, "wb") as file:
        np.savez_compressed(file, **drawn, prompt=prompt, k=k, **{f"words_{one}": words[one] for one in k})
    files.write_json(Path(out) / "baselines.json", found)


def baselines(
    chain: np.ndarray, words: dict[int, np.ndarray], held_out: dict[str, np.ndarray], prompt: int, orders: list[int]
) -> dict:
    """Accuracy of the commonest word and of each chain, by name, split and k; `chain` is of the highest order."""
    found, ks = {}, list(words)
    for order in orders:
        counts = markov.shorter(chain, order)
        found[f"markov-{order}"] = {
            split: next_bases.summary(*next_bases.chain_outcome(counts, codes, prompt, ks), ks)
            for split, codes in held_out.items()
        }
    return found | {"majority": {split: majority(codes, prompt, words) for split, codes in held_out.items()}}


def majority(codes: np.ndarray, prompt: int, words: dict[int, np.ndarray]) -> dict:
    """Always naming the commonest word of k bases: what a model gets that reads no prompt."""
    ks = list(words)
    answers = next_bases.labels(codes, prompt, ks)
    chances = [markov.chances(counts) for counts in words.values()]
    nats = np.stack([-np.log(chances[i][answers[:, i]]) for i in range(len(ks))], 1)
    right = np.stack([answers[:, i] == chances[i].argmax() for i in range(len(ks))], 1)
    return next_bases.summary(nats, right, ks)


if __name__ == "__main__":
    cli.run(main)
