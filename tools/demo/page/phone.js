/* The customer's phone. */

import {$, clock, drawSamples, face, keepingEnd, make, setText, sync, toEnd} from './dom.js';
import {post, received, shown, unseen} from './state.js';

const TICKS = {
  sending: 'Sending…', sent: 'Sent', stored: 'Received', forwarded: 'With the help desk',
  parked: 'Put aside', failed: 'Not sent'
};
const area = $('phone-text');
const drafts = {};

export function drawPhone() {
  drawSamples($('phone-samples'), shown.state.samples.phone, one => {
    area.value = one.text;
    fit();
    area.focus();
  });
  sync($('people'), shown.state.customers, one => one.number, makePerson, (node, one) => {
    node.querySelector('input').checked = one.number === shown.customer;
    const news = unseen('phone', one.number, received(one.number));
    node.querySelector('.badge').hidden = !news;
    setText(node.querySelector('.badge'), String(news || ''));
  });
  setText($('number'), shown.customer);
  keepingEnd($('thread'), () => sync(
    $('thread'), shown.state.phones[shown.customer] || [], one => one.id, makeBubble,
    (node, one) => {
      node.dataset.state = one.state;
      setText(node.lastChild, clock(one.at) +
        (one.mine ? ' · ' + (TICKS[one.state] || one.state) : ''));
    }));
}

function makePerson(one) {
  const label = make('label');
  const radio = make('input');
  radio.type = 'radio';
  radio.name = 'customer';
  radio.value = one.number;
  radio.addEventListener('change', () => choose(one.number));
  label.append(radio, face(one), make('span', 'name', one.name), make('i', 'badge'));
  return label;
}

function makeBubble(one) {
  const node = make('div', 'bubble ' + (one.mine ? 'mine' : 'theirs'));
  const text = make('p', '', one.text);
  text.dir = 'auto';
  node.append(text, make('small'));
  return node;
}

function choose(number) {
  drafts[shown.customer] = area.value;
  shown.customer = number;
  $('thread').textContent = '';
  area.value = drafts[number] || '';
  fit();
  drawPhone();
  toEnd($('thread'));
}

/* The field grows with its text. */
function fit() {
  area.style.height = 'auto';
  area.style.height = Math.min(area.scrollHeight, 110) + 'px';
}

async function send(event) {
  event.preventDefault();
  const text = area.value;
  if (!text.trim()) { return; }
  area.value = '';
  fit();
  if (!await post('/api/phone', {from: shown.customer, text}) && !area.value) {
    area.value = text;
    fit();
  }
}

$('phone-form').addEventListener('submit', send);
area.addEventListener('input', fit);
area.addEventListener('keydown', event => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { send(event); }
});
