// A modal <dialog>: the browser keeps the focus inside, and gives it back to where it was when the dialog closes.
// Escape closes it; one without `onClose` has to be answered, and stays.
import { useId, useLayoutEffect, useRef } from "preact/hooks";

import { html } from "../../lib/html.js";

export function Dialog({ title, onClose, actions, testid, wide = false, children }) {
  const element = useRef();
  const heading = useId();
  useLayoutEffect(() => { // before the next key is read: it is meant for the dialog
    const dialog = element.current;
    dialog.showModal();
    return () => {
      element.current = null;
      dialog.close(); // a dialog that is only taken away leaves the focus nowhere
    };
  }, []);
  const onCancel = (event) => {
    event.preventDefault();
    onClose?.();
  };
  // Browsers let nobody prevent a second Escape in a row: they close the dialog by themselves.
  const onClosed = () => {
    if (!element.current) return;
    if (onClose) onClose();
    else element.current.showModal();
  };
  return html`<dialog ref=${element} class=${wide ? "wide" : ""} aria-labelledby=${heading} data-testid=${testid} onCancel=${onCancel} onClose=${onClosed}>
    <div class="inside"><h2 id=${heading}>${title}</h2>${children}
      ${actions && html`<div class="actions no_print">${actions}</div>`}</div></dialog>`;
}
