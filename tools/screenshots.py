# -*- coding: utf-8 -*-
"""Make the screenshots of the documentation: ``python -m tools.screenshots``.

Runs the demo, plays a conversation on its page in a headless Chromium and saves a screenshot as
``docs/images/demo.png``; then the same for the console's pages.  The fonts are those of the
machine; fonts-inter and fonts-noto-color-emoji look best.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import os
import sys
import time
from typing import Any, Sequence, Text  # noqa: F401

from tools.browser import NoBrowser, browser, resize
from tools.console_stage import ConsolePage, ConsoleStage
from tools.demo.driver import DemoPage, RunningDemo
from tools.processes import ProcessFailed
from tools.terminal import say

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                      'docs', 'images')


def _converse(page):
    # type: (DemoPage) -> None
    """A conversation that shows what the demo can do."""
    page.choose_customer('Yusuf')
    page.phone_sample('العربية')
    page.wait(lambda: page.subjects() == ['+27820001002'], 'the first ticket')
    page.answer_sample('العربية')
    page.send_answer()
    page.wait(lambda: page.phone_texts()[1:], 'the first answer')
    page.choose_customer('Nomsa')
    page.phone_sample('English')
    page.wait(lambda: '+27820001001' in page.subjects(), 'the second ticket')
    page.open_ticket('+27820001001')
    page.choose_kind('Private note')
    page.write('The register has her at the Soweto clinic.')
    page.send_answer()
    page.wait(lambda: len(page.notes()) == 2, 'the private note')
    page.choose_kind('Reply')
    page.answer_sample('List')
    page.send_answer()
    page.wait(lambda: page.phone_texts()[1:], 'the second answer')
    page.phone_sample('Emoji')
    page.wait(lambda: page.phone_ticks() == ['forwarded', 'forwarded'], 'the thanks')
    page.wait(lambda: all('Delivered' in each or 'Sent by the phone' in each
                          for each in page.journeys()), 'the delivery')


def _save(driver, folder, name):
    # type: (Any, Text, Text) -> None
    time.sleep(0.6)  # Transitions of the style sheet.
    path = os.path.join(folder, name)
    driver.save_screenshot(path)
    say(path)


def _picture_demo(folder):
    # type: (Text) -> None
    with RunningDemo() as demo, browser(1280, 800) as driver:
        page = DemoPage(driver, demo.address)
        _converse(page)
        page.rest()
        _save(driver, folder, 'demo.png')


def _picture_console(folder):
    # type: (Text) -> None
    with ConsoleStage() as stage, browser(1100, 700) as driver:
        stage.play()
        page = ConsolePage(driver, stage.address)
        page.log_in()
        page.wait_for('Parked\n1')
        page.wait_for('Undelivered\n1')
        page.wait_for('Waiting for Snappy\n0')
        page.open('/')
        _save(driver, folder, 'console-overview.png')
        page.open('/tickets')
        _save(driver, folder, 'console-tickets.png')
        page.open('/tickets/1')
        _save(driver, folder, 'console-ticket.png')
        page.open('/problems')
        _save(driver, folder, 'console-problems.png')
        resize(driver, 390, 844)
        _save(driver, folder, 'console-phone.png')


def main(arguments):
    # type: (Sequence[Text]) -> int
    """Save the screenshots, into the folder in `arguments` if any.  Returns the exit status."""
    folder = arguments[0] if arguments else FOLDER
    if not os.path.isdir(folder):
        os.makedirs(folder)
    try:
        _picture_demo(folder)
        _picture_console(folder)
    except (NoBrowser, ProcessFailed) as problem:
        say('%s' % (problem,), sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
