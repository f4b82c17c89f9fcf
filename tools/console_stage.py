"""The console on the whole loop, with example data: for tests and screenshots.

`ConsoleStage` runs a `tools.stack.Stack` whose worker has a console, and plays a few
conversations; `ConsolePage` finds things on its pages in a browser (`tools.browser`).
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Callable, List, Text, Tuple  # noqa: F401

from selenium.webdriver.common.keys import Keys

from tools.browser import until_shown
from tools.ports import free_port
from tools.stack import Stack
from vumi_snappy.operations.users import hash_password

PASSWORD = 'correct horse'
NOMSA, YUSUF, LERATO, THABISO = ['+2782000100%d' % (n,) for n in range(1, 5)]


class ConsoleStage(object):
    """A console at `address` with the users ``lerato`` and ``thabo`` (read only), both with
    `PASSWORD`."""

    def __init__(self):
        # type: () -> None
        port = free_port()
        hashed = hash_password(PASSWORD)
        #: Where the console is, without a slash at its end.
        self.address = 'http://127.0.0.1:%d' % (port,)
        self.stack = Stack(rate_limit=0, worker_config={
            'console_endpoint': 'tcp:%d:interface=127.0.0.1' % (port,),
            'console_users': {'lerato': hashed, 'thabo': {'password': hashed, 'role': 'read'}},
            'console_ticket_url': 'https://snappy.example/ticket/{nonce}'})

    def __enter__(self):
        self.stack.start()
        return self

    def __exit__(self, *_ignored):
        self.stack.stop()

    def play(self):
        # type: () -> None
        """Nomsa gets a reply, Snappy rejects Yusuf's message, Lerato's reply is not delivered."""
        self.converse(NOMSA, 'Hello, where can I fetch my card?',
                      '<p>At the <b>Soweto clinic</b>, from Monday to Friday.</p>')
        until_shown(lambda: len(self.stack.outbound()) == 1, 'the reply')
        self.stack.report_delivery(self.stack.outbound()[0])
        self.stack.network.answer_with(503)
        self.converse(LERATO, 'My tablets are finished', '<p>Please come in tomorrow.</p>')
        # Before that, the fault would reject the note to the agent, too.
        until_shown(lambda: '#undelivered' in self._ticket(LERATO)['tags'], 'the tag')
        self.stack.network.answer_with(200)
        self.stack.standin.add_fault('garbage_before', status=422, path='/note',
                                     body='The mailbox is closed')
        self.stack.send_message(YUSUF, 'Is anybody there?')

    def converse(self, who, text, html):
        # type: (Text, Text, Text) -> None
        """`who` writes, and an agent replies."""
        self.stack.send_message(who, text)
        ticket = until_shown(lambda: self._ticket(who), 'the ticket')
        self.stack.standin.reply(ticket['nonce'], html)

    def _ticket(self, who):
        return next((each for each in self.stack.standin.tickets()
                     if who in each['default_subject']), None)


class ConsolePage(object):
    """The console at `address` in the browser `driver`."""

    def __init__(self, driver, address):
        # type: (Any, Text) -> None
        self.driver = driver
        self._address = address

    def open(self, path):
        # type: (Text) -> None
        """Open a page."""
        self.driver.get(self._address + path)

    def log_in(self, name='lerato', password=PASSWORD):
        # type: (Text, Text) -> None
        """Fill in the log-in form and submit it."""
        self.open('/login')
        # Chromium logs an error if something has the focus before the page sets it to the name.
        until_shown(lambda: self.driver.switch_to.active_element.get_attribute('id') == 'name',
                    'the focus on the name')
        self.write('Name', name)
        self.write('Password', password)
        self.press('Log in')

    def log_out(self):
        # type: () -> None
        """Drop the session."""
        self.driver.delete_all_cookies()

    def text(self):
        # type: () -> Text
        """The text of the page."""
        return until_shown(lambda: self.driver.find_element_by_tag_name('body').text, 'a page')

    def title(self):
        # type: () -> Text
        """The page's heading."""
        return self.driver.find_element_by_tag_name('h1').text

    def wait_for(self, text, within=30.0):
        # type: (Text, float) -> None
        """Return when the page has `text`."""
        until_shown(lambda: text in self.text(), '"%s"' % (text,), within=within)

    def write(self, label, text):
        # type: (Text, Text) -> None
        """Fill in the field with this label."""
        field = self.field(label)
        field.clear()
        field.send_keys(text)

    def field(self, label):
        # type: (Text) -> Any
        """The field with this label."""
        named = self.driver.find_element_by_xpath('//label[normalize-space()="%s"]' % (label,))
        return self.driver.find_element_by_id(named.get_attribute('for'))

    def press(self, name, within='//main'):
        # type: (Text, Text) -> None
        """Press a button, and return when the next page is loaded."""
        self.go_by(self.driver.find_element_by_xpath(
            '%s//button[normalize-space()="%s"]' % (within, name)).click)

    def enter(self, label):
        # type: (Text) -> None
        """Press Enter in the field with this label; as `press`."""
        self.go_by(lambda: self.field(label).send_keys(Keys.ENTER))

    def tab_to(self, name, most=60):
        # type: (Text, int) -> Any
        """Press Tab until the element called `name` has the focus, and return it.

        A field is called by its label, others by their text.  Errors: `AssertionError`.
        """
        for _ in range(most):
            self.driver.switch_to.active_element.send_keys(Keys.TAB)
            found = self.driver.switch_to.active_element
            called = self.driver.execute_script(
                'var e = arguments[0]; return (e.labels && e.labels.length ? e.labels[0] : e)'
                '.textContent.trim()', found)
            if name == called:
                return found
        raise AssertionError('the Tab key never reaches "%s"' % (name,))

    def parts(self):
        # type: () -> List[Tuple[Text, Text]]
        """The accessibility tree of the page: pairs of role and name."""
        tree = self.driver.execute('executeCdpCommand', {
            'cmd': 'Accessibility.getFullAXTree', 'params': {}})['value']['nodes']
        return [(node['role']['value'], node.get('name', {}).get('value', '').strip())
                for node in tree if not node['ignored']]

    def follow(self, name):
        # type: (Text) -> None
        """Follow a link; as `press`."""
        self.go_by(self.driver.find_element_by_link_text(name).click)

    def go_by(self, act):
        # type: (Callable[[], Any]) -> None
        """Call `act`, and return when the next page is loaded."""
        self.driver.execute_script('window.isLeft = true')
        act()
        until_shown(lambda: self.driver.execute_script(
            'return !window.isLeft && document.readyState === "complete"'), 'the next page')

    def rows(self):
        # type: () -> List[Text]
        """The texts of the rows of the first table."""
        return [row.text for row in self.driver.find_elements_by_css_selector('tbody tr')]

    def overflows(self):
        # type: () -> bool
        """Whether the page needs horizontal scrolling."""
        return bool(self.driver.execute_script(
            'return document.documentElement.scrollWidth > window.innerWidth'))

    def complaints(self):
        # type: () -> List[Text]
        """The browser's log, except failed requests."""
        return [each['message'] for each in self.driver.get_log('browser')
                if 'Failed to load resource' not in each['message']]
