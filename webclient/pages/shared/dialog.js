// A modal <dialog>: the browser keeps the focus inside, closes it by Escape and gives the focus back.
import { useId, useLayoutEffect, useRef } from "preact/hooks";

import { html } from "../../lib/html.js";

export function Dialog({ title, onClose, actions, testid, wide = false, children }) {
  const element = useRef();
  const heading = useId();
  useLayoutEffect(() => { // before the next key is read: it is meant for the dialog
    element.current.showModal();
  }, []);
  const onCancel = (event) => {
    event.preventDefault();
    onClose?.();
  };
  return html`<dialog ref=${element} class=${wide ? "wide" : ""} aria-labelledby=${heading} data-testid=${testid} onCancel=${onCancel}>
    <div class="inside"><h2 id=${heading}>${title}</h2>${children}
      ${actions && html`<div class="actions no_print">${actions}</div>`}</div></dialog>`;
}
