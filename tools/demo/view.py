"""What the demo's page shows, made of what the store, the phones and the help desk know.

Pure: `page_state` takes plain values and returns the JSON of /api/state, described there.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import hashlib
import json
from typing import Any, Dict, List, Text  # noqa: F401

import attr
from bs4 import BeautifulSoup

from tools.demo.samples import CUSTOMERS, DESK, PHONE

#: Journeys shown, newest first.
MOST_JOURNEYS = 30

#: The states of a message and of a reply in the store's words, in the order in which they are
#: reached, with the words of the page.
MESSAGE_STEPS = (('stored', 'Stored in Redis'), ('forwarded', ''))
REPLY_STEPS = (('reply stored', 'Stored in Redis'), ('published', 'Published on the bus'),
               ('acked', 'Sent by the transport'), ('delivered', 'Delivered'))
ANSWER_STEPS = (('answer stored', 'Stored in Redis'),) + REPLY_STEPS[1:]

#: What ends a journey badly, in the store's words.
BAD = {'parked': 'Put aside', 'failed': 'Not delivered', 'refused': 'Not sent'}


@attr.s(frozen=True, slots=True)
class Sent(object):
    """A message that a customer sent: `at` in seconds since the epoch, and whether it got as far
    as the transport (`taken`; None: not known yet)."""

    message_id = attr.ib()  # type: Text
    from_addr = attr.ib()  # type: Text
    content = attr.ib()  # type: Text
    at = attr.ib()  # type: float
    taken = attr.ib(default=None)  # type: Any


def page_state(sent, received, tickets, desk, parts, agent, unplugged=()):
    # type: (List[Sent], List[Any], List[Dict], List[Dict], List[Dict], Text, Any) -> Dict[Text, Any]  # noqa: E501
    """The page's state as a JSON-ready dict.

    `sent` are the customers' messages and `received` those that reached their phones
    (`tools.network.TextMessage`); `tickets` is `Store.recent_tickets`; `desk` the tickets at the
    help desk (`StandinClient.tickets`); `parts` what runs (`Stack.parts`); `agent` a
    name; `unplugged` the names of what was unplugged on the page.

    Answer: version, customers, samples, agent, parts, unplugged; phones {number: [id, mine, text,
    at, state]}; journeys [id, kind, number, text, steps, took, state]; tickets of the help desk.
    """
    journeys = _journeys(sent, tickets)
    state = {
        'customers': CUSTOMERS, 'samples': {'phone': PHONE, 'desk': DESK}, 'agent': agent,
        'parts': parts, 'unplugged': sorted(unplugged), 'phones': _phones(sent, received, tickets),
        'journeys': journeys[:MOST_JOURNEYS],
        'tickets': [_desk_ticket(one) for one in desk]}
    whole = json.dumps(state, sort_keys=True).encode('utf-8')
    return dict(state, version=hashlib.sha1(whole).hexdigest())


def _phones(sent, received, tickets):
    known = {message['id']: message['state'] for ticket in tickets
             for message in ticket['messages']}
    phones = {one['number']: [] for one in CUSTOMERS}  # type: Dict[Text, List]
    for one in sent:
        state = {None: 'sending', True: 'sent', False: 'failed'}[one.taken]
        inside = {'stored': 'stored', 'sending': 'stored'}
        if one.message_id in known:
            state = inside.get(known[one.message_id], known[one.message_id])
        phones.setdefault(one.from_addr, []).append({
            'id': one.message_id, 'mine': True, 'text': one.content, 'at': one.at,
            'state': state})
    for one in received:
        phones.setdefault(one.to_addr, []).append({
            'id': one.network_id, 'mine': False, 'text': one.content or '', 'at': one.at,
            'state': 'received'})
    for number in phones:
        phones[number].sort(key=lambda one: one['at'])
    return phones


def _journeys(sent, tickets):
    found = []
    stored = set()
    sent_at = {one.message_id: one.at for one in sent}
    for ticket in tickets:
        for message in ticket['messages']:
            stored.add(message['id'])
            last = 'Ticket opened' if message['number'] == 1 else 'Added to the ticket'
            steps = [('Sent by the phone', sent_at.get(message['id']))]
            found.append(_journey(
                'message', ticket, message, message['text'], steps,
                [(what, name or last) for what, name in MESSAGE_STEPS]))
        for reply in ticket['replies']:
            found.append(_journey(
                'reply', ticket, reply, _plain(reply['html']), [], REPLY_STEPS))
        for answer in ticket['answers']:
            found.append(_journey('answer', ticket, answer, answer['text'], [], ANSWER_STEPS))
    for one in sent:
        if one.message_id not in stored:
            found.append(_not_stored(one))
    return sorted(found, key=lambda one: one['at'], reverse=True)


def _journey(kind, ticket, entry, text, steps, wanted):
    """The journey of one message, reply or answer of the worker's own; `wanted` are the store's
    states and the page's words for them, in the order in which they are reached."""
    past = [event for event in ticket['history'] if event.get(kind) == entry['number']]
    first = {event['what']: event for event in reversed(past)}
    steps = [_done(name, at) for name, at in steps if at]
    # What kind of answer was stored, the title tells.
    steps += [_done(name, first[what]['at'], first[what]['detail'] if kind != 'answer' else '')
              for what, name in wanted if what in first]
    state = 'done'
    if entry['state'] in BAD:
        last = [event for event in past if event['what'] in BAD][-1:]
        steps += [dict(_done(BAD[entry['state']], event['at'], event['detail']), bad=True)
                  for event in last]
        state = 'bad'
    else:
        reached = max([n for n, (what, _) in enumerate(wanted) if what in first] or [-1])
        ahead = [{'name': name, 'at': None, 'done': False} for _, name in wanted[reached + 1:]]
        if ahead:
            state = 'moving'
            if past and past[-1]['what'] == 'trying again':
                ahead[0]['detail'] = 'trying again: %s' % (past[-1]['detail'],)
        steps += ahead
    return _timed({
        'id': '%s %s %s' % (ticket['ticket'], kind, entry['number']), 'kind': kind,
        'number': ticket['from_addr'], 'text': text, 'steps': steps, 'state': state})


def _done(name, at, detail=''):
    return {'name': name, 'at': at, 'done': True, 'detail': detail}


def _not_stored(one):
    steps = [_done('Sent by the phone', one.at)]
    if one.taken is False:
        steps.append(dict(_done('Not taken by the transport', None), bad=True))
    else:
        steps += [{'name': name, 'at': None, 'done': False}
                  for name in ('Stored in Redis', 'With the help desk')]
    return _timed({
        'id': one.message_id, 'kind': 'message', 'number': one.from_addr, 'text': one.content,
        'steps': steps, 'state': 'bad' if one.taken is False else 'moving'})


def _timed(journey):
    """Add `at`, `took` and for each step the seconds `after` the first one."""
    times = [step['at'] for step in journey['steps'] if step['at']]
    start = times[0] if times else 0.0
    for step in journey['steps']:
        step.setdefault('detail', '')
        step.setdefault('bad', False)
        step['after'] = None if step['at'] is None else round(max(0.0, step['at'] - start), 3)
    return dict(journey, at=start,
                took=round(max(times) - start, 3) if journey['state'] == 'done' else None)


def _desk_ticket(ticket):
    """A ticket of the help desk, notes oldest first."""
    contact = ticket['contacts'][0]
    notes = []
    for note in sorted(ticket['notes'], key=lambda each: each['id']):
        by_staff = note['created_by_staff_id'] is not None
        notes.append({
            'id': note['id'], 'by': 'staff' if by_staff else 'customer', 'at': note['created_at'],
            'author': _name(note['creator']), 'private': note['scope'] == 'private',
            'content': note['content'],
            'plain': _plain(note['content']) if by_staff else note['content']})
    return {
        'nonce': ticket['nonce'], 'number': contact['first_name'],
        'subject': ticket['default_subject'], 'contact': contact['value'],
        'status': ticket['status'], 'at': max([ticket['last_reply_at']]
                                              + [note['at'] for note in notes]),
        'notes': notes}


def _name(person):
    return ('%s %s' % (person['first_name'], person['last_name'])).strip()


def _plain(html):
    # type: (Text) -> Text
    """A line of text for a list, of a note's HTML."""
    return ' '.join(BeautifulSoup(html, 'html.parser').get_text(' ').split())
