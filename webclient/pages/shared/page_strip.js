// The photographed pages in order: look, move, turn, take again, take out, put back. Everything by buttons, and moving
// also by dragging.
import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { errorText, t } from "../../lib/i18n.js";
import { CameraDialog } from "./camera_dialog.js";
import { useAct } from "./hooks.js";
import { Icon } from "./icon.js";
import { ErrorNotice, Notice } from "./notice.js";

/**
 * `pages` is a Pages, `items` its list as it is now; `preview(file)` the address of a small picture of a page that
 * another device sent; `ordered` whether the order here is that of the work; `recorded` the stream that is being recorded; `onCamera(open)` is told before the
 * camera for pages is opened, and when it is let go; `connected` whether the server is reached.
 */
export function PageStrip({ pages, items, open, recorded, preview, onCamera, error, connected = true, ordered = true, children }) {
  const [camera, setCamera] = useState(null); // {token} or {token: null} for new pages
  const [refused, setRefused] = useState([]);
  const [said, setSaid] = useState("");
  const [run, busy, failure, setFailure] = useAct();
  const list = useRef();
  const focus = useRef(null); // {token, act}: the button that moved with its page
  useEffect(() => {
    if (!focus.current || busy) return; // while it is being moved its buttons take no focus
    const { token, act } = focus.current;
    const at = items.findIndex((item) => item.token === token);
    const buttons = [...(list.current?.children[at]?.querySelectorAll(`[data-act^=move]`) ?? [])];
    (buttons.find((one) => one.dataset.act === act && !one.disabled) ?? buttons.find((one) => !one.disabled))?.focus();
    focus.current = null;
  });
  const told = ({ refused: some, faults }) => {
    setRefused(some);
    return { refused: some, faults };
  };
  const add = (blobs) => run(async () => told(await pages.add(blobs)));
  const onChoose = (event) => {
    const chosen = [...event.target.files];
    event.target.value = "";
    void add(chosen);
  };
  const move = (token, from, to, act) => run(async () => {
    focus.current = act && { token, act };
    await pages.place(token, to);
    setSaid(t("pages.moved", { from: from + 1, to: to + 1 }));
  });
  const remove = (token, number) => run(async () => {
    await pages.remove(token);
    setRefused((some) => some.filter(({ code }) => code !== "too_many_files")); // there is a place now
    setSaid(t(ordered ? "pages.removed" : "pages.photo_removed", { number }));
  });
  const undo = () => run(async () => {
    told(await pages.undo());
    setSaid(t("pages.put_back"));
  });
  const onPhoto = async (blob) => {
    const answer = camera.token ? await pages.retake(camera.token, blob) : await pages.add([blob]);
    setRefused([]);
    return answer;
  };
  const openCamera = (token) => {
    onCamera?.(true);
    setCamera({ token });
  };
  const leaveCamera = () => {
    setCamera(null);
    onCamera?.(false);
  };
  useEffect(() => {
    if (connected && failure?.isNetwork) setFailure(null);
  }, [connected]);
  useEffect(() => { // nothing may be photographed any more
    if (!open && camera) leaveCamera();
  }, [open]);
  return html`<section class="page_strip" aria-labelledby="pages_title"><div class="row between"><h2 id="pages_title">${t("pages.title")}
        ${items.length > 0 && html` <span class="soft figures" data-testid="page-count">(${items.length})</span>`}</h2>
      <div class="row"><button class=${ordered ? "small" : "primary large"} disabled=${!open} onClick=${() => openCamera(null)} data-testid="page-camera"><${Icon} name="camera" size=${15} />${t("pages.take")}</button>
        <label class="button ${ordered ? "small" : ""} ${open ? "" : "disabled"}">${t("pages.choose")}
          <input class="visually_hidden" type="file" accept="image/*,.heic,.heif" multiple disabled=${!open} onChange=${onChoose} data-testid="page-input" /></label>${children}</div></div>
    <p class="small_text soft">${t(ordered ? "pages.help" : "pages.help_phone")}</p>
    ${open && refused.map(({ name, code }) => html`<${Notice} kind="low" live testid="page-refused">${name}${name && ": "}${t(`files.${code}`)}<//>`)}
    <${ErrorNotice} error=${failure ?? error} testid="page-error" />
    <p class="visually_hidden" role="status">${said}</p>
    ${items.length > 0 && html`<ol ref=${list} class="page_list">${items.map((item, index) => html`
      <${Page} key=${item.token} pages=${pages} item=${item} ordered=${ordered} index=${index} count=${items.length} open=${open && !busy} preview=${preview}
        onMove=${(to, act) => move(item.token, index, to, act)} onDrop=${(token) => move(token, items.findIndex((one) => one.token === token), index, null)}
        onRetake=${() => openCamera(item.token)} onRemove=${() => remove(item.token, ordered ? index + 1 : item.number)} />`)}</ol>`}
    ${pages.removed.length > 0 && open && html`<div class="row page_undo" data-testid="page-removed"><span class="small_text">${t("pages.out", { count: pages.removed.length })}</span>
      <button class="small" disabled=${busy} onClick=${undo} data-testid="page-undo">${t("pages.undo")}</button></div>`}
    ${camera && html`<${CameraDialog} recorded=${recorded} once=${Boolean(camera.token)} onPhoto=${onPhoto} onClose=${leaveCamera} />`}
  </section>`;
}

function Page({ pages, item, ordered, index, count, open, preview, onMove, onDrop, onRetake, onRemove }) {
  const { token, id, file, name, state, full, sent, bytes, error, faults, turns, working, kept, source } = item;
  const [picture, setPicture] = useState(null);
  const [failed, setFailed] = useState(null); // the picture that this browser cannot show
  const number = ordered ? index + 1 : item.number; // where there is no order, as the page that has it says beside its own
  useEffect(() => {
    let gone = false;
    setFailed(null);
    void pages.photo(token).then((blob) => {
      if (gone) return;
      const shownHere = blob && blob.type !== "image/heic";
      setPicture(shownHere ? URL.createObjectURL(blob) : file && preview ? preview(file) : null);
    });
    return () => { gone = true; };
  }, [token, file, kept]);
  // Let go of when another one stands there: Firefox says of a picture that loses its address while it loads that it failed.
  useEffect(() => () => {
    if (picture?.startsWith("blob:")) URL.revokeObjectURL(picture);
  }, [picture]);
  const still = open && !working;
  const act = (key) => t(ordered ? `pages.${key}` : `pages.photo_${key}`, { number });
  return html`<li class="page_item" draggable=${still && ordered} data-testid="page" data-token=${token} data-file=${file} data-state=${state} data-source=${source ?? "page"} data-name=${name}
      onDragStart=${(event) => event.dataTransfer.setData("text/plain", token)} onDragOver=${(event) => event.preventDefault()}
      onDrop=${(event) => { event.preventDefault(); if (still) onDrop(event.dataTransfer.getData("text/plain")); }}>
    <div class="page_picture">${picture && picture !== failed ? html`<img key=${picture} src=${picture} class="turned_${turns}" alt=${act("page")} onError=${() => setFailed(picture)} data-testid="page-picture" />`
      : html`<span class="page_name"><${Icon} name="paper" size=${26} />${name}</span>`}</div>
    <div class="page_about"><strong>${act("page")}</strong>
      ${source === "phone" && ordered && html`<span class="badge technical">${t("pages.from_phone", { number: item.number })}</span>`}
      ${state !== "there" && html`<span class="small_text soft">${state === "failed" ? html`<span class="wrong">${errorText(error)}</span>` : t(full ? `files.full_${full}` : `files.${state}`)}</span>`}
      ${state === "failed" && error?.code !== "copy_gone" && html`<button class="small" disabled=${!still} onClick=${() => pages.retry(id)} data-testid="page-retry">${t("common.try_again")}</button>`}
      ${state === "sending" && !full && html`<progress max=${bytes} value=${sent} aria-label=${t("files.progress", { name })}></progress>`}
      ${faults.map((fault) => html`<span class="page_fault" data-testid="page-fault" data-fault=${fault}><${Icon} name="warning" size=${14} />${t(`pages.fault_${fault}${fault === "small" && !ordered ? "_phone" : ""}`)}</span>`)}</div>
    <div class="page_acts">
      ${ordered && html`<button class="quiet small" disabled=${!still || index === 0} aria-label=${act("earlier")} title=${act("earlier")} data-act="move-earlier" onClick=${() => onMove(index - 1, "move-earlier")} data-testid="page-earlier">←</button>
      <button class="quiet small" disabled=${!still || index === count - 1} aria-label=${act("later")} title=${act("later")} data-act="move-later" onClick=${() => onMove(index + 1, "move-later")} data-testid="page-later">→</button>`}
      <button class="quiet small" disabled=${!still} aria-label=${act("turn")} title=${act("turn")} onClick=${() => pages.turn(token)} data-testid="page-turn">⟳</button>
      <button class="quiet small" disabled=${!still} aria-label=${act("retake")} title=${act("retake")} onClick=${onRetake} data-testid="page-retake"><${Icon} name="camera" size=${15} /></button>
      <button class="quiet small" disabled=${!still} aria-label=${act("remove")} title=${act("remove")} onClick=${onRemove} data-testid="page-remove"><${Icon} name="wrong" size=${15} /></button></div></li>`;
}
