"""Say which held-out windows of a target have a relative among its training windows."""

import dnalm.startup

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.logs import log
from dnalm.targets import homology
from dnalm.targets import windows as target_windows


def main(*, windows: Input, out_relatives: Output, out_summary: Output, threads: int = 1, seed: int = 0) -> None:
    """Look for relatives of every validation and test window, on either strand, by MMseqs2 where it is installed.

    `out_relatives` has id, split, identity (0-1) and relative, the closest training window's id; `out_summary` the
    shares with a relative at identities of 0.5, 0.8 and 0.95, by split and kind, the method, and what it sees.
    """
    relatives, report = homology.audit(target_windows.read(windows), threads=threads, seed=seed)
    for split, found in report["splits"].items():
        shares = ", ".join(f"{share:.1%} at {level}" for level, share in found["relatives"].items())
        log.info(f"{split}: of {found['windows']:,} windows have a relative: {shares} ({report['method']})")
        if found["duplicates"]:
            log.warning(f"{split}: {found['duplicates']:,} windows are in train, too, letter by letter")
    files.write_table(out_relatives, relatives)
    files.write_json(out_summary, report)


if __name__ == "__main__":
    cli.run(main)
