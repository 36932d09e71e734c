// `theory plot`: every kind of chart as a page in a real browser and as a picture.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { launch, open } from './browser.mjs'

const theory = join(dirname(fileURLToPath(import.meta.url)), '../../src/Theory.Cli/bin/Release/net10.0/theory.dll')
const charts = {
  bound: ['run', 'ProxSkip', '--problem', 'quadratic:n=3,d=4,kappa=20', '--steps', '200', '--lanes', '8', '--by', 'rounds'],
  sublinear: ['run', 'NAG-C', '--problem', 'quadratic:n=1,d=20,kappa=1000', '--steps', '300'],
  distances: ['compare', 'DIANA', 'EF21', 'ProxSkip', '--problem', 'quadratic:n=3,d=4,kappa=20', '--steps', '200', '--by', 'bits'],
  rates: ['rates', 'ProxSkip', '--problem', 'quadratic:n=3,d=2,kappa=10', '--points', '20'],
  comparison: ['compare', 'VI-X3'],
  tightness: ['tightness', 'CE-DIANA', 'CE-EF21'],
  rungs: ['rungs', 'CE-DIANA', 'SV-GD'],
  compressors: ['compressors', '--dimension', '32'],
}
let folder, browser

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'theory-plot-'))
  browser = await launch()
})

after(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

const draw = (name, ending) => {
  const path = join(folder, `${name}.${ending}`)
  execFileSync('dotnet', [theory, 'plot', ...charts[name], '--out', path])
  return path
}

for (const name of Object.keys(charts)) {
  test(`${name}: the page shows its charts and asks for nothing`, async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 800 } })
    const { page, complaints } = await open(context, draw(name, 'html'))
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.chart')].every((chart) => chart.querySelector('svg .role-mark *')))
    assert.ok((await page.locator('.chart').count()) >= 1)
    assert.ok((await page.locator('figcaption').first().innerText()).length > 20)
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true)
    assert.deepEqual(complaints, [])
    await context.close()
  })
}

test('a picture has the marks and the words of the chart', () => {
  const svg = readFileSync(draw('rates', 'svg'), 'utf8')
  assert.match(svg, /^<svg/)
  for (const words of ['factor per step', 'worst step', 'long run', 'theorem']) assert.ok(svg.includes(words), words)
  assert.ok((svg.match(/mark-line/g) ?? []).length >= 1)
})
