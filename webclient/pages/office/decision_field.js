// A decision by number, day and signer; all three or nothing: who has entered one is asked for the others. Of the signed
// copy, where there is one at hand, the digest goes into the plan; the file stays with the office.
import { useRef, useState } from "preact/hooks";

import { sha256OfFile } from "../../lib/digest.js";
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { FileChoice } from "../shared/file_choice.js";
import { ErrorNotice } from "../shared/notice.js";
import { DayField, latestSigned } from "./day_field.js";

const NOTHING = { number: "", signed_on: "", signer: "", digest: null };

/** `words`: the key of its title, where that is not the name: the article is the regime's. `isRead`: it is only read.
 *  `onReading(is)`: a file is being read, which takes a while where it is large. */
export function Decision({ name, words = name, value, isRead, onReading, onChange }) {
  const [copy, setCopy] = useState(""); // the name of the file, which nobody keeps
  const [error, setError] = useState(null);
  const chosen = useRef(0); // how often a file was chosen or taken out: what was done last counts, however long it is read
  const newest = useRef();
  newest.current = (more) => onChange({ ...NOTHING, ...value, ...more });
  const set = (more) => newest.current(more); // the fields may be typed into while a file is read
  const begun = Boolean(value?.number || value?.signed_on || value?.signer || value?.digest);
  const choose = async (event) => {
    const [file] = event.target.files;
    event.target.value = ""; // so that the same file can be chosen again
    if (!file) return;
    const mine = ++chosen.current;
    if (file.size === 0) {
      setError({ code: "copy_empty" });
      return;
    }
    onReading(true);
    try {
      const digest = await sha256OfFile(file);
      if (mine !== chosen.current) return;
      set({ digest });
      setCopy(file.name);
      setError(null);
    } catch {
      if (mine === chosen.current) setError({ code: "file_unreadable" });
    } finally {
      onReading(false);
    }
  };
  const takeOut = () => {
    chosen.current += 1;
    set({ digest: null });
    setCopy("");
  };
  const field = (part) => html`<div class="field"><label for=${`${name}_${part}`}>${t(`plan.${part}`)}</label>
    <input id=${`${name}_${part}`} maxlength="200" required=${begun} value=${value?.[part] ?? ""} onInput=${(event) => set({ [part]: event.target.value })} data-testid=${`plan-${name}-${part}`} /></div>`;
  const label = `${name}_copy_label`;
  return html`<fieldset><legend>${t(`plan.${words}`)}</legend><div class="form_grid">${field("number")}<${DayField} id=${`${name}_signed_on`} label=${t("plan.signed_on")} latest=${latestSigned()} wrong="plan.signed_on_wrong"
      required=${begun} value=${value?.signed_on} isRead=${isRead} onInput=${(day) => set({ signed_on: day })} testid=${`plan-${name}-signed_on`} />${field("signer")}</div>
    ${(!isRead || value?.digest) && html`<div class="field signed_copy" role="group" aria-labelledby=${label}><span class="label" id=${label}>${t("plan.signed_copy")}</span>
      ${!isRead && html`<${FileChoice} accept=".pdf,application/pdf,image/*" aria-describedby=${`${name}_copy_help`} chosen=${copy} onChange=${choose} testid=${`plan-${name}-copy`} />`}
      ${value?.digest && html`<div class="row"><span class="small_text">SHA-256 <code data-testid=${`plan-${name}-digest`}>${value.digest}</code></span>
        ${!isRead && html`<button type="button" class="small" onClick=${takeOut} data-testid=${`plan-${name}-take-out`}>${t("plan.signed_copy_take_out")}</button>`}</div>`}
      <${ErrorNotice} error=${error} testid=${`plan-${name}-copy-error`} />
      ${!isRead && html`<span class="help" id=${`${name}_copy_help`}>${t("plan.signed_copy_help")}</span>`}</div>`}</fieldset>`;
}
