"""Byte pairs: merges by hand, and the same merges as Hugging Face's trainer, by lists, by passes and by both."""

import json

import numpy as np
import pytest
from tokenizers import Tokenizer, models, trainers

from dnalm.dna import seq
from dnalm.tokens import bpe, bpe_lists


def merges(texts, size, line=0, **settings):
    stretches = [seq.encode(text) for text in texts]
    return bpe.train(bpe.join_stretches(stretches, sum(map(len, texts)), line), size, **settings)


def theirs(texts, size, longest=0):
    tokenizer = Tokenizer(models.BPE())
    limit = {"max_token_length": longest + 1} if longest else {}  # Hugging Face's limit is the first length refused
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=list("ACGT"), show_progress=False, **limit)
    tokenizer.train_from_iterator(texts, trainer)
    return [tuple(merge) for merge in json.loads(tokenizer.to_str())["model"]["merges"]]


def test_by_hand():
    # AC 3, CA 2, CG 1: AC first, and AC AC AC G holds AC AC twice (overlapping), AC G once
    assert merges(["ACACACG"], 7) == [("A", "C"), ("AC", "AC"), ("AC", "G")]


def test_ties_go_to_the_smaller_left_then_the_smaller_right_token():
    assert merges(["TG", "CG", "CA"], 5) == [("C", "A")]


def test_runs_count_overlapping_pairs_and_merge_from_the_left():
    assert merges(["AAAAA", "CT", "CT", "CT"], 6) == [("A", "A"), ("C", "T")]  # AA counts 4
    assert merges(["AAAAA"], 7) == [("A", "A"), ("AA", "A"), ("AA", "AAA")]  # AA AA A, and of the tie AA A is smaller


def test_no_pair_reaches_across_n_contigs_or_lines():
    assert merges(["ANC", "G"], 9) == []
    assert merges(["ACAC"], 9, line=1) == []
    assert merges(["AACC"], 9, line=2) == [("A", "A"), ("C", "C")]


def test_it_stops_when_no_pair_is_left():
    assert merges(["ACGT"], 100) == [("A", "C"), ("G", "T"), ("AC", "GT")]


@pytest.mark.parametrize("memory", [0, 3000, 1e12], ids=["passes", "both", "lists"])
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("longest", [0, 5])
def test_merges_are_those_of_hugging_face(memory, threads, longest):
    rng = np.random.default_rng(0)
    for letters in (1, 2, 4):
        texts = [seq.decode(rng.integers(0, letters, rng.integers(1, 80)).astype(np.uint8)) for _ in range(30)]
        texts += [text * 3 for text in texts[:5]]
        ours = merges(texts, 120, max_token_length=longest, memory=memory, threads=threads)
        assert ours == theirs(texts, 120, longest)


def test_more_ids_than_a_byte_holds_in_passes():
    text = seq.decode(np.random.default_rng(1).integers(0, 4, 30_000).astype(np.uint8))
    assert merges([text], 700, memory=0) == merges([text], 700)


def test_too_many_words_for_16_bits():
    with pytest.raises(Exception, match="16-bit"):
        merges(["ACGT"], bpe_lists.INSIDE + 1)
