// What the pages of all widgets share: elements, formulas, heat maps, a player, and the question whether a kernel is there.
// This file is joined in front of each widget's own. Whatever comes from the reader becomes text or an attribute, never markup.

const SVG = "http://www.w3.org/2000/svg", MATH = "http://www.w3.org/1998/Math/MathML";
const MATH_TAGS = new Set(["mi", "mn", "mo", "mtext", "mspace", "mrow", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup", "munder", "mover",
  "munderover", "mtable", "mtr", "mtd"]);
const MATH_ATTRIBUTES = new Set(["accent", "stretchy", "fence", "width", "style", "columnalign"]);

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled") element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  // JupyterLab asks the element in focus itself, and none around it, whether its own shortcuts keep away
  if (element.hasAttribute("tabindex") || /^(button|input|select)$/i.test(element.tagName)) element.setAttribute("data-lm-suppress-shortcuts", "true");
  element.append(...children.flat().filter((each) => each !== null && each !== undefined && each !== false));
  return element;
}
/** An element of HTML: make("p", {class: "tl-note"}, "text"). */
const make = (tag, properties, ...children) => fill(document.createElement(tag), properties, children);
/** An element of SVG. */
const draw = (tag, properties, ...children) => fill(document.createElementNS(SVG, tag), properties, children);

/** A formula from a tree of plain data, [tag, text or children, attributes]. */
function mathOf(tree) {
  const [tag, content, attributes] = tree;
  const element = document.createElementNS(MATH, MATH_TAGS.has(tag) ? tag : "mrow");
  for (const [name, value] of Object.entries(attributes || {})) if (MATH_ATTRIBUTES.has(name)) element.setAttribute(name, value);
  if (typeof content === "string") element.textContent = content;
  else element.append(...content.map(mathOf));
  return element;
}
/** One formula of several trees and texts side by side; a text that is no number is an operator. */
function formula(...parts) {
  const math = document.createElementNS(MATH, "math");
  math.setAttribute("displaystyle", "true");
  for (const part of parts) {
    if (part === null || part === undefined) continue;
    if (typeof part !== "string") math.append(mathOf(part));
    else if (/^[=+−×·←(),:]$/.test(part)) math.append(mathOf(["mo", part]));
    else math.append(mathOf([/^-?[\d.]/.test(part) ? "mn" : "mtext", part.replace(/^-/, "−")]));
  }
  return math;
}
const partial = (of, by) => ["mfrac", [["mrow", [["mo", "∂", {}], of]], ["mrow", [["mo", "∂", {}], by]]]];

/** A number that the reader typed: 1.5, -.5, 1e-3, 1,5, 2/3. NaN for anything else. */
function typed(text) {
  const plain = text.trim().replace("−", "-").replace(/^(-?\d*),(\d+)$/, "$1.$2");
  const parts = plain.split("/");
  const read = (part) => (/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(part.trim()) ? Number(part) : NaN);
  return parts.length === 2 ? read(parts[0]) / read(parts[1]) : parts.length === 1 ? read(plain) : NaN;
}
/** Listeners of a text field that call `act` when its text is final. JupyterLab keeps the browser from telling so at Enter. */
function onEntry(act) {
  let done = null;
  const once = (field) => { if (field.value !== done) { done = field.value; act(field.value); } };
  return {onchange: (event) => once(event.target), onkeydown: (event) => { if (event.key === "Enter") { event.preventDefault(); once(event.target); } }};
}
/** A number with four digits, as Python writes it in pictures. */
function digits(value) {
  if (typeof value !== "number") return String(value);
  const text = String(Number(value.toPrecision(4)));
  return Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-4) ? value.toPrecision(4).replace(/\.?0+(e|$)/, "$1") : text;
}

/** A picture of an array: blue below zero, vermilion above, the paper at zero; the extremes are written beside it. */
function heatMap(array, name) {
  const rows = array.rows, height = rows.length, width = height ? rows[0].length : 0;
  if (!width) return make("span", {class: "tl-number"}, array.text);
  const canvas = make("canvas", {width, height, role: "img", class: "tl-heat",
    "aria-label": `${name}: ${array.shape.join(" by ")} numbers from ${array.low} to ${array.high}${array.sampled ? ", means of blocks" : ""}`});
  const side = Math.max(3, Math.min(24, Math.floor(220 / Math.max(width, height))));
  canvas.style.width = `${Math.max(width * side, 12)}px`;
  canvas.style.height = `${Math.max(height * side, 12)}px`;
  const paint = () => {
    const style = getComputedStyle(canvas), context = canvas.getContext("2d"), pixels = context.createImageData(width, height);
    const mix = [["--tl-paper", [255, 255, 255]], ["--tl-blue", [0, 114, 178]], ["--tl-vermilion", [213, 94, 0]]]
      .map(([variable, instead]) => rgb(style.getPropertyValue(variable)) || instead);
    rows.forEach((row, y) => row.forEach((value, x) => {
      const share = typeof value === "number" && array.scale ? Math.max(-1, Math.min(1, value / array.scale)) : 0;
      const end = mix[share < 0 ? 1 : 2], odd = typeof value !== "number";
      for (let channel = 0; channel < 3; channel++) {
        pixels.data[4 * (y * width + x) + channel] = odd ? 128 : Math.round(mix[0][channel] + (end[channel] - mix[0][channel]) * Math.abs(share));
      }
      pixels.data[4 * (y * width + x) + 3] = 255;
    }));
    context.putImageData(pixels, 0, 0);
  };
  requestAnimationFrame(paint);
  return make("div", {class: "tl-heat-box"}, canvas, make("div", {class: "tl-note tl-number"},
    `${array.shape.join("×")}, ${array.low} … ${array.high}`.replaceAll("-", "−") + `${array.sampled ? " (means of blocks)" : ""}`));
}
function rgb(text) {
  const hex = /^\s*#([0-9a-f]{3}|[0-9a-f]{6})\s*$/i.exec(text);
  if (hex) return (hex[1].length === 3 ? [...hex[1]].map((each) => each + each) : hex[1].match(/../g)).map((each) => parseInt(each, 16));
  const numbers = /rgba?\(([^)]*)\)/.exec(text);
  return numbers ? numbers[1].split(",").slice(0, 3).map(Number) : null;
}
/** A value in the form that suits it. */
function valueOf(array, name) {
  if (!array) return null;
  if (!array.rows && array.low !== undefined && !array.text.startsWith("[")) return make("span", {class: "tl-number"}, `${array.shape.join("×")}, ${array.low} … ${array.high}`.replaceAll("-", "−"));
  return array.rows && array.shape.length && (array.shape.length > 1 || array.rows[0].length > 4) ? heatMap(array, name)
    : make("span", {class: "tl-number"}, array.text.replaceAll("-", "−"));
}

/** The tip of the head of an arrow along a path of SVG: 7 px beyond its end. */
function tipOf(path) {
  const [x, y] = path.match(/-?[\d.]+/g).slice(-2).map(Number);
  return [x, y + 7];
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** A button with a drawn sign and a name. */
const ICONS = {
  first: "M4 3v10M13 3L6 8l7 5z", back: "M11 3L4 8l7 5z", play: "M4 2l9 6-9 6z", pause: "M4 3h3v10H4zM9 3h3v10H9z", next: "M5 3l7 5-7 5z",
  last: "M12 3v10M3 3l7 5-7 5z", plus: "M8 3v10M3 8h10", minus: "M3 8h10", fit: "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3",
};
function icon(name) {
  return draw("svg", {viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true", class: "tl-icon"}, draw("path", {d: ICONS[name]}));
}
const button = (name, label, act) => make("button", {type: "button", class: "tl-round", "aria-label": label, title: label, onclick: act}, icon(name));

/** Plays steps one after another. The page draws one, waits, and asks for the next; nothing outside of it is asked. */
function player({last, at, go, changed}) {
  let timer = 0;
  const stop = () => { clearTimeout(timer); timer = 0; changed(false); };
  const tick = () => {
    if (at() >= last()) return stop();
    go(at() + 1);
    timer = setTimeout(tick, 1400); // a sentence is read in about that time
  };
  return {
    stop,
    playing: () => timer !== 0,
    toggle() {
      if (timer) return stop();
      if (at() >= last()) go(0);
      changed(true);
      timer = setTimeout(tick, calm() ? 900 : 500);
    },
  };
}

/** Asks whether somebody answers: in a saved notebook nobody does. Calls `changed` when that becomes known, and again if it changes.
 *  `send` asks something of the kernel; who does not answer for PATIENCE after it is taken for gone, until an answer comes after all. */
const PATIENCE = 10000; // ms; a kernel that is busy with a cell answers when it has done
function kernelOf(model, changed) {
  let here = false, waiting = 0;
  const hear = (content) => {
    if (!content || content.kind !== "here") return;
    clearTimeout(waiting);
    waiting = 0;
    if (!here) { here = true; changed(true); }
  };
  const ask = () => { try { model.send({kind: "hello"}); } catch { /* no connection at all: nobody answers */ } };
  model.on("msg:custom", hear);
  ask();
  return {
    here: () => here,
    send(content) {
      model.send(content);
      ask();
      waiting ||= setTimeout(() => { waiting = 0; here = false; changed(false); }, PATIENCE);
    },
    close() { clearTimeout(waiting); model.off("msg:custom", hear); },
  };
}
