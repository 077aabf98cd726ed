// The exams that somebody outside the training office has a part in, kept fresh; `One` shows one of them.
import { useState } from "preact/hooks";

import { Api } from "../../lib/api.js";
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { ErrorNotice } from "./notice.js";
import { TopBar } from "./top_bar.js";
import { useChanges, useNewest } from "./use_changes.js";

export function ExamsToServe({ me, onSignOut, role, One }) {
  const [api] = useState(() => new Api(role));
  const [exams, setExams] = useState(null);
  const [error, setError] = useState(null);
  const load = useNewest(() => api.get("/api/exams"), (told) => {
    setExams(told.exams);
    setError(null);
  }, setError);
  useChanges(api, load);
  const shown = (exams ?? []).filter(({ rooms }) => rooms.length === 0 || rooms.some(({ phase }) => phase !== "ended"));
  return html`<${TopBar} title=${t(`role.${role}`)} who=${me.full_name} clock onSignOut=${onSignOut} />
    <main class="page stack loose"><h1>${t(`serve.${role}`)}</h1><p class="soft">${t(`serve.${role}_help`)}</p><${ErrorNotice} error=${error} />
      ${exams && shown.length === 0 && html`<p class="card soft">${t("serve.nothing")}</p>`}
      ${shown.map((exam) => html`<${One} key=${exam.exam} api=${api} exam=${exam} reload=${load} />`)}</main>`;
}
