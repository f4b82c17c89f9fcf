// Making elements and keeping lists of them.

export const $ = id => document.getElementById(id);

export function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

// Shows `items` in `list`, one element each, made anew only where its item has changed: so what
// is focused, selected or scrolled to stays so.
export function show(list, items, keyOf, make) {
  const old = new Map(Array.from(list.children, child => [child.dataset.key, child]));
  items.forEach((item, place) => {
    const key = String(keyOf(item));
    const looks = JSON.stringify(item);
    let child = old.get(key);
    old.delete(key);
    if (!child || child.dataset.looks !== looks) {
      const made = make(item);
      made.dataset.key = key;
      made.dataset.looks = looks;
      if (child) {
        const focused = child.contains(document.activeElement);
        child.replaceWith(made);
        if (focused) made.querySelector('button')?.focus();
      }
      child = made;
    }
    if (list.children[place] !== child) list.insertBefore(child, list.children[place] ?? null);
  });
  old.forEach(child => child.remove());
}
