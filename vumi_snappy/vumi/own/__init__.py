"""What Vumi is where there is none: on Python 3 (see `vumi_snappy.vumi`, which alone uses it)."""
from __future__ import absolute_import, division, print_function, unicode_literals
