// Light or dark: as the reader chose, else as the system says. Loaded in the head, so that no page flashes.
(function () {
  'use strict'
  const key = 'theory-theme'
  const system = matchMedia('(prefers-color-scheme: dark)')

  // Where a browser keeps nothing for pages from a disk, the choice lasts as long as the page.
  const stored = () => { try { return localStorage.getItem(key) } catch { return null } }
  const store = (value) => { try { localStorage.setItem(key, value) } catch { } }

  const root = document.documentElement
  const chosen = stored()
  if (chosen === 'light' || chosen === 'dark') root.dataset.theme = chosen

  const dark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : system.matches)
  const announce = () => document.dispatchEvent(new Event('themechange'))
  system.addEventListener('change', announce)

  window.theoryPage = { dark }

  addEventListener('DOMContentLoaded', () => {
    const button = document.querySelector('button.theme')
    const label = () => { button.textContent = dark() ? 'Light' : 'Dark'; button.setAttribute('aria-label', dark() ? 'Use light colours' : 'Use dark colours') }
    button.hidden = false
    label()
    button.addEventListener('click', () => {
      root.dataset.theme = dark() ? 'light' : 'dark'
      store(root.dataset.theme)
      announce()
    })
    document.addEventListener('themechange', label)
  })
})()
