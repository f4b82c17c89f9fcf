"""The messages of Vumi's bus."""
from __future__ import absolute_import, division, print_function, unicode_literals

import sys

if sys.version_info[0] == 2:
    from vumi.errors import InvalidMessageField, MissingMessageField  # noqa: F401
    from vumi.message import (  # noqa: F401
        Message, TransportEvent, TransportStatus, TransportUserMessage, format_vumi_date,
        parse_vumi_date)
    from vumi.transports.failures import FailureMessage  # noqa: F401
else:
    from vumi_snappy.vumi.own.message import (  # noqa: F401
        FailureMessage, InvalidMessageField, Message, MissingMessageField, TransportEvent,
        TransportStatus, TransportUserMessage, format_vumi_date, parse_vumi_date)
