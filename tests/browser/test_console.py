"""The console as an operator uses it, in a headless Chromium, on the whole loop."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import re

import pytest
from selenium.webdriver.common.keys import Keys

from tools.browser import resize
from tools.console_stage import (
    LERATO, NOMSA, YUSUF, ConsolePage, ConsoleStage, wait_until)

pytestmark = [pytest.mark.browser, pytest.mark.integration]

PATHS = ['/', '/tickets', '/tickets/1', '/problems', '/audit']


@pytest.fixture(scope='module')
def stage():
    with ConsoleStage() as running:
        running.play()
        yield running


@pytest.fixture
def page(stage, driver):
    resize(driver, 1280, 800)
    page = ConsolePage(driver, stage.address)
    page.log_out()
    page.log_in()
    yield page
    assert page.complaints() == []


def test_the_overview_changes_without_being_loaded_again(page, stage):
    assert page.title() == 'Overview'
    page.driver.execute_script('window.theSame = true')
    page.wait_for('Parked\n1')
    page.wait_for('Undelivered\n1')
    before = int(re.search(r'Messages received: (\d+)', page.text()).group(1))
    stage.stack.send_message(NOMSA, 'Thank you')
    page.wait_for('Messages received: %d in 6 hours' % (before + 1,))
    assert page.driver.execute_script('return window.theSame') is True


def test_a_ticket_is_found_by_its_person_and_told_whole(page):
    page.follow('Tickets')
    page.write('Number, nonce or phone', NOMSA)
    page.enter('Number, nonce or phone')
    [row] = page.rows()
    assert NOMSA in row
    page.go_by(page.driver.find_element_by_css_selector('tbody th a').click)
    page.wait_for('Hello, where can I fetch my card?')
    assert 'At the Soweto clinic, from Monday to Friday.' in page.text()
    assert 'delivered' in page.text()
    link = page.driver.find_element_by_link_text('Open in Snappy').get_attribute('href')
    assert link.startswith('https://snappy.example/ticket/')


def test_tickets_are_filtered_by_state(page):
    page.open('/tickets')
    page.field('State').send_keys('undelivered')
    page.press('Show')
    [row] = page.rows()
    assert LERATO in row and 'undelivered' in row


def test_what_was_parked_is_put_back_when_snappy_is_mended(page, stage):
    page.open('/problems')
    assert YUSUF in page.text() and 'Snappy refused it (422)' in page.text()
    stage.stack.standin.clear_faults()
    page.press('Retry', '//section[@id="parked"]//tbody')
    page.wait_for('1 put back.')
    page.open('/tickets?q=%2B27820001002')
    page.go_by(page.driver.find_element_by_css_selector('tbody th a').click)

    def is_there():
        page.driver.refresh()
        return 'at Snappy' in page.text()

    wait_until(is_there, 'the message at Snappy')
    assert 'put back by an operator' in page.text()


def test_what_is_dropped_needs_a_reason_and_is_in_the_audit_trail(page):
    page.open('/problems')
    section = '//section[@id="undelivered"]'
    boxes = page.driver.find_elements_by_css_selector('#undelivered tbody input')
    page.driver.find_element_by_css_selector('#undelivered [data-all]').click()
    assert boxes and all(box.is_selected() for box in boxes)
    page.press('Drop', section)
    page.wait_for('give a reason')
    page.driver.back()
    page.driver.find_element_by_id('reason-undelivered').send_keys('she came in')
    for box in page.driver.find_elements_by_css_selector('#undelivered tbody input'):
        if not box.is_selected():
            box.click()
    page.press('Drop', section)
    page.wait_for('dropped.')
    page.follow('Audit')
    assert 'she came in' in page.rows()[0] and 'lerato' in page.rows()[0]


def test_who_may_only_look_has_no_buttons(page, driver):
    page.log_out()
    page.log_in('thabo')
    assert 'thabo (may look)' in page.text()
    page.open('/problems')
    assert driver.find_elements_by_css_selector('main button') == []


def test_a_wrong_password_is_said_so(page):
    page.log_out()
    page.log_in('lerato', 'guess')
    page.wait_for('The name or the password is wrong.')


def test_nothing_needs_a_mouse(page, driver):
    page.log_out()
    page.open('/tickets')
    for keys in ('lerato', Keys.TAB, 'correct horse'):
        driver.switch_to.active_element.send_keys(keys)
    page.go_by(lambda: driver.switch_to.active_element.send_keys(Keys.ENTER))
    page.wait_for('Number, nonce or phone')
    driver.find_element_by_tag_name('body').send_keys(Keys.TAB)
    assert driver.switch_to.active_element.text == 'Skip to the content'


@pytest.mark.parametrize('path', PATHS)
def test_a_phone_shows_every_page_without_scrolling_sideways(page, driver, path):
    resize(driver, 360, 740)
    page.open(path)
    assert not page.overflows()
    assert driver.find_element_by_link_text('Tickets').is_displayed()


@pytest.mark.parametrize('dark', [False, True])
@pytest.mark.parametrize('path', PATHS + ['/login'])
def test_all_text_stands_out_from_its_background(page, driver, path, dark):
    resize(driver, 1280, 800, dark)
    page.open(path)
    assert driver.execute_script(_CONTRAST) == []


#: The texts whose contrast is less than 4.5 to 1 (WCAG 2, level AA).
_CONTRAST = """
function rgb(text) { return text.match(/[\\d.]+/g).map(Number); }
function light(c) {
  var l = c.slice(0, 3).map(function (v) {
    v /= 255; return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); });
  return 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2];
}
function behind(e) {
  for (; e; e = e.parentElement) {
    var c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] > 0) { return c; }
  }
  return [255, 255, 255];
}
var found = [];
document.querySelectorAll('body *').forEach(function (e) {
  var own = Array.prototype.some.call(e.childNodes, function (n) {
    return n.nodeType === 3 && n.textContent.trim(); });
  if (!own || !e.offsetParent || e.closest('.hidden, option, script')) { return; }
  var a = light(rgb(getComputedStyle(e).color)) + 0.05, b = light(behind(e)) + 0.05;
  var ratio = Math.max(a, b) / Math.min(a, b);
  if (ratio < 4.5) { found.push(e.tagName + ' ' + e.textContent.trim() + ' ' + ratio); }
});
return found;
"""
