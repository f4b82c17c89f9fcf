"""Each of Vumi's AMQP specifications sends what Vumi calls persistent as persistent."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import txamqp.spec
from txamqp.connection import Frame, Header
from txamqp.protocol import FrameReceiver

from tests.bus.samples import SPECIFICATIONS
from vumi_snappy.bus.sending import can_confirm
from vumi_snappy.bus.specification import (
    DEFAULT, NoSpecification, _with_confirms, load, mended)
from vumi_snappy.vumi.options import vumi_resource_path


def stock(name):
    return txamqp.spec.load(vumi_resource_path(name))


def properties(spec):
    return [field.name.replace('-', ' ') for field in spec.classes.byname['basic'].fields]


@pytest.mark.parametrize('name', SPECIFICATIONS)
def test_a_message_that_vumi_marks_persistent_is_persistent_on_the_wire(name):
    spec = load(name)
    header = Header(spec.classes.byname['basic'], 0, 2, **{str('delivery mode'): 2})
    raw = FrameReceiver(spec)._pack_frame(Frame(1, header))
    read = FrameReceiver(stock(name))._unpack_frame(raw).payload.properties
    assert {key.replace('-', ' '): value for key, value in read.items()} == {'delivery mode': 2}


@pytest.mark.parametrize('name', SPECIFICATIONS)
def test_every_property_has_the_name_that_it_has_in_0_8(name):
    # The last is reserved in 0-9-1.
    assert [field.name for field in load(name).classes.byname['basic'].fields][:13] == properties(
        stock(SPECIFICATIONS[0]))[:13]


@pytest.mark.parametrize('name', SPECIFICATIONS)
def test_nothing_else_of_the_specification_is_changed(name):
    def read(spec):
        return (spec.major, spec.minor, [(each.name, each.id) for each in spec.constants], [
            (klass.name, klass.id, [(field.id, field.type) for field in klass.fields], [
                (method.name, method.id, method.content, method.synchronous,
                 [each.name for each in method.responses],
                 [(field.name, field.type) for field in method.fields])
                for method in klass.methods if method.name != 'nack'])
            for klass in spec.classes if klass.name != 'confirm'])
    assert read(load(name)) == read(stock(name))


def test_confirms_are_added_to_0_9_1_alone():
    assert [can_confirm(load(name)) for name in SPECIFICATIONS] == [
        name == DEFAULT for name in SPECIFICATIONS]
    confirm, nack = load().classes.byname['confirm'], load().classes.byname['basic'].methods.byname
    assert (confirm.id, confirm.methods.byname['select'].id, nack['nack'].id) == (85, 10, 120)


def test_a_specification_that_has_confirms_is_left_as_it_is():
    text = _with_confirms(mended())
    assert _with_confirms(text) == text


def test_the_specification_of_an_operator_is_read_where_it_is(tmpdir):
    path = tmpdir.join('mine.xml')
    path.write_text(mended(SPECIFICATIONS[0]).replace('basic.publish', 'n/a'), 'utf-8')
    assert load('%s' % (path,)).file == str(path)


def test_a_specification_is_read_once():
    assert load(DEFAULT) is load()


@pytest.mark.parametrize('text, said', [
    (None, 'No such file'), ('\xff', 'not UTF-8'), ('<amqp', 'is not a specification of AMQP'),
    ('<amqp major="0" minor="9"/>', 'is not a specification of AMQP'),
    (mended().replace('"delivery mode"', '"mode"'), 'has no property delivery-mode')])
def test_a_file_that_can_not_be_used_is_told_with_what_to_do(tmpdir, text, said):
    path = tmpdir.join('mine.xml')
    if text is not None:
        path.write_binary(text.encode('latin-1'))
    with pytest.raises(NoSpecification) as failed:
        load('%s' % (path,))
    assert said in '%s' % (failed.value,)
    assert '%s' % (path,) in '%s' % (failed.value,)


def test_a_relative_path_is_told_to_need_the_whole_one():
    with pytest.raises(NoSpecification, match='give the whole path'):
        load('vumi-amqp.xml')
