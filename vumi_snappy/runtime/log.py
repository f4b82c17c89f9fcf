"""Lines of Twisted's log with the levels that Vumi gives to its own lines."""
from __future__ import absolute_import, division, print_function, unicode_literals

import logging
from functools import partial

from twisted.python import log

debug = partial(log.msg, logLevel=logging.DEBUG)
msg = partial(log.msg, logLevel=logging.INFO)
warning = partial(log.msg, logLevel=logging.WARNING)
err = partial(log.err, logLevel=logging.ERROR)
