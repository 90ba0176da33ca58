"""Fetch a genome: resumable, with retries, checked by checksum."""

import dnalm.startup

from pathlib import Path

from dnalm import cli
from dnalm.cli import Output
from dnalm.genome import download


def main(
    *,
    url: str,
    out: Output,
    sha256: str | None = None,
    md5: str | None = None,
    bytes: int | None = None,
    bases: int | None = None,
    member: str | None = None,
    lock: Path | None = None,
    attempts: int = 6,
) -> None:
    """Fetch --url (https or ftp) into --out; an interrupted download is resumed by running this again.

    Without --sha256 the checksum found is recorded in the table --lock, and the next download must have the same. A zip
    archive is replaced by the one FASTA inside, or by its --member of that name, of which --sha256, --md5 and --bytes
    speak then.
    """
    wanted = download.Wanted(sha256, md5, bytes)
    download.download(url, out, wanted=wanted, lock=lock, bases=bases, member=member, attempts=attempts)


if __name__ == "__main__":
    cli.run(main)
