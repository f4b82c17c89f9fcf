"""The AMQP specifications that come with Vumi, read so that persistence is kept.

txAMQP sends a message property only under the name that the specification has for it.  Vumi writes
"delivery mode", the name in AMQP 0-8; 0-9-1 has "delivery-mode", and with it as shipped every
message of Vumi's is silently kept in memory only.  `mended` gives the properties the names of 0-8;
nothing else is changed, and nothing on the wire.  `load` adds RabbitMQ's publisher confirms
(https://www.rabbitmq.com/docs/confirms) to 0-9-1, whose specification does not have them.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import re
from typing import Any, Dict, Text  # noqa: F401
from xml.sax import SAXException

from txamqp import spec

from vumi_snappy.vumi.config import ConfigError
from vumi_snappy.vumi.options import VumiOptions, vumi_resource_path

#: What every RabbitMQ since 2.0 speaks.
DEFAULT = 'amqp-spec-0-9-1.xml'
#: Which is 0-8; RabbitMQ 4 no longer speaks it.
VUMIS_DEFAULT = VumiOptions.default_vumi_options['specfile']

# The properties of messages stand between the head of the class "basic" and its first method.
_PROPERTIES = re.compile(r'<class\s+name\s*=\s*"basic".*?<method\s', re.DOTALL)
_NAME = re.compile(r'(<field\s+name\s*=\s*")([^"]*)(")')

# RabbitMQ's extensions: a method at the end of the class "basic", and a class.
_CONFIRM = """<class name="confirm" handler="channel" index="85">
  <method name="select" synchronous="1" index="10"> <response name="select-ok"/>
    <field name="nowait" type="bit"/>
  </method>
  <method name="select-ok" synchronous="1" index="11"> confirms </method>
</class>
"""
_NACK = """<method name="nack" index="120"> <field name="delivery-tag" type="longlong"/>
    <field name="multiple" type="bit"/> <field name="requeue" type="bit"/>
  </method>
"""
_END_OF_BASIC = re.compile(r'(<class\s+name\s*=\s*"basic".*?)(</class>)', re.DOTALL)
_IS_0_9_1 = re.compile(
    r'<amqp\s[^>]*major\s*=\s*"0"\s+minor\s*=\s*"9"\s+revision\s*=\s*"1"')

_loaded = {}  # type: Dict[Text, Any]


class NoSpecification(ConfigError):
    """The file that `specfile` names can not be used; says why."""


def mended(specfile=DEFAULT):
    # type: (Text) -> Text
    """The text of a specification, with the names of properties that Vumi writes.

    `specfile` is a path or the name of one of those that are installed with Vumi.  Errors:
    `NoSpecification`, where it can not be read.
    """
    try:
        with io.open(vumi_resource_path(specfile), encoding='utf-8') as source:
            text = source.read()
    except (EnvironmentError, UnicodeError) as failed:
        raise NoSpecification(
            'specfile %s can not be read (%s): name one that is installed here, such as %s, or'
            ' give the whole path of a file' % (
                specfile, getattr(failed, 'strerror', 'not UTF-8'), DEFAULT))
    return _PROPERTIES.sub(
        lambda properties: _NAME.sub(
            lambda field: field.group(1) + field.group(2).replace('-', ' ') + field.group(3),
            properties.group(0)),
        text)


def load(specfile=DEFAULT):
    # type: (Text) -> Any
    """The same for txAMQP.  Errors: `NoSpecification`, also where messages would not be kept."""
    path = vumi_resource_path(specfile)
    if path not in _loaded:
        text = mended(specfile)
        try:
            loaded = spec.load_string(_with_confirms(text).encode('utf-8'), path)
            kept = 'delivery mode' in loaded.classes.byname['basic'].fields.byname
        except (LookupError, ValueError, SAXException) as failed:
            raise NoSpecification('specfile %s is not a specification of AMQP (%s)' % (
                specfile, type(failed).__name__))
        if not kept:
            raise NoSpecification(
                'specfile %s has no property delivery-mode for messages, without which none is'
                ' kept on disk' % (specfile,))
        _loaded[path] = loaded
    return _loaded[path]


def _with_confirms(text):
    # type: (Text) -> Text
    """The text of a specification, with confirms if it is 0-9-1 and has none."""
    if not _IS_0_9_1.search(text) or re.search(r'<class\s+name\s*=\s*"confirm"', text):
        return text
    if not re.search(r'<method\s+name\s*=\s*"nack"', text):
        text = _END_OF_BASIC.sub(
            lambda basic: basic.group(1) + _NACK + basic.group(2), text, count=1)
    return text.replace('</amqp>', _CONFIRM + '</amqp>')
