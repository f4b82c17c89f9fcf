/* On the way: what became of each message and reply, and the plugs. */

import {$, all, clock, face, make, setText, sync, took} from './dom.js';
import {person, post, shown} from './state.js';

export function drawWay() {
  const journeys = shown.state.journeys;
  $('way-empty').hidden = journeys.length > 0;
  $('journeys').hidden = !journeys.length;
  sync($('journeys'), journeys, one => one.id, makeJourney, drawJourney);
  all('#plugs button').forEach(button => button.setAttribute(
    'aria-checked', String(!shown.state.unplugged.includes(button.dataset.part))));
}

function makeJourney(one) {
  const who = person(one.number);
  const node = make('li', 'journey');
  const head = make('div', 'head');
  const title = {
    message: who.name + ' to the help desk', reply: 'The help desk to ' + who.name,
    answer: 'Auto reply to ' + who.name}[one.kind];
  head.append(face(who), make('span', 'title', title), make('span', 'total'));
  const text = make('p', 'excerpt');
  text.dir = 'auto';
  node.append(head, text, make('ol', 'steps'));
  return node;
}

function drawJourney(node, one) {
  node.dataset.kind = one.kind;
  node.dataset.state = one.state;
  setText(node.querySelector('.excerpt'), one.text);
  setText(node.querySelector('.total'), one.took === null ? '' : took(one.took));
  sync(node.querySelector('.steps'), one.steps, step => step.name, step => {
    const line = make('li');
    line.append(make('span', 'what', step.name), make('span', 'when'), make('span', 'detail'));
    return line;
  }, (line, step) => {
    line.dataset.done = step.done ? 'yes' : 'no';
    line.dataset.bad = step.bad ? 'yes' : 'no';
    setText(line.querySelector('.when'), step.after === null ? '' :
      step.after === 0 ? clock(step.at) : '+' + took(step.after));
    setText(line.querySelector('.detail'), step.detail);
  });
}

all('#plugs button').forEach(button => button.addEventListener('click', async () => {
  const plugged = button.getAttribute('aria-checked') === 'true';
  button.disabled = true;
  await post('/api/plug', {part: button.dataset.part, plugged: !plugged});
  button.disabled = false;
}));
