"""Options for Snappy: its API, tickets, and retries of requests to it."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import List, Text  # noqa: F401

from six.moves.urllib.parse import urlsplit

from vumi_snappy.config.checking import CheckedConfig, url
from vumi_snappy.config.fields import (
    ConfigParsed, ConfigRange, ConfigTemplate, ConfigText, ConfigWhole)
from vumi_snappy.content.templates import check_contact_template

#: Snappy's own domain, which anybody could buy, and somebody did.
_EXPIRED = 'besnappy.com'
#: The largest number of a mailbox or of a staff member.
_LARGEST_ID = 2 ** 31 - 1


class SnappyOptions(CheckedConfig):
    """Snappy: the help desk, tickets, and retries of requests to it."""

    snappy_api_url = ConfigParsed(
        "The URL of Snappy's HTTP API: your own server, because Snappy's domain has expired.",
        url, kind='text', required=True)
    snappy_api_key = ConfigText("Snappy's API key. Give this or snappy_api_key_file.")
    snappy_api_key_file = ConfigText("A file that holds nothing but Snappy's API key.")
    snappy_mailbox_id = ConfigWhole(
        "The mailbox in which tickets are opened.", 1, _LARGEST_ID, required=True)
    snappy_staff_id = ConfigWhole(
        "The staff member in whose name private notes are written. Without it there are none.", 1,
        _LARGEST_ID)
    snappy_rate_limit = ConfigRange(
        "How many requests Snappy allows the account, for all workers together. 0: no limit.",
        0, 100000, unit='requests per minute', default=200)
    snappy_timeout = ConfigRange(
        "How long a whole request to Snappy may take.", 0.1, 600, unit='seconds', default=30)
    snappy_concurrency = ConfigWhole(
        "How many requests each worker makes at once.", 1, 1000, unit='requests', default=20)

    ticket_subject = ConfigTemplate(
        "The subject of a new ticket, with fields of the message.",
        default='Support for {from_addr}')
    contact_address = ConfigTemplate(
        "The e-mail address that stands for a person at Snappy, which keeps its contacts by"
        " address. It must contain {from_addr}, so that there is one contact per person. Use a"
        " domain whose mail is discarded.", check=check_contact_template,
        default='{from_addr}@vumi.invalid')
    new_ticket_after = ConfigRange(
        "A message opens a new ticket if its person was silent for this long. 0: each message"
        " opens one.", 0, 87600, unit='hours', default=72)
    retry_initial_delay = ConfigRange(
        "The delay before a failed request is retried.", 0.01, 3600, unit='seconds', default=1)
    retry_delay_factor = ConfigRange(
        "The factor by which that delay grows with each retry.", 1, 100, default=3)
    retry_max_delay = ConfigRange(
        "The longest delay between two tries.", 0.01, 86400, unit='seconds', default=3600)
    give_up_after = ConfigRange(
        "A request that still fails after this time is parked for the operator.", 0.001, 8760,
        unit='hours', default=72)

    ticket_retention = ConfigRange(
        "A ticket is forgotten this long after its last activity, unless something of it waits or"
        " is parked.", 1, 36500, unit='days', default=90)

    def _cross_check(self):
        # type: () -> None
        super(SnappyOptions, self)._cross_check()
        self.api_key = self._secret('snappy_api_key', 1)[0]

    def expired_domains(self):
        # type: () -> List[Text]
        """Warnings about options by which people's words or agents would go to whoever holds
        Snappy's old domain now."""
        return [
            "Field '%s' is at %s: Snappy's own domain has expired, and whoever holds it now would"
            " get people's words and the API key. Name your own server." % (name, _EXPIRED)
            for name in ('snappy_api_url', 'console_ticket_url')
            if ('.%s' % (urlsplit(self._valid(name) or '').hostname,)).endswith('.' + _EXPIRED)]
