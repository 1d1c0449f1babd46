// The film of rewrites: a slider over scenes; each shows a rule, its reason, both formulas, and the part of the graph that changed.

function render({model, el}) {
  const scenes = model.get("scenes"), left = model.get("left_out"), last = scenes.length - 1;
  let at = Math.max(0, Math.min(last, model.get("scene")));
  const root = make("div", {class: "tensorlab tl-graph tl-film"});
  el.append(root);
  if (!scenes.length) {
    root.append(make("p", {}, "Nothing was rewritten: the graph is computed as it was written."));
    return;
  }
  const slider = make("input", {type: "range", min: 0, max: last, value: at, class: "tl-grow", "aria-label": "Scene",
    oninput: () => { play.stop(); jump(Number(slider.value)); }});
  const counter = span("note tl-count"), playing = button("play", "Play", () => play.toggle());
  const go = (to) => () => { play.stop(); jump(to()); };
  const play = player({last: () => last, at: () => at, go: jump,
    changed: (on) => { playing.replaceChildren(icon(on ? "pause" : "play")); playing.setAttribute("aria-label", on ? "Pause" : "Play"); }});
  const title = make("h4", {}), reason = make("p", {class: "tl-reason"}), told = make("div", {"aria-live": "polite"}, title, reason);
  const sides = div("sides"), where = div("note tl-where");
  root.append(div("bar", button("first", "First scene", go(() => 0)), button("back", "Scene back", go(() => at - 1)), playing,
    button("next", "Next scene", go(() => at + 1)), button("last", "Last scene", go(() => last)), slider, counter), told, sides, where,
    make("p", {class: "tl-note tl-legend"}, span("key tl-gone", "gone"), " struck out and dashed   ",
      span("key tl-new", "new"), " with a double line", left ? `   (${left} more rewrites are not shown)` : ""));

  function jump(to) {
    const next = Math.max(0, Math.min(last, to));
    if (next !== at) {
      at = next;
      model.set("scene", at);
      model.save_changes();
    }
    show();
  }
  function show() {
    const scene = scenes[at];
    slider.value = at;
    slider.setAttribute("aria-valuetext", `${scene.rule}: ${scene.reason}`);
    counter.textContent = `${at + 1} of ${scenes.length}`;
    title.replaceChildren(scene.rule, span("note", `  (${scene.set})`));
    reason.textContent = scene.reason;
    sides.replaceChildren(side("Before", scene.before, scene.old, scene.texts[0]), make("div", {class: "tl-becomes", "aria-hidden": "true"}, "→"),
      side("After", scene.after, scene.new, scene.texts[1]));
    where.replaceChildren(...scene.where.flatMap(([name, tree], place) => [place ? ", " : "where ", formula(name, "=", tree)]));
  }
  function side(name, tree, drawing, text) {
    const box = make("section", {class: "tl-one-side", "aria-label": name}, div("note", name),
      make("div", {class: "tl-scroll", tabindex: 0, role: "region", "aria-label": `${name}, formula`}, formula(tree),
        make("code", {class: "tl-code"}, text)));
    if (drawing && drawing.nodes.length) box.append(pictureOf(drawing, name));
    return box;
  }
  function pictureOf({width, height, nodes, edges}, name) {
    const changed = nodes.filter((node) => node.state && node.state !== "part"), word = name === "Before" ? "gone" : "new";
    const said = changed.length ? `${word}: ${changed.map((node) => node.label).join(", ")}` : "nothing new, a part of what was there";
    return draw("svg", {viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": `${name}, graph; ${said}`},
      ...edges.map((edge) => draw("g", {class: "tl-edge"}, draw("path", {class: "tl-flow", d: edge.path}),
        draw("path", {class: "tl-head", d: `M${tipOf(edge.path).join(" ")}l-4 -8h8z`}))), ...nodes.map(shapeOf));
  }
  function shapeOf(node) {
    const {w, h, kind, state} = node, boxed = kind === "symbol" || kind === "shared";
    const outline = (grow) => draw("rect", {class: "tl-line", x: -w / 2 - grow, y: -h / 2 - grow, width: w + 2 * grow, height: h + 2 * grow,
      rx: boxed ? 8 + grow : h / 2 + grow});
    const rims = kind === "constant" ? [] : kind === "shared" || state === "new" ? [outline(state === "new" ? 0 : 4), outline(state === "new" ? -4 : 0)] : [outline(0)];
    const face = boxed ? "tl-name" : kind === "elementwise" ? "tl-glyph" : "tl-word";
    return draw("g", {class: `tl-node tl-${kind}${state ? ` tl-${state}` : ""}`, style: `transform: translate(${node.x}px, ${node.y}px)`}, ...rims,
      draw("text", {class: face, y: node.sub ? -3 : 6}, node.label), node.sub ? draw("text", {class: "tl-small", y: 14}, node.sub) : null,
      state === "gone" ? draw("path", {class: "tl-strike", d: `M${-w / 2 - 3} ${h / 2 + 3}L${w / 2 + 3} ${-h / 2 - 3}`}) : null);
  }
  const onScene = () => { const next = model.get("scene"); if (next !== at && next <= last) { at = next; show(); } };
  model.on("change:scene", onScene);
  show();
  return () => { play.stop(); model.off("change:scene", onScene); };
}
export default {render};
