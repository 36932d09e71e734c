// Copies what a browser needs out of node_modules into dist/, which the charts, the report and the documentation use.
// Runs after every `npm ci`.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const modules = join(here, 'node_modules')
const dist = join(here, 'dist')

rmSync(dist, { recursive: true, force: true })
mkdirSync(join(dist, 'fonts'), { recursive: true })

const copy = (from, to) => cpSync(join(modules, from), join(dist, to))

copy('vega/build/vega.min.js', 'vega.min.js')
copy('vega-lite/build/vega-lite.min.js', 'vega-lite.min.js')
copy('vega-embed/build/vega-embed.min.js', 'vega-embed.min.js')
copy('katex/dist/katex.min.js', 'katex.min.js')
copy('katex/dist/katex.min.css', 'katex.min.css')

// The style sheet names other formats too; every browser of today reads woff2, the first of them.
for (const font of readdirSync(join(modules, 'katex/dist/fonts')).filter((f) => f.endsWith('.woff2')))
  copy(`katex/dist/fonts/${font}`, `fonts/${font}`)

for (const name of ['vega', 'vega-lite', 'vega-embed', 'katex'])
  for (const file of ['LICENSE', 'LICENSE.md', 'LICENSE.txt'])
    if (existsSync(join(modules, name, file))) copy(join(name, file), `${name}.LICENSE`)

cpSync(join(here, 'render.mjs'), join(dist, 'render.mjs'))
