// The training office: list of exams, one exam with its rooms, people, paper and work.
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { Api } from "../../lib/api.js";
import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { lazy } from "../shared/lazy.js";
import { ErrorNotice } from "../shared/notice.js";
import { StaffPage } from "../shared/staff_page.js";
import { TopBar } from "../shared/top_bar.js";
import { useAddress } from "../shared/use_address.js";
import { useChanges, useNewest } from "../shared/use_changes.js";
import { ExamForm } from "./exam_form.js";
import { ExamList } from "./exam_list.js";
import { ExamView } from "./exam_view.js";
import { StaffDialog } from "./staff_dialog.js";

const api = new Api("training_office");
const HandedOver = lazy(() => import("./handed_over.js"), "HandedOver");
const wasHandedOver = (room) => Boolean(room.handover || room.handover_wanted_since); // wanted anew, after a correction
const OfficeLogDialog = lazy(() => import("./office_log_dialog.js"), "OfficeLogDialog");

function Office({ me, onSignOut }) {
  const [exams, setExams] = useState(null);
  const [opening, setOpening] = useState({}); // how long before the start staff may enter, by regime and day
  const [staff, setStaff] = useState([]);
  const [chosen, choose] = useAddress("exam", undefined, ["handed_over", "candidate", "at"]);
  const [looked, look] = useAddress("handed_over", undefined, ["candidate", "at"]); // into which room
  const [dialog, setDialog] = useState(null); // "exam", "staff" or "log"
  const [error, setError] = useState(null);
  const [removed, setRemoved] = useState(""); // the title of the draft that was removed here
  const shown = useRef(null); // as it was listed last: it may be removed elsewhere while something is typed

  const load = useNewest(() => Promise.all([api.get("/api/exams"), api.get("/api/staff")]), ([{ exams: newest, staff_open_minutes: minutes }, { staff: people }]) => {
    setOpening(minutes);
    setExams(newest);
    setStaff(people);
    setError(null);
  }, setError);
  useChanges(api, load);
  const opened = async (made) => {
    await load();
    choose(made.exam);
  };
  const listed = exams?.find((one) => one.exam === chosen);
  if (listed) shown.current = listed;
  const gone = Boolean(exams && !listed && chosen && shown.current?.exam === chosen);
  const exam = gone ? shown.current : listed;
  const onRemoved = async () => {
    const { title } = exam;
    await load();
    shown.current = null;
    setRemoved(title);
    choose(null, true); // there is nothing to go back to
  };
  useEffect(() => void (chosen && setRemoved("")), [chosen]); // by whatever way the list was left, Back and Forward too
  const asleep = Boolean(listed?.rooms.some(({ times, unavailable }) => !times && !unavailable)); // ended before the server started
  useEffect(() => {
    if (asleep) void api.get(`/api/exams/${chosen}`).then(load, setError); // whoever opens one exam is told the whole of it
  }, [chosen, asleep]);
  const handedOver = exam?.rooms.find((one) => one.room === looked && wasHandedOver(one));
  if (handedOver) {
    return html`<${TopBar} title=${t("role.training_office")} who=${me.full_name} clock onSignOut=${onSignOut} />
      <${HandedOver} key=${looked} me=${me} exam=${exam} room=${handedOver} onBack=${() => look(null)} />`;
  }
  return html`<${TopBar} title=${t("role.training_office")} who=${me.full_name} clock onSignOut=${onSignOut} />
    <main class="page stack loose"><${ErrorNotice} error=${error} />
      ${exam ? html`<${ExamView} api=${api} exam=${exam} gone=${gone} opening=${opening} staff=${staff} reload=${load} onLook=${look} onBack=${() => choose(null)} onCloned=${opened} onRemoved=${onRemoved} />`
        : exams && html`<${ExamList} exams=${exams} removed=${removed} onChoose=${choose} onNew=${() => setDialog("exam")} onStaff=${() => setDialog("staff")} onLog=${() => setDialog("log")} />`}
    </main>
    ${dialog === "exam" && html`<${ExamForm} api=${api} opening=${opening} onClose=${() => setDialog(null)} onDone=${(made) => {
      setDialog(null);
      return opened(made);
    }} />`}
    ${dialog === "staff" && html`<${StaffDialog} api=${api} staff=${staff} reload=${load} onClose=${() => setDialog(null)} />`}
    ${dialog === "log" && html`<${OfficeLogDialog} api=${api} exams=${exams} onClose=${() => setDialog(null)} />`}`;
}

render(html`<${StaffPage} role="training_office" Page=${Office} />`, document.getElementById("app"));
