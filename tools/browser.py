"""A headless Chromium for the browser tests and the screenshots.

`browser()` gives a selenium driver of Debian's chromium and chromium-driver with a temporary
profile.  It connects only to the page: no updates, no sync, no proxy.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import contextlib
import os
import shutil
import tempfile
from functools import partial
from typing import Any, Iterator, Optional, Text  # noqa: F401

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.remote_connection import ChromeRemoteConnection
from selenium.webdriver.chrome.service import Service

from tools.waiting import until

#: Waits for something on a page; one that is just being left raises errors.
until_shown = partial(until, within=30.0, ignored=(EnvironmentError, WebDriverException))

#: Seconds that Chromium's driver may take to answer, its start of Chromium included.
_PATIENCE = 120

_FLAGS = [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic',
    '--no-first-run', '--no-default-browser-check', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--disable-default-apps',
    '--disable-extensions', '--no-proxy-server', '--hide-scrollbars', '--lang=en-GB']


class NoBrowser(Exception):
    """Chromium or its driver is not installed."""


def _program(*names):
    # type: (*Text) -> Optional[Text]
    for name in names:
        for folder in os.environ[str('PATH')].split(os.pathsep) + [str('/usr/bin')]:
            path = os.path.join(folder, name)
            if os.access(path, os.X_OK):
                return path
    return None


@contextlib.contextmanager
def browser(width=1280, height=800, dark=False):
    # type: (int, int, bool) -> Iterator[Any]
    """A selenium driver with a viewport of `width` by `height` pixels.  Errors: `NoBrowser`."""
    program = _program('chromium', 'chromium-browser', 'google-chrome')
    driver = _program('chromedriver')
    if program is None or driver is None:
        raise NoBrowser('Chromium or its driver is not installed: apt-get install chromium'
                        ' chromium-driver')
    profile = tempfile.mkdtemp(prefix='vumi-snappy-browser-')
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in _FLAGS + ['--user-data-dir=' + profile]:
        options.add_argument(flag)
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
    # Not webdriver.Chrome, which leaves its driver running when the browser does not start.
    service = Service(driver)
    found = None
    try:
        service.start()
        found = webdriver.Remote(_connection(service.service_url),
                                 desired_capabilities=options.to_capabilities())
        resize(found, width, height, dark)
        yield found
    finally:
        if found is not None:
            found.quit()
        service.stop()
        shutil.rmtree(profile, ignore_errors=True)


def _connection(url):
    # type: (Text) -> ChromeRemoteConnection
    # The last selenium for Python 2.7 serves both.  A current urllib3 refuses the timeout that it
    # has by itself; and only where connections are not kept, it knows the responses of one.
    ChromeRemoteConnection.set_timeout(_PATIENCE)
    return ChromeRemoteConnection(url, keep_alive=False)


def resize(driver, width, height, dark=False):
    # type: (Any, int, int, bool) -> None
    """Set the viewport, exactly, and the light or dark colour scheme."""
    for command, values in [
            ('Emulation.setDeviceMetricsOverride', {
                'width': width, 'height': height, 'deviceScaleFactor': 1, 'mobile': False}),
            ('Emulation.setEmulatedMedia', {'features': [
                {'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}]})]:
        driver.execute('executeCdpCommand', {'cmd': command, 'params': values})
