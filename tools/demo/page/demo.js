/* The demo's page: polls /api/state (see tools/demo/view.py for its shape), draws it, posts what
   the customer and the agent write.  Texts of people are only ever set as text; the HTML of staff
   notes passes through `cleaned`, which keeps a few harmless tags. */
(function () {
  'use strict';

  var $ = function (id) { return document.getElementById(id); };
  var state = null;          // the last answer of /api/state
  var customer = null;       // the number whose phone is shown
  var open = null;           // the nonce of the ticket that is shown
  var drafts = {};           // what was begun on each phone
  var seen = {phone: {}, desk: {}};
  var narrow = window.matchMedia('(max-width: 899px)');

  /* Small tools */

  function make(tag, name, text) {
    var node = document.createElement(tag);
    if (name) { node.className = name; }
    if (text !== undefined) { node.textContent = text; }
    return node;
  }

  function icon(name) {
    var svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    var use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
    svg.setAttribute('aria-hidden', 'true');
    use.setAttribute('href', '#i-' + name);
    svg.appendChild(use);
    return svg;
  }

  function setText(node, text) {
    if (node.textContent !== text) { node.textContent = text; }
  }

  /* Make `parent`'s children those of `items`, keeping the ones that are there, so that neither
     focus nor scroll position nor a running transition is lost. */
  function sync(parent, items, keyOf, create, update) {
    var old = {};
    Array.prototype.slice.call(parent.children).forEach(function (child) {
      old[child.dataset.key] = child;
    });
    items.forEach(function (item, place) {
      var key = String(keyOf(item));
      var node = old[key];
      if (node) { delete old[key]; } else {
        node = create(item);
        node.dataset.key = key;
      }
      update(node, item);
      if (parent.children[place] !== node) {
        parent.insertBefore(node, parent.children[place] || null);
      }
    });
    Object.keys(old).forEach(function (key) { old[key].remove(); });
  }

  /* Run `change` and stay at the end of `box` if that is where the reader was. */
  function keepingEnd(box, change) {
    var atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
    change();
    if (atEnd) { box.scrollTop = box.scrollHeight; }
  }

  function clock(at) {
    return new Date(at * 1000).toLocaleTimeString([], {
      hour: '2-digit', minute: '2-digit', hourCycle: 'h23'
    });
  }

  function took(seconds) {
    if (seconds < 0) { seconds = 0; }
    if (seconds < 1) { return Math.round(seconds * 1000) + ' ms'; }
    if (seconds < 100) { return seconds.toFixed(1) + ' s'; }
    return Math.round(seconds / 60) + ' min';
  }

  /* HTML of a staff note: these tags and nothing else; links only to http and https. */
  var KEPT = {P: 1, BR: 1, B: 1, STRONG: 1, I: 1, EM: 1, U: 1, UL: 1, OL: 1, LI: 1, A: 1,
              BLOCKQUOTE: 1, DIV: 1};
  var DROPPED = {SCRIPT: 1, STYLE: 1, TITLE: 1, TEMPLATE: 1, IFRAME: 1, OBJECT: 1};

  function copyInto(target, source) {
    Array.prototype.slice.call(source.childNodes).forEach(function (node) {
      if (node.nodeType === 3) {
        target.appendChild(document.createTextNode(node.nodeValue));
      } else if (node.nodeType === 1 && !DROPPED[node.tagName]) {
        var into = target;
        if (KEPT[node.tagName]) {
          into = document.createElement(node.tagName);
          if (node.tagName === 'A' && /^https?:\/\//i.test(node.getAttribute('href') || '')) {
            into.setAttribute('href', node.getAttribute('href'));
            into.setAttribute('rel', 'noopener noreferrer');
            into.setAttribute('target', '_blank');
          }
          target.appendChild(into);
        }
        copyInto(into, node);
      }
    });
  }

  function cleaned(html) {
    var whole = document.createDocumentFragment();
    copyInto(whole, new DOMParser().parseFromString(html, 'text/html').body);
    return whole;
  }

  function toast(text) {
    var box = $('toast');
    box.hidden = !text;
    setText(box, text);
    window.clearTimeout(toast.timer);
    if (text) { toast.timer = window.setTimeout(function () { toast(''); }, 6000); }
  }

  function post(path, body) {
    return fetch(path, {
      method: 'POST', credentials: 'omit', cache: 'no-store',
      headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)
    }).then(function (answer) {
      if (answer.ok) { return; }
      return answer.json().catch(function () { return {}; }).then(function (said) {
        throw new Error(said.error || 'The demo answered with ' + answer.status + '.');
      });
    });
  }

  function person(number) {
    return state.customers.filter(function (one) { return one.number === number; })[0] ||
      {number: number, name: number, initial: '?', tone: 0};
  }

  function face(one) {
    var node = make('span', 'face', one.initial);
    node.dataset.tone = one.tone;
    node.setAttribute('aria-hidden', 'true');
    return node;
  }

  /* The phone */

  var TICKS = {
    sending: 'Sending…', sent: 'Sent', stored: 'Received', forwarded: 'With the help desk',
    parked: 'Put aside', failed: 'Not sent'
  };

  function drawPeople() {
    sync($('people'), [{legend: true}].concat(state.customers),
      function (one) { return one.legend ? 'legend' : one.number; },
      function (one) {
        if (one.legend) { return make('legend', 'quiet', 'Whose phone'); }
        var label = make('label');
        var radio = make('input');
        radio.type = 'radio';
        radio.name = 'customer';
        radio.value = one.number;
        radio.addEventListener('change', function () { choose(one.number); });
        label.appendChild(radio);
        label.appendChild(face(one));
        label.appendChild(make('span', 'name', one.name));
        label.appendChild(make('i', 'badge'));
        return label;
      },
      function (node, one) {
        if (one.legend) { return; }
        node.querySelector('input').checked = one.number === customer;
        var news = unread('phone', one.number, received(one.number));
        node.querySelector('.badge').hidden = !news;
        node.querySelector('.badge').textContent = news ? news : '';
      });
    var legend = $('people').querySelector('legend:not([data-key])');
    if (legend) { legend.remove(); }
  }

  function received(number) {
    return (state.phones[number] || []).filter(function (one) { return !one.mine; }).length;
  }

  function unread(where, key, count) { return Math.max(0, count - (seen[where][key] || 0)); }

  function drawThread() {
    var box = $('thread');
    setText($('number'), customer);
    keepingEnd(box, function () {
      sync(box, state.phones[customer] || [],
        function (one) { return one.id; },
        function (one) {
          var node = make('div', 'bubble ' + (one.mine ? 'mine' : 'theirs'));
          var text = make('p');
          text.dir = 'auto';
          text.textContent = one.text;
          node.appendChild(text);
          node.appendChild(make('small'));
          return node;
        },
        function (node, one) {
          node.dataset.state = one.state;
          setText(node.lastChild, clock(one.at) +
            (one.mine ? ' · ' + (TICKS[one.state] || one.state) : ''));
        });
    });
  }

  function choose(number) {
    if (customer) { drafts[customer] = $('phone-text').value; }
    customer = number;
    $('thread').textContent = '';
    $('phone-text').value = drafts[number] || '';
    fit($('phone-text'));
    draw();
    $('thread').scrollTop = $('thread').scrollHeight;
  }

  function fit(area) {
    area.style.height = 'auto';
    area.style.height = Math.min(area.scrollHeight, 110) + 'px';
  }

  function sendText(event) {
    event.preventDefault();
    var area = $('phone-text');
    var text = area.value;
    if (!text.trim()) { return; }
    area.value = '';
    fit(area);
    post('/api/phone', {from: customer, text: text}).catch(function (error) {
      if (!area.value) { area.value = text; fit(area); }
      toast(error.message);
    });
  }

  /* On the way */

  function drawJourneys() {
    $('way-empty').hidden = state.journeys.length > 0;
    $('journeys').hidden = !state.journeys.length;
    sync($('journeys'), state.journeys,
      function (one) { return one.id; },
      function (one) {
        var who = person(one.number);
        var node = make('li', 'journey');
        var head = make('div', 'head');
        head.appendChild(face(who));
        head.appendChild(make('span', 'title', one.kind === 'message' ?
          who.name + ' to the help desk' : 'The help desk to ' + who.name));
        head.appendChild(make('span', 'total'));
        node.appendChild(head);
        var text = make('p', 'excerpt');
        text.dir = 'auto';
        node.appendChild(text);
        node.appendChild(make('ol', 'steps'));
        return node;
      },
      function (node, one) {
        node.dataset.kind = one.kind;
        node.dataset.state = one.state;
        setText(node.querySelector('.excerpt'), one.text);
        setText(node.querySelector('.total'), one.took === null ? '' : took(one.took));
        sync(node.querySelector('.steps'), one.steps,
          function (step) { return step.name; },
          function (step) {
            var line = make('li');
            line.appendChild(make('span', 'what', step.name));
            line.appendChild(make('span', 'when'));
            line.appendChild(make('span', 'detail'));
            return line;
          },
          function (line, step) {
            line.dataset.done = step.done ? 'yes' : 'no';
            line.dataset.bad = step.bad ? 'yes' : 'no';
            setText(line.querySelector('.when'), step.after === null ? '' :
              (step.after === 0 ? clock(step.at) : '+' + took(step.after)));
            setText(line.querySelector('.detail'), step.detail || '');
          });
      });
  }

  function drawPlugs() {
    Array.prototype.forEach.call(document.querySelectorAll('#plugs button'), function (button) {
      var out = state.unplugged.indexOf(button.dataset.part) >= 0;
      button.setAttribute('aria-checked', out ? 'false' : 'true');
    });
  }

  function togglePlug(button) {
    var plugged = button.getAttribute('aria-checked') === 'true';
    button.disabled = true;
    post('/api/plug', {part: button.dataset.part, plugged: !plugged})
      .catch(function (error) { toast(error.message); })
      .then(function () { button.disabled = false; });
  }

  /* The help desk */

  function drawTickets() {
    $('desk-empty').hidden = state.tickets.length > 0;
    $('tickets').hidden = !state.tickets.length;
    sync($('tickets'), state.tickets,
      function (one) { return one.nonce; },
      function (one) {
        var node = make('li');
        var button = make('button');
        button.type = 'button';
        button.appendChild(face(person(one.number)));
        var words = make('span', 'words');
        words.appendChild(make('span', 'subject', one.number || one.subject));
        var last = make('span', 'last');
        last.dir = 'auto';
        words.appendChild(last);
        button.appendChild(words);
        var side = make('span', 'side');
        side.appendChild(make('time'));
        side.appendChild(make('span', 'pill'));
        button.appendChild(side);
        button.addEventListener('click', function () { openTicket(one.nonce); });
        node.appendChild(button);
        return node;
      },
      function (node, one) {
        var button = node.firstChild;
        if (one.nonce === open) { button.setAttribute('aria-current', 'true'); } else {
          button.removeAttribute('aria-current');
        }
        node.dataset.news = one.nonce !== open &&
          unread('desk', one.nonce, one.notes.length) ? 'yes' : 'no';
        var last = one.notes[one.notes.length - 1];
        setText(node.querySelector('.last'), last ? last.plain : '');
        setText(node.querySelector('time'), clock(one.at));
        setText(node.querySelector('.pill'), one.status);
        node.querySelector('.pill').dataset.status = one.status;
      });
  }

  function openTicket(nonce) {
    if (open !== nonce) {
      open = nonce;
      $('notes').textContent = '';
    }
    draw();
    $('notes').scrollTop = $('notes').scrollHeight;
  }

  function drawTicket() {
    var shown = state.tickets.filter(function (one) { return one.nonce === open; })[0];
    var fresh = $('ticket').hidden;
    $('ticket').hidden = !shown;
    if (!shown) { return; }
    setText($('ticket-subject'), shown.subject);
    setText($('ticket-contact'), shown.contact);
    var box = $('notes');
    keepingEnd(box, function () {
      sync(box, shown.notes,
        function (one) { return one.id; },
        function (one) {
          var node = make('li', 'note ' + one.by + (one.private ? ' private' : ''));
          var by = make('p', 'by');
          if (one.private) { by.appendChild(icon('lock')); }
          by.appendChild(make('b', '', one.author));
          by.appendChild(make('time', '', clock(one.at)));
          if (one.private) { by.appendChild(make('em', '', 'private, stays here')); }
          node.appendChild(by);
          var body = make('div', 'body');
          body.dir = 'auto';
          if (one.by === 'staff') { body.appendChild(cleaned(one.content)); } else {
            body.textContent = one.content;
          }
          node.appendChild(body);
          return node;
        },
        function () { /* A note never changes. */ });
    });
    if (fresh) { box.scrollTop = box.scrollHeight; }
  }

  function isPrivate() {
    return document.querySelector('input[name=kind]:checked').value === 'private';
  }

  function drawKind() {
    var alone = isPrivate();
    $('desk-form').dataset.kind = alone ? 'private' : 'reply';
    setText($('desk-send'), alone ? 'Add private note' : 'Send reply');
    setText($('desk-hint'), alone ? 'Never sent out' : 'Sent as plain text');
  }

  function sendAnswer(event) {
    event.preventDefault();
    var editor = $('desk-text');
    var box = make('div');
    copyInto(box, editor);
    if (!box.textContent.trim() || !open) { return; }
    editor.textContent = '';
    post('/api/desk', {ticket: open, html: box.innerHTML, private: isPrivate()})
      .catch(function (error) {
        if (!editor.textContent) { editor.appendChild(cleaned(box.innerHTML)); }
        toast(error.message);
      });
  }

  function format(what) {
    $('desk-text').focus();
    if (what === 'bold') { document.execCommand('bold'); }
    if (what === 'list') { document.execCommand('insertUnorderedList'); }
    if (what === 'link') {
      var address = window.prompt('Address of the link', 'https://');
      if (!address || !/^https?:\/\/./i.test(address)) { return; }
      if (window.getSelection().isCollapsed) {
        document.execCommand('insertText', false, address);
      } else { document.execCommand('createLink', false, address); }
    }
  }

  /* The frame around them */

  function drawFrame() {
    var down = state.parts.filter(function (part) { return !part.up; });
    $('health').dataset.up = down.length ? 'no' : 'yes';
    setText($('health-text'), down.length ?
      down.map(function (part) { return part.name; }).join(', ') + ' stopped' :
      state.parts.length + ' parts running');
    setText($('desk-agent'), state.agent ? 'You are ' + state.agent + ', an agent' : '');
    sync($('parts'), state.parts,
      function (part) { return part.name; },
      function (part) {
        var node = make('li');
        node.appendChild(make('b', '', part.name));
        if (/^http/.test(part.where)) {
          var link = make('a', '', part.where.replace(/^https?:\/\//, ''));
          link.href = part.where;
          link.target = '_blank';
          link.rel = 'noopener';
          node.appendChild(link);
        } else { node.appendChild(make('span', '', part.where)); }
        return node;
      },
      function (node, part) { node.dataset.up = part.up ? 'yes' : 'no'; });
  }

  function drawSamples() {
    sync($('phone-samples'), state.samples.phone, function (one) { return one.label; },
      function (one) {
        var button = make('button', '', one.label);
        button.type = 'button';
        button.lang = one.lang;
        button.addEventListener('click', function () {
          $('phone-text').value = one.text;
          fit($('phone-text'));
          $('phone-text').focus();
        });
        return button;
      }, function () {});
    sync($('desk-samples'), state.samples.desk, function (one) { return one.label; },
      function (one) {
        var button = make('button', '', one.label);
        button.type = 'button';
        button.lang = one.lang;
        button.addEventListener('click', function () {
          $('desk-text').textContent = '';
          $('desk-text').appendChild(cleaned(one.html));
          $('desk-text').focus();
          window.getSelection().selectAllChildren($('desk-text'));
          window.getSelection().collapseToEnd();
        });
        return button;
      }, function () {});
  }

  /* On a narrow screen one part is shown at a time; a dot tells of news in the others. */
  function drawTabs() {
    var view = document.body.dataset.view;
    var inView = function (name) { return !narrow.matches || view === name; };
    if (inView('phone')) { seen.phone[customer] = received(customer); }
    if (inView('desk')) {
      state.tickets.forEach(function (one) {
        if (one.nonce === open) { seen.desk[one.nonce] = one.notes.length; }
      });
    }
    var news = {
      phone: state.customers.some(function (one) {
        return unread('phone', one.number, received(one.number));
      }),
      desk: state.tickets.some(function (one) {
        return unread('desk', one.nonce, one.notes.length);
      }),
      way: state.journeys.some(function (one) { return one.state === 'moving'; })
    };
    Array.prototype.forEach.call(document.querySelectorAll('.tabs button'), function (button) {
      var name = button.dataset.tab;
      if (name === view) { button.setAttribute('aria-current', 'true'); } else {
        button.removeAttribute('aria-current');
      }
      button.querySelector('.badge').hidden = name === view || !news[name];
    });
  }

  function draw() {
    if (!state) { return; }
    if (!customer) { customer = state.customers[0].number; }
    if (!open && state.tickets.length) { open = state.tickets[0].nonce; }
    drawFrame();
    drawTabs();
    drawSamples();
    drawPeople();
    drawThread();
    drawJourneys();
    drawPlugs();
    drawTickets();
    drawTicket();
  }

  function poll() {
    var address = '/api/state' + (state ? '?since=' + encodeURIComponent(state.version) : '');
    fetch(address, {credentials: 'omit', cache: 'no-store'}).then(function (answer) {
      if (answer.status === 204) { return null; }
      if (!answer.ok) { throw new Error(String(answer.status)); }
      return answer.json();
    }).then(function (news) {
      if (news) {
        state = news;
        draw();
        document.body.dataset.ready = 'yes';
      }
      poll();
    }).catch(function () {
      $('health').dataset.up = 'no';
      setText($('health-text'), 'The demo does not answer');
      window.setTimeout(poll, 1000);
    });
  }

  /* What people do */

  $('phone-form').addEventListener('submit', sendText);
  $('phone-text').addEventListener('input', function () { fit($('phone-text')); });
  $('phone-text').addEventListener('keydown', function (event) {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { sendText(event); }
  });
  $('desk-form').addEventListener('submit', sendAnswer);
  $('desk-form').addEventListener('change', drawKind);
  $('desk-text').addEventListener('keydown', function (event) {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { sendAnswer(event); }
  });
  $('desk-text').addEventListener('paste', function (event) {
    event.preventDefault();
    document.execCommand('insertText', false, event.clipboardData.getData('text/plain'));
  });
  Array.prototype.forEach.call(document.querySelectorAll('.format button'), function (button) {
    button.addEventListener('mousedown', function (event) { event.preventDefault(); });
    button.addEventListener('click', function () { format(button.dataset.do); });
  });
  Array.prototype.forEach.call(document.querySelectorAll('#plugs button'), function (button) {
    button.addEventListener('click', function () { togglePlug(button); });
  });
  Array.prototype.forEach.call(document.querySelectorAll('.tabs button'), function (button) {
    button.addEventListener('click', function () {
      document.body.dataset.view = button.dataset.tab;
      window.scrollTo(0, 0);
      draw();
      $('thread').scrollTop = $('thread').scrollHeight;
      $('notes').scrollTop = $('notes').scrollHeight;
    });
  });
  narrow.addListener(draw);
  drawKind();
  poll();
}());
