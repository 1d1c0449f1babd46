// What a graph view looks at: moved by dragging, made larger and smaller by buttons and the wheel, and as far as a node is seen.
// Read page.js before.
const LEAST = 0.35, MOST = 3, READABLE = 0.7; // below that, letters of 12 px are too small for a first sight

/** The camera of an SVG `picture` with everything in one group `world`; `extent` tells how wide and tall the world is. */
function cameraOf(picture, world, extent, dragging) {
  let zoom = null, drag = null;
  const size = () => ({width: picture.clientWidth || 600, height: picture.clientHeight || 400});
  function to(x, y, scale) {
    zoom = {x, y, scale: Math.max(LEAST, Math.min(MOST, scale))};
    world.style.transform = `translate(${zoom.x}px, ${zoom.y}px) scale(${zoom.scale})`;
  }
  function fit(all) { // tells whether something is cut off at the sides
    const {width, height} = size(), {wide, tall} = extent();
    const scale = all ? Math.min(1, width / wide, height / tall) : Math.min(1, Math.max(READABLE, width / wide));
    to((width - wide * scale) / 2, all ? (height - tall * scale) / 2 : Math.min(0, height - tall * scale) / 2, scale);
    return wide * scale > width;
  }
  function by(factor, at) {
    const {width, height} = size(), point = at || {x: width / 2, y: height / 2}, scale = Math.max(LEAST, Math.min(MOST, zoom.scale * factor));
    to(point.x - (point.x - zoom.x) * scale / zoom.scale, point.y - (point.y - zoom.y) * scale / zoom.scale, scale);
  }
  function reveal([left, top, right, bottom]) { // moves only if that part of the world is near the rim or beyond
    const {width, height} = size(), pad = 60;
    const a = [zoom.x + left * zoom.scale, zoom.y + top * zoom.scale], b = [zoom.x + right * zoom.scale, zoom.y + bottom * zoom.scale];
    let dx = 0, dy = 0;
    if (a[0] < 8) dx = 8 - a[0]; else if (b[0] > width - 8) dx = Math.max(width - 8 - b[0], 8 - a[0]);
    if (a[1] < pad) dy = pad - a[1]; else if (b[1] > height - pad) dy = height - pad - b[1];
    if (dx || dy) to(zoom.x + dx, zoom.y + dy, zoom.scale);
  }
  picture.addEventListener("pointerdown", (event) => {
    if (event.target.closest(".tl-node") || event.button) return;
    drag = {x: event.clientX - zoom.x, y: event.clientY - zoom.y};
    picture.setPointerCapture(event.pointerId);
    dragging(true);
  });
  picture.addEventListener("pointermove", (event) => { if (drag) to(event.clientX - drag.x, event.clientY - drag.y, zoom.scale); });
  for (const end of ["pointerup", "pointercancel"]) picture.addEventListener(end, () => { drag = null; dragging(false); });
  picture.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // the wheel alone scrolls the notebook
    event.preventDefault();
    const frame = picture.getBoundingClientRect();
    by(Math.exp(-event.deltaY / 300), {x: event.clientX - frame.left, y: event.clientY - frame.top});
  }, {passive: false});
  return {to, fit, by, reveal, top() { to(zoom.x, 0, zoom.scale); }, ready: () => zoom !== null};
}

