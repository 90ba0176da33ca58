"""Damaged copies of a file, the same each time: what a disk, a network or a half-finished copy makes of it."""

import random
from collections.abc import Iterator

LONGEST = 16  # bytes flipped or inserted at once


def mutations(data: bytes, number: int, seed: int) -> Iterator[bytes]:
    """`number` damaged copies of `data`, each other than it: in turn bytes flipped, a part cut out, bytes inserted.

    Every other cut takes the end, as an interrupted copy does. The damage depends on `data`, `number` and `seed` alone.
    """
    chance = random.Random(seed)
    made, kinds = 0, (_flipped, _cut, _inserted)
    while made < number:
        damaged = kinds[made % 3](data, chance)
        if damaged != data:
            made += 1
            yield damaged


def _flipped(data: bytes, chance: random.Random) -> bytes:
    """One to LONGEST bytes, anywhere, that are other than they were."""
    damaged = bytearray(data or b"\0")
    for _ in range(chance.choice((1, 1, 1, 2, 4, LONGEST))):
        damaged[chance.randrange(len(damaged))] ^= chance.randrange(1, 256)
    return bytes(damaged)


def _cut(data: bytes, chance: random.Random) -> bytes:
    """Without its end, or without a part of its middle; nothing to cut leaves one byte."""
    if not data:
        return b"\0"
    start = chance.randrange(len(data))
    end = len(data) if chance.random() < 0.5 else chance.randrange(start, len(data)) + 1
    return data[:start] + data[end:]


def _inserted(data: bytes, chance: random.Random) -> bytes:
    """With one to LONGEST bytes more: any bytes, or a copy of a part of its own, as a repeated block is."""
    place, length = chance.randrange(len(data) + 1), chance.randint(1, LONGEST)
    start = chance.randrange(len(data) + 1)
    more = data[start : start + length] if chance.random() < 0.5 else b""
    return data[:place] + (more or chance.randbytes(length)) + data[place:]
