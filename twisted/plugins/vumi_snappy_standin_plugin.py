"""``twistd snappy_standin``: a stand-in Snappy, for tests and demonstrations."""
from __future__ import absolute_import, division, print_function

from twisted.application.service import IServiceMaker
from twisted.plugin import IPlugin
from twisted.python import usage
from zope.interface import implementer


def _text(value):
    # Python 2 has bytes on the command line.
    return value.decode('utf-8') if isinstance(value, bytes) else value


class StandInOptions(usage.Options):
    """The command line's options."""

    longdesc = """Run a stand-in for the Snappy help desk: API, webhooks and a page."""
    optParameters = [
        ['endpoint', None, 'tcp:0:interface=127.0.0.1', 'Twisted endpoint to listen on'],
        ['api-key', None, 'standin-key', 'the API key that is accepted'],
        ['mailbox-id', None, 1, 'id of the mailbox', int],
        ['staff-id', None, 1, 'id of the first staff member', int],
        ['hook-url', None, '', 'where webhooks go; may carry user and password'],
        ['rate-limit', None, 200, 'requests a minute; 0: no limit', int],
        ['port-file', None, None, 'write the port here once it listens'],
        ['seed', None, None, 'repeat the same nonces and chances'],
    ]
    optFlags = [
        ['raw-line-feeds', None, 'leave line feeds raw in the JSON of webhooks'],
        ['no-retry-after', None, 'leave Retry-After out of a 429'],
        ['quiet-api', None, 'notes made through the API fire no webhooks'],
        ['private-twice', None, 'private notes fire message.outgoing as well'],
        ['stay-replied', None, "a customer's note leaves its ticket's status as it is"],
    ]

    def __init__(self):
        usage.Options.__init__(self)
        self['allow-origins'] = []

    def opt_allow_origin(self, origin):
        """let a page of this loopback origin steer the stand-in, such as http://127.0.0.1:9000;
        may be given more than once"""
        self['allow-origins'].append(_text(origin))


@implementer(IServiceMaker, IPlugin)
class StandInMaker(object):
    """Makes the service; nothing is imported until it is asked for."""

    tapname = 'snappy_standin'
    description = 'Run a stand-in for the Snappy help desk'
    options = StandInOptions

    def makeService(self, options):
        from twisted.internet import reactor
        from vumi_snappy.standin.service import StandIn, StandInService
        try:
            standin = StandIn(
                reactor, endpoint=options['endpoint'], api_key=_text(options['api-key']),
                mailbox_id=options['mailbox-id'], staff_id=options['staff-id'],
                hook_url=_text(options['hook-url']), rate_limit=options['rate-limit'],
                retry_after=not options['no-retry-after'],
                raw_line_feeds=bool(options['raw-line-feeds']), seed=options['seed'],
                fires=not options['quiet-api'], private_twice=bool(options['private-twice']),
                reopens=not options['stay-replied'], allow_origins=options['allow-origins'])
        except ValueError as problem:
            raise SystemExit('snappy_standin: %s' % (problem,))
        return StandInService(standin, options['port-file'])


serviceMaker = StandInMaker()
