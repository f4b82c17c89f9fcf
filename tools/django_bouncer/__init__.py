"""The released django-snappy-vumi-bouncer, to be compared with, moved from, and raced against."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from tools.django_bouncer.peer import DjangoBouncer, NotInstallable, prepare

__all__ = ['DjangoBouncer', 'NotInstallable', 'prepare']
