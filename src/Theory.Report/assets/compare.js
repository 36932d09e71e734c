// The chooser of a counter: every comparison shows its charts by that counter, or says that it has none.
(function () {
  'use strict'
  addEventListener('DOMContentLoaded', () => {
    const chooser = document.querySelector('.chooser')
    if (!chooser) return
    const parts = [...document.querySelectorAll('[data-comparison]')]

    function show(counter) {
      for (const part of parts) {
        const wanted = counter === 'declared' ? part.dataset.declared : counter
        const views = [...part.querySelectorAll('[data-counter]')]
        let found = false
        for (const view of views) {
          view.hidden = view.dataset.counter !== wanted
          found ||= !view.hidden
        }
        part.querySelector('.none').hidden = found
      }
      document.dispatchEvent(new Event('chartsshown'))
    }

    const options = [...chooser.querySelectorAll('input')]
    const restore = () => {
      const wanted = new URLSearchParams(location.hash.slice(1)).get('by') ?? 'declared'
      const option = options.find((o) => o.value === wanted) ?? options[0]
      option.checked = true
      show(option.value)
    }

    chooser.hidden = false
    chooser.addEventListener('change', (event) => {
      history.replaceState(null, '', event.target.value === 'declared' ? location.pathname : '#by=' + encodeURIComponent(event.target.value))
      show(event.target.value)
    })
    addEventListener('hashchange', restore)
    restore()
  })
})()
