// The candidate's page: who is signed in, then one screen for each stage (stage.js).
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { Api, speakFor } from "../../lib/api.js";
import { html } from "../../lib/html.js";
import { errorText, t } from "../../lib/i18n.js";
import { inAppBrowser } from "../../lib/in_app.js";
import { isToSignOut, stage as signingOut } from "../../lib/to_sign_out.js";
import { lazy } from "../shared/lazy.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import "../shared/own_words.js";
import { TopBar } from "../shared/top_bar.js";
import { Candidate } from "./controller.js";
import { forgetLeftovers } from "./entrance_memory.js";
import { forgetAllHere } from "./kept_here.js";
import { Messages } from "./messages.js";
import { rememberedIdentity } from "./page_memory.js";
import { PracticeLink } from "./practice_link.js";
import { SignIn } from "./sign_in.js";
import { askedOf, briefingOf, stageOf } from "./stage.js";

const DeviceCheck = lazy(() => import("./device_check.js"), "DeviceCheck");
const Consent = lazy(() => import("./consent.js"), "Consent");
const Superseded = lazy(() => import("./superseded.js"), "Superseded");
const NoEntry = lazy(() => import("./held.js"), "NoEntry");
const PhotoStep = lazy(() => import("./photo_step.js"), "PhotoStep");
const AskedAgain = lazy(() => import("./asked_again.js"), "AskedAgain");
const AskedLater = lazy(() => import("./asked_again.js"), "AskedLater");
const Briefings = lazy(() => import("./briefings.js"), "Briefings");
const Lobby = lazy(() => import("./lobby.js"), "Lobby");
const Exam = lazy(() => import("./exam.js"), "Exam");
const LateText = lazy(() => import("./late_text.js"), "LateText");
const Receipt = lazy(() => import("./receipt.js"), "Receipt");
const NewMaterial = lazy(() => import("./materials.js"), "NewMaterial");
const ClosingLists = lazy(() => import("./closing_lists.js"), "ClosingLists");
const Leave = lazy(() => import("./leave.js"), "Leave");
const SigningOut = lazy(() => import("./signing_out.js"), "SigningOut");
const EndsFirst = lazy(() => import("./signing_out.js"), "EndsFirst");
const SignedOut = lazy(() => import("./signed_out.js"), "SignedOut");
const Talk = lazy(() => import("./talk.js"), "Talk");
const InApp = lazy(() => import("./in_app.js"), "InApp");

function CandidatePage() {
  const [candidate, setCandidate] = useState(undefined); // undefined: asking, null: signed out
  const [error, setError] = useState(null);
  const [opening, setOpening] = useState("connection.opening");

  // `opens`: nobody has done anything here yet, so that whom this computer remembers is whom it is for.
  const enter = async ({ opens = false } = {}) => {
    setError(null);
    setOpening("connection.opening");
    if (isToSignOut("candidate")) {
      await EndsFirst.load();
      await (await import("./signing_out.js")).finish();
    }
    await forgetLeftovers(true);
    let identity, isRemembered = false, gone = false;
    const kept = opens ? await rememberedIdentity() : null;
    if (kept) setOpening("candidate.opening");
    try {
      identity = await new Api("candidate").me({ soon: Boolean(kept) });
    } catch (failure) {
      if (failure.code === "not_signed_in") {
        forgetAllHere();
        await forgetLeftovers(false);
        return setCandidate(null);
      }
      identity = failure.isNetwork ? await rememberedIdentity() : null;
      if (!identity) return setError(failure);
      isRemembered = true;
    }
    speakFor("candidate", identity.subject);
    const opened = new Candidate({
      subject: identity.subject, full_name: identity.full_name, room: identity.room, plan: identity.plan ?? identity.rooms?.[0] ?? null,
    });
    opened.askFirst = async () => { // another device may have taken the place since, or somebody else have signed in
      const { elsewhere, subject, room } = await new Api("candidate").me();
      if (!elsewhere && subject === identity.subject && room === identity.room) return false;
      gone = true;
      await opened.work.answers.keepLocally();
      opened.close();
      leave();
      return true;
    };
    if (isRemembered) opened.link.askFirst = opened.askFirst;
    await opened.open(identity.elsewhere, identity.elsewhere ? identity.submitted_at : null, identity);
    if (!gone) setCandidate(opened);
  };
  const leave = () => {
    setCandidate(undefined);
    void enter();
  };
  useEffect(() => void enter({ opens: true }), []);

  if (candidate) return html`<${Room} candidate=${candidate} onLeave=${leave} />`;
  if (signingOut.value) return html`<${TopBar} /><main class="narrow stack loose"><${EndsFirst} /></main>`;
  return html`<${TopBar} /><main class="narrow stack loose">
    ${candidate === undefined && !error && html`<p role="status" data-testid="opening">${t(opening)}</p>`}
    ${error && html`<${ErrorNotice} error=${error} /><button onClick=${() => enter()}>${t("common.try_again")}</button>`}
    ${candidate === null && html`<${SignIn} onDone=${() => enter()} /><${PracticeLink} />`}
  </main>`;
}

function Room({ candidate, onLeave }) {
  const { state, refusal } = candidate.connection.value;
  const stage = stageOf({
    sitting: candidate.sitting.value, room: candidate.room.value, connection: state,
    readmission: candidate.readmission.value, elsewhere: candidate.elsewhere, handedIn: Boolean(candidate.handedIn), asksReceipt: candidate.asksReceipt.value,
    prepared: candidate.entrance.prepared, devicesChecked: candidate.entrance.checked.value,
    photographed: candidate.entrance.allPhotographed.value,
  });
  const [leaving, setLeaving] = useState(false);
  const signOut = async () => {
    await SigningOut.load();
    setLeaving(false);
    void (await import("./signing_out.js")).send(candidate, onLeave);
  };
  // The control that was pressed is gone with the screen before; the next Tab begins at the new one.
  const main = useRef();
  useEffect(() => void Consent.load().then(PhotoStep.load).then(Briefings.load).then(Lobby.load).then(Exam.load).then(Receipt.load).then(SignedOut.load).then(Leave.load).then(SigningOut.load), []); // long before they are needed, so that admission does not wait
  useEffect(() => {
    if (document.activeElement === document.body) main.current?.focus({ preventScroll: true });
  }, [stage]);
  useEffect(() => {
    if (["lobby", "exam"].includes(stage)) candidate.awake.hold();
    else candidate.awake.release();
  }, [stage]);
  const mayLeave = stage !== "exam";
  const after = ["receipt", "over"].includes(stage); // others, as who was refused, see the lists over what stays as it was
  const signInAgain = state === "signed_out" && !signingOut.value && html`<${SignedOut} key=${after} candidate=${candidate} reads=${after} onOther=${onLeave} />`;
  const modal = Boolean(briefingOf(candidate) || askedOf(candidate).length);
  // After the end nothing is confirmed any more (A14.2b.8), so nothing asks for it.
  const messages = !modal && html`<${Messages} candidate=${candidate} />`;
  const asks = !after && signInAgain;
  const over = candidate.room.value?.phase === "ended" ? asks : html`${stage !== "exam" && messages}<${Briefings} candidate=${candidate} /><${NewMaterial} candidate=${candidate} />
    <${AskedAgain} candidate=${candidate} />${asks}`;
  const waitsElsewhere = candidate.isAway && ["check", "consent", "photos"].includes(stage); // what would be asked for here goes nowhere
  const part = waitsElsewhere ? null : stage;
  const lists = html`<${ClosingLists} candidate=${candidate} />`;
  const ends = html`<${SigningOut} candidate=${candidate} onHeard=${onLeave} />`;
  if (stage === "exam") return html`<${Exam} candidate=${candidate} messages=${messages} />${over}${ends}`;
  return html`<${TopBar} title=${candidate.room.value?.exam_title} who=${candidate.identity.full_name} clock onSignOut=${mayLeave ? () => (candidate.staysHere() ? setLeaving(true) : signOut()) : null} />
    ${leaving && html`<${Leave} candidate=${candidate} onLeave=${signOut} onStay=${() => setLeaving(false)} />`}
    ${ends}
    <main ref=${main} tabindex="-1" class="page candidate_page stack loose" data-stage=${stage} data-testid="stage">
      <${Steps} stage=${stage} />
      ${candidate.storeMissing.value && html`<${Notice} kind="low">${t("candidate.store_missing")}<//>`}
      <${ErrorNotice} error=${candidate.error.value} />
      ${after && signInAgain}
      <${AskedLater} candidate=${candidate} />
      ${waitsElsewhere && html`<${Superseded} candidate=${candidate} words=${t("lobby.superseded")} />`}
      ${state === "connected" && candidate.sitting.value?.state === "expected" && candidate.room.value?.phase !== "ended" && html`<${Talk} candidate=${candidate} hand=${false} />`}
      ${state === "connected" && ["check", "consent", "photos"].includes(part) && html`<${NoEntry} candidate=${candidate} />`}
      ${!after && lists}
      ${stage === "connecting" && html`<p role="status">${t("connection.joining")}</p>`}
      ${stage === "refused" && html`<${Notice} kind="high" testid="refused">${errorText(refusal)}<//>`}
      ${stage === "over" && html`<${Over} candidate=${candidate} />`}
      ${part === "check" && html`<${DeviceCheck} candidate=${candidate} keepsStill onDone=${(level, heard) => candidate.entrance.confirmDevices(level, heard)} />`}
      ${part === "consent" && html`<${Consent} candidate=${candidate} />`}
      ${part === "photos" && html`<${PhotoStep} candidate=${candidate} />`}
      ${stage === "lobby" && html`<${Lobby} candidate=${candidate} />`}
      ${stage === "receipt" && html`<${Receipt} candidate=${candidate} />`}
      ${after && lists}
    </main>${over}`;
}

const STEPS = ["check", "consent", "photos", "lobby", "exam", "receipt"];

function Steps({ stage }) {
  const current = STEPS.indexOf(stage);
  if (current < 0) return null;
  return html`<ol class="steps" aria-label=${t("candidate.steps")}>${STEPS.map((step, index) => html`
    <li class=${index < current ? "done" : ""} aria-current=${index === current ? "step" : null}>
      <span class="figures">${index + 1}</span> ${t(`step.${step}`)}</li>`)}</ol>`;
}

function Over({ candidate }) {
  const { answer, referred, suspended } = candidate.knows.value ? candidate.sitting.value : {};
  const saved = answer?.revision || candidate.work.complete.value.length;
  const why = !candidate.knows.value ? "exam.maybe_submitted" : referred ? `exam.referred_${referred}` : suspended ? "exam.suspended_unsubmitted" : saved ? "over.unsubmitted" : "over.nothing";
  return html`<${Notice} kind="low" testid="over"><strong>${t("over.title")}</strong>
    ${suspended && html`<span>${t("over.suspended", { reason: suspended })}</span>`}<span>${t(why)}</span>
    <${LateText} candidate=${candidate} /><//>`;
}

render(inAppBrowser() ? html`<${InApp}><${CandidatePage} /><//>` : html`<${CandidatePage} />`, document.getElementById("app"));
void DeviceCheck.load(); // while a candidate signs in
navigator.serviceWorker?.register("/sw.js").catch((error) => console.warn("offline copy unavailable", error));
