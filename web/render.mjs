// Turns a Vega-Lite specification into SVG: `node render.mjs < SPEC.json > CHART.svg`.
// Stands beside the scripts that it uses (dist/), so that an installed tool needs Node only.
import { readFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInThisContext } from 'node:vm'

const here = dirname(fileURLToPath(import.meta.url))

// The browser builds leave their names among the globals.
for (const script of ['vega.min.js', 'vega-lite.min.js'])
  runInThisContext(readFileSync(join(here, script), 'utf8'), { filename: script })
const { vega, vegaLite } = globalThis

const fail = (error) => {
  console.error(String(error?.message ?? error).slice(0, 500))
  process.exit(1)
}

try {
  const specification = JSON.parse(readFileSync(0, 'utf8'))
  const compiled = vegaLite.compile(specification).spec
  const svg = await new vega.View(vega.parse(compiled), { renderer: 'none' }).toSVG()
  const bytes = Buffer.from(svg + '\n')
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at)
} catch (error) {
  fail(error)
}
