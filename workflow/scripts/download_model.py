"""Fetch a published checkpoint from Hugging Face's hub: resumable, with retries, compared with the first download."""

import dnalm.startup

from pathlib import Path

from dnalm import cli, files
from dnalm.cli import Output
from dnalm.published import hub as published_hub


def main(
    *,
    hub: str,
    revision: str,
    out: Output,
    sha256: str | None = None,
    allow_pickle: bool = False,
    lock: Path | None = None,
    endpoint: str = published_hub.ENDPOINT,
    attempts: int = 6,
) -> None:
    """Fetch --hub (owner/name) at --revision (a commit) beside --out, the list of its files, which is written last.

    --sha256 is that of the weights. A pickle is fetched only with --allow-pickle and where there are no safetensors.
    """
    found = published_hub.fetch(
        hub,
        revision,
        Path(out).parent,
        sha256=sha256,
        allow_pickle=allow_pickle,
        lock=lock,
        endpoint=endpoint,
        attempts=attempts,
    )
    files.write_json(out, {"hub": hub, "revision": revision, "files": found})


if __name__ == "__main__":
    cli.run(main)
