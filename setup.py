import io
import os
import re

from setuptools import find_packages, setup

HERE = os.path.dirname(os.path.abspath(__file__))


def read(*path):
    with io.open(os.path.join(HERE, *path), encoding='utf-8') as text:
        return text.read()


# Read, not imported: what the package needs is not installed yet.
VERSION = re.search(r"^__version__ = '([^']+)'", read('vumi_snappy', '__init__.py'), re.M).group(1)

BOTH = [
    'txAMQP>=0.8.1,<0.9',
    'html5lib>=1,<2',
    'passlib>=1.7,<1.8',
    'phonenumbers>=8.12,<10',
    'pyOpenSSL',
    'service_identity',
    'pytz',
    'six>=1.12',
    'smsutil>=1.1.2,<2',
    'zope.interface',
]
PYTHON2 = [
    'vumi>=0.6.19,<0.7',
    'Twisted[tls]>=19.7,<=20.3.0',
    'treq>=18.6,<20.4.1',
    'ipaddress',
    'klein>=17.10,<=20.6.0',
    'monotonic>=1.5,<2',
    'txredis>=2.4',
    # The one after it is for Python 3 alone, and says so only when it is imported.
    'Automat<=20.2.0',
    'attrs>=19.2,<22',
    'beautifulsoup4>=4.8,<4.10',
    'cryptography>=2.5',
    'enum34',
    'Jinja2>=2.10,<3',
    'PyYAML>=3.13,<6',
    'typing',
    'wcwidth>=0.2.13,<0.3',
    'Werkzeug<2',
]
PYTHON3 = [
    'Twisted[tls]>=24.11',
    'treq>=24.9',
    'klein>=24.8',
    'hiredis>=3,<4',
    'attrs>=23.1',
    'beautifulsoup4>=4.12,<5',
    'cryptography>=42',
    'Jinja2>=3.1,<4',
    'PyYAML>=6,<7',
    'wcwidth>=0.2.13,<1',
    'Werkzeug>=3,<4',
]

setup(
    name='vumi-snappy',
    version=VERSION,
    description='The bridge between a Vumi messaging deployment and the Snappy help desk',
    long_description=read('README.md'),
    long_description_content_type='text/markdown',
    author='vumi-snappy contributors',
    license='BSD',
    # A folder of Twisted's for plugins is no package of ours, and must not be made one.
    packages=find_packages(include=['vumi_snappy', 'vumi_snappy.*']) + ['twisted.plugins'],
    include_package_data=True,
    zip_safe=False,
    python_requires='>=2.7,<3.14,' + ','.join('!=3.%d.*' % (minor,) for minor in range(11)),
    install_requires=BOTH + ['%s; python_version < "3"' % (each,) for each in PYTHON2] + [
        '%s; python_version >= "3"' % (each,) for each in PYTHON3],
    # Each for a kind of database from which `vumi-snappy import-bouncer` takes tickets over.
    extras_require={
        'postgresql': ['psycopg2-binary>=2.8,<2.9; python_version < "3"',
                       'psycopg2-binary>=2.9,<3; python_version >= "3"'],
        'mysql': ['PyMySQL>=0.9.3,<1; python_version < "3"',
                  'PyMySQL>=1.1,<2; python_version >= "3"'],
    },
    entry_points={'console_scripts': ['vumi-snappy = vumi_snappy.cli:main']},
    classifiers=[
        'Development Status :: 4 - Beta',
        'Framework :: Twisted',
        'Intended Audience :: Developers',
        'Intended Audience :: System Administrators',
        'License :: OSI Approved :: BSD License',
        'Operating System :: POSIX',
        'Programming Language :: Python :: 2.7',
        'Programming Language :: Python :: 3.11',
        'Programming Language :: Python :: 3.12',
        'Programming Language :: Python :: 3.13',
        'Topic :: Communications',
    ],
)
