"""What a worker and its connectors derive from, and what makes one."""
from __future__ import absolute_import, division, print_function, unicode_literals

import sys

if sys.version_info[0] == 2:
    from vumi.application.base import ApplicationWorker  # noqa: F401
    from vumi.connectors import IgnoreMessage, ReceiveInboundConnector  # noqa: F401
    from vumi.service import AmqpFactory, RoutingKeyError, WorkerCreator  # noqa: F401
else:
    from vumi_snappy.vumi.own.connectors import (  # noqa: F401
        IgnoreMessage, ReceiveInboundConnector)
    from vumi_snappy.vumi.own.worker import (  # noqa: F401
        AmqpFactory, ApplicationWorker, RoutingKeyError, WorkerCreator)
