"""``vumi-snappy``: the operator's command line, one module a command.

A command's module has ``add_to(commands)``, which says its grammar and its run (a function of the
parsed options that gives a Deferred), and is named in `command_line.COMMANDS`.  Exit statuses: 0
done, 1 failed (the reason is on stderr), 2 the command line itself is wrong.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import warnings
from typing import Any, List, Optional, Text  # noqa: F401


def main(arguments=None):
    # type: (Optional[List[Text]]) -> None
    """Run one command and exit with its status."""
    # Said by a library when it is imported, and nothing that an operator could change.
    ignore = str('ignore')  # type: Any
    warnings.filterwarnings(ignore, str('Python 2 is no longer supported'))
    from vumi_snappy.cli.command_line import main
    main(arguments)
