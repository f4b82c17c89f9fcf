"""Texts: an agent's HTML as a person reads it, what it costs to send, addresses for a log.

Pure: no I/O, no state.  The intake, the forwarder, the responder and the command line use it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from vumi_snappy.content.addresses import mask_address
from vumi_snappy.content.html import html_to_text
from vumi_snappy.content.lengths import Encoding, SegmentCount, segments

__all__ = ['Encoding', 'SegmentCount', 'html_to_text', 'mask_address', 'segments']
