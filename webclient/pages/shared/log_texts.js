// The words of logs: a sentence for every kind of entry. They come with the first module that shows a log.
import { addTexts } from "../../lib/i18n.js";

await addTexts({ vi: () => import("../../lang/inspection_vi.js"), en: () => import("../../lang/inspection_en.js") });
