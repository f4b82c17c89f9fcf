"""What commands tell while they work."""
from __future__ import absolute_import, division, print_function, unicode_literals

import io

from vumi_snappy.cli.output import Progress


class Terminal(io.StringIO):
    """What a person sees, or with `is_terminal` false what a file gets."""

    is_terminal = True

    def isatty(self):
        return self.is_terminal

    def write(self, text):
        return super(Terminal, self).write('%s' % (text,))


def counted(out):
    progress = Progress('tickets', out=out)
    for count in (200, 400):
        progress.show(count)
    progress.end()
    return out.getvalue()


def test_a_person_at_a_terminal_sees_how_far_long_work_has_come():
    assert counted(Terminal()) == '\r200 tickets\r400 tickets\n'


def test_a_bar_grows_where_it_is_known_how_much_there_is():
    out = Terminal()
    progress = Progress('tickets', 400, out)
    for count in (0, 200, 500):  # more than was thought
        progress.show(count)
    assert out.getvalue().split('\r')[1:] == [
        '[%s]   0 %%  0 tickets' % ('.' * 30,),
        '[%s]  50 %%  200 tickets' % ('#' * 15 + '.' * 15,),
        '[%s] 100 %%  500 tickets' % ('#' * 30,)]


def test_a_pipe_is_told_nothing():
    out = Terminal()
    out.is_terminal = False
    assert counted(out) == ''
