"""Our own fields of a configuration, which Python 3 has, are Vumi's: same values, same words."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import vumi.application.base
import vumi.config
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from vumi_snappy.vumi.own import config as own

FIELDS = ('ConfigText', 'ConfigInt', 'ConfigFloat', 'ConfigBool', 'ConfigList', 'ConfigDict',
          'ConfigField')
#: What is near to a number or a truth, of which conversions have views of their own.
NEARLY = st.text('0123456789+-._ eExlL\t\n\u0663\xa0', max_size=5) | st.sampled_from([
    'true', 'True', 'false', ' FALSE ', 'no', 'off', 'nan', 'inf', '1e999', '- 7'])
#: What a YAML file can hold.
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | NEARLY
    | NEARLY.map(lambda text: text.encode('utf-8')) | st.dates(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4)


def outcome(config_class, data, static=False):
    """The value of the field `f`, or the words in which it is refused."""
    try:
        return repr(config_class(data, static=static).f)
    except (vumi.config.ConfigError, own.ConfigError) as refusal:
        return refusal.args


def pair(name, **kwargs):
    """Configurations with a field `f` of the kind `name`: Vumi's, and ours."""
    return [type(str('One'), (module.Config,), {
        str('f'): getattr(module, name)('A doc.', **kwargs)}) for module in (vumi.config, own)]


@given(st.sampled_from(FIELDS), VALUES)
@example(name='ConfigInt', value='1_0')
@example(name='ConfigFloat', value='1_0')
def test_a_value_is_taken_as_the_same_or_refused_in_the_same_words(name, value):
    of_vumi, ours = pair(name)
    assert outcome(ours, {'f': value}) == outcome(of_vumi, {'f': value})


@pytest.mark.parametrize('name', FIELDS)
@pytest.mark.parametrize('data', [{}, {'f': None}, {'g': 1}])
@pytest.mark.parametrize('required', [True, False])
@pytest.mark.parametrize('default', [None, '7', [], 'x'])
def test_what_is_missing_is_the_default_or_refused_alike(name, data, required, default):
    of_vumi, ours = pair(name, required=required, default=default)
    assert outcome(ours, data) == outcome(of_vumi, data)


def test_what_is_not_static_is_refused_alike():
    for static in (True, False):
        of_vumi, ours = pair('ConfigText', static=static)
        assert outcome(ours, {'f': 'x'}, True) == outcome(of_vumi, {'f': 'x'}, True)


def test_fields_are_in_the_same_order_and_can_not_be_set():
    names = []
    for module in (vumi.config, own):
        class A(module.Config):
            a = module.ConfigText('')
            z = module.ConfigText('')

        class B(module.Config):
            b = module.ConfigText('')

        class C(B, A):
            c = module.ConfigText('')
            b = module.ConfigText('', default='again')

        names.append((list(C._field_names), [field.name for field in C._get_fields()], C({}).b))
        with pytest.raises(AttributeError):
            C({}).a = 'x'
    assert names[0] == names[1]


def test_what_is_given_is_not_shared_with_others():
    for module in (vumi.config, own):
        class One(module.Config):
            many = module.ConfigList('', default=[[]])
            each = module.ConfigDict('')

        one = One({'each': {'a': []}})
        one.many[0].append(1)
        one.each['a'].append(1)
        assert (one.many, one.each) == ([[]], {'a': []})


def test_an_application_has_the_same_options():
    fields = [[(field.name, field.field_type, field.required, field.default, field.static)
               for field in each._get_fields()]
              for each in (vumi.application.base.ApplicationConfig, own.ApplicationConfig)]
    assert fields[0] == fields[1]


def test_the_same_yaml_is_refused_in_the_same_words():
    data = yaml.safe_load('transport_name: 7\namqp_prefetch_count: many\nsend_to: []')
    for _ in list(data):
        said = []
        for each in (vumi.application.base.ApplicationConfig, own.ApplicationConfig):
            with pytest.raises((vumi.config.ConfigError, own.ConfigError)) as refused:
                each(data)
            said.append(refused.value.args)
        assert said[0] == said[1]
        del data[said[0][0].split("'")[1]]
        data.setdefault('transport_name', 'sphex')
