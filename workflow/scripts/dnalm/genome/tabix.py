"""BGZF with the indexes by which a browser, tabix and pysam find a place in it (htslib's .tbi and .csi)."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pysam

from dnalm import files

TBI_REACH = 1 << 29  # a .tbi index holds positions up to 512 Mb; some plant chromosomes are longer


@contextmanager
def indexed(path: Path, preset: str, last: int) -> Iterator[Path]:
    """Give a temporary path to write sorted BGZF to; it gets its name with `.csi` beside, and `.tbi` where that can be.

    `preset` is htslib's name of the format, `last` the greatest position. Older tools know `.tbi` alone, which ends at
    512 Mb; where something lies beyond, only `.csi` is written. All is there or nothing.
    """
    wide, near = Path(f"{path}.csi"), Path(f"{path}.tbi")
    near.unlink(missing_ok=True)  # htslib must not meet an index of other records
    indexes = [wide, near] if last < TBI_REACH else [wide]
    with files.whole(path) as beside, ExitStack() as stack:
        for index in indexes:
            stack.enter_context(files.whole(index))
        yield beside
        for index in indexes:
            pysam.tabix_index(str(beside), preset=preset, force=True, csi=index == wide)
