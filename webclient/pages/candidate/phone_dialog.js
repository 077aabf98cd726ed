// The QR code that lets the candidate's telephone in, and the end of it.
import { useEffect, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { formatClock, formatCountdown } from "../../lib/time.js";
import { Dialog } from "../shared/dialog.js";
import { useAct, useNow } from "../shared/hooks.js";
import { ErrorNotice, Notice } from "../shared/notice.js";

export function PhoneDialog({ candidate, onClose }) {
  const now = useNow(1000);
  const [link, setLink] = useState(null);
  const [run, busy, error] = useAct();
  const { phone } = candidate.sitting.value;
  const path = `${candidate.link.path}/phone`;
  const ask = () => run(async () => setLink(await candidate.link.api.post(`${path}/link`)));
  const revoke = () => run(async () => {
    await candidate.link.api.delete(path);
    setLink(null);
  });
  useEffect(() => {
    if (!phone) void ask();
  }, []);
  useEffect(() => {
    if (phone) setLink(null); // it was used
  }, [phone?.paired_at]);
  const left = link ? Date.parse(link.ends_at) - now : 0;
  const actions = html`${phone && html`<button class="danger" disabled=${busy} onClick=${revoke} data-testid="phone-revoke">${t("phone.revoke")}</button>`}
    <button disabled=${busy} onClick=${ask} data-testid="phone-again">${t(phone ? "phone.another" : "phone.again")}</button>
    <button class="primary" onClick=${onClose} data-testid="phone-close">${t("common.close")}</button>`;
  return html`<${Dialog} title=${t("phone.title")} onClose=${onClose} actions=${actions} testid="phone-dialog">
    <p>${t("phone.help")}</p>
    <div role="status">${phone && html`<${Notice} kind="ok" testid="phone-paired">${t("phone.paired", { time: formatClock(phone.paired_at) })}<//>`}</div>
    ${link && left > 0 && html`<div class="phone_code"><img src=${`data:image/svg+xml,${encodeURIComponent(link.qr)}`} alt=${t("phone.code")} data-testid="phone-code" />
      <p>${t("phone.scan")}</p><p class="soft figures">${t("phone.ends", { time: formatCountdown(left) })}</p>
      <details class="small_text"><summary>${t("phone.address")}</summary><p class="mono phone_address" data-testid="phone-link">${link.link}</p></details></div>`}
    ${link && left <= 0 && html`<${Notice} kind="low">${t("phone.ended")}<//>`}
    <${ErrorNotice} error=${error} testid="phone-error" /><//>`;
}
