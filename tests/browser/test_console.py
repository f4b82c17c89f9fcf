"""The console as an operator uses it, in a headless Chromium, on the whole loop."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re

import pytest
from selenium.webdriver.common.keys import Keys

from tools.browser import resize, until_shown
from tools.console_stage import LERATO, NOMSA, THABISO, YUSUF, ConsolePage, ConsoleStage

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

    until_shown(is_there, 'the message at Snappy')
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


@pytest.fixture
def parked(page, stage):
    """One more message that Snappy refused once; how many are parked then."""
    page.open('/problems')
    before = int(re.search(r'Parked \((\d+)\)', page.text()).group(1))
    stage.stack.standin.add_fault('status', status=422, path='/note', times=2)
    stage.stack.send_message(THABISO, 'Can you read this?')

    def is_parked():
        page.driver.refresh()
        return 'Parked (%d)' % (before + 1,) in page.text()
    until_shown(is_parked, 'what is parked')
    return before + 1


def test_a_problem_is_solved_without_a_mouse_from_the_log_in_on(page, driver, parked):
    def press(key):
        page.go_by(lambda: driver.switch_to.active_element.send_keys(key))
    page.log_out()
    page.open('/')
    for keys in ('lerato', Keys.TAB, 'correct horse'):
        driver.switch_to.active_element.send_keys(keys)
    press(Keys.ENTER)
    assert page.tab_to('Skip to the content').is_displayed()
    page.tab_to('Problems')
    press(Keys.ENTER)
    for _ in range(parked):
        page.tab_to('Retry')
    press(Keys.SPACE)
    page.wait_for('1 put back.')


def test_a_problem_is_solved_on_a_phone(page, driver, parked):
    resize(driver, 360, 740)
    page.log_out()
    page.log_in()
    page.follow('Problems')
    row = '//section[@id="parked"]//tr[contains(., "%s")]' % (THABISO,)
    page.go_by(driver.find_element_by_xpath(row + '//th//a').click)
    assert 'Can you read this?' in page.text() and not page.overflows()
    page.follow('See why, and retry or drop it')
    assert driver.find_element_by_xpath('//label[contains(., "Tick all")]/span').text == 'Tick all'
    page.press('Retry', row)
    page.wait_for('1 put back.')


@pytest.mark.parametrize('path', PATHS + ['/forget', '/login'])
def test_whoever_hears_a_page_is_told_what_each_part_is(page, driver, path):
    page.open(path)
    parts = page.parts()
    assert [role for role, name in parts if role in CONTROLS and not name] == []
    roles = [role for role, _ in parts]
    assert (roles.count('main'), roles.count('banner')) == (1, 1)
    levels = [int(each.tag_name[1])
              for each in driver.find_elements_by_css_selector('h1, h2, h3, h4')]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(later - before <= 1 for before, later in zip(levels, levels[1:]))
    assert driver.title and driver.find_element_by_tag_name('html').get_attribute('lang') == 'en'
    assert driver.find_elements_by_css_selector('th:not([scope]), table:not(:has(caption))') == []


@pytest.mark.parametrize('path', PATHS + ['/forget', '/login'])
def test_the_tab_key_comes_to_everything_and_shows_where_it_is(page, driver, path):
    page.open(path)
    wanted = driver.execute_script(_FOCUSABLE)
    seen = []
    # Wherever it begins, it comes to the end, and around once.  A date has four places to stop at.
    while seen.count(None) < 2 and len(seen) < 6 * len(wanted):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        seen.append(driver.execute_script(_FOCUS))
    assert {each['html'] for each in seen if each} == set(wanted)
    assert [each['html'] for each in seen if each and not each['shown']] == []


#: Roles of what can be used, all of which need a name.
CONTROLS = ('button', 'link', 'textbox', 'searchbox', 'combobox', 'checkbox', 'Date', 'image',
            'DisclosureTriangle', 'navigation', 'table')
_FOCUSABLE = """
return Array.prototype.map.call(document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, summary'),
  function (e) { return e.outerHTML; });
"""
#: What has the focus, and whether one sees it: by an outline, on the screen, of some size.
_FOCUS = """
var e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
return e === document.body ? null : {html: e.outerHTML, shown:
  style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && box.width > 5
  && box.height > 5 && box.right > 0 && box.bottom > 0 && box.top < innerHeight};
"""


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
