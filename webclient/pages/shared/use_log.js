// A log that a dialog shows: what of it has come, whether that is all, and a way on where a piece did not come.
import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { useAct } from "./hooks.js";
import { logReader } from "./log_reader.js";
import "./log_texts.js";
import { ErrorNotice } from "./notice.js";

/** The log at `path`, read while the component stands: `{events, isWhole, isReading, error, readOn}`. */
export function useLog(api, path) {
  const [events, setEvents] = useState([]);
  const [isWhole, setWhole] = useState(false);
  const [run, isReading, error] = useAct();
  const readOn = useRef(null);
  useEffect(() => {
    let here = true;
    const read = logReader(api, path, (newer) => setEvents((before) => [...before, ...newer]), () => here);
    readOn.current = () => run(async () => {
      await read();
      setWhole(true);
    });
    void readOn.current();
    return () => {
      here = false;
    };
  }, []);
  return { events, isWhole, isReading, error, readOn: () => readOn.current() };
}

/** That the log is still coming, or why it stopped and how to go on. */
export function LogState({ log }) {
  if (log.isReading) return html`<p class="soft small_text" role="status" data-testid="log-reading">${t("inspection.reading")}</p>`;
  return log.error && html`<${ErrorNotice} error=${log.error} /><div><button class="small" onClick=${log.readOn} data-testid="log-again">${t("common.try_again")}</button></div>`;
}
