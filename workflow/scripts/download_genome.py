"""Fetch a genome: resumable, with retries, checked by checksum."""

from dnalm import cli, download
from dnalm.cli import Output


def main(*, url: str, out: Output, sha256: str | None = None, attempts: int = 6) -> None:
    """Fetch --url (https or ftp) into --out; an interrupted download is resumed by running this again.

    Without --sha256 the checksum found is recorded beside the file, and the next download must have the same.
    """
    download.download(url, out, sha256=sha256, attempts=attempts)


if __name__ == "__main__":
    cli.run(main)
