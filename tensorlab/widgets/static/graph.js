// The graph of a cost with a recorded run of backpropagation: pan, zoom, fold, walk by keyboard, step forward and back, predict and reveal.
// Everything that is shown lies in the widget's state; a kernel is asked only for other values.

const HEAD = 8, GAP = 46;

function render({model, el}) {
  const scene = model.get("scene"), blocks = scene.blocks, count = scene.nodes.length;
  const head = scene.nodes.find((node) => node.cost);
  // in a formula a number stands for the name of a node, and -1 - n for the derivative of the cost by node n
  const whole = (tree) => (typeof tree === "number" ? (tree < 0 ? partial(head.tree, scene.nodes[-1 - tree].tree) : scene.nodes[tree].tree)
    : !tree || typeof tree[1] === "string" ? tree : [tree[0], tree[1].map(whole), tree[2]]);
  const nodes = scene.nodes.map((node) => ({...node, type: scene.types[node.type], place: scene.places[node.place], formula: whole(node.formula)}));
  nodes.forEach((node) => frame(node, (node.kind === "shared" ? 4 : 0) + (node.cost ? 4 : 0)));
  const edges = scene.edges.map((edge) => ({...edge, local: whole(edge.local), rule: whole(edge.rule)}));
  // a block that is repeated is closed, one shape; or one copy is open, between what comes before it and what comes after
  const copyOf = new Map(), seen = blocks.map(() => null);
  blocks.forEach((block, at) => {
    block.copies.forEach((copy, turn) => copy.forEach((number) => copyOf.set(number, [at, turn])));
    for (const part of [0, 1]) nodes.push({kind: "block", block: at, part, name: block.name, label: block.label, sub: block.sub, w: block.w, h: block.h, x: 0, y: 0, box: [0, 0, 0, 0]});
  });
  const into = nodes.map(() => []), outOf = nodes.map(() => []);
  edges.forEach((edge, number) => { into[edge.to].push(number); outOf[edge.from].push(number); });
  let hidden = new Set(), ups = [], downs = [], joins = [], x, y, stale = true;
  const cost = nodes.findIndex((node) => node.cost);
  let run = model.get("run"), step = Math.min(model.get("step"), run.steps.length - 1);
  let focused = cost, via = null, looked = null, pinned = null, asking = null, predicting = false;
  const folded = new Set();

  // ---- the frame of the page
  const root = make("div", {class: "tensorlab tl-graph"});
  const slider = make("input", {type: "range", min: 0, max: run.steps.length - 1, value: step, class: "tl-grow", "aria-label": "Step",
    oninput: () => { play.stop(); jump(Number(slider.value)); }});
  const counter = span("note tl-count");
  const playing = button("play", "Play", () => play.toggle());
  const predict = make("input", {type: "checkbox", onchange: () => { predicting = predict.checked; asking = null; play.stop(); show(); }});
  const stepping = [button("first", "First step", () => { play.stop(); jump(0); }), button("back", "Step back", () => { play.stop(); jump(step - 1); }), playing,
    button("next", "Next step", () => { play.stop(); advance(); }), button("last", "Last step", () => { play.stop(); jump(run.steps.length - 1); }),
    slider, counter, make("label", {}, predict, "Predict, then reveal")];
  const bar = div("bar", ...(run.steps.length > 1 ? stepping : []), span("tools",
      button("plus", "Zoom in", () => camera.by(1.25)), button("minus", "Zoom out", () => camera.by(0.8)), button("fit", "Show the whole graph", () => fit(true))));
  const world = draw("g", {class: "tl-world"});
  const picture = draw("svg", {class: "tl-canvas", role: "group", "aria-label": "Graph; arrow keys walk along the edges, Enter folds and opens"}, world);
  const said = make("p", {class: "tl-say", "aria-live": "polite"});
  const walked = make("p", {class: "tl-hidden", "aria-live": "polite"});
  const asked = div("ask"), card = div("card"), look = div("card tl-look");
  const sources = div("sources"), problem = make("div", {class: "tl-problem", role: "alert", hidden: true});
  root.append(bar, div("stage", div("frame", picture),
    div("side", said, asked, card, look)), sources, problem, walked);
  el.append(root);

  // ---- what has happened by a step: which values are known, which gradients
  function known(at) {
    const values = new Set(), gradients = new Set();
    nodes.forEach((node, number) => { if (!into[number].length) values.add(number); });
    run.steps.slice(0, at + 1).forEach(({way, node}) => (way === "forward" ? values : gradients).add(node));
    return {values, gradients};
  }
  const play = player({last: () => run.steps.length - 1, at: () => step, go: jump,
    changed: (on) => { playing.replaceChildren(icon(on ? "pause" : "play")); playing.setAttribute("aria-label", on ? "Pause" : "Play"); }});

  function jump(to) {
    const next = Math.max(0, Math.min(run.steps.length - 1, to));
    asking = null;
    if (next !== step) {
      step = next;
      model.set("step", step);
      model.save_changes();
    }
    show();
    follow();
  }
  function advance() {
    const next = run.steps[step + 1];
    if (predicting && next && next.ask && asking !== step + 1) { asking = step + 1; show(); asked.querySelector("input").focus(); return; }
    jump(step + 1);
  }

  // ---- blocks
  function frame(node, rim) {
    node.box = [node.x - node.w / 2 - rim, node.y - node.h / 2 - rim, node.end || node.x + node.w / 2, node.y + node.h / 2 + (node.kind === "block" ? 1 : rim)];
  }
  function stand(number) { // what shows a node: itself, or the shape of its block
    const [at, turn] = copyOf.get(number) || [];
    return at === undefined || seen[at] === turn ? number : count + 2 * at + (seen[at] !== null && turn > seen[at] ? 1 : 0);
  }
  function copiesIn({block, part}) {
    const {copies} = blocks[block], open = seen[block];
    return part ? (open === null ? [] : copies.slice(open + 1)) : open === null ? copies : copies.slice(0, open);
  }
  function called(node) {
    const many = copiesIn(node).length, open = seen[node.block];
    return open === null ? `${node.name}, ${many} times` : `${many} ${node.part ? "after" : "before"} copy ${open + 1} of ${node.name}`;
  }
  function openCopy(at, turn) {
    const before = seen[at] === null ? 0 : seen[at];
    [seen[at], stale] = [turn, true];
    show();
    focusOn(turn === null ? count + 2 * at : blocks[at].copies[turn].at(-1), null);
    if (turn === null) lookAt(null);
    walked.textContent = turn === null ? `${blocks[at].name} closed, ${blocks[at].copies.length} copies; copy ${before + 1} was open.`
      : `Copy ${turn + 1} of ${blocks[at].copies.length} of ${blocks[at].name} opened. ${sentence(focused)}.`;
  }
  function openOne({block, part}) {
    const [at, turn] = copyOf.get(run.steps[step].node) || [], open = seen[block];
    openCopy(block, open === null ? (at === block ? turn : 0) : open + (part ? 1 : -1));
  }

  // ---- folding: what only a folded node reads is hidden, and the rows close up
  function foldedAway() {
    const under = new Set();
    for (let number = count - 1; number >= 0; number--) {
      const readers = outOf[number].map((edge) => edges[edge].to);
      if (readers.length && readers.every((reader) => under.has(reader) || folded.has(reader))) under.add(number);
    }
    return under;
  }
  function hide(under) {
    hidden = new Set(under);
    nodes.forEach((node, number) => {
      if (node.kind !== "block") { if (stand(number) !== number) hidden.add(number); return; }
      const inside = copiesIn(node).flat().filter((each) => !under.has(each)).map((each) => nodes[each]);
      if (!inside.length) { hidden.add(number); return; }
      node.y = (Math.min(...inside.map((each) => each.y)) + Math.max(...inside.map((each) => each.y))) / 2;
      node.x = inside.at(-1).x;
    });
    const clear = nodes.filter((node, number) => node.kind !== "block" && !hidden.has(number)).map((node) => node.box);
    nodes.forEach((node, number) => {
      if (node.kind !== "block" || hidden.has(number)) return;
      for (frame(node, 8); clear.some((box) => cross(box, node.box)); frame(node, 8)) node.y += 10; // beside others there is no room kept for it
      clear.push(node.box);
    });
  }
  const cross = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
  function closeUp(axis) { // along down, and where blocks are folded across too
    if (!hidden.size || (!axis && !blocks.length)) return (at) => at;
    const spans = nodes.filter((_, number) => !hidden.has(number)).map(({box}) => [box[axis], box[axis + 2]]).sort((a, b) => a[0] - b[0]);
    const cuts = []; // [from, to]: stretches without a node that are longer than a gap
    let end = -GAP / 2;
    for (const [low, high] of [...spans, [(axis ? scene.height : scene.width) + GAP / 2]]) {
      if (low - end > GAP) cuts.push([end, low - GAP]);
      end = Math.max(end, high);
    }
    return (at) => at - cuts.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(at, to) - Math.max(0, from)), 0);
  }
  const moved = (path) => path.replace(/([MLC ])(-?[\d.]+) (-?[\d.]+)/g, (_, sign, right, down) => `${sign}${Math.round(x(Number(right)))} ${Math.round(y(Number(down)))}`);

  // ---- drawing
  const drawnNodes = [], drawnEdges = [], ways = draw("g", {}), shapes = draw("g", {});
  world.append(ways, shapes);
  edges.forEach((edge, number) => {
    const parts = {line: draw("path", {class: "tl-flow"}), head: draw("path", {class: "tl-head"}), back: draw("path", {class: "tl-way-back"}),
      tail: draw("path", {class: "tl-tail"}), text: draw("text", {class: "tl-mono tl-share"})};
    drawnEdges[number] = {...parts, group: draw("g", {class: "tl-edge", "aria-hidden": "true"}, ...Object.values(parts))};
    ways.append(drawnEdges[number].group);
  });
  const inner = draw("g", {class: "tl-edge tl-inner", "aria-hidden": "true"});
  ways.append(inner);
  nodes.forEach((node, number) => {
    const {w, h} = node, pile = node.kind === "block", rim = (node.kind === "shared" ? 4 : 0) + (node.cost ? 4 : 0) + (pile ? 6 : 0);
    const box = (grow, name) => {
      const width = w + 2 * grow, height = h + 2 * grow;
      const round = node.kind === "symbol" || node.kind === "shared" || pile ? 8 + grow : height / 2;
      return draw("rect", {class: name, x: -width / 2, y: -height / 2, width, height, rx: round});
    };
    const inside = [box(rim + 5, "tl-ring")];
    if (pile) for (const off of [6, 3, 0]) inside.push(draw("rect", {class: "tl-line", x: off - w / 2, y: -off - h / 2, width: w, height: h, rx: 6}));
    else if (node.kind !== "constant") for (let grow = rim; grow >= 0; grow -= 4) inside.push(box(grow, "tl-line"));
    const face = node.kind === "symbol" || node.kind === "shared" || pile ? "tl-name" : node.kind === "elementwise" ? "tl-glyph" : "tl-word";
    const title = draw("text", {class: face, y: node.sub ? -3 : 6}, node.label);
    inside.push(title);
    if (node.sub) inside.push(draw("text", {class: "tl-small", y: 14}, node.sub));
    const named = !node.sub && node.kind !== "constant";
    const lines = ["tl-name tl-beside", "tl-mono tl-value tl-beside", "tl-mono tl-gradient tl-beside"].map((name) => draw("text", {class: name}));
    if (named) lines[0].textContent = node.name;
    const mark = draw("text", {class: "tl-small tl-folded" + (pile ? " tl-beside" : ""), x: pile ? w / 2 + 16 : 0, y: pile ? 5 : -h / 2 - rim - 6});
    const group = draw("g", {class: `tl-node tl-${node.kind}`, role: "button", tabindex: number === cost ? 0 : -1,
      onclick: () => { if (pile) { openOne(node); return; } focusOn(number, null, false); pinned = pinned === number ? null : number; lookAt(number); }, onkeydown: (event) => key(event, number),
      onfocus: () => { focused = number; lookAt(number); }, onpointerenter: () => lookAt(number), onpointerleave: () => lookAt(pinned)},
      ...inside, ...lines, mark);
    drawnNodes[number] = {group, lines, mark, rim, named, title};
    shapes.append(group);
  });

  function place() {
    const under = foldedAway();
    hide(under);
    [x, y] = [closeUp(0), closeUp(1)];
    nodes.forEach((node, number) => {
      const {group, mark, title} = drawnNodes[number];
      group.style.display = hidden.has(number) ? "none" : "";
      group.style.transform = `translate(${x(node.x)}px, ${y(node.y)}px)`;
      const inside = folded.has(number) ? countHidden(number, under) : 0;
      mark.textContent = inside ? `+${inside} folded` : "";
      if (node.kind === "block") title.textContent = `${node.name} ×${copiesIn(node).length}`;
      if (into[number].length || node.kind === "block") group.setAttribute("aria-expanded", String(node.kind !== "block" && !folded.has(number)));
    });
    ups = nodes.map(() => []);
    downs = nodes.map(() => []);
    const joined = new Map(), known = new Map();
    edges.forEach((edge, number) => {
      const {group, line, head, back, tail, text} = drawnEdges[number], from = stand(edge.from);
      const direct = !hidden.has(edge.from) && !hidden.has(edge.to) && !folded.has(edge.to);
      group.style.display = direct ? "" : "none";
      if (!direct) {
        if (!hidden.has(from)) for (const to of folders(edge.to, under, known)) {
          if (to === from) continue;
          if (!joined.has(`${from} ${to}`)) { joined.set(`${from} ${to}`, {from, to, edges: []}); ups[to].push(from); downs[from].push(to); }
          joined.get(`${from} ${to}`).edges.push(edge);
        }
        return;
      }
      ups[edge.to].push(edge.from);
      downs[edge.from].push(edge.to);
      const path = moved(edge.path);
      line.setAttribute("d", path);
      head.setAttribute("d", `M${tipOf(path).join(" ")}l-4 ${-HEAD}h8z`);
      const side = edge.mid[0] >= nodes[edge.to].x ? 7 : -7, [, startX, startY] = /M(-?[\d.]+) (-?[\d.]+)/.exec(path).map(Number);
      back.setAttribute("d", path);
      back.setAttribute("transform", `translate(${side} 0)`);
      tail.setAttribute("d", `M${startX + side} ${startY + 1}l-4 ${HEAD}h8z`);
      text.setAttribute("x", x(edge.mid[0]) + side * 1.6);
      text.setAttribute("y", y(edge.mid[1]) + 4);
      text.setAttribute("text-anchor", side > 0 ? "start" : "end");
    });
    joins = [...joined.values()].map((join) => {
      const a = nodes[join.from], b = nodes[join.to], block = a.kind === "block" || b.kind === "block";
      const top = y(a.box[3]), end = y(b.box[1]) - (block ? HEAD - 1 : 0), half = (end - top) / 2;
      const from = x(a.x), to = x(b.x), d = `M${from} ${top}C${from} ${top + half} ${to} ${end - half} ${to} ${end}`;
      return {...join, group: draw("g", {class: "tl-edge"}, draw("path", {class: block ? "tl-flow" : "tl-flow tl-dashed", d}), ...(block ? [
        draw("path", {class: "tl-head", d: `M${to} ${end + HEAD - 1}l-4 ${-HEAD}h8z`}), draw("path", {class: "tl-way-back", d, transform: "translate(7 0)"}),
        draw("path", {class: "tl-tail", d: `M${from + 7} ${top + 1}l-4 ${HEAD}h8z`})] : []))};
    });
    inner.replaceChildren(...joins.map((join) => join.group));
    if (hidden.has(focused)) { // its block has closed, or another copy was opened
      drawnNodes[focused].group.setAttribute("tabindex", -1);
      focused = hidden.has(stand(focused)) ? stand(cost) : stand(focused);
      drawnNodes[focused].group.setAttribute("tabindex", 0);
    }
  }
  function countHidden(number, under) {
    const found = new Set(), waiting = [number];
    while (waiting.length) for (const edge of into[waiting.pop()]) {
      const from = edges[edge].from;
      if (under.has(from) && !found.has(from)) { found.add(from); waiting.push(from); }
    }
    return found.size;
  }
  function folders(target, under, known) { // where an edge ends that is not drawn as it is: at folded nodes, or at a block
    if (!under.has(target)) return [stand(target)];
    if (!known.has(target)) known.set(target, [...new Set(outOf[target].flatMap((edge) => folders(edges[edge].to, under, known)))]);
    return known.get(target);
  }
  function toggle(number) {
    if (nodes[number].kind === "block") return openOne(nodes[number]);
    if (!into[number].length) return;
    if (folded.has(number)) folded.delete(number);
    else folded.add(number);
    stale = true;
    show();
    walked.textContent = folded.has(number) ? `${nodes[number].name} folded, ${countHidden(number, foldedAway())} nodes hidden.`
      : `${nodes[number].name} opened.`;
  }

  // ---- stepping
  function show() {
    const now = run.steps[step], at = known(step), [inside, turn] = copyOf.get(now.node) || [];
    if (inside !== undefined && seen[inside] !== null && seen[inside] !== turn) [seen[inside], stale] = [turn, true]; // the open copy is the one that works
    if (stale) place();
    stale = false;
    slider.max = run.steps.length - 1;
    slider.value = step;
    slider.setAttribute("aria-valuetext", now.say);
    counter.textContent = `step ${step} of ${run.steps.length - 1}`;
    nodes.forEach((node, number) => {
      const {group, lines, named} = drawnNodes[number], value = run.values[number], gradient = run.gradients[number];
      const texts = [named ? node.name : "", at.values.has(number) && value ? `= ${shorter(value)}` : "",
        at.gradients.has(number) && gradient ? `∂ ${shorter(gradient)}` : ""];
      const shown = texts.filter(Boolean).length;
      let line = 0;
      texts.forEach((text, place) => {
        lines[place].textContent = text;
        lines[place].setAttribute("x", node.w / 2 + drawnNodes[number].rim + 8);
        if (text) lines[place].setAttribute("y", 16 * (line++ - (shown - 1) / 2) + 5);
      });
      group.classList.toggle("tl-now", now.node !== undefined && stand(now.node) === number);
      group.classList.toggle("tl-waits", node.kind === "block" ? !copiesIn(node).flat().every((each) => at.values.has(each))
        : !at.values.has(number) && node.kind !== "constant");
      if (node.kind === "block") drawnNodes[number].mark.textContent = stand(now.node) === number ? `in copy ${turn + 1}` : "";
      group.setAttribute("aria-label", sentence(number));
    });
    edges.forEach((edge, number) => {
      const {group, text} = drawnEdges[number], going = now.way === "forward" && edge.to === now.node;
      const coming = now.way === "back" && edge.to === now.node && edge.back, arrived = now.way === "back" && edge.from === now.node && edge.back;
      group.classList.toggle("tl-going", going);
      group.classList.toggle("tl-coming", Boolean(coming));
      group.classList.toggle("tl-returned", Boolean(edge.back) && at.gradients.has(edge.to));
      text.textContent = coming || (arrived && at.gradients.has(edge.to)) ? minus(run.contributions[number] || "") : "";
    });
    joins.forEach(({group, edges: all}) => {
      group.classList.toggle("tl-going", now.way === "forward" && all.some((edge) => edge.to === now.node));
      group.classList.toggle("tl-coming", now.way === "back" && all.some((edge) => edge.back && edge.to === now.node));
      group.classList.toggle("tl-returned", all.some((edge) => edge.back && at.gradients.has(edge.to)));
    });
    said.replaceChildren(make("span", {class: now.way === "back" ? "tl-back" : "tl-forward"}, minus(now.say)));
    card.replaceChildren(...cardOf(now));
    showQuestion();
    lookAt(looked);
  }
  const shorter = (array) => minus(array.low !== undefined && array.shape.join("×") && !array.text.startsWith("[")
    ? `${array.shape.join("×")}: ${array.low} … ${array.high}` : array.text);

  function cardOf(now) {
    const at = now.node;
    if (at === undefined) return [];
    const node = nodes[at], value = run.values[at], gradient = run.gradients[at];
    if (now.way === "forward") {
      return [make("h4", {}, "Forward"), div("line-math", formula(node.tree, "=", node.formula, ...(now.numbers ? ["=", now.numbers] : []))),
        div("forward", formula("="), valueOf(value, node.name))];
    }
    const tree = partial(nodes[cost].tree, node.tree), arrivals = outOf[at].filter((number) => run.contributions[number]);
    const sum = arrivals.flatMap((number, place) => [place ? span("plus", "+") : null, span("term",
      span("number", minus(run.contributions[number])), span("note", ` from ${nodes[edges[number].to].name}`))]);
    const blocks = [make("h4", {}, "Back"), div("line-math tl-back", formula(tree, "="),
      ...(arrivals.length > 1 ? [...sum, span("plus", "=")] : []), valueOf(gradient, `gradient of ${node.name}`))];
    const sent = into[at].filter((number) => run.contributions[number]);
    if (sent.length) {
      const rows = sent.map((number) => {
        const edge = edges[number], operand = nodes[edge.from];
        const local = edge.local ? [formula(partial(node.tree, operand.tree), "=", edge.local), run.locals[number] && run.locals[number] !== plain(edge.local)
          ? make(run.locals[number].includes(":") ? "div" : "span", {class: "tl-number"}, ` = ${minus(run.locals[number])}`) : null] : edge.rule ? [formula(edge.rule)] : ["—"];
        return make("tr", {}, make("th", {scope: "row"}, formula(operand.tree || ["mn", operand.label])), make("td", {}, ...local),
          make("td", {class: "tl-number"}, edge.rule ? "" : `× ${shorter(gradient)}`),
          make("td", {class: "tl-number tl-back"}, minus(run.contributions[number])));
      });
      const heads = ["sent to", "local derivative", "× arrived", "= contribution"].map((text) => make("th", {scope: "col"}, text));
      blocks.push(make("div", {class: "tl-scroll", tabindex: 0, role: "region", "aria-label": `What ${node.name} sends back`},
        make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows))));
    }
    return blocks;
  }
  const plain = (tree) => (typeof tree[1] === "string" ? tree[1] : tree[1].map(plain).join("")).replace("−", "-");

  // ---- predict, then reveal
  function showQuestion() {
    const next = asking === null ? null : run.steps[asking];
    if (!next) {
      asked.replaceChildren(...(predicting ? [make("p", {class: "tl-note"}, step < run.steps.length - 1
        ? "Next step asks before it shows." : "That was the last step.")] : []));
      return;
    }
    const {text, answer, slips, hint} = next.ask, verdict = make("p", {class: "tl-verdict", "aria-live": "polite"});
    const field = make("input", {type: "text", inputmode: "decimal", autocomplete: "off", size: 10, "aria-label": "Your answer",
      onkeydown: (event) => { if (event.key === "Enter") judge(event); }});
    const judge = (event) => {
      event.preventDefault();
      const given = typed(field.value), near = (value) => Math.abs(given - value) <= Math.max(0.006 * Math.abs(value), lastDigit(field.value), 1e-9);
      const right = near(answer), slip = right ? null : slips.find(([value]) => near(value));
      verdict.dataset.right = right;
      verdict.textContent = Number.isNaN(given) ? "A number, please: 0.25, −1e−3 or 2/3." : right ? `✓ Right: ${minus(digits(answer))}.`
        : slip ? `✗ Not yet: ${slip[1]}.` : `✗ Not yet. ${hint}`;
      if (right) setTimeout(() => { if (asking !== null) { jump(asking); } }, 900);
    };
    asked.replaceChildren(make("form", {class: "tl-form", onsubmit: judge}, make("p", {}, minus(text)), div("bar", field,
      make("button", {type: "submit"}, "Judge"), press("Reveal", () => jump(asking))), verdict));
  }
  const lastDigit = (text) => { // half a unit of the last digit that was typed
    const found = /\.(\d+)$/.exec(text.trim());
    return found ? 0.5 * 10 ** -found[1].length : 0;
  };

  // ---- looking at a node, by pointer or focus
  function sentence(number) {
    const node = nodes[number], at = known(step), parts = [node.name];
    if (node.kind === "constant") return `constant ${node.label}`;
    if (node.kind === "block") return `${called(node)}, made of ${node.sub}; Enter opens a copy`;
    if (into[number].length) parts.push(`${node.label} of ${into[number].map((edge) => nodes[edges[edge].from].name).join(" and ")}`);
    parts.push(node.kind === "shared" ? `shared ${node.type}` : node.type);
    if (at.values.has(number) && run.values[number]) parts.push(`value ${run.values[number].text}`);
    if (at.gradients.has(number) && run.gradients[number]) parts.push(`gradient ${run.gradients[number].text}`);
    return parts.join(", ");
  }
  function lookAt(number) {
    looked = number;
    if (number !== null && nodes[number].kind === "block") {
      look.hidden = false;
      look.replaceChildren(make("h4", {}, called(nodes[number])), div("note", nodes[number].sub),
        div("note", "Click it, or press Enter on it, to open one copy."));
      return;
    }
    if (number === null || hidden.has(number) || (number === run.steps[step].node && number !== pinned)) { look.hidden = true; return; }
    look.hidden = false;
    const node = nodes[number], at = known(step);
    look.replaceChildren(make("h4", {}, node.kind === "constant" ? "Constant" : node.name, span("note", `  ${node.type}`)),
      ...(node.formula ? [div("line-math", formula(node.tree, "=", node.formula))] : []),
      ...(node.kind === "constant" ? [] : [div("forward", "value ", at.values.has(number) ? valueOf(run.values[number], node.name)
        : span("note", "not computed yet"))]),
      ...(run.gradients[number] ? [div("back", "gradient ", at.gradients.has(number)
        ? valueOf(run.gradients[number], `gradient of ${node.name}`) : span("note", "not computed yet"))] : []),
      ...(node.place ? [div("note", node.place)] : []),
      ...(number === pinned && into[number].length ? [div("bar", ...["forward", "back"].map((way) => {
        const there = run.steps.findIndex((each) => each.way === way && each.node === number);
        return there < 0 ? null : press(`Go to its step ${way}`, () => { play.stop(); jump(there); });
      }), press(folded.has(number) ? "Open what is folded" : "Fold what only it is made of",
        () => { toggle(number); lookAt(number); }))] : []),
      ...(copyOf.has(number) ? [div("bar", span("note", `copy ${copyOf.get(number)[1] + 1} of ${blocks[copyOf.get(number)[0]].label}`),
        press("Close the block", () => openCopy(copyOf.get(number)[0], null)))] : []));
  }

  // ---- walking by keyboard
  function focusOn(number, sentenceBefore, move = true) {
    drawnNodes[focused].group.setAttribute("tabindex", -1);
    focused = number;
    drawnNodes[number].group.setAttribute("tabindex", 0);
    if (move) { drawnNodes[number].group.focus({preventScroll: true}); reveal(number); }
    if (sentenceBefore) walked.textContent = `${sentenceBefore}: ${sentence(number)}.`;
  }
  function key(event, number) {
    const up = folded.has(number) ? [] : ups[number], down = downs[number], [block] = copyOf.get(number) || [];
    const go = {
      ArrowUp: () => walk(up, 0, "up", number), ArrowDown: () => walk(down, 0, "down", number),
      ArrowLeft: () => via && walk(via.list, via.place - 1, via.way, via.of), ArrowRight: () => via && walk(via.list, via.place + 1, via.way, via.of),
      Home: () => { via = null; focusOn(stand(cost), "The cost"); }, ...(block === undefined ? {} : {Escape: () => openCopy(block, null)}), Enter: () => toggle(number), " ": () => toggle(number),
      "+": () => camera.by(1.25), "-": () => camera.by(0.8), 0: () => fit(true),
    }[event.key];
    if (!go || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    go();
  }
  function walk(list, place, way, of) {
    if (!list.length) { walked.textContent = way === "up" ? `${nodes[of].name} is made of nothing else here.` : `${nodes[of].name} is the end.`; return; }
    const at = (place + list.length) % list.length;
    via = {list, place: at, way, of};
    focusOn(list[at], way === "up" ? `Argument ${at + 1} of ${list.length} of ${nodes[of].name}` : `${nodes[of].name} goes into`);
  }

  // ---- the camera
  const camera = cameraOf(picture, world, () => ({wide: x(scene.width), tall: y(scene.height)}), (on) => root.classList.toggle("tl-dragging", on));
  function fit(all) {
    const cut = camera.fit(all);
    if (!all) follow(true, cut);
  }
  function reveal(number) {
    const [left, top, right, bottom] = nodes[number].box;
    camera.reveal([x(left), y(top), x(right), y(bottom)]);
  }
  function follow(first, cut) {
    const at = run.steps[step].node;
    if (at !== undefined) reveal(stand(at));
    else if (first) {
      camera.top();
      if (cut && run.steps.length > 1) reveal(stand(run.steps[1].node)); // where it begins
    }
  }

  // ---- other values, which need a kernel
  const kernel = kernelOf(model, () => showSources());
  function showSources() {
    sources.hidden = run.steps.length < 2; // without values there are none to change
    const held = sources.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") || document.activeElement.textContent : null;
    const off = !kernel.here(), list = model.get("sources"), changed = list.filter((each) => each.changed);
    const fields = list.filter((each) => each.now).map((each) => span("source", formula(nodes[each.node].tree, "="),
      ...each.now.map((value, place) => make("input", {type: "text", inputmode: "decimal", size: 6, value: digits(value), disabled: off,
        "aria-label": `${nodes[each.node].name}${each.now.length > 1 ? ` element ${place}` : ""}`,
        ...onEntry((text) => {
          const values = each.now.map((old, other) => (other === place ? typed(text) : old));
          if (text === digits(value)) return;
          if (values.some((number) => !Number.isFinite(number))) return complain("A number, please: 0.25, −1e−3 or 2/3.");
          kernel.send({kind: "value", node: each.node, values});
        })}))));
    const rate = make("input", {type: "text", inputmode: "decimal", size: 5, value: "0.1", disabled: off, "aria-label": "Learning rate"});
    const act = (text, title, go, disabled) => press(text, go, {title, disabled: off || disabled});
    const many = fields.length > 9 ? {class: "tl-bar tl-many", tabindex: 0, role: "region", "aria-label": "Values"} : {class: "tl-bar"};
    sources.replaceChildren(make("div", many, span("note", fields.length ? "Values" : ""), ...fields),
      div("bar", make("label", {}, formula(["mi", "η"], "="), rate),
        act("Step of descent", "Move every variable against its gradient", () => {
          const value = typed(rate.value);
          if (!Number.isFinite(value)) return complain("The learning rate is a number.");
          kernel.send({kind: "descend", rate: value});
        }),
        act("Back to the first values", "Forget the changes made here", () => kernel.send({kind: "reset"}), !changed.length),
        act("Apply to notebook", "Write the changed shared variables into the notebook's own", () => kernel.send({kind: "apply"}),
          !changed.some((each) => each.shared)),
        span("note", off ? "Other values need a running kernel, and none answers: run this cell again."
          : changed.length ? "The notebook's own variables are unchanged until you apply." : "")));
    if (held) { // the fields are new ones; whoever typed in one, or pressed a button, stays there
      const again = [...sources.querySelectorAll("input, button")].find((each) => (each.getAttribute("aria-label") || each.textContent) === held);
      if (again && !again.disabled) again.focus({preventScroll: true});
    }
  }
  function complain(text) { problem.hidden = !text; problem.textContent = text || ""; }
  const onRun = () => {
    run = model.get("run");
    step = Math.min(step, run.steps.length - 1);
    asking = null;
    complain("");
    show();
  };
  const onStep = () => { const next = model.get("step"); if (next !== step && next < run.steps.length) { step = next; show(); follow(); } };
  const onHear = (content) => {
    if (content && content.kind === "problem") complain(content.text);
    if (content && content.kind === "applied") { complain(""); walked.textContent = content.text; said.replaceChildren(content.text); }
  };
  model.on("change:run", onRun);
  model.on("change:sources", showSources);
  model.on("change:step", onStep);
  model.on("msg:custom", onHear);
  const watch = new ResizeObserver(() => { if (!camera.ready() && picture.clientWidth) { fit(false); } });
  watch.observe(picture);
  show();
  showSources();
  picture.style.height = `min(62vh, ${Math.max(240, Math.min(560, y(scene.height)))}px)`;
  fit(false);
  return () => {
    play.stop();
    watch.disconnect();
    kernel.close();
    model.off("change:run", onRun);
    model.off("change:sources", showSources);
    model.off("change:step", onStep);
    model.off("msg:custom", onHear);
  };
}
export default {render};
