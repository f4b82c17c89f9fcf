"""What transports tell of pictures, sounds and the like becomes lines that an agent can read."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import pytest
from hypothesis import given, strategies as st

from vumi_snappy.content.media import media_in

#: As vumi-whatsapp publishes it: the sender's own contact is in each message.
SENDER = [{'profile': {'name': 'Nomsa'}, 'wa_id': '27820001001'}]


def whatsapp(kind, **details):
    return {'contacts': SENDER, 'claim': None, 'message': {'type': kind, kind: details}}


@pytest.mark.parametrize('metadata, lines', [
    (whatsapp('image', id='b1c6', mime_type='image/jpeg', sha256='29ed',
              file='/usr/local/wamedia/b1c6'), ['[picture: image/jpeg, b1c6]']),
    (whatsapp('voice', id='463e', mime_type='audio/ogg; codecs=opus',
              link='https://media.example.org/463e'),
     ['[voice message: audio/ogg; codecs=opus, https://media.example.org/463e]']),
    (whatsapp('document', id='fc23', filename='letter.pdf', mime_type='application/pdf'),
     ['[document: letter.pdf, application/pdf, fc23]']),
    (whatsapp('sticker', id='9'), ['[sticker: 9]']),
    (whatsapp('location', latitude=-33.93, longitude=18.42, address='Long Street'),
     ['[place: Long Street, -33.93, 18.42]']),
    ({'contacts': SENDER, 'message': {'type': 'contacts', 'contacts': [
        {'name': {'formatted_name': 'Clinic'}}]}}, ['[contact]']),
    # vumi-messenger
    ({'messenger': {'mid': 'm1', 'attachments': [
        {'type': 'image', 'payload': {'url': 'https://scontent.example.org/a.jpg'}},
        {'type': 'audio', 'payload': {'url': 'https://scontent.example.org/a.mp4'}}]}},
     ['[picture: https://scontent.example.org/a.jpg]',
      '[sound: https://scontent.example.org/a.mp4]']),
    # Telegram's own form, in which a picture comes in several sizes
    ({'telegram': {'photo': [{'file_id': 'AgAC1', 'width': 90}, {'file_id': 'AgAC1'}]}},
     ['[picture: AgAC1]']),
    # MMS gateways
    ({'NumMedia': '2', 'MediaUrl0': 'https://api.example.org/m/0',
      'MediaContentType0': 'image/png', 'MediaUrl1': 'https://api.example.org/m/1'},
     ['[attachment: image/png, https://api.example.org/m/0]',
      '[attachment: https://api.example.org/m/1]']),
    ({'media': ['https://api.example.org/m/0']}, ['[attachment: https://api.example.org/m/0]']),
    ({'image': 'https://api.example.org/m/0'}, ['[picture: https://api.example.org/m/0]']),
])
def test_media_are_found_and_told(metadata, lines):
    assert media_in(metadata) == lines


@pytest.mark.parametrize('metadata', [
    None, {}, 'x', [], {'session_id': '1'}, {'contacts': SENDER, 'message': {'type': 'text'}},
    {'integrat': {'type': 'OnReceive'}}, {'file': 'x', 'location': 'Cape Town', 'image': ''},
    {'wechat': {'MsgType': 'event', 'Event': 'LOCATION'}}, {'type': ['image']},
    {'message': {'type': 'unknown'}}, {'media': True}, {'photo': 7}])
def test_what_is_none_is_not_told(metadata):
    assert media_in(metadata) == []


def test_what_is_told_is_one_line_and_bounded():
    [line] = media_in(whatsapp('image', filename='a\nb\x00]\x1b' + 'x' * 1000, id='7',
                               link='javascript:alert(1)'))
    assert line.startswith('[picture: a b ] xxx') and '\n' not in line and '\x00' not in line
    assert 'javascript' not in line and len(line) < 200
    many = {'attachments': [{'type': 'image', 'id': '%d' % (n,)} for n in range(1000)]}
    assert len(media_in(many)) == 10
    deep = {'image': {'id': '1'}}
    for _ in range(50):
        deep = {'a': deep}
    assert media_in(deep) == []


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([
        'type', 'image', 'url', 'attachments', 'payload', 'MediaUrl0', 'name', 'id', 'x']),
        inner | st.sampled_from(['image', 'https://x/y']), max_size=4), max_leaves=25))
def test_any_metadata_give_lines(metadata):
    lines = media_in(json.loads(json.dumps(metadata)))
    assert all(line.startswith('[') and '\n' not in line for line in lines)
