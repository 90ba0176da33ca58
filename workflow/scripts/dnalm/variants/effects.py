"""What a change of a message does to its protein, in the terms of the Sequence Ontology.

Places count along the message, 5' to 3'; new bases are base codes as the message reads them.
"""

import numpy as np

from dnalm.dna import codons
from dnalm.genome.messages import Message

Effect = tuple[str, str]  # a row of consequences.CONSEQUENCES, and the amino acids before and after as K12N, or ""
UNREADABLE = ("coding_sequence_variant", "")


def of_bases(message: Message, at: np.ndarray, base: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Effects of single bases, each alone: terms, and amino acids as in Effect.

    `at` int64 [n]: places in the message, -1 outside it (an intron); `base` uint8 [n]: what stands there instead.
    """
    number = (at - message.frame) // 3
    begin = message.frame + 3 * number
    coding = (at >= message.first) & (at < message.last)
    whole = coding & (at >= message.frame) & (begin + 3 <= message.last)
    old = message.bases[np.where(whole, begin, 0)[:, None] + np.minimum(np.arange(3), len(message.bases) - 1)]
    new = old.copy()
    new[whole, (at - begin)[whole]] = base[whole]
    before, after = codons.acids(old, message.code), codons.acids(new, message.code)
    read = whole & (before != ord(codons.UNKNOWN)) & (after != ord(codons.UNKNOWN))
    starts = message.start & (number == 0)
    rules = {
        "intron_variant": at < 0,
        "non_coding_transcript_exon_variant": message.last == 0,
        "5_prime_UTR_variant": at < message.first,
        "3_prime_UTR_variant": at >= message.last,
        "coding_sequence_variant": ~read,
        "start_lost": starts & ~codons.starts(new, message.code),
        "synonymous_variant": starts | (before == after),
        "stop_lost": message.stop & (begin + 3 == message.last),
        "stop_gained": after == ord(codons.STOP),
    }
    terms = np.select([np.broadcast_to(rule, len(at)) for rule in rules.values()], list(rules), "missense_variant")
    acids = zip(before, number, after, read, strict=True)
    return terms, [_said(chr(one), row + 1, chr(other)) if fine else "" for one, row, other, fine in acids]


def of_edit(message: Message, first: int, last: int, new: np.ndarray) -> Effect:
    """The effect of bases [first, last) that become `new`: of an insertion first is last, of a deletion new is empty.

    What takes the start or the stop codon away has lost it, whatever its length: no frame is left to be shifted.
    """
    if not message.last:
        return "non_coding_transcript_exon_variant", ""
    if last <= message.first:
        return "5_prime_UTR_variant", ""
    if first >= message.last:
        return "3_prime_UTR_variant", ""
    grown = len(new) - (last - first)
    begins, ends = message.start and first < message.first + 3, message.stop and last > message.last - 3
    changed = np.concatenate([message.bases[:first], new, message.bases[last:]])
    if begins and ((grown and first < message.first) or not _starts(message, changed)):
        return "start_lost", ""
    if first < message.frame and not begins:
        return UNREADABLE
    if ends:
        return _at_the_stop(message, first, last, changed)
    if grown % 3 and last <= message.last:
        return "frameshift_variant", ""
    return _in_frame(message, first, last, changed)


def _starts(message: Message, changed: np.ndarray) -> bool:
    codon = changed[message.first : message.first + 3]
    return len(codon) == 3 and bool(codons.starts(codon, message.code))


def _in_frame(message: Message, first: int, last: int, changed: np.ndarray) -> Effect:
    """Of an edit that keeps the frame and the stop codon."""
    grown = len(changed) - len(message.bases)
    low, high = max(first - message.frame, 0) // 3, -((message.frame - last) // 3)
    begin, end = message.frame + 3 * low, message.frame + 3 * high
    old, new = (
        codons.translate(bases, message.code) for bases in (message.bases[begin:end], changed[begin : end + grown])
    )
    if end > message.last or codons.UNKNOWN in old + new:
        return UNREADABLE
    said = "" if grown else _said(old, low + 1, new)
    if old == new:
        return "synonymous_variant", said
    if new.count(codons.STOP) > old.count(codons.STOP):
        return "stop_gained", said
    return _term(grown, last - first), said


def _at_the_stop(message: Message, first: int, last: int, changed: np.ndarray) -> Effect:
    """Of an edit of the stop codon: the protein may end as it did, or go on into what was not translated."""
    grown = len(changed) - len(message.bases)
    low = max(first - message.frame, 0) // 3
    begin = message.frame + 3 * low
    old = codons.translate(message.bases[begin : message.last - 3], message.code)
    new, stop, _ = codons.translate(changed[begin:], message.code).partition(codons.STOP)
    if codons.UNKNOWN in old + new[: len(old) + 1]:
        return UNREADABLE
    said = "" if grown else _said(old + codons.STOP, low + 1, (new + stop)[: len(old) + 1])
    if stop and old == new:
        return "synonymous_variant", said
    if 3 * (len(new) - len(old)) == grown:
        return _term(grown, last - first), said
    return "stop_gained" if stop and len(new) < len(old) else "stop_lost", said


def _term(grown: int, replaced: int) -> str:
    """The term of an edit that changes amino acids in frame."""
    if not grown:
        return "missense_variant"
    if grown == -replaced:
        return "inframe_deletion"
    return "protein_altering_variant" if replaced else "inframe_insertion"


def _said(old: str, number: int, new: str) -> str:
    return f"{old}{number}{new if new != old else '='}"
