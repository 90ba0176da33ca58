"""Put a constraint track into a track hub, which genome browsers open from a web address."""

import dnalm.startup

from dnalm import cli, texts
from dnalm.cli import Input, Output
from dnalm.scan import hub, pages, shown


def main(
    *,
    log_probability: Input,
    entropy: Input,
    llr: Input,
    genome: Input,
    model: Input,
    out: Output,
    constraint: str,
    run: str,
    browser: str,
    known: bool = False,
    email: str,
) -> None:
    """A hub of the three values a base.

    `browser` is what the hub calls the genome, `known` whether that is an assembly of UCSC's; another one goes along as
    2bit. `run` says in a few words which model it is, `email` whom to ask.
    """
    hub.check_email(email)
    card = texts.read(model / "README.md")
    values = {"log_probability": log_probability, "entropy": entropy, "llr": llr}
    tracks = [shown.expected(name, path, run, card) for name, path in values.items()]
    about = shown.about(constraint, "constraint", run, browser, email, {"The model": pages.from_card(card)})
    hub.write(out, about, hub.Assembly(browser, known, genome, shown.first(log_probability)), tracks)
    shown.tell(out, browser, known, genome)


if __name__ == "__main__":
    cli.run(main)
