/* The page's frame: its head and foot, the tabs of a narrow screen, and drawing all of it. */

import {$, all, make, setCurrent, setText, sync, toEnd} from './dom.js';
import {drawDesk} from './desk.js';
import {drawPhone} from './phone.js';
import {follow, received, shown, unseen} from './state.js';
import {drawWay} from './way.js';

const narrow = window.matchMedia('(max-width: 899px)');

function drawFrame() {
  const parts = shown.state.parts;
  const down = parts.filter(part => !part.up);
  $('health').dataset.up = down.length ? 'no' : 'yes';
  setText($('health-text'), down.length ? down.map(part => part.name).join(', ') + ' stopped' :
    parts.length + ' parts running');
  setText($('desk-agent'), shown.state.agent && 'You are ' + shown.state.agent + ', an agent');
  sync($('parts'), parts, part => part.name, makePart, (node, part) => {
    node.dataset.up = part.up ? 'yes' : 'no';
  });
}

function makePart(part) {
  const node = make('li');
  const isPage = /^http/.test(part.where);
  const where = make(isPage ? 'a' : 'span', '', part.where.replace(/^https?:\/\//, ''));
  if (isPage) {
    where.href = part.where;
    where.target = '_blank';
    where.rel = 'noopener';
  }
  node.append(make('b', '', part.name), where);
  return node;
}

/* On a narrow screen one part is shown at a time; a dot tells of news in the others. */
function drawTabs() {
  const view = document.body.dataset.view;
  const {customers, tickets, journeys} = shown.state;
  if (!narrow.matches || view === 'phone') {
    shown.seen.phone[shown.customer] = received(shown.customer);
  }
  if (!narrow.matches || view === 'desk') {
    tickets.filter(one => one.nonce === shown.ticket)
      .forEach(one => { shown.seen.desk[one.nonce] = one.notes.length; });
  }
  const news = {
    phone: customers.some(one => unseen('phone', one.number, received(one.number))),
    desk: tickets.some(one => unseen('desk', one.nonce, one.notes.length)),
    way: journeys.some(one => one.state === 'moving')
  };
  all('.tabs button').forEach(button => {
    setCurrent(button, button.dataset.tab === view);
    button.querySelector('.badge').hidden = button.dataset.tab === view || !news[button.dataset.tab];
  });
}

function showLatest() {
  toEnd($('thread'));
  toEnd($('notes'));
}

function draw() {
  if (!shown.state) { return; }
  shown.customer = shown.customer || shown.state.customers[0].number;
  shown.ticket = shown.ticket || (shown.state.tickets[0] || {}).nonce;
  drawFrame();
  drawTabs();
  drawPhone();
  drawWay();
  drawDesk();
  document.body.dataset.ready = 'yes';
}

all('.tabs button').forEach(button => button.addEventListener('click', () => {
  document.body.dataset.view = button.dataset.tab;
  window.scrollTo(0, 0);
  draw();
  showLatest();
}));
window.addEventListener('resize', showLatest);
narrow.addEventListener('change', draw);
follow(draw, error => {
  $('health').dataset.up = 'no';
  setText($('health-text'), 'The demo does not answer');
  // A mistake of the page's own must not look like one of the server's.
  if (!(error instanceof TypeError && /fetch/i.test(error.message))) { console.error(error); }
});
