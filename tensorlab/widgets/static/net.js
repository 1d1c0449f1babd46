// NetView: the page's side. It asks the kernel for frames, draws them, and asks for the next; it computes nothing but colours.
const COARSE = 16, MANY = 200;
const PACE = 33;  // milliseconds a frame is shown at least: thirty a second look smooth, and leave time to everything else
const WAITING = 3;  // frames that lie ready: 100 ms, so that a late answer is not seen
const PATIENT = 100;  // milliseconds that an answer may take: Stop and a new learning rate wait for it
const MOST = 4;  // frames that the kernel sends at once
const SPEEDS = [["1 step a frame", 1], ["5 steps a frame", 5], ["20 steps a frame", 20], ["1 epoch a frame", 0]];
const RATES = [-3, -2, -1, 0].flatMap((power) => [1, 2, 3, 5].map((digit) => Number(`${digit}e${power}`))).concat([10]);
const LAYERS = {"1": "1 layer", "2": "2 layers", "3": "3 layers"};
const NAMES = {gradient_descent: "gradient descent", momentum: "momentum", nesterov: "Nesterov", adagrad: "AdaGrad", rmsprop: "RMSprop", adam: "Adam",
  sigmoid: "sigmoid", relu: "ReLU", tanh: "tanh", picture: "picture of the course", xor: "XOR", circles: "circles", spirals: "spirals", own: "my own points"};
let pages = 0;

function bytes(text) {
  if (typeof text !== "string") return text;
  const letters = atob(text), values = new Uint8Array(letters.length);
  for (let place = 0; place < values.length; place++) values[place] = letters.charCodeAt(place);
  return values;
}

function render({model, el}) {
  const id = `tl-net-${++pages}`;
  const voice = speaker();
  let playing = false, current = null, viewing = null, shown = -1, costs = [], theme = null, cross = null, kind = 1, painting = null, timer = null, width = 0;
  const neurons = () => settings().layers.reduce((a, b) => a + b, 0);
  const settings = () => model.get("settings");
  const alive = () => lineTo.state.alive;
  const frames = () => model.get("record").frames;
  const frame = () => (viewing === null ? current || model.get("frame") : frames()[viewing]);

  // -- controls
  const ask = (content) => { problem.hidden = true; lineTo.ask(content); };
  const restart = press("Reset", () => { stop(); viewing = null; ask({kind: "restart", anew: false}); }, {title: "back to the first weights"});
  const anew = press("New weights", () => { stop(); viewing = null; ask({kind: "restart", anew: true}); });
  const one = press("Step", () => { stop(); viewing = null; ask({kind: "frame", steps: 1}); resting(); });
  const epoch = press("Epoch", () => { stop(); viewing = null; ask({kind: "epoch"}); });
  const play = press("Play", () => (playing ? stop(true) : start()), {"aria-pressed": "false"});
  const speed = make("select", {"aria-label": "how much training a frame shows"}, SPEEDS.map(([text], place) => make("option", {value: place}, text)));
  speed.value = 1;
  const select = (name, list, act) => make("select", {id: `${id}-${name}`, onchange: act}, list.map((each) => make("option", {value: each}, NAMES[each] || each)));
  const choices = model.get("choices");
  const data = select("data", choices.data, () => { stop(); viewing = null; shown = -1; ask({kind: "choose", data: data.value}); });
  const build = () => {
    stop();
    viewing = null;
    const layers = widths.slice(0, Number(depth.value)).map((each) => Math.max(1, Math.min(choices.widest, Math.round(Number(each.value)) || 1)));
    ask({kind: "build", layers, activation: activation.value, recipe: recipe.value});
  };
  const activation = select("activation", choices.activations, build);
  const recipe = select("recipe", choices.recipes, build);
  const depth = make("select", {id: `${id}-depth`, onchange: build}, Object.entries(LAYERS).map(([value, text]) => make("option", {value}, text)));
  const widths = [1, 2, 3].map((place) => make("input", {type: "number", min: 1, max: choices.widest, step: 1, class: "tl-small", ...onEntry(build), "aria-label": `neurons of hidden layer ${place}`}));
  const tune = (rate, size) => ask({kind: "tune", rate, batch: size});
  const slider = make("input", {type: "range", id: `${id}-rate`, min: 0, max: RATES.length - 1, step: 1, oninput: () => { exact.value = RATES[slider.value]; tune(RATES[slider.value], settings().batch); }});
  const exact = make("input", {type: "number", class: "tl-exact", min: 0, step: "any", "aria-label": "learning rate, as a number", ...onEntry(() => {
    const value = Number(exact.value);
    if (value > 0 && value <= 100) tune(value, settings().batch); else exact.value = settings().rate;
  })});
  const batch = make("input", {type: "number", id: `${id}-batch`, min: 1, max: 1000, step: 1, class: "tl-small", ...onEntry(() => {
    const value = Math.round(Number(batch.value));
    if (value >= 1 && value <= 1000) tune(settings().rate, value); else batch.value = settings().batch;
  })});
  const scrub = make("input", {type: "range", class: "tl-grow", id: `${id}-scrub`, min: 0, step: 1, oninput: () => { stop(true); look(Number(scrub.value)); }});
  const live = press("Now", () => { viewing = null; show(); }, {title: "back to the network as it is now"});
  const which = make("select", {id: `${id}-which`, onchange: () => { shown = Number(which.value); drawAll(); voice.say(words()); }});
  const brush = [1, 0].map((each) => press(each ? "● paint 1" : "■ paint 0", () => { kind = each; brushes(); }, {class: each ? "tl-one" : "tl-zero"}));
  const code = make("code", {});
  const details = make("details", {class: "tl-code"}, make("summary", {}, "This network as code"), make("pre", {tabindex: 0, "aria-label": "code"}, code));
  const copy = press("Copy as code", async () => {
    details.open = true;
    told.textContent = (await copied(model.get("code"), code)) ? "The code is copied." : "Copy the marked text: the browser does not let the page do it.";
  });
  const told = make("div", {class: "tl-note", role: "status"});
  const why = make("div", {class: "tl-note", id: `${id}-why`});
  const problem = make("div", {class: "tl-problem", hidden: true, role: "alert"});
  const reading = div("reading");

  // -- pictures
  const net = make("canvas", {class: "tl-drawing", role: "img"});
  const plane = make("canvas", {class: "tl-plane", tabindex: 0, role: "application", "aria-roledescription": "plane"});
  const curve = draw("svg", {class: "tl-curve", role: "img"});
  const few = span("note");
  const legend = div("legend", span("one", "● 1, positive weight ━"), span("zero", "■ 0, negative weight ╍"), make("span", {}, "drawn line: output ½"), few);
  const left = div("left", net, legend), right = div("right");

  // -- playing
  const steps = () => SPEEDS[speed.value][1] || settings().batches;
  function start() {
    if (!alive()) {
      if (calm()) { look(frames().length - 1, true); return; }
      playing = true;
      pressed();
      if (viewing === null || viewing >= frames().length - 1) look(0);
      const tick = () => {
        if (!playing) return;
        if (viewing >= frames().length - 1) { stop(); voice.say(words()); return; }
        look(viewing + 1);
        timer = setTimeout(tick, 150);
      };
      timer = setTimeout(tick, 150);
      return;
    }
    viewing = null;
    playing = true;
    pressed();
    more();
    requestAnimationFrame(animate);
  }
  function stop(speak) {
    clearTimeout(timer);
    if (!playing) return;
    playing = false;
    queue = [];
    pressed();
    if (alive()) resting();
    if (speak) voice.say(words());
  }
  const resting = () => ask({kind: "rest"});
  function pressed() {
    play.setAttribute("aria-pressed", String(playing));
    play.textContent = playing ? "Stop" : "Play";
  }
  function look(place, speak) {
    viewing = Math.max(0, Math.min(frames().length - 1, place));
    show();
    if (speak) voice.say(words());
  }

  // -- words
  const label = (neuron) => {
    if (neuron < 0) return "output";
    let layer = 0, rest = neuron;
    while (rest >= settings().layers[layer]) rest -= settings().layers[layer++];
    return `neuron ${rest + 1} of hidden layer ${layer + 1}`;
  };
  function words() {
    const {epoch: rounds, step, cost, right: part} = frame();
    const share = part === undefined || part === null ? "" : `, ${written(part * 100, 3)}% of the points on the right side`;
    return `Epoch ${rounds}, step ${step}: cost ${written(cost)}${share}. Shown: ${label(shown)}.`;
  }

  // -- colours
  function palette() {
    const style = getComputedStyle(whole), read = (name) => style.getPropertyValue(name).trim();
    const key = ["--tl-blue", "--tl-vermilion", "--tl-paper", "--tl-ink", "--tl-line", "--tl-orange"].map(read);
    if (theme && theme.key === key.join()) return theme;
    const spot = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const rgb = (text) => { spot.clearRect(0, 0, 1, 1); spot.fillStyle = text; spot.fillRect(0, 0, 1, 1); return spot.getImageData(0, 0, 1, 1).data; };
    const [blue, vermilion, paper] = key.slice(0, 3).map(rgb), table = new Uint32Array(256), view = new DataView(table.buffer);
    for (let value = 0; value < 256; value++) {
      const strength = Math.abs(value - 127.5) / 127.5 * 0.8, end = value > 127.5 ? blue : vermilion;
      for (let part = 0; part < 3; part++) view.setUint8(4 * value + part, paper[part] + (end[part] - paper[part]) * strength);
      view.setUint8(4 * value + 3, 255);
    }
    const [blueText, vermilionText, paperText, ink, quiet, orange] = key;
    theme = {key: key.join(), font: style.fontFamily, table, blue: blueText, vermilion: vermilionText, paper: paperText, ink, quiet, orange};
    return theme;
  }
  // surfaces, one below the other, as one picture: making a picture is what costs
  const sheets = new Map();
  function tiles(values, side, name) {
    const {table} = theme, count = Math.max(1, Math.floor(values.length / (side * side)));
    if (!sheets.has(name)) sheets.set(name, document.createElement("canvas"));
    const sheet = sheets.get(name);
    if (sheet.width !== side || sheet.height !== side * count) { sheet.width = side; sheet.height = side * count; }
    const context = sheet.getContext("2d"), image = context.createImageData(side, side * count), pixels = new Uint32Array(image.data.buffer);
    for (let place = 0; place < pixels.length; place++) pixels[place] = table[values[place]];
    context.putImageData(image, 0, 0);
    return sheet;
  }
  function ready(canvas, across, down) {
    const dense = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(across * dense) || canvas.height !== Math.round(down * dense)) {
      canvas.width = Math.round(across * dense);
      canvas.height = Math.round(down * dense);
      canvas.style.width = `${across}px`;
      canvas.style.height = `${down}px`;
    }
    const context = canvas.getContext("2d");
    context.setTransform(dense, 0, 0, dense, 0, 0);
    context.clearRect(0, 0, across, down);
    return context;
  }

  // -- the network
  let places = [];  // of every neuron: column by column, {x, y, side, neuron}
  function arrange(across, down) {
    const layers = settings().layers, columns = [2, ...layers, 1], gap = (across - 96) / (columns.length - 1);
    places = columns.map((count, column) => {
      const hidden = column > 0 && column < columns.length - 1, strands = hidden && count > 16 ? 2 : 1, rows = Math.ceil(count / strands);
      const side = hidden ? Math.max(9, Math.min(38, (down - 40) / rows - 4, gap / strands * 0.42)) : column ? Math.min(46, gap * 0.5) : 30;
      return Array.from({length: count}, (_, place) => {
        const row = Math.floor(place / strands), strand = place % strands;
        return {side, x: 40 + gap * column + (strands > 1 ? (strand - 0.5) * (side + 6) : 0), y: 24 + (down - 44) * ((row + 0.5 + (strands > 1 ? (strand - 0.5) * 0.4 : 0)) / rows),
          neuron: hidden ? layers.slice(0, column - 1).reduce((a, b) => a + b, 0) + place : column ? -1 : null};
      });
    });
  }
  // below which size a weight is not drawn: of many only the largest, for a thousand lines are a grey ball
  function smallest(weights) {
    if (weights.length <= MANY) return 4;
    const counts = new Uint16Array(129);
    for (const each of weights) counts[Math.abs(each - 128)]++;
    let size = 128;
    for (let drawn = 0; size > 4 && drawn + counts[size] <= MANY; size--) drawn += counts[size];
    return size + 1;
  }
  function drawNet(now) {
    const across = Math.max(300, left.clientWidth || 560), down = 470, context = ready(net, across, down), colours = theme;
    arrange(across, down);
    const weights = bytes(now.weights), least = smallest(weights), many = weights.length > MANY, dash = many ? [12, 8] : [5, 3];
    const strokes = new Map();  // lines by width and sign
    let at = 0;
    for (let column = 1; column < places.length; column++) {
      for (const to of places[column]) {
        for (const from of places[column - 1]) {
          const weight = weights[at++] - 128, size = Math.abs(weight);
          if (size < least) continue;
          const bucket = Math.max(1, Math.round(size / 127 * 6)), key = weight > 0 ? bucket : -bucket;
          if (!strokes.has(key)) strokes.set(key, []);
          strokes.get(key).push([from.x + from.side / 2, from.y, to.x - to.side / 2, to.y]);
        }
      }
    }
    few.textContent = many ? `of ${weights.length} weights the ${MANY} largest` : "";
    for (const [key, lines] of [...strokes].sort((a, b) => Math.abs(a[0]) - Math.abs(b[0]))) {
      const strength = Math.abs(key) / 6;
      context.lineWidth = 0.5 + 3.5 * strength;
      context.globalAlpha = 0.2 + 0.7 * strength;
      context.strokeStyle = key > 0 ? colours.blue : colours.vermilion;
      context.setLineDash(key > 0 ? [] : dash);
      for (const [x0, y0, x1, y1] of lines) {
        context.beginPath();
        context.moveTo(x0, y0);
        if (many) context.lineTo(x1, y1);  // straight lines, one by one, are what is drawn fastest
        else context.bezierCurveTo(x0 + (x1 - x0) * 0.4, y0, x1 - (x1 - x0) * 0.4, y1, x1, y1);
        context.stroke();
      }
    }
    context.globalAlpha = 1;
    context.setLineDash([]);
    const hidden = now.hidden ? bytes(now.hidden) : null;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = `italic 15px ${colours.font}`;
    places[0].forEach(({x, y, side}, place) => {
      context.fillStyle = colours.paper;
      context.strokeStyle = colours.blue;
      context.lineWidth = 2;
      context.beginPath();
      context.roundRect(x - side / 2, y - side / 2, side, side, 6);
      context.fill();
      context.stroke();
      context.fillStyle = colours.ink;
      context.fillText("x" + "₁₂"[place], x, y);
    });
    const sheet = hidden && tiles(hidden, COARSE, "hidden");
    for (const {x, y, side, neuron} of places.slice(1).flat()) {
      if (neuron === -1) context.drawImage(drawnOutput, x - side / 2, y - side / 2, side, side);
      else if (sheet) context.drawImage(sheet, 0, neuron * COARSE, COARSE, COARSE, x - side / 2, y - side / 2, side, side);
      else { context.fillStyle = colours.paper; context.fillRect(x - side / 2, y - side / 2, side, side); }
      context.lineWidth = neuron === shown ? 4 : side < 24 ? 1 : 1.5;
      context.strokeStyle = neuron === shown ? colours.orange : side < 24 ? colours.quiet : colours.ink;
      context.strokeRect(x - side / 2, y - side / 2, side, side);
    }
    context.fillStyle = colours.ink;
    context.font = `13px ${colours.font}`;
    settings().layers.forEach((count, place) => context.fillText(`${count} × ${NAMES[settings().activation]}`, 40 + (across - 96) / (settings().layers.length + 1) * (place + 1), 10));
    const end = places[places.length - 1][0];
    context.fillText("y", end.x, end.y + end.side / 2 + 12);
    if (!playing) net.setAttribute("aria-label", `Network ${[2, ...settings().layers, 1].join("-")}: wide blue lines are large positive weights, dashed vermilion ones negative; each neuron shows where in the plane it is active.`);
  }

  // -- the plane
  const SIDE = 330;
  let size = SIDE;
  function drawPlane(now) {
    size = Math.max(220, Math.min(SIDE, right.clientWidth || SIDE));
    const context = ready(plane, size, size), colours = theme, points = model.get("points"), area = COARSE * COARSE;
    const output = shown < 0;
    const values = output ? surface : now.hidden ? bytes(now.hidden).subarray(shown * area, (shown + 1) * area) : new Uint8Array(area).fill(128);
    const side = Math.round(Math.sqrt(values.length));
    context.drawImage(output ? drawnOutput : tiles(values, side, "shown"), 0, 0, size, size);
    context.strokeStyle = colours.ink;
    context.lineWidth = 2;
    context.stroke(boundary(values, side, size / side));
    const [west, east, south, north] = points.window;
    context.drawImage(dots(points), 0, 0, size, size);
    if (cross) {
      const u = (cross[0] - west) / (east - west) * size, v = (north - cross[1]) / (north - south) * size;
      context.strokeStyle = colours.ink;
      context.lineWidth = 2;
      context.stroke(new Path2D(`M${u - 9} ${v}H${u + 9}M${u} ${v - 9}V${v + 9}`));
    }
    if (!playing) plane.setAttribute("aria-label", `Plane of x₁, to the right from ${written(west, 3)} to ${written(east, 3)}, and x₂, upwards from ${written(south, 3)} to ${written(north, 3)}, with ${points.count} points. ` +
      (alive() ? "Arrow keys move a cross; 1 and 0 put a point there." : "Painting needs a kernel."));
  }
  // the points change seldom: a picture of them is kept
  let dotted = null, dottedKey = "";
  function dots(points) {
    const key = [size, theme.key, window.devicePixelRatio].join();
    if (dotted && dotted.points === points && dottedKey === key) return dotted.canvas;
    const canvas = document.createElement("canvas"), context = ready(canvas, size, size), [west, east, south, north] = points.window;
    points.places.forEach(([x, y], place) => {
      const u = (x - west) / (east - west) * size, v = (north - y) / (north - south) * size;
      context.beginPath();
      if (points.kinds[place]) context.arc(u, v, 3.6, 0, 7); else context.rect(u - 3, v - 3, 6, 6);
      context.fillStyle = points.kinds[place] ? theme.blue : theme.paper;
      context.strokeStyle = points.kinds[place] ? theme.paper : theme.vermilion;
      context.lineWidth = points.kinds[place] ? 1 : 1.8;
      context.fill();
      context.stroke();
    });
    dotted = {points, canvas};
    dottedKey = key;
    return canvas;
  }
  // where a surface crosses one half: a line in each square of four neighbours whose signs differ
  function boundary(values, side, scale) {
    const path = new Path2D(), at = (row, column) => values[row * side + column] - 127.5;
    const between = (a, b) => a / (a - b);
    for (let row = 0; row < side - 1; row++) {
      for (let column = 0; column < side - 1; column++) {
        const a = at(row, column), b = at(row, column + 1), c = at(row + 1, column + 1), d = at(row + 1, column), ends = [];
        if (a > 0 !== b > 0) ends.push([column + between(a, b), row]);
        if (b > 0 !== c > 0) ends.push([column + 1, row + between(b, c)]);
        if (d > 0 !== c > 0) ends.push([column + between(d, c), row + 1]);
        if (a > 0 !== d > 0) ends.push([column, row + between(a, d)]);
        for (let pair = 0; pair + 1 < ends.length; pair += 2) {
          path.moveTo((ends[pair][0] + 0.5) * scale, (ends[pair][1] + 0.5) * scale);
          path.lineTo((ends[pair + 1][0] + 0.5) * scale, (ends[pair + 1][1] + 0.5) * scale);
        }
      }
    }
    return path;
  }

  // -- the costs
  const trace = draw("polyline", {class: "tl-trace"}), mark = draw("circle", {r: 4.5, class: "tl-now"}), axis = draw("path", {class: "tl-frame"});
  const texts = ["end", "end", "start", "end"].map((anchor) => draw("text", {"text-anchor": anchor}));
  curve.append(axis, trace, mark, ...texts);
  function drawCurve(now) {
    const x0 = 52, y0 = 8, down = 72, across = size - x0 - 6;
    if (curve.getAttribute("width") !== String(size)) fill(curve, {width: size, height: y0 + down + 22, viewBox: `0 0 ${size} ${y0 + down + 22}`}, []);
    const known = costs.filter(([, cost]) => cost !== null), top = known.reduce((most, [, cost]) => Math.max(most, cost), 1e-9), last = known.length ? Math.max(1, known[known.length - 1][0]) : 1;
    const spot = (step, cost) => `${(x0 + step / last * across).toFixed(1)},${(y0 + (1 - cost / top) * down).toFixed(1)}`;
    axis.setAttribute("d", `M${x0} ${y0}V${y0 + down}H${x0 + across}`);
    trace.setAttribute("points", known.map(([step, cost]) => spot(step, cost)).join(" "));
    const [u, v] = spot(Math.min(now.step, last), Math.min(now.cost === null ? top : now.cost, top)).split(",");
    mark.setAttribute("cx", u);
    mark.setAttribute("cy", v);
    [[x0 - 5, y0 + 10, written(top, 3)], [x0 - 5, y0 + down, "0"], [x0, y0 + down + 17, "cost by step"], [x0 + across, y0 + down + 17, String(last)]].forEach(([x, y, text], place) => {
      texts[place].setAttribute("x", x);
      texts[place].setAttribute("y", y);
      texts[place].textContent = text;
    });
    if (!playing) curve.setAttribute("aria-label", `Cost by step, now ${written(now.cost)}.`);
  }
  let surface = null, drawnOutput = null;
  function drawAll() {
    const now = frame();
    if (shown >= neurons()) shown = -1;
    palette();
    surface = bytes(now.surface);
    drawnOutput = tiles(surface, Math.round(Math.sqrt(surface.length)), "output");
    drawNet(now);
    drawPlane(now);
    drawCurve(now);
    const part = now.right === undefined || now.right === null ? "" : `${written(now.right * 100, 3)}% right`;
    reading.textContent = `epoch ${now.epoch}   step ${now.step}   cost ${written(now.cost)}   ${part}`;
  }
  function show() {
    const now = settings(), on = alive();
    data.value = now.data;
    activation.value = now.activation;
    recipe.value = now.recipe;
    depth.value = now.layers.length;
    widths.forEach((each, place) => {
      each.hidden = place >= now.layers.length;
      if (place < now.layers.length) { if (document.activeElement !== each) each.value = now.layers[place]; } else if (!each.value) each.value = 8;
    });
    slider.value = RATES.reduce((best, each, place) => (Math.abs(Math.log(each / now.rate)) < Math.abs(Math.log(RATES[best] / now.rate)) ? place : best), 0);
    slider.setAttribute("aria-valuetext", written(now.rate));
    if (document.activeElement !== exact) exact.value = now.rate;
    if (document.activeElement !== batch) batch.value = now.batch;
    which.replaceChildren(make("option", {value: -1}, "the output"), ...Array.from({length: neurons()}, (_, neuron) => make("option", {value: neuron}, label(neuron))));
    which.value = shown;
    for (const each of [restart, anew, one, epoch, speed, data, activation, recipe, depth, ...widths, slider, exact, batch, ...brush]) {
      each.disabled = !on;
      on ? each.removeAttribute("aria-describedby") : each.setAttribute("aria-describedby", why.id);
    }
    live.disabled = !on || viewing === null;
    const record = model.get("record");
    scrub.max = Math.max(0, record.frames.length - 1);
    scrub.value = viewing === null ? (record.ahead ? 0 : scrub.max) : viewing;
    scrub.setAttribute("aria-valuetext", viewing === null ? "now" : `epoch ${frame().epoch}, step ${frame().step}`);
    why.textContent = !on ? "No kernel answers, so this is a recorded training: Play and the slider go through it, and the code can be copied. Everything else needs a kernel: run the cell."
      : record.ahead ? "The slider goes through a training that was recorded ahead; Play, Step and Epoch train now." : "";
    if (viewing !== null || !playing) costs = record.ahead && viewing === null ? record.costs.slice(0, 1) : record.costs.slice();
    code.textContent = model.get("code");
    brushes();
    drawAll();
  }
  const brushes = () => brush.forEach((each, place) => each.setAttribute("aria-pressed", String((place ? 0 : 1) === kind)));

  // -- painting, by pointer and by keys
  const under = (event) => {
    const box = plane.getBoundingClientRect(), [west, east, south, north] = model.get("points").window;
    return [west + (event.clientX - box.left) / box.width * (east - west), north - (event.clientY - box.top) / box.height * (north - south)];
  };
  const dab = (place) => { painting.push([...place, kind]); if (!lineTo.state.waiting) flush(); };
  const flush = () => { if (painting && painting.length) ask({kind: "paint", points: painting.splice(0, 200)}); };
  plane.addEventListener("pointerdown", (event) => {
    if (!alive()) { told.textContent = why.textContent; return; }
    stop();
    viewing = null;
    plane.setPointerCapture(event.pointerId);
    painting = [];
    dab(under(event));
  });
  let before = 0;
  plane.addEventListener("pointermove", (event) => {
    if (!painting || !event.buttons || event.timeStamp - before < 60) return;  // a point every 60 ms: a stroke is a row of points
    before = event.timeStamp;
    dab(under(event));
  });
  plane.addEventListener("keydown", (event) => {
    const ways = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
    if (event.altKey || event.ctrlKey || event.metaKey || !(event.key in ways || event.key === "1" || event.key === "0")) return;
    event.preventDefault();
    event.stopPropagation();  // a notebook would take these keys for itself
    if (!alive()) { told.textContent = why.textContent; return; }
    const [west, east, south, north] = model.get("points").window;
    cross ||= [(west + east) / 2, (south + north) / 2];
    if (event.key in ways) {
      const [across, up] = ways[event.key], part = event.shiftKey ? 0.01 : 0.05;
      cross = [Math.max(west, Math.min(east, cross[0] + across * part * (east - west))), Math.max(south, Math.min(north, cross[1] + up * part * (north - south)))];
      voice.say(`${written(cross[0], 3)}, ${written(cross[1], 3)}`);
      drawPlane(frame());
      return;
    }
    stop();
    kind = Number(event.key);
    brushes();
    painting ||= [];
    dab(cross);
    voice.say(`A point of kind ${kind} at ${written(cross[0], 3)}, ${written(cross[1], 3)}.`);
  });
  net.addEventListener("pointermove", (event) => {
    const box = net.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    const found = places.slice(1).flat().find((each) => Math.abs(each.x - x) <= each.side / 2 + 2 && Math.abs(each.y - y) <= each.side / 2 + 2);
    if (found && found.neuron !== shown) { shown = found.neuron; which.value = shown; drawAll(); }
  });
  net.addEventListener("pointerleave", () => { if (shown !== -1) { shown = -1; which.value = -1; drawAll(); } });

  // -- what the kernel says
  const lineTo = line(model, (said, content, buffers) => {
    if (said === "frames") { arrived(content, buffers); return; }
    if (said === "here") { viewing = null; show(); return; }
    if (said === "late") { stop(); told.textContent = LATE_TEXT; return; }
    stop();
    problem.textContent = content.text || `The kernel did not take that: ${content.why || "no reason given"}.`;
    problem.hidden = false;
    show();
  });
  // While it plays, frames come a few at a time and are drawn one by one, in even distances; when few are left, the page asks for more.
  let queue = [], pace = PACE, cost = PACE, drawn = 0, asked = null;
  function more() {
    if (!playing || queue.length > WAITING || lineTo.state.waiting) return;
    const count = Math.max(1, Math.min(MOST, Math.floor(PATIENT / cost)));
    asked = {at: performance.now(), count};
    ask({kind: "frames", steps: steps(), count});
  }
  function arrived({frames: numbers, sizes}, [buffer]) {
    if (asked) cost += ((performance.now() - asked.at) / asked.count - cost) / 4;  // milliseconds a frame, the last answers above all
    pace = Math.max(PACE, cost);
    asked = null;
    if (!playing) return;
    let at = 0;
    for (const each of numbers) {
      const [surface, hidden, weights] = sizes.map((size) => new Uint8Array(buffer.buffer, buffer.byteOffset + (at += size) - size, size));
      queue.push({...each, surface, hidden, weights});
    }
    more();
  }
  function animate(now) {
    if (!playing) return;
    requestAnimationFrame(animate);
    if (!queue.length || now - drawn < pace - 8) return;  // half a tick of a screen: the nearest one is meant
    drawn = now;
    current = queue.shift();
    if (!costs.length || costs[costs.length - 1][0] < current.step) costs.push([current.step, current.cost]);
    if (costs.length > 800) costs = costs.filter((_, place) => place % 2 === 0);
    more();
    drawAll();
  }
  const framed = () => {
    lineTo.done();
    if (told.textContent === LATE_TEXT) told.textContent = "";
    if (playing) { more(); return; }
    current = null;
    show();
    if (painting) flush();
  };
  model.on("change:frame", framed);

  const field = (text, control, ...more) => div("field", make("label", {for: control.id}, text), control, ...more);
  right.append(field("Shown", which), plane, div("bar", ...brush), curve);
  const whole = make("div", {class: "tensorlab tl-net", role: "group", "aria-label": "A network that learns"},
    div("bar", play, one, epoch, restart, anew, speed, reading),
    div("sides", left, right),
    div("bar", make("label", {for: scrub.id}, "Recorded"), scrub, live),
    div("fields", field("Data", data), field("Hidden", depth, ...widths), field("Activation", activation),
      field("Optimizer", recipe), field("Learning rate η", slider, exact), field("Batch size", batch)),
    div("bar", copy, told), why, problem, details, voice.place);
  el.append(whole);
  if (!alive()) viewing = frames().length - 1;
  show();
  const watch = new ResizeObserver(() => { if (left.clientWidth && left.clientWidth !== width) { width = left.clientWidth; drawAll(); } });
  watch.observe(left);
  return () => {
    playing = false;
    clearTimeout(timer);
    watch.disconnect();
    lineTo.hangUp();
    model.off("change:frame", framed);
  };
}
export default {render};
