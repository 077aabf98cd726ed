// What others decide of an exam: regime, programme, form, grounds and consents, and what the exam sets for its rooms.
// Which papers are needed follows from regime and programme (A4, B22.2); the rest of the form keeps what was entered.
// Once the exam is published it is only read.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { Dialog } from "../shared/dialog.js";
import { useAct } from "../shared/hooks.js";
import { ErrorNotice } from "../shared/notice.js";

const GROUNDS = ["natural_disaster", "epidemic", "other_force_majeure"];

/** The decisions that a plan needs: names in the plan's basis, then in the plan itself. */
const needed = ({ regime, programme }) => (regime === "B" ? ["ministry_guidance"] : programme === "refresher" ? ["direction"] : ["party_consent", "academy_consent"]);

export function PlanDialog({ api, exam, reload, onClose }) {
  const [plan, setPlan] = useState(exam.plan);
  const [seen] = useState(exam.edition); // what the person began to change
  const [run, busy, error] = useAct();
  const published = Boolean(exam.published_at);
  const { basis, rules } = plan;
  const set = (more) => setPlan({ ...plan, ...more });
  const setBasis = (more) => set({ basis: { ...basis, ...more } });
  const setRules = (more) => set({ rules: { ...rules, ...more } });
  const complete = (decision) => (decision?.number && decision.signed_on && decision.signer ? decision : null);
  const save = (event) => {
    event.preventDefault();
    const names = ["party_consent", "academy_consent", "direction", "ministry_guidance"];
    const body = {
      ...plan, form_decision: complete(plan.form_decision), conditions: complete(plan.conditions), grace_decision: complete(plan.grace_decision),
      basis: { ...basis, ...Object.fromEntries(names.map((name) => [name, complete(basis[name])])) },
    };
    void run(async () => {
      await api.put(`/api/exams/${exam.exam}/plan`, body, { seen });
      await reload();
      onClose();
    });
  };
  const choice = (id, value, options, onChange) => html`<div class="field"><label for=${id}>${t(`plan.${id}`)}</label>
    <select id=${id} value=${value ?? ""} onChange=${(event) => onChange(event.target.value || null)} data-testid=${`plan-${id}`}>${options.map(([key, text]) => html`<option value=${key}>${text}</option>`)}</select></div>`;
  const date = (id, value, onChange) => html`<div class="field"><label for=${id}>${t(`plan.${id}`)}</label>
    <input id=${id} type="date" value=${value ?? ""} onInput=${(event) => onChange(event.target.value || null)} /></div>`;
  return html`<${Dialog} wide title=${t("plan.title")} onClose=${onClose} testid="plan-dialog"><form class="stack loose" onSubmit=${save}>
    ${published && html`<p class="soft" tabindex="-1" autofocus>${t("plan.published")}</p>`}
    <fieldset class="bare stack loose" disabled=${published}><div class="form_grid">
      ${choice("regime", plan.regime, [["A", t("plan.regime_a")], ["B", t("plan.regime_b")]], (regime) => set({ regime }))}
      ${plan.regime === "A" && choice("programme", plan.programme, ["training", "refresher"].map((key) => [key, t(`plan.${key}`)]), (programme) => set({ programme }))}
      ${choice("form", plan.form, ["written", "multiple_choice", "oral"].map((key) => [key, t(`plan.form_${key}`)]), (form) => set({ form }))}</div>
    <${Decision} name="form_decision" words=${`form_decision_${plan.regime.toLowerCase()}`} value=${plan.form_decision} onChange=${(value) => set({ form_decision: value })} />
    <${Decision} name="conditions" words=${`conditions_${plan.regime.toLowerCase()}`} value=${plan.conditions} onChange=${(value) => set({ conditions: value })} />
    <fieldset class="stack"><legend>${t("plan.basis")}</legend><div class="form_grid">
        ${choice("ground", basis.ground, [["", "–"], ...GROUNDS.map((key) => [key, t(`plan.ground_${key}`)])], (ground) => setBasis({ ground }))}
        ${date("since", basis.since, (since) => setBasis({ since }))}${date("until", basis.until, (until) => setBasis({ until }))}</div>
      <div class="field"><label for="description">${t("plan.description")}</label><textarea id="description" rows="2" maxlength="2000" value=${basis.description} onInput=${(event) => setBasis({ description: event.target.value })} data-testid="plan-description"></textarea></div>
      ${needed(plan).map((name) => html`<${Decision} key=${name} name=${name} value=${basis[name]} onChange=${(value) => setBasis({ [name]: value })} />`)}
      ${plan.regime === "A" && plan.programme === "refresher" && html`<label class="check"><input type="checkbox" checked=${basis.refresher_requirement_met} onChange=${(event) => setBasis({ refresher_requirement_met: event.target.checked })} /><span>${t("plan.refresher_requirement_met")}</span></label>`}</fieldset>
    <fieldset class="stack"><legend>${t("plan.rules")}</legend><div class="form_grid">
        <div class="field"><label for="late">${t("plan.late_minutes")}</label><input id="late" aria-describedby="late_help" type="number" min="0" max="240" value=${rules.late_minutes ?? ""} onInput=${(event) => setRules({ late_minutes: event.target.value === "" ? null : Number(event.target.value) })} data-testid="plan-late" />
          <span class="help" id="late_help">${t("plan.late_help")}</span></div>
        <div class="field"><label for="grace">${t("plan.grace_minutes")}</label><input id="grace" type="number" min="0" max="1440" required value=${rules.upload_grace_minutes} onInput=${(event) => setRules({ upload_grace_minutes: Number(event.target.value) })} aria-describedby="grace_help" data-testid="plan-grace" />
          <span class="help" id="grace_help">${t("plan.grace_help")}</span></div></div>
      ${rules.upload_grace_minutes > 0 && html`<${Decision} name="grace_decision" value=${plan.grace_decision} onChange=${(value) => set({ grace_decision: value })} />`}
      <label class="check"><input type="checkbox" checked=${rules.collect_saved} onChange=${(event) => setRules({ collect_saved: event.target.checked })} data-testid="plan-collect" /><span>${t("plan.collect_saved")}</span></label>
      <label class="check"><input type="checkbox" checked=${rules.publish_absent} onChange=${(event) => setRules({ publish_absent: event.target.checked })} /><span>${t("plan.publish_absent")}</span></label></fieldset></fieldset>
    <${ErrorNotice} error=${error} testid="plan-error" />
    <div class="actions"><button type="button" onClick=${onClose} data-testid="plan-close">${t(published ? "common.close" : "common.cancel")}</button>${!published && html`<button class="primary" disabled=${busy} data-testid="plan-save">${t("common.save")}</button>`}</div></form><//>`;
}

// A decision by number, day and signer; all three or nothing: who has entered one is asked for the others.
// `words`: the key of its title, where that is not the name: the article is the regime's.
function Decision({ name, words = name, value, onChange }) {
  const begun = Boolean(value?.number || value?.signed_on || value?.signer);
  const set = (more) => onChange({ number: "", signed_on: "", signer: "", digest: null, ...value, ...more });
  const field = (part, type = "text") => html`<div class="field"><label for=${`${name}_${part}`}>${t(`plan.${part}`)}</label>
    <input id=${`${name}_${part}`} type=${type} maxlength="200" required=${begun} value=${value?.[part] ?? ""} onInput=${(event) => set({ [part]: event.target.value })} data-testid=${`plan-${name}-${part}`} /></div>`;
  return html`<fieldset><legend>${t(`plan.${words}`)}</legend><div class="form_grid">${field("number")}${field("signed_on", "date")}${field("signer")}</div></fieldset>`;
}
