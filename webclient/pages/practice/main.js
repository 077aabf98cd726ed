// The practice room, for everybody at any time: check the devices, send picture and sound to the server and back, and sit
// a sample exam with the parts of the real one. Nothing of it counts, and nothing of it is kept.
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { addTexts, decimals, errorText, t } from "../../lib/i18n.js";
import { DeviceCheck } from "../candidate/device_check.js";
import { Exam } from "../candidate/exam.js";
import { InApp } from "../candidate/in_app.js";
import { Messages } from "../candidate/messages.js";
import { Receipt } from "../candidate/receipt.js";
import { Dialog } from "../shared/dialog.js";
import { Icon } from "../shared/icon.js";
import { Notice } from "../shared/notice.js";
import { TopBar } from "../shared/top_bar.js";
import { Practice } from "./practice.js";

const POINTS = 6; // of what the exam's screen shows
const STEPS = ["check", "loop", "exam", "receipt"];

function PracticePage() {
  const [practice] = useState(() => new Practice());
  const [ready, setReady] = useState(false);
  const [failed, setFailed] = useState(null);
  const main = useRef();
  useEffect(() => void practice.open().then(() => setReady(true), setFailed), []);
  const step = practice.step.value;
  useEffect(() => {
    if (document.activeElement === document.body) main.current?.focus({ preventScroll: true });
  }, [step]);
  const bar = html`<div class="practice_bar" data-testid="practice-mark"><strong>${t("practice.mark")}</strong>
    <a href="/candidate" data-testid="practice-leave">${t("practice.leave")}</a></div>`;
  if (failed) return html`${bar}<main class="narrow stack loose"><${Notice} kind="high">${t("candidate.store_missing")}<//></main>`;
  if (!ready) return bar;
  if (step === "exam") {
    return html`<div class="practice">${bar}<${Exam} candidate=${practice} messages=${html`<${Messages} candidate=${practice} />`} /></div>`;
  }
  return html`${bar}<${TopBar} title=${t("practice.title")} />
    <main ref=${main} tabindex="-1" class="page candidate_page stack loose" data-stage=${step} data-testid="stage">
      <ol class="steps" aria-label=${t("candidate.steps")}>${STEPS.map((one, index) => html`
        <li class=${index < STEPS.indexOf(step) ? "done" : ""} aria-current=${one === step ? "step" : null}>
          <span class="figures">${index + 1}</span> ${t(`practice.step_${one}`)}</li>`)}</ol>
      ${step === "check" && html`<p>${t("practice.help")}</p><${DeviceCheck} candidate=${practice} onDone=${() => practice.confirmDevices()} />`}
      ${step === "loop" && html`<${LoopStep} practice=${practice} />`}
      ${step === "receipt" && html`<${Notice} kind="low"><strong>${t("practice.receipt")}</strong><span>${t("practice.done")}</span><//>
        <${Receipt} candidate=${practice} />
        <div class="row"><button onClick=${() => location.reload()} data-testid="practice-again">${t("practice.again")}</button>
          <a class="button primary" href="/candidate">${t("practice.to_exam")}</a></div>`}
    </main>`;
}

const SIGNS = { good: ["ok", "ok"], weak: ["low", "warning"], blocked: ["high", "warning"], full: ["low", "clock"], over: ["low", "clock"] };

function LoopStep({ practice }) {
  const { loop } = practice;
  const [touring, setTouring] = useState(false);
  const [heard, setHeard] = useState(false);
  const video = useRef();
  const state = loop.state.value;
  const figures = loop.figures.value;
  const stream = loop.stream.value;
  useEffect(() => {
    if (video.current.srcObject !== stream) video.current.srcObject = stream;
  }, [stream]);
  const kbps = Math.round(Object.values(figures?.kbps ?? {}).reduce((sum, one) => sum + one, 0));
  const [kind, icon] = SIGNS[state] ?? ["technical", "clock"];
  return html`<section class="card stack loose" aria-labelledby="loop_title" data-testid="loop" data-state=${state}>
    <div><h1 id="loop_title">${t("practice.loop_title")}</h1><p class="soft">${t("practice.loop_help")}</p></div>
    <div class="check_grid"><div class="stack"><div class="picture_box"><video ref=${video} autoplay playsinline muted=${!heard} class="self_view"
          onTimeUpdate=${(event) => event.target.videoWidth > 0 && loop.cameBack()} aria-label=${t("practice.came_back")} data-testid="loop-video"></video></div>
        <label class="check small_text"><input type="checkbox" checked=${heard} onChange=${(event) => setHeard(event.target.checked)} data-testid="loop-hear" />
          <span>${t("practice.hear")}</span></label></div>
      <div class="stack"><div role="status"><${Notice} kind=${kind} icon=${icon} testid="loop-verdict"><strong>${t(`practice.loop_${state}`)}</strong>
          ${["weak", "blocked"].includes(state) && html`<ul class="points">${[1, 2, 3].map((point) => html`<li>${t(`practice.mend_${point}`)}</li>`)}</ul>`}
          ${loop.refusal.value && html`<span>${errorText(loop.refusal.value)}</span>`}<//></div>
        ${figures && html`<dl class="facts"><dt>${t("practice.arrives")}</dt><dd class="figures" data-testid="loop-kbps" data-kbps=${kbps}>${kbps} kbit/s</dd>
          <dt>${t("practice.loss")}</dt><dd class="figures">${decimals(100 * figures.loss, 1)} %</dd>
          ${practice.devices.value.roundTripMs != null && html`<dt>${t("practice.round_trip")}</dt><dd class="figures">${Math.round(practice.devices.value.roundTripMs)} ms</dd>`}</dl>`}
      </div></div>
    <div class="row between"><button onClick=${() => practice.tryMedia()} data-testid="loop-again">${t("check.again")}</button>
      <button class="primary large" onClick=${() => setTouring(true)} data-testid="practice-exam">${t("practice.go_on")}</button></div>
    ${touring && html`<${Dialog} title=${t("practice.tour")} testid="practice-tour" onClose=${() => setTouring(false)}
        actions=${html`<button class="primary large" onClick=${() => practice.enterExam()} data-testid="practice-start"><${Icon} name="paper" size=${16} />${t("practice.start")}</button>`}>
      <ol class="points">${Array.from({ length: POINTS }, (_, index) => html`<li>${t(`practice.tour_${index + 1}`)}</li>`)}</ol><//>`}
  </section>`;
}

await addTexts({ vi: () => import("../../lang/practice_vi.js"), en: () => import("../../lang/practice_en.js") });
render(html`<${InApp}><${PracticePage} /><//>`, document.getElementById("app"));
