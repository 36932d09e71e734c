// Renders formulas: node formulas.mjs KATEX-FOLDER < [{tex, display}] > [{html} or {error}].
import { pathToFileURL } from "node:url";
import path from "node:path";

const { default: katex } = await import(pathToFileURL(path.join(process.argv[2], "dist", "katex.mjs")).href);

let text = "";
for await (const part of process.stdin.setEncoding("utf8")) text += part;

const rendered = JSON.parse(text).map(({ tex, display }) => {
  try {
    return { html: katex.renderToString(tex, { displayMode: display, throwOnError: true, strict: "error" }) };
  } catch (error) {
    return { error: String(error.message) };
  }
});

process.stdout.write(JSON.stringify(rendered));
