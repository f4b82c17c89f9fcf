"""What commands print: text for people, JSON for scripts."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json
import sys
import time
from typing import Any, Text  # noqa: F401


def say(options, value, text):
    # type: (Any, Any, Text) -> None
    """Print `value` as JSON where that was asked for, else `text`."""
    shown = json.dumps(value, indent=2, sort_keys=True) if options.json else text
    sys.stdout.write(str('%s\n') % (shown if sys.version_info[0] > 2 else shown.encode('utf-8'),))


def when(seconds):
    # type: (Any) -> Text
    """A time (epoch seconds) for people."""
    return '%s' % (time.strftime(str('%Y-%m-%d %H:%M:%S UTC'), time.gmtime(float(seconds))),)
