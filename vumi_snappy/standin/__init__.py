"""A stand-in for the Snappy help desk: a real HTTP server that behaves as Snappy was recorded.

For tests, demonstrations and fault injection; see ``docs/standin.md``.  It keeps everything in
memory and imports nothing of the rest of vumi-snappy.
"""
from __future__ import absolute_import, division, print_function, unicode_literals
