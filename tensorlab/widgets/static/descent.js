// DescentView: the page's side. Every number was computed by the kernel; here they are stepped through, drawn and spoken.
const COLOURS = ["var(--tl-run-1)", "var(--tl-run-2)", "var(--tl-run-3)", "var(--tl-run-4)"];
const DASHES = ["none", "8 4", "2 4", "12 4 2 4"];
const UNITS = {across: 1600, down: 1200};  // of the contours' paths
const STOPS = [-4, -3, -2, -1, 0, 1].flatMap((power) => [1, 1.5, 2, 3, 5, 7].map((digit) => Number(`${digit}e${power}`)));
const PAUSE = 90;  // milliseconds between two steps: quick enough to see a path, slow enough to see a step
const MOST_RUNS = 4, MOST_STEPS = 600;
let pages = 0;  // each view needs names of its own for its labels

function render({model, el}) {
  const id = `tl-descent-${++pages}`;
  const voice = speaker();
  let runs = model.get("runs").slice();
  let chosen = 0, at = 0, timer = null, aim = null, wanted = null;

  // -- controls
  const listed = make("div", {class: "tl-runs", role: "radiogroup", "aria-label": "Runs; the chosen one is changed by the controls"});
  const add = press("Add a run", () => request({number: runs.length, chooses: runs.length}));
  const drop = press("Remove", () => { if (runs.length > 1) dropRun(); });
  const recipe = make("select", {id: `${id}-recipe`, onchange: () => request({recipe: Number(recipe.value)})});
  const rule = div("rule");
  const slider = make("input", {type: "range", id: `${id}-rate`, min: 0, step: 1, oninput: () => request({rate: stops()[Number(slider.value)]})});
  const exact = make("input", {type: "number", class: "tl-exact", step: "any", min: 0, "aria-label": "learning rate, as a number", ...onEntry(() => {
    const value = Number(exact.value);
    if (value > 0 && value <= 1000) request({rate: value}); else exact.value = current().rate;
  })});
  const plane = make("select", {id: `${id}-plane`, onchange: () => lineTo.ask({kind: "plane", which: Number(plane.value)})});
  const fit = press("Fit", () => lineTo.ask({kind: "plane", which: Number(plane.value)}), {title: "show all runs whole"});
  const first = press("Reset", () => { stop(); go(0, true); }, {title: "back to the start"});
  const back = press("Back", () => { stop(); go(at - 1, true); });
  const step = press("Step", () => { stop(); forward(true); });
  const play = press("Play", () => (timer ? stop() : start()), {"aria-pressed": "false"});
  const scrub = make("input", {type: "range", class: "tl-grow", min: 0, step: 1, "aria-label": "step", oninput: () => { stop(); go(Number(scrub.value), false); }});
  const reading = div("reading");
  const copy = press("Copy as code", async () => {
    details.open = true;
    const worked = await copied(current().code, code);
    note(worked ? "The code of this run is copied." : "Copy the marked text: the browser does not let the page do it.");
  });
  const apply = press("Apply to notebook", () => lineTo.ask({kind: "apply", number: chosen, step: Math.min(at, last(current()))}));
  const code = make("code", {});
  const details = make("details", {class: "tl-code"}, make("summary", {}, "This run as code"), make("pre", {tabindex: 0, "aria-label": "code"}, code));
  const told = make("div", {class: "tl-note tl-told", role: "status"});
  const why = make("div", {class: "tl-note", id: `${id}-why`});
  const problem = make("div", {class: "tl-problem", hidden: true, role: "alert"});

  // -- pictures
  const picture = div("picture");
  const landscape = draw("svg", {class: "tl-landscape", tabindex: 0, role: "application", "aria-roledescription": "landscape"});
  const curve = draw("svg", {class: "tl-curve", role: "img"});
  const remark = div("note");
  picture.append(landscape, curve, remark);
  let room = {left: 74, top: 8, right: 10, bottom: 36, wide: 640};

  const current = () => runs[chosen];
  const last = (run) => run.points.length - 1;
  const longest = () => Math.max(...runs.map(last));
  const stops = () => (lineTo.state.alive ? STOPS : [...new Set(bankOf(current().recipe).map((run) => run.rate))]);
  const bankOf = (which) => model.get("bank").filter((run) => run.recipe === which);
  const nameOf = (run) => model.get("recipes")[run.recipe].name;
  const short = (run) => nameOf(run) + (model.get("recipes")[run.recipe].takes_rate ? `, η = ${written(run.rate)}` : "");
  const nearest = (list, value) => list.reduce((best, each, place) =>
    Math.abs(Math.log(each / value)) < Math.abs(Math.log(list[best] / value)) ? place : best, 0);

  // -- asking for another run
  function request({number = chosen, recipe: which = current().recipe, rate = current().rate, to = null, chooses = number}) {
    problem.hidden = true;
    if (number >= MOST_RUNS) return;
    if (!lineTo.state.alive) {
      const bank = bankOf(which);
      if (!bank.length) return;
      runs[number] = bank[nearest(bank.map((run) => run.rate), rate)];
      chosen = chooses;
      at = Math.min(at, longest());
      show();
      voice.say(sentence());
      return;
    }
    wanted = chooses;
    const [u, v] = to || current().points[0];
    lineTo.ask({kind: "run", number, recipe: which, rate, u, v, moved: to !== null || number === runs.length});
  }
  function dropRun() {
    if (lineTo.state.alive) { wanted = Math.max(0, chosen - 1); lineTo.ask({kind: "drop", number: chosen}); return; }
    runs.splice(chosen, 1);
    chosen = Math.max(0, chosen - 1);
    show();
  }

  // -- stepping
  function go(where, speak) {
    at = Math.max(0, Math.min(longest(), where));
    if (speak) voice.say(sentence());
    showStep();
  }
  function forward(speak) {
    const growing = at >= longest() && lineTo.state.alive && !current().lost && last(current()) < MOST_STEPS;
    if (growing) lineTo.ask({kind: "more", number: chosen});
    else go(at + 1, speak);
    return at < longest() || growing;
  }
  function start() {
    if (at >= longest() && (!lineTo.state.alive || current().lost || last(current()) >= MOST_STEPS)) go(0, false);
    if (calm()) { go(longest(), true); return; }
    play.setAttribute("aria-pressed", "true");
    play.textContent = "Pause";
    const tick = () => {
      if (at >= longest()) { stop(); voice.say(sentence()); return; }
      go(at + 1, false);
      timer = setTimeout(tick, PAUSE);
    };
    if (at >= longest()) forward(false);
    timer = setTimeout(tick, PAUSE);
  }
  function stop() {
    clearTimeout(timer);
    timer = null;
    play.setAttribute("aria-pressed", "false");
    play.textContent = "Play";
  }

  // -- words
  function sentence(run = current()) {
    const when = Math.min(at, last(run));
    const [u, v] = run.points[when];
    const end = run.lost && when === last(run) ? " At the next step a number is no longer finite: the rate is too large here." : "";
    return `Run ${runs.indexOf(run) + 1}, ${short(run)}. Step ${when} of ${last(run)}: cost ${written(run.costs[when])} at (${written(u)}, ${written(v)}).${end}`;
  }
  function note(text) { told.textContent = text; }

  // -- drawing
  const spot = ([u, v]) => {
    const [left, right, low, high] = model.get("landscape").window;
    const keep = (value, length) => Math.max(-4 * length, Math.min(5 * length, value));
    return [keep((u - left) / (right - left) * room.across, room.across), keep((high - v) / (high - low) * room.down, room.down)];
  };
  const points = (list) => list.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  let moving = null, drawn = null;  // what changes with each step, and the size for which the rest was drawn

  function size() {
    const wide = Math.max(280, Math.min(760, picture.clientWidth || 640));
    const across = wide - room.left - room.right;
    room = {...room, wide, across, down: Math.round(across * 0.7)};
  }
  function drawLandscape() {
    size();
    const land = model.get("landscape"), [left, right, low, high] = land.window;
    const {left: x0, top: y0, across, down, wide} = room, tall = y0 + down + room.bottom;
    landscape.replaceChildren();
    fill(landscape, {width: wide, height: tall, viewBox: `0 0 ${wide} ${tall}`}, []);
    const inside = draw("svg", {x: x0, y: y0, width: across, height: down, viewBox: `0 0 ${UNITS.across} ${UNITS.down}`, preserveAspectRatio: "none"});
    for (const band of land.bands) inside.append(draw("path", {d: band.d, class: "tl-band", "fill-opacity": (0.02 + 0.2 * band.shade).toFixed(3), "fill-rule": "evenodd"}));
    for (const each of land.lines) inside.append(draw("path", {d: each.d, class: "tl-contour"}));
    landscape.append(inside);
    for (const each of land.lines) {
      if (each.at) landscape.append(draw("text", {class: "tl-height", x: x0 + each.at[0] / UNITS.across * across, y: y0 + each.at[1] / UNITS.down * down + 4, "text-anchor": "middle"}, each.text));
    }
    const text = (x, y, anchor, what, more) => landscape.append(draw("text", {x, y, "text-anchor": anchor, ...more}, what));
    text(x0, y0 + down + 16, "start", written(left, 3));
    text(x0 + across, y0 + down + 16, "end", written(right, 3));
    text(x0 - 6, y0 + down, "end", written(low, 3));
    text(x0 - 6, y0 + 12, "end", written(high, 3));
    text(x0 + across / 2, y0 + down + 20, "middle", land.labels[0], {class: "tl-axis"});
    text(12, y0 + down / 2, "middle", land.labels[1], {class: "tl-axis", transform: `rotate(-90 12 ${y0 + down / 2})`});
    moving = draw("svg", {x: x0, y: y0, width: across, height: down});
    landscape.append(moving, draw("rect", {x: x0, y: y0, width: across, height: down, class: "tl-frame"}));
    landscape.setAttribute("aria-label", `The cost over ${land.labels[0]}, to the right, and ${land.labels[1]}, upwards. ` +
      (lineTo.state.alive ? "Arrow keys move the start of the chosen run, with Shift in small steps; Enter takes a step." : "Enter takes a step."));
    drawn = wide;
  }
  function drawPaths() {
    moving.replaceChildren();
    const order = runs.map((_, place) => place).sort((a, b) => (a === chosen) - (b === chosen));
    for (const place of order) {
      const run = runs[place], shown = run.points.slice(0, Math.min(at, last(run)) + 1).map(spot);
      const colour = COLOURS[place], main = place === chosen;
      moving.append(draw("polyline", {points: points(shown), class: "tl-halo"}));
      moving.append(draw("polyline", {points: points(shown), fill: "none", stroke: colour, "stroke-width": main ? 3 : 2, "stroke-dasharray": DASHES[place]}));
      for (const [x, y] of shown.slice(1, -1)) moving.append(draw("circle", {cx: x, cy: y, r: main ? 3 : 2.5, fill: colour}));
      const [x, y] = shown[0], [a, b] = shown[shown.length - 1];
      moving.append(draw("circle", {cx: x, cy: y, r: 6, class: "tl-start", stroke: colour}));
      moving.append(draw("circle", {cx: a, cy: b, r: 9, fill: colour, class: "tl-end"}), draw("text", {x: a, y: b + 4, class: "tl-mark", "text-anchor": "middle"}, String(place + 1)));
    }
    if (aim) {
      const [x, y] = spot(aim);
      moving.append(draw("path", {d: `M${x - 9} ${y}H${x + 9}M${x} ${y - 9}V${y + 9}`, class: "tl-aim"}));
    }
  }
  function drawCurve() {
    const {left: x0, across, wide} = room, y0 = 10, down = 92, tall = y0 + down + 34;
    const values = runs.flatMap((run) => run.costs).filter((cost) => cost !== null);
    const top = values.length ? Math.max(...values) : 1, least = values.length ? Math.min(...values) : 0, steps = Math.max(1, longest());
    const powers = least > 0 && top / least > 50;  // a fall through so many sizes shows only on a scale of powers
    const bottom = powers ? least : Math.min(0, least);
    const high = (cost) => (powers ? Math.log(cost / bottom) / Math.log(top / bottom) : (cost - bottom) / (top - bottom || 1));
    curve.replaceChildren();
    fill(curve, {width: wide, height: tall, viewBox: `0 0 ${wide} ${tall}`}, []);
    const text = (x, y, anchor, what, more) => curve.append(draw("text", {x, y, "text-anchor": anchor, ...more}, what));
    curve.append(draw("path", {d: `M${x0} ${y0}V${y0 + down}H${x0 + across}`, class: "tl-frame"}));
    text(x0 - 6, y0 + 10, "end", written(top, 3));
    text(x0 - 6, y0 + down, "end", written(bottom, 3));
    const middle = y0 + down / 2 - 8;  // above the number at the bottom, which may be wide
    text(12, middle, "middle", powers ? "cost (log)" : "cost", {class: "tl-axis", transform: `rotate(-90 12 ${middle})`});
    text(x0, y0 + down + 16, "start", "0");
    text(x0 + across, y0 + down + 16, "end", String(steps));
    text(x0 + across / 2, y0 + down + 20, "middle", "step", {class: "tl-axis"});
    const place = (cost, when) => [x0 + when / steps * across, y0 + (1 - high(cost)) * down];
    runs.forEach((run, number) => {
      const shown = run.costs.slice(0, at + 1).map((cost, when) => (cost === null ? null : place(cost, when))).filter(Boolean);
      if (!shown.length) return;
      curve.append(draw("polyline", {points: points(shown), fill: "none", stroke: COLOURS[number], "stroke-width": number === chosen ? 3 : 2, "stroke-dasharray": DASHES[number]}));
      const [x, y] = shown[shown.length - 1];
      curve.append(draw("circle", {cx: x, cy: y, r: 4, fill: COLOURS[number]}));
    });
    curve.setAttribute("aria-label", `Cost by step. ${runs.map((run) => sentence(run)).join(" ")}`);
  }
  function showStep() {
    drawPaths();
    drawCurve();
    scrub.max = longest();
    scrub.value = at;
    scrub.setAttribute("aria-valuetext", `step ${at} of ${longest()}`);
    const run = current(), when = Math.min(at, last(run)), [u, v] = run.points[when];
    reading.replaceChildren(
      span("number", `step ${when} / ${last(run)}`), make("span", {}, "cost "), make("strong", {class: "tl-number"}, written(run.costs[when])),
      span("number", `at (${written(u)}, ${written(v)})`));
    if (run.lost && when === last(run)) reading.append(make("strong", {class: "tl-back"}, "diverged: the next number is not finite"));
    const [west, east, south, north] = model.get("landscape").window;
    const gone = runs.some((each) => { const [x, y] = each.points[Math.min(at, last(each))]; return x < west || x > east || y < south || y > north; });
    remark.textContent = [model.get("landscape").note, gone ? `A path has left the picture${lineTo.state.alive ? ": Fit shows it whole." : "."}` : ""].join(" ").trim();
    back.disabled = first.disabled = at === 0;
    step.disabled = at >= longest() && !(lineTo.state.alive && !run.lost && last(run) < MOST_STEPS);
  }
  function show() {
    const alive = lineTo.state.alive, run = current(), recipes = model.get("recipes");
    listed.replaceChildren(...runs.map((each, place) => make("label", {class: "tl-run", "data-chosen": place === chosen ? "yes" : "no"},
      make("input", {type: "radio", name: `${id}-runs`, value: place, onchange: () => { chosen = place; show(); voice.say(sentence()); }}),
      draw("svg", {width: 44, height: 20, "aria-hidden": "true"}, draw("path", {d: "M2 10H42", fill: "none", stroke: COLOURS[place], "stroke-width": 3, "stroke-dasharray": DASHES[place]}),
        draw("circle", {cx: 22, cy: 10, r: 9, fill: COLOURS[place]}), draw("text", {x: 22, y: 14, class: "tl-mark", "text-anchor": "middle"}, String(place + 1))),
      make("span", {}, short(each)))));
    listed.querySelectorAll("input")[chosen].checked = true;
    recipe.replaceChildren(...recipes.map((each, place) => make("option", {value: place}, each.name)));
    recipe.value = run.recipe;
    rule.replaceChildren(...recipes[run.recipe].rule.map((tree) => formula(tree)));
    const list = stops();
    slider.max = list.length - 1;
    slider.value = nearest(list, run.rate);
    slider.setAttribute("aria-valuetext", written(run.rate));
    if (document.activeElement !== exact) exact.value = run.rate;
    plane.replaceChildren(...model.get("planes").map((label, place) => make("option", {value: place}, label)));
    plane.value = model.get("landscape").plane;
    const fixed = !recipes[run.recipe].takes_rate;
    slider.disabled = fixed || list.length < 2;
    exact.disabled = fixed || !alive;
    plane.disabled = fit.disabled = apply.disabled = !alive;
    add.disabled = runs.length >= MOST_RUNS;
    drop.disabled = runs.length < 2;
    for (const each of [exact, plane, fit, apply, landscape]) alive ? each.removeAttribute("aria-describedby") : each.setAttribute("aria-describedby", why.id);
    why.textContent = !alive ? "No kernel answers, so these are recorded runs: optimizers, some learning rates and all steps work. Another start, another plane and Apply need a kernel: run the cell."
      : fixed ? `${recipes[run.recipe].name} sets its own rate: give it a parameter rate to change it here.` : "";
    code.textContent = run.code;
    drawLandscape();
    showStep();
  }

  // -- the start, by pointer and by keys
  const under = (event) => {
    const box = landscape.getBoundingClientRect(), [left, right, low, high] = model.get("landscape").window;
    const x = (event.clientX - box.left) * room.wide / box.width - room.left, y = (event.clientY - box.top) * room.wide / box.width - room.top;
    const limit = (value) => Math.max(0, Math.min(1, value));
    return [left + limit(x / room.across) * (right - left), high - limit(y / room.down) * (high - low)];
  };
  let dragging = false;
  landscape.addEventListener("pointerdown", (event) => {
    if (!lineTo.state.alive) { note(why.textContent); return; }
    dragging = true;
    landscape.setPointerCapture(event.pointerId);
    request({to: under(event)});
  });
  landscape.addEventListener("pointermove", (event) => { if (dragging) request({to: under(event)}); });
  for (const end of ["pointerup", "pointercancel"]) landscape.addEventListener(end, () => { if (dragging) { dragging = false; voice.say(sentence()); } });
  landscape.addEventListener("keydown", (event) => {
    const ways = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
    if (event.key === "Enter") { event.preventDefault(); stop(); forward(true); return; }
    if (!(event.key in ways) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();  // a notebook moves to another cell with these keys
    if (!lineTo.state.alive) { note(why.textContent); return; }
    const [left, right, low, high] = model.get("landscape").window, part = event.shiftKey ? 0.005 : 0.04;
    const [u, v] = aim || current().points[0], [across, up] = ways[event.key];
    aim = [Math.max(left, Math.min(right, u + across * part * (right - left))), Math.max(low, Math.min(high, v + up * part * (high - low)))];
    request({to: aim});
    voice.say(`Start at ${written(aim[0])}, ${written(aim[1])}.`);
    drawPaths();
  });

  // -- what the kernel says
  const lineTo = line(model, (kind, content) => {
    if (kind === "here") show();
    else if (kind === "late") { note(LATE_TEXT); }
    else if (kind === "problem" || kind === "refused") {
      wanted = aim = null;
      problem.textContent = content.text || `The kernel did not take that: ${content.why || "no reason given"}.`;
      problem.hidden = false;
      show();
    } else if (kind === "applied") { note(String(content.text)); }
  });
  const renewed = () => {
    const more = at > 0 && at === longest() && model.get("runs").some((run, place) => runs[place] && last(run) > last(runs[place]) && run.rate === runs[place].rate);
    runs = model.get("runs").slice();
    chosen = Math.max(0, Math.min(runs.length - 1, wanted === null ? chosen : wanted));
    wanted = aim = null;
    at = Math.min(more ? at + 1 : at, longest());
    problem.hidden = true;
    if (told.textContent === LATE_TEXT) note("");
    show();
    lineTo.done();
  };
  const relandscaped = () => { drawn = null; show(); lineTo.done(); };
  model.on("change:runs", renewed);
  model.on("change:landscape", relandscaped);

  const field = (text, control, ...more) => div("field", make("label", {for: control.id}, text), control, ...more);
  const panel = div("panel",
    make("div", {class: "tl-cost", tabindex: 0, role: "group", "aria-label": "the cost"}, "Cost ", model.get("formula").length ? formula(model.get("formula")) : span("number", model.get("title"))),
    listed, div("bar", add, drop),
    field("Optimizer", recipe), rule,
    field("Learning rate η", slider, exact),
    field("Drawn over", plane, fit),
    div("bar", first, back, step, play), div("bar", scrub), reading,
    div("bar", copy, apply), told, why, problem, details);
  const whole = make("div", {class: "tensorlab tl-descent", role: "group", "aria-label": "Gradient descent"}, div("sides", picture, panel), voice.place);
  el.append(whole);
  at = longest();
  show();
  const watch = new ResizeObserver(() => { if (picture.clientWidth && Math.max(280, Math.min(760, picture.clientWidth)) !== drawn) { drawLandscape(); showStep(); } });
  watch.observe(picture);
  return () => {
    stop();
    watch.disconnect();
    lineTo.hangUp();
    model.off("change:runs", renewed);
    model.off("change:landscape", relandscaped);
  };
}
export default {render};
