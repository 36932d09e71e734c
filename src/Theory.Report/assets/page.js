// Formulas, charts and copy buttons of a page.
(function () {
  'use strict'

  function formulas() {
    if (!window.katex) return
    for (const span of document.querySelectorAll('.math')) {
      const words = span.textContent
      try {
        katex.render(span.dataset.tex, span, { displayMode: span.dataset.display !== 'inline', throwOnError: true, strict: 'ignore' })
      } catch (error) {
        // The text in Unicode stays.
        span.textContent = words
        span.classList.add('math-error')
        console.error(span.dataset.tex + ': ' + error.message)
      }
    }
  }

  // Vega breaks no lines by itself.
  function wrapped(text, letters) {
    const lines = ['']
    for (const word of String(text).split(' ')) {
      const line = lines[lines.length - 1]
      if (line && line.length + word.length >= letters) lines.push(word)
      else lines[lines.length - 1] = line ? line + ' ' + word : word
    }
    return lines
  }

  // On a narrow page legends stand in one column, and names beside an axis leave room for the plot.
  function narrowed(part, room) {
    if (part === null || typeof part !== 'object') return
    for (const [name, value] of Object.entries(part)) {
      if (name === 'legend' && value) value.columns = 1
      if (name === 'axis' && value?.labelLimit > 0.4 * room) value.labelLimit = 0.4 * room
      if (name !== 'data') narrowed(value, room)
    }
  }

  // A chart fills its column; its own width is the largest.
  async function draw(figure) {
    const plot = figure.querySelector('.plot')
    const room = plot.clientWidth
    if (room === 0) return // Hidden: drawn when it is shown.
    const spec = JSON.parse(figure.querySelector('script.spec').textContent)
    const dark = theoryPage.dark()
    if (room < 480) narrowed(spec, room)
    spec.width = 'container'
    spec.title.text = wrapped(spec.title.text, room / 8.5)
    spec.title.subtitle = wrapped(spec.title.subtitle, room / 7)
    spec.autosize = { type: 'fit-x', contains: 'padding' }
    const result = await vegaEmbed(plot, spec, { config: theoryTheme(dark), renderer: 'svg', actions: false, tooltip: { theme: dark ? 'dark' : 'light' } })
    plot.dataset.drawn = dark ? 'dark' : 'light'
    plot.dataset.room = room
    return result
  }

  async function charts() {
    if (!window.vegaEmbed) return
    const theme = theoryPage.dark() ? 'dark' : 'light'
    for (const figure of document.querySelectorAll('figure.chart:has(.plot)')) {
      const plot = figure.querySelector('.plot')
      if (plot.dataset.drawn === theme && plot.dataset.room === String(plot.clientWidth)) continue
      try {
        await draw(figure)
      } catch (error) {
        console.error(plot.getAttribute('aria-label') + ': ' + error.message)
      }
    }
    document.documentElement.dataset.charts = 'drawn'
  }

  // One drawing at a time: a change that comes meanwhile asks for another.
  let drawing = null
  let again = false
  function redraw() {
    again = true
    if (drawing) return drawing
    drawing = (async () => {
      while (again) {
        again = false
        await charts()
      }
      drawing = null
    })()
    return drawing
  }

  async function copy(button) {
    const text = button.previousElementSibling.textContent
    try {
      await navigator.clipboard.writeText(text)
    } catch {
      // Without a clipboard the text is selected instead.
      getSelection().selectAllChildren(button.previousElementSibling)
      return
    }
    const label = button.textContent
    button.textContent = 'copied'
    setTimeout(() => { button.textContent = label }, 1500)
  }

  addEventListener('DOMContentLoaded', () => {
    formulas()
    redraw()
    document.addEventListener('themechange', redraw)
    document.addEventListener('chartsshown', redraw)
    let waiting
    addEventListener('resize', () => { clearTimeout(waiting); waiting = setTimeout(redraw, 200) })
    document.addEventListener('click', (event) => {
      const button = event.target.closest('.copy-button')
      if (button) copy(button)
    })
  })
})()
