"""vumi-snappy: the bridge between a Vumi messaging deployment and the Snappy help desk."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

__version__ = '0.1.0'
