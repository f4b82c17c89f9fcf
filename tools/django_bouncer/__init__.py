"""The released django-snappy-vumi-bouncer, for comparisons, migrations and benchmarks."""
from __future__ import absolute_import, division, print_function, unicode_literals

from tools.django_bouncer.peer import DjangoBouncer
from tools.installing import NotInstallable

__all__ = ['DjangoBouncer', 'NotInstallable']
