// The agent's page: shows the stand-in's tickets and replies to them, by the API under /_standin/.
import { $, element, show } from './dom.js';
import { asHtml, clock, fullName, hue, initials, readable } from './words.js';

const EVERY = 1000; // milliseconds between two updates
const MOST = 200; // tickets in the list
const desk = { chosen: null, ticket: null, tickets: [], waitingOnly: false };
const unsent = new Map(); // drafts by ticket: none must reach another person

async function call(path, body) {
  const response = await fetch(`_standin/${path}`, body === undefined ? {} : {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
  });
  const value = await response.json();
  if (!response.ok) throw new Error(value.error || response.status);
  return value;
}

function face(name) {
  const made = element('span', 'face', initials(name));
  made.style.setProperty('--hue', hue(name));
  made.setAttribute('aria-hidden', 'true');
  return made;
}

function ticketItem({ ticket, chosen }) {
  const name = fullName(ticket.contacts[0]) || ticket.contacts[0].value;
  const summary = element('span', 'summary', ticket.summary);
  summary.dir = 'auto';
  const button = element('button', 'ticket', face(name), element('strong', '', name),
    element('time', '', clock(ticket.last_reply_at)), summary,
    element('span', `status ${ticket.status}`, ticket.status));
  button.type = 'button';
  if (chosen) button.setAttribute('aria-current', 'true');
  button.onclick = () => choose(ticket.nonce);
  return element('li', '', button);
}

function noteItem(note) {
  const staff = note.created_by_staff_id !== null;
  const by = element('div', 'by', element('b', '', note.creator ? fullName(note.creator) : ''));
  if (note.scope === 'private') by.append(element('span', '', 'private note'));
  by.append(element('time', '', clock(note.created_at)));
  const text = element('div', 'words', readable(note));
  text.dir = 'auto';
  return element('li', `${staff ? 'staff' : ''} ${note.scope}`, by, text);
}

function tagItem(tag) {
  const remove = element('button', '', '×');
  remove.type = 'button';
  remove.setAttribute('aria-label', `Remove the tag ${tag}`);
  remove.onclick = () => setTags(desk.ticket.tags.filter(one => one !== tag));
  return element('li', '', tag, remove);
}

function drawList() {
  const waiting = desk.tickets.filter(one => one.status === 'waiting');
  const shown = desk.waitingOnly ? waiting : desk.tickets;
  $('waiting').textContent = waiting.length;
  $('all').textContent = desk.tickets.length;
  $('show-waiting').setAttribute('aria-pressed', desk.waitingOnly);
  $('show-all').setAttribute('aria-pressed', !desk.waitingOnly);
  $('nothing').textContent = shown.length ? ''
    : desk.tickets.length ? 'No tickets are waiting.' : 'No tickets yet. POST /note opens one.';
  show($('tickets'), shown.map(ticket => ({ ticket, chosen: ticket.nonce === desk.chosen })),
    one => one.ticket.nonce, ticketItem);
}

function drawTicket() {
  const ticket = desk.ticket;
  for (const id of ['answer', 'tag', 'status']) $(id).hidden = !ticket;
  if (!ticket) {
    $('subject').textContent = 'No ticket selected';
    $('who').textContent = '';
    $('notes').replaceChildren();
    return;
  }
  const person = ticket.contacts[0];
  $('subject').textContent = ticket.default_subject || 'No subject';
  $('who').textContent = [fullName(person), person.value].filter(Boolean).join(' · ');
  $('status').textContent = ticket.status;
  $('status').className = `status ${ticket.status}`;
  show($('tags'), ticket.tags, tag => tag, tagItem);
  const notes = $('notes');
  const atEnd = notes.scrollHeight - notes.scrollTop - notes.clientHeight < 40;
  const before = notes.lastElementChild?.dataset.key;
  show(notes, ticket.notes.slice().reverse(), note => note.id, noteItem);
  if (atEnd && notes.lastElementChild?.dataset.key !== before) notes.scrollTop = notes.scrollHeight;
}

function drawHook(hook) {
  const place = hook?.url ? new URL(hook.url).host : '';
  $('hook').textContent = !hook ? 'The stand-in does not respond'
    : !place ? 'No webhook is set: replies are not delivered'
      : hook.under_way ? `Delivering to ${place}: ${hook.under_way} under way` : `Replies go to ${place}`;
  $('hook').className = place ? 'pill' : 'pill off';
}

async function refresh() {
  try {
    const { tickets } = await call(`tickets?notes=0&limit=${MOST}`);
    desk.tickets = tickets;
    if (!tickets.some(one => one.nonce === desk.chosen)) select(tickets[0]?.nonce ?? null);
    const chosen = desk.chosen;
    const ticket = chosen === null ? null : (await call(`tickets/${chosen}`)).ticket;
    if (chosen !== desk.chosen) return; // another one was selected meanwhile
    desk.ticket = ticket;
    drawList();
    drawTicket();
    drawHook(await call('hook'));
  } catch (problem) {
    drawHook(null);
  }
}

function select(nonce) {
  unsent.set(desk.chosen, $('content').value);
  desk.chosen = nonce;
  $('content').value = unsent.get(nonce) ?? '';
  $('trouble').textContent = '';
  $('notes').replaceChildren();
}

function choose(nonce) {
  select(nonce);
  drawList();
  refresh();
}

async function run(work) {
  $('trouble').textContent = '';
  try {
    await work();
    await refresh();
  } catch (problem) {
    $('trouble').textContent = `Failed: ${problem.message}`;
  }
}

const setTags = tags => run(() => call(`tickets/${desk.chosen}/tags`, { tags }));

$('answer').onsubmit = event => {
  event.preventDefault();
  if (!$('content').value.trim()) return;
  $('send').disabled = true;
  const nonce = desk.chosen;
  run(async () => {
    await call(`tickets/${nonce}/reply`, {
      content: asHtml($('content').value), scope: $('answer').elements.scope.value });
    unsent.delete(nonce);
    if (desk.chosen === nonce) $('content').value = '';
  }).finally(() => { $('send').disabled = false; });
};

$('answer').onchange = () => {
  const hidden = $('answer').elements.scope.value === 'private';
  $('answer').classList.toggle('private', hidden);
  $('send').textContent = hidden ? 'Add note' : 'Send reply';
  $('content-label').textContent = hidden ? 'Your note to the team' : 'Your reply to the customer';
};

$('content').onkeydown = event => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) $('answer').requestSubmit();
};

$('tag').onsubmit = event => {
  event.preventDefault();
  const tag = $('new-tag').value.trim();
  $('new-tag').value = '';
  if (tag) setTags([...desk.ticket.tags, tag]);
};

$('show-waiting').onclick = () => { desk.waitingOnly = true; drawList(); };
$('show-all').onclick = () => { desk.waitingOnly = false; drawList(); };

setInterval(() => document.hidden || refresh(), EVERY);
refresh();
