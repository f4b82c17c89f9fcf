"""What a message means in a session: USSD, telnet and whatever else asks and is answered at once.

Vumi's transports say with `session_event` where in a session a message belongs: ``new`` (somebody
dialled), ``resume`` (somebody answered what was on the screen) and ``close`` (hung up, or was cut
off).  Pure; the answers are decided in `vumi_snappy.inbound.answer_plan`.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import enum
import re
from typing import Optional, Text  # noqa: F401

#: What a phone dials to begin a session, such as ``*120*8864#``.
_DIALLED = re.compile(r'^\d*[*#][\d*#]*$')


class Step(enum.Enum):
    """What there is to do about a message, as far as sessions go."""

    #: No session: a message such as an SMS.
    OUTSIDE = 'outside'
    #: Nothing was written yet: ask.
    ASK = 'ask'
    #: The person's text.
    TEXT = 'text'
    #: The person is gone: nobody hears an answer.
    OVER = 'over'


def session_step(session_event, content, to_addr):
    # type: (Optional[Text], Optional[Text], Optional[Text]) -> Step
    """The step that a message with these fields of Vumi's is.

    A ``close`` has no text of the person's: transports such as truteq's and imimobile's put the
    network's own words in it ("Map Dialog User Abort ...").
    """
    if session_event == 'close':
        return Step.OVER
    if session_event not in ('new', 'resume'):
        return Step.OUTSIDE
    text = (content or '').strip()
    if session_event == 'new' and (text == (to_addr or '').strip() or _DIALLED.match(text)):
        return Step.ASK
    return Step.TEXT if text else Step.ASK
