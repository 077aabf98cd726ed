// What others decide of an exam: regime, programme, form, grounds and consents, and what the exam sets for its rooms.
// Which papers are needed follows from regime and programme (A4, B22.2); the rest of the form keeps what was entered.
// Once the exam is published it is only read.
import { useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { CloseButton, Dialog } from "../shared/dialog.js";
import { useAct, useClose } from "../shared/hooks.js";
import { ErrorNotice } from "../shared/notice.js";
import { Working } from "../shared/working.js";
import { DayField } from "./day_field.js";
import { Decision } from "./decision_field.js";

const GROUNDS = ["natural_disaster", "epidemic", "other_force_majeure"];

/** The decisions that a plan needs: names in the plan's basis, then in the plan itself. */
const needed = ({ regime, programme }) => (regime === "B" ? ["ministry_guidance"] : programme === "refresher" ? ["direction"] : ["party_consent", "academy_consent"]);

/** The academic units that have a head with an account, and the one that is `entered`, each once: the server takes two that differ
 *  in capitals or spaces for one. */
const unitsOf = (staff, entered) => {
  const heads = staff.filter(({ role }) => role === "unit_head").map(({ unit }) => unit);
  const alike = (unit) => unit.normalize().toLowerCase().trim().split(/\s+/).join(" ");
  return [...new Map(["", ...heads, entered].map((unit) => [alike(unit), unit])).values()]; // the last of each
};

export function PlanDialog({ api, exam, staff, reload, onClose }) {
  const [plan, setPlan] = useState(exam.plan);
  const [seen] = useState(exam.edition); // what the person began to change
  const [run, busy, error] = useAct();
  const close = useClose(onClose);
  const [reading, setReading] = useState(0); // files whose digests are not known yet
  const published = Boolean(exam.published_at);
  const { basis, rules } = plan;
  const set = (more) => setPlan({ ...plan, ...more });
  const setBasis = (more) => set({ basis: { ...basis, ...more } });
  const setRules = (more) => set({ rules: { ...rules, ...more } });
  const complete = (decision) => (decision?.number && decision.signed_on && decision.signer ? decision : null);
  const save = (event) => {
    event.preventDefault();
    const names = ["party_consent", "academy_consent", "direction", "ministry_guidance"];
    const shown = (name) => (needed(plan).includes(name) ? complete(basis[name]) : null); // nothing is refused for what nobody sees
    const body = {
      ...plan, form_decision: complete(plan.form_decision), conditions: complete(plan.conditions),
      grace_decision: rules.upload_grace_minutes > 0 ? complete(plan.grace_decision) : null,
      basis: { ...basis, ...Object.fromEntries(names.map((name) => [name, shown(name)])) },
    };
    void run(async () => {
      await api.put(`/api/exams/${exam.exam}/plan`, body, { seen });
      await reload();
      close();
    });
  };
  const decision = (name, value, onChange, words) => html`<${Decision} key=${name} name=${name} words=${words} value=${value} onChange=${onChange}
    isRead=${published} onReading=${(is) => setReading((count) => count + (is ? 1 : -1))} />`;
  const choice = (id, value, options, onChange, help) => html`<div class="field"><label for=${id}>${t(`plan.${id}`)}</label>
    <select id=${id} value=${value ?? ""} onChange=${(event) => onChange(event.target.value || null)} aria-describedby=${help} data-testid=${`plan-${id}`}>${options.map(([key, text]) => html`<option value=${key}>${text}</option>`)}</select>${help && html`<span class="help" id=${help}>${t(`plan.${help}`)}</span>`}</div>`;
  const day = (id, value, onChange) => html`<${DayField} id=${id} label=${t(`plan.${id}`)} wrong="plan.day_wrong" value=${value} isRead=${published} onInput=${(to) => onChange(to || null)} testid=${`plan-${id}`} />`;
  return html`<${Dialog} wide title=${t("plan.title")} onClose=${onClose} testid="plan-dialog"><form class="stack loose" onSubmit=${save}>
    ${published && html`<p class="soft" tabindex="-1" autofocus>${t("plan.published")}</p>`}
    <fieldset class="bare stack loose" disabled=${published || busy}><div class="form_grid">
      ${choice("regime", plan.regime, [["A", t("plan.regime_a")], ["B", t("plan.regime_b")]], (regime) => set({ regime }))}
      ${plan.regime === "A" && choice("programme", plan.programme, ["training", "refresher"].map((key) => [key, t(`plan.${key}`)]), (programme) => set({ programme }))}
      ${plan.regime === "B" && html`${choice("unit", plan.unit, unitsOf(staff, exam.plan.unit).map((unit) => [unit, unit || "–"]), (unit) => set({ unit: unit ?? "" }), "unit_help")}`}
      ${choice("form", plan.form, ["written", "multiple_choice", "oral"].map((key) => [key, t(`plan.form_${key}`)]), (form) => set({ form }))}</div>
    ${decision("form_decision", plan.form_decision, (value) => set({ form_decision: value }), `form_decision_${plan.regime.toLowerCase()}`)}
    ${decision("conditions", plan.conditions, (value) => set({ conditions: value }), `conditions_${plan.regime.toLowerCase()}`)}
    <fieldset class="stack"><legend>${t("plan.basis")}</legend><div class="form_grid">
        ${choice("ground", basis.ground, [["", "–"], ...GROUNDS.map((key) => [key, t(`plan.ground_${key}`)])], (ground) => setBasis({ ground }))}
        ${day("since", basis.since, (since) => setBasis({ since }))}${day("until", basis.until, (until) => setBasis({ until }))}</div>
      <div class="field"><label for="description">${t("plan.description")}</label><textarea id="description" rows="2" maxlength="2000" value=${basis.description} onInput=${(event) => setBasis({ description: event.target.value })} data-testid="plan-description"></textarea></div>
      ${needed(plan).map((name) => decision(name, basis[name], (value) => setBasis({ [name]: value })))}
      ${plan.regime === "A" && plan.programme === "refresher" && html`<label class="check"><input type="checkbox" checked=${basis.refresher_requirement_met} onChange=${(event) => setBasis({ refresher_requirement_met: event.target.checked })} data-testid="plan-refresher-requirement" /><span>${t("plan.refresher_requirement_met")}</span></label>`}</fieldset>
    <fieldset class="stack"><legend>${t("plan.rules")}</legend><div class="form_grid">
        <div class="field"><label for="late">${t("plan.late_minutes")}</label><input id="late" aria-describedby="late_help" type="number" min="0" max="240" value=${rules.late_minutes ?? ""} onInput=${(event) => setRules({ late_minutes: event.target.value === "" ? null : Number(event.target.value) })} data-testid="plan-late" />
          <span class="help" id="late_help">${t("plan.late_help")}</span></div>
        <div class="field"><label for="grace">${t("plan.grace_minutes")}</label><input id="grace" type="number" min="0" max="1440" required value=${rules.upload_grace_minutes} onInput=${(event) => setRules({ upload_grace_minutes: Number(event.target.value) })} aria-describedby="grace_help" data-testid="plan-grace" />
          <span class="help" id="grace_help">${t("plan.grace_help")}</span></div></div>
      ${rules.upload_grace_minutes > 0 && decision("grace_decision", plan.grace_decision, (value) => set({ grace_decision: value }))}
      <label class="check"><input type="checkbox" checked=${rules.collect_saved} onChange=${(event) => setRules({ collect_saved: event.target.checked })} data-testid="plan-collect" /><span>${t("plan.collect_saved")}</span></label>
      <label class="check"><input type="checkbox" checked=${rules.publish_absent} onChange=${(event) => setRules({ publish_absent: event.target.checked })} data-testid="plan-publish-absent" /><span>${t("plan.publish_absent")}</span></label></fieldset></fieldset>
    <${ErrorNotice} error=${error} testid="plan-error" />
    <div class="actions"><${Working} busy=${busy} /><${CloseButton} testid="plan-close">${t(published ? "common.close" : "common.cancel")}<//>${!published && html`<button class="primary" disabled=${busy || reading > 0} data-testid="plan-save">${t("common.save")}</button>`}</div></form><//>`;
}
