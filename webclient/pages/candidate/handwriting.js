// Handwritten pages in the exam: photographed here, or with the candidate's own telephone.
import { useEffect, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Icon } from "../shared/icon.js";
import { Notice } from "../shared/notice.js";
import { PageStrip } from "../shared/page_strip.js";
import { PhoneDialog } from "./phone_dialog.js";

export function Handwriting({ candidate }) {
  const [pairing, setPairing] = useState(false);
  const stopped = candidate.isAway; // nothing is sent from here any more
  const items = candidate.work.pageList.value.map((one) => (stopped && one.state === "waiting" ? { ...one, state: "stopped" } : one));
  const open = Boolean(candidate.room.value.released_at) && !candidate.work.readOnly.value;
  const paired = candidate.sitting.value.phone;
  useEffect(() => {
    if (!open) setPairing(false);
  }, [open]);
  const inherited = open && items.length > 1 && candidate.work.pages.inherited;
  return html`${inherited && html`<${Notice} kind="low" live testid="pages-inherited"><span>${t("pages.inherited")}</span>
      <button class="small" onClick=${() => void candidate.work.pages.confirmOrder()} data-testid="pages-order-right">${t("pages.order_right")}</button><//>`}
    <${PageStrip} pages=${candidate.work.pages} items=${items} open=${open} connected=${candidate.connection.value.state === "connected"} recorded=${candidate.devices.value?.stream}
      preview=${candidate.practice ? undefined : (file) => candidate.link.api.link(`${candidate.link.path}/files/${file}/preview`)}
      onCamera=${(open) => candidate.pageCamera(open)} error=${candidate.work.pageError.value}>
      ${!candidate.practice && html`<button class="small" aria-haspopup="dialog" disabled=${!open} onClick=${() => setPairing(true)} data-testid="phone-open" data-paired=${Boolean(paired)}>
        <${Icon} name=${paired ? "ok" : "phone"} size=${15} />${t(paired ? "phone.paired_short" : "phone.use")}</button>`}<//>
    ${pairing && open && html`<${PhoneDialog} candidate=${candidate} onClose=${() => setPairing(false)} />`}`;
}
