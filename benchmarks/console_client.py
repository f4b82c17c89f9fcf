"""An operator's browser at a worker's console, for measures: logs in, and times what it gets."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
import time
from typing import Text, Tuple  # noqa: F401

import requests

from tools.processes import ProcessFailed

NAME, PASSWORD = 'lerato', 'correct horse battery staple'
_TOKEN = re.compile('name="token" value="([^"]+)"')
_SECONDS = 60


class ConsoleClient(object):
    """Logged in at the console at `url`, without a slash at its end."""

    def __init__(self, url):
        # type: (Text) -> None
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False
        form = self._session.get(url + '/login', timeout=_SECONDS)
        said = self._session.post(url + '/login', timeout=_SECONDS, data={
            'name': NAME, 'password': PASSWORD, 'next': '/',
            'token': (_TOKEN.findall(form.text) or [''])[0]})
        if said.status_code != 200 or 'name="token"' in said.text:
            raise ProcessFailed('the console let nobody in: %s' % (said.status_code,))

    def get(self, path):
        # type: (Text) -> Tuple[float, Text]
        """Milliseconds until a page was there whole, and the page."""
        began = time.time()
        said = self._session.get(self._url + path, timeout=_SECONDS)
        took = 1000.0 * (time.time() - began)
        if said.status_code != 200:
            raise ProcessFailed('%s: %s' % (path, said.status_code))
        return took, said.text

    def export(self, path, most):
        # type: (Text, int) -> Tuple[float, float]
        """Milliseconds until the first bytes of an export, and lines a second; goes away after
        `most` lines."""
        began = time.time()
        said = self._session.get(self._url + path, timeout=_SECONDS, stream=True)
        first, lines = 0.0, 0
        for some in said.iter_content(65536):
            first = first or 1000.0 * (time.time() - began)
            lines += some.count(b'\r\n')
            if lines >= most:
                break
        seconds = time.time() - began
        said.close()
        return first, lines / seconds
