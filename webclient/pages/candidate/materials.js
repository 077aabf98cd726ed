// Corrections of the paper and further files: each stands over the page until it was read, and stays listed beside it.
import { html } from "../../lib/html.js";
import { fileSize, t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { Dialog } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { ErrorNotice } from "../shared/notice.js";

function Body({ candidate, material }) {
  return html`${material.text && html`<p class="message_text">${material.text}</p>`}
    ${material.file && html`<a class="button" href=${candidate.staff.materialLink(material.material)} target="_blank" rel="noopener" data-testid="material-file">
      <${Icon} name="paper" size=${15} />${t("material.open", { size: fileSize(material.file.bytes) })}</a>`}`;
}

export function NewMaterial({ candidate }) {
  const [run, busy, error] = useAct();
  const received = candidate.sitting.value?.materials_received ?? [];
  const first = candidate.staff.materials.value.find(({ material }) => !received.includes(material));
  if (!first || candidate.connection.value.state !== "connected") return null;
  const actions = html`<button class="primary" disabled=${busy} onClick=${() => run(() => candidate.staff.receiveMaterial(first.material))} data-testid="material-received">${t("message.seen")}</button>`;
  return html`<${Dialog} key=${first.material} title=${`${t(`material.${first.nature}`)}: ${first.title}`} uninvited testid="material" actions=${actions}>
    <${Body} candidate=${candidate} material=${first} /><${ErrorNotice} error=${error} /><//>`;
}

export function MaterialList({ candidate }) {
  const materials = candidate.staff.materials.value;
  if (materials.length === 0) return null;
  return html`<details class="materials" data-testid="materials"><summary>${t("material.list", { count: materials.length })}</summary>
    <ul>${materials.map((one) => html`<li key=${one.material}><strong>${t(`material.${one.nature}`)}: ${one.title}</strong>
      <time class="soft small_text figures">${formatClock(one.at)}</time><${Body} candidate=${candidate} material=${one} /></li>`)}</ul></details>`;
}
