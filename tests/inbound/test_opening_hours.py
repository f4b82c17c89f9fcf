"""Opening hours are what the clock on the wall shows, whatever daylight saving does."""
from __future__ import absolute_import, division, print_function, unicode_literals

import calendar
import datetime

import pytest
import yaml
from dateutil.zoneinfo import get_zonefile_instance
from hypothesis import given, strategies as st

from vumi_snappy.inbound.opening_hours import OpeningHours

OFFICE = {'time_zone': 'Africa/Johannesburg', 'monday-friday': '08:00-17:00',
          'saturday': '09:00-12:00, 13:00-15:00', 'holidays': ['12-25', '2026-04-03']}


def utc(text):
    """Seconds since the epoch of a moment in UTC."""
    return calendar.timegm(datetime.datetime.strptime(text, '%Y-%m-%d %H:%M').timetuple())


def is_open(text, **given_hours):
    return OpeningHours.parse(given_hours or OFFICE).is_open(utc(text))


@pytest.mark.parametrize('moment, opened', [
    # Johannesburg is two hours ahead of UTC.  The 23rd of November 2026 is a Monday.
    ('2026-11-23 05:59', False), ('2026-11-23 06:00', True), ('2026-11-23 14:59', True),
    ('2026-11-23 15:00', False), ('2026-11-27 10:00', True),
    ('2026-11-28 09:59', True), ('2026-11-28 10:00', False), ('2026-11-28 11:00', True),
    ('2026-11-29 10:00', False),
    # Holidays.
    ('2026-12-25 10:00', False), ('2028-12-25 10:00', False), ('2026-12-24 10:00', True),
    ('2026-04-03 10:00', False), ('2028-04-03 10:00', True),
    # What is a holiday is said by the calendar there: it ends at midnight in Johannesburg.
    ('2026-12-25 21:59', False)])
def test_a_week_and_holidays(moment, opened):
    assert is_open(moment) is opened


def test_a_holiday_begins_at_midnight_there():
    always = {'time_zone': 'Pacific/Auckland', 'monday-sunday': '00:00-24:00',
              'holidays': ['12-25']}
    assert [is_open(moment, **always) for moment in (
        '2026-12-24 10:59', '2026-12-24 11:00', '2026-12-25 10:59', '2026-12-25 11:00')] == [
            True, False, False, True]


@pytest.mark.parametrize('moment, opened', [
    ('2026-11-27 19:59', False), ('2026-11-27 20:00', True), ('2026-11-27 23:59', True),
    ('2026-11-28 01:59', True), ('2026-11-28 02:00', False), ('2026-11-28 20:00', False)])
def test_hours_that_go_on_after_midnight(moment, opened):
    assert is_open(moment, time_zone='UTC', friday='20:00-02:00') is opened


def test_a_night_is_cut_off_by_a_holiday_and_does_not_follow_from_one():
    night = dict(time_zone='UTC', holidays=['2026-12-25'])
    night['monday-sunday'] = '20:00-02:00'
    assert [is_open(moment, **night) for moment in (
        '2026-12-24 23:00', '2026-12-25 01:00', '2026-12-25 23:00', '2026-12-26 01:00',
        '2026-12-26 21:00')] == [True, False, False, False, True]


def test_a_range_of_days_may_go_over_the_weekend():
    for day in ('2026-11-28', '2026-11-29', '2026-11-30'):
        hours = {'time_zone': 'UTC', 'saturday-monday': '08:00-17:00'}
        assert is_open(day + ' 10:00', **hours)
        assert not is_open('2026-12-01 10:00', **hours)


BERLIN = {'time_zone': 'Europe/Berlin', 'monday-sunday': '02:30-08:00'}


@pytest.mark.parametrize('moment, opened', [
    # The 29th of March 2026 has no half past two: the clock goes from 01:59 to 03:00.
    ('2026-03-29 00:59', False), ('2026-03-29 01:00', True), ('2026-03-29 05:59', True),
    ('2026-03-29 06:00', False),
    # The 25th of October has two: it is open at both, and closed again between them.
    ('2026-10-25 00:29', False), ('2026-10-25 00:30', True), ('2026-10-25 01:15', False),
    ('2026-10-25 01:30', True), ('2026-10-25 07:00', False)])
def test_the_days_on_which_the_clocks_change(moment, opened):
    assert is_open(moment, **BERLIN) is opened


ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu',
         'Africa/Johannesburg', 'America/St_Johns', 'UTC']


@given(zone=st.sampled_from(ZONES),
       at=st.integers(utc('2008-01-01 00:00'), utc('2020-12-31 00:00')),
       start=st.integers(0, 1439), length=st.integers(1, 1440), day=st.integers(0, 6))
def test_any_moment_is_judged_by_the_wall_clock_of_another_library(zone, at, start, length, day):
    end = (start + length - 1) % 1440 + 1
    if start == end:
        return
    name = list(calendar.day_name)[day].lower()
    text = '%02d:%02d-%02d:%02d' % (start // 60, start % 60, end // 60, end % 60)
    hours = OpeningHours.parse({'time_zone': zone, name: text})
    wall = datetime.datetime.fromtimestamp(at, get_zonefile_instance().get(zone))
    minute = wall.hour * 60 + wall.minute
    if start < end:
        expected = wall.weekday() == day and start <= minute < end
    else:
        expected = (wall.weekday() == day and minute >= start
                    or wall.weekday() == (day + 1) % 7 and minute < end)
    assert hours.is_open(at) is expected


@pytest.mark.parametrize('change, told', [
    ({'time_zone': 'Africa/Nowhere'}, 'time_zone'), ({'time_zone': None}, 'time_zone'),
    ({'mondays': '08:00-17:00'}, 'mondays'), ({'monday-': '08:00-17:00'}, None),
    ({'someday-friday': '08:00-17:00'}, 'someday-friday'),
    ({'sunday': '8-17'}, '8-17'), ({'sunday': '08:00-25:00'}, 'no clock'),
    ({'sunday': '08:60-17:00'}, 'no clock'), ({'sunday': '08:00-08:00'}, 'no clock'),
    ({'sunday': '24:00-24:00'}, 'no clock'), ({'sunday': 8}, '8'), ({'sunday': ''}, 'hours'),
    ({'holidays': '12-25'}, 'list'), ({'holidays': ['13-25']}, '13-25'),
    ({'holidays': ['2026-02-29']}, '2026-02-29'), ({'holidays': ['Christmas']}, 'Christmas'),
    ({'holidays': [25]}, '25'),
])
def test_what_is_wrong_is_told(change, told):
    hours = dict(OFFICE, **change)
    if told is None:
        OpeningHours.parse(hours)
        return
    with pytest.raises(ValueError) as caught:
        OpeningHours.parse(hours)
    assert told in '%s' % (caught.value,)


@pytest.mark.parametrize('hours', [{'monday': '08:00-17:00'}, {'time_zone': 'UTC'}])
def test_hours_without_a_zone_or_without_a_day_are_no_hours(hours):
    with pytest.raises(ValueError):
        OpeningHours.parse(hours)


def test_the_form_of_the_sample_configuration():
    hours = OpeningHours.parse(yaml.safe_load(
        'time_zone: Africa/Johannesburg\nmonday-friday: 08:00-17:00\n'
        'saturday: 09:00-12:00, 13:00-15:00\nholidays: [01-01, 12-25, 2026-04-03]\n'))
    assert hours.is_open(utc('2026-11-23 10:00'))
    assert not hours.is_open(utc('2026-04-03 10:00'))
