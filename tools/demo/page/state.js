/* What the page knows: the server's state (see tools/demo/view.py for its shape), what is shown of
   it, and what was seen of it. */

import {toast} from './dom.js';

export const shown = {
  state: null,      // the last answer of /api/state
  customer: null,   // the number whose phone is shown
  ticket: null,     // the nonce of the ticket that is shown
  seen: {phone: {}, desk: {}}
};

export function person(number) {
  return shown.state.customers.find(one => one.number === number) ||
    {number, name: number, initial: '?', tone: 0};
}

export function received(number) {
  return (shown.state.phones[number] || []).filter(one => !one.mine).length;
}

/* How many of `count` things at `where` (phone or desk) were not seen yet. */
export function unseen(where, key, count) {
  return Math.max(0, count - (shown.seen[where][key] || 0));
}

/* Post `body`; where that fails, say why and fire with false. */
export async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: 'POST', credentials: 'omit', cache: 'no-store',
      headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)
    });
    if (answer.ok) { return true; }
    const said = await answer.json().catch(() => ({}));
    toast(said.error || 'The demo answered with ' + answer.status + '.');
  } catch (error) {
    toast('The demo does not answer.');
  }
  return false;
}

/* Call `onNews` whenever the state has changed, and `onTrouble` while it can't be had. */
export async function follow(onNews, onTrouble) {
  for (;;) {
    const since = shown.state ? '?since=' + encodeURIComponent(shown.state.version) : '';
    try {
      const answer = await fetch('/api/state' + since, {credentials: 'omit', cache: 'no-store'});
      if (!answer.ok) { throw new Error(String(answer.status)); }
      if (answer.status !== 204) { shown.state = await answer.json(); }
      onNews();
    } catch (error) {
      onTrouble(error);
      await new Promise(go => window.setTimeout(go, 1000));
    }
  }
}
