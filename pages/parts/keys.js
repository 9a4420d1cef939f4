// Ctrl+Enter, or Command+Enter, presses the page's main button. A field has handed in by then what was typed into it.
const SOON = 60; // milliseconds until a field has done so, and between looks for a button that is not there yet
const LOOKS = 50;

export default function ({ parentElement, data }) {
  parentElement.listening?.abort();
  const listening = (parentElement.listening = new AbortController());
  const find = () => document.querySelector(`.st-key-${CSS.escape(data.button)} button:not([disabled])`);
  const press = (looks) => {
    if (listening.signal.aborted || looks === 0) return;
    const button = find();
    if (!button) return setTimeout(press, SOON, looks - 1);
    document.activeElement?.blur(); // so that the next arrow steps through what is found, not through the text
    button.click();
  };
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) setTimeout(press, SOON, LOOKS);
    },
    listening,
  );
  return () => listening.abort();
}
