// A table of people, rooms or exams that becomes a list of cards on a narrow screen (styles/base.css, .table_box.cards).
//
// `columns`: {name, cell(row), figures} in order. The first column is a card's heading; one whose `name` is empty holds
// what can be done with the row and closes the card. Roles are written out, since a table that is laid out as blocks
// loses its own in some browsers.
import { html } from "../../lib/html.js";

export function ListTable({ columns, rows, attributes, testid, label }) {
  return html`<div class="table_box cards"><table role="table" aria-label=${label} data-testid=${testid}>
    <thead role="rowgroup"><tr role="row">${columns.map(({ name }) => html`<th role="columnheader" scope="col">${name}</th>`)}</tr></thead>
    <tbody role="rowgroup">${rows.map((row) => html`<tr role="row" ...${attributes(row)}>${columns.map(({ name, cell, figures }) => html`
      <td role="cell" class=${figures ? "figures" : ""} data-name=${name}><div>${cell(row)}</div></td>`)}</tr>`)}</tbody></table></div>`;
}
