"""Fields of a configuration, and the one that all of Vumi's applications have."""
from __future__ import absolute_import, division, print_function, unicode_literals

import sys

if sys.version_info[0] == 2:
    from vumi.application.base import ApplicationConfig  # noqa: F401
    from vumi.config import (  # noqa: F401
        ConfigBool, ConfigDict, ConfigError, ConfigField, ConfigFloat, ConfigInt, ConfigList,
        ConfigText)
else:
    from vumi_snappy.vumi.own.config import (  # noqa: F401
        ApplicationConfig, ConfigBool, ConfigDict, ConfigError, ConfigField, ConfigFloat,
        ConfigInt, ConfigList, ConfigText)
