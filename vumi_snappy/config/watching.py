"""Options of monitoring: metrics, statuses, health."""
from __future__ import absolute_import, division, print_function, unicode_literals

from vumi_snappy.config.checking import CheckedConfig
from vumi_snappy.config.fields import ConfigBool, ConfigParsed, ConfigRange, printable


class WatchingOptions(CheckedConfig):
    """Monitoring: metrics and statuses."""

    metrics_prefix = ConfigParsed(
        "The prefix of the metrics' names, with its dot.", printable, kind='text',
        default='vumi_snappy.')
    metrics_publish_interval = ConfigRange(
        "How often metrics are published.", 0.1, 3600, unit='seconds', default=5)
    publish_status = ConfigBool(
        "Publish on <transport_name>.status, as Vumi's transports do, when something goes down,"
        " comes back or is degraded.", default=False)
    queue_age_degraded = ConfigRange(
        "The worker reports itself as degraded when the oldest job has waited this long.",
        1, 604800, unit='seconds', default=600)
