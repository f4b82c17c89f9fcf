// Texts, times and HTML, as a person reads and writes them.  No state, no page.

// A customer's words are text; an agent's are HTML, shown as the text that a reader sees.
export function readable(note) {
  if (note.created_by_staff_id === null) return note.content;
  const page = new DOMParser().parseFromString(note.content.trim(), 'text/html');
  const walker = document.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    walker.currentNode.data = walker.currentNode.data.replace(/[ \t\r\n]+/g, ' ');
  }
  page.querySelectorAll('br').forEach(one => one.replaceWith('\n'));
  page.querySelectorAll('li').forEach(one => one.prepend('• '));
  page.querySelectorAll('p, div, li, ul, ol, blockquote').forEach(one => one.append('\n'));
  page.querySelectorAll('a[href]').forEach(one => {
    const target = one.getAttribute('href');
    if (!one.textContent.includes(target)) one.append(` (${target})`);
  });
  return page.body.textContent.replace(/ *\n */g, '\n').trim();
}

// What the agent typed, as the HTML that Snappy's editor would make of it.
export function asHtml(text) {
  const escaped = text.trim().replace(/[&<>]/g, sign => (
    { '&': '&amp;', '<': '&lt;', '>': '&gt;' }[sign]));
  return escaped.split(/\n\s*\n/).map(
    paragraph => `<p>${paragraph.replace(/\n/g, '<br>\n')}</p>`).join('\n') + '\n';
}

export function fullName(person) {
  return `${person.first_name} ${person.last_name}`.trim();
}

export function initials(name) {
  const letters = name.split(/\s+/).map(part => part.match(/\p{L}/u)?.[0] ?? '').join('');
  return letters ? letters.slice(0, 2).toUpperCase() : name.replace(/\D/g, '').slice(-2);
}

export function hue(text) {
  return Array.from(text).reduce((sum, sign) => (sum * 31 + sign.codePointAt(0)) % 360, 7);
}

export function clock(seconds) {
  const at = new Date(seconds * 1000);
  const time = at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const today = at.toDateString() === new Date().toDateString();
  return today ? time
    : `${at.toLocaleDateString([], { day: 'numeric', month: 'short' })} ${time}`;
}
