"""The options of what is told about the worker."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import pytest

from tests.test_config import config, errors


def test_statuses_are_published_only_where_that_was_asked_for():
    assert (config().publish_status, config().queue_age_degraded) == (False, 600)
    assert config(publish_status=True).publish_status is True


@pytest.mark.parametrize('name, value', [
    ('queue_age_degraded', 0), ('queue_age_degraded', 'long'), ('metrics_publish_interval', 0)])
def test_a_number_that_makes_no_sense_is_named(name, value):
    assert name in errors(**{name: value})
