"""The errors a user can cause. Anything else that escapes a script is a fault of ours (exit status 3)."""


class UsageError(Exception):
    """The command line asks for something impossible (exit status 1)."""


class InputError(Exception):
    """A file holds something we cannot use (exit status 2).

    Say what was got, what was wanted and the next step; for records, name the file and the line.
    """


class AbsentError(InputError):
    """An address at which there is nothing (HTTP 404): for whoever can do with another file."""


def one_line(said: object, longest: int = 300) -> str:
    """What another library says of a file, fit to stand within an InputError: one line, not endless."""
    text = " ".join(str(said).split()) or type(said).__name__
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:longest]
