// What the stepper and the film share: pictures of arrays, buttons with signs, a player, and the question whether a kernel is there.
// Read page.js before.

/** A picture of an array: blue below zero, vermilion above, the paper at zero; the extremes are written beside it. */
function heatMap(array, name) {
  const rows = array.rows, height = rows.length, width = height ? rows[0].length : 0;
  if (!width) return span("number", array.text);
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
  return div("heat-box", canvas, div("note tl-number",
    minus(`${array.shape.join("×")}, ${array.low} … ${array.high}`) + `${array.sampled ? " (means of blocks)" : ""}`));
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
  if (!array.rows && array.low !== undefined && !array.text.startsWith("[")) return span("number", minus(`${array.shape.join("×")}, ${array.low} … ${array.high}`));
  return array.rows && array.shape.length && (array.shape.length > 1 || array.rows[0].length > 4) ? heatMap(array, name)
    : span("number", minus(array.text));
}

/** The tip of the head of an arrow along a path of SVG: 7 px beyond its end. */
function tipOf(path) {
  const [x, y] = path.match(/-?[\d.]+/g).slice(-2).map(Number);
  return [x, y + 7];
}

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
