// What is said once the work is handed in, at a sign-out, and to who was signed out. The words come with the first module that
// says them, in both languages: a part of the page that lacks its words would not be drawn.
import { addTexts } from "../../lib/i18n.js";
import en from "../../lang/ending_en.js";
import vi from "../../lang/ending_vi.js";

await addTexts({ vi: async () => ({ default: vi }), en: async () => ({ default: en }) });
