"""What the private PostgreSQL and MariaDB have in common: a user, a folder, and no root.

They are servers of tests, as those of `tools.servers` are, and are kept by a `Guard` as well.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import io
import os
import pwd
import subprocess
import sys
from typing import Any, List, Text  # noqa: F401

from tools.ports import HOST, free_port
from tools.private_server import PrivateServer
from tools.processes import Process, ProcessFailed

_NEED = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'need-debian')


class DatabaseServer(PrivateServer):
    """A server with an empty database `database`, that `user` owns and opens with `password`.

    Its data are in a folder made in `folder`.  As root it is run as nobody: such servers refuse to
    run as root, with reason.  Errors: `ProcessFailed`, also when it can't be installed.
    """

    #: The Debian package, and what `url` begins with.
    package = scheme = ''  # type: Text
    user, password, database = 'bouncer', 'pass/word @1', 'bouncer'

    def __init__(self, folder, guard):
        # type: (Text, Any) -> None
        if subprocess.call([_NEED, self.package], stdout=sys.__stderr__):
            raise ProcessFailed('needed and not installed: %s' % (self.package,))
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
            # To pass through, not to look into.
            os.chmod(folder, 0o711)
        self._prepare()
        self.process = Process(self.package, self._as + self._command(), self._log, guard,
                               cwd=self.data)

    @property
    def url(self):
        # type: () -> Text
        """Where its database is, without the password."""
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
        """End it, in order: it leaves nothing in the machine's shared memory."""
        self.process.stop(within=5.0)

    def _prepare(self):
        # type: () -> None
        """Make its data."""
        raise NotImplementedError()

    def _command(self):
        # type: () -> List[Text]
        raise NotImplementedError()

    def _run(self, command, said=b''):
        # type: (List[Text], bytes) -> None
        """Run a command that makes its data, which reads `said`."""
        with open(self._log, 'ab') as log:
            made = subprocess.Popen(self._as + command, stdin=subprocess.PIPE, stdout=log,
                                    stderr=log, cwd=self.data)
            made.communicate(said)
        if made.returncode:
            with io.open(self._log, encoding='utf-8', errors='replace') as told:
                raise ProcessFailed('%s failed. The end of its log:\n%s' % (
                    command[0], told.read()[-1500:]))

    def _write(self, name, text):
        # type: (Text, Text) -> Text
        path = os.path.join(self.data, name)
        with open(path, 'wb') as out:
            out.write(text.encode('ascii'))
        os.chmod(path, 0o644)
        return path
