// What a candidate's page reported of its devices (A24.1.1), for those who admit and those who help.
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Icon } from "../shared/icon.js";

const heard = (speaker) => t(speaker?.ok === undefined ? "queue.untried" : speaker.ok ? "queue.heard" : "queue.not_heard");

const tried = (network) => t(network?.ok === undefined ? "queue.untried" : network.ok ? "queue.ok" : "queue.bad");

/** Camera, microphone, loudspeaker and network in one line. */
export const deviceWords = ({ camera, microphone, speaker, network }) => t("queue.devices", {
  camera: t(camera?.ok ? "queue.ok" : "queue.bad"), microphone: t(microphone?.ok ? "queue.ok" : "queue.bad"), speaker: heard(speaker),
  network: tried(network),
});

/** Stands out where a candidate has no microphone: only an oral exam refuses (reading X46), the invigilator knows. */
export function NoMicrophone({ device }) {
  if (!device || device.microphone?.ok) return null;
  return html`<span class="badge low" data-testid="no-microphone"><${Icon} name="microphone_off" size=${13} />${t("queue.no_microphone")}</span>`;
}
