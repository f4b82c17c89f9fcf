"""Middlewares are made, ordered and called as Vumi does it."""
from __future__ import absolute_import, division, print_function, unicode_literals

import itertools

import pytest
import vumi.middleware
import vumi.middleware.base
from twisted.internet.defer import maybeDeferred
from twisted.python.failure import Failure

from vumi_snappy.vumi.own import middleware as own


def value(call, *args):
    """What a call gives, at once, or the type of its failure."""
    out = []
    maybeDeferred(call, *args).addBoth(out.append)
    return out[0].type.__name__ if isinstance(out[0], Failure) else out[0]


class Marks(object):
    """Adds its name to the message, which is a list; a class of each module is made of it."""

    def handle_inbound(self, message, connector_name):
        return message + [self.name, connector_name]

    def handle_publish_outbound(self, message, connector_name):
        return self.handle_outbound(message + [self.name], connector_name)

    def setup_middleware(self):
        self.worker.append((self.name, 'is set up'))

    def teardown_middleware(self):
        self.worker.append((self.name, 'ends'))


class Nothing(Marks):
    def handle_inbound(self, message, connector_name):
        pass


class Fails(Marks):
    def setup_middleware(self):
        raise ValueError('no such store')


def classes(monkeypatch, module):
    """The classes' name in configurations, for the middlewares of `module`."""
    base = module.BaseMiddleware
    for each in (Marks, Nothing, Fails):
        monkeypatch.setitem(globals(), str('Made' + each.__name__),
                            type(str(each.__name__), (each, base), {}))
    return __name__ + '.Made'


def made(module, config):
    worker = []
    return value(module.setup_middlewares_from_config, worker, config), worker


#: Each middleware: what stands behind its name, and its own options.
FORMS = [({}, {}), ({'consume_priority': -1, 'publish_priority': -1}, {}),
         ({'consume_priority': 1}, {}), ({'publish_priority': 2}, {'consume_priority': 5}),
         ({'consume_priority': 0, 'publish_priority': 0}, {})]


def story(module, monkeypatch, config):
    middlewares, worker = made(module, config)
    if not isinstance(middlewares, list):
        return middlewares
    stack = module.MiddlewareStack(middlewares)
    return [value(stack.apply_consume, 'inbound', ['in'], 'c'),
            value(stack.apply_publish, 'outbound', ['out'], 'c'),
            value(stack.apply_consume, 'event', ['event'], 'c'),
            value(stack.teardown), worker]


@pytest.mark.parametrize('forms', itertools.product(FORMS, repeat=3))
def test_the_order_is_vumis(monkeypatch, forms):
    stories = []
    for module in (vumi.middleware, own):
        path = classes(monkeypatch, module) + 'Marks'
        config = {'middleware': [{name: dict(form, **{str('class'): path}) if form else path}
                                 for name, (form, _) in zip('abc', forms)]}
        config.update(zip('abc', [options for _, options in forms]))
        stories.append(story(module, monkeypatch, config))
    assert stories[0] == stories[1]
    assert len(stories[0]) == 5


@pytest.mark.parametrize('items', [
    [], [{'a': 'Nothing'}], [{'a': 'Fails'}], [{'a': 'Unknown'}], [{'a': 'Marks', 'b': 'Marks'}],
    [{'a': 'Marks'}, {'b': 'Nothing'}], [{'a': {'class': 'Marks', 'consume_priority': 'x'}}]])
def test_what_goes_wrong_goes_wrong_alike(monkeypatch, items):
    stories = []
    for module in (vumi.middleware, own):
        path = classes(monkeypatch, module)
        stories.append(story(module, monkeypatch, {'middleware': [{
            name: path + said if not isinstance(said, dict) else dict(said, **{
                str('class'): path + said['class']}) for name, said in item.items()}
            for item in items]}))
    assert stories[0] == stories[1]


def test_a_middleware_has_its_name_and_its_own_options(monkeypatch):
    for module in (vumi.middleware, own):
        path = classes(monkeypatch, module) + 'Marks'
        [middleware], _ = made(module, {'middleware': [{'a': path}], 'a': {'x': 1}})
        assert (middleware.name, middleware.worker) == ('a', [('a', 'is set up')])
        assert middleware.config._config_data['x'] == 1


def test_every_method_that_vumis_has_is_there_and_gives_the_message_back(monkeypatch):
    names = {name for name in dir(vumi.middleware.BaseMiddleware) if name.startswith('handle_')}
    assert {'handle_consume_inbound', 'handle_publish_event', 'handle_outbound'} <= names
    plain = own.BaseMiddleware('a', {}, None)
    for name in names:
        assert getattr(plain, name)('m', 'c') == 'm', name


@pytest.mark.parametrize('item', [
    {'class': 'Good', 'token': 'the-token'}, {'a': None}, {'a': {'clas': 'the-token'}},
    'the-token', {}])
def test_a_mistake_is_told_without_what_may_be_a_secret(item):
    out = []
    own.setup_middlewares_from_config([], {'middleware': [item]}).addErrback(out.append)
    assert out[0].type.__name__ == 'ConfigError'
    assert out[0].getErrorMessage().startswith('Middleware 1 ')
    assert 'the-token' not in out[0].getErrorMessage()


def test_what_comes_with_vumi_is_refused_by_name():
    [reason] = own.refused([{'log': 'vumi.middleware.logging.LoggingMiddleware'},
                            {'mine': {'class': 'vumi_words.Mine'}}, {'class': 7}, 'x'])
    assert 'The middleware vumi.middleware.logging.LoggingMiddleware comes with Vumi' in reason
    assert 'give it to the transport' in reason
    out = []
    own.setup_middlewares_from_config([], {'middleware': [
        {'log': {'class': 'vumi.middleware.logging.LoggingMiddleware'}}]}).addErrback(out.append)
    assert out[0].getErrorMessage() == reason
