from __future__ import absolute_import, division, print_function, unicode_literals

from tests.store.conftest import bench, make_bench  # noqa: F401
