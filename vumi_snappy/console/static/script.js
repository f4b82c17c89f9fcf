// The console's script: what changes is fetched anew, and one box ticks all.  Everything else works
// without it.
(function () {
  'use strict';
  var EVERY = 5000;
  var live = document.querySelector('[data-live]');

  function refresh() {
    if (document.hidden) { return later(); }
    fetch(live.getAttribute('data-live'), {credentials: 'same-origin'}).then(function (answer) {
      if (answer.status === 401) { location.reload(); return null; }
      return answer.ok ? answer.text() : null;
    }).then(function (html) {
      live.classList.toggle('stale', html === null);
      // Whoever is on a link by keyboard stays there.
      if (html !== null && !live.contains(document.activeElement)) { live.innerHTML = html; }
    }, function () {
      live.classList.add('stale');
    }).then(later, later);
  }

  function later() { setTimeout(refresh, EVERY); }

  if (live) { later(); }

  document.addEventListener('change', function (event) {
    if (!event.target.hasAttribute('data-all')) { return; }
    event.target.form.querySelectorAll('input[name=item]').forEach(function (box) {
      box.checked = event.target.checked;
    });
  });
}());
