"""What the tools say on the terminal: whole lines, in UTF-8, at once."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import io
import sys
from typing import Any, Text  # noqa: F401


def say(line, to=None):
    # type: (Text, Any) -> None
    """Write a line to `to` (without it, to standard output); a terminal that was closed is no
    reason to stop what the tool is at."""
    to = to or sys.stdout
    try:
        # A pipe in the C locale would take ASCII alone, and logs hold people's texts.
        getattr(to, 'buffer', to).write(('%s\n' % (line,)).encode('utf-8'))
        to.flush()
    except (EnvironmentError, io.UnsupportedOperation):
        pass
