// The documentation's site (`dotnet fsi build.fsx docs`) in a real browser: no error, no request, formulas, a phone's width.
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { launch, open } from './browser.mjs'

const site = join(dirname(fileURLToPath(import.meta.url)), '../../artifacts/docs')
const built = existsSync(join(site, 'index.html')) ? false : 'the site is not built: dotnet fsi build.fsx docs'
const pages = built ? [] : readdirSync(site).filter((name) => name.endsWith('.html'))
const reference = ['index', 'theory-spectral', 'theory-claim', 'theory-api-verifier', 'theory-numerics-block']
let browser

before(async () => {
  if (!built) browser = await launch()
})

after(async () => {
  await browser?.close()
})

const all = [...pages, ...reference.map((name) => join('reference', `${name}.html`))]

for (const colorScheme of ['light', 'dark']) {
  test(`every page opens on a phone, ${colorScheme}`, { skip: built }, async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 800 }, colorScheme })
    for (const name of all) {
      const { page, complaints } = await open(context, join(site, name))
      assert.deepEqual(complaints, [], name)
      assert.ok((await page.locator('main').innerText()).length > 50, `${name} is empty`)
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${name} is too wide`)
      await page.close()
    }
    await context.close()
  })
}

test('formulas are typeset, headings are anchors, the menu leads to the reference', { skip: built }, async () => {
  const context = await browser.newContext()
  const { page } = await open(context, join(site, 'evidence.html'), '#spectral')
  assert.ok((await page.locator('.katex').count()) > 40)
  assert.equal(await page.locator('span.math').count(), 0)
  assert.equal(await page.locator('h2:target').innerText(), 'Spectral')
  await page.locator('.menu summary').press('Enter')
  await page.getByRole('link', { name: 'API reference' }).click()
  assert.match(await page.locator('h1').innerText(), /API Reference/)
  await page.getByRole('link', { name: 'Theory', exact: true }).last().click()
  assert.ok((await page.getByRole('link', { name: 'Spectral', exact: true }).count()) >= 1)
  await context.close()
})
