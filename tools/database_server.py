"""What the private PostgreSQL and MariaDB have in common: a user, a folder, and no root.

They are for tests, like the servers of `tools.servers`, and watched by a `Guard` as well.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import os
import pwd
import subprocess
from typing import Any, List, Text  # noqa: F401

from tools.installing import need
from tools.ports import HOST, free_port
from tools.private_server import PrivateServer
from tools.processes import Process, ProcessFailed


class DatabaseServer(PrivateServer):
    """A server with an empty database `database` of the user `user` with `password`.

    It makes a folder for its data in `folder`.  If we are root, it runs as nobody, since such
    servers refuse to run as root.  Errors: `ProcessFailed`, also when it can't be installed.
    """

    #: The Debian package, and the scheme of `url`.
    package = scheme = ''  # type: Text
    user, password, database = 'bouncer', 'pass/word @1', 'bouncer'

    def __init__(self, folder, guard):
        # type: (Text, Any) -> None
        need(self.package)
        self.port = free_port()
        self.data = os.path.join(folder, self.package)
        self._log = os.path.join(folder, '%s.log' % (self.package,))
        os.mkdir(self.data, 0o700)
        self._as = []  # type: List[Text]
        if os.geteuid() == 0:
            nobody = pwd.getpwnam(str('nobody'))
            self._as = ['setpriv', '--reuid=%d' % nobody.pw_uid, '--regid=%d' % nobody.pw_gid,
                        '--clear-groups', '--']
            os.chown(self.data, nobody.pw_uid, nobody.pw_gid)
            # So that nobody can enter it, but not list it.
            os.chmod(folder, 0o711)
        self._prepare()
        self.process = Process(self.package, self._as + self._command(), self._log, guard,
                               cwd=self.data)

    @property
    def url(self):
        # type: () -> Text
        """The URL of its database, without the password."""
        return '%s://%s@%s:%d/%s' % (self.scheme, self.user, HOST, self.port, self.database)

    def connect(self):
        # type: () -> Any
        """A connection of its own library as `user`, which commits each statement."""
        raise NotImplementedError()

    def ready(self):
        # type: () -> bool
        try:
            self.connect().close()
        except Exception:
            return False
        return True

    def end(self):
        # type: () -> None
        """Stop it properly: it must leave nothing in the machine's shared memory."""
        self.process.stop(within=5.0)

    def _prepare(self):
        # type: () -> None
        """Create its data."""
        raise NotImplementedError()

    def _command(self):
        # type: () -> List[Text]
        raise NotImplementedError()

    def _run(self, command, stdin=b''):
        # type: (List[Text], bytes) -> None
        """Run a command that creates its data, with `stdin` as its input."""
        with open(self._log, 'ab') as log:
            made = subprocess.Popen(self._as + command, stdin=subprocess.PIPE, stdout=log,
                                    stderr=log, cwd=self.data)
            made.communicate(stdin)
        if made.returncode:
            with io.open(self._log, encoding='utf-8', errors='replace') as log:
                raise ProcessFailed('%s failed. The end of its log:\n%s' % (
                    command[0], log.read()[-1500:]))

    def _write(self, name, text):
        # type: (Text, Text) -> Text
        path = os.path.join(self.data, name)
        with open(path, 'wb') as out:
            out.write(text.encode('ascii'))
        os.chmod(path, 0o644)
        return path
