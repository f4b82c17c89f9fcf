"""Prints docs/options.md, the reference of all options, from the classes of `vumi_snappy.config`.

    ve/bin/python -m tools.options_reference > docs/options.md
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import sys
from typing import Any, Iterator, Text, Tuple  # noqa: F401

import six

from vumi_snappy.config import SnappyBouncerConfig
from vumi_snappy.config.fields import ConfigByTransport, ConfigRange, Option

#: The groups in this order; those that are not named follow by their names.
_FIRST = ['Snappy', 'Vumi', 'RabbitMQ', 'Redis', 'Webhook']

_HEAD = """# All options

Made by `ve/bin/python -m tools.options_reference` from the classes in `vumi_snappy/config/`: do
not edit it. The options are written as `name: value` in the worker's YAML file; `vumi-snappy
check-config FILE` checks them. [A sample](../config/snappy_bouncer.yaml) has the usual ones.
"""


def groups():
    # type: () -> Iterator[Tuple[Text, Text, Any]]
    """The title, the subject and the options of each group, in the order of the reference."""
    found = []
    for group in SnappyBouncerConfig.__mro__:
        options = [each for each in vars(group).values() if isinstance(each, Option)]
        if options:
            title, _, about = six.ensure_text(group.__doc__ or '').partition('\n')[0].partition(
                ': ')
            found.append((title, about, sorted(options, key=lambda each: each.creation_order)))
    found.sort(key=lambda each: (_FIRST.index(each[0]) if each[0] in _FIRST else len(_FIRST),
                                 each[0]))
    return iter(found)


def kind(option):
    # type: (Any) -> Text
    """The type, range and unit of an option's value."""
    text = six.ensure_text(option.field_type)
    if isinstance(option, ConfigRange):
        text += ' from %s to %s' % (number(option.least), number(option.most))
    if option.unit:
        text += ', in %s' % (option.unit,)
    if isinstance(option, ConfigByTransport):
        text += '; or a mapping of these by transport type'
    return text


def number(value):
    # type: (float) -> Text
    """`value` without needless digits."""
    return '%d' % (value,) if value == int(value) else '%s' % (value,)


def default(option):
    # type: (Any) -> Text
    """The default of an option, as it would be written; or that it must be given."""
    if option.required:
        return '**required**'
    if option.default in (None, '', [], {}):
        return 'none'
    return '`%s`' % (json.dumps(option.default, sort_keys=True)
                     if isinstance(option.default, (bool, dict, list)) else option.default,)


def main():
    # type: () -> None
    """Print the reference."""
    lines = [_HEAD]
    for title, about, options in groups():
        lines.append('## %s\n\n%s.\n' % (title, about[:1].upper() + about[1:].rstrip('.')))
        lines.append('| option | value | default | meaning |\n| --- | --- | --- | --- |')
        lines.extend('| `%s` | %s | %s | %s |' % (
            each.name, kind(each), default(each), six.ensure_text(each.doc).replace('<', '&lt;'))
            for each in options)
        lines.append('')
    text = '\n'.join(lines)
    getattr(sys.stdout, 'buffer', sys.stdout).write(text.encode('utf-8'))


if __name__ == '__main__':
    main()
