# -*- coding: utf-8 -*-
"""The stand-in's own page, as a person plays the agent on it, in a headless Chromium."""
from __future__ import absolute_import, division, print_function, unicode_literals

import subprocess

import pytest
import requests
from selenium.webdriver.common.keys import Keys

from tools.browser import resize, until_shown
from tools.ports import free_port
from tools.processes import TWISTD, environment
from tools.standin_client import StandinClient

pytestmark = pytest.mark.browser


@pytest.fixture(scope='module')
def standin():
    client = StandinClient(free_port(), 'k3y', rate_limit=0)
    process = subprocess.Popen(
        TWISTD + client.arguments(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=environment())
    try:
        until_shown(client.ready, 'the stand-in')
        yield client
    finally:
        process.kill()
        process.communicate()


class Page(object):
    """What a person sees and does."""

    def __init__(self, driver, address):
        self.driver, self._find = driver, driver.find_element_by_id
        driver.get(address)

    def texts(self, selector):
        return [each.text for each in self.driver.find_elements_by_css_selector(selector)]

    def open(self, name):
        def found():
            return [each for each in self.driver.find_elements_by_css_selector('#tickets button')
                    if name in each.text]
        until_shown(found, name)[0].click()
        until_shown(lambda: name in self._find('who').text, 'the ticket of ' + name)

    def choose(self, kind):
        for label in self.driver.find_elements_by_css_selector('#answer label'):
            if label.text == kind:
                label.click()

    def write(self, *keys):
        self._find('content').send_keys(*keys)

    def written(self):
        return self._find('content').get_attribute('value')

    def send(self):
        self._find('send').click()

    def notes(self):
        return self.texts('#notes .words')


@pytest.fixture
def page(standin, driver):
    standin.post('reset', {})
    resize(driver, 1280, 800)
    page = Page(driver, standin.url)
    yield page
    assert [each for each in driver.get_log('browser') if each['level'] != 'INFO'] == []


def customer(standin, name, message, nonce=''):
    answer = requests.post(standin.api_url + '/note', auth=('k3y', 'x'), timeout=5, json={
        'mailbox_id': 1, 'subject': 'Support for ' + name, 'message': message, 'id': nonce,
        'from': [{'name': name, 'address': '%s@sms.example.org' % name.strip('+')}]})
    assert answer.ok, answer.text
    return answer.text


def test_tickets_turn_up_and_are_answered(standin, page):
    until_shown(lambda: 'No tickets yet' in page.texts('#nothing')[0], 'the empty desk')
    nonce = customer(standin, '+27820001001', 'My <b>card</b> is lost 🙏\nCan you help & block it?')
    page.open('+27820001001')
    until_shown(lambda: page.notes() == ['My <b>card</b> is lost 🙏\nCan you help & block it?'],
                'the text as it was written')
    page.write('a < b & c\nnext line\n\nnext paragraph')
    page.send()
    until_shown(lambda: len(page.notes()) == 2, 'the answer')
    [note] = [note for note in standin.tickets()[0]['notes'] if note['created_by_staff_id']]
    assert (note['scope'], note['content']) == (
        'public', '<p>a &lt; b &amp; c<br>\nnext line</p>\n<p>next paragraph</p>\n')
    assert page.notes()[1] == 'a < b & c\nnext line\nnext paragraph'
    assert page.written() == ''
    until_shown(lambda: page.texts('#tickets .status') == ['replied'], 'its status')
    customer(standin, '+27820001001', 'Thank you', nonce)
    until_shown(lambda: page.notes()[2:] == ['Thank you'], 'the thanks')


def test_a_private_note_is_one(standin, page):
    customer(standin, '+27820001002', 'Hello')
    page.open('+27820001002')
    page.choose('Private note')
    page.write('Difficult', Keys.CONTROL + Keys.ENTER + Keys.NULL)
    until_shown(lambda: page.notes()[1:] == ['Difficult'], 'the note')
    assert [note['scope'] for note in standin.tickets()[0]['notes']] == ['private', 'public']


def test_what_is_typed_for_one_person_is_not_sent_to_another(standin, page):
    customer(standin, '+27820001003', 'Hello')
    customer(standin, '+27820001004', 'Good day')
    page.open('+27820001003')
    page.write('Your PIN is')
    page.open('+27820001004')
    assert page.written() == ''
    page.write('For you')
    page.open('+27820001003')
    assert page.written() == 'Your PIN is'


def test_tags_and_the_list_of_those_who_wait(standin, page):
    nonce = customer(standin, '+27820001005', 'Hello')
    customer(standin, '+27820001006', 'Hello')
    standin.reply(nonce, '<p>Hi</p>')
    page.open('+27820001005')
    page.driver.find_element_by_id('new-tag').send_keys('#cards', Keys.ENTER)
    until_shown(lambda: standin.tickets()[1]['tags'] == ['#cards'], 'the tag')
    until_shown(lambda: page.texts('#tags li') != [], 'the tag on the page')
    page.driver.find_element_by_css_selector('#tags button').click()
    until_shown(lambda: standin.tickets()[1]['tags'] == [], 'no tag')
    page.driver.find_element_by_id('show-waiting').click()
    assert page.texts('#tickets strong') == ['+27820001006']


@pytest.mark.parametrize('width', [390, 1280])
def test_nothing_stands_out_to_the_side(standin, page, width):
    nonce = customer(standin, '+27820001007', 'x' * 500)
    standin.reply(nonce, '<p>%s</p>' % ('y' * 500,))
    resize(page.driver, width, 800)
    page.open('+27820001007')
    until_shown(lambda: len(page.notes()) == 2, 'the notes')
    assert page.driver.execute_script(
        'return document.documentElement.scrollWidth <= innerWidth')
