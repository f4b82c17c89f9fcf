/* The help desk: tickets, notes, and the agent's editor. */

import {
  $, all, cleaned, clock, copyInto, drawSamples, face, icon, keepingEnd, make, setCurrent, setText,
  sync, toEnd
} from './dom.js';
import {person, post, shown, unseen} from './state.js';

const editor = $('desk-text');

export function drawDesk() {
  const tickets = shown.state.tickets;
  drawSamples($('desk-samples'), shown.state.samples.desk, one => {
    editor.replaceChildren(cleaned(one.html));
    editor.focus();
    window.getSelection().selectAllChildren(editor);
    window.getSelection().collapseToEnd();
  });
  $('desk-empty').hidden = tickets.length > 0;
  $('tickets').hidden = !tickets.length;
  sync($('tickets'), tickets, one => one.nonce, makeTicket, drawTicket);
  drawNotes(tickets.find(one => one.nonce === shown.ticket));
}

function makeTicket(one) {
  const node = make('li');
  const button = make('button');
  const words = make('span', 'words');
  const last = make('span', 'last');
  const side = make('span', 'side');
  button.type = 'button';
  last.dir = 'auto';
  words.append(make('span', 'subject', one.number || one.subject), last);
  side.append(make('time'), make('span', 'pill'));
  button.append(face(person(one.number)), words, side);
  button.addEventListener('click', () => open(one.nonce));
  node.append(button);
  return node;
}

function drawTicket(node, one) {
  const last = one.notes[one.notes.length - 1];
  const news = one.nonce !== shown.ticket && unseen('desk', one.nonce, one.notes.length);
  setCurrent(node.firstChild, one.nonce === shown.ticket);
  node.dataset.news = news ? 'yes' : 'no';
  setText(node.querySelector('.last'), last ? last.plain : '');
  setText(node.querySelector('time'), clock(one.at));
  setText(node.querySelector('.pill'), one.status);
  node.querySelector('.pill').dataset.status = one.status;
}

function open(nonce) {
  if (shown.ticket !== nonce) {
    shown.ticket = nonce;
    $('notes').textContent = '';
  }
  drawDesk();
  toEnd($('notes'));
}

function drawNotes(ticket) {
  const fresh = $('ticket').hidden;
  $('ticket').hidden = !ticket;
  if (!ticket) { return; }
  setText($('ticket-subject'), ticket.subject);
  setText($('ticket-contact'), ticket.contact);
  keepingEnd($('notes'), () => sync($('notes'), ticket.notes, one => one.id, makeNote));
  if (fresh) { toEnd($('notes')); }
}

function makeNote(one) {
  const node = make('li', 'note ' + one.by + (one.private ? ' private' : ''));
  const by = make('p', 'by');
  const body = make('div', 'body');
  if (one.private) { by.append(icon('lock')); }
  by.append(make('b', '', one.author), make('time', '', clock(one.at)));
  if (one.private) { by.append(make('em', '', 'private, stays here')); }
  body.dir = 'auto';
  body.append(one.by === 'staff' ? cleaned(one.content) : one.content);
  node.append(by, body);
  return node;
}

function isPrivate() {
  return document.querySelector('input[name=kind]:checked').value === 'private';
}

function drawKind() {
  $('desk-form').dataset.kind = isPrivate() ? 'private' : 'reply';
  setText($('desk-send'), isPrivate() ? 'Add private note' : 'Send reply');
  setText($('desk-hint'), isPrivate() ? 'Never sent out' : 'Sent as plain text');
}

async function send(event) {
  event.preventDefault();
  const box = make('div');
  copyInto(box, editor);
  if (!box.textContent.trim() || !shown.ticket) { return; }
  editor.textContent = '';
  const sent = await post('/api/desk', {
    ticket: shown.ticket, html: box.innerHTML, private: isPrivate()
  });
  if (!sent && !editor.textContent) { editor.append(...box.childNodes); }
}

const FORMATS = {
  bold: () => document.execCommand('bold'),
  list: () => document.execCommand('insertUnorderedList'),
  link: () => {
    const address = window.prompt('Address of the link', 'https://');
    if (!address || !/^https?:\/\/./i.test(address)) { return; }
    if (window.getSelection().isCollapsed) {
      document.execCommand('insertText', false, address);
    } else { document.execCommand('createLink', false, address); }
  }
};

$('desk-form').addEventListener('submit', send);
$('desk-form').addEventListener('change', drawKind);
editor.addEventListener('keydown', event => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { send(event); }
});
editor.addEventListener('paste', event => {
  event.preventDefault();
  document.execCommand('insertText', false, event.clipboardData.getData('text/plain'));
});
all('.format button').forEach(button => {
  // The editor keeps its selection.
  button.addEventListener('mousedown', event => event.preventDefault());
  button.addEventListener('click', () => {
    editor.focus();
    FORMATS[button.dataset.do]();
  });
});
drawKind();
