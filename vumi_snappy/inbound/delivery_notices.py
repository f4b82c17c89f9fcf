"""What an agent is told of a reply in a private note, mostly that it was not delivered.  Pure."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Text  # noqa: F401

from vumi_snappy.content import html_to_text, mask_address
from vumi_snappy.records import ForwardAttempt, ReplyState  # noqa: F401

#: Characters of an undelivered reply that the notice of it repeats.
_QUOTED = 200

#: By what became of the reply; the reason follows where it is a bad one.
_OUTCOMES = {
    ReplyState.FAILED: 'This reply was not delivered to %s',
    ReplyState.REFUSED: 'This reply was not sent to %s',
    ReplyState.UNCONFIRMED: 'It is not known whether this reply reached %s',
    ReplyState.ACKED: 'The network has taken this reply to %s after all.',
    ReplyState.DELIVERED: 'This reply was delivered to %s.',
}
_GOOD = (ReplyState.ACKED, ReplyState.DELIVERED)


def notice_text(attempt):
    # type: (ForwardAttempt) -> Text
    """The text of a notice: what became of the reply, why, and how it began."""
    reply = html_to_text(attempt.about)
    quoted = reply if len(reply) <= _QUOTED else reply[:_QUOTED] + ' ...'
    outcome = _OUTCOMES[attempt.outcome] % (mask_address(attempt.from_addr),)
    if attempt.outcome not in _GOOD:
        outcome += ': %s' % (attempt.text or 'the network gave no reason',)
    return '%s\n\n"%s"' % (outcome, quoted)
