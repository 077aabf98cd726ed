// Photograph pages one after another; each is taken in at once, and whether it looks readable is said here.
import { useEffect, useRef, useState } from "preact/hooks";

import { diagnose } from "../../lib/device.js";
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { openPageCamera, still } from "../../lib/page_camera.js";
import { Dialog } from "./dialog.js";
import { useAct } from "./hooks.js";
import { Icon } from "./icon.js";
import { ErrorNotice, Notice } from "./notice.js";

/** `onPhoto(blob)` answers `{refused, faults}`; with `once` the dialog closes after one photograph. */
export function CameraDialog({ recorded, onPhoto, onClose, once = false }) {
  const video = useRef();
  const [cause, setCause] = useState(null);
  const [ready, setReady] = useState(false);
  const [taken, setTaken] = useState(null); // {count, faults, refused} after the last photograph
  const [run, busy, error] = useAct();
  useEffect(() => {
    let opened = null;
    let gone = false;
    openPageCamera(recorded).then((camera) => {
      opened = camera;
      if (gone) camera.close();
      else video.current.srcObject = camera.stream;
    }).catch((failure) => setCause(diagnose(failure)));
    return () => {
      gone = true;
      opened?.close();
    };
  }, []);
  const take = () => run(async () => {
    const { refused, faults } = await onPhoto(await still(video.current));
    if (once && refused.length === 0) return onClose();
    setTaken({ count: (taken?.count ?? 0) + (refused.length ? 0 : 1), faults, refused });
    return undefined;
  });
  const actions = html`<button onClick=${onClose} data-testid="camera-close">${t(taken ? "camera.done" : "common.cancel")}</button>
    <button class="primary large" disabled=${!ready || busy} onClick=${take} data-testid="camera-take"><${Icon} name="camera" />${t("camera.take")}</button>`;
  return html`<${Dialog} title=${t(once ? "camera.title_again" : "camera.title")} wide onClose=${onClose} actions=${actions} testid="camera-dialog">
    <p class="soft small_text">${t("camera.help")}</p>
    ${cause ? html`<${Notice} kind="high" testid="camera-error">${t(`cause.${cause}`, { part: t("check.camera").toLowerCase(), again: t(once ? "camera.title_again" : "pages.take") })}<//>`
      : html`<div class="page_camera"><video ref=${video} autoplay muted playsinline aria-label=${t("camera.picture")}
          onLoadedData=${() => setReady(true)} data-testid="camera-video"></video></div>`}
    <div role="status" data-testid="camera-said">${taken && html`
      <p><strong>${t("camera.taken", { count: taken.count })}</strong></p>
      ${taken.refused.map(({ code }) => html`<p>${t(`files.${code}`)}</p>`)}
      ${taken.faults.map((fault) => html`<p class="page_fault"><${Icon} name="warning" size=${15} />${t(`pages.fault_${fault}`)}</p>`)}`}</div>
    <${ErrorNotice} error=${error} /><//>`;
}
