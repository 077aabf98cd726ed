// Preact's createElement bound to htm: components write markup as tagged templates, every value escaped.
import { h } from "preact";
import htm from "htm";

export const html = htm.bind(h);
