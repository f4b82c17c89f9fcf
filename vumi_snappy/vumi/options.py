"""What twistd is told on the command line, and where the specifications of AMQP are."""
from __future__ import absolute_import, division, print_function, unicode_literals

import os
import sys

if sys.version_info[0] == 2:
    from vumi.servicemaker import (  # noqa: F401
        StartWorkerOptions, VumiOptions, VumiWorkerServiceMaker)
    from vumi.utils import vumi_resource_path  # noqa: F401
else:
    from vumi_snappy.vumi.own.options import (  # noqa: F401
        StartWorkerOptions, VumiOptions, VumiWorkerServiceMaker)

    def vumi_resource_path(name):
        """The path of a file that comes with the package; of others, the name as it is."""
        return os.path.join(os.path.dirname(os.path.abspath(__file__)), 'own', name)
