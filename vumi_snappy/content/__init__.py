"""Texts: HTML to text, lengths as SMS, splitting, media, templates, addresses, foreign values.

Pure: no I/O, no state.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from vumi_snappy.content.addresses import mask_address, spellings
from vumi_snappy.content.foreign_text import safe_text, utf8_text, whole_text
from vumi_snappy.content.html import html_to_text
from vumi_snappy.content.lengths import Encoding, SegmentCount, fold_typography, segments
from vumi_snappy.content.markup import without_pictures
from vumi_snappy.content.media import media_in
from vumi_snappy.content.splitting import split_text

__all__ = ['Encoding', 'SegmentCount', 'fold_typography', 'html_to_text', 'mask_address',
           'media_in', 'safe_text', 'segments', 'spellings', 'split_text', 'utf8_text',
           'whole_text', 'without_pictures']
