// The editor's helpers: completion from the catalog, names put in by a click, Presto's own words.
const words = element.querySelector('[data-functions]');
const place = `#${words.dataset.for}`;
const desk = (window.nlqDesk = window.nlqDesk || {});

// Gradio's editor is CodeMirror 6, whose view hangs on its content; without it nothing breaks.
desk.view = () => {
  const content = document.querySelector(`${place} .cm-content`);
  const tile = content && (content.cmTile || content.cmView);
  return (tile && ((tile.root && tile.root.view) || (tile.rootView && tile.rootView.view))) || null;
};
desk.insert = (text) => {
  const view = desk.view();
  if (!view) return;
  view.dispatch(view.state.replaceSelection(text));
  view.focus();
};

if (!desk.bound) {
  desk.bound = true;
  document.addEventListener('click', (event) => {
    const button = event.target.closest && event.target.closest('[data-insert]');
    if (button) desk.insert(button.dataset.insert);
  });
}

const begin = (root) => {
  const list = document.createElement('ul');
  list.id = 'desk-complete';
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', 'Completions');
  list.hidden = true;
  document.querySelectorAll('#desk-complete').forEach((old) => old.remove());
  document.body.appendChild(list);
  let found = [], active = -1, asked = 0, timer = 0;

  const content = () => root.querySelector('.cm-content');
  const close = () => {
    list.hidden = true;
    found = [];
    asked += 1;
    const box = content();
    if (box) box.removeAttribute('aria-activedescendant');
  };
  const mark = (number) => {
    active = number;
    [...list.children].forEach((item, i) => item.setAttribute('aria-selected', String(i === active)));
    const item = list.children[active];
    if (item) item.scrollIntoView({ block: 'nearest' });
    if (item) content().setAttribute('aria-activedescendant', item.id);
  };
  const take = (number) => {
    const view = desk.view(), chosen = found[number];
    close();
    if (!view || !chosen) return;
    view.dispatch({
      changes: { from: chosen.start, to: chosen.end, insert: chosen.text },
      selection: { anchor: chosen.start + chosen.text.length },
      userEvent: 'input.complete',
    });
    view.focus();
  };
  const show = (view, first) => {
    list.replaceChildren(...found.map((one, i) => {
      const item = document.createElement('li');
      item.id = `desk-complete-${i}`;
      item.setAttribute('role', 'option');
      item.title = one.words;
      const name = document.createElement('b'), more = document.createElement('small');
      name.textContent = one.text;
      more.textContent = one.detail ? `${one.kind}, ${one.detail}` : one.kind;
      item.append(name, more);
      item.addEventListener('mousedown', (event) => { event.preventDefault(); take(i); });
      return item;
    }));
    const at = view.coordsAtPos(found[0].start);
    if (!at) return close();
    list.hidden = false;
    list.style.left = `${Math.max(4, Math.min(at.left, innerWidth - list.offsetWidth - 8))}px`;
    const below = at.bottom + 4;
    const fits = below + list.offsetHeight < innerHeight;
    list.style.top = `${fits ? below : Math.max(4, at.top - list.offsetHeight - 4)}px`;
    content().setAttribute('aria-controls', list.id);
    mark(first);
  };
  const complete = async (first) => {
    const view = desk.view();
    if (!view || !root.contains(document.activeElement)) return;
    const mine = (asked += 1), position = view.state.selection.main.head;
    let answer = [];
    try {
      answer = await server.complete({ sql: view.state.doc.toString(), position });
    } catch (error) { /* the editor goes on without */ }
    if (mine !== asked || !root.contains(document.activeElement)) return;
    found = answer || [];
    if (found.length) show(view, first); else close();
  };

  root.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') {
      document.querySelector(`#${words.dataset.run}`).click();
    } else if (event.ctrlKey && event.code === 'Space') {
      clearTimeout(timer);
      complete(0);
    } else if (list.hidden) {
      return;
    } else if (event.key === 'ArrowDown') {
      mark((active + 1) % found.length);
    } else if (event.key === 'ArrowUp') {
      mark((active + found.length - (active < 0 ? 0 : 1)) % found.length);
    } else if ((event.key === 'Enter' || event.key === 'Tab') && active >= 0) {
      take(active);
    } else if (event.key === 'Escape') {
      close();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }, true);
  root.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const view = desk.view();
      if (!view) return;
      const head = view.state.selection.main.head;
      const before = view.state.doc.sliceString(Math.max(0, head - 60), head);
      if (/[a-z_]\w*\.$|\b[a-z_]\w{2,}$/i.test(before)) complete(-1); else close();
    }, 180);
  });
  root.addEventListener('focusout', () => setTimeout(() => {
    if (!root.contains(document.activeElement)) close();
  }, 150));

  // The editor knows standard SQL. Its tokens are coloured anew by what Presto knows, in colours that
  // have contrast in light and dark; a browser without this interface keeps the editor's own.
  if (window.CSS && CSS.highlights) {
    const functions = new Set(words.dataset.functions.split(' '));
    const keywords = new Set(words.dataset.keywords.split(' '));
    const kinds = new Map();
    const kindOf = (span) => {
      const text = span.textContent;
      if (/^(--|\/\*)/.test(text)) kinds.set(span.className, 'comment');
      else if (text.startsWith("'")) kinds.set(span.className, 'text');
      return kinds.get(span.className) || (/^\d/.test(text) ? 'number' : '');
    };
    const paint = () => {
      const painted = { comment: [], text: [], number: [], keyword: [], function: [] };
      root.querySelectorAll('.cm-line').forEach((line) => {
        const walk = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
        const whole = line.textContent;
        for (let node = walk.nextNode(), at = 0; node; at += node.data.length, node = walk.nextNode()) {
          const span = node.parentElement !== line && node.parentElement;
          const kind = span && kindOf(span);
          for (const match of kind ? [{ 0: node.data, index: 0 }] : node.data.matchAll(/[a-z_]\w*/gi)) {
            const word = match[0].toLowerCase(), start = match.index, end = start + word.length;
            const call = functions.has(word) && /^\s*\(/.test(whole.slice(at + end));
            const named = (keywords.has(word) || span) && whole[at + start - 1] !== '.';
            const colour = kind || (call ? 'function' : named && !node.data.startsWith('.') ? 'keyword' : '');
            if (!colour) continue;
            const range = new Range();
            range.setStart(node, start);
            range.setEnd(node, end);
            painted[colour].push(range);
          }
        }
      });
      for (const [name, ranges] of Object.entries(painted)) {
        CSS.highlights.set(`presto-${name}`, new Highlight(...ranges));
      }
    };
    let due = 0;
    root.classList.add('desk-painted');
    new MutationObserver(() => {
      cancelAnimationFrame(due);
      due = requestAnimationFrame(paint);
    }).observe(root, { subtree: true, childList: true, characterData: true });
    paint();
  }
};

// The editor itself is loaded a moment later than this.
const wait = () => {
  const root = document.querySelector(place);
  if (root && root.querySelector('.cm-content')) begin(root);
  else if (element.isConnected) setTimeout(wait, 100);
};
wait();
