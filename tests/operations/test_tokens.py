"""How tokens are made and recognised."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest

from vumi_snappy.operations.tokens import (
    Token, Tokens, hash_token, is_token_hash, make_token)
from vumi_snappy.operations.users import Role


def test_each_token_is_another_and_says_what_it_is():
    made = {make_token() for _ in range(20)}
    assert len(made) == 20
    assert all(each.startswith('vumisnappy_') and len(each) == 54 for each in made)


def test_a_token_is_known_by_its_hash_alone():
    token, other = make_token(), make_token()
    sync = Token('sync', hash_token(token), Role.OPERATE)
    tokens = Tokens({'sync': sync, 'other': Token('other', hash_token(other), Role.READ)})
    assert tokens.find(token) is sync
    assert token not in repr(sync) and sync.hashed not in repr(sync)
    for wrong in ('', token[:-1], token + ' ', token.swapcase(), sync.hashed, make_token(),
                  '\xe4'):
        assert tokens.find(wrong) is None
    assert Tokens({}).find(token) is None


@pytest.mark.parametrize('text', [
    '', 'sha256$', 'sha256$' + 'g' * 64, 'sha256$' + '0' * 64 + '\n'])
def test_a_hash_is_told_from_a_token(text):
    assert is_token_hash(hash_token(make_token()))
    assert not is_token_hash(make_token()) and not is_token_hash(text)
