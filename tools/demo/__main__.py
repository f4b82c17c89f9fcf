"""``python -m tools.demo``; see `tools.demo.command`."""
from __future__ import absolute_import, division, print_function, unicode_literals

import sys

try:
    # Within, so that Ctrl-C ends it quietly even while it is still being read.
    from tools.demo.command import main
    sys.exit(main())
except KeyboardInterrupt:
    sys.exit(130)
