"""What a user sees: the words of a picture, the words of a script's help."""

from unittest.mock import patch

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from dnalm import cli


def picture(draw, **options):
    """The figure that a drawing script saves."""
    kept, save = [], Figure.savefig

    def keep(figure, *rest, **how):
        kept.append(figure)
        save(figure, *rest, **how)

    with patch.object(Figure, "savefig", keep):
        draw(**options)
    (figure,) = kept
    return figure


def words(figure):
    """Every text in a figure: headings, labels, ticks, legends."""
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def said(figure, part):
    """Whether any text of a figure holds this one."""
    return any(part in text for text in words(figure))


def help_of(main, capsys):
    """What a script says to --help, in one line."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        cli.run(main, ["--help"])
    assert stop.value.code == 0
    return " ".join(capsys.readouterr().out.split())
