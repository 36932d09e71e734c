// Opens every page of a report from the disk in Chromium and uses it as a reader does.
// REPORT names the report's folder; without it one of a few papers is made.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { launch, open } from './browser.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const axe = readFileSync(join(here, '../node_modules/axe-core/axe.min.js'), 'utf8')

// Claims that cover every kind of page: bounds, errata, comparisons, a method without charts.
const few = ['VI-SURVEY', 'CE-DIANA', 'CE-TAMUNA', 'SD-GAUSS', 'VI-SGDA.13*']

function made() {
  const folder = mkdtempSync(join(tmpdir(), 'theory-report-'))
  execFileSync('dotnet', [join(here, '../../src/Theory.Cli/bin/Release/net10.0/theory.dll'), 'report', ...few, '--profile', 'quick', '--out', folder])
  return folder
}

const given = process.env.REPORT
const report = given ? resolve(given) : made()

const pages = ['.', 'papers', 'families'].flatMap((folder) =>
  readdirSync(join(report, folder)).filter((name) => name.endsWith('.html')).map((name) => (folder === '.' ? name : `${folder}/${name}`)))

let browser
before(async () => { browser = await launch() })
after(async () => {
  await browser?.close()
  if (!given) rmSync(report, { recursive: true, force: true })
})

const drawn = (page) => page.waitForFunction(() => document.documentElement.dataset.charts === 'drawn')

// Uses a page; afterwards it must have had nothing to complain about.
async function withPage(path, options, hash, use) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  try {
    const { page, complaints } = await open(context, join(report, path), hash)
    await drawn(page)
    await use(page)
    assert.deepEqual(complaints, [])
  } finally {
    await context.close()
  }
}

// What a sighted reader would miss: formulas that are not typeset, charts without marks.
const missing = () => {
  const troubles = []
  for (const span of document.querySelectorAll('.math'))
    if (!span.querySelector('.katex') || span.querySelector('.katex-error') || span.classList.contains('math-error'))
      troubles.push(`formula: ${span.dataset.tex}`)
  for (const figure of document.querySelectorAll('figure.chart')) {
    const plot = figure.querySelector('.plot')
    if (!plot) troubles.push(`chart without a plot: ${figure.textContent.slice(0, 60)}`)
    else if (plot.clientWidth > 0 && !plot.querySelector('svg .mark-line path, svg .mark-rect path, svg .mark-symbol path'))
      troubles.push(`chart without marks: ${plot.getAttribute('aria-label')}`)
  }
  return troubles
}

const wide = () => document.documentElement.scrollWidth - document.documentElement.clientWidth

describe('every page', { concurrency: 2 }, () => {
  for (const path of pages) {
    test(`${path} opens without an error or a request off the disk, with formulas and charts, fits a phone, is accessible`, async () => {
      await withPage(path, {}, '', async (page) => {
        assert.deepEqual(await page.evaluate(missing), [])
        assert.ok((await page.title()).length > 8)
        await page.evaluate(axe)
        const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice'], preload: false }))
        assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target).join(' | ')}`), [])
        await page.setViewportSize({ width: 360, height: 780 })
        await page.waitForTimeout(300)
        await drawn(page)
        assert.equal(await page.evaluate(wide), 0, 'scrolls sideways at 360 px')
      })
    })
  }
})

const count = (page) => page.locator('.count').textContent()
const rows = (page) => page.locator('.claims tbody tr:visible').count()

describe('the table of claims', () => {
  test('a search narrows it and the count says so', () =>
    withPage('index.html', {}, '', async (page) => {
      const all = await rows(page)
      assert.equal(await count(page), `${all} claims`)
      const id = await page.locator('.claims tbody tr th').last().textContent()
      await page.getByRole('searchbox').fill(id)
      const found = await rows(page)
      assert.ok(found >= 1 && found < all, `${found} of ${all}`)
      assert.equal(await count(page), `${found} of ${all} claims`)
      assert.ok((await page.locator('.claims tbody tr:visible th').allTextContents()).includes(id))
      await page.getByRole('searchbox').fill('no claim says this')
      assert.equal(await count(page), `0 of ${all} claims`)
      await page.getByRole('button', { name: 'Clear' }).click()
      await page.waitForFunction((n) => document.querySelector('.count').textContent === n, `${all} claims`)
      assert.equal(await rows(page), all)
    }))

  for (const name of ['family', 'kind', 'verdict', 'rung']) {
    test(`the filter by ${name} keeps exactly the rows that have each value`, () =>
      withPage('index.html', {}, '', async (page) => {
        const all = await rows(page)
        const values = await page.locator(`#${name} option`).evaluateAll((o) => o.map((x) => x.value).filter(Boolean))
        assert.ok(values.length > 0)
        let total = 0
        for (const value of values) {
          await page.locator(`#${name}`).selectOption(value)
          const kept = await page.locator('.claims tbody tr:visible').evaluateAll((r, n) => r.map((x) => x.dataset[n]), name)
          assert.ok(kept.length > 0 && kept.every((v) => v === value), `${name} = ${value}: ${kept.length}`)
          total += kept.length
        }
        assert.equal(total, all)
      }))
  }

  test('the address keeps the view', async () => {
    let hash, shown, kind
    await withPage('index.html', {}, '', async (page) => {
      kind = await page.locator('#kind option').nth(1).getAttribute('value')
      await page.locator('#kind').selectOption(kind)
      await page.getByRole('searchbox').fill('γ')
      shown = await count(page)
      hash = await page.evaluate(() => location.hash)
    })
    await withPage('index.html', {}, hash, async (page) => {
      assert.equal(await page.locator('#kind').inputValue(), kind)
      assert.equal(await page.getByRole('searchbox').inputValue(), 'γ')
      assert.equal(await count(page), shown)
    })
  })

  test('works with the keyboard alone', () =>
    withPage('index.html', {}, '', async (page) => {
      await page.keyboard.press('Tab')
      assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content')
      await page.keyboard.press('Enter')
      assert.equal(await page.evaluate(() => document.activeElement.id), 'main')
      await page.locator('#q').focus()
      await page.keyboard.type('zzz')
      assert.match(await count(page), /^0 of/)
    }))
})

describe('colours', () => {
  const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const ink = (page) => page.locator('figure.chart svg text').first().evaluate((t) => t.getAttribute('fill'))

  test('follow the system, and the switch, which charts follow and a reload keeps', () =>
    withPage('index.html', { colorScheme: 'light' }, '', async (page) => {
      const [lightPage, lightInk] = [await background(page), await ink(page)]
      await page.getByRole('button', { name: 'Use dark colours' }).click()
      await page.waitForFunction(() => document.querySelector('.plot').dataset.drawn === 'dark')
      const [darkPage, darkInk] = [await background(page), await ink(page)]
      assert.notEqual(darkPage, lightPage)
      assert.notEqual(darkInk, lightInk)
      await page.reload()
      await drawn(page)
      assert.equal(await background(page), darkPage)
      await page.getByRole('button', { name: 'Use light colours' }).click()
      await page.waitForFunction(() => document.querySelector('.plot').dataset.drawn === 'light')
      assert.equal(await background(page), lightPage)
    }))

  for (const path of ['index.html', 'errata.html', 'compare.html', pages.find((p) => p.startsWith('papers/')), pages.find((p) => p.startsWith('families/'))])
    test(`${path} has enough contrast in the dark too`, () =>
      withPage(path, { colorScheme: 'dark' }, '', async (page) => {
        await page.evaluate(() => document.querySelectorAll('details').forEach((d) => { d.open = true }))
        await page.evaluate(axe)
        const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['color-contrast'], preload: false }))
        assert.deepEqual(found.violations.flatMap((v) => v.nodes.map((n) => n.html.slice(0, 120))), [])
      }))
})

describe('comparisons', () => {
  test('the chooser shows every comparison by the chosen counter', () =>
    withPage('compare.html', {}, '', async (page) => {
      const options = await page.locator('.chooser input').evaluateAll((o) => o.map((x) => x.value))
      assert.ok(options.length > 2)
      for (const option of options) {
        await page.locator(`.chooser input[value="${option}"]`).check()
        const wrong = await page.evaluate((counter) => [...document.querySelectorAll('[data-comparison]')].filter((part) => {
          const wanted = counter === 'declared' ? part.dataset.declared : counter
          const views = [...part.querySelectorAll('[data-counter]:not([hidden])')].map((v) => v.dataset.counter)
          const said = !part.querySelector('.none').hidden
          return views.length ? views.join() !== wanted || said : !said
        }).map((part) => part.id), option)
        assert.deepEqual(wrong, [], option)
        await page.waitForFunction(() => [...document.querySelectorAll('.plot')].every((p) => p.clientWidth === 0 || p.querySelector('svg')))
      }
      assert.equal(await page.evaluate(() => new URLSearchParams(location.hash.slice(1)).get('by')), options.at(-1))
    }))
})
