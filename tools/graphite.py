"""Evaluate Graphite queries, by the evaluator of its own web app.

`evaluate` needs ``ve-carbon`` (see `tools.carbon_server`).  The web app is a Django project that
needs a process of its own: this file as a program.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import os
import subprocess
import sys
import types
from datetime import datetime, timedelta
from typing import Any, Dict, List, Optional, Sequence, Text  # noqa: F401

#: For each query, the values of each series that it found, by its name.
Answers = Dict[Text, Dict[Text, List[Optional[float]]]]
#: Where `tools/environment` installs ``ve-carbon``.
LIB = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                   've-carbon', 'lib')


def evaluate(whisper, queries, seconds):
    # type: (Text, Sequence[Text], float) -> Answers
    """For each query, the values of each series by its name, over the last `seconds`.

    `whisper` is the folder of Carbon's files.  Errors: `AssertionError`, with Graphite's message,
    if a query is malformed.
    """
    process = subprocess.Popen(
        [sys.executable, os.path.abspath(__file__), whisper, '%d' % (seconds,)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=dict(os.environ, **{str('PYTHONPATH'): str(LIB), str('TZ'): str('UTC')}))
    output, errors = process.communicate(json.dumps(list(queries)).encode('utf-8'))
    assert process.returncode == 0, errors.decode('utf-8', 'replace')
    return json.loads(output.decode('utf-8'))


class _NoCairo(object):
    """Replaces the library with which Graphite draws: nothing is drawn here."""

    def __getattr__(self, name):
        # type: (Text) -> int
        return 0


def _set_up(whisper):
    # type: (Text) -> None
    settings = types.ModuleType(str('graphite_settings'))
    settings.__dict__.update({
        str('SECRET_KEY'): 'of no use', str('STANDARD_DIRS'): [whisper],
        str('LOG_DIR'): os.path.dirname(whisper),
        str('STORAGE_FINDERS'): ['graphite.finders.standard.StandardFinder'],
        str('CARBONLINK_HOSTS'): [], str('DATABASES'): {
            'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}}})
    sys.modules.update({str('graphite_settings'): settings,
                        str('cairo'): _NoCairo()})
    os.environ.update({str('DJANGO_SETTINGS_MODULE'): str('graphite.settings'),
                       str('GRAPHITE_SETTINGS_MODULE'): str('graphite_settings'),
                       str('GRAPHITE_STORAGE_DIR'): str(whisper)})
    import django
    django.setup()


def main():
    # type: () -> None
    """Evaluate the queries on stdin; prints the values."""
    whisper, seconds = sys.argv[1:]
    _set_up(whisper)
    import pytz
    from graphite.render.evaluator import evaluateTarget
    now = datetime.now(pytz.utc)
    context = {
        'startTime': now - timedelta(seconds=int(seconds)), 'endTime': now, 'now': now,
        'tzinfo': pytz.utc, 'localOnly': True, 'data': [], 'template': None, 'prefetched': {},
        'requestContext': None, 'maxDataPoints': None, 'xFilesFactor': 0}
    json.dump({query: {series.name: list(series) for series in evaluateTarget(context, query)}
               for query in json.load(sys.stdin)}, sys.stdout)


if __name__ == '__main__':
    # This folder has modules with the names of libraries.
    sys.path.pop(0)
    main()
