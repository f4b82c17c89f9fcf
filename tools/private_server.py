"""What the private servers have in common: starting, stopping, crashing, hanging."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from tools.processes import Process  # noqa: F401


class PrivateServer(object):
    """A server on `port` of 127.0.0.1.  Calls block, each with a bound; its data and its port
    stay over a `stop()` or `kill()` and a new `start()`.
    """

    port = None  # type: int
    process = None  # type: Process
    #: Seconds that it may take to come up.
    patience = 60.0

    def start(self):
        # type: () -> None
        """Return when it can be used.  Errors: `ProcessFailed`, with the end of its log."""
        self.begin()
        self.wait()

    def begin(self):
        # type: () -> None
        """Start it without waiting for it."""
        self.process.start()

    def wait(self):
        # type: () -> None
        """Return when it can be used.  Errors: `ProcessFailed`, with the end of its log."""
        self.process.wait_until(self.ready, self.patience)

    def ready(self):
        # type: () -> bool
        """Whether it can be used now; errors of the network count as no."""
        raise NotImplementedError()

    def stop(self):
        # type: () -> None
        """Stop it as an operator would."""
        self.process.stop()

    def kill(self):
        # type: () -> None
        """Stop it as a crash would (SIGKILL)."""
        self.process.kill()

    def restart(self):
        # type: () -> None
        """Stop it and start it again."""
        self.stop()
        self.start()

    def freeze(self):
        # type: () -> None
        """Let it hang (SIGSTOP) until `thaw()`."""
        self.process.freeze()

    def thaw(self):
        # type: () -> None
        """Let it go on."""
        self.process.thaw()

    def end(self):
        # type: () -> None
        """End it and whatever belongs to it, for good."""
        self.kill()
