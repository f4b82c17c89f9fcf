"""Whether the data under a key prefix are ours: of our schema, and of the bridge that we are.

Two bridges on one prefix would publish each other's replies, each on its own queues.  So the
`transport_name` of the first to start is remembered, and the store refuses every other.  The store
alone uses it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Text  # noqa: F401

from twisted.internet import defer

from vumi_snappy.records import SCHEMA_VERSION
from vumi_snappy.store.errors import StoreRefused


@defer.inlineCallbacks
def check_schema(scripts):
    # type: (Any) -> Any
    """Mark new data as of our schema.  Errors: `StoreRefused` where the data are of another."""
    schema = yield scripts.send('GET', scripts.key('schema'))
    if schema is None:
        yield scripts.send('SET', scripts.key('schema'), '%d' % SCHEMA_VERSION)
    elif int(schema) != SCHEMA_VERSION:
        raise StoreRefused(
            'the data under %s: have schema %d, and this version of vumi-snappy reads schema %d'
            ' only: run the version that wrote them, or use another key_prefix' % (
                scripts.prefix, int(schema), SCHEMA_VERSION))


@defer.inlineCallbacks
def check_owner(scripts, name, claims):
    # type: (Any, Text, bool) -> Any
    """Whether the data are those of the bridge `name`.  `claims`: where they are nobody's yet, they
    are its own from now on.  Errors: `StoreRefused`."""
    owner = (yield scripts.call('own', owner=name, claims=claims, who='')).decode('utf-8')
    if owner not in ('', name):
        raise StoreRefused(
            'the data under %s: are those of another bridge, with the transport_name "%s", not'
            ' "%s": use another key_prefix, or, if it is the same bridge and was renamed,'
            ' run vumi-snappy own-store' % (scripts.prefix, owner, name))
