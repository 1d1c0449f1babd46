// What the pages of all widgets share: elements, formulas, numbers, fields. This file is joined in front of each widget's own.
// Whatever comes from the reader becomes text or an attribute, never markup.

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
  if (element.hasAttribute("tabindex") || /^(button|input|select|summary)$/i.test(element.tagName)) element.setAttribute("data-lm-suppress-shortcuts", "true");
  element.append(...children.flat().filter((each) => each !== null && each !== undefined && each !== false));
  return element;
}
/** An element of HTML: make("p", {class: "tl-note"}, "text"). */
const make = (tag, properties, ...children) => fill(document.createElement(tag), properties, children);
/** Elements with a class of ours: span("note", "text"). */
const span = (name, ...inside) => make("span", {class: `tl-${name}`}, ...inside), div = (name, ...inside) => make("div", {class: `tl-${name}`}, ...inside);
/** A button with words. */
const press = (text, act, more) => make("button", {type: "button", onclick: act, ...more}, text);
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
/** Listeners of a field that call `act` with what is typed when it is final, once: at Enter, of which JupyterLab keeps the browser from
 *  telling, or when the focus leaves. */
function onEntry(act) {
  let told = null;
  const tell = (field) => { if (field.value !== told) { told = field.value; act(told); } };
  return {
    onfocus: (event) => { told = event.target.value; },
    onchange: (event) => tell(event.target),
    onkeydown: (event) => { if (event.key === "Enter") { event.preventDefault(); tell(event.target); } },
  };
}
/** A number with four significant digits or fewer, as Python writes it in pictures. */
function digits(value, many = 4) {
  if (typeof value !== "number") return String(value);
  const text = String(Number(value.toPrecision(many)));
  return Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-4) ? value.toPrecision(many).replace(/\.?0+(e|$)/, "$1") : text;
}
const minus = (text) => text.replaceAll("-", "−");

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
