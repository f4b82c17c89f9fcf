"""All state of the bridge, in Redis: the only room that sends a Redis command."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)
