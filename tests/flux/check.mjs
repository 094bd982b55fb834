// Reads a JSON array of Flux texts and answers an array of booleans: whether each parses and its types agree.
import { readFileSync } from "node:fs";
import { Flux } from "@influxdata/flux-lsp-node";

const texts = JSON.parse(readFileSync(0, "utf-8"));
console.log(JSON.stringify(texts.map((text) => new Flux(text).is_valid())));
