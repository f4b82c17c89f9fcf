"""Tables go over the wire as RabbitMQ reads them."""
from __future__ import absolute_import, division, print_function, unicode_literals

from io import BytesIO

from txamqp.codec import Codec
from txamqp.connection import Method

from vumi_snappy.bus import specification
from vumi_snappy.bus.tables import MethodWithTable, has_table, table

DECLARE = specification.load().classes.byname['queue'].methods.byname['declare']


def declare(arguments):
    return Method(DECLARE, 0, 'q', False, True, False, False, False, arguments)


def test_each_kind_of_value_is_written_as_what_it_is():
    assert table({'a': True, 'b': 2 ** 31 - 1, 'c': 'x', 'd': {'e': False}}) == (
        b'\x00\x00\x00\x1e' b'\x01at\x01' b'\x01bI\x7f\xff\xff\xff' b'\x01cS\x00\x00\x00\x01x'
        b'\x01dF\x00\x00\x00\x04\x01et\x00')


def test_only_a_method_with_something_in_its_table_is_written_otherwise_than_by_txamqp():
    assert has_table(declare({'x-single-active-consumer': True}))
    assert not has_table(declare({}))
    assert not has_table(Method(DECLARE.klass.methods.byname['declare-ok'], 'q', 1, 2))


def test_a_method_with_a_table_differs_from_txamqps_by_its_table_only():
    def written(payload):
        out = BytesIO()
        payload.encode(Codec(out))
        return out.getvalue()

    text = declare({'x-queue-type': 'quorum'})
    assert written(MethodWithTable(text)) == written(text)
    assert written(MethodWithTable(declare({'x': True}))).endswith(b'\x00\x00\x00\x04\x01xt\x01')
