"""CHANGELOG.md is in the form of Keep a Changelog, and agrees with the package."""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import os
import re
from collections import Counter

import vumi_snappy

CHANGELOG = os.path.join(os.path.dirname(os.path.dirname(__file__)), 'CHANGELOG.md')
SECTIONS = {'Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'}


def lines():
    with io.open(CHANGELOG, encoding='utf-8') as changelog:
        return changelog.read().splitlines()


def test_its_newest_release_is_the_version_of_the_package():
    releases = [line[3:] for line in lines() if line.startswith('## ')]
    assert releases[0] == 'Unreleased'
    assert all(re.match(r'\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d$', each) for each in releases[1:])
    assert releases[1].split()[0] == vumi_snappy.__version__


def test_it_has_the_sections_of_the_convention_and_no_line_twice():
    assert {line[4:] for line in lines() if line.startswith('### ')} <= SECTIONS
    assert [line for line, times in Counter(lines()).items()
            if times > 1 and line and not line.startswith('#')] == []
