// Ctrl+Enter, or Command+Enter, presses the page's main button. A field has handed in by then what was typed into it.
const SOON = 60; // milliseconds until a field has done so, and between looks for a button that is not there yet
const LOOKS = 160; // on a machine that is busy with the page's first run, it takes seconds

export default function ({ parentElement, data }) {
  parentElement.listening?.abort();
  const listening = (parentElement.listening = new AbortController());
  const find = () => document.querySelector(`.st-key-${CSS.escape(data.button)} button:not([disabled])`);
  // A rerun of the page mounts this anew: a key that was struck before it still counts, unless the page was left.
  const press = (looks, page) => {
    if (looks === 0 || location.pathname !== page) return;
    const button = find();
    if (!button) return setTimeout(press, SOON, looks - 1, page);
    document.activeElement?.blur(); // so that the next arrow steps through what is found, not through the text
    button.click();
  };
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      setTimeout(press, SOON, LOOKS, location.pathname);
    },
    listening,
  );
  return () => listening.abort();
}
