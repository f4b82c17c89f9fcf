"""What is said in one moment is one entry in the log, in its order."""
from __future__ import absolute_import, division, print_function, unicode_literals

from twisted.internet.task import Clock
from twisted.logger import Logger, formatEvent, formatTime

from vumi_snappy.runtime.lines import Lines


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
    first, second = [formatEvent(entry) for entry in entries]
    assert first.split('\n') == ['a {curly} one', '%s b' % (formatTime(0.0),)]
    assert second == 'c'


def test_each_line_of_an_entry_tells_when_it_was_said():
    clock, entries = Clock(), []
    clock.advance(1800000000)
    lines = Lines(Logger('x', observer=entries.append), clock)
    for each in ('a', 'b', 'c'):
        lines.say(each)
    clock.advance(0)
    told = formatTime(1800000000.0)
    assert formatEvent(entries[0]) == 'a\n%s b\n%s c' % (told, told)
