'use strict';
// Shows the tickets of the stand-in and sends an agent's answers, by the API under /_standin/.
const $ = (id) => document.getElementById(id);
let chosen = null;
let shown = '';

async function ask(path, body) {
  const answer = await fetch('/_standin/' + path, body === undefined ? {} : {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
  });
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.error || answer.status);
  return value;
}

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

// A customer's words are text; an agent's are HTML, shown as the text that a reader sees.
function words(note) {
  if (note.created_by_staff_id === null) return note.content;
  return new DOMParser().parseFromString(note.content, 'text/html').body.textContent.trim();
}

function draw(tickets) {
  const list = $('tickets');
  list.replaceChildren();
  for (const ticket of tickets) {
    const button = document.createElement('button');
    button.append(element('strong', ticket.default_subject),
      element('small', ticket.status + ' · ' + ticket.summary.slice(0, 60)));
    if (ticket.nonce === chosen) button.setAttribute('aria-current', 'true');
    button.onclick = () => { chosen = ticket.nonce; shown = ''; refresh(); };
    const item = document.createElement('li');
    item.append(button);
    list.append(item);
  }
  const ticket = tickets.find((each) => each.nonce === chosen);
  $('answer').hidden = !ticket;
  if (!ticket) return;
  $('subject').textContent = ticket.default_subject;
  $('notes').replaceChildren(...ticket.notes.slice().reverse().map((note) => {
    const item = element('li', words(note), (note.created_by_staff_id === null ? '' : 'staff ')
      + note.scope);
    const who = note.creator ? note.creator.first_name : '';
    item.append(element('small', who + (note.scope === 'private' ? ' · private' : '')));
    return item;
  }));
}

async function refresh() {
  try {
    const { tickets } = await ask('tickets');
    if (!chosen && tickets.length) chosen = tickets[0].nonce;
    const now = JSON.stringify([tickets, chosen]);
    if (now !== shown) { shown = now; draw(tickets); }
    const hook = await ask('hook');
    $('hook').textContent = hook.url ? '' : 'No webhook is set: answers go nowhere.';
  } catch (problem) {
    $('hook').textContent = 'The stand-in does not answer.';
  }
}

$('answer').onsubmit = async (event) => {
  event.preventDefault();
  $('trouble').textContent = '';
  try {
    await ask('tickets/' + chosen + '/reply', {
      content: $('content').value, scope: $('private').checked ? 'private' : 'public' });
    $('content').value = '';
    await refresh();
  } catch (problem) {
    $('trouble').textContent = 'It was not sent: ' + problem.message;
  }
};

refresh();
setInterval(refresh, 1000);
