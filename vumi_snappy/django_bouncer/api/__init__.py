"""The HTTP API of django-snappy-vumi-bouncer 0.2.0, served from our store.

Vumi sandbox apps post to it what people write, and Snappy's hook may stay where it was.  What it
answers is what that bouncer answered, with the exceptions that
docs/moving-from-the-django-bouncer.md tells and tests/integration/test_bouncer_conformance.py
holds us to.  The worker builds a `BouncerApi`; the configuration makes its values.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from vumi_snappy.django_bouncer.api.keys import ApiKeys
from vumi_snappy.django_bouncer.api.resources import BouncerApi
from vumi_snappy.django_bouncer.api.values import ROOT, Account, Conversation, Directory

__all__ = ['ROOT', 'Account', 'ApiKeys', 'BouncerApi', 'Conversation', 'Directory']
