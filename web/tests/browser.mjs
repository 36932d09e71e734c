// A headless Chromium on files of this disk: what every browser test shares.
import { chromium } from 'playwright-core'
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

/** The browser's program, or undefined where there is none. */
export const program = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  .find((path) => path && existsSync(path))

export const launch = () =>
  chromium.launch({
    executablePath: program,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })

/**
 * Opens a file and collects what must not happen: messages of the console, errors of scripts, requests that fail or leave
 * the disk.
 */
export async function open(context, path, hash = '') {
  const page = await context.newPage()
  const complaints = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`))
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`))
  page.on('request', (request) => {
    if (!/^(file|data|blob|about):/.test(request.url())) complaints.push(`left the disk: ${request.url()}`)
  })
  await page.goto(pathToFileURL(path).href + hash)
  return { page, complaints }
}
