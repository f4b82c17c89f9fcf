"""``twistd vumi_snappy --config FILE``."""
from __future__ import absolute_import, division, print_function

from vumi_snappy.bus.service_maker import BouncerServiceMaker

serviceMaker = BouncerServiceMaker()
