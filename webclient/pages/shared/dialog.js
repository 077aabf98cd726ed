// A modal <dialog>: the browser keeps the focus inside, and gives it back to where it was when the dialog closes.
// Escape closes it; one without `onClose` has to be answered, and stays. What somebody typed is not thrown away by one key:
// Escape, and a telephone's Back, ask first, unless the page `keeps` what was typed for the next opening. A button says what
// it does and does it. One that comes `uninvited` takes the focus itself, on none of its controls: the next keys are meant for
// what somebody was typing, and confirm nothing.
import { createContext } from "preact";
import { useContext, useId, useLayoutEffect, useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { comeBack, standpoint } from "./hooks.js";

const TYPED = "textarea, input:not([type=checkbox], [type=radio], [type=file], [type=range])";
const DISCARDED = -1;

/** For what stands in a dialog: `holds`, functions that ask before it closes, `setOver`, which shows something over it, and
 *  `close`. See working.js. */
export const InDialog = createContext(null);

/** A button that closes the dialog in which it stands. */
export const CloseButton = ({ testid = "dialog-close", primary = false, children }) => (
  html`<button type="button" class=${primary ? "primary" : ""} onClick=${useContext(InDialog).leave} data-testid=${testid}>${children}</button>`);

export function Dialog({ title, onClose, actions, testid, wide = false, keeps = false, uninvited = false, children }) {
  const element = useRef();
  const heading = useId();
  const before = useRef(new Map()); // fields that somebody has been in, and what stood there
  const [asking, setAsking] = useState(0); // the how-many-th question whether to throw away what was typed; DISCARDED once it was said
  const asked = useRef(0);
  const ask = () => setAsking(++asked.current); // a new one each time: the browser may have closed the one before
  const [over, setOver] = useState(null);
  const inside = useRef({ holds: new Set(), setOver }).current;
  const held = () => { // whether something that goes on in it asks first
    const [hold] = inside.holds;
    hold?.();
    return Boolean(hold);
  };
  inside.close = onClose;
  inside.leave = () => held() || inside.close();
  useLayoutEffect(() => { // before the next key is read: it is meant for the dialog
    const dialog = element.current;
    const place = standpoint();
    dialog.showModal();
    if (uninvited) dialog.focus();
    return () => {
      element.current = null;
      dialog.close(); // a dialog that is only taken away leaves the focus nowhere
      const { activeElement: left } = document; // one that was shown again has forgotten where it was opened
      if (left !== document.body && !dialog.contains(left)) return;
      if (place[0]?.element.isConnected) place[0].element.focus({ preventScroll: true });
      else comeBack(place); // what opened it is gone, as an entry of a queue
    };
  }, []);
  useLayoutEffect(() => { // one after the other, as they lie: under an open dialog nothing takes the focus
    if (asking === DISCARDED) onClose();
  }, [asking]);
  const written = useRef(new Set()); // of these, those whose text a person changed since
  const onFocusIn = ({ target }) => {
    if (target.matches(TYPED) && !before.current.has(target)) before.current.set(target, target.value);
  };
  const onInput = ({ target }) => before.current.has(target) && written.current.add(target);
  const onReset = ({ target: form }) => { // what was typed there has been sent
    for (const field of [...before.current.keys()].filter((one) => form.contains(one) || !one.isConnected)) {
      before.current.delete(field);
      written.current.delete(field);
    }
  };
  const typed = () => !keeps && [...written.current].some((field) => field.isConnected && !field.readOnly && !field.matches(":disabled") && field.value !== before.current.get(field) && field.value.trim());
  const leave = () => held() || (typed() ? ask() : onClose());
  const onCancel = (event) => {
    if (event.target !== element.current) return; // a file input's, or of a dialog inside
    event.preventDefault();
    if (onClose) leave();
  };
  // Browsers let nobody prevent a second Escape in a row: they close the dialog by themselves.
  const onClosed = (event) => {
    if (!element.current || event.target !== element.current) return;
    if (onClose && inside.holds.size === 0 && !typed()) return onClose();
    element.current.showModal();
    if (uninvited) element.current.focus();
    if (onClose) held() || ask();
  };
  return html`<dialog ref=${element} class=${wide ? "wide" : ""} tabindex=${uninvited ? "-1" : null} aria-labelledby=${heading} data-testid=${testid} onCancel=${onCancel} onClose=${onClosed} onFocusIn=${onFocusIn} onInput=${onInput} onReset=${onReset}>
    <${InDialog.Provider} value=${inside}><div class="inside"><h2 id=${heading}>${title}</h2>${children}
      ${actions && html`<div class="actions no_print">${actions}</div>`}</div><//></dialog>
    ${over}
    ${asking > 0 && html`<${Discard} key=${asking} onKeep=${() => setAsking(0)} onDiscard=${() => setAsking(DISCARDED)} />`}`;
}

function Discard({ onKeep, onDiscard }) {
  const actions = html`<button class="danger" onClick=${onDiscard} data-testid="typed-discard">${t("typed.discard")}</button>
    <button class="primary" autofocus onClick=${onKeep} data-testid="typed-keep">${t("typed.keep")}</button>`;
  return html`<${Dialog} title=${t("typed.title")} onClose=${onKeep} actions=${actions} testid="typed-dialog"><p>${t("typed.help")}</p><//>`;
}
