"""What an operator's own middleware derives from, on both Pythons, and which are refused."""
from __future__ import absolute_import, division, print_function, unicode_literals

import sys
from typing import Any, List, Text  # noqa: F401

if sys.version_info[0] == 2:
    from vumi.connectors import IgnoreMessage  # noqa: F401
    from vumi.middleware import BaseMiddleware  # noqa: F401

    def refused(items):
        # type: (List[Any]) -> List[Text]
        """Nothing: with Vumi, all of its middlewares can be used."""
        return []
else:
    from vumi_snappy.vumi.own.connectors import IgnoreMessage  # noqa: F401
    from vumi_snappy.vumi.own.middleware import BaseMiddleware, refused  # noqa: F401
