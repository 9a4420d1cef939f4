// The table of the case book: lines that are chosen, sorted and judged by mouse, touch and keyboard.
// Every act is an event with a growing number; it is sent until the server has said that it took it, so that
// keys that are pressed faster than pages are drawn are not lost.

const VERDICTS = { 1: "plausible", 2: "odd", 3: "wrong", 4: "needs action" };
const FIELDS = "input, textarea, select, [contenteditable=true], [role=combobox], [role=dialog]";

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

function shares(row) {
  const percent = (share) => `${Math.round(100 * share)}`;
  const told = `alone ${percent(row.alone)} %, together ${percent(row.together)} %, rest ${percent(row.rest)} %`;
  const bar = element("span", { class: "bar", "aria-hidden": "true" });
  for (const name of ["alone", "together"]) {
    bar.append(element("i", { class: name, style: `width:${100 * row[name]}%` }));
  }
  const numbers = element("span", { class: "numbers" }, `${percent(row.alone)} · `,
    element("b", {}, percent(row.together)), ` · ${percent(row.rest)}`);
  return element("span", { title: told, class: "shares" }, bar, numbers);
}

function verdict(value, others) {
  const cell = element("span", { class: "verdicts" });
  if (value) cell.append(element("span", { class: `verdict v${value}` }, VERDICTS[value]));
  for (const [name, theirs] of others) {
    const differs = value && theirs !== value;
    cell.append(element("span", { class: `other${differs ? " differs" : ""}`, title: `${name}: ${VERDICTS[theirs]}` },
      `${brief(name)}: ${VERDICTS[theirs]}`));
  }
  return cell;
}

function brief(name) {
  return name.length > 14 ? name.split(" ")[0].slice(0, 14) : name;
}

const CELLS = {
  thumbnail: (row) => {
    const cell = element("span", { class: "thumbnail" });
    cell.innerHTML = row.thumbnail; // of our own drawings, in which all texts are escaped
    return cell;
  },
  title: (row) => element("span", { class: "title", title: row.title },
    row.pinned ? element("span", { class: "pin", title: "pinned" }, "★ ") : null, row.title),
  answer: (row) => row.answered,
  label: (row) => element("span", { class: row.wrong ? "wrong" : "" }, row.label || "", row.wrong ? " ✗" : ""),
  together: (row) => shares(row),
  effect: (row) => {
    if (!row.top) return element("span", { class: "none" }, row.state === "unreadable" ? "not read" : "none");
    const effect = element("span", { class: row.effect >= 0 ? "raises" : "lowers" }, ` ${row.effect_words}`);
    return element("span", { class: "top", title: `${row.top} ${row.effect_words}` }, element("span", { class: "names" }, row.top), effect);
  },
  flag: (row) => element("span", { class: "flag" }, row.flag),
  verdict: (row) => verdict(row.verdict, row.others),
  tags: (row) => {
    const cell = element("span", { class: "tags" });
    for (const tag of row.tags) cell.append(element("span", { class: "tag" }, tag));
    return cell;
  },
  note: (row) => element("span", { class: "note", title: row.note }, row.note),
  created: (row) => element("span", { class: "time", title: row.when }, row.time),
};

class Book {
  constructor(place, setStateValue) {
    this.place = place;
    this.set = setStateValue;
    this.pending = [];
    this.last = 0;
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
  }

  close() {
    document.removeEventListener("keydown", this.onKey);
  }

  show(data) {
    this.pending = this.pending.filter((event) => event.n > data.taken);
    this.last = Math.max(this.last, data.taken);
    const former = this.rows && this.selected;
    this.data = data;
    this.rows = data.rows.map((row) => ({ ...row }));
    for (const event of this.pending) if (event.kind === "judge") this.note(event.id, event.value);
    const here = this.pending.length > 0 && this.rows.some((row) => row.id === former);
    this.selected = here ? former : data.selected;
    this.draw();
  }

  send(kind, more) {
    this.last = Math.max(this.last + 1, Date.now());
    this.pending = [...this.pending, { n: this.last, kind, ...more }];
    this.set("events", this.pending);
  }

  note(id, value) {
    const row = this.rows.find((each) => each.id === id);
    if (row) row.verdict = value;
  }

  step(by) {
    const at = this.rows.findIndex((row) => row.id === this.selected);
    const next = this.rows[at + by];
    if (!next) return null;
    this.selected = next.id;
    return next.id;
  }

  open(id) {
    this.selected = id;
    this.send("open", { id });
    this.draw();
  }

  move(by) {
    const id = this.step(by);
    if (id === null) this.send("page", { value: by });
    else this.open(id);
  }

  judge(value) {
    const id = this.selected;
    if (!this.rows.some((row) => row.id === id)) return;
    this.note(id, value);
    const next = this.step(1);
    this.send("judge", { id, value, next: next ?? id });
    this.draw();
  }

  key(event) {
    const from = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (from instanceof Element && from.closest(FIELDS)) return;
    if (!this.place.isConnected) return;
    const inside = event.composedPath().includes(this.place);
    const arrows = inside || document.activeElement === document.body;
    if (event.key === "j" || (event.key === "ArrowDown" && arrows)) this.move(1);
    else if (event.key === "k" || (event.key === "ArrowUp" && arrows)) this.move(-1);
    else if (event.key in VERDICTS) this.judge(Number(event.key));
    else if (event.key === "u") this.send("undo", {});
    else if (event.key === "p" && this.selected) this.send("pin", { id: this.selected });
    else return;
    event.preventDefault();
  }

  draw() {
    const { data } = this;
    const scroll = this.place.firstChild ? this.place.querySelector(".lines")?.scrollTop ?? 0 : 0;
    const focused = this.place.getRootNode().activeElement?.closest?.("tr") ? true : false;
    const head = element("tr");
    for (const [name, title, sortable] of data.columns) {
      const is = data.sort === name;
      const cell = element("th", { scope: "col", class: `cell-${name}`,
        "aria-sort": is ? (data.descending ? "descending" : "ascending") : null });
      if (sortable) {
        const button = element("button", { type: "button" }, title, is ? (data.descending ? " ▾" : " ▴") : "");
        button.onclick = () => this.send("sort", { value: name });
        cell.append(button);
      } else cell.append(title);
      head.append(cell);
    }
    const body = element("tbody");
    for (const row of this.rows) {
      const is = row.id === this.selected;
      const line = element("tr", { "aria-selected": is ? "true" : "false", tabindex: is ? "0" : "-1",
        "data-id": row.id });
      for (const [name] of data.columns) line.append(element("td", { class: `cell-${name}` }, CELLS[name](row)));
      line.onclick = () => this.open(row.id);
      body.append(line);
    }
    const table = element("table", { "aria-label": "Cases", role: "grid" }, element("thead", {}, head), body);
    const lines = element("div", { class: "lines", tabindex: "0", "aria-label": "Lines of the case book",
      role: "region" }, table);
    this.place.replaceChildren(lines);
    lines.scrollTop = scroll;
    const selected = body.querySelector("[aria-selected=true]");
    if (selected) {
      const top = selected.offsetTop - table.tHead.offsetHeight, bottom = selected.offsetTop + selected.offsetHeight;
      if (top < lines.scrollTop) lines.scrollTop = top;
      else if (bottom > lines.scrollTop + lines.clientHeight) lines.scrollTop = bottom - lines.clientHeight + 8;
      if (focused) selected.focus({ preventScroll: true });
    }
  }
}

const books = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
  let place = parentElement.querySelector(".book");
  if (!place) {
    place = element("div", { class: "book" });
    parentElement.appendChild(place);
    books.set(place, new Book(place, setStateValue));
  }
  const book = books.get(place);
  book.set = setStateValue;
  book.show(data);
  return () => { if (!place.isConnected) book.close(); };
}
