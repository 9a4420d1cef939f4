// Pictures as controls: parts with data-set or data-feature light up in every picture of a page, and can be chosen or
// switched off by mouse, finger and keyboard. The HTML comes from drawing modules, which escape what they are given.
const LIT = "glider-lit"; // event of the document: what is under the pointer, in any picture
const WAIT = 250; // milliseconds in which further clicks are taken together
// What has a use of its own for arrows and Escape, and what Escape closes.
const FIELDS = "input, textarea, select, iframe, [contenteditable=true], [role=combobox], [role=listbox], [role=menu]," +
  "[role=tab], [role=radio], [role=slider], [role=dialog], .stDataFrame, .js-plotly-plot";
const OPEN = "[role=dialog], [data-baseweb=popover], [data-baseweb=menu]";
const live = (window.gliderPictures ??= new Set()); // those of all components, each of which has a copy of this module

export default function (component) {
  const { parentElement, data } = component;
  let place = parentElement.querySelector(".place");
  if (!place) {
    place = document.createElement("div");
    place.className = "place";
    const said = document.createElement("div");
    said.className = "said";
    said.setAttribute("aria-live", "polite");
    parentElement.append(place, said);
    place.control = new Control(place, said);
  }
  place.control.take(data, component);
  return () => place.control.leave();
}

class Control {
  constructor(place, said) {
    Object.assign(this, { place, said, off: new Set(), chosen: null, lit: null, at: -1, timer: null });
    this.listen = (event) => this.light(event.detail);
    this.outside = (event) => this.keyOutside(event);
    place.onclick = (event) => this.click(event);
    place.ondblclick = (event) => this.pick(event);
    place.onkeydown = (event) => this.key(event);
    place.onpointerover = (event) => this.over(event.target);
    place.onpointerleave = () => this.tell(null);
    place.onblur = () => this.mark(-1);
  }

  take(data, { setTriggerValue }) {
    this.send = setTriggerValue;
    if (this.html !== data.html) {
      this.place.innerHTML = this.html = data.html;
      this.unfolded = null;
      this.drawn = [...new Set([...this.place.querySelectorAll("[data-set]")].map((part) => Number(part.dataset.set)))];
    }
    Object.assign(this, { scope: data.scope, names: data.names ?? [], sets: data.sets ?? [], labels: data.labels ?? [] });
    this.live = Boolean(data.scope);
    this.picks = Boolean(data.picks);
    this.fixed = Boolean(data.fixed); // nothing can be switched off: the answer is of a case that is kept
    if (this.picks) {
      for (const part of this.place.querySelectorAll("[data-pick]")) {
        part.tabIndex = 0;
        part.setAttribute("role", "button");
        part.closest("svg")?.setAttribute("role", "group"); // an image has no buttons inside
      }
    }
    if (this.timer === null) {
      this.off = new Set(data.off ?? []);
      this.chosen = data.chosen ?? null;
    }
    if (this.live) {
      this.place.tabIndex = 0;
      this.place.setAttribute("role", "group");
      this.place.setAttribute("aria-label", data.label);
      document.addEventListener(LIT, this.listen);
      document.addEventListener("keydown", this.outside);
      live.add(this);
    }
    this.paint();
  }

  leave() {
    document.removeEventListener(LIT, this.listen);
    document.removeEventListener("keydown", this.outside);
    live.delete(this);
  }

  // What is under the pointer, told to all pictures of the page.
  over(target) {
    const part = this.live && target.closest("[data-set],[data-feature]");
    if (!part) return this.tell(null);
    const { set, feature } = part.dataset;
    this.tell(set !== undefined ? { sets: [Number(set)], features: this.sets[set] ?? [] } : this.around(Number(feature)));
  }

  around(feature) {
    return { sets: this.sets.flatMap((members, n) => (members.includes(feature) ? [n] : [])), features: [feature] };
  }

  tell(lit) {
    document.dispatchEvent(new CustomEvent(LIT, { detail: lit && { ...lit, scope: this.scope } }));
  }

  light(lit) {
    this.lit = lit && lit.scope === this.scope ? lit : null;
    this.paint();
  }

  click(event) {
    if (this.picks) return this.pick(event);
    const part = this.live && event.target.closest("[data-set],[data-feature]");
    if (!part || event.target.closest("summary")) return;
    if (part.dataset.set !== undefined) this.choose(Number(part.dataset.set));
    else this.toggle(Number(part.dataset.feature));
  }

  pick(event) {
    const part = event.target.closest("[data-pick]");
    if (!part) return;
    clearTimeout(this.timer);
    this.timer = null;
    this.send("acted", JSON.stringify({ picked: part.dataset.pick }));
  }

  choose(set) {
    this.chosen = this.chosen === set ? null : set;
    this.say(this.chosen === null ? "No set chosen" : this.labels[set]);
    this.later();
  }

  toggle(feature) {
    if (this.fixed) return;
    this.off.has(feature) ? this.off.delete(feature) : this.off.add(feature);
    this.say(`${this.names[feature]} is ${this.off.has(feature) ? "off" : "on"}`);
    this.later();
  }

  later() {
    this.paint();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = null;
      this.send("acted", JSON.stringify({ off: [...this.off].sort((a, b) => a - b), chosen: this.chosen }));
    }, WAIT);
  }

  key(event) {
    if (this.picks && (event.key === "Enter" || event.key === " ")) {
      this.pick(event);
      event.preventDefault();
    }
    if (!this.live) return;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const walk = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.drawn.length) {
      const order = [...this.drawn].sort((a, b) => a - b);
      const now = order.indexOf(this.chosen);
      this.chosen = order[now < 0 ? (step > 0 ? 0 : order.length - 1) : (now + step + order.length) % order.length];
      this.say(this.labels[this.chosen]);
      this.later();
    } else if (walk && this.names.length) {
      this.mark((this.at + walk + this.names.length) % this.names.length);
      this.say(`${this.names[this.at]}, ${this.off.has(this.at) ? "off" : "on"}`);
    } else if ((event.key === " " || event.key === "Enter") && this.at >= 0 && !event.ctrlKey) {
      this.toggle(this.at);
    } else if (event.key === "Escape") {
      if (this.chosen === null) this.off.clear();
      this.chosen = null;
      this.mark(-1);
      this.later();
    } else return;
    event.preventDefault();
  }

  // Keys that nothing else wants go to the first picture that is seen: after a run an arrow shows the first set.
  keyOutside(event) {
    const steps = ["ArrowRight", "ArrowLeft"].includes(event.key);
    const returns = event.key === "Escape" && (this.chosen !== null || this.off.size > 0);
    if (!(steps || returns) || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.shiftKey || !this.isFirst() || document.querySelector(OPEN)) return;
    const path = event.composedPath().filter((part) => part instanceof Element);
    if (path.some((part) => part.matches(FIELDS) || part.control)) return;
    this.key(event);
  }

  isFirst() {
    const host = (control) => control.place.getRootNode().host ?? control.place;
    const seen = [...live].filter((control) => host(control).getClientRects().length > 0);
    seen.sort((a, b) => (host(a).compareDocumentPosition(host(b)) & Node.DOCUMENT_POSITION_PRECEDING ? 1 : -1));
    return seen[0] === this;
  }

  mark(feature) {
    this.at = feature;
    this.paint();
  }

  say(words) {
    this.said.textContent = words ?? "";
  }

  paint() {
    const lit = this.lit ?? (this.chosen !== null && { sets: [this.chosen], features: this.sets[this.chosen] ?? [] });
    for (const part of this.place.querySelectorAll("[data-set]")) {
      const number = Number(part.dataset.set);
      const on = lit && lit.sets.includes(number);
      part.classList.toggle("is-lit", Boolean(on));
      part.classList.toggle("is-dim", Boolean(lit) && !on);
      if (number === this.chosen && this.unfolded !== number) unfold(part);
      part.classList.toggle("is-broken", (this.sets[number] ?? []).some((feature) => this.off.has(feature)));
    }
    for (const part of this.place.querySelectorAll("[data-feature]")) {
      const feature = Number(part.dataset.feature);
      part.classList.toggle("is-off", this.off.has(feature));
      part.classList.toggle("is-lit", Boolean(lit) && lit.features.includes(feature));
      part.classList.toggle("is-at", this.at === feature);
    }
    this.unfolded = this.chosen;
  }
}

// What is chosen is seen, though it stands in a list that is folded.
function unfold(part) {
  for (let list = part.closest("details"); list; list = list.parentElement?.closest("details")) list.open = true;
}
