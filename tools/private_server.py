"""What the private servers have in common: starting, stopping, crashing, hanging."""
from __future__ import absolute_import, division, print_function, unicode_literals

from tools.processes import Process  # noqa: F401


class PrivateServer(object):
    """A server on `port` of 127.0.0.1.  Calls block, each with a timeout; data and port survive
    `stop()` or `kill()` and a new `start()`.
    """

    port = None  # type: int
    process = None  # type: Process
    #: Seconds that it may take to start.
    patience = 60.0

    def start(self):
        # type: () -> None
        """Return when it is ready.  Errors: `ProcessFailed`, with the end of its log."""
        self.begin()
        self.wait()

    def begin(self):
        # type: () -> None
        """Start it without waiting for it."""
        self.process.start()

    def wait(self):
        # type: () -> None
        """Return when it is ready.  Errors: `ProcessFailed`, with the end of its log."""
        self.process.wait_until(self.ready, self.patience)

    def ready(self):
        # type: () -> bool
        """Whether it is ready now; an `EnvironmentError` counts as no."""
        raise NotImplementedError()

    def stop(self):
        # type: () -> None
        """Stop it (SIGTERM)."""
        self.process.stop()

    def kill(self):
        # type: () -> None
        """Crash it (SIGKILL)."""
        self.process.kill()

    def restart(self):
        # type: () -> None
        """Stop it and start it again."""
        self.stop()
        self.start()

    def freeze(self):
        # type: () -> None
        """Hang it (SIGSTOP) until `thaw()`."""
        self.process.freeze()

    def thaw(self):
        # type: () -> None
        """Continue it."""
        self.process.thaw()

    def end(self):
        # type: () -> None
        """End it and its helpers, for good."""
        self.kill()
