"""Wait for what another process does, without a fixed pause."""
from __future__ import absolute_import, division, print_function, unicode_literals

import time
from typing import Any, Callable, Text, Union  # noqa: F401


def until(look, what='it', within=20.0, ignored=EnvironmentError):
    # type: (Callable[[], Any], Union[Text, Callable[[], Text]], float, Any) -> Any
    """The first true value of `look()`, which may raise `ignored` (types of errors) until then.

    Errors: `AssertionError` after `within` seconds, with `what`: a name, or a callable that
    returns the whole text.
    """
    deadline = time.time() + within
    while True:
        try:
            value = look()
        except ignored:
            value = None
        if value:
            return value
        assert time.time() < deadline, (
            what() if callable(what) else '%s did not come in %g seconds' % (what, within))
        time.sleep(0.05)
