"""Reads ids, flags and times as Snappy spells them in JSON.  Pure."""
from __future__ import absolute_import, division, print_function, unicode_literals

import calendar
import re
import time
from typing import Any, Dict, Optional, Text  # noqa: F401

from vumi_snappy.content.foreign_json import text_of

#: Characters of an id; a nonce had 16, but nothing promises that.
_LONGEST_ID = 100
#: How it is written that there is no id.
_NO_ID = re.compile(r'(0*|-[0-9]+|false|null|none)\Z', re.IGNORECASE)
_NUMBER = re.compile(r'[0-9]+\Z')
_FLAG = re.compile(r'(?:(1|true)|0|false|none|null|)\Z', re.IGNORECASE)
_SECONDS = re.compile(r'[0-9]{1,12}(\.[0-9]{1,9})?\Z')
_DATE = re.compile(r'[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\Z')
_DATE_FORM = '%Y-%m-%d %H:%M:%S'


class BadHook(ValueError):
    """A body that can't be understood.  Its message goes into the response and the log: it names the
    field, and quotes nothing."""


def object_in(parent, name, path):
    # type: (Dict[Text, Any], Text, Text) -> Dict[Text, Any]
    """The object `name` in `parent`, which is at `path`."""
    value = parent.get(name)
    if not isinstance(value, dict):
        raise BadHook('%s.%s is missing or not an object' % (path, name))
    return value


def id_in(parent, name, path):
    # type: (Dict[Text, Any], Text, Text) -> Text
    """An id, a number or a text; empty where there is none, which may be spelt as a word or as a
    number that is not above zero."""
    value = parent.get(name)
    if value is None or value is False:
        return ''
    try:
        text = text_of(value).strip()  # type: Optional[Text]
    except ValueError:
        text = None
    if text is None or len(text) > _LONGEST_ID:
        raise BadHook('%s.%s is missing or not an id' % (path, name))
    return '' if _NO_ID.match(text) else text


def staff_in(parent, name, path):
    # type: (Dict[Text, Any], Text, Text) -> Text
    """The id of a staff member, a number; empty where there is none."""
    staff_id = id_in(parent, name, path)
    if staff_id and not _NUMBER.match(staff_id):
        raise BadHook('%s.%s is not a number' % (path, name))
    return staff_id


def flag_in(parent, name, path):
    # type: (Dict[Text, Any], Text, Text) -> bool
    """Whether a flag is set, which is 0 or 1 in one of several spellings; it may be missing."""
    value = parent.get(name)
    flag = _FLAG.match('none' if value is None else '%s' % (value,))
    if isinstance(value, (list, dict, float)) or not flag:
        raise BadHook('%s.%s is neither 0 nor 1' % (path, name))
    return flag.group(1) is not None


def seconds(value):
    # type: (Any) -> float
    """Epoch seconds, as a number or as digits; 0 where it is neither."""
    text = '%s' % (value,)
    return float(text) if _SECONDS.match(text) else 0.0


def date(value):
    # type: (Any) -> float
    """A time as `seconds` takes it, or ``YYYY-MM-DD HH:MM:SS`` in UTC; 0 where it is neither."""
    if isinstance(value, Text) and _DATE.match(value):
        try:
            return max(float(calendar.timegm(time.strptime(str(value), str(_DATE_FORM)))), 0.0)
        except ValueError:
            return 0.0
    return seconds(value)
