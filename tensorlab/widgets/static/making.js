// What the widgets for descent and networks share: making elements, writing numbers, copying, and finding out whether a kernel answers.
// Data from the kernel goes into text and attributes only, never into markup.
const SVG = "http://www.w3.org/2000/svg";

function put(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  // JupyterLab takes arrows and letters for its own commands, unless the element that has the focus, not one around it, says otherwise
  if (/^(input|select|button|summary)$/i.test(element.tagName) || element.hasAttribute("tabindex")) element.setAttribute("data-lm-suppress-shortcuts", "true");
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}
const make = (tag, attributes, ...children) => put(document.createElement(tag), attributes, children);
const draw = (tag, attributes, ...children) => put(document.createElementNS(SVG, tag), attributes, children);

// Listeners of a field that call `act` once when what is typed is final: at Enter, of which JupyterLab keeps the browser from telling, or
// when the focus leaves.
function onEntry(act) {
  let told = null;
  const tell = (field) => { if (field.value !== told) { act(); told = field.value; } };
  return {
    onfocus: (event) => { told = event.target.value; },
    onchange: (event) => tell(event.target),
    onkeydown: (event) => { if (event.key === "Enter") { event.preventDefault(); tell(event.target); } },
  };
}

// A formula: [tag, text or list of such trees, attributes]. Only what MathML knows becomes an element.
const MATH = "http://www.w3.org/1998/Math/MathML";
function formula([tag, content, attributes = {}]) {
  const element = document.createElementNS(MATH, /^m[a-z]{1,14}$/.test(tag) ? tag : "mtext");
  for (const [name, value] of Object.entries(attributes)) if (/^(stretchy|accent|fence|mathvariant|linethickness|columnalign|lspace|rspace)$/.test(name)) element.setAttribute(name, value);
  if (Array.isArray(content)) element.append(...content.map(formula)); else element.textContent = String(content);
  return element;
}
function math(tree) {
  const whole = document.createElementNS(MATH, "math");
  whole.append(formula(tree));
  return whole;
}

// At most four significant digits, as everywhere in tensorlab; a minus that is as wide as a plus.
function written(value, digits = 4) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "not finite";
  if (value === 0 || Math.abs(value) < 1e-12) return "0";
  const size = Math.abs(value);
  const text = size >= 1e6 || size < 1e-4 ? value.toExponential(digits - 1).replace(/\.?0+e/, "e") : String(Number(value.toPrecision(digits)));
  return text.replace(/-/g, "−");
}

// An element that only a screen reader sees; it reads out what is put there.
function speaker() {
  const place = make("div", {class: "tl-hidden", "aria-live": "polite", role: "status"});
  return {place, say(text) { place.textContent = text; }};
}

async function copied(text, area) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {  // a page without https has no clipboard: mark the text, so that one key copies it
    const marked = document.createRange();
    marked.selectNodeContents(area);
    const selection = document.getSelection();
    selection.removeAllRanges();
    selection.addRange(marked);
    try { return document.execCommand("copy"); } catch { return false; }
  }
}

const LATE_TEXT = "The kernel has not answered for 15 seconds: it is busy with another cell, or was restarted. Then run the cell of this widget again.";
const LATE = 15000;  // milliseconds after which a question counts as lost: a compilation takes less

// Messages to the kernel, one at a time: the page sends the next only when the last was answered, and of those that wait only the newest.
// The page cannot see whether there is a kernel, so it asks; until somebody answers, the recorded state is all there is.
function line(model, changed) {
  const state = {alive: false, waiting: false, next: null};
  let clock = null;
  const heard = (content, buffers) => {
    if (!content || typeof content !== "object") return;
    if (content.kind === "here" && !state.alive) { state.alive = true; changed("here"); return; }
    if (content.kind === "here") return;
    done();
    changed(content.kind, content, buffers);
  };
  const send = (content) => {
    state.waiting = true;
    clearTimeout(clock);
    clock = setTimeout(() => { state.waiting = false; changed("late", {}); }, LATE);
    try { model.send(content); } catch { state.alive = false; state.waiting = false; }
  };
  const done = () => {
    clearTimeout(clock);
    state.waiting = false;
    const next = state.next;
    state.next = null;
    if (next) send(next);
  };
  model.on("msg:custom", heard);
  try { model.send({kind: "hello"}); } catch { /* no kernel: stay as recorded */ }
  return {
    state, done,
    ask(content) { if (state.alive) { if (state.waiting) state.next = content; else send(content); } },
    hangUp() { clearTimeout(clock); model.off("msg:custom", heard); },
  };
}

const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
