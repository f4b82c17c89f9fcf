"""The values that travel between the rooms, and the states they can be in.

Nothing here does I/O or knows of Vumi, Redis or HTTP.  Every value is immutable; every state is an
enum whose value is the word that the store keeps and the console shows.

All times are seconds since the epoch, in UTC (float).  All text is unicode.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import enum
from typing import Any, Dict, List, Optional, Sequence, Text  # noqa: F401

import attr

#: Version of the records kept in Redis; a worker refuses data of another.
SCHEMA_VERSION = 3

#: Instead of the HTML of a reply that was too large to be taken.  No note has this character.
TOO_LARGE = '\x00(a reply that was too large to be taken)'


class ReplyState(enum.Enum):
    """What became of an agent's reply on its way to the person's phone."""

    STORED = 'stored'
    PUBLISHING = 'publishing'
    PUBLISHED = 'published'
    ACKED = 'acked'
    DELIVERED = 'delivered'
    FAILED = 'failed'
    UNCONFIRMED = 'unconfirmed'
    PARKED = 'parked'
    #: Not sent, for a reason that the agent was told in a private note.
    REFUSED = 'refused'


class JobKind(enum.Enum):
    """What there is to do at Snappy, in the order of importance (promise 7)."""

    OPEN_TICKET = 'open'
    ADD_NOTE = 'note'
    DELIVERY_NOTICE = 'notice'
    PRIVATE_NOTE = 'private'
    TAGS = 'tags'
    STATUS = 'status'


class Accepted(enum.Enum):
    """The store's answer to something that was offered to it."""

    STORED = 'stored'
    DUPLICATE = 'duplicate'
    UNKNOWN_TICKET = 'unknown_ticket'
    #: A reply that contradicts itself, or what is known of its ticket: its agent is told.
    REFUSED = 'refused'
    #: Not stored: too much waits for the names of tickets that are being opened.
    TOO_EARLY = 'too_early'


class AnswerKind(enum.Enum):
    """Why a person is answered by the worker itself."""

    AUTO_REPLY = 'auto_reply'
    OUT_OF_HOURS = 'out_of_hours'
    SESSION_PROMPT = 'session_prompt'
    SESSION_END = 'session_end'
    OPTED_OUT = 'opted_out'
    OPTED_IN = 'opted_in'


class TicketUse(enum.Enum):
    """What a message may do with tickets."""

    #: Join the person's live ticket, or open one.
    OPEN = 'open'
    #: Join the person's live ticket, if there is one.
    LIVE_ONLY = 'live'
    #: Nothing: it is only answered.
    NONE = 'none'


class ParkReason(enum.Enum):
    """Why an attempt is parked.  The value, with its details filled in, is what is stored and what
    operators read."""

    TICKET_NOT_OPEN = 'its ticket is not open at Snappy'
    NO_STAFF_ID = 'snappy_staff_id is not set'
    #: The HTTP status.
    REFUSED = 'Snappy refused it (%s)'
    TEXT_REFUSED = 'Snappy refused this text with %s, though it takes the API key'
    #: Hours, and the name of the last error.
    STILL_FAILED = 'it still failed after %g hours (%s)'
    #: The name of the exception.
    OWN_FAULT = 'an error in vumi-snappy itself: %s'

    def text(self, *details):
        # type: (*Any) -> Text
        """What is stored."""
        return self.value % details

    @classmethod
    def of(cls, text):
        # type: (Text) -> Optional[ParkReason]
        """The reason that is stored as `text`; None: an unknown one."""
        return next((each for each in cls if text.startswith(each.value.partition('%')[0])), None)


class Subscription(enum.Enum):
    """What a message says of the person's wish to be sent messages at all."""

    OPT_OUT = 'out'
    OPT_IN = 'in'


class AnswerState(enum.Enum):
    """What became of one of the worker's own answers, in the words of `ReplyState`."""

    STORED = 'stored'
    PUBLISHING = 'publishing'
    PUBLISHED = 'published'
    ACKED = 'acked'
    DELIVERED = 'delivered'
    FAILED = 'failed'
    PARKED = 'parked'
    #: Not sent: its session was over by then.
    EXPIRED = 'expired'


@attr.s(frozen=True, slots=True)
class Answer(object):
    """A text that the worker itself answers a message with, as the message is stored.

    `session_event` is that of the Vumi message: ``close``, or None as Vumi's own reply() leaves a
    session open.  After `good_for` seconds (0: never) it comes too late.  One that is `automatic`
    nobody asked for: a person who had one of this kind within `once_every` seconds, several of any
    kind within the hour, or who is unsubscribed, gets none.  With `only_new_ticket` it is for a
    message that opens a ticket; with `only_if_changed` for one by which the person's subscription
    changes.
    """

    kind = attr.ib()  # type: AnswerKind
    text = attr.ib(repr=False)  # type: Text
    session_event = attr.ib(default=None)  # type: Optional[Text]
    good_for = attr.ib(default=0.0)  # type: float
    automatic = attr.ib(default=False)  # type: bool
    once_every = attr.ib(default=0.0)  # type: float
    only_new_ticket = attr.ib(default=False)  # type: bool
    only_if_changed = attr.ib(default=False)  # type: bool


@attr.s(frozen=True, slots=True)
class Posted(object):
    """What the Django bouncer's API tells of a ticket besides its texts: the key of the
    conversation, and that of the contact (empty where it is not known)."""

    conversation = attr.ib()  # type: Text
    contact_key = attr.ib()  # type: Text


@attr.s(frozen=True, slots=True)
class Inbound(object):
    """A person's message as the intake hands it to the store.

    `envelope` holds the fields of the Vumi message that a reply needs (a dict of JSON values, see
    `inbound/intake.py`), when it came (``received_at``), whether it belongs to a session
    (``in_session``) and whether that ends with our answer (``session_over``).  `extras` are the
    lines of the private note on a new ticket; `lookup` is the URL at which more are looked up.
    `posted` is set where it came by the Django bouncer's API.  `apart` is what the contact address
    tells of a person besides address and transport: who differs in it is somebody else.  Where
    `from_addr` is a telephone number, `spellings` are the others that it has; the envelope keeps
    that of the transport.
    """

    message_id = attr.ib()  # type: Text
    from_addr = attr.ib()  # type: Text
    endpoint = attr.ib()  # type: Text
    transport_type = attr.ib()  # type: Text
    content = attr.ib()  # type: Text
    sent_at = attr.ib()  # type: float
    subject = attr.ib()  # type: Text
    contact_address = attr.ib()  # type: Text
    envelope = attr.ib(repr=False)  # type: Dict[Text, Any]
    extras = attr.ib(default='', repr=False)  # type: Text
    answers = attr.ib(default=())  # type: Sequence[Answer]
    tickets = attr.ib(default=TicketUse.OPEN)  # type: TicketUse
    subscription = attr.ib(default=None)  # type: Optional[Subscription]
    lookup = attr.ib(default='', repr=False)  # type: Text
    posted = attr.ib(default=None)  # type: Optional[Posted]
    apart = attr.ib(default='', repr=False)  # type: Text
    spellings = attr.ib(default=(), repr=False)  # type: Sequence[Text]


@attr.s(frozen=True, slots=True)
class InboundOutcome(object):
    """What became of an `Inbound`: `outcome` is `Accepted.STORED` or `Accepted.DUPLICATE`, `ticket`
    the number of its ticket (empty: none)."""

    outcome = attr.ib()  # type: Accepted
    ticket = attr.ib(default='')  # type: Text


@attr.s(frozen=True, slots=True)
class ImportedTicket(object):
    """A ticket that another bridge has opened at Snappy, with its one message and last response.

    `nonce` is empty where Snappy has not got it, `ticket_id` (Snappy's) where that is not known.
    Without a word from the bus, replies go by `envelope` (see `Inbound`, also for `apart`).
    `number` is the one that it keeps while that is free (0: none).
    """

    message_id = attr.ib()  # type: Text
    from_addr = attr.ib(repr=False)  # type: Text
    endpoint = attr.ib()  # type: Text
    transport_type = attr.ib()  # type: Text
    nonce = attr.ib()  # type: Text
    ticket_id = attr.ib()  # type: Text
    content = attr.ib(repr=False)  # type: Text
    response = attr.ib(repr=False)  # type: Text
    opened_at = attr.ib()  # type: float
    seen_at = attr.ib()  # type: float
    subject = attr.ib(repr=False)  # type: Text
    contact_address = attr.ib(repr=False)  # type: Text
    envelope = attr.ib(repr=False)  # type: Dict[Text, Any]
    posted = attr.ib(default=None)  # type: Optional[Posted]
    number = attr.ib(default=0)  # type: int
    apart = attr.ib(default='', repr=False)  # type: Text


@attr.s(frozen=True, slots=True)
class StaffNote(object):
    """A public note by a staff member, as Snappy's ``message.outgoing`` hook brings it.

    `note_id` is Snappy's id of the note, `nonce` that of its ticket (empty where the hook had
    none) and `ticket_id` Snappy's numeric id of the ticket; `html` is the note's content as it
    came; `staff_id` is None where the hook does not say who wrote it.  `other_ticket_id` is
    another id that the hook gives for the same ticket: with one the note contradicts itself.
    """

    note_id = attr.ib()  # type: Text
    nonce = attr.ib()  # type: Text
    ticket_id = attr.ib()  # type: Text
    html = attr.ib(repr=False)  # type: Text
    staff_id = attr.ib(default=None)  # type: Optional[Text]
    staff_name = attr.ib(default='')  # type: Text
    created_at = attr.ib(default=0.0)  # type: float
    other_ticket_id = attr.ib(default='')  # type: Text


@attr.s(frozen=True, slots=True)
class TicketEvent(object):
    """What one of Snappy's hooks tells of a ticket, besides replies.

    `name` is the event's; the ticket is known by `nonce`, or by Snappy's id where that is empty.
    `at` is as of when it holds (0: it does not say).  `status` is empty where it tells of none.
    `tags` are all of the ticket's, or None; then `added` and `removed` tell what has changed.
    """

    name = attr.ib()  # type: Text
    nonce = attr.ib()  # type: Text
    ticket_id = attr.ib()  # type: Text
    at = attr.ib(default=0.0)  # type: float
    status = attr.ib(default='')  # type: Text
    tags = attr.ib(default=None)  # type: Optional[List[Text]]
    added = attr.ib(default=attr.Factory(list))  # type: List[Text]
    removed = attr.ib(default=attr.Factory(list))  # type: List[Text]


@attr.s(frozen=True, slots=True)
class Attempt(object):
    """A job on `ticket`, leased to this worker by `token`; `tries` have failed before."""

    thread = attr.ib()  # type: Text
    token = attr.ib()  # type: Text
    ticket = attr.ib()  # type: Text
    tries = attr.ib()  # type: int


@attr.s(frozen=True, slots=True)
class WaitingMessage(object):
    """One of the messages that an attempt carries."""

    sent_at = attr.ib()  # type: float
    text = attr.ib(repr=False)  # type: Text
    message_id = attr.ib()  # type: Text


@attr.s(frozen=True, slots=True)
class ForwardAttempt(Attempt):
    """A person's next job for Snappy.

    `look` says that an earlier try may have worked: ask Snappy before sending.  `nonce` is empty
    where the ticket is not open yet (`kind` is then `OPEN_TICKET`).  `text` is the text of a job
    that carries no messages.  `first_at` is when the attempt was first made, `stored_at` when its
    first job was stored.  `about` is the HTML of the reply that a delivery notice is about, and
    `outcome` what became of that.
    """

    id = attr.ib()  # type: Text
    kind = attr.ib()  # type: JobKind
    look = attr.ib()  # type: bool
    first_at = attr.ib()  # type: float
    nonce = attr.ib()  # type: Text
    subject = attr.ib(repr=False)  # type: Text
    contact_address = attr.ib(repr=False)  # type: Text
    from_addr = attr.ib(repr=False)  # type: Text
    stored_at = attr.ib()  # type: float
    messages = attr.ib()  # type: List[WaitingMessage]
    text = attr.ib(repr=False)  # type: Text
    about = attr.ib(default='', repr=False)  # type: Text
    outcome = attr.ib(default=ReplyState.FAILED)  # type: ReplyState


@attr.s(frozen=True, slots=True)
class ReplyPart(object):
    """One of the messages that a reply is sent as."""

    message_id = attr.ib()  # type: Text
    text = attr.ib(repr=False)  # type: Text


@attr.s(frozen=True, slots=True)
class LookupAttempt(Attempt):
    """A look-up of a person's extras at `url`; `extras` are those of the message itself."""

    url = attr.ib(repr=False)  # type: Text
    extras = attr.ib(repr=False)  # type: Text


@attr.s(frozen=True, slots=True)
class ReplyAttempt(Attempt):
    """An agent's reply to be published.

    `look` says that an earlier try may have reached the bus; `opted_out` that the person has asked
    for no more messages.  `envelope` is that of the person's last message (see `Inbound`).
    `parts` are the messages that it was cut into by an earlier try, empty before that.
    """

    number = attr.ib()  # type: int
    look = attr.ib()  # type: bool
    html = attr.ib(repr=False)  # type: Text
    message_id = attr.ib()  # type: Text
    note_id = attr.ib()  # type: Text
    envelope = attr.ib(repr=False)  # type: Dict[Text, Any]
    opted_out = attr.ib(default=False)  # type: bool
    parts = attr.ib(default=())  # type: Sequence[ReplyPart]


@attr.s(frozen=True, slots=True)
class AnswerAttempt(Attempt):
    """One of the worker's own answers to be published.

    As `ReplyAttempt`; `envelope` is that of the message that is answered.  `ticket` is empty where
    that has none; `late` says that it has waited for too long to be sent.
    """

    message_id = attr.ib()  # type: Text
    kind = attr.ib()  # type: AnswerKind
    look = attr.ib()  # type: bool
    text = attr.ib(repr=False)  # type: Text
    session_event = attr.ib()  # type: Optional[Text]
    envelope = attr.ib(repr=False)  # type: Dict[Text, Any]
    late = attr.ib(default=False)  # type: bool


@attr.s(frozen=True, slots=True)
class Wait(object):
    """There is nothing to claim now; ask again in `seconds` (negative: nothing is due at all)."""

    seconds = attr.ib()  # type: float
    why = attr.ib(default='idle')  # type: Text
