"""What is said in one moment is one entry in the log, in its order."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from twisted.internet.task import Clock
from twisted.logger import Logger, formatEvent

from vumi_snappy.lines import Lines


def test_lines_of_one_turn_go_as_one_entry_and_those_of_the_next_as_another():
    clock, entries = Clock(), []
    lines = Lines(Logger('x', observer=entries.append), clock)
    lines.say('a {curly} one')
    lines.say('b')
    assert entries == []
    clock.advance(0)
    lines.say('c')
    clock.advance(0)
    clock.advance(1)
    assert [formatEvent(entry) for entry in entries] == ['a {curly} one\nb', 'c']
