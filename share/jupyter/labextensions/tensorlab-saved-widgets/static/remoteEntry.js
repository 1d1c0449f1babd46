// Saved widgets where no kernel runs, in JupyterLab 4 and Notebook 7.
//
// The widget manager of these two begins its work when a notebook has a kernel. Without one it shows "Loading widget..." for good, although
// the notebook holds the code and the state of the widget, and a picture of it. This extension puts the widget there, from the notebook
// alone, or the picture if no state was saved. It touches nothing that the widget manager has drawn, and what it has put somewhere goes as
// soon as the widget manager draws there.
//
// It runs what anywidget would run, under the same condition: the notebook is trusted (of others JupyterLab makes no widget at all).
//
// The file is written by hand, as the container that JupyterLab's loader of federated extensions expects: `init` takes the modules that
// JupyterLab shares, `get` returns the extension. Nothing has to be built.
(() => {
  const NAME = "tensorlab-saved-widgets";
  const VIEW = "application/vnd.jupyter.widget-view+json", STATE = "application/vnd.jupyter.widget-state+json";
  const SOON = 200; // milliseconds: notebooks change in bursts
  const PATIENT = 2000; // milliseconds: most kernels are there by then, and the widget manager with them
  const RUN = "This is the picture of a widget that was saved. Run the cell for the widget itself.";
  let shared = {};

  // A module of JupyterLab itself; it has one version of each.
  const moduleOf = async (name) => (await Object.values(shared[name] || {})[0].get())();

  /** What a widget's module is given: a state that listeners can follow, and nobody who answers. */
  function modelOf(state) {
    const listeners = new Map();
    const tell = (name) => [...(listeners.get(name) || [])].forEach((listener) => listener());
    return {
      get: (name) => state[name],
      set(name, value) { state[name] = value; tell(`change:${name}`); tell("change"); },
      save_changes() {},
      send() {},
      on(name, listener) { listeners.set(name, [...(listeners.get(name) || []), listener]); },
      off(name, listener) { listeners.set(name, (listeners.get(name) || []).filter((each) => listener && each !== listener)); },
    };
  }

  /** Draw a widget into an element, and return what takes it away again. */
  async function draw(model, element) {
    const address = URL.createObjectURL(new Blob([model.get("_esm")], {type: "text/javascript"}));
    try {
      const {default: widget} = await import(/* webpackIgnore: true */ address);
      const sheet = document.createElement("style"), el = document.createElement("div");
      sheet.textContent = model.get("_css") || "";
      element.append(sheet, el);
      return (await widget.render({model, el})) || (() => {});
    } finally {
      URL.revokeObjectURL(address);
    }
  }

  /** Look after one notebook. */
  async function watch(panel) {
    const {content, context} = panel, session = context.sessionContext, models = new Map(), put = new Map();
    await context.ready;
    if (panel.isDisposed) return;

    // Who closes the question for a kernel leaves the notebook in the state in which it waits for one: only time tells the two apart. If a
    // kernel comes later than that, the widget manager draws over what was put here.
    let hoping = true;
    const alone = () => !session.session?.kernel && !(hoping && ["initializing", "starting"].includes(session.kernelDisplayStatus));

    function modelFor(id) {
      const state = context.model.getMetadata("widgets")?.[STATE]?.state?.[id]?.state;
      if (!state?._esm || !String(state._anywidget_id).startsWith("tensorlab.")) return null;
      if (!models.has(id)) models.set(id, modelOf({...state}));
      return models.get(id);
    }
    async function show(renderer, output) {
      const place = document.createElement("div"), model = modelFor(output.data[VIEW].model_id), entry = {place, clean: null};
      const picture = async () => {
        const still = content.rendermime.createRenderer("text/html"), note = document.createElement("p");
        await still.renderModel(output);
        note.textContent = RUN;
        place.replaceChildren(still.node, note);
        entry.clean = () => still.dispose();
      };
      put.set(renderer, entry);
      if (model && alone()) {
        try { entry.clean = await draw(model, place); } catch (problem) { console.error(problem); await picture(); }
      } else {
        await picture();
      }
      if (put.get(renderer) === entry && !renderer.isDisposed && !rendered(renderer)) renderer.node.replaceChildren(place); else entry.clean();
    }
    const rendered = (renderer) => [...renderer.children()].length > 0;
    function look() {
      for (const [renderer, {place, clean}] of put) {
        if (!clean || (!renderer.isDisposed && place.parentNode === renderer.node)) continue;
        put.delete(renderer);  // the widget manager has drawn there, or the output is gone
        clean();
      }
      for (const cell of content.widgets) {
        const area = cell.outputArea;
        area?.widgets.forEach((item, index) => {
          for (const renderer of item.children()) {
            if (renderer.mimeType !== VIEW || put.has(renderer) || rendered(renderer)) continue;
            const output = area.model.get(index);
            if (!output?.data?.[VIEW] || !output.data["text/html"]) continue;
            // with a kernel the widget manager says when it has not found the widget
            if (alone() || renderer.node.classList.contains("jupyter-widgets")) show(renderer, output);
          }
        });
      }
    }
    let timer = 0;
    const soon = () => { timer ||= setTimeout(() => { timer = 0; if (!panel.isDisposed) look(); }, SOON); };
    const observer = new MutationObserver(soon);
    observer.observe(content.node, {childList: true, subtree: true});
    const hope = setTimeout(() => { hoping = false; soon(); }, PATIENT);
    session.statusChanged.connect(soon);
    session.kernelChanged.connect(soon);
    panel.disposed.connect(() => {
      observer.disconnect();
      clearTimeout(timer);
      clearTimeout(hope);
      for (const {clean} of put.values()) clean?.();
      put.clear();
    });
    soon();
  }

  async function extension() {
    const {INotebookTracker} = await moduleOf("@jupyterlab/notebook");
    const plugin = {
      id: `${NAME}:plugin`,
      description: "Shows tensorlab's saved widgets where no kernel runs.",
      autoStart: true,
      optional: [INotebookTracker],
      activate(app, tracker) {
        if (!tracker) return;
        const begin = (panel) => watch(panel).catch((problem) => console.error(problem));
        tracker.forEach(begin);
        tracker.widgetAdded.connect((_, panel) => begin(panel));
      },
    };
    return () => ({__esModule: true, default: plugin});
  }

  (window._JUPYTERLAB ||= {})[NAME] = {
    init(modules) { shared = modules; },
    get: (name) => (name === "./extension" ? extension() : Promise.reject(new Error(`${NAME} has no module ${name}`))),
  };
})();
