// Let the browser save what the page holds.

/** Save a Blob under a name. */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** Lines of cells as CSV. The byte-order mark makes spreadsheet programs read Vietnamese names as UTF-8. */
export function csv(lines) {
  const text = lines.map((line) => line.map(quoted).join(",")).join("\r\n");
  return new Blob([`\ufeff${text}\r\n`], { type: "text/csv" });
}

const quoted = (cell) => (/[",\r\n;]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
