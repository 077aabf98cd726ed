// A PDF that is chosen for candidates is opened here first, as their pages will: what cannot be shown is said while there is
// time for another file, and not at the release of a sealed one.
import { openPdf, preload } from "../../lib/pdf.js";

/** Whether a chosen file says of itself that it is a PDF; what goes to all may be of any other kind as well. */
export const isPdf = ({ name, type }) => type === "application/pdf" || name.toLowerCase().endsWith(".pdf");

/**
 * The number of pages of a PDF, each of which can be read. Throws an error with a `code`: `pdf_unreadable`, `pdf_empty` without
 * a page, `pdf_password` for one that asks for a password, `pdf_unchecked` where what opens it could not be loaded.
 */
export async function pagesOf(file) {
  const because = (code) => (error) => { throw Object.assign(new Error(code, { cause: error }), { code }); };
  await preload().catch(because("pdf_unchecked"));
  const bytes = await file.arrayBuffer().catch(because("pdf_unreadable"));
  const pdf = await openPdf(bytes).catch((error) => because(error.name === "PasswordException" ? "pdf_password" : "pdf_unreadable")(error));
  try {
    if (pdf.numPages < 1) because("pdf_empty")();
    for (let number = 1; number <= pdf.numPages; number += 1) await pdf.getPage(number).catch(because("pdf_unreadable"));
    return pdf.numPages;
  } finally {
    void pdf.loadingTask.destroy();
  }
}
