# -*- coding: utf-8 -*-
"""The demo's page as a person uses it, in a headless Chromium, on the whole loop."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from selenium.webdriver.common.keys import Keys

from tools.browser import resize
from tools.demo.driver import DemoPage, RunningDemo
from tools.demo.samples import AUTO_REPLY

pytestmark = [pytest.mark.browser, pytest.mark.integration]

NOMSA, YUSUF, LERATO = '+27820001001', '+27820001002', '+27820001003'
THERE = ['Sent by the phone', 'Stored in Redis']
BACK = ['Stored in Redis', 'Published on the bus', 'Sent by the transport', 'Delivered']


@pytest.fixture(scope='module')
def demo():
    with RunningDemo() as running:
        yield running


@pytest.fixture
def page(demo, driver):
    resize(driver, 1280, 800)
    page = DemoPage(driver, demo.address)
    yield page
    assert page.complaints() == []


def test_a_text_message_becomes_a_ticket_and_the_answer_a_text_message(page):
    page.choose_customer('Nomsa')
    page.text('My card is lost 🙏🏾\n<b>Please</b> help & tell me')
    page.wait(lambda: NOMSA in page.subjects(), 'the ticket')
    page.open_ticket(NOMSA)
    page.wait(lambda: page.notes() == ['My card is lost 🙏🏾\n<b>Please</b> help & tell me'],
              'the text, as it was written, on the ticket')
    page.wait(lambda: THERE + ['Ticket opened'] in page.journeys(), 'the states on the way')
    page.wait(lambda: page.phone_texts() == [AUTO_REPLY], 'the auto reply')
    page.wait(lambda: page.journeys()[0] == BACK, 'its states')
    page.wait(lambda: page.phone_ticks() == ['forwarded'], 'the tick on the phone')

    page.answer_sample('List')
    page.send_answer()
    text = page.wait(lambda: page.phone_texts()[1:], 'the answer on the phone')[0]
    assert 'Please bring your ID to the clinic:' in text
    assert '- Monday to Friday, 8:00 to 16:00\n- Saturday until 12:00' in text
    assert '<' not in text
    page.wait(lambda: page.journeys()[0] == BACK, 'the states on the way back')

    page.text('Thank you')
    page.wait(lambda: len(page.notes()) == 3, 'the thanks on the same ticket')
    assert page.subjects().count(NOMSA) == 1
    page.wait(lambda: page.journeys()[0] == THERE + ['Added to the ticket'], 'its states')


def test_a_private_note_never_reaches_the_phone(page):
    page.choose_customer('Lerato')
    page.phone_sample('isiZulu')
    page.wait(lambda: LERATO in page.subjects(), 'the ticket')
    page.open_ticket(LERATO)
    page.choose_kind('Private note')
    page.write('Do not tell her yet')
    page.send_answer()
    page.wait(lambda: 'Do not tell her yet' in page.notes(), 'the private note')
    page.choose_kind('Reply')
    page.write('We are looking into it')
    page.send_answer()
    page.wait(lambda: page.phone_texts()[1:], 'the reply')
    assert page.phone_texts() == [AUTO_REPLY, 'We are looking into it']


def test_other_scripts_travel_both_ways(page):
    page.choose_customer('Yusuf')
    page.phone_sample('العربية')
    page.wait(lambda: YUSUF in page.subjects(), 'the ticket')
    page.open_ticket(YUSUF)
    page.wait(lambda: page.notes() == ['مرحباً، فقدتُ بطاقة العيادة. ماذا أفعل؟'], 'the note')
    page.answer_sample('العربية')
    page.send_answer()
    page.wait(lambda: page.phone_texts() == [AUTO_REPLY, 'مرحباً! يُرجى إحضار هويتك إلى العيادة.'],
              'the answer')
    page.answer_sample('Emoji')
    page.send_answer()
    page.wait(lambda: page.phone_texts()[2:] == ['Get well soon! 💐'], 'the emoji')


def test_what_is_unplugged_only_makes_messages_wait(page):
    page.choose_customer('Nomsa')
    page.unplug('snappy')
    page.text('Is anybody there?')
    page.wait(lambda: page.phone_ticks()[-1:] == ['stored'], 'the waiting message')
    assert page.journeys()[0] == THERE
    page.unplug('snappy')
    page.wait(lambda: page.phone_ticks()[-1:] == ['forwarded'], 'the message at the help desk')

    page.unplug('worker')
    page.text('And now?')
    page.wait(lambda: page.phone_ticks()[-1:] == ['sent'], 'the message on the bus')
    assert page.journeys()[0] == THERE[:1]
    page.unplug('worker')
    page.wait(lambda: page.phone_ticks()[-1:] == ['forwarded'], 'the message at the help desk', 40)
    page.open_ticket(NOMSA)
    page.wait(lambda: page.notes()[-2:] == ['Is anybody there?', 'And now?'], 'both, in order')


def test_a_reply_that_is_not_delivered_comes_back_as_a_private_note(page):
    page.choose_customer('Yusuf')
    page.open_ticket(YUSUF)
    page.unplug('phones')
    page.write('Can you hear me?')
    page.send_answer()
    page.wait(lambda: any('Can you hear me?' in note and 'was not delivered' in note
                          for note in page.notes()), 'the private note')
    assert 'Not delivered' in page.journeys()[0]
    assert 'Can you hear me?' not in page.phone_texts()
    page.unplug('phones')
    page.write('And now?')
    page.send_answer()
    page.wait(lambda: page.phone_texts()[-1:] == ['And now?'], 'the next answer')


def test_a_long_answer_arrives_as_numbered_messages(page):
    page.choose_customer('Lerato')
    page.open_ticket(LERATO)
    before = len(page.phone_texts())
    page.answer_sample('Long')
    page.send_answer()
    texts = page.wait(lambda: len(page.phone_texts()) >= before + 2
                      and page.phone_texts()[before:], 'the messages')
    assert 'You can get a new card' in texts[0]
    assert 'is lost.' in texts[-1]
    assert all('%d/%d' % (n + 1, len(texts)) in text for n, text in enumerate(texts))


def test_nothing_needs_a_mouse(page, driver):
    page.choose_customer('Nomsa')
    driver.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    page.wait(lambda: page.shown_number() == YUSUF, 'the next phone')
    page.type_into('#phone-text', 'By keyboard', Keys.ENTER)
    page.open_ticket(YUSUF)
    page.wait(lambda: 'By keyboard' in page.notes(), 'the message')
    page.type_into('#desk-text', 'Bold ', Keys.CONTROL + 'b' + Keys.NULL, 'words',
                   Keys.CONTROL + Keys.ENTER + Keys.NULL)
    page.wait(lambda: 'Bold words' in page.phone_texts(), 'the answer')


def test_a_narrow_screen_shows_one_part_at_a_time(page, driver):
    resize(driver, 390, 844)
    assert [page.is_shown(part) for part in ('phone', 'way', 'desk')] == [True, False, False]
    page.choose_customer('Lerato')
    before = len(page.phone_texts())
    page.text('From a small screen')
    page.wait(lambda: page.phone_ticks()[-1:] == ['forwarded'], 'the tick')
    assert not page.overflows()
    page.show('desk')
    assert [page.is_shown(part) for part in ('phone', 'way', 'desk')] == [False, False, True]
    page.open_ticket(LERATO)
    page.wait(lambda: page.notes()[-1:] == ['From a small screen'], 'the note')
    page.answer_sample('Link')
    page.send_answer()
    assert not page.overflows()
    page.show('way')
    page.wait(lambda: page.journeys()[0] == BACK, 'the states')
    assert page.is_shown('way') and not page.overflows()
    page.show('phone')
    page.wait(lambda: len(page.phone_texts()) > before, 'the answer')
    assert 'https://clinics.example.org/find?near=me&open=now' in page.phone_texts()[-1]
