"""What the driver of HTTP sends, and when it takes an answer for whole."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest

from benchmarks.processes.http_load import answered, requests_of


def test_a_request_carries_the_length_of_its_body_in_bytes():
    made, = requests_of(80, {'path': '/x', 'headers': {'A': 'b'}, 'bodies': ['\xe9']})
    assert made == (b'POST /x HTTP/1.1\r\nHost: 127.0.0.1:80\r\nA: b\r\n'
                    b'Content-Length: 2\r\n\r\n\xc3\xa9')


@pytest.mark.parametrize('data,status', [
    (b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK', 200),
    (b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nO', 0),
    (b'HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n', 503),
    (b'HTTP/1.1 200 OK\r\nContent-Le', 0),
    (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n', 0),
    (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\n\r\n', 200)])
def test_an_answer_counts_when_it_is_whole(data, status):
    assert answered(data) == status


def test_an_answer_of_unknown_length_is_an_error():
    with pytest.raises(ValueError):
        answered(b'HTTP/1.0 200 OK\r\n\r\n')
