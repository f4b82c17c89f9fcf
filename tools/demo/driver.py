"""Drives the demo as a person would: for the browser test and the screenshots.

`RunningDemo` runs ``python -m tools.demo`` as a process; `DemoPage` knows where things are on the
page that a browser (`tools.browser`) shows.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
import signal
import subprocess
import tempfile
import time
from typing import Any, Callable, List, Text  # noqa: F401

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tools.processes import ROOT, ProcessFailed, shown_by
from tools.waiting import until


class RunningDemo(object):
    """The demo, from `start()` (at most `within` seconds) to `stop()`."""

    def __init__(self, within=90.0):
        # type: (float) -> None
        self.address = ''
        self._within = within
        self._out = tempfile.TemporaryFile()
        self._process = None  # type: Any

    def start(self):
        # type: () -> RunningDemo
        """Returns when the page can be opened.  Errors: `ProcessFailed`."""
        self._process = subprocess.Popen(
            [shown_by(), '-W', 'ignore', '-m', 'tools.demo', '--no-browser'], cwd=ROOT,
            stdout=self._out, stderr=subprocess.STDOUT)
        deadline = time.time() + self._within
        while time.time() < deadline and self._process.poll() is None:
            found = re.search(r'Open (http://\S+) in a browser', self.said())
            if found:
                self.address = found.group(1)
                return self
            time.sleep(0.1)
        self.stop()
        raise ProcessFailed('The demo did not start:\n%s' % (self.said(),))

    def said(self):
        # type: () -> Text
        """All that it has printed."""
        self._out.seek(0)
        return self._out.read().decode('utf-8', 'replace')

    @property
    def pid(self):
        # type: () -> int
        """Its process id."""
        return self._process.pid

    def stop(self, number=signal.SIGINT, within=40.0):
        # type: (int, float) -> int
        """Send it a signal, wait for its end and return its exit status."""
        if self._process.poll() is None:
            self._process.send_signal(number)
        deadline = time.time() + within
        while self._process.poll() is None:
            if time.time() > deadline:
                self._process.kill()
            time.sleep(0.05)
        return self._process.returncode

    def __enter__(self):
        return self.start()

    def __exit__(self, *_ignored):
        self.stop()
        self._out.close()


class DemoPage(object):
    """The demo's page at `address` in the browser `driver`."""

    def __init__(self, driver, address):
        # type: (Any, Text) -> None
        self.driver = driver
        driver.get(address)
        self.wait(lambda: self._all('body[data-ready=yes]'), 'the page')

    def wait(self, look, what, within=20.0):
        # type: (Callable[[], Any], Text, float) -> Any
        """The first true answer of `look()`.  Errors: `AssertionError`, naming `what`."""
        return until(look, lambda: '%s did not show in %g seconds; the page shows:\n%s' % (
            what, within, self._one('body').text), within)

    # As the customer.

    def choose_customer(self, name):
        # type: (Text) -> None
        """Take the phone of another customer."""
        self._one('#people').find_element_by_xpath('.//label[contains(., "%s")]' % (name,)).click()

    def text(self, content):
        # type: (Text) -> None
        """Write a text message and send it with the Enter key."""
        area = self._one('#phone-text')
        # Chromium's driver types no characters beyond the Basic Multilingual Plane, such as emoji.
        self.driver.execute_script('arguments[0].value = arguments[1]', area, content)
        area.send_keys(Keys.ENTER)

    def phone_sample(self, label):
        # type: (Text) -> None
        """Put a sample text in the phone and send it."""
        self._button('#phone-samples', label).click()
        self._one('#phone-text').send_keys(Keys.ENTER)

    def shown_number(self):
        # type: () -> Text
        """The number of the phone that is shown."""
        return self._one('#number').text

    def phone_texts(self):
        # type: () -> List[Text]
        """What the shown phone has got, oldest first."""
        return self._texts('#thread .theirs p')

    def phone_ticks(self):
        # type: () -> List[Text]
        """The states of what was sent from the shown phone, oldest first."""
        return self.driver.execute_script(
            'return Array.from(document.querySelectorAll("#thread .mine"), e => e.dataset.state)')

    # As the agent.

    def subjects(self):
        # type: () -> List[Text]
        """The numbers that have tickets, in the order of the list."""
        return self._texts('#tickets .subject')

    def open_ticket(self, number):
        # type: (Text) -> None
        """Open the ticket of a number."""
        self._one('#tickets').find_element_by_xpath(
            './/button[contains(., "%s")]' % (number,)).click()

    def notes(self):
        # type: () -> List[Text]
        """The notes on the open ticket, oldest first."""
        return self._texts('#notes .body')

    def answer_sample(self, label):
        # type: (Text) -> None
        """Put a sample answer in the editor."""
        self._button('#desk-samples', label).click()

    def write(self, content):
        # type: (Text) -> None
        """Type into the agent's editor."""
        self._one('#desk-text').send_keys(content)

    def choose_kind(self, label):
        # type: (Text) -> None
        """'Reply' or 'Private note'."""
        self._one('.kind').find_element_by_xpath(
            './/label[contains(., "%s")]' % (label,)).click()

    def send_answer(self):
        # type: () -> None
        """Send what is in the agent's editor."""
        self._one('#desk-send').click()

    # In between.

    def journeys(self):
        # type: () -> List[List[Text]]
        """The names of the steps that are done, for each journey, newest first."""
        return self.driver.execute_script(
            'return Array.from(document.querySelectorAll(".journey"), each => Array.from('
            'each.querySelectorAll(".steps li[data-done=yes] .what"), e => e.textContent))')

    def unplug(self, part):
        # type: (Text) -> None
        """Unplug 'snappy', 'worker' or 'phones', or put its plug back."""
        switch = self._one('#plugs [data-part=%s]' % (part,))
        plugged = self.is_plugged(part)
        switch.click()
        self.wait(lambda: switch.is_enabled() and self.is_plugged(part) is not plugged,
                  'the switch', 60)

    def is_plugged(self, part):
        # type: (Text) -> bool
        """Whether the switch of a part says that it is plugged in."""
        return self._one('#plugs [data-part=%s]' % (part,)).get_attribute('aria-checked') == 'true'

    def type_into(self, selector, *keys):
        # type: (Text, *Text) -> None
        """Type these keys into a field."""
        self._one(selector).send_keys(*keys)

    def rest(self):
        # type: () -> None
        """Take hand and eye off: nothing has the focus or the mouse over it."""
        ActionChains(self.driver).move_to_element(self._one('.lead')).perform()
        self.driver.execute_script('document.activeElement.blur()')

    def show(self, tab):
        # type: (Text) -> None
        """On a narrow screen: show 'phone', 'way' or 'desk'."""
        self._one('.tabs [data-tab=%s]' % (tab,)).click()

    def is_shown(self, name):
        # type: (Text) -> bool
        """Whether a part of the page can be seen."""
        return self._one('#' + name).is_displayed()

    def overflows(self):
        # type: () -> bool
        """Whether the page is wider than the window."""
        return self.driver.execute_script(
            'return document.documentElement.scrollWidth > window.innerWidth')

    def complaints(self):
        # type: () -> List[Text]
        """What the browser complains of: errors of scripts and of the content policy."""
        return [each['message'] for each in self.driver.get_log('browser')
                if each['level'] in ('SEVERE', 'WARNING')]

    def _one(self, selector):
        return self.driver.find_element_by_css_selector(selector)

    def _all(self, selector):
        return self.driver.find_elements_by_css_selector(selector)

    def _texts(self, selector):
        # In one call: the page may change between two.
        return self.driver.execute_script(
            'return Array.from(document.querySelectorAll(arguments[0]), e => e.innerText)',
            selector)

    def _button(self, where, label):
        return self._one(where).find_element_by_xpath('.//button[. = "%s"]' % (label,))
