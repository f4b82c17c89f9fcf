"""Texts: an agent's HTML as a person reads it, what it costs to send, addresses for a log.

Pure: no I/O, no state.  The intake, the forwarder, the responder and the command line use it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from vumi_snappy.content.addresses import mask_address
from vumi_snappy.content.folding import fold_typography
from vumi_snappy.content.html import html_to_text
from vumi_snappy.content.lengths import Encoding, SegmentCount, segments
from vumi_snappy.content.splitting import split_text

__all__ = ['Encoding', 'SegmentCount', 'fold_typography', 'html_to_text', 'mask_address',
           'segments', 'split_text']
