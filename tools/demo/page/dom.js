/* Small tools for drawing.  Texts of people are only ever set as text; the HTML of staff notes
   passes through `cleaned`, which keeps a few harmless tags. */

export const $ = id => document.getElementById(id);
export const all = selector => Array.from(document.querySelectorAll(selector));

export function make(tag, name, text) {
  const node = document.createElement(tag);
  if (name) { node.className = name; }
  if (text !== undefined) { node.textContent = text; }
  return node;
}

export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', '#i-' + name);
  svg.append(use);
  return svg;
}

export function face(person) {
  const node = make('span', 'face', person.initial);
  node.dataset.tone = person.tone;
  node.setAttribute('aria-hidden', 'true');
  return node;
}

export function setText(node, text) {
  if (node.textContent !== text) { node.textContent = text; }
}

/* Mark `node` as the current one of its kind, or not. */
export function setCurrent(node, current) {
  if (current) { node.setAttribute('aria-current', 'true'); } else {
    node.removeAttribute('aria-current');
  }
}

/* Make `parent`'s children those of `items`, keeping the ones that are there, so that neither
   focus nor scroll position nor a running transition is lost. */
export function sync(parent, items, keyOf, create, update) {
  const old = new Map(Array.from(parent.children, child => [child.dataset.key, child]));
  items.forEach((item, place) => {
    const key = String(keyOf(item));
    let node = old.get(key);
    old.delete(key);
    if (!node) {
      node = create(item);
      node.dataset.key = key;
    }
    if (update) { update(node, item); }
    if (parent.children[place] !== node) {
      parent.insertBefore(node, parent.children[place] || null);
    }
  });
  old.forEach(node => node.remove());
}

/* Run `change` and stay at the end of `box` if that is where the reader was. */
export function keepingEnd(box, change) {
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  change();
  if (atEnd) { toEnd(box); }
}

export function toEnd(box) { box.scrollTop = box.scrollHeight; }

/* Buttons that each do `take` with a sample. */
export function drawSamples(box, samples, take) {
  sync(box, samples, one => one.label, one => {
    const button = make('button', '', one.label);
    button.type = 'button';
    button.lang = one.lang;
    button.addEventListener('click', () => take(one));
    return button;
  });
}

export function clock(at) {
  return new Date(at * 1000).toLocaleTimeString([], {
    hour: '2-digit', minute: '2-digit', hourCycle: 'h23'
  });
}

export function took(seconds) {
  if (seconds < 1) { return Math.round(Math.max(seconds, 0) * 1000) + ' ms'; }
  if (seconds < 100) { return seconds.toFixed(1) + ' s'; }
  return Math.round(seconds / 60) + ' min';
}

export function toast(text) {
  $('toast').hidden = !text;
  setText($('toast'), text);
  window.clearTimeout(toast.timer);
  if (text) { toast.timer = window.setTimeout(() => toast(''), 6000); }
}

/* HTML of a staff note: these tags and nothing else; links only to http and https. */
const KEPT = new Set(['P', 'BR', 'B', 'STRONG', 'I', 'EM', 'U', 'UL', 'OL', 'LI', 'A', 'DIV',
  'BLOCKQUOTE']);
const DROPPED = new Set(['SCRIPT', 'STYLE', 'TITLE', 'TEMPLATE', 'IFRAME', 'OBJECT']);

export function copyInto(target, source) {
  source.childNodes.forEach(node => {
    if (node.nodeType === Node.TEXT_NODE) {
      target.append(node.nodeValue);
    } else if (node.nodeType === Node.ELEMENT_NODE && !DROPPED.has(node.tagName)) {
      let into = target;
      if (KEPT.has(node.tagName)) {
        into = make(node.tagName);
        const address = node.getAttribute('href') || '';
        if (node.tagName === 'A' && /^https?:\/\//i.test(address)) {
          into.href = address;
          into.rel = 'noopener noreferrer';
          into.target = '_blank';
        }
        target.append(into);
      }
      copyInto(into, node);
    }
  });
}

export function cleaned(html) {
  const whole = document.createDocumentFragment();
  copyInto(whole, new DOMParser().parseFromString(html, 'text/html').body);
  return whole;
}
