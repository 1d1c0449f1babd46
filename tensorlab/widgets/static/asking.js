// What the widgets for descent and networks share: numbers for the eye, speech, copying, and messages to a kernel, one at a time.
// Read page.js before.

// A number as it is read: a minus that is as wide as a plus, and words where there is none.
function written(value, many = 4) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "not finite";
  return Math.abs(value) < 1e-12 ? "0" : minus(digits(value, many));
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
