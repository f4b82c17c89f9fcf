"""Options of what is told about the worker: metrics, statuses, health."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from vumi.config import ConfigBool, ConfigText

from vumi_snappy.config.checking import CheckedConfig
from vumi_snappy.config.fields import ConfigRange


class WatchingOptions(CheckedConfig):
    """The part of `SnappyBouncerConfig` that is about watching the worker."""

    metrics_prefix = ConfigText(
        "Prefix of the metrics' names, with its dot.", default='vumi_snappy.', static=True)
    metrics_publish_interval = ConfigRange(
        "Seconds between two publications of the metrics.", 0.1, 3600, default=5, static=True)
    publish_status = ConfigBool(
        "Whether it is published on <transport_name>.status, as Vumi's transports do, when"
        " something goes down, comes back or is not at its best.", default=False, static=True)
    queue_age_degraded = ConfigRange(
        "Seconds that the oldest job may wait before the worker says that it is not at its best.",
        1, 604800, default=600, static=True)
